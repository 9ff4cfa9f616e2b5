package jwtauth

import (
	"bytes"
	"context"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/revoked"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func TestRefresh(t *testing.T) {
	s := newService(t, nil)
	first := s.loginAs(t, "42", LoginOptions{AuthTime: testNow.Add(-time.Minute)})
	before := issued(t, first.RefreshToken)
	pair := first
	for i := range 5 {
		s.clock.add(time.Hour)
		next := s.refreshed(t, pair)
		assert.Equal(t, "Bearer", next.TokenType)
		assert.EqualValues(t, 600, next.ExpiresIn)
		s.accepts(t, next)

		after := issued(t, next.RefreshToken)
		assert.NotEqual(t, before["jti"], after["jti"])
		assert.NotEqual(t, issued(t, pair.AccessToken)["jti"], issued(t, next.AccessToken)["jti"])
		hours := float64(3600 * (i + 1))
		assert.Equal(t, 1750000000+hours, after["iat"])
		assert.Equal(t, 1750000000+hours+testIdle.Seconds(), after["exp"])
		assert.Equal(t, 1750000000+hours+testLifetime.Seconds(), issued(t, next.AccessToken)["exp"])
		for _, name := range []string{"sub", "iss", "aud", "typ", "fam", "oat", "auth_time"} {
			assert.Equal(t, before[name], after[name], name)
		}
		for _, name := range []string{"fam", "oat", "auth_time"} {
			assert.Equal(t, before[name], issued(t, next.AccessToken)[name], name)
		}
		assert.Contains(t, payload(t, next.RefreshToken), `"oat":1750000000.700000`, "to the microsecond, however often")
		pair = next
	}
	assert.Empty(t, s.reuses)
}

// requireReuse presents a refresh token a second time.
func (s *service) requireReuse(t testing.TB, text string) {
	t.Helper()
	before := len(s.reuses)
	s.refuses(t, text, ErrReuse)
	require.Len(t, s.reuses, before+1)
}

func TestReplay(t *testing.T) { // HOSTILE 68
	s := newService(t, nil)
	first := s.loginAs(t, "42", LoginOptions{ClientID: "web"})
	refreshed := func(pair Pair) Pair {
		t.Helper()
		next, err := s.Refresh(t.Context(), pair.RefreshToken, "web")
		require.NoError(t, err)
		return next
	}
	sibling, other := s.login(t), s.loginAs(t, "7", LoginOptions{})
	s.clock.add(time.Minute)
	second := refreshed(first)
	s.clock.add(time.Minute)
	third := refreshed(second)
	for _, pair := range []Pair{first, second, third} {
		s.accepts(t, pair)
	}

	s.clock.add(time.Minute)
	_, err := s.Refresh(t.Context(), first.RefreshToken, "web")
	requireRefusal(t, err, first.RefreshToken, ErrReuse)
	for _, pair := range []Pair{third, second, first} {
		s.dead(t, pair)
		_, err := s.Refresh(t.Context(), pair.RefreshToken, "web")
		requireRefusal(t, err, pair.RefreshToken, runtime.ErrRevoked)
		require.NotErrorIs(t, err, ErrReuse)
	}
	assert.Equal(t, []Reuse{{
		Issuer: "https://login.example", UserID: "42", ClientID: "web", Family: issued(t, first.RefreshToken)["fam"].(string),
		LoggedIn: testNow.Add(700 * time.Millisecond),
	}}, s.reuses, "once")

	for _, pair := range []Pair{sibling, other} {
		s.accepts(t, pair)
		s.accepts(t, s.refreshed(t, pair))
	}
}

func TestReplayWhileTheSuccessorIsYoung(t *testing.T) { // HOSTILE 68
	s := newService(t, nil)
	first := s.login(t)
	second := s.refreshed(t, first)
	third := s.refreshed(t, second)
	s.requireReuse(t, first.RefreshToken) // within its grace, but its successor was used: both have it
	for _, pair := range []Pair{first, second, third} {
		s.dead(t, pair)
	}
}

func TestReplayWithoutRevocation(t *testing.T) {
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation = nil; c.Grace = -1 })
	first := s.login(t)
	second := s.refreshed(t, first)
	s.requireReuse(t, first.RefreshToken)
	s.refuses(t, second.RefreshToken, errFamilyEnded)
	s.refuses(t, first.RefreshToken, errFamilyEnded)
	s.accepts(t, second) // until it expires
	assert.Len(t, s.reuses, 1)
}

func TestReplayIsLogged(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.OnReuse, c.Grace = nil, -1 })
	pair, err := s.LogIn(t.Context(), "42", LoginOptions{ClientID: "web"})
	require.NoError(t, err)
	next, err := s.Refresh(t.Context(), pair.RefreshToken, "web")
	require.NoError(t, err)
	require.Empty(t, log.String())
	_, err = s.Refresh(t.Context(), pair.RefreshToken, "web")
	require.ErrorIs(t, err, ErrReuse)

	var line map[string]any
	require.NoError(t, json.Unmarshal(log.Bytes(), &line), "one line")
	assert.Equal(t, "WARN", line["level"])
	assert.Equal(t, "42", line["user_id"])
	assert.Equal(t, "https://login.example", line["issuer"])
	assert.Equal(t, "web", line["client_id"])
	requireNoToken(t, log.String(), pair.AccessToken, pair.RefreshToken, next.AccessToken, next.RefreshToken)
}

func TestRetry(t *testing.T) { // HOSTILE 70
	for _, grace := range []time.Duration{0, 30 * time.Second, time.Minute} {
		t.Run(grace.String(), func(t *testing.T) {
			s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Grace = grace })
			if grace == 0 {
				grace = defaultGrace
			}
			first := s.login(t)
			second := s.refreshed(t, first)
			for range 3 {
				retried := s.refreshed(t, first)
				assert.Equal(t, second.RefreshToken, retried.RefreshToken)
				assert.NotEqual(t, second.AccessToken, retried.AccessToken)
				assert.Equal(t, "Bearer", retried.TokenType)
				assert.EqualValues(t, 600, retried.ExpiresIn)
				s.accepts(t, retried)
				s.clock.add(grace / 3)
			}
			s.clock.set(testLogin.Add(grace))
			retried := s.refreshed(t, first)
			assert.Equal(t, second.RefreshToken, retried.RefreshToken)

			s.clock.add(time.Microsecond)
			s.requireReuse(t, first.RefreshToken)
			for _, pair := range []Pair{first, second, retried} {
				s.dead(t, pair)
			}
		})
	}
	t.Run("by a clock that is behind", func(t *testing.T) {
		s := newService(t, nil)
		first := s.login(t)
		second := s.refreshed(t, first)
		s.clock.add(-30 * time.Second)
		assert.Equal(t, second.RefreshToken, s.refreshed(t, first).RefreshToken)
	})
	t.Run("not at all", func(t *testing.T) {
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Grace = -1 })
		first := s.login(t)
		second := s.refreshed(t, first)
		s.requireReuse(t, first.RefreshToken)
		s.dead(t, second)
	})
	t.Run("by another client", func(t *testing.T) {
		s := newService(t, nil)
		first := s.login(t)
		second := s.refreshed(t, first)
		_, err := s.Refresh(t.Context(), first.RefreshToken, "web")
		requireRefusal(t, err, first.RefreshToken, errOtherClient)
		s.refreshed(t, second)
	})
}

