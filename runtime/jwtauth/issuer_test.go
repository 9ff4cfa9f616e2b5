package jwtauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var alice = User{ID: "42", Username: "alice", Email: "alice@example.com", Staff: true}

func newTestIssuer(t testing.TB, change func(*IssuerConfig)) *Issuer {
	t.Helper()
	config := IssuerConfig{Secret: testSecret, Now: func() time.Time { return testNow.Add(700 * time.Millisecond) }}
	if change != nil {
		change(&config)
	}
	i, err := NewIssuer(config)
	require.NoError(t, err)
	return i
}

// issued returns the claims of a token as encoding/json reads them.
func issued(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(must(base64.RawURLEncoding.DecodeString(parts[1])), &claims))
	return claims
}

func TestToken(t *testing.T) {
	i := newTestIssuer(t, nil)
	token, err := i.Token(alice, TokenOptions{})
	require.NoError(t, err)
	claims := issued(t, token)
	assert.GreaterOrEqual(t, len(claims["jti"].(string)), 22, "128 bits need 22 characters of base64")
	delete(claims, "jti")
	assert.Equal(t, map[string]any{
		"sub": "42", "username": "alice", "email": "alice@example.com", "is_staff": true, "is_superuser": false,
		"iat": 1750000000.0, "exp": 1750003600.0,
	}, claims)

	p := requireAccepted(t, newTestBackend(t, nil), token)
	assert.Equal(t, "42", p.UserID())
	assert.True(t, p.IsStaff())
	assert.False(t, p.IsSuperuser())
	assert.Empty(t, p.Permissions(), "permissions are never included by themselves")

	t.Run("golang-jwt reads it", func(t *testing.T) {
		_, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return testSecret, nil },
			jwt.WithTimeFunc(func() time.Time { return testNow.Add(time.Second) }), jwt.WithStrictDecoding())
		assert.NoError(t, err)
	})
	t.Run("no email", func(t *testing.T) {
		token, err := i.Token(User{ID: "1"}, TokenOptions{})
		require.NoError(t, err)
		assert.NotContains(t, issued(t, token), "email")
		assert.Equal(t, "", issued(t, token)["username"])
	})
}

func TestTokenOptions(t *testing.T) {
	i := newTestIssuer(t, func(c *IssuerConfig) {
		c.Issuer, c.Audience, c.Lifetime = "https://issuer.example", []string{"api"}, 5*time.Minute
	})
	token, err := i.Token(alice, TokenOptions{
		AuthTime: testNow.Add(-time.Minute),
		Claims: map[string]any{
			"permissions": []string{"blog.view_article"}, "scope": "read", "tenant": map[string]any{"id": 7}, "nbf": testNow.Unix(),
		},
	})
	require.NoError(t, err)
	claims := issued(t, token)
	assert.Equal(t, "https://issuer.example", claims["iss"])
	assert.Equal(t, "api", claims["aud"])
	assert.Equal(t, 1750000300.0, claims["exp"])
	assert.Equal(t, 1749999940.0, claims["auth_time"])
	assert.Equal(t, map[string]any{"id": 7.0}, claims["tenant"])

	b := newTestBackend(t, func(c *Config) { c.Issuer, c.Audience = "https://issuer.example", []string{"api"} })
	p := requireAccepted(t, b, token)
	assert.True(t, p.HasPermission("blog.view_article"))
	assert.True(t, p.HasScope(runtime.NewScope("read")))
	assert.Equal(t, testNow.Add(-time.Minute), p.AuthTime())

	token, err = i.Token(alice, TokenOptions{Lifetime: 90 * time.Second})
	require.NoError(t, err)
	assert.Equal(t, 1750000090.0, issued(t, token)["exp"])

	several := newTestIssuer(t, func(c *IssuerConfig) { c.Audience = []string{"a", "b"} })
	token, err = several.Token(alice, TokenOptions{})
	require.NoError(t, err)
	assert.Equal(t, []any{"a", "b"}, issued(t, token)["aud"])
}

