package revocationtest

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// The first and the last second that an int64 can count.
var firstSecond, lastSecond = time.Unix(math.MinInt64, 0), time.Unix(math.MaxInt64, 0)

func testToken(t *testing.T, s subject) {
	token, other := s.token("it"), s.token("other")
	s.expect(t, false, token, "Revoked: nothing has been revoked yet")
	for range 2 {
		s.revoke(t, token)
		s.expect(t, true, token, "Revoke ends the token that it names, and once more does no harm")
	}
	s.expect(t, false, other, "Revoke ends one token: this is another one of the same user")
	s.revoke(t, other)
	s.expect(t, true, other, "Revoke ends the token that it names: this is the second one")
	s.expect(t, true, token, "Revoke ends one token after the other: the first one stays revoked")

	again := revocation.Token{Issuer: token.Issuer, ID: token.ID}
	s.expect(t, true, again, "Revoke ends the token that issuer and ID name, and they alone name it")
	again.UserID, again.Family, again.IssuedAt, again.Expires = "x", "y", s.now.Add(time.Hour), s.now.Add(9*time.Hour)
	s.expect(t, true, again, "Revoke ends the token that issuer and ID name, whatever else it says")
}

func testUser(t *testing.T, s subject) {
	before, after := s.token("before"), s.token("after")
	after.IssuedAt = s.now.Add(time.Second)
	stranger := s.token("stranger's")
	stranger.UserID += "x"
	s.expect(t, false, before, "Revoked: nothing has been revoked yet")

	for range 2 {
		s.revokeUser(t, before.UserID, s.now)
		s.expect(t, true, before, "RevokeUser ends what was issued before the instant, and once more does no harm")
		s.expect(t, false, after, "RevokeUser ends what was issued at or before the instant: this was a second later")
		s.expect(t, false, stranger, "RevokeUser ends tokens of one user: this is of another one")
	}
	before.ID, before.Family = "", ""
	s.expect(t, true, before, "RevokeUser ends every token of the user: this one has no ID and no family")
	before.IssuedAt = time.Time{}
	s.expect(t, true, before, "RevokeUser ends every token of the user that does not say when it was issued")
	stranger.IssuedAt = time.Time{}
	s.expect(t, false, stranger, "RevokeUser ends tokens of one user: this is of another one, and does not say when it was issued")

	s.revokeUser(t, before.UserID, s.now.Add(time.Hour))
	s.expect(t, true, after, "RevokeUser once more, as of a later instant: that one counts")
	s.revokeUser(t, before.UserID, s.now.Add(-time.Hour))
	s.expect(t, true, after, "RevokeUser once more, as of an earlier instant: that changes nothing")
}

// testInstants is about tokens that were issued about when the user was revoked.
func testInstants(t *testing.T, s subject) {
	for i, at := range []time.Time{s.now, s.now.Add(500 * time.Millisecond), s.now.Add(123456 * time.Microsecond)} {
		token := s.token("")
		token.UserID += fmt.Sprint(i)
		s.revokeUser(t, token.UserID, at.In(time.FixedZone("east", 9*60*60)))
		for after, want := range map[time.Duration]bool{
			0: true, -time.Microsecond: true, -time.Second: true, -20 * 365 * 24 * time.Hour: true,
			time.Microsecond: false, time.Millisecond: false, time.Second: false, 20 * 365 * 24 * time.Hour: false,
		} {
			token.IssuedAt = at.Add(after)
			s.expect(t, want, token, "RevokeUser ends what was issued at or before the instant, to the microsecond: this was %v after it", after)
		}
		token.IssuedAt = at.Truncate(time.Second)
		s.expect(t, true, token, "RevokeUser ends what was issued in the same second: this token tells whole seconds only")
	}
	for name, at := range map[string]time.Time{
		"long ago": time.Unix(-1e9, 1e9-1000), "in the year 10,000": time.Unix(253402300800, 0), "in the year 300,000": time.Unix(9.4e12, 0),
	} {
		token := s.token("")
		token.UserID += name
		token.IssuedAt = time.Unix(-1e9-1, 0)
		s.revokeUser(t, token.UserID, at)
		s.expect(t, true, token, "RevokeUser ends what was issued at or before the instant, which is %s: this was earlier", name)
		token.IssuedAt = s.now
		s.expect(t, at.After(s.now), token, "RevokeUser ends what was issued at or before the instant, which is %s: this is issued now", name)
		token.IssuedAt = time.Time{}
		s.expect(t, true, token, "RevokeUser ends what does not say when it was issued, whatever the instant, which is %s", name)
	}
}

