// Package revocation holds what an application must remember to end a token
// before its time: single tokens, all tokens of a user, all tokens of a family.
//
// A [Store] keeps identifiers, never tokens: a token's text can be changed
// without breaking its signature (a last character that carries spare bits, an
// ECDSA signature (r, n-s) in place of (r, s)), so a list of texts would miss
// the copy. [Memory] serves one process and forgets when it ends; [SQL] serves any
// number of processes that share a database, and [SQLTable] does so with a table
// that another program has. A [Fleet] stands before them in each process, and answers
// from memory what all processes know within a stated time; a [Breaker] stands before
// a store that may be down. Package revocationtest tests stores of your own.
package revocation

import (
	"context"
	"time"
)

// Grace is how long a [Store] keeps a revocation beyond the end of the token
// it is about. It covers the leeway that a verifier grants and clocks that
// jump: a verifier must not accept a token for longer than Grace after its
// expiry.
const Grace = time.Hour

// A Token is what a [Store] knows a token by. It never holds the token itself.
//
// Issuer and ID belong together, and so do Issuer and UserID, Issuer and
// Family: two issuers may choose the same identifiers (RFC 7519 section 4.1.7
// makes jti unique within one issuer only), and a store must not join such
// names into one string that could be read in two ways.
type Token struct {
	Issuer   string    // claim iss; empty if the token has none
	ID       string    // claim jti
	UserID   string    // claim sub, or the id that principals have for it
	Family   string    // claim fam: shared by all tokens that descend from one login; may be empty
	IssuedAt time.Time // claim iat; zero if the token has none
	Expires  time.Time // claim exp
}

// A Store remembers which tokens have been revoked. Its methods are safe for
// concurrent use, and return soon after their context is done: with an error,
// unless they have the answer or have done what they were asked for all the same.
//
// Whoever asks must refuse the token when a store returns an error: an answer
// that is not known is no permission.
type Store interface {
	// Revoked reports whether t was revoked by any of the methods below. It is
	// asked for a token whose signature and claims hold already. An answer of no
	// comes from a store that knows every revocation that it has acknowledged.
	Revoked(ctx context.Context, t Token) (bool, error)

	// Revoke ends the one token that t.Issuer and t.ID name. The store keeps the
	// entry until t.Expires plus [Grace], and for good if t.Expires is zero. An
	// empty t.ID is an error. Revoking a token once more does no harm and never
	// shortens what is stored.
	Revoke(ctx context.Context, t Token) error

	// RevokeUser ends every token of the user that was issued at or before the
	// given instant, and every token of theirs that does not say when it was
	// issued. An earlier instant than one that is stored changes nothing; an
	// empty userID and an instant that is zero in microseconds are errors.
	//
	// Tokens usually tell their time of issue in whole seconds. One that is
	// issued in the same second, but after the revocation, can therefore not be
	// told from one issued before it, and is revoked, too.
	RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error

	// RevokeFamily ends every token of a family. The store keeps the entry until
	// the given instant, at which the last token of the family has expired, plus
	// [Grace]; for good if it is zero. An empty family is an error.
	RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error
}
