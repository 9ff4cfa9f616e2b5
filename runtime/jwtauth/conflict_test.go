package jwtauth

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func noCheck(context.Context, *runtime.Principal) error { return nil }

// nowhere compares with nothing, as some stores do.
type nowhere struct {
	storeFunc
	_ []int
}

// HOSTILE 117: backends that trust the same key under other rules. What one
// refuses, a revoked token for example, the other would accept.
func TestConflicts(t *testing.T) {
	store := revocation.NewMemory()
	ring := must(NewKeyRing(SigningKey{ID: "1", Algorithm: "HS256", Secret: testSecret}, SigningKey{Algorithm: "ES256", PrivateKey: ecKey()}))
	keysOf := func(keys ...Key) KeySet { return must(NewKeySet(keys...)) }
	ringOf := func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, ring, []string{"HS256", "ES256"} }
	both := func(changes ...func(*Config)) func(*Config) {
		return func(c *Config) {
			for _, change := range changes {
				change(c)
			}
		}
	}
	cases := []struct {
		name       string
		one, other func(*Config) // nil: as it is
		rule       string        // empty: no conflict
	}{
		{"one careful, the other careless", func(c *Config) { c.Revocation = store }, func(c *Config) { c.RequireJTI = true }, "Revocation"},
		{"one careful, the other wholly careless", func(c *Config) { c.Revocation = store }, nil, "RequireJTI"},
		{"two stores", func(c *Config) { c.Revocation = store }, func(c *Config) { c.Revocation = revocation.NewMemory() }, "Revocation"},
		{"stores that cannot be compared", func(c *Config) { c.Revocation = nowhere{} }, func(c *Config) { c.Revocation = nowhere{} }, "Revocation"},
		{"functions as stores", func(c *Config) { c.Revocation = storeFunc(neverRevoked) }, func(c *Config) { c.Revocation = storeFunc(neverRevoked) }, "Revocation"},
		{"audiences", func(c *Config) { c.Audience = []string{"a"} }, func(c *Config) { c.Audience = []string{"b"} }, "Audience"},
		{"audience and none", func(c *Config) { c.Audience = []string{"a"} }, nil, "Audience"},
		{"one audience more", func(c *Config) { c.Audience = []string{"a"} }, func(c *Config) { c.Audience = []string{"a", "b"} }, "Audience"},
		{"issuer and none", func(c *Config) { c.Issuer = issuerA }, nil, "Issuer"},
		{"type", func(c *Config) { c.Type = "at+jwt" }, nil, "Type"},
		{"leeway", func(c *Config) { c.Leeway = time.Second }, nil, "Leeway"},
		{"age", func(c *Config) { c.MaxAge = time.Hour }, func(c *Config) { c.MaxAge = time.Minute }, "MaxAge"},
		{"id", func(c *Config) { c.RequireJTI = true }, nil, "RequireJTI"},
		{"check", func(c *Config) { c.Check = noCheck }, nil, "Check"},
		{"two checks", func(c *Config) { c.Check = noCheck }, func(c *Config) { c.Check = func(context.Context, *runtime.Principal) error { return nil } }, "Check"},
		{"claims", func(c *Config) { c.Claims.Superuser = NoClaim }, nil, "Claims"},
		{"names of claims", func(c *Config) { c.Claims.Permissions = "roles" }, func(c *Config) { c.Claims.Permissions = "groups" }, "Claims"},
		{"prefix", func(c *Config) { c.UserIDPrefix = "a:" }, nil, "UserIDPrefix"},
		{"one of several issuers", both(ringOf, func(c *Config) { c.Issuer = issuerA }), func(c *Config) {
			c.Issuer, c.Secret, c.Others = issuerB, otherSecret, []TrustedIssuer{{Issuer: issuerA, Keys: ring, Algorithms: []string{"ES256"}, UserIDPrefix: "a:"}}
		}, "UserIDPrefix"},
		{"others whose users the first must not name", func(c *Config) { c.Issuer = issuerA }, func(c *Config) {
			c.Issuer, c.Others = issuerA, []TrustedIssuer{{Issuer: issuerB, Secret: otherSecret, UserIDPrefix: "b:"}}
		}, "Others"},
		{"one key ring", both(ringOf, func(c *Config) { c.Leeway = time.Second }), ringOf, "Leeway"},
		{"one key ring, one common algorithm", both(ringOf, func(c *Config) { c.Leeway = time.Second }), func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, ring, []string{"ES256"} }, "Leeway"},
		{"a key ring and its secret", both(ringOf, func(c *Config) { c.Leeway = time.Second }), nil, "Leeway"},
		{"a key ring and its public key", both(ringOf, func(c *Config) { c.Leeway = time.Second }), func(c *Config) {
			c.Secret, c.Keys, c.Algorithms = nil, must(ParsePEM(publicPEM(t, ecKey()), publicPEM(t, rsaKey()))), []string{"RS256", "ES256"}
		}, "Leeway"},
		{"the same key under another id", func(c *Config) {
			c.Secret, c.Keys, c.Algorithms = nil, keysOf(Key{ID: "x", Secret: testSecret}), []string{"HS256"}
		}, func(c *Config) { c.Leeway = 1 }, "Leeway"},
		{"one common key of several", func(c *Config) {
			c.Secret, c.Keys, c.Algorithms = nil, keysOf(Key{Secret: otherSecret}, Key{Secret: testSecret}), []string{"HS512", "HS256"}
		}, func(c *Config) { c.Leeway = 1 }, "Leeway"},

		{"the same", nil, nil, ""},
		{"the same, all set", func(c *Config) {
			c.Audience, c.Issuer, c.Type, c.Leeway, c.MaxAge, c.Revocation, c.Check = []string{"a", "b"}, issuerA, "at+jwt", 1, 2, store, noCheck
			c.Claims = ClaimNames{UserID: "sub", Scope: "scp"}
		}, func(c *Config) {
			c.Audience, c.Issuer, c.Type, c.Leeway, c.MaxAge, c.Revocation, c.Check = []string{"b", "a", "a"}, issuerA, "application/AT+JWT", 1, 2, store, noCheck
			c.Claims, c.RequireJTI = ClaimNames{Scope: "scp", Staff: "is_staff"}, true
		}, ""},
		{"header and cookie", func(c *Config) { c.Revocation = store }, func(c *Config) {
			c.Revocation, c.Cookie, c.Header, c.Query, c.WebSocketProtocol, c.CacheSize = store, testCookie, "X-Token", "t", "bearer", -1
		}, ""},
		{"other keys", func(c *Config) { c.Secret = otherSecret }, func(c *Config) { c.Audience = []string{"a"} }, ""},
		{"other issuers", func(c *Config) { c.Issuer = issuerA }, func(c *Config) { c.Issuer, c.Audience = issuerB, []string{"a"} }, ""},
		{"no common algorithm", func(c *Config) { c.Algorithms = []string{"HS512"} }, func(c *Config) { c.Leeway = 1 }, ""},
		{"one key ring, no common algorithm", func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, ring, []string{"ES256"} }, func(c *Config) {
			c.Secret, c.Keys, c.Algorithms, c.Leeway = nil, ring, []string{"HS256"}, 1
		}, ""},
		{"a common algorithm that neither key of both is for", func(c *Config) {
			c.Secret, c.Keys, c.Algorithms = nil, keysOf(Key{Secret: testSecret, Algorithm: "HS256"}, Key{Secret: otherSecret, Algorithm: "HS512"}), []string{"HS256", "HS512"}
		}, func(c *Config) { c.Algorithms, c.Leeway = []string{"HS512"}, 1 }, ""},
		{"keys that are not known yet", func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, new(changingKeys), []string{"HS256"} }, func(c *Config) { c.Leeway = 1 }, ""},
		{"several issuers, none in common", both(ringOf, func(c *Config) { c.Issuer = issuerA }), func(c *Config) {
			c.Issuer, c.Others = issuerB, []TrustedIssuer{{Issuer: issuerC, Keys: ring, Algorithms: []string{"ES256"}, UserIDPrefix: "c:"}}
		}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			one, other := newTestBackend(t, c.one), newTestBackend(t, c.other)
			for _, pair := range [][2]*Backend{{one, other}, {other, one}} {
				err := pair[0].ConflictsWith(pair[1])
				if c.rule == "" {
					assert.NoError(t, err)
				} else {
					assert.ErrorContains(t, err, "under different rules: "+c.rule)
				}
				assert.NoError(t, pair[0].ConflictsWith(disguised{pair[1]}), "it cannot look into others")
			}
		})
	}
}

