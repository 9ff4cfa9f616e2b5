package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSettingsThatAreWrong(t *testing.T) {
	file := func(text string) string { return writeFile(t, []byte(text)) }
	tests := []struct {
		name, value, want string
	}{
		{"ADDR", "", "is empty"},
		{"DATABASE", "", "is empty"},
		{"SECRET_KEY", "", "is empty"},                          // HOSTILE 57
		{"SECRET_KEY", "short", "at least 32"},                  // HOSTILE 57
		{"SECRET_KEY", secret + "\n", "white space"},            // HOSTILE 57
		{"SECRET_KEY", "django-insecure-" + secret, "Django"},   // HOSTILE 57
		{"JWT_ALGORITHMS", "none", `"none" is not supported`},   // HOSTILE 23
		{"JWT_ALGORITHMS", "hs256", `"hs256" is not supported`}, // HOSTILE 28
		{"JWT_ALGORITHMS", "HS256,", `"" is not supported`},
		{"JWT_ALGORITHMS", "HS256,RS256", "RS256 needs Keys"},
		{"JWT_PUBLIC_KEYS", filepath.Join(t.TempDir(), "missing"), "no such file"},
		{"JWT_PUBLIC_KEYS", file(`{"keys":[]}`), "no key"},
		{"JWT_PUBLIC_KEYS", file(`{"keys":[{"kty":"oct","k":"AAAA"}]}`), "symmetric"},
		{"JWT_PUBLIC_KEYS", file("no key"), "no PEM block"},
		{"JWT_JWKS_URL", "", "is empty"},
		{"JWT_AUDIENCE", " blog", "white space"},
		{"JWT_ISSUER", "issuer ", "white space"},
		{"JWT_HEADER", "Cookie", "Cookie"},
		{"JWT_HEADER", "X Token", "not a name"},
		{"JWT_LEEWAY", "-1", "whole number"},
		{"JWT_LEEWAY", "1.5", "whole number"},
		{"JWT_LEEWAY", "3601", "Leeway"},
		{"REVOCATION", "ftp://u:0123456789@127.0.0.1", "is none of memory:, sqlite:PATH"},
		{"API_KEYS", filepath.Join(t.TempDir(), "missing"), "no such file"},
		{"API_KEYS", file(`{"key":"0123456789"}`), "not a JSON list"},
		{"API_KEYS", file(`null`), "not a JSON list"},
		{"API_KEYS", file(`[] []`), "goes on"},
		{"API_KEYS", file(`[{"id":"ci","secret":"0123456789"}]`), "not a JSON list"},
		{"API_KEYS", file(`[{"id":"ci","key":""}]`), "empty"}, // HOSTILE 78
	}
	for _, test := range tests {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			_, err := readSettings(environmentOf(map[string]string{test.name: test.value}))
			require.ErrorContains(t, err, test.name+": ")
			assert.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), secret)
			assert.NotContains(t, err.Error(), "0123456789")
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := readSettings(environmentOf(map[string]string{"JWT_LEEWAY": "x", "REVOCATION": "x", "SECRET_KEY": "x"}))
		for _, name := range []string{"JWT_LEEWAY: ", "REVOCATION: ", "SECRET_KEY: "} {
			assert.ErrorContains(t, err, name)
		}
	})
}

func TestSettingsByDefault(t *testing.T) {
	first, second := settingsFor(t, nil), settingsFor(t, nil)
	assert.Equal(t, "127.0.0.1:8080", first.addr)
	assert.True(t, first.madeSecret)
	assert.NotEqual(t, first.secret, second.secret)
	assert.NotEqual(t, first.madeKey, second.madeKey)
	given := settingsFor(t, map[string]string{"SECRET_KEY": secret, "REVOCATION": "memory:", "API_KEYS": writeFile(t, []byte("[]"))})
	assert.False(t, given.madeSecret)
	assert.Empty(t, given.madeKey)
	assert.Empty(t, given.apiKeys)
}

