package jwtauth

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/revoked"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A clock is one that tests move.
type clock struct {
	nanos atomic.Int64
	step  int64 // by how much it moves by itself whenever somebody looks
}

func (c *clock) now() time.Time            { return time.Unix(0, c.nanos.Add(c.step)) }
func (c *clock) add(d time.Duration)       { c.nanos.Add(int64(d)) }
func (c *clock) set(instant time.Time)     { c.nanos.Store(instant.UnixNano()) }
func clockAt(instant time.Time) (c *clock) { c = new(clock); c.set(instant); return c }

// People are the users of an application.
type people struct {
	mu       sync.Mutex
	accounts map[string]Account
	err      error // of every question, if not nil
}

func (p *people) user(_ context.Context, id string) (Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return Account{}, p.err
	}
	account, known := p.accounts[id]
	if !known {
		return Account{}, runtime.ErrNotFound
	}
	return account, nil
}

func (p *people) change(change func(*Account)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	account := p.accounts["42"]
	change(&account)
	p.accounts["42"] = account
}

func (p *people) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

// A service is all that a program with logins consists of.
type service struct {
	*PairIssuer
	backend *Backend // of access tokens
	clock   *clock
	people  *people
	store   refresh.Store
	revoked *revocation.Memory

	mu     sync.Mutex
	reuses []Reuse
}

const (
	testLifetime = 10 * time.Minute // of access tokens
	testIdle     = 24 * time.Hour   // of refresh tokens
	testMaxAge   = 60 * time.Hour
)

// login is when people log in: not at a full second.
var testLogin = testNow.Add(700*time.Millisecond + 123*time.Nanosecond)

// newService returns a service of which the test may change the settings.
func newService(t testing.TB, change func(*IssuerConfig, *PairConfig)) *service {
	t.Helper()
	s := &service{
		clock:   clockAt(testLogin),
		people:  &people{accounts: map[string]Account{"42": {User: alice}, "7": {User: User{ID: "7"}}}},
		revoked: revocation.NewMemory(),
	}
	issuer := IssuerConfig{Secret: testSecret, Issuer: "https://login.example", Audience: []string{"api"}, Lifetime: testLifetime, Now: s.clock.now}
	pairs := PairConfig{
		Store: refresh.NewMemory(), User: s.people.user, Lifetime: testIdle, MaxAge: testMaxAge, Revocation: s.revoked,
		OnReuse: func(_ context.Context, r Reuse) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.reuses = append(s.reuses, r)
		},
	}
	if change != nil {
		change(&issuer, &pairs)
	}
	i, err := NewIssuer(issuer)
	require.NoError(t, err)
	if pairs.Issuer == nil {
		pairs.Issuer = i
	}
	s.PairIssuer, err = NewPairIssuer(pairs)
	require.NoError(t, err)
	s.store = pairs.Store

	config := Config{
		Secret: issuer.Secret, Issuer: issuer.Issuer, Audience: issuer.Audience, Revocation: s.revoked,
		UserIDPrefix: pairs.UserIDPrefix, Now: s.clock.now,
	}
	if issuer.Keys != nil {
		config.Keys, config.Algorithms = issuer.Keys, []string{issuer.Keys.load().list[0].algorithm.name}
	}
	s.backend, err = New(config)
	require.NoError(t, err)
	return s
}

func (s *service) login(t testing.TB) Pair { return s.loginAs(t, "42", LoginOptions{}) }

func (s *service) loginAs(t testing.TB, id string, options LoginOptions) Pair {
	t.Helper()
	pair, err := s.LogIn(t.Context(), id, options)
	require.NoError(t, err)
	return pair
}

func (s *service) refreshed(t testing.TB, pair Pair) Pair {
	t.Helper()
	next, err := s.Refresh(t.Context(), pair.RefreshToken, "")
	require.NoError(t, err)
	return next
}

// accepts asserts that the access token serves.
func (s *service) accepts(t testing.TB, pair Pair) *runtime.Principal {
	t.Helper()
	p, err := authenticate(s.backend, pair.AccessToken)
	require.NoError(t, err)
	return p
}

// refuses asserts that a refresh token is refused for this reason, and that
// nobody outside can tell it from another reason.
func (s *service) refuses(t testing.TB, text string, reason error) {
	t.Helper()
	pair, err := s.Refresh(t.Context(), text, "")
	require.Zero(t, pair)
	requireRefusal(t, err, text, reason)
}

func requireRefusal(t testing.TB, err error, text string, reason error) {
	t.Helper()
	require.ErrorIs(t, err, reason)
	require.ErrorIs(t, err, runtime.ErrUnauthenticated)
	require.NotErrorIs(t, err, runtime.ErrUnavailable)
	var answer *runtime.Error
	require.ErrorAs(t, err, &answer)
	require.Equal(t, 401, answer.Status, "HOSTILE 113")
	require.Equal(t, "The refresh token is expired, revoked or otherwise invalid", answer.Detail, "HOSTILE 113")
	requireNoToken(t, err.Error(), text)
}

