package jwtauth

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// benchToken is a token as an application has it: the claims of the issuer and
// ten permissions.
func benchToken(b *testing.B, alg string) string {
	b.Helper()
	token := jwt.NewWithClaims(algorithmByName(alg).method, jwt.MapClaims{
		"sub": "42", "exp": testNow.Unix() + 3600, "iat": testNow.Unix(), "jti": "5YKXQ2ZL7JQ4R3W2ZP6T4Q7H3A",
		"is_staff": true, "is_superuser": false, "username": "alice", "email": "alice@example.com",
		"permissions": []string{
			"blog.view_article", "blog.add_article", "blog.change_article", "blog.delete_article", "blog.view_comment",
			"shop.view_order", "shop.add_order", "shop.change_order", "shop.delete_order", "auth.view_user",
		},
	})
	text, err := token.SignedString(signingKey(alg))
	require.NoError(b, err)
	return text
}

// typedClaims are what a program that uses golang-jwt by hand declares.
type typedClaims struct {
	jwt.RegisteredClaims
	Staff       bool     `json:"is_staff"`
	Superuser   bool     `json:"is_superuser"`
	Username    string   `json:"username"`
	Email       string   `json:"email"`
	Permissions []string `json:"permissions"`
}

var benchPermission = runtime.NewPermission("auth.view_user")

// Cold verification beside the same with golang-jwt by hand, and beside what no
// verification can do without: the signature and base64.
func BenchmarkCold(b *testing.B) {
	for _, alg := range []string{"HS256", "RS256", "ES256", "EdDSA"} {
		text := benchToken(b, alg)
		config := verifyConfig(b, alg)
		config.CacheSize = -1
		backend, err := New(config)
		require.NoError(b, err)
		v := must(backend.trusts[0].keys.current()).verifiers(alg, "")[0]

		b.Run(alg+"/limit", func(b *testing.B) {
			b.ReportAllocs()
			var raw, decoded []byte
			dot := strings.LastIndexByte(text, '.')
			for b.Loop() {
				raw = append(raw[:0], text...)
				decoded = must(base64.RawURLEncoding.AppendDecode(decoded[:0], raw[strings.IndexByte(text, '.')+1:dot]))
				end := len(decoded)
				decoded = must(base64.RawURLEncoding.AppendDecode(decoded, raw[dot+1:]))
				if !v.holds(text[:dot], raw[:dot], decoded[end:]) {
					b.Fatal("signature")
				}
			}
		})
		b.Run(alg+"/jwtauth", func(b *testing.B) {
			r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + text}}}
			b.ReportAllocs()
			for b.Loop() {
				p, err := backend.Authenticate(r)
				if err != nil || !p.Has(benchPermission) {
					b.Fatal(err)
				}
			}
		})
		b.Run(alg+"/golang-jwt", func(b *testing.B) {
			r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + text}}}
			parser := jwt.NewParser(jwt.WithValidMethods([]string{alg}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(config.Now))
			b.ReportAllocs()
			for b.Loop() {
				var claims typedClaims
				_, err := parser.ParseWithClaims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), &claims,
					func(*jwt.Token) (any, error) { return v.key, nil })
				if err != nil || claims.Permissions[9] != "auth.view_user" {
					b.Fatal(err)
				}
			}
		})
	}
}

// Tokens that are remembered.
func BenchmarkHot(b *testing.B) {
	for _, count := range []int{1, 1_000, 100_000} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			config := verifyConfig(b, "HS256")
			config.CacheSize = max(defaultCacheSize, 4*count)
			config.Now = nil
			backend, err := New(config)
			require.NoError(b, err)
			requests := make([]*http.Request, count)
			issuer := must(NewIssuer(IssuerConfig{Secret: testSecret}))
			for i := range requests {
				text, err := issuer.Token(User{ID: "42", Username: "alice", Email: "alice@example.com"}, TokenOptions{Claims: map[string]any{
					"permissions": []string{"blog.view_article", "blog.add_article", "blog.change_article", "blog.delete_article", "auth.view_user"},
				}})
				require.NoError(b, err)
				requests[i] = &http.Request{Header: http.Header{"Authorization": {"Bearer " + text}}}
				must(backend.Authenticate(requests[i]))
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				p, err := backend.Authenticate(requests[i])
				if err != nil || !p.Has(benchPermission) {
					b.Fatal(err)
				}
				if i++; i == count {
					i = 0
				}
			}
		})
	}
}