func TestAbsoluteCap(t *testing.T) { // HOSTILE 71
	s := newService(t, nil) // idle 24 h, at most 60 h
	pair := s.login(t)
	for _, hours := range []int{20, 40, 59} {
		s.clock.set(testLogin.Add(time.Duration(hours) * time.Hour))
		pair = s.refreshed(t, pair)
	}
	end := testNow.Add(testMaxAge) // the login was a fraction of a second later
	assert.Equal(t, float64(end.Unix()), issued(t, pair.RefreshToken)["exp"])
	s.clock.set(end.Add(-time.Nanosecond))
	pair = s.refreshed(t, pair)
	assert.Equal(t, float64(end.Unix()), issued(t, pair.RefreshToken)["exp"])
	s.clock.set(end)
	s.refuses(t, pair.RefreshToken, errExpired)

	t.Run("a maximum that was lowered since", func(t *testing.T) {
		s := newService(t, nil)
		config := s.config
		config.MaxAge = 30 * time.Hour
		stricter := must(NewPairIssuer(config))
		pair := s.login(t)
		s.clock.add(20 * time.Hour)
		pair = s.refreshed(t, pair)
		s.clock.set(testNow.Add(30 * time.Hour))
		_, err := stricter.Refresh(t.Context(), pair.RefreshToken, "")
		requireRefusal(t, err, pair.RefreshToken, errLoginOver)
		s.refuses(t, pair.RefreshToken, runtime.ErrRevoked)
		s.clock.add(-time.Hour)
		s.refuses(t, pair.RefreshToken, runtime.ErrRevoked)
		s.verifier.revocations = nil
		s.refuses(t, pair.RefreshToken, errFamilyEnded)
	})
	t.Run("a lifetime that is longer", func(t *testing.T) {
		s := newService(t, nil)
		config := s.config
		config.MaxAge, config.Lifetime = time.Hour, time.Hour
		stricter := must(NewPairIssuer(config))
		pair := s.login(t)
		s.clock.set(testNow.Add(time.Hour - time.Second))
		next, err := stricter.Refresh(t.Context(), pair.RefreshToken, "")
		require.NoError(t, err)
		assert.Equal(t, float64(testNow.Add(time.Hour).Unix()), issued(t, next.RefreshToken)["exp"])
	})
}

func TestIdleLifetime(t *testing.T) { // HOSTILE 71
	s := newService(t, nil)
	pair := s.login(t)
	s.clock.set(testNow.Add(testIdle - time.Nanosecond))
	pair = s.refreshed(t, pair)
	s.clock.set(testNow.Add(2*testIdle - time.Second))
	s.refuses(t, pair.RefreshToken, errExpired)
	s.clock.add(-time.Nanosecond)
	s.refreshed(t, pair)
}

func TestClients(t *testing.T) { // HOSTILE 71
	for _, c := range []struct{ login, refresh string }{
		{"web", "app"}, {"web", ""}, {"", "web"}, {"web", "WEB"}, {"web", "web "}, {"web", "we"}, {"ä", "a\u0308"},
		{"x", "\xff"}, {"\ufffd", "\xff"}, {`","typ":"refresh`, "refresh"},
	} {
		t.Run(fmt.Sprintf("%q to %q", c.login, c.refresh), func(t *testing.T) {
			s := newService(t, nil)
			pair := s.loginAs(t, "42", LoginOptions{ClientID: c.login})
			_, err := s.Refresh(t.Context(), pair.RefreshToken, c.refresh)
			requireRefusal(t, err, pair.RefreshToken, errOtherClient)
			next, err := s.Refresh(t.Context(), pair.RefreshToken, c.login)
			require.NoError(t, err, "the thief has not ended it")
			next, err = s.Refresh(t.Context(), next.RefreshToken, c.login)
			require.NoError(t, err)
			s.accepts(t, next)
		})
	}
}

func TestUsersWhoMayNotLogInAnyMore(t *testing.T) { // HOSTILE 58, 71
	inactive := errors.New("inactive")
	for name, err := range map[string]error{
		"unauthenticated": runtime.ErrUnauthenticated, "forbidden": runtime.ErrForbidden, "not found": runtime.ErrNotFound,
		"revoked": runtime.ErrRevoked, "in words of their own": runtime.NewError(403, "Deactivated", inactive),
		"wrapped": fmt.Errorf("%w: %w", inactive, runtime.ErrForbidden), "joined": errors.Join(inactive, runtime.ErrNotFound),
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, nil)
			first := s.login(t)
			s.clock.add(time.Minute)
			second, elsewhere := s.refreshed(t, first), s.login(t)
			s.people.fail(err)
			s.refuses(t, second.RefreshToken, err)
			s.people.fail(nil)
			s.dead(t, first) // even if the user comes back
			s.dead(t, second)
			s.verifier.revocations = nil // they may forget it once the access tokens have expired
			s.clock.add(2 * testLifetime)
			s.refuses(t, second.RefreshToken, errFamilyEnded)
			s.refreshed(t, elsewhere) // they were not seen to be gone there
			assert.Empty(t, s.reuses)
		})
	}
	t.Run("no such user", func(t *testing.T) {
		s := newService(t, nil)
		pair := s.login(t)
		delete(s.people.accounts, "42")
		s.refuses(t, pair.RefreshToken, runtime.ErrNotFound)
		s.people.accounts["42"] = Account{User: alice}
		s.dead(t, pair)
	})
	t.Run("and the client does not wait for the answer", func(t *testing.T) {
		s := newService(t, nil)
		pair := s.login(t)
		s.people.fail(runtime.ErrForbidden)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Refresh(ctx, pair.RefreshToken, "")
		requireRefusal(t, err, pair.RefreshToken, runtime.ErrForbidden)
		s.people.fail(nil)
		s.dead(t, pair)
	})
}