// unavailable asserts that the client is asked to try again.
func (s *service) unavailable(t testing.TB, text string) error {
	t.Helper()
	pair, err := s.Refresh(t.Context(), text, "")
	require.Zero(t, pair)
	require.ErrorIs(t, err, runtime.ErrUnavailable)
	require.NotErrorIs(t, err, runtime.ErrUnauthenticated)
	requireNoToken(t, err.Error(), text)
	return err
}

// dead asserts that neither token of a pair serves any more.
func (s *service) dead(t testing.TB, pair Pair) {
	t.Helper()
	_, err := authenticate(s.backend, pair.AccessToken)
	require.ErrorIs(t, err, runtime.ErrRevoked)
	got, err := s.Refresh(t.Context(), pair.RefreshToken, "")
	require.ErrorIs(t, err, runtime.ErrUnauthenticated)
	require.Zero(t, got)
}

// requireNoToken asserts that a text has nothing of the tokens in it (HOSTILE
// 112).
func requireNoToken(t testing.TB, text string, tokens ...string) {
	t.Helper()
	for _, token := range tokens {
		parts := strings.Split(token, ".")
		for i, part := range parts {
			if i == 0 && len(parts) == 3 || len(part) < 12 { // the header is no secret
				continue
			}
			require.NotContains(t, text, part, "HOSTILE 112")
			require.NotContains(t, strings.ToLower(text), hex.EncodeToString([]byte(part)), "HOSTILE 112")
		}
	}
}

// A flakyStore is a store that fails at some calls: before it has done what they
// ask for, or after.
type flakyStore struct {
	refresh.Store
	before, after map[string]error
}

func (f *flakyStore) call(name string, do func() error) error {
	if err := f.before[name]; err != nil {
		return err
	}
	return errors.Join(do(), f.after[name])
}

func (f *flakyStore) Start(ctx context.Context, family refresh.Family) error {
	return f.call("Start", func() error { return f.Store.Start(ctx, family) })
}

func (f *flakyStore) Rotate(ctx context.Context, r refresh.Rotation) (result refresh.Result, err error) {
	err = f.call("Rotate", func() (err error) { result, err = f.Store.Rotate(ctx, r); return err })
	if err != nil {
		return refresh.Result{}, err
	}
	return result, nil
}

func (f *flakyStore) End(ctx context.Context, issuer, family string) error {
	return f.call("End", func() error { return f.Store.End(ctx, issuer, family) })
}

func (f *flakyStore) EndUser(ctx context.Context, issuer, userID string, before time.Time) error {
	return f.call("EndUser", func() error { return f.Store.EndUser(ctx, issuer, userID, before) })
}

// flakyRevocations are revocations that fail at some calls.
type flakyRevocations struct {
	*revocation.Memory
	mu    sync.Mutex
	err   map[string]error
	until time.Time // of the family that was revoked last
	ended int       // calls of RevokeFamily
}

func (f *flakyRevocations) failing(err map[string]error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *flakyRevocations) of(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err[name]
}

func (f *flakyRevocations) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	if err := f.of("Revoked"); err != nil {
		return false, err
	}
	return f.Memory.Revoked(ctx, t)
}

func (f *flakyRevocations) Revoke(ctx context.Context, t revocation.Token) error {
	return errors.Join(ctx.Err(), f.of("Revoke"), f.Memory.Revoke(ctx, t))
}

func (f *flakyRevocations) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if err := errors.Join(ctx.Err(), f.of("RevokeUser")); err != nil {
		return err
	}
	return f.Memory.RevokeUser(ctx, issuer, userID, before)
}

func (f *flakyRevocations) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	if err := errors.Join(ctx.Err(), f.of("RevokeFamily")); err != nil {
		return err
	}
	f.mu.Lock()
	f.until = until
	f.ended++
	f.mu.Unlock()
	return f.Memory.RevokeFamily(ctx, issuer, family, until)
}

var errDown = errors.New("connection refused")

