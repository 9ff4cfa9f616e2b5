package jwtauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const testCookie = "__Host-jwt"

// remembered returns the texts of all tokens that a backend remembers.
func remembered(b *Backend) []string {
	var texts []string
	for _, entry := range entries(b) {
		texts = append(texts, entry.text)
	}
	return texts
}

func entries(b *Backend) []*cached {
	var all []*cached
	for i := range b.cache.sets {
		for j := range b.cache.sets[i] {
			if entry := b.cache.sets[i][j].Load(); entry != nil {
				all = append(all, entry)
			}
		}
	}
	return all
}

// requireHit asserts that the token is accepted, and was remembered: the
// principal is the very same.
func requireHit(t testing.TB, b *Backend, token string) *runtime.Principal {
	t.Helper()
	v := b.cache.find(token, false)
	require.NotNil(t, v)
	p, err := authenticate(b, token)
	require.NoError(t, err)
	require.Same(t, v.principal, p)
	return p
}

// requireWarm has the token remembered.
func requireWarm(t *testing.T, b *Backend, token string) *runtime.Principal {
	t.Helper()
	p := requireAccepted(t, b, token)
	require.Same(t, p, requireHit(t, b, token))
	return p
}

func fromCookie(b *Backend, token string) (*runtime.Principal, error) {
	return b.Authenticate(&http.Request{Header: http.Header{"Cookie": {testCookie + "=" + token}}})
}

// HOSTILE 72, 74: what a clock can do to a token that is remembered.
func TestHitJudgesTimesAgain(t *testing.T) {
	type step struct {
		after time.Duration
		err   error // nil: accepted
	}
	const second = time.Second
	cases := []struct {
		name   string
		claims string
		change func(*Config)
		steps  []step
	}{
		{"expires", plainClaims, nil, []step{
			{time.Hour - 1, nil}, {time.Hour, errExpired}, {24 * time.Hour, errExpired}, {time.Hour - 1, nil}, {time.Hour + 1, errExpired}, {0, nil},
		}},
		{"issued in the future", plainClaims, nil, []step{
			{-60 * second, nil}, {-60*second - 1, errFuture}, {-time.Hour, errFuture}, {0, nil}, {-time.Hour, errFuture}, {time.Hour, errExpired}, {0, nil},
		}},
		{"not yet valid", with("iat", "", "nbf", "1750000000"), nil, []step{
			{-1, errEarly}, {-time.Hour, errEarly}, {0, nil}, {-1, errEarly}, {time.Hour, errExpired}, {1, nil},
		}},
		{"too old", plainClaims, func(c *Config) { c.MaxAge = time.Minute }, []step{
			{time.Minute, nil}, {time.Minute + 1, errAge}, {30 * time.Minute, errAge}, {0, nil}, {time.Hour, errExpired},
		}},
		{"leeway", with("nbf", "1750000000"), func(c *Config) { c.MaxAge, c.Leeway = time.Minute, second }, []step{
			{time.Minute + second, nil}, {time.Minute + second + 1, errAge}, {-second, nil}, {-second - 1, errEarly}, {0, nil},
		}},
		{"no longer than the leeway", plainClaims, func(c *Config) { c.Leeway = second }, []step{
			{time.Hour + second - 1, nil}, {time.Hour + second, errExpired}, {time.Hour + second - 1, nil},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			now := testNow
			b := newTestBackend(t, func(config *Config) {
				config.Now = func() time.Time { return now }
				if c.change != nil {
					c.change(config)
				}
			})
			token := signPlain(t, plainHeader, c.claims)
			requireWarm(t, b, token)
			for i, step := range c.steps {
				now = testNow.Add(step.after)
				if step.err != nil {
					requireRefused(t, b, token, step.err)
				} else {
					requireHit(t, b, token)
				}
				require.Equal(t, []string{token}, remembered(b), "step %d", i)
			}
		})
	}
}

