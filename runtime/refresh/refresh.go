// Package refresh keeps the families of refresh tokens: what a server must
// remember so that a stolen refresh token does not serve for long (RFC 9700
// section 4.14.2).
//
// A login starts a family. Exactly one token of a family is good at any time;
// presenting it replaces it by its successor, in one step that happens as a
// whole or not at all. Presenting any other token of the family means that
// somebody has a copy, and ends the family for everyone. There is one exception:
// an answer can get lost on the way, so for a short grace the token that was
// replaced last is answered with the very same successor again.
//
// A [Store] never sees a token. It knows tokens by their digests, and holds the
// successor of the token that was replaced last only sealed: encrypted by the
// caller under a key that comes from the old token. Whoever reads the store finds
// nothing to log in with.
//
// [Memory] serves one process, [SQL] all that share a database. Package
// refreshtest has the tests for stores of your own.
package refresh

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"
)

// A Digest is the SHA-256 digest of a refresh token. The token must be hard to
// guess (128 random bits at least), so that a digest does not give it away.
type Digest [sha256.Size]byte

// A Family is what descends from one login.
type Family struct {
	Issuer  string    // claim iss; may be empty
	ID      string    // claim fam; required
	UserID  string    // required
	Started time.Time // when the user logged in, which is now by the caller's clock
	Expires time.Time // of the current token: from then on the family is over, and the store may forget it; required
	Current Digest    // of the one token that is good; required
}

// Validate returns an error, which names the field, if a required one is missing.
func (f Family) Validate() error {
	switch {
	case f.ID == "":
		return errors.New("the family's ID is empty")
	case f.UserID == "":
		return errors.New("the family's UserID is empty")
	case f.Expires.IsZero():
		return errors.New("the family's Expires is zero")
	case f.Current == Digest{}:
		return errors.New("the family's Current is zero")
	}
	return nil
}

// A Rotation asks a [Store] to replace a family's token by its successor.
type Rotation struct {
	Issuer, Family string
	Old, New       Digest // required, and not the same

	// Sealed is the successor, sealed under the token that it replaces. It is what
	// a repetition gets, and required if there is a grace.
	Sealed []byte

	// Now is required: stores have no clock of their own.
	Now time.Time

	// Grace is for how long after a rotation it may be repeated; 0 means not at
	// all. That of the repetition counts; but a rotation without grace leaves
	// nothing that could be repeated.
	Grace time.Duration

	Expires time.Time // of New; must be after Now
}

// Validate returns an error, which names the field, if one is missing or wrong.
func (r Rotation) Validate() error {
	switch {
	case r.Family == "":
		return errors.New("the rotation's Family is empty")
	case r.Old == Digest{} || r.New == Digest{}:
		return errors.New("the rotation's Old or New is zero")
	case r.Old == r.New:
		return errors.New("the rotation's Old and New are the same")
	case r.Now.IsZero():
		return errors.New("the rotation's Now is zero")
	case micros(r.Expires) <= micros(r.Now):
		return errors.New("the rotation's Expires is not after Now")
	case r.Grace < 0:
		return errors.New("the rotation's Grace is negative")
	case r.Grace > 0 && len(r.Sealed) == 0:
		return errors.New("the rotation has a Grace, but nothing Sealed")
	}
	return nil
}

// An Outcome is what has become of a [Rotation]. The zero Outcome is none of
// those below, and comes with an error.
type Outcome int

const (
	Rotated  Outcome = iota + 1 // Old was current, and New is now
	Repeated                    // Old was consumed by the last rotation, at most Grace ago
	Reused                      // the family was there, but Old was neither: this very call has ended the family
	Unknown                     // no such family: ended, over (Expires is not after Now), or never there
)

// String returns the constant's name.
func (o Outcome) String() string {
	switch o {
	case Rotated:
		return "Rotated"
	case Repeated:
		return "Repeated"
	case Reused:
		return "Reused"
	case Unknown:
		return "Unknown"
	}
	return "no outcome"
}

// A Result is the answer to a [Rotation].
type Result struct {
	Outcome Outcome
	Sealed  []byte // if Repeated, what the last rotation gave as Sealed, else nil; the caller's to keep
}

// A Store remembers which token of each family is good. Its methods are safe for
// concurrent use, and return soon, with an error, after their context is done.
//
// Issuer and family belong together, and so do issuer and user: two issuers may
// choose the same identifiers. A store must compare identifiers byte by byte and
// must not join them into one string that could be read in two ways. It may
// count time in microseconds and ignore what is smaller.
type Store interface {
	// Start adds a family. It is an error, and changes nothing, if the family is
	// there already or a required field is missing.
	//
	// A store may use f.Started, taken as the present, to forget families that are
	// over. It must leave an hour, so that a clock that is a bit fast ends nobody's
	// family.
	Start(ctx context.Context, f Family) error

	// Rotate replaces r.Old by r.New if that is the family's current token; see
	// [Outcome] for what it does otherwise. However many callers present the same
	// token at the same time, one of them at most gets [Rotated], and one at most
	// [Reused]. A repetition changes nothing; it may come from a clock that shows
	// an earlier time than that of the rotation.
	//
	// After an error it is not known whether the token was replaced. The client may
	// present the old one again: within the grace that is answered either way.
	Rotate(ctx context.Context, r Rotation) (Result, error)

	// End removes a family, and all that was known of it. Ending what is not there
	// does no harm; an empty family is an error.
	End(ctx context.Context, issuer, family string) error

	// EndUser removes all families of the user that started at or before the given
	// instant. It does not prevent that one is started later, whatever its Started
	// says. An empty userID and a zero instant are errors.
	EndUser(ctx context.Context, issuer, userID string, before time.Time) error
}

// Why a store refuses its arguments.
var (
	errNoFamily  = errors.New("end family: the family is empty")
	errNoUser    = errors.New("end user: the user ID is empty")
	errNoInstant = errors.New("end user: the instant is zero")
)

// slack is how long a family is kept after it is over, for clocks that differ.
const slack = time.Hour

// A state is what the stores of this package hold of a family. Instants are Unix
// microseconds.
type state struct {
	expires  int64
	current  Digest
	previous Digest // consumed by the last rotation
	rotated  int64  // when that was
	sealed   []byte // what it gave; empty if there was none, or none with a grace
}

// judge says what is to become of a rotation. It changes nothing.
func (s *state) judge(r Rotation) Outcome {
	now := micros(r.Now)
	switch {
	case s.expires <= now:
		return Unknown
	case equal(s.current, r.Old):
		return Rotated
	case equal(s.previous, r.Old) && len(s.sealed) > 0 && r.Grace > 0 && now-s.rotated <= r.Grace.Microseconds():
		return Repeated
	}
	return Reused
}

func equal(a, b Digest) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

// toKeep is what a rotation leaves for a repetition.
func (r Rotation) toKeep() []byte {
	if r.Grace == 0 {
		return nil
	}
	return r.Sealed
}

// The first second that [time.Time] can tell, and the last one of the year 9999.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// micros returns an instant in Unix microseconds. Instants that are too early or
// too late become the first and the last second, so that "never" stays late and
// differences do not overflow.
func micros(t time.Time) int64 {
	switch second := t.Unix(); {
	case second < firstSecond:
		return firstSecond * 1e6
	case second >= lastSecond:
		return lastSecond * 1e6
	}
	return t.UnixMicro()
}
