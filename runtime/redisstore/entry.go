package redisstore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A kind is what an entry revokes.
type kind byte

const (
	tokens   kind = 't'
	families kind = 'f'
	users    kind = 'u'
)

// An entry is one revocation.
type entry struct {
	kind         kind
	issuer, name string

	// order grows when an entry is made to revoke more, or for longer. It is in Unix microseconds: the instant at or
	// before which a user's tokens were issued, and when an entry of another kind is over, [revocation.Grace] included.
	order int64
}

// forever is the order of what is never over.
const forever = math.MaxInt64

var errData = errors.New("the server has an entry that this store has not written")

// digest returns what an entry is found by. The length of the issuer keeps it apart from the name, whatever bytes are
// in them.
func (k kind) digest(issuer, name string) string {
	b := make([]byte, 0, 9+len(issuer)+len(name))
	b = append(b, byte(k))
	b = binary.BigEndian.AppendUint64(b, uint64(len(issuer)))
	b = append(b, issuer...)
	b = append(b, name...)
	digest := sha256.Sum256(b)
	return string(digest[:])
}

// orderDigits is the length of an order in an entry's text. With as many digits for all, and the smallest number
// counting as zero, texts compare as their numbers do: numbers in Lua have 53 bits.
const orderDigits = 20

// text returns an entry as the server has it: its kind, its order, the length of the issuer, a colon, the issuer, the name.
func (e entry) text() string {
	return fmt.Sprintf("%c%0*d%d:%s%s", e.kind, orderDigits, uint64(e.order)^1<<63, len(e.issuer), e.issuer, e.name)
}

// parse is the inverse of text. What text would not return is an error.
func parse(text string) (entry, error) {
	if len(text) <= 1+orderDigits {
		return entry{}, errData
	}
	order, err := strconv.ParseUint(text[1:1+orderDigits], 10, 64)
	if err != nil {
		return entry{}, errData
	}
	length, names, _ := strings.Cut(text[1+orderDigits:], ":")
	n, err := strconv.Atoi(length)
	if err != nil || length != strconv.Itoa(n) || n < 0 || n >= len(names) { // an empty name is none
		return entry{}, errData
	}
	e := entry{kind: kind(text[0]), issuer: names[:n], name: names[n:], order: int64(order ^ 1<<63)}
	switch e.kind {
	case tokens, families, users:
		return e, nil
	}
	return entry{}, errData
}

// change returns what a follower is told of an entry.
func (e entry) change() revocation.Change {
	c := revocation.Change{Issuer: e.issuer}
	switch e.kind {
	case tokens:
		c.ID, c.Until = e.name, until(e.order)
	case families:
		c.Family, c.Until = e.name, until(e.order)
	case users:
		c.UserID, c.Before = e.name, time.UnixMicro(e.order)
	}
	return c
}

// over returns when the entry need not be kept any more, in Unix milliseconds, rounded up; empty if that is never.
func (e entry) over() string {
	if e.kind == users || e.order == forever {
		return ""
	}
	return strconv.FormatInt(e.order/1000+1, 10)
}

// micros returns an instant in Unix microseconds, rounded down. What is too early or too late for that becomes the
// first or the last number.
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

// end returns until when an entry must stay for tokens that expire at an instant.
func end(until time.Time) int64 {
	if until.IsZero() {
		return forever
	}
	at := micros(until)
	if at > forever-revocation.Grace.Microseconds() {
		return forever
	}
	return at + revocation.Grace.Microseconds()
}

// until is the inverse of end.
func until(end int64) time.Time {
	if end == forever {
		return time.Time{}
	}
	return time.UnixMicro(end - revocation.Grace.Microseconds())
}