func TestValidAfter(t *testing.T) { // HOSTILE 59, 66
	login := testNow.Add(700 * time.Millisecond) // what the token can tell
	for _, c := range []struct {
		name  string
		after time.Time
		ends  bool
	}{
		{"never", time.Time{}, false},
		{"long before the login", login.Add(-time.Hour), false},
		{"at the second of the login", testNow, false},
		{"a microsecond before", login.Add(-time.Microsecond), false},
		{"at the microsecond of the login", login, true},
		{"at the very instant", testLogin, true},
		{"a microsecond later", login.Add(time.Microsecond), true},
		{"later in the second", login.Add(200 * time.Millisecond), true},
		{"at the next second", testNow.Add(time.Second), true},
		{"in another time zone", login.In(time.FixedZone("", 3600)), true},
		{"in the future", login.Add(1000 * time.Hour), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService(t, nil)
			first := s.login(t)
			second := s.refreshed(t, first)
			s.people.change(func(a *Account) { a.ValidAfter = c.after })
			s.clock.add(time.Hour)
			if !c.ends {
				s.accepts(t, s.refreshed(t, second))
				return
			}
			s.refuses(t, second.RefreshToken, errLoginVoid)
			s.people.change(func(a *Account) { a.ValidAfter = time.Time{} })
			s.clock.add(-time.Hour)
			s.dead(t, first)
			s.dead(t, second)
			assert.Empty(t, s.reuses)
		})
	}
	t.Run("two logins of one second", func(t *testing.T) {
		s := newService(t, nil)
		before := s.login(t)
		s.clock.add(time.Microsecond)
		change := s.clock.now()
		s.clock.add(time.Microsecond)
		after := s.login(t)
		s.people.change(func(a *Account) { a.ValidAfter = change })
		for range 3 {
			after = s.refreshed(t, after)
		}
		s.refuses(t, before.RefreshToken, errLoginVoid)
		s.accepts(t, s.refreshed(t, after))
	})
}

// All microseconds of a second survive being written as a number.
func TestFractionsOfTheLogin(t *testing.T) {
	for _, second := range []int64{1, 1_750_000_000, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
		for micro := int64(0); micro < 1_000_000; micro += 997 {
			began := time.Unix(second, micro*1000)
			text := fractionalDate(began.Add(999 * time.Nanosecond))
			v := &verified{principal: (&claims{subject: "42", text: `{"oat":` + text.String() + `}`}).principal(&trust{}, false)}
			v.claims.family, v.claims.authTime = "f", began
			l, err := loginOf(v)
			require.NoError(t, err)
			require.Equal(t, began, l.began, text)
		}
	}
}

func TestLookupThatFails(t *testing.T) {
	s := newService(t, nil)
	pair := s.login(t)
	for _, err := range []error{errDown, context.Canceled, runtime.ErrUnavailable, runtime.ErrBadRequest, runtime.ErrInvalidCredentials} {
		s.people.fail(err)
		got, refusal := s.Refresh(t.Context(), pair.RefreshToken, "")
		assert.Zero(t, got)
		assert.ErrorIs(t, refusal, err)
		assert.NotErrorIs(t, refusal, runtime.ErrUnauthenticated)
		requireNoToken(t, refusal.Error(), pair.RefreshToken)
		s.accepts(t, pair)
	}
	s.people.fail(nil)
	s.people.change(func(a *Account) { a.ID = "7" })
	_, err := s.Refresh(t.Context(), pair.RefreshToken, "")
	assert.ErrorContains(t, err, "another user")
	assert.NotErrorIs(t, err, runtime.ErrUnauthenticated)
	s.people.change(func(a *Account) { a.ID, a.Claims = "42", map[string]any{"sub": "7"} })
	_, err = s.Refresh(t.Context(), pair.RefreshToken, "")
	assert.ErrorContains(t, err, `claim "sub" belongs to the issuer`)
	s.people.change(func(a *Account) { a.Claims = nil })
	s.accepts(t, s.refreshed(t, pair))
	assert.Empty(t, s.reuses)
}