func testFamily(t *testing.T, s subject) {
	token := s.token("one")
	sibling := s.token("another")
	sibling.Family = token.Family
	cousin := s.token("stranger's")
	s.expect(t, false, token, "Revoked: nothing has been revoked yet")
	for range 2 {
		s.revokeFamily(t, token.Family, token.Expires)
		s.expect(t, true, token, "RevokeFamily ends every token of the family, and once more does no harm")
		s.expect(t, true, sibling, "RevokeFamily ends every token of the family: this is the second one")
		s.expect(t, false, cousin, "RevokeFamily ends one family: this is of another one of the same user")
	}
	token.IssuedAt = s.now.Add(time.Minute)
	s.expect(t, true, token, "RevokeFamily ends every token of the family: this one was issued later")
	token.IssuedAt = time.Time{}
	s.expect(t, true, token, "RevokeFamily ends every token of the family: this one does not say when it was issued")
	token.Family = ""
	s.expect(t, false, token, "RevokeFamily ends one family: this token is of none")
}

// A part is one of the three things that revoke a token.
type part struct {
	name, method string
	token        func(issuer, name string) revocation.Token // of which it is the only part
	revoke       func(ctx context.Context, s revocation.Store, issuer, name string) error
}

// parts returns the three, each revoked for an hour or as of now.
func (s subject) parts() []part {
	end := s.now.Add(time.Hour)
	return []part{
		{"token", "Revoke", func(issuer, name string) revocation.Token {
			return revocation.Token{Issuer: issuer, ID: name}
		}, func(ctx context.Context, s revocation.Store, issuer, name string) error {
			return s.Revoke(ctx, revocation.Token{Issuer: issuer, ID: name, Expires: end})
		}},
		{"family", "RevokeFamily", func(issuer, name string) revocation.Token {
			return revocation.Token{Issuer: issuer, Family: name}
		}, func(ctx context.Context, s revocation.Store, issuer, name string) error {
			return s.RevokeFamily(ctx, issuer, name, end)
		}},
		{"user", "RevokeUser", func(issuer, name string) revocation.Token {
			return revocation.Token{Issuer: issuer, UserID: name, IssuedAt: s.now}
		}, func(ctx context.Context, store revocation.Store, issuer, name string) error {
			return store.RevokeUser(ctx, issuer, name, s.now)
		}},
	}
}

// testParts gives a token, a family and a user the same name. What is revoked
// of one is not of the others, and each of the three is enough.
func testParts(t *testing.T, s subject) {
	parts := s.parts()
	for i, revoked := range parts {
		name := fmt.Sprint(s.name, i)
		require.NoError(t, revoked.revoke(t.Context(), s, issuer, name), "%s of %q has failed: %s", revoked.method, name, mayNotFail)
		for j, asked := range parts {
			s.expect(t, i == j, asked.token(issuer, name), "%s ends one %s: asked for is a %s of the same name", revoked.method, revoked.name, asked.name)
		}

		token := s.token(fmt.Sprint("enough", i))
		token.UserID += fmt.Sprint(i)
		s.expect(t, false, token, "Revoked: none of the token's ID, family and user has been revoked yet")
		name = []string{token.ID, token.Family, token.UserID}[i]
		require.NoError(t, revoked.revoke(t.Context(), s, issuer, name), "%s of %q has failed: %s", revoked.method, name, mayNotFail)
		s.expect(t, true, token, "Revoked: one of ID, family and user is enough, here the %s", revoked.name)
	}
}

