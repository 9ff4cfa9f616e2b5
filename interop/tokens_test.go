package interop

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// knows reports whether the peer has the algorithm.
func (p *peer) knows(a *algorithm) bool {
	return p != jsonwebtoken || a.name != "EdDSA"
}

// A shape is what a token may look like.
type shape struct {
	name   string
	header map[string]any
	claims map[string]any // besides, or instead of, plainClaims
}

func plainClaims() map[string]any {
	return map[string]any{"sub": "42", "iss": testIssuer, "aud": testAudience, "exp": 1750003600, "iat": 1750000000}
}

func shapes() []shape {
	var many []string
	for i := range 200 {
		many = append(many, "app.permission_"+strings.Repeat("x", i%7)+string(rune('a'+i%26)))
	}
	return []shape{
		{name: "plain"},
		{name: "list of audiences", claims: map[string]any{"aud": []string{"other", testAudience}}},
		{name: "list of one audience", claims: map[string]any{"aud": []string{testAudience}}},
		{name: "nbf", claims: map[string]any{"nbf": 1750000000, "jti": "a-1"}},
		{name: "fractions", claims: map[string]any{"exp": 1750003600.25, "iat": 1749999999.5, "nbf": 1749999999.125}},
		{name: "unicode", claims: map[string]any{"sub": "Zoë 李 🙂", "имя": "Анна", "emoji": "👩‍👩‍👧 \U0001F680"}},
		{name: "escapes", claims: map[string]any{"text": "\"quoted\" \\ / <b>&amp; \x01\x1f\x7f \u2028\u2029 \t\r\n"}},
		{name: "permissions", claims: map[string]any{"permissions": []string{"blog.view_article", "blog.add_article"}, "is_staff": true, "is_superuser": false}},
		{name: "many permissions", claims: map[string]any{"permissions": many}},
		{name: "scope", claims: map[string]any{"scope": "read write"}},
		{name: "list of scopes", claims: map[string]any{"scope": []string{"read", "write"}}},
		{name: "access token", header: map[string]any{"typ": "at+jwt", "kid": "2026-01"}, claims: map[string]any{
			"client_id": "app", "jti": "urn:uuid:6f1c6f6e", "auth_time": 1749999000, "token_use": "access",
		}},
		{name: "long typ and key id", header: map[string]any{"typ": "application/AT+JWT", "kid": "ключ/2026 #1"}},
		{name: "headers that say nothing", header: map[string]any{"x5t#S256": "AAAA", "jku": "https://keys.example/", "note": map[string]any{"a": []int{1, 2}}}},
		{name: "nested", claims: map[string]any{"realm_access": map[string]any{"roles": []any{"a", map[string]any{"b": nil, "c": []any{}}}}, "null": nil, "no": false}},
		{name: "numbers", claims: map[string]any{"big": 9007199254740991, "small": -1.5, "tiny": 1e-7, "huge": 1e300, "zero": 0}},
		{name: "no iat", claims: map[string]any{"iat": nil}},
	}
}

// all returns the claims of a token of this shape. A nil date is one that is
// not there.
func (s shape) all() map[string]any {
	claims := plainClaims()
	maps.Copy(claims, s.claims)
	maps.DeleteFunc(claims, func(name string, value any) bool { return name == "iat" && value == nil })
	return claims
}

// asJSON returns the value as somebody sees it who gets it as JSON.
func asJSON(t testing.TB, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	var decoded map[string]any
	require.NoError(t, json.Unmarshal(text, &decoded))
	return decoded
}

func authenticate(b *jwtauth.Backend, token string) (*runtime.Principal, error) {
	return b.Authenticate(&http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}})
}

// Others mint, jwtauth judges.
func TestTokensOfOthers(t *testing.T) {
	tokens := 0
	for _, a := range algorithms() {
		b := a.newBackend(t, testAudience)
		for _, p := range peers {
			t.Run(a.name+" of "+p.name, func(t *testing.T) {
				if !p.knows(a) {
					assert.NotEmpty(t, p.mint(t, a, nil, plainClaims()).Error)
					return
				}
				for _, s := range shapes() {
					minted := p.mint(t, a, s.header, s.all())
					require.Empty(t, minted.Error, s.name)
					tokens++
					principal, err := authenticate(b, minted.Token)
					require.NoError(t, err, s.name)
					requirePrincipal(t, principal, asJSON(t, s.all()))

					damaged := damage(minted.Token)
					_, err = authenticate(b, damaged)
					require.ErrorIs(t, err, runtime.ErrInvalidCredentials, s.name)
				}
			})
		}
	}
	assert.Equal(t, (len(algorithms())*len(peers)-1)*len(shapes()), tokens)
	assert.GreaterOrEqual(t, tokens, 400)
	t.Logf("%d tokens of others were accepted", tokens)
}