func TestRefreshWithBrokenStores(t *testing.T) { // HOSTILE 63
	newFlaky := func(t *testing.T) (*service, *flakyStore, *flakyRevocations) {
		store := &flakyStore{Store: refresh.NewMemory()}
		revocations := &flakyRevocations{Memory: revocation.NewMemory()}
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store, c.Revocation = store, revocations })
		s.backend.revocations = must(revoked.NewAsker(revocations))
		return s, store, revocations
	}
	t.Run("before the rotation", func(t *testing.T) {
		s, store, _ := newFlaky(t)
		pair := s.login(t)
		store.before = map[string]error{"Rotate": errDown}
		assert.ErrorIs(t, s.unavailable(t, pair.RefreshToken), errDown)
		store.before = nil
		s.accepts(t, s.refreshed(t, pair))
	})
	t.Run("HOSTILE 70: after the rotation", func(t *testing.T) {
		s, store, _ := newFlaky(t)
		pair := s.login(t)
		store.after = map[string]error{"Rotate": errDown}
		s.unavailable(t, pair.RefreshToken)
		s.unavailable(t, pair.RefreshToken)
		store.after = nil
		next := s.refreshed(t, pair)
		assert.Equal(t, next.RefreshToken, s.refreshed(t, pair).RefreshToken)
		s.accepts(t, s.refreshed(t, next))
		assert.Empty(t, s.reuses)
	})
	t.Run("revocations that do not answer", func(t *testing.T) {
		s, _, revocations := newFlaky(t)
		pair := s.login(t)
		revocations.failing(map[string]error{"Revoked": errDown})
		assert.ErrorIs(t, s.unavailable(t, pair.RefreshToken), errDown)
		revocations.failing(nil)
		s.accepts(t, s.refreshed(t, pair))
	})
	for _, broken := range []string{"End", "RevokeFamily"} {
		t.Run("a user who is gone, "+broken, func(t *testing.T) {
			s, store, revocations := newFlaky(t)
			pair := s.login(t)
			s.people.fail(runtime.ErrForbidden)
			store.before = map[string]error{broken: errDown}
			revocations.failing(store.before)
			assert.ErrorIs(t, s.unavailable(t, pair.RefreshToken), errDown)
			store.before = nil
			revocations.failing(nil)
			s.refuses(t, pair.RefreshToken, runtime.ErrUnauthenticated)
			s.people.fail(nil)
			s.dead(t, pair)
		})
	}
	t.Run("a replay, and access tokens cannot be ended", func(t *testing.T) {
		s, _, revocations := newFlaky(t)
		first := s.login(t)
		s.clock.add(time.Minute)
		second := s.refreshed(t, first)
		s.clock.add(time.Minute)
		revocations.failing(map[string]error{"RevokeFamily": errDown})
		s.unavailable(t, first.RefreshToken)
		assert.Len(t, s.reuses, 1)
		s.accepts(t, second)
		s.unavailable(t, first.RefreshToken) // still
		revocations.failing(nil)
		s.refuses(t, first.RefreshToken, errFamilyEnded)
		s.dead(t, second) // the client that tried again has brought it to its end
		s.dead(t, first)
		assert.Len(t, s.reuses, 1)
	})
	t.Run("an answer that is none", func(t *testing.T) {
		for _, result := range []refresh.Result{{}, {Outcome: 99}, {Outcome: -1}, {Outcome: refresh.Repeated}, {Outcome: refresh.Repeated, Sealed: make([]byte, 500)}} {
			s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store = oneAnswer{c.Store, result} })
			pair := s.login(t)
			got, err := s.Refresh(t.Context(), pair.RefreshToken, "")
			require.Error(t, err)
			assert.NotErrorIs(t, err, runtime.ErrUnauthenticated)
			assert.Zero(t, got)
			requireNoToken(t, err.Error(), pair.RefreshToken)
		}
	})
	t.Run("they hang", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newService(t, nil)
			pair := s.login(t)
			s.config.Store = hangingStore{s.store}
			for _, err := range []error{nil, runtime.ErrForbidden} {
				s.people.fail(err)
				begin := time.Now()
				s.unavailable(t, pair.RefreshToken)
				assert.Equal(t, storeTimeout, time.Since(begin))
			}
		})
	})
	t.Run("the client is gone before the rotation", func(t *testing.T) {
		s := newService(t, nil)
		pair := s.login(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got, err := s.Refresh(ctx, pair.RefreshToken, "")
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		assert.Zero(t, got)
		s.refreshed(t, pair)
	})
	t.Run("the client is gone when a replay is found out", func(t *testing.T) {
		revocations := &flakyRevocations{Memory: revocation.NewMemory()}
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation, c.Store = revocations, deaf{c.Store} })
		s.backend.revocations = must(revoked.NewAsker(revocations))
		first := s.login(t)
		second := s.refreshed(t, first)
		s.clock.add(time.Minute)
		s.verifier.revocations = must(revoked.NewAsker(revocations.Memory)) // asked without a look at the context
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Refresh(ctx, first.RefreshToken, "")
		requireRefusal(t, err, first.RefreshToken, ErrReuse)
		s.dead(t, second)
	})
}

// Whoever has a token of a family that has ended writes nothing by presenting it again.
func TestReplaysWriteOnce(t *testing.T) { // HOSTILE 63
	revocations := &flakyRevocations{Memory: revocation.NewMemory()}
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation = revocations })
	s.backend.revocations = must(revoked.NewAsker(revocations))
	stolen := s.login(t)
	s.refreshed(t, stolen)
	s.clock.add(time.Minute)
	ended := s.login(t)
	token, err := TokenOf(s.accepts(t, ended))
	require.NoError(t, err)
	require.NoError(t, s.LogOut(t.Context(), token))
	require.Equal(t, 1, revocations.ended)
	for range 5 {
		for _, pair := range []Pair{stolen, ended} {
			_, err := s.Refresh(t.Context(), pair.RefreshToken, "")
			require.ErrorIs(t, err, runtime.ErrUnauthenticated)
		}
	}
	assert.Equal(t, 2, revocations.ended, "the theft was found out once")
}

// What a store is told agrees with what the tokens tell.
func TestWhatTheStoreIsTold(t *testing.T) {
	store := &recordingStore{Store: refresh.NewMemory()}
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store, c.Grace = store, 20*time.Second })
	first := s.login(t)
	s.clock.add(time.Hour)
	second := s.refreshed(t, first)
	claims := issued(t, second.RefreshToken)
	family := claims["fam"].(string)

	require.Len(t, store.families, 1)
	assert.Equal(t, refresh.Family{
		Issuer: "https://login.example", ID: family, UserID: "42", Started: testLogin,
		Expires: testNow.Add(testIdle), Current: digest(first.RefreshToken),
	}, store.families[0])
	require.Len(t, store.rotations, 1)
	r := store.rotations[0]
	opened, err := unseal(r.Sealed, first.RefreshToken)
	require.NoError(t, err)
	assert.Equal(t, second.RefreshToken, opened)
	r.Sealed = nil
	assert.Equal(t, refresh.Rotation{
		Issuer: "https://login.example", Family: family, Old: digest(first.RefreshToken), New: digest(second.RefreshToken),
		Now: testLogin.Add(time.Hour), Grace: 20 * time.Second, Expires: time.Unix(int64(claims["exp"].(float64)), 0),
	}, r)
}

// A recordingStore keeps what it is asked.
type recordingStore struct {
	refresh.Store
	families  []refresh.Family
	rotations []refresh.Rotation
}

func (r *recordingStore) Start(ctx context.Context, f refresh.Family) error {
	r.families = append(r.families, f)
	return r.Store.Start(ctx, f)
}

func (r *recordingStore) Rotate(ctx context.Context, rotation refresh.Rotation) (refresh.Result, error) {
	r.rotations = append(r.rotations, rotation)
	return r.Store.Rotate(ctx, rotation)
}

// A deaf store does not hear that the client is gone.
type deaf struct{ refresh.Store }

func (d deaf) Rotate(ctx context.Context, r refresh.Rotation) (refresh.Result, error) {
	return d.Store.Rotate(context.WithoutCancel(ctx), r)
}

// oneAnswer is a store that has one answer to rotations.
type oneAnswer struct {
	refresh.Store
	result refresh.Result
}

func (o oneAnswer) Rotate(context.Context, refresh.Rotation) (refresh.Result, error) {
	return o.result, nil
}