// HOSTILE 72: revoked while remembered, in each of the ways there are.
func TestRevokedWhileRemembered(t *testing.T) {
	token := signPlain(t, plainHeader, with("fam", `"f"`))
	for name, revoke := range map[string]func(context.Context, *revocation.Memory, revocation.Token) error{
		"the token": func(ctx context.Context, m *revocation.Memory, known revocation.Token) error {
			return m.Revoke(ctx, known)
		},
		"its user": func(ctx context.Context, m *revocation.Memory, known revocation.Token) error {
			return m.RevokeUser(ctx, known.Issuer, known.UserID, testNow)
		},
		"its family": func(ctx context.Context, m *revocation.Memory, known revocation.Token) error {
			return m.RevokeFamily(ctx, known.Issuer, known.Family, known.Expires)
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := revocation.NewMemory()
			b := withStore(t, store)
			known, err := TokenOf(requireWarm(t, b, token))
			require.NoError(t, err)
			require.NoError(t, revoke(t.Context(), store, known))
			for range 3 {
				p, err := authenticate(b, token)
				assert.ErrorIs(t, err, runtime.ErrRevoked)
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials, "HOSTILE 117")
				assert.Nil(t, p)
			}
		})
	}
	t.Run("HOSTILE 63: the store fails later", func(t *testing.T) {
		var answers []error
		asked := 0
		b := withStore(t, storeFunc(func(_ context.Context, known revocation.Token) (bool, error) {
			assert.Equal(t, revocation.Token{ID: "a-1", UserID: "42", Family: "f", IssuedAt: testNow, Expires: testNow.Add(time.Hour)}, known)
			asked++
			return false, answers[asked-1]
		}))
		answers = []error{nil, nil, errors.New("connection refused"), nil}
		requireWarm(t, b, token)
		_, err := authenticate(b, token)
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		requireHit(t, b, token)
		assert.Equal(t, len(answers), asked, "it is asked each time")
	})
}

// HOSTILE 58, 72: Check is asked each time, about the same principal.
func TestCheckIsAskedOnHits(t *testing.T) {
	var answer error
	asked := map[*runtime.Principal]int{}
	b := newTestBackend(t, func(c *Config) {
		c.Check = func(_ context.Context, p *runtime.Principal) error { asked[p]++; return answer }
	})
	token := signPlain(t, plainHeader, plainClaims)
	p := requireWarm(t, b, token)
	answer = runtime.ErrForbidden
	for range 3 {
		got, err := authenticate(b, token)
		assert.ErrorIs(t, err, runtime.ErrRevoked)
		assert.Nil(t, got)
	}
	answer = nil
	requireHit(t, b, token)
	assert.Equal(t, map[*runtime.Principal]int{p: 6}, asked)
}

// changingKeys is a KeySet whose keys tests change. nil: they are not known.
type changingKeys struct{ keys *keys }

func (c *changingKeys) current() (*keys, error) {
	if c.keys == nil {
		return nil, errNoKeysYet
	}
	return c.keys, nil
}

func (c *changingKeys) newer(context.Context, *keys) *keys { return nil }

// HOSTILE 72, 77: a key that is not trusted any more takes what it signed with
// it, at once.
func TestKeyRemovedWhileRemembered(t *testing.T) {
	first := SigningKey{ID: "1", Algorithm: "HS256", Secret: testSecret}
	second := SigningKey{ID: "2", Algorithm: "ES256", PrivateKey: ecKey()}
	ring, err := NewKeyRing(first, second)
	require.NoError(t, err)
	b := newTestBackend(t, func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, ring, []string{"HS256", "ES256"} })
	old := signPlain(t, `{"alg":"HS256","kid":"1"}`, plainClaims)
	young := sign(t, "ES256", ecKey(), `{"alg":"ES256","kid":"2"}`, plainClaims)
	p := requireWarm(t, b, old)
	requireWarm(t, b, young)

	require.NoError(t, ring.Remove("1"))
	requireRefused(t, b, old, errSignature)
	requireRefused(t, b, old, errSignature)
	requireWarm(t, b, young)
	assert.ElementsMatch(t, []string{old, young}, remembered(b), "each once: verified again, it takes its old place")

	require.NoError(t, ring.Add(SigningKey{ID: "1", Algorithm: "HS256", Secret: []byte("another secret, which is long enough too")}))
	requireRefused(t, b, old, errSignature) // HOSTILE 77: the same kid, a new key

	require.NoError(t, ring.Remove("1"))
	require.NoError(t, ring.Add(first))
	assert.NotSame(t, p, requireWarm(t, b, old), "what was remembered of it counts no more")
	assert.ElementsMatch(t, []string{old, young}, remembered(b))

	t.Run("HOSTILE 75: keys that are not known any more", func(t *testing.T) {
		set := &changingKeys{keys: must(newFixedKeys([]Key{{Secret: testSecret}})).keys}
		b := newTestBackend(t, func(c *Config) { c.Secret, c.Keys, c.Algorithms = nil, set, []string{"HS256"} })
		token := signPlain(t, plainHeader, plainClaims)
		requireWarm(t, b, token)
		set.keys = nil
		p, err := authenticate(b, token)
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials, "another backend could answer")
		assert.Nil(t, p)
	})
}