// damage returns the token with one of its signature's characters replaced, not
// the last one, which may hold few bits.
func damage(token string) string {
	text := []byte(token)
	i := strings.LastIndexByte(token, '.') + 5
	if text[i] == 'A' {
		text[i] = 'B'
	} else {
		text[i] = 'A'
	}
	return string(text)
}

// requirePrincipal asserts that the principal is made of exactly these claims.
func requirePrincipal(t *testing.T, p *runtime.Principal, claims map[string]any) {
	t.Helper()
	require.Equal(t, claims, asJSON(t, p)["auth_claims"])
	require.Equal(t, claims["sub"], p.UserID())
	require.Equal(t, claims["is_staff"] == true, p.IsStaff())
	require.Equal(t, claims["is_superuser"] == true, p.IsSuperuser())
	permissions, _ := claims["permissions"].([]any)
	require.Len(t, p.Permissions(), len(permissions))
	for _, permission := range permissions {
		require.True(t, p.HasPermission(permission.(string)))
	}
	require.Equal(t, claims["scope"] != nil, p.HasScope(runtime.NewScope("write")))
	require.False(t, p.HasScope(runtime.NewScope("admin")))
	if seconds, ok := claims["auth_time"].(float64); ok {
		require.Equal(t, time.Unix(int64(seconds), 0), p.AuthTime())
	} else {
		require.True(t, p.AuthTime().IsZero())
	}
}

// jwtauth mints, others judge.
func TestTokensForOthers(t *testing.T) {
	judgements := 0
	for _, a := range algorithms() {
		tokens := issue(t, a)
		for _, p := range peers {
			t.Run(a.name+" for "+p.name, func(t *testing.T) {
				for _, token := range tokens {
					judged := p.judge(t, a, token, testAudience)
					if !p.knows(a) {
						assert.NotEmpty(t, judged.Error)
						continue
					}
					require.Empty(t, judged.Error)
					require.Equal(t, decodeClaims(t, token), judged.Claims)
					judgements++

					require.NotEmpty(t, p.judge(t, a, damage(token), testAudience).Error)
					require.NotEmpty(t, p.judge(t, a, token, "another audience").Error)
				}
			})
		}
		b := a.newBackend(t, testAudience)
		for _, token := range tokens {
			principal, err := authenticate(b, token)
			require.NoError(t, err)
			requirePrincipal(t, principal, decodeClaims(t, token))
		}
	}
	assert.GreaterOrEqual(t, judgements, 300)
	t.Logf("%d tokens of jwtauth were accepted", judgements)
}

// issue returns tokens of all that an issuer can put into them.
func issue(t *testing.T, a *algorithm) (tokens []string) {
	users := []jwtauth.User{
		{ID: "42"},
		{ID: "Zoë 李 🙂", Username: "\"zoë\" <z>&\\", Email: "zoë@example.com", Staff: true, Superuser: true},
	}
	options := []jwtauth.TokenOptions{
		{},
		{Lifetime: time.Second},
		{AuthTime: testNow.Add(-time.Minute), Claims: map[string]any{"nbf": testNow.Unix(), "scope": "read write"}},
		{Claims: map[string]any{"permissions": []string{"blog.view_article", "blog.add_article"}, "scope": []string{"write"}}},
		{Claims: map[string]any{"имя": "\u2028\x01 / 👩‍👩‍👧", "nested": map[string]any{"a": []any{1, 2.5, nil, "x"}}}},
	}
	for _, issuer := range []*jwtauth.Issuer{a.newIssuer(t, testAudience), a.newIssuer(t, "other", testAudience)} {
		for _, user := range users {
			for _, o := range options {
				token, err := issuer.Token(user, o)
				require.NoError(t, err)
				tokens = append(tokens, token)
			}
		}
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(tokens))), 20)
	return tokens
}

func decodeClaims(t testing.TB, token string) (claims map[string]any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &claims))
	return claims
}