func testNothing(t *testing.T, s subject) {
	nothing := revocation.Token{Issuer: issuer, IssuedAt: s.now.Add(-time.Minute), Expires: s.now.Add(time.Hour)}
	const promise = "Revoked: a token without ID, family and user names nothing that could be revoked"
	s.expect(t, false, nothing, promise)
	s.expect(t, false, revocation.Token{}, promise)
	token := s.token("it")
	s.revoke(t, token)
	s.revokeFamily(t, token.Family, token.Expires)
	s.revokeUser(t, token.UserID, s.now)
	s.expect(t, false, nothing, promise)
	s.expect(t, false, revocation.Token{}, promise)
}

// ends are all sorts of ends that are not over by more than the grace.
func (s subject) ends() map[string]time.Time {
	return map[string]time.Time{
		"there is no end, so it stays for good":                                                  {},
		"it has just ended, and stays for an hour of Grace":                                      s.now,
		"it ended 55 minutes ago, and stays for five minutes more of Grace":                      s.now.Add(-revocation.Grace + 5*time.Minute),
		"it ends in a second, and stays for an hour of Grace more":                               s.now.Add(time.Second),
		"it ends in 1000 hours":                                                                  s.now.Add(1000 * time.Hour),
		"it ends in 10,000 years":                                                                s.now.AddDate(10_000, 0, 0),
		"it ends in the year 292,277, the last second that an int64 of microseconds has":         time.Unix(math.MaxInt64/1_000_000, 0),
		"it ends with the last second that an int64 has, time.Unix(math.MaxInt64, 0)":            lastSecond,
		"it ends an hour before the last second that an int64 has, so that adding Grace exceeds": lastSecond.Add(-revocation.Grace + time.Second),
	}
}

// testEnds revokes what ends at all sorts of times. Nothing that is not over by
// more than the grace may be forgotten.
func testEnds(t *testing.T, s subject) {
	n := 0
	for about, end := range s.ends() {
		n++
		token := s.token(fmt.Sprint(n))
		token.Expires = end
		s.revoke(t, token)
		token.Expires = s.now
		sibling := s.token(fmt.Sprint(n, " sibling"))
		s.revokeFamily(t, sibling.Family, end)
		s.flood(t, fmt.Sprint(n))
		s.expect(t, true, token, "Revoke: the entry is kept until the token's end plus Grace: %s", about)
		s.expect(t, true, sibling, "RevokeFamily: the entry is kept until the instant plus Grace: %s", about)
	}
}

func testNeverShortened(t *testing.T, s subject) {
	long := map[string]time.Time{"in an hour": s.now.Add(time.Hour), "never": {}}
	short := map[string]time.Time{"now": s.now, "three hours ago": s.now.Add(-3 * revocation.Grace), "1970": time.Unix(0, 0)}
	for late, end := range long {
		token := s.token(late)
		sibling := s.token("sibling " + late)
		token.Expires = end
		s.revoke(t, token)
		s.revokeFamily(t, sibling.Family, end)
		for early, earlier := range short {
			token.Expires = earlier
			s.revoke(t, token)
			s.revokeFamily(t, sibling.Family, earlier)
			s.flood(t, late+early)
			s.expect(t, true, token, "Revoke once more never shortens what is stored: first the end was %s, and then %s", late, early)
			s.expect(t, true, sibling, "RevokeFamily once more never shortens what is stored: first the end was %s, and then %s", late, early)
		}
	}

	token := s.token("short first")
	token.Expires = s.now.Add(-3 * revocation.Grace)
	s.revoke(t, token)
	s.revokeFamily(t, token.Family, token.Expires)
	token.Expires = s.now.Add(time.Hour)
	s.revoke(t, token)
	s.revokeFamily(t, token.Family, token.Expires)
	s.flood(t, "short first")
	s.expect(t, true, revocation.Token{Issuer: issuer, ID: token.ID}, "Revoke: the entry is kept until the token's end plus Grace: first it had ended, and then it ends in an hour")
	s.expect(t, true, revocation.Token{Issuer: issuer, Family: token.Family}, "RevokeFamily: the entry is kept until the instant plus Grace: first it was over, and then it is in an hour")
}

