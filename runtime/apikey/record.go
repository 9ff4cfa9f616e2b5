package apikey

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A Digest is the SHA-256 digest of a key's whole text.
type Digest [sha256.Size]byte

// DigestOf returns the digest of a key.
func DigestOf(text string) Digest { return sha256.Sum256([]byte(text)) }

// String returns the digest in hexadecimal, as [Key.SHA256] takes it.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// A Record is what a source knows of one key. ID and SHA256 are required.
// Instants that are zero never come.
type Record struct {
	ID          string   // as in the key
	SHA256      Digest   // of the key
	Owner       string   // user id of whose key it is; may be empty
	Permissions []string // of whoever sends the key
	Scopes      []string // OAuth 2.0 scopes (RFC 6749 section 3.3), without spaces

	NotBefore time.Time // until then the key is refused
	Expires   time.Time // from then on the key is refused
	Revoked   time.Time // when it was revoked: if not zero, the key is refused

	// Previous is the digest of the key's text before the last rotation. It holds
	// until PreviousExpires, and never if that is zero; and only while the key does.
	Previous        Digest
	PreviousExpires time.Time

	// Created is when the first text of the key was made. A Lookup may leave it zero,
	// but then the key is ended by whatever revokes all keys of its owner: see [TokenOf].
	Created time.Time

	// The rest is for people. It plays no part in whether a key is accepted, and
	// a Lookup may leave it empty.
	Prefix       string
	Name         string    // what the key is for
	Used         time.Time // last time that the key was accepted, as far as it has been saved
	PreviousUsed time.Time // last time that the previous text was
}

// Validate returns an error, which names the field, if the record is not one
// that [Generate] has made a key for, or could not be kept as it is.
func (r Record) Validate() error {
	problems := []error{
		checkText("Name", r.Name), checkText("Owner", r.Owner),
		checkPermissions(r.Permissions), checkScopes(r.Scopes), span{r.NotBefore, r.Expires}.validate(),
	}
	if !isID(r.ID) {
		problems = append(problems, wrong("ID", "%w", errID))
	}
	if !isPrefix(r.Prefix) {
		problems = append(problems, wrong("Prefix", "%w", errPrefix))
	}
	if r.SHA256 == (Digest{}) || r.SHA256 == DigestOf("") {
		problems = append(problems, wrong("SHA256", "zero, or that of an empty key"))
	}
	if r.Created.IsZero() {
		problems = append(problems, wrong("Created", "zero"))
	}
	return errors.Join(problems...)
}

// judge returns nil if the key of the digest holds now. It always compares with
// both digests, those of the zero Record included, which nothing has.
func (r *Record) judge(digest Digest, now time.Time, equal comparison) error {
	current := equal(r.SHA256, digest)
	previous := equal(r.Previous, digest)
	switch {
	case current|previous == 0:
		return ErrUnknown
	case !r.Revoked.IsZero():
		return errRevoked
	case current == 0 && !now.Before(r.PreviousExpires):
		return errReplaced
	}
	return span{r.NotBefore, r.Expires}.check(now)
}

// A comparison returns 1 if the digests are equal, else 0, in a time that does
// not depend on where they differ.
type comparison func(a, b Digest) int

func constantTime(a, b Digest) int { return subtle.ConstantTimeCompare(a[:], b[:]) }

// A span is when a key holds.
type span struct{ notBefore, expires time.Time }

func (s span) check(now time.Time) error {
	if now.Before(s.notBefore) {
		return errEarly
	}
	if !s.expires.IsZero() && !now.Before(s.expires) {
		return errExpired
	}
	return nil
}

func (s span) validate() error {
	if !s.expires.IsZero() && !s.notBefore.Before(s.expires) {
		return wrong("Expires", "not after NotBefore")
	}
	return nil
}

// newPrincipal returns whom a key stands for. Claims are there only if they say something.
func newPrincipal(id, owner string, permissions, scopes []string) *runtime.Principal {
	identity := runtime.Identity{UserID: userIDPrefix + id, Backend: name, Permissions: permissions}
	if owner != "" || len(scopes) > 0 {
		identity.Claims = make(map[string]any, 2)
	}
	if owner != "" {
		identity.Claims["owner"] = owner
	}
	if len(scopes) > 0 {
		identity.Claims["scope"] = strings.Join(scopes, " ")
	}
	return runtime.NewPrincipal(identity)
}

func checkPermissions(permissions []string) error {
	for i, permission := range permissions {
		if permission == "" || strings.TrimSpace(permission) != permission {
			return wrong(fmt.Sprintf("Permissions[%d]", i), "empty, or white space around it")
		}
		if !utf8.ValidString(permission) {
			return wrong(fmt.Sprintf("Permissions[%d]", i), "not UTF-8")
		}
	}
	return nil
}

// checkScopes holds scopes to RFC 6749 section 3.3. One with a space would be two.
func checkScopes(scopes []string) error {
	for i, scope := range scopes {
		if scope == "" || !visible(scope) || strings.ContainsAny(scope, `"\`) {
			return wrong(fmt.Sprintf("Scopes[%d]", i), `not made of visible ASCII characters other than " and \`)
		}
	}
	return nil
}

// checkText holds what people read to one line of text.
func checkText(field, text string) error {
	if len(text) > 255 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return wrong(field, "not one line of at most 255 bytes of UTF-8")
	}
	return nil
}

// visible reports whether all characters are visible ones of ASCII.
func visible(text string) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