func writeFile(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

func TestPublicKeys(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	require.NoError(t, err)
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	path := writeFile(t, public)
	_, err = readSettings(environmentOf(map[string]string{"JWT_PUBLIC_KEYS": path}))
	require.ErrorContains(t, err, "JWT_ALGORITHMS: is needed")

	b := newBlog(t, map[string]string{"JWT_PUBLIC_KEYS": path, "JWT_ALGORITHMS": "RS256,RS512", "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": "blog"})
	claims := jwt.MapClaims{"sub": "1", "iss": "https://issuer.example", "aud": "blog", "jti": "1", "exp": time.Now().Add(time.Hour).Unix()}
	get := func(method jwt.SigningMethod, key any) answer {
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		require.NoError(t, err)
		return b.send("GET", "/private", "", "Authorization", "Bearer "+token)
	}
	assert.Equal(t, http.StatusOK, get(jwt.SigningMethodRS256, private).status)
	assert.Equal(t, http.StatusOK, get(jwt.SigningMethodRS512, private).status)
	assertProblem(t, http.StatusUnauthorized, get(jwt.SigningMethodRS384, private))
	assertProblem(t, http.StatusUnauthorized, get(jwt.SigningMethodHS256, public)) // HOSTILE 24
	claims["aud"] = "shop"
	assertProblem(t, http.StatusUnauthorized, get(jwt.SigningMethodRS256, private)) // HOSTILE 49
	claims["aud"], claims["iss"] = "blog", "https://issuer.example.evil"
	assertProblem(t, http.StatusUnauthorized, get(jwt.SigningMethodRS256, private)) // HOSTILE 50
	assertProblem(t, http.StatusNotImplemented, b.logIn("alice", "alice-password"))
}

func TestHeaderAndLeeway(t *testing.T) {
	b := newBlog(t, map[string]string{"SECRET_KEY": secret, "JWT_HEADER": "X-Token", "JWT_LEEWAY": "60", "JWT_ALGORITHMS": "HS512, HS256"})
	token := b.token("alice")
	assert.Equal(t, http.StatusOK, b.send("GET", "/private", "", "X-Token", token).status)
	assert.Equal(t, http.StatusOK, b.send("GET", "/private", "", "X-Token", "Bearer "+token).status)
	assertProblem(t, http.StatusUnauthorized, b.send("GET", "/private", "", "Authorization", "Bearer "+token))
	for age, status := range map[time.Duration]int{30 * time.Second: 200, 2 * time.Minute: 401} {
		old := b.sign(jwt.MapClaims{"sub": "1", "exp": time.Now().Add(-age).Unix(), "iat": time.Now().Add(-time.Hour).Unix()})
		assert.Equal(t, status, b.send("GET", "/private", "", "X-Token", old).status, age)
	}
}

func TestAPIKeys(t *testing.T) {
	digest := sha256.Sum256([]byte("key-by-digest"))
	text, err := json.Marshal([]map[string]any{
		{"id": "1", "key": "key-in-clear", "permissions": []string{ViewArticle, DeleteArticle, ChangeArticle}},
		{"id": "digest", "sha256": hex.EncodeToString(digest[:])},
		{"id": "old", "key": "key-expired", "expires": time.Now().Add(-time.Hour)},
		{"id": "new", "key": "key-not-expired", "expires": time.Now().Add(time.Hour)},
	})
	require.NoError(t, err)
	b := newBlog(t, map[string]string{"SECRET_KEY": secret, "API_KEYS": writeFile(t, text)})
	for key, status := range map[string]int{"key-in-clear": 200, "key-by-digest": 200, "key-expired": 401, "key-not-expired": 200,
		"key-in-clea": 401, "key-in-clear2": 401, hex.EncodeToString(digest[:]): 401, "": 401} { // HOSTILE 78, 79, 81
		assert.Equal(t, status, b.send("GET", "/internal", "", "X-API-Key", key).status, key)
	}
	assertProblem(t, http.StatusUnauthorized, b.send("GET", "/internal?api_key=key-in-clear", "")) // HOSTILE 83
	assertProblem(t, http.StatusForbidden, b.send("GET", "/me", "", "X-API-Key", "key-in-clear"))  // its id is that of alice
	assertProblem(t, http.StatusForbidden, b.send("DELETE", "/articles/1", "", "X-API-Key", "key-by-digest"))
	assert.Equal(t, http.StatusNoContent, b.send("DELETE", "/articles/1", "", "X-API-Key", "key-in-clear").status)
}