func TestNewPairIssuerRefuses(t *testing.T) {
	good := PairConfig{Issuer: newTestIssuer(t, nil), Store: refresh.NewMemory(), User: new(people).user}
	cases := []struct {
		name   string
		change func(*PairConfig)
		want   []string
	}{
		{"nothing", func(c *PairConfig) { *c = PairConfig{} }, []string{"Issuer: ", "Store: ", "User: "}},
		{"zero issuer", func(c *PairConfig) { c.Issuer = new(Issuer) }, []string{"Issuer: "}},
		{"no store", func(c *PairConfig) { c.Store = nil }, []string{"Store: "}},
		{"HOSTILE 124: a nil pointer as a store", func(c *PairConfig) { c.Store = (*refresh.Memory)(nil) }, []string{"Store: "}},
		{"no users", func(c *PairConfig) { c.User = nil }, []string{"User: "}},
		{"negative lifetime", func(c *PairConfig) { c.Lifetime = -time.Hour }, []string{"Lifetime: "}},
		{"lifetime in the wrong unit", func(c *PairConfig) { c.Lifetime = 3600 }, []string{"Lifetime: "}},
		{"maximum below the lifetime", func(c *PairConfig) { c.Lifetime, c.MaxAge = 2*time.Hour, time.Hour }, []string{"MaxAge: "}},
		{"maximum below the default lifetime", func(c *PairConfig) { c.MaxAge = time.Hour }, []string{"MaxAge: "}},
		{"negative maximum", func(c *PairConfig) { c.MaxAge = -1 }, []string{"MaxAge: "}},
		{"long grace", func(c *PairConfig) { c.Grace = time.Minute + 1 }, []string{"Grace: "}},
		{"HOSTILE 124: a nil pointer as revocations", func(c *PairConfig) { c.Revocation = (*revocation.Memory)(nil) }, []string{"Revocation: "}},
		{"prefix of API keys", func(c *PairConfig) { c.UserIDPrefix = "APIKEY:x" }, []string{"UserIDPrefix: "}},
		{"prefix with a space", func(c *PairConfig) { c.UserIDPrefix = "me: " }, []string{"UserIDPrefix: "}},
		{"all at once", func(c *PairConfig) {
			*c = PairConfig{Lifetime: 1, MaxAge: -1, Grace: time.Hour, Revocation: (*revocation.Memory)(nil), UserIDPrefix: "\n"}
		}, []string{"Issuer: ", "Store: ", "User: ", "Lifetime: ", "MaxAge: ", "Grace: ", "Revocation: ", "UserIDPrefix: "}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			config := good
			c.change(&config)
			i, err := NewPairIssuer(config)
			require.Error(t, err)
			assert.Nil(t, i)
			assert.True(t, strings.HasPrefix(err.Error(), "jwtauth.NewPairIssuer: "), err)
			lines := strings.Split(strings.TrimPrefix(err.Error(), "jwtauth.NewPairIssuer: "), "\n")
			require.Len(t, lines, len(c.want), err)
			for _, want := range c.want {
				assert.Contains(t, err.Error(), want)
			}
		})
	}
	t.Run("the limits themselves", func(t *testing.T) {
		config := good
		config.Lifetime, config.MaxAge, config.Grace, config.UserIDPrefix = time.Second, time.Second, time.Minute, "me:"
		_, err := NewPairIssuer(config)
		assert.NoError(t, err)
	})
}

func TestPairDefaults(t *testing.T) {
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Lifetime, c.MaxAge = 0, 0 })
	pair := s.login(t)
	assert.Equal(t, float64(testNow.AddDate(0, 0, 14).Unix()), issued(t, pair.RefreshToken)["exp"])

	s.clock.add(time.Hour)
	next := s.refreshed(t, pair)
	s.clock.add(10 * time.Second)
	assert.Equal(t, next.RefreshToken, s.refreshed(t, pair).RefreshToken, "grace")
	s.clock.add(time.Microsecond)
	s.refuses(t, pair.RefreshToken, ErrReuse)

	pair = s.login(t)
	began := s.clock.now()
	for range 7 { // days 13 to 91
		s.clock.add(13 * 24 * time.Hour)
		if s.clock.now().Before(began.Add(90 * 24 * time.Hour)) {
			pair = s.refreshed(t, pair)
		}
	}
	assert.Equal(t, float64(began.Add(90*24*time.Hour).Unix()), issued(t, pair.RefreshToken)["exp"])
	s.refuses(t, pair.RefreshToken, errExpired)
}

func TestPairIssuersThatWereNotMade(t *testing.T) { // HOSTILE 124
	for name, i := range map[string]*PairIssuer{"nil": nil, "zero": {}} {
		t.Run(name, func(t *testing.T) {
			pair, err := i.LogIn(t.Context(), "42", LoginOptions{})
			assert.ErrorIs(t, err, errNoPairIssuer)
			assert.Zero(t, pair)
			pair, err = i.Refresh(t.Context(), "a.b.c", "")
			assert.ErrorIs(t, err, errNoPairIssuer)
			assert.Zero(t, pair)
			assert.ErrorIs(t, i.LogOut(t.Context(), revocation.Token{ID: "a", Family: "f"}), errNoPairIssuer)
			assert.ErrorIs(t, i.LogOutUser(t.Context(), "42"), errNoPairIssuer)
		})
	}
}