func testInvalid(t *testing.T, s subject) {
	token := s.token("it")
	none := token
	none.ID = ""
	require.Error(t, s.Revoke(t.Context(), none), "Revoke: an empty ID is an error")
	require.Error(t, s.RevokeUser(t.Context(), issuer, "", s.now), "RevokeUser: an empty user ID is an error")
	require.Error(t, s.RevokeUser(t.Context(), issuer, token.UserID, time.Time{}), "RevokeUser: a zero instant is an error")
	require.Error(t, s.RevokeFamily(t.Context(), issuer, "", s.now), "RevokeFamily: an empty family is an error")
	const promise = "an argument that is an error revokes nothing"
	s.expect(t, false, token, promise)
	s.expect(t, false, none, promise)
	s.expect(t, false, revocation.Token{Issuer: issuer}, promise)
}

// soon is how long a call may take whose context is done.
const soon = 5 * time.Second

func testDoneContext(t *testing.T, s subject) {
	revoked, token := s.token("revoked"), s.token("it")
	revoked.UserID += " other"
	s.revoke(t, revoked)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()

	const returns = "%s must return soon after its context is done: the context was %s before the call"
	for name, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late} {
		asked := time.Now()
		answer, err := s.Revoked(ctx, revoked)
		require.Less(t, time.Since(asked), soon, returns, "Revoked", name)
		if err == nil && !answer {
			require.FailNow(t, "the first handle says that a token is not revoked, which it is", "Revoked must return an error, or the right answer, if its context is done: the context was %s before the call", name)
		}
		answer, err = s.Revoked(ctx, token)
		if err == nil && answer {
			require.FailNow(t, "the first handle says that a token is revoked, which it is not", "Revoked must return an error, or the right answer, if its context is done: the context was %s before the call", name)
		}

		for i, part := range s.parts() {
			mine := fmt.Sprint(s.name, name, i)
			asked := time.Now()
			err := part.revoke(ctx, s, issuer, mine)
			require.Less(t, time.Since(asked), soon, returns, part.method, name)
			if err == nil {
				s.expect(t, true, part.token(issuer, mine), "%s has returned no error though its context was %s, so it must have done what it was asked for", part.method, name)
			}
		}
	}
	s.expect(t, false, token, "calls whose contexts are done revoke nothing else")
	s.expect(t, true, revoked, "calls whose contexts are done take nothing back")
}

// testAcknowledged shows that what one handle has acknowledged is seen by the
// other at once, though that has said otherwise a moment before.
func testAcknowledged(t *testing.T, s subject) {
	handles, parts := s.handles(), s.parts()
	for i := range 20 {
		name := fmt.Sprint(s.name, i)
		writer, reader, part := handles[i%2], handles[1-i%2], parts[i%3]
		reader.expect(t, false, part.token(issuer, name), "Revoked: this %s has not been revoked yet", part.name)
		require.NoError(t, part.revoke(t.Context(), writer, issuer, name), "%s by %s has failed: %s", part.method, writer.name, mayNotFail)
		reader.expect(t, true, part.token(issuer, name),
			"Revoked: no comes from a store that knows every revocation that it has acknowledged: %s has acknowledged this one a moment before by %s, and %s must know it",
			writer.name, part.method, reader.name)
	}
}