// HOSTILE 72: what one backend remembers is nothing to another.
func TestAnotherBackendJudgesForItself(t *testing.T) {
	keys := must(newFixedKeys([]Key{{Secret: testSecret}}))
	newBackend := func(change func(*Config)) *Backend {
		return newTestBackend(t, func(c *Config) {
			c.Secret, c.Keys, c.Algorithms = nil, keys, []string{"HS256"}
			change(c)
		})
	}
	token := signPlain(t, plainHeader, with("aud", `"api"`, "iss", `"me"`))
	b := newBackend(func(c *Config) { c.Audience = []string{"api"} })
	requireWarm(t, b, token)
	for reason, change := range map[error]func(*Config){
		errAudience:   func(c *Config) { c.Audience = []string{"other-api"} },
		errNoAudience: func(c *Config) { c.Audience = nil },
		errIssuer:     func(c *Config) { c.Audience, c.Issuer = []string{"api"}, "you" },
		errType:       func(c *Config) { c.Audience, c.Type = []string{"api"}, "at+jwt" },
	} {
		other := newBackend(change)
		requireRefused(t, other, token, reason)
		assert.Empty(t, remembered(other))
		requireHit(t, b, token)
	}
	third := newBackend(func(c *Config) { c.Audience, c.UserIDPrefix = []string{"api"}, "me:" })
	assert.Equal(t, "me:42", requireWarm(t, third, token).UserID())
	assert.Equal(t, "42", requireHit(t, b, token).UserID())
}

// HOSTILE 116: parts of a token that is remembered open nothing.
func TestPartsOfRememberedTokens(t *testing.T) {
	b := newTestBackend(t, func(c *Config) { c.CacheSize = 1 }) // one set: all texts share their places
	good := signPlain(t, plainHeader, plainClaims)
	p := requireWarm(t, b, good)
	parts := strings.Split(good, ".")
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, text := range map[string]string{
		"another payload":             parts[0] + "." + encode(with("sub", `"1"`)) + "." + parts[2],
		"a payload of the same size":  parts[0] + "." + encode(strings.Replace(plainClaims, "42", "43", 1)) + "." + parts[2],
		"another header":              encode(`{"alg":"HS256"}`) + "." + parts[1] + "." + parts[2],
		"header and payload swapped":  parts[1] + "." + parts[0] + "." + parts[2],
		"only the signature":          parts[2],
		"dots and the signature":      ".." + parts[2],
		"only the end of it":          good[len(good)-hashed:],
		"without the first character": good[1:],
		"something before":            "A" + good,
		"without the last character":  good[:len(good)-1],
		"the last character changed":  good[:len(good)-1] + spare(good[len(good)-1:]),
		"one bit of the payload":      strings.Replace(good, parts[1], parts[1][:30]+spare(parts[1][30:31])+parts[1][31:], 1),
		"two in a row":                good + good,
		"with a dot":                  good + ".",
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, good, text)
			got, err := authenticate(b, text)
			assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
			assert.Nil(t, got)
			assert.Equal(t, []string{good}, remembered(b))
			assert.Same(t, p, requireHit(t, b, good))
		})
	}
	_, err := authenticate(b, "")
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
}