func TestLogIn(t *testing.T) {
	s := newService(t, nil)
	s.people.change(func(a *Account) {
		a.Claims = map[string]any{"permissions": []string{"blog.view_article"}, "tenant": "x"}
	})
	pair := s.loginAs(t, "42", LoginOptions{AuthTime: testNow.Add(-time.Minute), ClientID: "web"})
	assert.Equal(t, "Bearer", pair.TokenType)
	assert.EqualValues(t, 600, pair.ExpiresIn)

	access, text := issued(t, pair.AccessToken), issued(t, pair.RefreshToken)
	assert.NotEqual(t, access["jti"], text["jti"])
	for _, claims := range []map[string]any{access, text} {
		assert.GreaterOrEqual(t, len(claims["jti"].(string)), 26, "128 bits need 26 characters of base32")
		assert.GreaterOrEqual(t, len(claims["fam"].(string)), 26)
		delete(claims, "jti")
	}
	common := map[string]any{
		"sub": "42", "iss": "https://login.example", "aud": "api", "fam": text["fam"], "client_id": "web",
		"iat": 1750000000.0, "oat": 1750000000.7, "auth_time": 1749999940.0,
	}
	plus := func(more map[string]any) map[string]any {
		for name, value := range common {
			more[name] = value
		}
		return more
	}
	assert.Equal(t, plus(map[string]any{
		"typ": "access", "exp": 1750000600.0, "username": "alice", "email": "alice@example.com", "is_staff": true, "is_superuser": false,
		"permissions": []any{"blog.view_article"}, "tenant": "x",
	}), access)
	assert.Equal(t, plus(map[string]any{"typ": "refresh", "exp": 1750086400.0}), text)
	assert.Contains(t, payload(t, pair.RefreshToken), `"oat":1750000000.700000`, "to the microsecond")
	assert.Equal(t, `{"alg":"HS256","typ":"JWT"}`, joseHeader(t, pair.AccessToken))
	assert.Equal(t, `{"alg":"HS256","typ":"refresh+jwt"}`, joseHeader(t, pair.RefreshToken))

	p := s.accepts(t, pair)
	assert.Equal(t, "42", p.UserID())
	assert.True(t, p.HasPermission("blog.view_article"))
	assert.Equal(t, testNow.Add(-time.Minute), p.AuthTime())
	known, err := TokenOf(p)
	require.NoError(t, err)
	assert.Equal(t, text["fam"], known.Family)

	t.Run("another login", func(t *testing.T) {
		other := issued(t, s.login(t).RefreshToken)
		assert.NotEqual(t, text["fam"], other["fam"])
		assert.Equal(t, 1750000000.0, other["auth_time"], "now")
		assert.NotContains(t, other, "client_id")
	})
	t.Run("without issuer and audience", func(t *testing.T) {
		s := newService(t, func(i *IssuerConfig, _ *PairConfig) { i.Issuer, i.Audience = "", nil })
		pair := s.login(t)
		assert.NotContains(t, issued(t, pair.RefreshToken), "iss")
		assert.NotContains(t, issued(t, pair.RefreshToken), "aud")
		s.accepts(t, s.refreshed(t, pair))
	})
	t.Run("several audiences", func(t *testing.T) {
		s := newService(t, func(i *IssuerConfig, _ *PairConfig) { i.Audience = []string{"a", "b"} })
		pair := s.login(t)
		assert.Equal(t, []any{"a", "b"}, issued(t, pair.RefreshToken)["aud"])
		s.accepts(t, s.refreshed(t, pair))
	})
	t.Run("as JSON it is the answer of RFC 6749 section 5.1", func(t *testing.T) {
		assert.JSONEq(t, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":600,"refresh_token":%q}`,
			pair.AccessToken, pair.RefreshToken), string(must(json.Marshal(pair))))
	})
}

// payload and joseHeader return the texts of parts of a token.
func payload(t testing.TB, token string) string    { return tokenPart(t, token, 1) }
func joseHeader(t testing.TB, token string) string { return tokenPart(t, token, 0) }

func tokenPart(t testing.TB, token string, i int) string {
	t.Helper()
	text, err := encoding.DecodeString(strings.Split(token, ".")[i])
	require.NoError(t, err)
	return string(text)
}