func TestTokenRefuses(t *testing.T) {
	extra := func(name string, value any) TokenOptions { return TokenOptions{Claims: map[string]any{name: value}} }
	cases := []struct {
		name    string
		user    User
		options TokenOptions
		want    string
	}{
		{"no id", User{Username: "x"}, TokenOptions{}, "claim sub"},
		{"HOSTILE 51: id 0", User{ID: "0"}, TokenOptions{}, "claim sub"},
		{"HOSTILE 51: id with a line end", User{ID: "1\n"}, TokenOptions{}, "claim sub"},
		{"HOSTILE 122: id of an API key", User{ID: "apikey:ci"}, TokenOptions{}, "claim sub has the prefix of API keys"},
		{"id not UTF-8", User{ID: "\xff"}, TokenOptions{}, "User"},
		{"name not UTF-8", User{ID: "1", Username: "\xff"}, TokenOptions{}, "User"},
		{"negative lifetime", alice, TokenOptions{Lifetime: -time.Hour}, "Lifetime"},
		{"lifetime below a second", alice, TokenOptions{Lifetime: time.Second - 1}, "Lifetime"},
		{"endless lifetime", alice, TokenOptions{Lifetime: math.MaxInt64, Claims: map[string]any{"nbf": 1e300}}, "claim nbf"},
		{"HOSTILE 56: empty name", alice, extra("", 1), `claim ""`},
		{"HOSTILE 56: name not UTF-8", alice, extra("a\xff", 1), `claim "a\xff"`},
		{"not JSON", alice, extra("f", func() {}), "json"},
		{"HOSTILE 44: NaN", alice, extra("f", math.NaN()), "json"},
		{"HOSTILE 55: permissions a string", alice, extra("permissions", "a b"), "claim permissions"},
		{"HOSTILE 55: permissions with an empty one", alice, extra("permissions", []string{""}), "claim permissions"},
		{"scope a number", alice, extra("scope", 1), "claim scope"},
		{"HOSTILE 53: type refresh", alice, extra("type", "refresh"), "not meant for access"},
		{"too large", alice, extra("x", strings.Repeat("x", maxToken)), "too long"},
	}
	for _, reserved := range []string{
		"sub", "exp", "iat", "jti", "iss", "aud", "is_staff", "is_superuser", "username", "email", "auth_time", "fam",
		"typ", "token_type", "token_use", "cnf", "at_hash", "c_hash", "events", "SUB", "Is_Superuser", "ſub", "EXP", "to\u212aen_type",
	} {
		cases = append(cases, struct {
			name    string
			user    User
			options TokenOptions
			want    string
		}{"HOSTILE 56: claim " + reserved, alice, extra(reserved, "x"), `claim "` + reserved + `" belongs to the issuer`})
	}
	i := newTestIssuer(t, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token, err := i.Token(c.user, c.options)
			require.Error(t, err)
			assert.Empty(t, token)
			assert.Contains(t, err.Error(), "issue token: ")
			assert.Contains(t, err.Error(), c.want)
		})
	}
	for name, i := range map[string]*Issuer{"zero": {}, "nil": nil} {
		t.Run(name, func(t *testing.T) {
			token, err := i.Token(alice, TokenOptions{})
			assert.Error(t, err)
			assert.Empty(t, token)
		})
	}
}

