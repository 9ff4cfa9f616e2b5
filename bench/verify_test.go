package bench

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwa"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// A keyPair is what signs and what verifies; for HMAC they are the same.
type keyPair struct{ private, public any }

func newKeyPair(tb testing.TB, algorithm string) keyPair {
	tb.Helper()
	switch algorithm {
	case "HS256":
		return keyPair{secret, secret}
	case "RS256":
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		require.NoError(tb, err)
		return keyPair{key, &key.PublicKey}
	case "ES256":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(tb, err)
		return keyPair{key, &key.PublicKey}
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(tb, err)
	return keyPair{private, public}
}

// keySet returns the public key as ours takes it, nil for HMAC.
func (k keyPair) keySet(tb testing.TB) jwtauth.KeySet {
	tb.Helper()
	if _, ok := k.public.([]byte); ok {
		return nil
	}
	der, err := x509.MarshalPKIXPublicKey(k.public)
	require.NoError(tb, err)
	keys, err := jwtauth.ParsePEM(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	require.NoError(tb, err)
	return keys
}

// A verifier reports whether a token holds and has the permission.
type verifier struct {
	name  string
	holds func(token string) bool
}

// verifiers returns the libraries' verifications of one algorithm. The limit is what none can do without, the signature and base64;
// it decodes no claims, and so finds no permission.
func verifiers(tb testing.TB, algorithm string, key keyPair) []verifier {
	tb.Helper()
	l, c := newLimitVerifier(algorithm, key.public), new(byHand)
	return []verifier{
		{"limit", func(token string) bool {
			s, err := l.open(token)
			if err != nil {
				return false
			}
			l.scratches.Put(s)
			return true
		}},
		{"by-hand", func(token string) bool {
			*c = byHand{}
			return l.verify(token, c) == nil && slices.Contains(c.permissions, Permission)
		}},
		{"ours", ours(tb, algorithm, key, cold)},
		{"golang-jwt", golangJWT(algorithm, key)},
		{"go-jose", goJose(algorithm, key)},
		{"jwx", jwx(tb, algorithm, key)},
	}
}

func ours(tb testing.TB, algorithm string, key keyPair, remembered int) func(string) bool {
	tb.Helper()
	backend, err := newBackend(algorithm, key.keySet(tb), remembered)
	require.NoError(tb, err)
	values := []string{""}
	r := &http.Request{Header: http.Header{"Authorization": values}}
	return func(authorization string) bool {
		values[0] = authorization
		p, err := backend.Authenticate(r)
		return err == nil && p.Has(permission)
	}
}

var permission = runtime.NewPermission(Permission)

func golangJWT(algorithm string, key keyPair) func(string) bool {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{algorithm}), jwt.WithExpirationRequired())
	return func(token string) bool {
		var claims Claims
		_, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key.public, nil })
		return err == nil && slices.Contains(claims.Permissions, Permission)
	}
}

func goJose(algorithm string, key keyPair) func(string) bool {
	algorithms := []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)}
	return func(token string) bool {
		parsed, err := josejwt.ParseSigned(token, algorithms)
		if err != nil {
			return false
		}
		var registered josejwt.Claims
		var claims auth0Claims
		if err := parsed.Claims(key.public, &registered, &claims); err != nil {
			return false
		}
		return registered.ValidateWithLeeway(josejwt.Expected{Time: time.Now()}, 0) == nil && slices.Contains(claims.Permissions, Permission)
	}
}

func jwx(tb testing.TB, algorithm string, key keyPair) func(string) bool {
	tb.Helper()
	alg, ok := jwa.LookupSignatureAlgorithm(algorithm)
	require.True(tb, ok)
	return func(token string) bool {
		parsed, err := jwxjwt.ParseString(token, jwxjwt.WithKey(alg, key.public))
		if err != nil {
			return false
		}
		var permissions []any
		return parsed.Get("permissions", &permissions) == nil && slices.Contains(permissions, any(Permission))
	}
}

var algorithms = []string{"HS256", "RS256", "ES256", "EdDSA"}

// prefixed returns what the verifier takes: ours takes the value of the header field, since it reads requests.
func (v verifier) prefixed(token string) string {
	if v.name == "ours" {
		return "Bearer " + token
	}
	return token
}

// No verifier does less than the others, but for the limit.
func TestVerifiersAgree(t *testing.T) {
	for _, algorithm := range algorithms {
		key, other := newKeyPair(t, algorithm), newKeyPair(t, algorithm)
		if algorithm == "HS256" {
			other = keyPair{otherSecret, otherSecret}
		}
		for _, v := range verifiers(t, algorithm, key) {
			t.Run(algorithm+"/"+v.name, func(t *testing.T) {
				holds := func(key keyPair, edit func(*Claims)) bool {
					claims := NewClaims(42)
					edit(&claims)
					token, err := sign(claims, algorithm, key.private)
					require.NoError(t, err)
					return v.holds(v.prefixed(token))
				}
				assert.True(t, holds(key, asIs))
				assert.False(t, holds(other, asIs), "forged")
				if v.name == "limit" {
					return
				}
				assert.False(t, holds(key, expired), "expired")
				assert.False(t, holds(key, withoutPermission), "without permission")
			})
		}
	}
}

// Cold verification: of a token that is not remembered.
func BenchmarkCold(b *testing.B) {
	for _, algorithm := range algorithms {
		key := newKeyPair(b, algorithm)
		token, err := sign(NewClaims(42), algorithm, key.private)
		require.NoError(b, err)
		for _, v := range verifiers(b, algorithm, key) {
			b.Run(algorithm+"/"+v.name, func(b *testing.B) {
				text := v.prefixed(token)
				b.ReportAllocs()
				defer processorTime(b)()
				for b.Loop() {
					if !v.holds(text) {
						b.Fatal("refused")
					}
				}
			})
		}
	}
}