// Refreshing is no proof of who the user is.
func TestFreshAfterRefresh(t *testing.T) { // HOSTILE 123
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, func(i *IssuerConfig, _ *PairConfig) { i.Now = nil })
		s.backend.now = time.Now
		pair := s.login(t)
		assert.True(t, s.accepts(t, pair).Fresh(5*time.Minute))
		time.Sleep(4 * time.Minute)
		pair = s.refreshed(t, pair)
		assert.True(t, s.accepts(t, pair).Fresh(5*time.Minute))
		time.Sleep(2 * time.Minute)
		for range 3 {
			pair = s.refreshed(t, pair)
			p := s.accepts(t, pair)
			assert.False(t, p.Fresh(5*time.Minute))
			assert.True(t, p.Fresh(time.Hour))
		}
		retried := s.refreshed(t, pair)
		assert.False(t, s.accepts(t, s.refreshed(t, pair)).Fresh(5*time.Minute), "nor is trying again")
		assert.True(t, s.accepts(t, s.login(t)).Fresh(5*time.Minute))

		future := s.loginAs(t, "42", LoginOptions{AuthTime: time.Now().Add(time.Hour)})
		assert.False(t, s.accepts(t, s.refreshed(t, future)).Fresh(5*time.Minute))
		s.accepts(t, retried)
	})
}

func TestRefreshAsksWhoTheUserIsNow(t *testing.T) {
	s := newService(t, nil)
	s.people.change(func(a *Account) {
		a.Claims = map[string]any{"permissions": []string{"a", "b"}, "tenant": "old"}
	})
	pair := s.login(t)
	p := s.accepts(t, pair)
	assert.True(t, p.IsStaff())
	assert.True(t, p.HasPermission("b"))

	s.people.change(func(a *Account) {
		a.Staff, a.Superuser, a.Username, a.Email = false, true, "alicia", ""
		a.Claims = map[string]any{"permissions": []string{"a", "c"}, "scope": "read"}
	})
	for range 2 { // the second one is the same again, within the grace
		p = s.accepts(t, s.refreshed(t, pair))
		assert.Equal(t, "42", p.UserID())
		assert.False(t, p.IsStaff())
		assert.True(t, p.IsSuperuser())
		assert.Equal(t, []string{"a", "c"}, p.Permissions())
		for name, want := range map[string]any{"username": "alicia", "email": nil, "tenant": nil, "scope": "read"} {
			got, _ := p.Claim(name)
			assert.Equal(t, want, got, name)
		}
	}
}

// twin returns the text of a token of ES256 with the other signature that holds.
func twin(t testing.TB, text string) string {
	t.Helper()
	cut := strings.LastIndexByte(text, '.') + 1
	signature := must(base64.RawURLEncoding.DecodeString(text[cut:]))
	s := new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(signature[32:]))
	other := text[:cut] + base64.RawURLEncoding.EncodeToString(append(slices.Clone(signature[:32]), s.FillBytes(make([]byte, 32))...))
	require.NotEqual(t, text, other)
	return other
}

func newECService(t testing.TB, change func(*PairConfig)) *service {
	t.Helper()
	return newService(t, func(i *IssuerConfig, c *PairConfig) {
		i.Secret, i.Keys = nil, must(NewKeyRing(SigningKey{Algorithm: "ES256", PrivateKey: ecKey()}))
		if change != nil {
			change(c)
		}
	})
}

func TestTwinsAreOneToken(t *testing.T) { // HOSTILE 38, 61
	withTwin := func(s *service) (one, other Pair) {
		one = s.login(t)
		other = one
		other.RefreshToken = twin(t, one.RefreshToken)
		return one, other
	}
	t.Run("within the grace", func(t *testing.T) {
		s := newECService(t, nil)
		for range 2 {
			one, other := withTwin(s)
			next := s.refreshed(t, one)
			assert.Equal(t, next.RefreshToken, s.refreshed(t, other).RefreshToken)
			one, other = withTwin(s)
			next = s.refreshed(t, other)
			assert.Equal(t, next.RefreshToken, s.refreshed(t, one).RefreshToken)
			s.refreshed(t, Pair{RefreshToken: twin(t, next.RefreshToken)})
		}
		assert.Empty(t, s.reuses)
	})
	t.Run("HOSTILE 68: after it", func(t *testing.T) {
		s := newECService(t, func(c *PairConfig) { c.Grace = -1 })
		one, other := withTwin(s)
		next := s.refreshed(t, other)
		s.requireReuse(t, one.RefreshToken)
		s.dead(t, next)
		one, other = withTwin(s)
		next = s.refreshed(t, one)
		s.requireReuse(t, other.RefreshToken)
		s.dead(t, next)
	})
	t.Run("HOSTILE 69: at the same time", func(t *testing.T) {
		s := newECService(t, nil)
		one, other := withTwin(s)
		requireOneSuccessor(t, s, 50, one.RefreshToken, other.RefreshToken)
	})
}

// A public key is no secret to sign refresh tokens with, and no signature is none.
func TestForgedRefreshTokens(t *testing.T) { // HOSTILE 23, 24
	s := newECService(t, nil)
	pair := s.login(t)
	claims, public := payload(t, pair.RefreshToken), publicPEM(t, ecKey())
	for _, header := range []string{`{"alg":"HS256","typ":"refresh+jwt"}`, joseHeader(t, pair.RefreshToken)} {
		s.refuses(t, sign(t, "HS256", public, header, claims), runtime.ErrInvalidCredentials)
	}
	s.refuses(t, sign(t, "HS256", public, `{"alg":"none","typ":"refresh+jwt"}`, claims), errAlgorithm)
	cut := strings.LastIndexByte(pair.RefreshToken, '.')
	for text, reason := range map[string]error{
		pair.RefreshToken[:cut+1]: errShape,
		pair.RefreshToken[:cut]:   errShape,
		pair.RefreshToken + "=":   errShape,
		pair.RefreshToken + "\n":  errShape,
		" " + pair.RefreshToken:   errShape,
		"":                        errShape,
		"..":                      errShape,
		pair.RefreshToken[:cut+1] + strings.Repeat("A", 86): errSignature,
		strings.Repeat("A", maxToken+1):                     errSize,
	} {
		s.refuses(t, text, reason)
	}
	s.refreshed(t, pair)
}