// disguised is a backend that does not look like one of tokens.
type disguised struct{ runtime.Authenticator }

func neverRevoked(context.Context, revocation.Token) (bool, error) { return false, nil }

func TestConflictsWithOthers(t *testing.T) { // HOSTILE 124
	b := newTestBackend(t, nil)
	keys := must(apikey.New(apikey.Config{Keys: []apikey.Key{{ID: "ci", Secret: "a-key-of-tests"}}}))
	for name, other := range map[string]runtime.Authenticator{"API keys": keys, "nil": nil, "typed nil": (*Backend)(nil), "zero": new(Backend)} {
		assert.NoError(t, b.ConflictsWith(other), name)
	}
	assert.NoError(t, (*Backend)(nil).ConflictsWith(b))
	assert.NoError(t, new(Backend).ConflictsWith(b))
}

// Sets of one address are one set, even before it is known what is in it.
func TestConflictsOfJWKSURLs(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	set := func(path string) KeySet {
		keys, err := JWKSURL(t.Context(), server.URL+path, WithLateStart(), WithFetchObserver(func(error) {}))
		require.NoError(t, err)
		return keys
	}
	with := func(keys KeySet, leeway time.Duration) *Backend {
		return newTestBackend(t, func(c *Config) {
			c.Secret, c.Keys, c.Algorithms, c.Issuer, c.Leeway = nil, keys, []string{"RS256"}, issuerA, leeway
		})
	}
	one, same, another := set("/a"), set("/a"), set("/b")
	assert.ErrorContains(t, with(one, 0).ConflictsWith(with(same, 1)), "Leeway")
	assert.ErrorContains(t, with(one, 0).ConflictsWith(with(one, 1)), "Leeway")
	assert.NoError(t, with(one, 1).ConflictsWith(with(same, 1)))
	assert.NoError(t, with(one, 0).ConflictsWith(with(another, 1)))
}