func TestLogInRefuses(t *testing.T) {
	cases := []struct {
		name    string
		id      string
		options LoginOptions
		prepare func(*people)
		is      error // nil: any
		want    string
	}{
		{"HOSTILE 58: nobody", "1", LoginOptions{}, nil, runtime.ErrNotFound, ""},
		{"no id", "", LoginOptions{}, nil, runtime.ErrNotFound, ""},
		{"HOSTILE 58: may not", "42", LoginOptions{}, func(p *people) { p.fail(runtime.ErrForbidden) }, runtime.ErrForbidden, ""},
		{"lookup fails", "42", LoginOptions{}, func(p *people) { p.fail(errDown) }, errDown, ""},
		{"another user", "42", LoginOptions{}, func(p *people) { p.accounts["42"] = Account{User: User{ID: "7"}} }, nil, "another user"},
		{"HOSTILE 122: an API key's id", "apikey:x", LoginOptions{}, func(p *people) { p.accounts["apikey:x"] = Account{User: User{ID: "apikey:x"}} }, nil, "claim sub"},
		{"an empty id", "", LoginOptions{}, func(p *people) { p.accounts[""] = Account{} }, nil, "claim sub"},
		{"a name that is not UTF-8", "42", LoginOptions{}, func(p *people) { p.change(func(a *Account) { a.Username = "\xff" }) }, nil, "User"},
		{"auth_time before 1970", "42", LoginOptions{AuthTime: time.Unix(-1, 0)}, nil, nil, "auth_time"},
		{"client that is not UTF-8", "42", LoginOptions{ClientID: "\xff"}, nil, nil, "ClientID"},
		{"client of 1 MiB", "42", LoginOptions{ClientID: strings.Repeat("x", 1<<20)}, nil, nil, "too long"},
	}
	for _, name := range []string{"typ", "fam", "oat", "auth_time", "client_id", "sub", "OAT", "Client_ID", "TYP", "iat", "jti"} {
		cases = append(cases, struct {
			name    string
			id      string
			options LoginOptions
			prepare func(*people)
			is      error
			want    string
		}{"HOSTILE 56: claim " + name, "42", LoginOptions{}, func(p *people) {
			p.change(func(a *Account) { a.Claims = map[string]any{name: "x"} })
		}, nil, `claim "` + name + `" belongs to the issuer`})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newService(t, nil)
			if c.prepare != nil {
				c.prepare(s.people)
			}
			pair, err := s.LogIn(t.Context(), c.id, c.options)
			require.Error(t, err)
			assert.Zero(t, pair)
			assert.True(t, strings.HasPrefix(err.Error(), "log in: "), err)
			assert.Contains(t, err.Error(), c.want)
			if c.is != nil {
				assert.ErrorIs(t, err, c.is)
			}
			assert.NotErrorIs(t, err, runtime.ErrUnavailable)
		})
	}
	t.Run("HOSTILE 63: the store is down", func(t *testing.T) {
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) {
			c.Store = &flakyStore{Store: c.Store, before: map[string]error{"Start": errDown}}
		})
		pair, err := s.LogIn(t.Context(), "42", LoginOptions{})
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		assert.ErrorIs(t, err, errDown)
		assert.Zero(t, pair)
	})
	t.Run("HOSTILE 63: the store hangs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store = hangingStore{c.Store} })
			begin := time.Now()
			pair, err := s.LogIn(t.Context(), "42", LoginOptions{})
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
			assert.Zero(t, pair)
			assert.Equal(t, storeTimeout, time.Since(begin))
		})
	})
}

// A hangingStore answers only when nobody waits any longer.
type hangingStore struct{ refresh.Store }

func (hangingStore) Start(ctx context.Context, _ refresh.Family) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hangingStore) Rotate(ctx context.Context, _ refresh.Rotation) (refresh.Result, error) {
	<-ctx.Done()
	return refresh.Result{}, ctx.Err()
}

func (hangingStore) End(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }

func (hangingStore) EndUser(ctx context.Context, _, _ string, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

// Neither token of a pair serves as the other, even for one who could choose a
// part of it.
func TestPurposes(t *testing.T) { // HOSTILE 53
	s := newService(t, nil)
	pair := s.login(t)
	s.accepts(t, pair)
	assert.Equal(t, "refresh", issued(t, pair.RefreshToken)["typ"], "for readers that look at claims only")
	assert.Equal(t, "access", issued(t, pair.AccessToken)["typ"])

	config := Config{Secret: testSecret, Issuer: "https://login.example", Audience: []string{"api"}, Now: s.clock.now}
	asAccess := signPlain(t, plainHeader, payload(t, pair.RefreshToken))
	for _, typ := range []string{"", "JWT", "at+jwt"} {
		config.Type = typ
		b := must(New(config))
		requireRefused(t, b, pair.RefreshToken, errPurpose)
		requireRefused(t, b, asAccess, errPurpose)
		requireRefused(t, b, signPlain(t, `{"alg":"HS256","typ":"refresh+jwt"}`, payload(t, pair.AccessToken)), errType)
	}
	config.Type = refreshType
	requireRefused(t, must(New(config)), pair.RefreshToken, errPurpose)
	config.Type, config.Claims = "", ClaimNames{UserID: "uid"}
	requireRefused(t, must(New(config)), asAccess, errPurpose)

	s.refuses(t, pair.AccessToken, errPurpose)
	s.refuses(t, asAccess, errType)
	s.refuses(t, signPlain(t, `{"alg":"HS256","typ":"refresh+jwt"}`, payload(t, pair.AccessToken)), errPurpose)
	s.refuses(t, must(s.config.Issuer.Token(alice, TokenOptions{})), errType)
	plain := payload(t, must(s.config.Issuer.Token(alice, TokenOptions{})))
	s.refuses(t, signPlain(t, `{"alg":"HS256","typ":"refresh+jwt"}`, plain), errPurpose)
	s.refreshed(t, pair)
}

// The stores are even shared here, which they should not be.
func TestTokensOfAnotherEnvironment(t *testing.T) { // HOSTILE 53
	here := newService(t, nil)
	for name, change := range map[string]func(*IssuerConfig){
		"other key":      func(c *IssuerConfig) { c.Secret = []byte("another secret of tests, long enough") },
		"other issuer":   func(c *IssuerConfig) { c.Issuer = "https://staging.example" },
		"no issuer":      func(c *IssuerConfig) { c.Issuer = "" },
		"other audience": func(c *IssuerConfig) { c.Audience = []string{"staging"} },
		"no audience":    func(c *IssuerConfig) { c.Audience = nil },
		"other algorithm": func(c *IssuerConfig) {
			c.Keys, c.Secret = must(NewKeyRing(SigningKey{ID: "a", Algorithm: "HS512", Secret: testSecret})), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			there := newService(t, func(i *IssuerConfig, c *PairConfig) { change(i); c.Store = here.store })
			pair := there.login(t)
			there.accepts(t, pair)
			_, err := authenticate(here.backend, pair.AccessToken)
			assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
			here.refuses(t, pair.RefreshToken, runtime.ErrInvalidCredentials)
			there.refreshed(t, pair)

			pair = here.login(t)
			here.accepts(t, pair)
			if name != "no issuer" { // it does not look at it
				_, err = authenticate(there.backend, pair.AccessToken)
				assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
			}
			there.refuses(t, pair.RefreshToken, runtime.ErrUnauthenticated)
			here.refreshed(t, pair)
		})
	}
}

func TestLogOut(t *testing.T) {
	s := newService(t, nil)
	first := s.login(t)
	s.clock.add(time.Minute)
	next := s.refreshed(t, first)
	elsewhere, other := s.login(t), s.loginAs(t, "7", LoginOptions{})

	token, err := TokenOf(s.accepts(t, next))
	require.NoError(t, err)
	require.NoError(t, s.LogOut(t.Context(), token))
	for _, pair := range []Pair{first, next} {
		s.dead(t, pair)
	}
	assert.NoError(t, s.LogOut(t.Context(), token), "once more")
	for _, pair := range []Pair{elsewhere, other} {
		s.accepts(t, pair)
		s.refreshed(t, pair)
	}
	assert.Empty(t, s.reuses)

	t.Run("a token without a family", func(t *testing.T) {
		text := must(s.config.Issuer.Token(alice, TokenOptions{}))
		token, err := TokenOf(s.accepts(t, Pair{AccessToken: text}))
		require.NoError(t, err)
		require.NoError(t, s.LogOut(t.Context(), token))
		_, err = authenticate(s.backend, text)
		assert.ErrorIs(t, err, runtime.ErrRevoked)
	})
	t.Run("the family is dead for as long as an access token of it could live", func(t *testing.T) {
		revocations := &flakyRevocations{Memory: revocation.NewMemory()}
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation = revocations })
		s.backend.revocations = must(revoked.NewAsker(revocations))
		pair := s.login(t)
		token, err := TokenOf(s.accepts(t, pair))
		require.NoError(t, err)
		s.clock.add(testLifetime - time.Second)
		require.NoError(t, s.LogOut(t.Context(), token))
		assert.Equal(t, s.clock.now().Add(testLifetime), revocations.until)
		s.dead(t, pair)
		s.clock.add(time.Hour)
		s.refuses(t, pair.RefreshToken, runtime.ErrUnauthenticated)
	})
}

func TestLogOutWithoutRevocation(t *testing.T) {
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation = nil })
	pair := s.login(t)
	token, err := TokenOf(s.accepts(t, pair))
	require.NoError(t, err)
	require.NoError(t, s.LogOut(t.Context(), token))
	s.refuses(t, pair.RefreshToken, errFamilyEnded)
	s.accepts(t, pair) // until it expires

	token.Family = ""
	assert.ErrorIs(t, s.LogOut(t.Context(), token), errNoWayOut)
	assert.ErrorIs(t, s.LogOut(t.Context(), revocation.Token{}), errNoWayOut)

	pair = s.login(t)
	require.NoError(t, s.LogOutUser(t.Context(), "42"))
	s.refuses(t, pair.RefreshToken, errFamilyEnded)
}