// A refresh token must tell all that is asked of it, whoever has signed it.
func TestClaimsOfRefreshTokens(t *testing.T) {
	s := newService(t, nil)
	pair := s.login(t)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(payload(t, pair.RefreshToken)), &members))
	for _, c := range []struct {
		name, text string // empty: without the claim
		reason     error
	}{
		{"typ", ``, errPurpose},
		{"typ", `"access"`, errPurpose},
		{"typ", `"refresh+jwt"`, errPurpose},
		{"typ", `["refresh"]`, errPurpose},
		{"typ", `null`, errPurpose},
		{"token_use", `"access"`, errPurpose},
		{"token_type", `"bearer"`, errPurpose},
		{"fam", ``, errNotOfAPair},
		{"fam", `""`, errFamily},
		{"fam", `"*"`, errFamily},
		{"fam", `7`, errFamily},
		{"oat", ``, errNotOfAPair},
		{"oat", `null`, errNotOfAPair},
		{"oat", `"1750000000.7"`, errNotOfAPair},
		{"oat", `-1`, errNotOfAPair},
		{"oat", `1e300`, errNotOfAPair},
		{"oat", `1750000000700`, errNotOfAPair},
		{"oat", `[1750000000.7]`, errNotOfAPair},
		{"auth_time", ``, errNotOfAPair},
		{"auth_time", `"now"`, errAuthTime},
		{"auth_time", `-1`, errAuthTime},
		{"jti", ``, errTokenID},
		{"sub", ``, errSubject},
		{"exp", ``, errExpiry},
		{"exp", `1750000000`, errExpired},
		{"iss", ``, errIssuer},
		{"aud", ``, errAudience},
		{"aud", `"other"`, errAudience},
		{"cnf", `{"jkt":"x"}`, errBound},
		{"TYP", `"refresh"`, errLookalike},
	} {
		t.Run(c.name+" "+c.text, func(t *testing.T) {
			changed := map[string]json.RawMessage{}
			for name, text := range members {
				changed[name] = text
			}
			if changed[c.name] = json.RawMessage(c.text); c.text == "" {
				delete(changed, c.name)
			}
			s.refuses(t, signPlain(t, `{"alg":"HS256","typ":"refresh+jwt"}`, string(must(json.Marshal(changed)))), c.reason)
		})
	}
	for _, header := range []string{`{"alg":"HS256"}`, `{"alg":"HS256","typ":"JWT"}`, `{"alg":"HS256","typ":"at+jwt"}`, `{"alg":"HS256","typ":"refresh"}`} {
		s.refuses(t, signPlain(t, header, payload(t, pair.RefreshToken)), errType)
	}
	s.refreshed(t, pair)
}

// Whoever has the key, but not the token, cannot rotate a family: what was not
// issued counts as a copy.
func TestTokenThatWasNotIssued(t *testing.T) {
	s := newService(t, nil)
	pair := s.login(t)
	s.requireReuse(t, signPlain(t, `{"alg":"HS256","typ":"refresh+jwt" }`, payload(t, pair.RefreshToken)))
	s.dead(t, pair)
}

func TestKeyThatWasRemoved(t *testing.T) { // HOSTILE 72, 77
	ring := must(NewKeyRing(SigningKey{ID: "old", Algorithm: "ES256", PrivateKey: ecKey()}))
	s := newService(t, func(i *IssuerConfig, _ *PairConfig) { i.Secret, i.Keys = nil, ring })
	old, kept := s.login(t), s.loginAs(t, "7", LoginOptions{})
	assert.Contains(t, joseHeader(t, old.RefreshToken), `"kid":"old"`)
	newer := must(GenerateKey("ES256"))
	newer.ID = "new"
	require.NoError(t, ring.Add(newer))
	kept = s.refreshed(t, kept) // from one key to the other
	assert.Contains(t, joseHeader(t, kept.RefreshToken), `"kid":"new"`)

	require.NoError(t, ring.Remove("old"))
	s.refuses(t, old.RefreshToken, errSignature)
	_, err := authenticate(s.backend, old.AccessToken)
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	s.accepts(t, kept)
	s.accepts(t, s.refreshed(t, kept))
}

func TestRefreshOfWhatIsRevoked(t *testing.T) { // HOSTILE 61
	issuer := "https://login.example"
	for name, revoke := range map[string]func(s *service, token revocation.Token) error{
		"user": func(s *service, _ revocation.Token) error {
			return s.revoked.RevokeUser(t.Context(), issuer, "42", s.clock.now())
		},
		"family": func(s *service, k revocation.Token) error {
			return s.revoked.RevokeFamily(t.Context(), issuer, k.Family, time.Time{})
		},
		"token": func(s *service, k revocation.Token) error { return s.revoked.Revoke(t.Context(), k) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newECService(t, nil)
			pair, other := s.login(t), s.loginAs(t, "7", LoginOptions{})
			claims := issued(t, pair.RefreshToken)
			token := revocation.Token{Issuer: issuer, ID: claims["jti"].(string), Family: claims["fam"].(string)}
			require.NoError(t, revoke(s, token))
			s.refuses(t, pair.RefreshToken, runtime.ErrRevoked)
			s.refuses(t, twin(t, pair.RefreshToken), runtime.ErrRevoked)
			s.clock.add(time.Hour)
			s.refuses(t, pair.RefreshToken, runtime.ErrRevoked)
			s.refreshed(t, other)
		})
	}
}

// What revokes a user's tokens while one of them is being refreshed finds the new
// ones to be older, however long it takes to look the user up.
func TestRevocationDuringARefresh(t *testing.T) { // HOSTILE 66
	s := newService(t, nil)
	revoke := func() {
		s.clock.add(time.Second)
		require.NoError(t, s.revoked.RevokeUser(t.Context(), "https://login.example", "42", s.clock.now()))
		s.clock.add(time.Second)
	}
	during := revoke
	s.config.User = func(ctx context.Context, id string) (Account, error) { during(); return s.people.user(ctx, id) }
	s.dead(t, s.login(t))

	during = func() {}
	s.clock.add(time.Minute)
	pair := s.login(t)
	during = revoke
	next := s.refreshed(t, pair)
	during = func() {}
	s.dead(t, next)
	s.dead(t, pair)

	t.Run("just after the store was asked", func(t *testing.T) {
		revocations := &answeredStore{Memory: revocation.NewMemory()}
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation = revocations })
		s.backend.revocations = must(revoked.NewAsker(revocations.Memory))
		pair := s.login(t)
		revocations.answered = func() {
			s.clock.add(time.Second)
			assert.NoError(t, revocations.RevokeUser(t.Context(), "https://login.example", "42", s.clock.now()))
			s.clock.add(time.Second)
		}
		next := s.refreshed(t, pair)
		revocations.answered = func() {}
		s.dead(t, next)
		s.dead(t, pair)
	})
	t.Run("a user who changed the password while they logged in by the old one", func(t *testing.T) {
		during = func() {
			s.clock.add(time.Millisecond)
			s.people.change(func(a *Account) { a.ValidAfter = s.clock.now() })
			s.clock.add(time.Millisecond)
		}
		s.clock.add(time.Minute)
		pair := s.login(t)
		during = func() {}
		s.refuses(t, pair.RefreshToken, errLoginVoid)
	})
}

