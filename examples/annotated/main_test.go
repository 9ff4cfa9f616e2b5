package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime/authtest"
)

// TestMain looks for passwords, keys and tokens in the log of all tests and in all that is refused. Those that requests send, and what
// all tokens and hashes begin with, are among them.
func TestMain(m *testing.M) {
	leak.Secret(secret, "eyJhbGciOi", "$argon2id$", "pbkdf2_sha256$")
	for _, user := range seedUsers {
		leak.Secret(user.name + "-password")
	}
	os.Exit(leak.Run(m))
}

func TestGeneratedCodeIsUpToDate(t *testing.T) { authtest.UpToDate(t) }

const (
	secret = "0123456789abcdef0123456789abcdef0123456789abcdef"
)

// settingsFor reads settings from an environment of nothing but these variables.
func settingsFor(t *testing.T, variables map[string]string) settings {
	t.Helper()
	s, err := readSettings(environmentOf(variables))
	require.NoError(t, err)
	return s
}

func environmentOf(variables map[string]string) environment {
	return func(name string) (string, bool) {
		value, set := variables[name]
		return value, set
	}
}

// A blog is a server of its own, with a new database, and the tokens of its users.
type blog struct {
	t      *testing.T
	server *Server
	url    string
	apiKey string
	tokens map[string]string
}

func newBlog(t *testing.T, variables map[string]string) *blog {
	t.Helper()
	if variables == nil {
		variables = map[string]string{"SECRET_KEY": secret}
	}
	s := settingsFor(t, variables)
	require.NoError(t, s.fetchKeys(t.Context()))
	db, err := openDatabase(t.Context(), s.database)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	revocations, closeRevocations, err := openRevocations(t.Context(), s)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, closeRevocations()) })
	server, err := newServer(t.Context(), s, db, revocations)
	require.NoError(t, err)
	handler, err := newHandler(server)
	require.NoError(t, err)
	listening := httptest.NewServer(handler)
	t.Cleanup(listening.Close)
	return &blog{t: t, server: server, url: listening.URL, apiKey: s.madeKey, tokens: map[string]string{}}
}

// An answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request with these header fields, given as names and values in turn.
func (b *blog) send(method, path, body string, header ...string) answer {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	leak.Request(r)
	response, err := http.DefaultTransport.RoundTrip(r) // follows no redirect
	require.NoError(b.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	leak.Answer(response.StatusCode, response.Header, string(text))
	return answer{response.StatusCode, response.Header, string(text)}
}

// logIn returns what a login gets.
func (b *blog) logIn(username, password string) answer {
	b.t.Helper()
	body, err := json.Marshal(map[string]string{"username": username, "password": password})
	require.NoError(b.t, err)
	return b.send("POST", "/auth/token", string(body))
}

// token returns a new token of a user.
func (b *blog) token(username string) string {
	b.t.Helper()
	a := b.logIn(username, username+"-password")
	require.Equal(b.t, http.StatusOK, a.status, a.body)
	var response struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(b.t, json.Unmarshal([]byte(a.body), &response))
	return response.AccessToken
}

// as returns the header of a caller: a user who logged in once, or one of those who could not.
func (b *blog) as(caller string) []string {
	b.t.Helper()
	switch caller {
	case "anonymous":
		return nil
	case "API key":
		return []string{"X-API-Key", b.apiKey}
	case "bad API key":
		return []string{"X-API-Key", b.apiKey + "x"}
	case "bad token": // of alice, with the signature of another
		head, _, _ := cutLast(b.token("alice"), ".")
		_, signature, _ := cutLast(b.token("bob"), ".")
		return []string{"Authorization", "Bearer " + head + "." + signature}
	case "eve": // she has no token of ours, or one from when she was active
		return []string{"Authorization", "Bearer " + b.sign(jwt.MapClaims{"sub": "4"})}
	}
	if b.tokens[caller] == "" {
		b.tokens[caller] = b.token(caller)
	}
	return []string{"Authorization", "Bearer " + b.tokens[caller]}
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	return s[:max(i, 0)], s[i+len(separator):], i >= 0
}

// sign returns a token with these claims, and with those that every token must have.
func (b *blog) sign(claims jwt.MapClaims) string {
	b.t.Helper()
	all := jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "jti": b.t.Name()}
	for name, value := range claims {
		all[name] = value
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, all).SignedString([]byte(secret))
	require.NoError(b.t, err)
	return token
}

// assertProblem asserts that an answer is a problem document, and refuses as it should.
func assertProblem(t *testing.T, status int, a answer) {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	assert.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	var problem struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &problem))
	assert.Equal(t, http.StatusText(status), problem.Title)
	assert.Equal(t, status, problem.Status)
	switch status {
	case http.StatusUnauthorized:
		assert.NotEmpty(t, a.header.Values("WWW-Authenticate"))
		assert.NotEmpty(t, problem.Detail)
	case http.StatusForbidden:
		assert.NotEmpty(t, problem.Detail)
	}
}