// HOSTILE 73: the hash picks a place and nothing else, and no two parts of what
// counts are joined.
func TestTextsOfOneHash(t *testing.T) {
	c, err := newCache(1)
	require.NoError(t, err)
	end := strings.Repeat("s", hashed)
	texts := []string{"a" + end, "b" + end, "ab" + end, end}
	for _, text := range texts {
		require.Equal(t, c.hash(end), c.hash(text))
	}
	added := map[string]*cached{}
	for _, text := range texts {
		for _, ambient := range []bool{false, true} {
			assert.Nil(t, c.find(text, ambient))
			entry := new(cached)
			added[fmt.Sprint(text, ambient)] = entry
			entry.verified.trust = &trust{keys: new(changingKeys)} // asked if the set is full
			c.add(text, ambient, entry)
		}
	}
	for _, text := range texts {
		for _, ambient := range []bool{false, true} {
			assert.Same(t, &added[fmt.Sprint(text, ambient)].verified, c.find(text, ambient))
		}
	}
	assert.Nil(t, c.find("c"+end, false))
	assert.Nil(t, c.find("", false), "shorter than what is hashed")
}

// A token from the header is not ambient, and the same one from a cookie is:
// none of them must be taken for the other, in whichever order they come.
func TestAmbientIsNotShared(t *testing.T) {
	token := signPlain(t, plainHeader, plainClaims)
	other := signPlain(t, plainHeader, with("jti", `"a-2"`))
	b := newTestBackend(t, func(c *Config) { c.Cookie, c.Query = testCookie, "access_token" })
	header := func(token string) *runtime.Principal { return must(authenticate(b, token)) }
	cookie := func(token string) *runtime.Principal { return must(fromCookie(b, token)) }
	query := func(token string) *runtime.Principal {
		return must(b.Authenticate(must(http.NewRequest("GET", "/?access_token="+token, nil))))
	}
	for range 3 {
		assert.False(t, header(token).Ambient())
		assert.True(t, cookie(token).Ambient())
		assert.False(t, query(token).Ambient())
		assert.True(t, cookie(other).Ambient())
		assert.False(t, query(other).Ambient())
		assert.False(t, header(other).Ambient())
	}
	assert.Same(t, header(token), query(token))
	assert.ElementsMatch(t, []string{token, token, other, other}, remembered(b))
}

// HOSTILE 61: other texts of the same claims are other tokens to the cache, and
// the same one to whoever revokes it.
func TestOtherTextsOfTheSameClaims(t *testing.T) {
	store := revocation.NewMemory()
	config := verifyConfig(t, "ES256")
	config.Revocation = store
	b, err := New(config)
	require.NoError(t, err)
	good := sign(t, "ES256", ecKey(), `{"alg":"ES256"}`, plainClaims)
	cut := strings.LastIndexByte(good, '.') + 1
	signature := must(base64.RawURLEncoding.DecodeString(good[cut:]))
	n, s := ecKey().Params().N, new(big.Int).SetBytes(signature[32:])
	twin := good[:cut] + base64.RawURLEncoding.EncodeToString(append(signature[:32:32], new(big.Int).Sub(n, s).FillBytes(make([]byte, 32))...))
	spaced := sign(t, "ES256", ecKey(), `{"alg":"ES256"}`, " "+plainClaims)

	p := requireWarm(t, b, good)
	for _, text := range []string{twin, spaced} {
		require.Nil(t, b.cache.find(text, false))
		assert.NotSame(t, p, requireWarm(t, b, text))
	}
	require.NoError(t, store.Revoke(t.Context(), must(TokenOf(p))))
	for _, text := range []string{good, twin, spaced} {
		_, err := authenticate(b, text)
		assert.ErrorIs(t, err, runtime.ErrRevoked)
	}
}

