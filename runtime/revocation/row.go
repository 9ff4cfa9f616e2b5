package revocation

import (
	"crypto/sha256"
	"math"

	"github.com/boltauthgen/boltauthgen/internal/digest"
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
	expires      int64 // in Unix microseconds, Grace included; instant.Forever if it stays
	before       any   // what users have been issued at or before this instant is revoked; nil for others
}

// digest returns what a row is found by.
func (k kind) digest(issuer, name string) []byte {
	d := digest.Of(byte(k), issuer, name)
	return d[:]
}

// counterDigest is that of the row that counts the writes.
var counterDigest = make([]byte, sha256.Size)

// unknownIssue is when a token was issued that does not say it: before all else.
const unknownIssue = math.MinInt64