func TestLogOutUser(t *testing.T) {
	s := newService(t, nil)
	first := s.login(t)
	s.clock.add(time.Minute)
	next, second, other := s.refreshed(t, first), s.login(t), s.loginAs(t, "7", LoginOptions{})
	plain := must(s.config.Issuer.Token(alice, TokenOptions{}))

	require.NoError(t, s.LogOutUser(t.Context(), "42"))
	for _, pair := range []Pair{first, next, second} {
		s.dead(t, pair)
	}
	_, err := authenticate(s.backend, plain)
	assert.ErrorIs(t, err, runtime.ErrRevoked, "one without a family")
	s.accepts(t, other)
	s.refreshed(t, other)

	s.clock.add(time.Second) // tokens tell their time in seconds (HOSTILE 66)
	again := s.login(t)
	s.accepts(t, again)
	s.refreshed(t, again)
	assert.Error(t, s.LogOutUser(t.Context(), ""))
}

func TestLogOutWithPrefix(t *testing.T) {
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.UserIDPrefix = "me:" })
	pair := s.login(t)
	assert.Equal(t, "me:42", s.accepts(t, pair).UserID())
	pair = s.refreshed(t, pair)
	require.NoError(t, s.LogOutUser(t.Context(), "42"))
	s.dead(t, pair)

	s.clock.add(time.Second)
	pair = s.login(t)
	token, err := TokenOf(s.accepts(t, pair))
	require.NoError(t, err)
	assert.Equal(t, "me:42", token.UserID)
	require.NoError(t, s.LogOut(t.Context(), token))
	s.dead(t, pair)

	pair = s.loginAs(t, "7", LoginOptions{})
	require.NoError(t, s.revoked.RevokeUser(t.Context(), "https://login.example", "me:7", s.clock.now()))
	s.dead(t, pair)
}

// What was not ended must not look as if it was.
func TestLogOutWithBrokenStores(t *testing.T) { // HOSTILE 63
	for _, broken := range []string{"End", "EndUser", "Revoke", "RevokeFamily", "RevokeUser"} {
		t.Run(broken, func(t *testing.T) {
			store := &flakyStore{Store: refresh.NewMemory()}
			revocations := &flakyRevocations{Memory: revocation.NewMemory()}
			s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store, c.Revocation = store, revocations })
			s.revoked = revocations.Memory
			s.backend.revocations = must(revoked.NewAsker(revocations))
			pair, other := s.login(t), s.loginAs(t, "7", LoginOptions{})
			token, err := TokenOf(s.accepts(t, pair))
			require.NoError(t, err)

			down := map[string]error{broken: errDown}
			store.before = down
			revocations.failing(down)
			concerned := 0
			for name, err := range map[string]error{
				"LogOut": s.LogOut(t.Context(), token), "LogOutUser": s.LogOutUser(t.Context(), "7"),
			} {
				if err == nil {
					continue
				}
				concerned++
				assert.ErrorIs(t, err, runtime.ErrUnavailable, name)
				assert.ErrorIs(t, err, errDown, name)
				assert.NotErrorIs(t, err, runtime.ErrUnauthenticated, name)
			}
			assert.Equal(t, 1, concerned, "each of the calls is of one of them")

			store.before = nil
			revocations.failing(nil)
			require.NoError(t, s.LogOut(t.Context(), token))
			require.NoError(t, s.LogOutUser(t.Context(), "7"))
			s.dead(t, pair)
			s.dead(t, other)
		})
	}
	t.Run("a part that can be ended is", func(t *testing.T) {
		store := &flakyStore{Store: refresh.NewMemory(), before: map[string]error{"End": errDown, "EndUser": errDown}}
		s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store = store })
		down := store.before
		for _, id := range []string{"42", "7"} {
			pair := s.loginAs(t, id, LoginOptions{})
			if id == "42" {
				token, err := TokenOf(s.accepts(t, pair))
				require.NoError(t, err)
				assert.Error(t, s.LogOut(t.Context(), token))
			} else {
				assert.Error(t, s.LogOutUser(t.Context(), id))
			}
			_, err := s.Refresh(t.Context(), pair.RefreshToken, "")
			assert.ErrorIs(t, err, runtime.ErrUnavailable, "it is revoked, and that its family has ended cannot be stored")
			store.before = nil
			s.dead(t, pair)
			store.before = down
		}
	})
	t.Run("HOSTILE 63: they hang", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Store = hangingStore{c.Store} })
			for _, logOut := range []func() error{
				func() error { return s.LogOut(t.Context(), revocation.Token{ID: "a", Family: "f"}) },
				func() error { return s.LogOutUser(t.Context(), "42") },
			} {
				begin := time.Now()
				assert.ErrorIs(t, logOut(), runtime.ErrUnavailable)
				assert.Equal(t, storeTimeout, time.Since(begin))
			}
		})
	})
}