// An answeredStore calls a function once it has answered.
type answeredStore struct {
	*revocation.Memory
	answered func()
}

func (a *answeredStore) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	defer a.answered()
	return a.Memory.Revoked(ctx, t)
}

// together calls f for each of n numbers, as much at the same time as can be.
func together(n int, f func(i int)) {
	var group sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	group.Wait()
}

// requireOneSuccessor presents texts of one refresh token, n times at once.
func requireOneSuccessor(t *testing.T, s *service, n int, texts ...string) {
	t.Helper()
	pairs := make([]Pair, n)
	together(n, func(i int) {
		var err error
		pairs[i], err = s.Refresh(t.Context(), texts[i%len(texts)], "")
		assert.NoError(t, err)
	})
	successors := map[string]bool{}
	for _, pair := range pairs {
		successors[pair.RefreshToken] = true
		s.accepts(t, pair)
	}
	require.Len(t, successors, 1)
	require.Empty(t, s.reuses)
	s.refreshed(t, pairs[0])
}

func TestConcurrentRefreshes(t *testing.T) { // HOSTILE 69
	for round := range 20 {
		s := newService(t, nil)
		requireOneSuccessor(t, s, 50, s.login(t).RefreshToken)

		strict := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Grace = -1 })
		first := strict.login(t)
		var mu sync.Mutex
		var winners []Pair
		reuses := 0
		together(50, func(int) {
			pair, err := strict.Refresh(t.Context(), first.RefreshToken, "")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				winners = append(winners, pair)
				return
			}
			assert.ErrorIs(t, err, runtime.ErrUnauthenticated)
			if errors.Is(err, ErrReuse) {
				reuses++
			}
		})
		require.Len(t, winners, 1, round)
		require.Equal(t, 1, reuses)
		require.Len(t, strict.reuses, 1, "told once")
		strict.dead(t, winners[0])
	}
}

// Whatever ends a login, and however many refreshes are on their way: nothing of
// it is alive afterwards. The clock shows another second at nearly each look, so
// that tokens are rarely older than what ends them by being of the same second.
func TestEndsInARaceWithRefreshes(t *testing.T) { // HOSTILE 66, 68
	const rounds, chains, length = 150, 4, 6
	ends := map[string]func(t *testing.T, s *service, first Pair, known revocation.Token){
		"LogOutUser": func(t *testing.T, s *service, _ Pair, _ revocation.Token) {
			assert.NoError(t, s.LogOutUser(t.Context(), "42"))
		},
		"LogOut": func(t *testing.T, s *service, _ Pair, known revocation.Token) {
			assert.NoError(t, s.LogOut(t.Context(), known))
		},
		"replay": func(t *testing.T, s *service, first Pair, _ revocation.Token) {
			_, err := s.Refresh(t.Context(), first.RefreshToken, "")
			assert.ErrorIs(t, err, runtime.ErrUnauthenticated) // it may have ended before
		},
		"user is gone": func(t *testing.T, s *service, first Pair, _ revocation.Token) {
			s.people.fail(runtime.ErrForbidden)
			_, err := s.Refresh(t.Context(), first.RefreshToken, "")
			assert.ErrorIs(t, err, runtime.ErrUnauthenticated)
			s.people.fail(nil)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			var succeeded, refused atomic.Int64
			for round := range rounds {
				s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Grace = time.Minute })
				first := s.login(t)
				known, err := TokenOf(s.accepts(t, first))
				require.NoError(t, err)
				start := s.refreshed(t, s.refreshed(t, first)) // so that first is none that may be repeated
				s.clock.step = int64(700 * time.Millisecond)

				var mu sync.Mutex
				all := []Pair{first, start}
				together(chains+1, func(i int) {
					if i == 0 {
						end(t, s, first, known)
						return
					}
					pair := start
					for range length {
						next, err := s.Refresh(t.Context(), pair.RefreshToken, "")
						if err != nil {
							assert.ErrorIs(t, err, runtime.ErrUnauthenticated)
							refused.Add(1)
							return
						}
						succeeded.Add(1)
						mu.Lock()
						all = append(all, next)
						mu.Unlock()
						pair = next
					}
				})
				s.clock.step = 0
				for i, pair := range all {
					_, err := authenticate(s.backend, pair.AccessToken)
					require.ErrorIs(t, err, runtime.ErrRevoked, "round %d, pair %d", round, i)
					_, err = s.Refresh(t.Context(), pair.RefreshToken, "")
					require.ErrorIs(t, err, runtime.ErrUnauthenticated, "round %d, pair %d", round, i)
				}
			}
			assert.NotZero(t, succeeded.Load(), "some were faster")
			assert.NotZero(t, refused.Load(), "some were slower")
		})
	}
}

func TestSeal(t *testing.T) {
	const token, successor = "header.claims.signature", "the next one"
	sealed, err := seal(successor, token)
	require.NoError(t, err)
	opened, err := unseal(sealed, token)
	require.NoError(t, err)
	assert.Equal(t, successor, opened)
	opened, err = unseal(sealed, "header.claims.another signature")
	require.NoError(t, err)
	assert.Equal(t, successor, opened, "signatures can be written in several ways")
	assert.NotContains(t, string(sealed), successor)
	assert.NotEqual(t, sealed, must(seal(successor, token)), "at random")

	refused := func(sealed []byte, token, name string) {
		t.Helper()
		opened, err := unseal(sealed, token)
		assert.ErrorIs(t, err, errSealed, name)
		assert.Empty(t, opened, name)
	}
	for _, other := range []string{"", ".", "header.claims", "header.claim.signature", "headers.claims.signature", "header.claims.signature.x"} {
		refused(sealed, other, other)
	}
	for n := range len(sealed) {
		refused(sealed[:n], token, "truncated")
		refused(sealed[n+1:], token, "beheaded")
		for bit := range 8 {
			flipped := slices.Clone(sealed)
			flipped[n] ^= 1 << bit
			refused(flipped, token, "a bit is flipped")
		}
	}
	refused(append(slices.Clone(sealed), 0), token, "longer")
	refused(nil, token, "nil")
}