// Tokens by the hundred thousand, those that hold and forged ones, each with claims of its own.
type manyTokens struct{ good, forged []string }

var many = sync.OnceValues(func() (*manyTokens, error) {
	const number = 100_000
	m := new(manyTokens)
	for i := range number {
		good, err := sign(NewClaims(1+i), "HS256", secret)
		if err != nil {
			return nil, err
		}
		forged, err := sign(NewClaims(1+number+i), "HS256", otherSecret)
		if err != nil {
			return nil, err
		}
		m.good, m.forged = append(m.good, "Bearer "+good), append(m.forged, "Bearer "+forged)
	}
	return m, nil
})

// copies returns the tokens as they come again: other strings, in another order.
func copies(tokens []string) []string {
	again := make([]string, len(tokens))
	for i, j := range mathrand.New(mathrand.NewPCG(1, 2)).Perm(len(tokens)) {
		again[i] = strings.Clone(tokens[j])
	}
	return again
}

// A crowd is so many tokens, and room for so many in the backend's memory.
type crowd struct{ tokens, remembered int }

func (c crowd) String() string {
	if c.remembered == hot {
		return fmt.Sprintf("tokens=%d", c.tokens)
	}
	return fmt.Sprintf("tokens=%d/room=%d", c.tokens, c.remembered)
}

// seen returns a verification of ours that has seen the first tokens, and those as they come again.
func (c crowd) seen(b *testing.B) (holds func(string) bool, again, forged []string) {
	b.Helper()
	m, err := many()
	require.NoError(b, err)
	holds = ours(b, "HS256", keyPair{secret, secret}, c.remembered)
	for range 3 {
		for _, token := range m.good[:c.tokens] {
			require.True(b, holds(token))
		}
	}
	return holds, copies(m.good[:c.tokens]), m.forged
}

// Hot verification: of tokens that were verified before.
func BenchmarkHot(b *testing.B) {
	for _, c := range []crowd{{1, hot}, {1_000, hot}, {100_000, hot}, {100_000, 200_000}} {
		b.Run(c.String(), func(b *testing.B) {
			holds, again, _ := c.seen(b)
			next := 0
			b.ReportAllocs()
			defer processorTime(b)()
			for b.Loop() {
				if !holds(again[next]) {
					b.Fatal("refused")
				}
				if next++; next == len(again) {
					next = 0
				}
			}
		})
	}
}

// Hot verification between forged tokens. The time is that of the good ones alone, on a processor; that of the forged ones stands
// beside it. Whatever else touches memory pushes what we remember out of the processor's caches, so there is also a row in which the
// forged tokens are only read: what a flood costs the others beyond that is ours.
func BenchmarkFlood(b *testing.B) {
	for _, c := range []crowd{{1_000, hot}, {100_000, 200_000}} {
		for _, between := range []string{"nothing", "1-read", "1-forged", "10-forged"} {
			b.Run(fmt.Sprintf("%s/between=%s", c, between), func(b *testing.B) {
				holds, again, forged := c.seen(b)
				goods, others := cycle{tokens: again}, cycle{tokens: forged}
				const batch = 1000
				for b.Loop() {
					goods.take(b, batch, holds, true)
					switch between {
					case "1-read":
						others.take(b, batch, func(token string) bool { return strings.Contains(token, "~") }, false)
					case "1-forged":
						others.take(b, batch, holds, false)
					case "10-forged":
						others.take(b, 10*batch, holds, false)
					}
				}
				b.ReportMetric(0, "ns/op") // of a batch and what is between: not shown
				b.ReportMetric(goods.each(), "cpu-ns/good")
				if others.taken > 0 {
					b.ReportMetric(others.each(), "cpu-ns/other")
				}
			})
		}
	}
}

// A flood of forged tokens makes nothing be forgotten: those that hold are still verified without an allocation.
func TestFloodForgetsNothing(t *testing.T) {
	const tokens = 1000
	var good []string
	for i := range tokens {
		token, err := sign(NewClaims(1+i), "HS256", secret)
		require.NoError(t, err)
		good = append(good, "Bearer "+token)
	}
	holds := ours(t, "HS256", keyPair{secret, secret}, hot)
	for range 2 {
		for _, token := range good {
			require.True(t, holds(token))
		}
	}
	for i := range 20 * tokens {
		signature := strings.LastIndexByte(good[i%tokens], '.')
		require.False(t, holds(fmt.Sprintf("%s.%043d", good[i%tokens][:signature], i)))
	}
	next := 0
	assert.Zero(t, testing.AllocsPerRun(tokens-1, func() {
		if !holds(good[next]) {
			panic("refused")
		}
		next++
	}))
	assert.Equal(t, tokens, next)
}

// A cycle takes tokens in turn, and the time that they take on a processor.
type cycle struct {
	tokens []string
	taken  int
	spent  int64 // nanoseconds
}

func (c *cycle) take(b *testing.B, number int, holds func(string) bool, want bool) {
	start := spent(b)
	for range number {
		if holds(c.tokens[c.taken%len(c.tokens)]) != want {
			b.Fatal("the wrong answer")
		}
		c.taken++
	}
	c.spent += spent(b) - start
}

// each returns how many nanoseconds a token took.
func (c *cycle) each() float64 { return float64(c.spent) / float64(c.taken) }
