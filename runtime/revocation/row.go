package revocation

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"
)

// A kind is what a row revokes.
type kind byte

const (
	counter kind = iota // nothing: the row counts the writes
	tokens
	families
	users
)

// A row is one revocation as it is kept in a table.
type row struct {
	kind         kind
	issuer, name string
	expires      int64 // in Unix microseconds, Grace included; forever if it stays
	before       any   // what users have been issued at or before this instant is revoked; nil for others
}

// digest returns what a row is found by. The length of the issuer keeps it apart
// from the name, whatever bytes are in them.
func (k kind) digest(issuer, name string) []byte {
	b := make([]byte, 0, 9+len(issuer)+len(name))
	b = append(b, byte(k))
	b = binary.BigEndian.AppendUint64(b, uint64(len(issuer)))
	b = append(b, issuer...)
	b = append(b, name...)
	digest := sha256.Sum256(b)
	return digest[:]
}

// counterDigest is that of the row that counts the writes.
var counterDigest = make([]byte, sha256.Size)

// unknownIssue is when a token was issued that does not say it: before all else.
const unknownIssue = math.MinInt64

// micros returns an instant in Unix microseconds, rounded down. What is too early
// or too late for that becomes the first or the last number.
func micros(t time.Time) int64 {
	const last = math.MaxInt64 / 1_000_000
	switch second := t.Unix(); {
	case second >= last:
		return math.MaxInt64
	case second <= -last:
		return math.MinInt64
	}
	return t.UnixMicro()
}

// end returns until when a row must stay for tokens that expire at an instant.
func end(until time.Time) int64 {
	if until.IsZero() {
		return forever
	}
	at := micros(until)
	if at > forever-Grace.Microseconds() {
		return forever
	}
	return at + Grace.Microseconds()
}

// until is the inverse of end.
func until(end int64) time.Time {
	if end == forever {
		return time.Time{}
	}
	return time.UnixMicro(end - Grace.Microseconds())
}