// Who closes the page while the answer is on its way wants to be logged out all
// the more.
func TestLogOutOfAClientThatIsGone(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	revocations := &flakyRevocations{Memory: revocation.NewMemory()} // fails if the context is done, as Memory of refresh does
	s := newService(t, func(_ *IssuerConfig, c *PairConfig) { c.Revocation = revocations })
	s.backend.revocations = must(revoked.NewAsker(revocations))
	pair, other := s.login(t), s.loginAs(t, "7", LoginOptions{})
	token, err := TokenOf(s.accepts(t, pair))
	require.NoError(t, err)
	require.NoError(t, s.LogOut(gone, token))
	s.dead(t, pair)
	require.NoError(t, s.LogOutUser(gone, "7"))
	s.dead(t, other)
}

func TestPairPrintsNoToken(t *testing.T) { // HOSTILE 112
	type response struct {
		Pair
		Name string
	}
	type both struct { // two Strings at one depth: neither is promoted
		Pair
		time.Duration
	}
	type named struct{ P Pair }
	type pointed struct{ P *Pair }
	s := newService(t, nil)
	pair := s.login(t)
	shown := func(format string, value any) {
		t.Helper()
		text := fmt.Sprintf(format, value)
		requireNoToken(t, text, pair.AccessToken, pair.RefreshToken)
		require.NotEmpty(t, text)
	}
	for _, value := range []any{
		pair, &pair, []Pair{pair}, []*Pair{&pair}, [1]Pair{pair}, map[string]Pair{"a": pair}, map[Pair]bool{pair: true},
		response{pair, "x"}, &response{pair, "x"}, both{pair, 1}, named{pair}, &named{pair}, pointed{&pair}, []any{pair}, errors.Join(fmt.Errorf("%v", pair)),
	} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%10v", "%-40s"} {
			shown(format, value)
		}
	}
	for _, text := range []string{fmt.Sprint(pair), fmt.Sprintln(&pair), pair.String(), pair.GoString(), pair.LogValue().String()} {
		requireNoToken(t, text, pair.AccessToken, pair.RefreshToken)
	}

	var log bytes.Buffer
	for name, handler := range map[string]slog.Handler{"text": slog.NewTextHandler(&log, nil), "JSON": slog.NewJSONHandler(&log, nil)} {
		logger := slog.New(handler).With("pair", pair)
		logger.Info("x", "a", pair, "b", &pair, "c", response{pair, "x"}, slog.Group("g", "d", pair))
		if name == "text" {
			logger.Info("x", "a", []Pair{pair}, "b", named{pair})
		}
	}
	require.Contains(t, log.String(), "jwtauth.Pair")
	requireNoToken(t, log.String(), pair.AccessToken, pair.RefreshToken)

	require.Panics(t, func() { requireNoToken(panicky{t}, pair.AccessToken, pair.AccessToken) }, "the test can fail")
}

// A panicky test panics instead of failing.
type panicky struct{ testing.TB }

func (panicky) Helper()               {}
func (panicky) Errorf(string, ...any) {}
func (panicky) FailNow()              { panic("failed") }

// Whoever reads what is stored finds nothing to log in with.
func TestStoreHoldsNoToken(t *testing.T) { // HOSTILE 112
	s := newService(t, nil)
	var tokens []string
	var families []string
	for range 3 {
		pair := s.login(t)
		families = append(families, issued(t, pair.RefreshToken)["fam"].(string))
		for range 3 {
			tokens = append(tokens, pair.AccessToken, pair.RefreshToken)
			pair = s.refreshed(t, pair)
		}
		tokens = append(tokens, pair.AccessToken, pair.RefreshToken)
	}
	stored := contents(reflect.ValueOf(s.store))
	for _, family := range families {
		require.Contains(t, stored, family, "all is found that is stored")
	}
	requireNoToken(t, stored, tokens...)
	for _, token := range tokens {
		require.NotContains(t, stored, issued(t, token)["jti"], "nor can one be made up from it")
	}
}

// contents returns all texts and bytes that can be reached from a value.
func contents(v reflect.Value) string {
	var all strings.Builder
	write(&all, v)
	return all.String()
}

func write(w io.StringWriter, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			write(w, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			write(w, v.Field(i))
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			write(w, entries.Key())
			write(w, entries.Value())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			write(w, v.Index(i))
		}
		_, _ = w.WriteString("\n")
	case reflect.Uint8:
		_, _ = w.WriteString(string([]byte{byte(v.Uint())}))
	case reflect.String:
		_, _ = w.WriteString(v.String() + "\n")
	}
}