func TestLongTokensAreNotRemembered(t *testing.T) {
	b := newTestBackend(t, nil)
	sized := map[int]string{}
	for pad := 2800; len(sized) < 9; pad++ {
		token := signPlain(t, plainHeader, with("x", `"`+strings.Repeat("x", pad)+`"`))
		if len(token) > maxCached-8 {
			sized[len(token)] = token
		}
	}
	require.Contains(t, sized, maxCached)
	sized[maxToken/2] = signPlain(t, plainHeader, with("x", `"`+strings.Repeat("x", maxToken/2)+`"`))
	for size, token := range sized {
		p, again := requireAccepted(t, b, token), requireAccepted(t, b, token)
		assert.Equal(t, len(token) <= maxCached, slices.Contains(remembered(b), token), "%d bytes", size)
		assert.Equal(t, len(token) <= maxCached, p == again, "%d bytes", size)
	}
}

func TestBadTokensAreNotRemembered(t *testing.T) {
	b := newTestBackend(t, func(c *Config) {
		c.Issuer, c.Audience, c.MaxAge, c.RequireJTI, c.Cookie = "me", []string{"api"}, time.Hour, true, testCookie
		c.Others = []TrustedIssuer{{Issuer: "you", Secret: []byte("another secret, which is long enough too"), UserIDPrefix: "you:"}}
	})
	claims := func(changes ...string) string {
		return with(append([]string{"iss", `"me"`, "aud", `"api"`}, changes...)...)
	}
	good := signPlain(t, plainHeader, claims())
	bad := map[string]string{
		"forged":             good[:len(good)-4] + "AAAA",
		"another key":        sign(t, "HS256", []byte("another secret, which is long enough too"), plainHeader, claims()),
		"none":               signPlain(t, `{"alg":"none"}`, claims()),
		"another type":       signPlain(t, `{"alg":"HS256","typ":"dpop+jwt"}`, claims()),
		"expired":            signPlain(t, plainHeader, claims("exp", "1749999999", "iat", "1749999000")),
		"not yet valid":      signPlain(t, plainHeader, claims("nbf", "1750000001")),
		"from the future":    signPlain(t, plainHeader, claims("iat", "1750000061")),
		"too old":            signPlain(t, plainHeader, claims("iat", "1749996399")),
		"another audience":   signPlain(t, plainHeader, claims("aud", `"other"`)),
		"another issuer":     signPlain(t, plainHeader, claims("iss", `"they"`)),
		"no issuer":          signPlain(t, plainHeader, claims("iss", "")),
		"no id":              signPlain(t, plainHeader, claims("jti", "")),
		"no user":            signPlain(t, plainHeader, claims("sub", "")),
		"another's user":     signPlain(t, plainHeader, claims("sub", `"you:42"`)),
		"a refresh token":    signPlain(t, plainHeader, claims("typ", `"refresh"`)),
		"no token":           "x",
		"claims not strict":  signPlain(t, plainHeader, claims()+" x"),
		"more than one text": good + "," + good,
	}
	for name, token := range bad {
		t.Run(name, func(t *testing.T) {
			requireRefused(t, b, token, runtime.ErrInvalidCredentials)
			p, err := fromCookie(b, token)
			assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
			assert.Nil(t, p)
			assert.Empty(t, remembered(b))
		})
	}
	requireWarm(t, b, good)
}

