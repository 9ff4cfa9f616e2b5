package jwtauth

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fuzzTexts = []string{
	plainClaims, with("aud", `"api"`), with("aud", `["api","b"]`, "iss", `"me"`), with("exp", "1750003600.5"), with("exp", "1.75e9"), with("exp", "253402300799"),
	with("permissions", `["a","b"]`, "is_staff", "true", "scope", `"read"`), with("nbf", "1750000000", "auth_time", "1"), with("x", `{"a":[1e400]}`),
	with("sub", `"\ud83d\ude00"`), with("SUB", `"1"`), `{"sub":"1","sub":"2"}`, `null`, ``, "\ufeff{}", with("x", `"\u0000"`), with("iat", "1750000030"),
}

// The strict pass never panics. Whatever the backend accepts, golang-jwt with
// strict options accepts, with the same claims.
func FuzzAuthenticate(f *testing.F) {
	for _, text := range fuzzTexts {
		f.Add(plainHeader, text, true)
		f.Add(`{"alg":"HS256","kid":"a","x":[]}`, text, true)
		f.Add(`{"alg":"none"}`, text, false)
	}
	backend := newTestBackend(f, func(c *Config) { c.Audience, c.Issuer = []string{"api"}, "me" })
	plain := newTestBackend(f, nil)
	f.Fuzz(func(t *testing.T, header, claims string, signed bool) {
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
		signature := must(jwt.SigningMethodHS256.Sign(text, testSecret))
		if !signed {
			signature[0] ^= 1
		}
		text += "." + base64.RawURLEncoding.EncodeToString(signature)
		_, err := authenticate(backend, text)
		if err == nil {
			requireAgreement(t, text, jwt.WithAudience("api"), jwt.WithIssuer("me"))
		}
		_, err = authenticate(plain, text)
		if err == nil {
			requireAgreement(t, text)
		}
	})
}

// requireAgreement asserts that golang-jwt accepts the token, and that it finds
// the claims that the backend does.
func requireAgreement(t *testing.T, text string, options ...jwt.ParserOption) {
	t.Helper()
	options = append(options, jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithJSONNumber(), jwt.WithTimeFunc(func() time.Time { return testNow }),
		jwt.WithLeeway(clockSkew+time.Second)) // it cuts fractions off, and knows no difference of clocks for iat alone
	var claims jwt.MapClaims
	_, err := jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return testSecret, nil }, options...)
	require.NoError(t, err)

	var ours token
	require.NoError(t, new(scratch).parse(text, &ours, &usualNames))
	p := ours.claims.principal(&trust{}, false)
	for name, want := range claims {
		got, ok := p.Claim(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
	}
	assert.Equal(t, claims["sub"], p.UserID())
	assert.Equal(t, claims["is_staff"] == true, p.IsStaff())
	assert.Equal(t, claims["is_superuser"] == true, p.IsSuperuser())
	permissions, _ := claims["permissions"].([]any)
	assert.Len(t, p.Permissions(), len(permissions))
	for i, permission := range p.Permissions() {
		assert.Equal(t, permissions[i], permission)
	}
	assert.Equal(t, claims["jti"] != nil, ours.claims.id != "")
	if seconds, err := claims["exp"].(json.Number).Float64(); assert.NoError(t, err) {
		expires := ours.claims.expires // too late for UnixNano
		assert.InDelta(t, seconds, float64(expires.Unix())+float64(expires.Nanosecond())/1e9, 1e-3)
	}
}

// Nothing but a token with its signature is accepted, whatever the header field
// says.
func FuzzAuthorization(f *testing.F) {
	good := signPlain(f, plainHeader, plainClaims)
	for _, value := range []string{
		"", "Bearer", "Bearer " + good, "bearer  " + good, good, "Basic " + good, "Bearer " + good + " ", "Bearer " + good + ".", "Bearer " + good + "=",
		"Bearer " + good[:40] + "\n" + good[40:], "Bearer ..", "Bearer a.b", "Bearer a.b.c", "Bearer " + good + ", Bearer " + good,
	} {
		f.Add(value)
	}
	b := newTestBackend(f, nil)
	f.Fuzz(func(t *testing.T, value string) {
		p, err := b.Authenticate(&http.Request{Header: http.Header{"Authorization": {value}}})
		if err != nil {
			require.Nil(t, p)
			return
		}
		scheme, rest, found := strings.Cut(value, " ")
		require.True(t, found)
		require.Equal(t, "bearer", strings.ToLower(scheme))
		parts := strings.Split(strings.TrimLeft(rest, " "), ".")
		require.Len(t, parts, 3)
		signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
		require.NoError(t, err)
		require.NoError(t, jwt.SigningMethodHS256.Verify(parts[0]+"."+parts[1], signature, testSecret))
	})
}

// No text makes the strict pass panic, and no two texts with one signature make
// it find the same.
func FuzzParse(f *testing.F) {
	good := signPlain(f, plainHeader, plainClaims)
	for _, text := range []string{"", ".", "..", "a.b.c", good, good + "=", good + "\n", good[:len(good)-1], "." + good, strings.Repeat(".", 100)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var found token
		var s scratch
		if s.parse(string(text), &found, &usualNames) != nil {
			return
		}
		parts := strings.Split(string(text), ".")
		require.Len(t, parts, 3)
		for i, decoded := range []string{"", found.claims.text, string(s.decoded)} {
			if i > 0 {
				require.Equal(t, base64.RawURLEncoding.EncodeToString([]byte(decoded)), parts[i])
			}
		}
		require.True(t, json.Valid([]byte(found.claims.text)))
		require.Equal(t, parts[0]+"."+parts[1], string(s.signed))
		require.False(t, slices.Contains(text, '\n'))
	})
}