// The digest and the key to the successor are worth nothing to each other.
func TestDigest(t *testing.T) {
	assert.Equal(t, digest("a.b.c"), digest("a.b.d"))
	for _, other := range []string{"a.b.c.d", "a.bc.d", "a..b.c", "a.b", ".a.b.c", "b.a.c"} {
		assert.NotEqual(t, digest("a.b.c"), digest(other), other)
	}
	sealed, err := seal("x", "a.b.c")
	require.NoError(t, err)
	d := digest("a.b.c")
	_, err = unseal(sealed, string(d[:])+".x")
	assert.ErrorIs(t, err, errSealed)
}

// yes is a store that knows every family, and every token to be its current one.
type yes struct{ refresh.Store }

func (yes) Rotate(_ context.Context, r refresh.Rotation) (refresh.Result, error) {
	return refresh.Result{Outcome: refresh.Rotated}, r.Validate()
}

// No header and no claims make Refresh panic, even signed by the right key. What
// it accepts is a refresh token to the letter, and the next one says the same.
func FuzzRefresh(f *testing.F) {
	const good = `{"typ":"refresh","sub":"42","iss":"https://login.example","aud":"api","fam":"f","jti":"j","oat":1750000000.700000,` +
		`"auth_time":1750000000,"iat":1750000000,"exp":1750086400}`
	const header = `{"alg":"HS256","typ":"refresh+jwt"}`
	f.Add(header, good, "")
	for _, change := range [][2]string{
		{`"typ":"refresh"`, `"typ":"access"`}, {`"typ":"refresh"`, `"token_use":"Refresh"`}, {`"typ":"refresh",`, ``}, {`"fam":"f",`, ``},
		{`"oat":1750000000.700000`, `"oat":"x"`}, {`"oat":1750000000.700000`, `"oat":1.75e9`}, {`1750000000.700000`, `253402300799`}, {`"auth_time":1750000000`, `"auth_time":0`},
		{`"auth_time":1750000000,`, ``}, {`"fam":"f"`, `"fam":"f","client_id":7`}, {`1750086400`, `1750086400.5`}, {`"api"`, `["x","api"]`}, {`{`, `{"typ":"refresh",`},
		{`"oat"`, `"OAT"`}, {`"42"`, `"\ud83d\ude00"`}, {`1750000000.700000`, `1748000000.0000005`}, {`1750000000.700000`, `0`},
	} {
		f.Add(header, strings.Replace(good, change[0], change[1], 1), "")
	}
	f.Add(header, strings.Replace(good, `{`, `{"client_id":"web",`, 1), "web")
	f.Add(`{"typ":"application/REFRESH+JWT","alg":"HS256","kid":"x"}`, good, "")
	f.Add(plainHeader, good, "")
	f.Add(`{"alg":"none","typ":"refresh+jwt"}`, good, "")

	s := newService(f, func(_ *IssuerConfig, c *PairConfig) {
		c.Store = yes{c.Store}
		c.User = func(_ context.Context, id string) (Account, error) { return Account{User: User{ID: id}}, nil }
	})
	f.Fuzz(func(t *testing.T, header, claims, clientID string) {
		text := signPlain(t, header, claims)
		pair, err := s.Refresh(t.Context(), text, clientID)
		if err != nil {
			require.Zero(t, pair)
			requireNoToken(t, err.Error(), text)
			return
		}
		requireRefreshToken(t, text, clientID, s.clock.now())
		requireRefreshToken(t, pair.RefreshToken, clientID, s.clock.now())
		before, after, access := exactClaims(t, text), exactClaims(t, pair.RefreshToken), exactClaims(t, pair.AccessToken)
		for _, name := range []string{"sub", "fam"} {
			require.Equal(t, before[name], after[name], name)
			require.Equal(t, before[name], access[name], name)
		}
		for name, precision := range map[string]float64{"oat": 1e-6, "auth_time": 1} {
			was, is := must(before[name].(json.Number).Float64()), must(after[name].(json.Number).Float64())
			require.Equal(t, after[name], access[name])
			require.InDelta(t, was, is, max(precision, was*1e-15), name)
		}
		require.Equal(t, clientID, textOf(after["client_id"]))
		require.NotEqual(t, before["jti"], after["jti"])
		s.accepts(t, pair)
		_, err = s.Refresh(t.Context(), pair.RefreshToken, clientID)
		require.NoError(t, err)
	})
}

// requireRefreshToken asserts that golang-jwt and encoding/json see a refresh
// token with all that it must have.
func requireRefreshToken(t *testing.T, text, clientID string, now time.Time) {
	t.Helper()
	parsed, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return testSecret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(), jwt.WithExpirationRequired(), jwt.WithIssuer("https://login.example"),
		jwt.WithAudience("api"), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(time.Second))
	require.NoError(t, err)
	typ, _ := parsed.Header["typ"].(string)
	require.Equal(t, refreshType, strings.TrimPrefix(strings.ToLower(typ), "application/"))

	claims := exactClaims(t, text)
	purposes := 0
	for _, name := range []string{"typ", "token_type", "token_use"} {
		if purpose, there := claims[name]; there {
			purposes++
			require.Equal(t, "refresh", strings.ToLower(purpose.(string)))
		}
	}
	require.NotZero(t, purposes)
	for _, name := range []string{"fam", "jti", "sub"} {
		require.NotEmpty(t, textOf(claims[name]), name)
	}
	for _, name := range []string{"oat", "auth_time"} {
		seconds, err := claims[name].(json.Number).Float64()
		require.NoError(t, err, name)
		require.True(t, 0 <= seconds && seconds <= maxDate, name)
	}
	oat := must(claims["oat"].(json.Number).Float64())
	require.Less(t, float64(now.Unix()), oat+testMaxAge.Seconds(), "the login is not over")
	require.Equal(t, textOf(claims["client_id"]), clientID)
}

func exactClaims(t *testing.T, text string) map[string]any {
	t.Helper()
	var claims map[string]any
	decoder := json.NewDecoder(strings.NewReader(payload(t, text)))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&claims))
	return claims
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}