// floodSigner returns a function that makes valid tokens, all different.
func floodSigner(secret []byte) func(i int) string {
	header := base64.RawURLEncoding.EncodeToString([]byte(plainHeader))
	return func(i int) string {
		text := header + "." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"sub":"u%d","exp":1750003600,"jti":"%d"}`, i, i))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
}

// floodSize is how many tokens a flood has. With the race detector each costs ten
// times as much.
func floodSize() int {
	if poolLosses > 0 {
		return 20_000
	}
	return 100_000
}

// HOSTILE 67: 100,000 valid tokens that come once take each other's places, not
// those of tokens that are in use, and no more memory than there is.
func TestFloodOfValidTokens(t *testing.T) {
	for _, size := range []int{1, 100, 0} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			b := newTestBackend(t, func(c *Config) { c.CacheSize = size })
			flood := floodSigner(testSecret)
			var used []string
			for i := range 3 {
				used = append(used, signPlain(t, plainHeader, with("sub", fmt.Sprintf("%q", "in use "+fmt.Sprint(i)))))
				requireWarm(t, b, used[i])
			}
			once := signPlain(t, plainHeader, with("sub", `"once"`))
			requireAccepted(t, b, once)
			for i := range floodSize() {
				p, err := authenticate(b, flood(i))
				if err != nil || p.UserID() != fmt.Sprint("u", i) {
					t.Fatal(p, err)
				}
			}
			assert.LessOrEqual(t, len(entries(b)), len(b.cache.sets)*ways)
			assert.Greater(t, len(entries(b)), len(b.cache.sets)*ways/2, "the memory that there is is used")
			for _, token := range used {
				requireHit(t, b, token)
			}
			if size > 0 {
				assert.NotContains(t, remembered(b), once, "it made room")
			}
			requireAccepted(t, b, once)
		})
	}
}

// Forged tokens change nothing, however many there are.
func TestFloodOfForgedTokens(t *testing.T) {
	b := newTestBackend(t, func(c *Config) { c.CacheSize = 1 })
	good := floodSigner(testSecret)
	for i := range ways {
		requireAccepted(t, b, good(i))
	}
	before := entries(b)
	require.Len(t, before, ways)
	known := b.known.Load()
	forge := floodSigner([]byte("another secret, which is long enough too"))
	for i := range floodSize() {
		if _, err := authenticate(b, forge(i)); !errors.Is(err, errSignature) {
			t.Fatal(err)
		}
	}
	assert.Equal(t, before, entries(b))
	for i, entry := range entries(b) {
		assert.Same(t, before[i], entry)
		assert.False(t, entry.again.Load(), "not even what is known of their use")
	}
	assert.Same(t, known, b.known.Load())
}

// Where all tokens of a set are in use, a new one takes the place of one of them,
// and what is in use is found out anew.
func TestAllInUse(t *testing.T) {
	b := newTestBackend(t, func(c *Config) { c.CacheSize = ways })
	token := floodSigner(testSecret)
	for i := range ways {
		requireWarm(t, b, token(i))
	}
	requireAccepted(t, b, token(ways))
	assert.Len(t, entries(b), ways)
	assert.Contains(t, remembered(b), token(ways))
	left := 0
	for i := range ways {
		if slices.Contains(remembered(b), token(i)) {
			left++
			requireHit(t, b, token(i)) // it is in use
		}
	}
	assert.Equal(t, ways-1, left)
	for i := range 1000 {
		requireAccepted(t, b, token(100+i))
	}
	kept := 0
	for i := range ways {
		if slices.Contains(remembered(b), token(i)) {
			kept++
		}
	}
	assert.Equal(t, ways-1, kept, "those that come once take each other's place")

	requireWarm(t, b, token(ways+1)) // all are in use again
	var young []string
	for i := range ways { // what is in use now takes the places of what was
		young = append(young, token(10_000+i))
		requireWarm(t, b, young[i])
	}
	assert.ElementsMatch(t, young, remembered(b))
}

// Tokens that keys signed which are gone make room, in use or not.
func TestTokensOfRemovedKeysMakeRoom(t *testing.T) {
	other := []byte("another secret, which is long enough too")
	ring, err := NewKeyRing(SigningKey{ID: "1", Algorithm: "HS256", Secret: testSecret}, SigningKey{ID: "2", Algorithm: "HS256", Secret: other})
	require.NoError(t, err)
	b := newTestBackend(t, func(c *Config) { c.Secret, c.Keys, c.Algorithms, c.CacheSize = nil, ring, []string{"HS256"}, ways })
	mint := func(kid string, secret []byte, i int) string {
		return sign(t, "HS256", secret, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, kid), with("jti", fmt.Sprintf(`"%d"`, i)))
	}
	all := []string{mint("2", other, 0)}
	requireWarm(t, b, all[0])
	for i := range ways - 1 {
		requireWarm(t, b, mint("1", testSecret, i))
	}
	require.NoError(t, ring.Remove("1"))
	requireWarm(t, b, all[0])
	for i := range ways - 1 { // there is room for just so many, and none of it is that of the first
		all = append(all, mint("2", other, i+1))
		requireWarm(t, b, all[i+1])
	}
	assert.ElementsMatch(t, all, remembered(b))
}

func TestCacheSize(t *testing.T) {
	for size, places := range map[int]int{
		0: 16384, 1: 8, 8: 8, 9: 16, 16: 16, 10_000: 16384, 100_000: 131072,
	} {
		b := newTestBackend(t, func(c *Config) { c.CacheSize = size })
		assert.Equal(t, places, len(b.cache.sets)*ways, "%d", size)
		assert.Equal(t, len(b.cache.sets)-1, int(b.cache.mask), "%d", size)
	}
	for _, size := range []int{-1, -1 << 62} {
		b := newTestBackend(t, func(c *Config) { c.CacheSize = size })
		assert.Nil(t, b.cache)
		token := signPlain(t, plainHeader, plainClaims)
		assert.NotSame(t, requireAccepted(t, b, token), requireAccepted(t, b, token))
	}
	for _, size := range []int{maxCacheSize + 1, 1 << 40, 1<<63 - 1} {
		_, err := New(Config{Secret: testSecret, CacheSize: size})
		assert.ErrorContains(t, err, "jwtauth.New: CacheSize: more than 16777216")
	}
}

// Of a request, only the token stays.
func TestRequestsAreNotKept(t *testing.T) {
	b := newTestBackend(t, func(c *Config) { c.Cookie = testCookie })
	token := signPlain(t, plainHeader, plainClaims)
	line := "a=" + strings.Repeat("x", 1<<20) + "; " + testCookie + "=" + token
	_, err := b.Authenticate(&http.Request{Header: http.Header{"Cookie": {line}}})
	require.NoError(t, err)
	inLine := func(text string) bool {
		begin, at := uintptr(unsafe.Pointer(unsafe.StringData(line))), uintptr(unsafe.Pointer(unsafe.StringData(text)))
		return text != "" && begin <= at && at < begin+uintptr(len(line))
	}
	require.True(t, inLine(line[20:]))
	all := entries(b)
	require.Len(t, all, 1)
	c, known := all[0].verified.claims, b.known.Load()
	for _, text := range []string{
		all[0].text, c.text, c.subject, c.issuer, c.id, c.family, string(c.audience), string(c.scope), known.encoded, known.header.alg, known.header.kid, known.header.typ,
	} {
		assert.False(t, inLine(text), text)
	}

	t.Run("as the garbage collector sees it", func(t *testing.T) {
		inUse := func() uint64 {
			goruntime.GC()
			var m goruntime.MemStats
			goruntime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		flood := floodSigner(testSecret)
		before := inUse()
		for i := range 200 {
			line := "a=" + strings.Repeat("x", 1<<18) + "; " + testCookie + "=" + flood(i)
			_, err := b.Authenticate(&http.Request{Header: http.Header{"Cookie": {line}}})
			require.NoError(t, err)
		}
		after := inUse()
		assert.Less(t, int64(after)-int64(before), int64(8<<20), "of 50 MiB")
		assert.Len(t, entries(b), 201)
	})
}

func TestHitsAllocateNothing(t *testing.T) {
	plain := signPlain(t, plainHeader, with("permissions", `["a","b"]`, "scope", `"read"`, "iss", `"me"`, "aud", `["x","api"]`, "user", "42"))
	check := func(context.Context, *runtime.Principal) error { return nil }
	settings := map[string]func(*Config){
		"plain":       func(*Config) {},
		"check":       func(c *Config) { c.Check = check },
		"revocation":  func(c *Config) { c.Revocation = revocation.NewMemory() },
		"a prefix":    func(c *Config) { c.UserIDPrefix = "me:" },
		"claim names": func(c *Config) { c.Claims = ClaimNames{UserID: "user", Permissions: "roles", Staff: NoClaim} },
		"several issuers": func(c *Config) {
			c.Others = []TrustedIssuer{
				{Issuer: "a", Secret: testSecret, UserIDPrefix: strings.Repeat("a", maxPrefix)}, {Issuer: "b", Secret: testSecret, UserIDPrefix: "b:"},
			}
		},
	}
	for name, change := range settings {
		t.Run(name, func(t *testing.T) {
			b := newTestBackend(t, func(c *Config) {
				c.Issuer, c.Audience, c.Cookie, c.Query, c.WebSocketProtocol = "me", []string{"api"}, testCookie, "access_token", "bearer"
				change(c)
			})
			for where, r := range map[string]*http.Request{
				"header":      {Header: http.Header{"Authorization": {"Bearer " + plain}}},
				"cookie":      {Header: http.Header{"Cookie": {"x=1; " + testCookie + "=" + plain}}},
				"query":       must(http.NewRequest("GET", "/?x=1&access_token="+plain, nil)),
				"subprotocol": {Header: http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {"chat, bearer." + plain}}},
			} {
				must(b.Authenticate(r))
				assert.Zero(t, testing.AllocsPerRun(1000, func() {
					if _, err := b.Authenticate(r); err != nil {
						panic(err)
					}
				}), where)
			}
		})
	}
}

// Many goroutines, while keys rotate, tokens are revoked, places are few and the
// clock moves: whoever is accepted is who the token says, and how it came.
func TestCacheConcurrently(t *testing.T) {
	first := SigningKey{ID: "1", Algorithm: "HS256", Secret: testSecret}
	second := SigningKey{ID: "2", Algorithm: "HS256", Secret: []byte("another secret, which is long enough too")}
	ring, err := NewKeyRing(first, second)
	require.NoError(t, err)
	store := revocation.NewMemory()
	var ahead atomic.Int64 // hours
	b := newTestBackend(t, func(config *Config) {
		config.Secret, config.Keys, config.Algorithms = nil, ring, []string{"HS256"}
		config.Revocation, config.Now, config.CacheSize, config.Cookie = store, func() time.Time { return testNow.Add(time.Duration(ahead.Load()) * time.Hour) }, 16, testCookie
	})
	const users = 40
	var tokens [users]string
	for i := range tokens {
		key := first
		if i%2 == 1 {
			key = second
		}
		tokens[i] = sign(t, "HS256", key.Secret, fmt.Sprintf(`{"alg":"HS256","kid":%q}`, key.ID), with("sub", fmt.Sprintf(`"u%d"`, i), "jti", fmt.Sprintf(`"%d"`, i)))
	}
	require.NoError(t, store.Revoke(t.Context(), revocation.Token{ID: "0", Expires: testNow.Add(time.Hour)}))

	done := make(chan struct{})
	var requests, others sync.WaitGroup
	others.Go(func() { // the second key never goes, the first one comes and goes
		for {
			select {
			case <-done:
				return
			default:
			}
			assert.NoError(t, ring.Remove("1"))
			goruntime.Gosched()
			assert.NoError(t, ring.Add(first))
			ahead.Store(rand.Int64N(2))
			goruntime.Gosched()
			ahead.Store(0)
		}
	})
	var accepted atomic.Int64
	for range 8 {
		requests.Go(func() {
			for range 3000 {
				i := rand.IntN(users)
				ambient := rand.IntN(2) == 0
				read := authenticate
				if ambient {
					read = fromCookie
				}
				p, err := read(b, tokens[i])
				switch {
				case err == nil:
					accepted.Add(1)
					assert.Equal(t, fmt.Sprint("u", i), p.UserID())
					assert.Equal(t, ambient, p.Ambient())
					assert.NotZero(t, i, "it is revoked")
				case errors.Is(err, runtime.ErrRevoked):
					assert.Zero(t, i)
				case errors.Is(err, errSignature):
					assert.Zero(t, i%2, "of the key that goes")
				default:
					assert.ErrorIs(t, err, errExpired)
				}
			}
		})
	}
	requests.Wait()
	close(done)
	others.Wait()
	assert.NotZero(t, accepted.Load())
	assert.LessOrEqual(t, len(entries(b)), 16)

	for i, token := range tokens[1:] { // and in the end all is as it should be
		assert.Equal(t, fmt.Sprint("u", i+1), requireAccepted(t, b, token).UserID())
	}
	require.NoError(t, ring.Remove("1"))
	for i, token := range tokens {
		if i%2 == 0 {
			requireRefused(t, b, token, errSignature)
		}
	}
}
