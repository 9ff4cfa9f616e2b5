package revocationtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A subject is a store under test and another handle on its storage, with the
// present as the test has it and a name that nobody has used.
type subject struct {
	revocation.Store
	other revocation.Store
	now   time.Time
	name  string
}

// A handle is one of the two, and how messages call it.
type handle struct {
	name string
	revocation.Store
}

func (s subject) handles() [2]handle {
	return [2]handle{{"the first handle", s.Store}, {"the other handle", s.other}}
}

const issuer = "https://issuer.example"

// token returns one that was issued a minute ago and is good for an hour.
func (s subject) token(id string) revocation.Token {
	return revocation.Token{
		Issuer: issuer, ID: s.name + id, UserID: "user " + s.name, Family: "family " + s.name + id,
		IssuedAt: s.now.Add(-time.Minute), Expires: s.now.Add(time.Hour),
	}
}

// expect asks both handles. The promise says why they must answer what is wanted.
func (s subject) expect(t *testing.T, want bool, token revocation.Token, promise string, args ...any) {
	t.Helper()
	for _, h := range s.handles() {
		h.expect(t, want, token, promise, args...)
	}
}

func (h handle) expect(t *testing.T, want bool, token revocation.Token, promise string, args ...any) {
	t.Helper()
	because := fmt.Sprintf(promise, args...)
	revoked, err := h.Revoked(t.Context(), token)
	require.NoError(t, err, "Revoked must answer while its context is not done: %s has returned an error for %s\n%s", h.name, describe(token), because)
	switch {
	case want && !revoked:
		require.FailNow(t, h.name+" says that a token is not revoked, which it is", "%s\nthe token: %s", because, describe(token))
	case !want && revoked:
		require.FailNow(t, h.name+" says that a token is revoked, which it is not", "%s\nthe token: %s", because, describe(token))
	}
}

func describe(t revocation.Token) string {
	issued := "unknown"
	if !t.IssuedAt.IsZero() {
		issued = t.IssuedAt.UTC().String()
	}
	return fmt.Sprintf("issuer %.80q, ID %.80q, user %.80q, family %.80q, time of issue %s", t.Issuer, t.ID, t.UserID, t.Family, issued)
}

const mayNotFail = "whatever the names and the instant, an error is only for an ID, a user or a family that is empty and for RevokeUser as of no instant"

func (s subject) revoke(t *testing.T, token revocation.Token) {
	t.Helper()
	require.NoError(t, s.Revoke(t.Context(), token), "Revoke of ID %.80q, which expires at %v, has failed: %s", token.ID, token.Expires, mayNotFail)
}

func (s subject) revokeUser(t *testing.T, userID string, before time.Time) {
	t.Helper()
	require.NoError(t, s.RevokeUser(t.Context(), issuer, userID, before), "RevokeUser of %.80q as of %v has failed: %s", userID, before, mayNotFail)
}

func (s subject) revokeFamily(t *testing.T, family string, until time.Time) {
	t.Helper()
	require.NoError(t, s.RevokeFamily(t.Context(), issuer, family, until), "RevokeFamily of %.80q until %v has failed: %s", family, until, mayNotFail)
}

// flood writes what is over since long, so that a store that drops what is over
// does so now.
func (s subject) flood(t *testing.T, about string) {
	t.Helper()
	for i, over := range []time.Time{s.now.AddDate(-1, 0, 0), s.now.Add(-2 * revocation.Grace), time.Unix(1, 0), time.Unix(-1e9, 0), firstSecond} {
		token := s.token(fmt.Sprint("over ", about, i))
		token.Expires = over
		s.revoke(t, token)
		s.revokeFamily(t, token.Family, over)
	}
}