func TestTokenEncodesNamesAndValues(t *testing.T) { // HOSTILE 56
	i := newTestIssuer(t, nil)
	hostile := []string{`x":0,"admin`, `x\`, "x\n", "<script>", "é", "\u2028", `is_superuser":true,"x`}
	for _, text := range hostile {
		token, err := i.Token(User{ID: "1", Username: text, Email: text}, TokenOptions{Claims: map[string]any{text: text}})
		require.NoError(t, err, text)
		p := requireAccepted(t, newTestBackend(t, nil), token)
		assert.False(t, p.IsSuperuser())
		for _, name := range []string{text, "username", "email"} {
			got, ok := p.Claim(name)
			assert.True(t, ok, text)
			assert.Equal(t, text, got)
		}
		_, ok := p.Claim("admin")
		assert.False(t, ok)
	}
}

func TestTokenIDsAreUnique(t *testing.T) {
	i := newTestIssuer(t, nil)
	const callers, each = 8, 200
	ids := make(chan string, callers*each)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range each {
				ids <- issued(t, must(i.Token(alice, TokenOptions{})))["jti"].(string)
			}
		})
	}
	group.Wait()
	close(ids)
	seen := make(map[string]bool)
	for id := range ids {
		assert.False(t, seen[id])
		seen[id] = true
	}
	assert.Len(t, seen, callers*each)
}

func TestIssuerAlgorithms(t *testing.T) {
	for _, a := range algorithms {
		t.Run(a.name, func(t *testing.T) {
			i := newTestIssuer(t, func(c *IssuerConfig) {
				c.Algorithm = a.name
				if !a.symmetric() {
					c.Secret, c.PrivateKey = nil, signingKey(a.name).(crypto.Signer)
				}
			})
			token, err := i.Token(alice, TokenOptions{})
			require.NoError(t, err)
			requireAccepted(t, must(New(verifyConfig(t, a.name))), token)
		})
	}
}

func TestIssuerDefaults(t *testing.T) {
	t.Setenv(secretVariable, string(testSecret))
	i, err := NewIssuer(IssuerConfig{})
	require.NoError(t, err)
	token, err := i.Token(alice, TokenOptions{})
	require.NoError(t, err)
	b, err := New(Config{})
	require.NoError(t, err)
	requireAccepted(t, b, token)
}

// opaqueSigner is a key that does not show itself, as one in hardware.
type opaqueSigner struct{ crypto.Signer }

func TestNewIssuerRefuses(t *testing.T) {
	unsetSecretKey(t)
	cases := []struct {
		name   string
		config IssuerConfig
		want   string
	}{
		{"no key", IssuerConfig{}, "Secret: not set"},
		{"HOSTILE 57: short secret", IssuerConfig{Secret: []byte("x")}, "Secret: 1 bytes"},
		{"HOSTILE 57: line end", IssuerConfig{Secret: []byte(string(testSecret) + "\n")}, "Secret: white space"},
		{"both", IssuerConfig{Secret: testSecret, PrivateKey: rsaKey(), Algorithm: "RS256"}, "Secret: set beside PrivateKey"},
		{"no algorithm", IssuerConfig{PrivateKey: rsaKey()}, "Algorithm: empty"},
		{"HOSTILE 23: none", IssuerConfig{Secret: testSecret, Algorithm: "none"}, `Algorithm: "none"`},
		{"HOSTILE 24: a private key for HS256", IssuerConfig{PrivateKey: rsaKey(), Algorithm: "HS256"}, "Algorithm: HS256 needs a Secret"},
		{"a secret for RS256", IssuerConfig{Secret: testSecret, Algorithm: "RS256"}, "Algorithm: RS256 needs a PrivateKey"},
		{"HOSTILE 26: another curve", IssuerConfig{PrivateKey: ecKey(), Algorithm: "ES384"}, "PrivateKey: *ecdsa.PrivateKey does not fit ES384"},
		{"another kind", IssuerConfig{PrivateKey: edKey(), Algorithm: "RS256"}, "PrivateKey: ed25519.PrivateKey does not fit RS256"},
		{"a nil pointer", IssuerConfig{PrivateKey: (*ecdsa.PrivateKey)(nil), Algorithm: "ES256"}, "PrivateKey: nil"},
		{"a nil slice", IssuerConfig{PrivateKey: ed25519.PrivateKey(nil), Algorithm: "EdDSA"}, "PrivateKey: nil"},
		{"half a key", IssuerConfig{PrivateKey: edKey()[:32], Algorithm: "EdDSA"}, "PrivateKey: an Ed25519 key of the wrong size"},
		{"an empty RSA key", IssuerConfig{PrivateKey: &rsa.PrivateKey{}, Algorithm: "RS256"}, "PrivateKey: an RSA key without a modulus"},
		{"an empty ECDSA key", IssuerConfig{PrivateKey: &ecdsa.PrivateKey{}, Algorithm: "ES256"}, "PrivateKey: "},
		{"HOSTILE 76: a short RSA key", IssuerConfig{PrivateKey: &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(15), E: 3}}, Algorithm: "RS256"}, "PrivateKey: an RSA key of 4 bits"},
		{"a key of another type", IssuerConfig{PrivateKey: opaqueSigner{rsaKey()}, Algorithm: "RS256"}, "PrivateKey: "},
		{"negative lifetime", IssuerConfig{Secret: testSecret, Lifetime: -time.Hour}, "Lifetime"},
		{"lifetime in the wrong unit", IssuerConfig{Secret: testSecret, Lifetime: 3600}, "Lifetime"},
		{"issuer with a line end", IssuerConfig{Secret: testSecret, Issuer: "me\n"}, "Issuer"},
		{"empty audience", IssuerConfig{Secret: testSecret, Audience: []string{""}}, "Audience[0]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			i, err := NewIssuer(c.config)
			require.Error(t, err)
			assert.Nil(t, i)
			assert.Contains(t, err.Error(), "jwtauth.NewIssuer: "+c.want)
			assert.NotContains(t, err.Error(), string(testSecret))
		})
	}
}