// HOSTILE 117: a list with both is an error of the server, and says where to look.
func TestConflictIsAnErrorOfTheAPI(t *testing.T) {
	careful := newTestBackend(t, func(c *Config) { c.Issuer, c.Revocation = issuerA, revocation.NewMemory() })
	careless := newTestBackend(t, func(c *Config) { c.Issuer, c.RequireJTI = issuerA, true })
	cookies := newTestBackend(t, func(c *Config) { c.Issuer, c.RequireJTI, c.Cookie = issuerA, true, testCookie })
	keys := must(apikey.New(apikey.Config{Keys: []apikey.Key{{ID: "ci", Secret: "a-key-of-tests"}}}))
	lists := map[string]struct {
		backends []runtime.Backend
		want     string
	}{
		"both":             {[]runtime.Backend{{Expr: "s.JWT", Authenticator: careful}, {Expr: "s.Other", Authenticator: careless}}, "s.JWT and s.Other"},
		"the other order":  {[]runtime.Backend{{Expr: "s.Other", Authenticator: careless}, {Expr: "s.JWT", Authenticator: careful}}, "s.Other and s.JWT"},
		"with one between": {[]runtime.Backend{{Expr: "s.JWT", Authenticator: careful}, {Expr: "s.Keys", Authenticator: keys}, {Expr: "s.Other", Authenticator: careless}}, "s.JWT and s.Other"},
		"none":             {[]runtime.Backend{{Expr: "s.JWT", Authenticator: careless}, {Expr: "s.Keys", Authenticator: keys}, {Expr: "s.Cookie", Authenticator: cookies}}, ""},
	}
	for name, list := range lists {
		t.Run(name, func(t *testing.T) {
			api := runtime.NewAPI("blog.NewGuardedServer")
			api.Backends(list.backends...)
			if list.want == "" {
				assert.NoError(t, api.Err())
				return
			}
			assert.EqualError(t, api.Err(), fmt.Sprintf("blog.NewGuardedServer: backends %s: both accept tokens of the issuer %q that one key has signed, under different rules: Revocation", list.want, issuerA))
		})
	}
	t.Run("in lists of their own they are no concern of each other", func(t *testing.T) {
		api := runtime.NewAPI("blog.NewGuardedServer")
		api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: careful})
		api.Backends(runtime.Backend{Expr: "s.Other", Authenticator: careless})
		assert.NoError(t, api.Err())
	})
}
