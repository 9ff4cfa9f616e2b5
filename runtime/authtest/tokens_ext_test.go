package authtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/authtest"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

var bob = jwtauth.User{ID: "2", Username: "bob", Staff: true}

func TestTokens(t *testing.T) {
	tokens := authtest.NewTokens(t)
	backend, err := jwtauth.New(tokens.Config())
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	tokens.Authorize(r, bob, "blog.view_article")
	assert.Equal(t, 200, serve(staff(t, backend), r))
	p, err := backend.Authenticate(r)
	require.NoError(t, err)
	assert.Equal(t, []string{"blog.view_article"}, p.Permissions())
	assert.True(t, p.AuthTime().Equal(tokens.Now()))

	tokens.Advance(time.Hour - time.Second)
	assert.Equal(t, 200, serve(staff(t, backend), r))
	tokens.Advance(time.Second)
	assert.Equal(t, 401, serve(staff(t, backend), r), "it has expired")
	tokens.Advance(-time.Hour)
	assert.Equal(t, 200, serve(staff(t, backend), r))

	tokens.Rotate()
	assert.Equal(t, 200, serve(staff(t, backend), r), "the old key verifies")
	tokens.Retire()
	assert.Equal(t, 401, serve(staff(t, backend), r), "the old key is gone")
	tokens.Authorize(r, bob)
	assert.Equal(t, 200, serve(staff(t, backend), r))
}

func TestJWKS(t *testing.T) {
	tokens := authtest.NewTokens(t)
	jwks := tokens.JWKS()
	observed := make(chan error, 16)
	keys, err := jwtauth.JWKSURL(t.Context(), jwks.URL,
		jwtauth.WithFetchInterval(time.Millisecond), jwtauth.WithRefresh(time.Hour), jwtauth.WithFetchObserver(func(err error) { observed <- err }))
	require.NoError(t, err)
	require.NoError(t, <-observed)
	config := tokens.Config()
	config.Keys = keys
	backend, err := jwtauth.New(config)
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	tokens.Authorize(r, bob)
	assert.Equal(t, 200, serve(staff(t, backend), r))
	assert.Equal(t, 1, jwks.Fetches())

	jwks.Break(http.StatusInternalServerError)
	tokens.Rotate()
	fresh := httptest.NewRequest(http.MethodGet, "/", nil)
	tokens.Authorize(fresh, bob)
	time.Sleep(2 * time.Millisecond) // the interval between two fetches
	assert.Equal(t, 401, serve(staff(t, backend), fresh), "the new key is not known, and cannot be fetched")
	require.Error(t, <-observed)
	assert.Equal(t, 200, serve(staff(t, backend), r), "the last good set stays")

	jwks.Break(0)
	require.Eventually(t, func() bool { return serve(staff(t, backend), fresh) == 200 }, 5*time.Second, 2*time.Millisecond)
	tokens.Retire()
	tokens.Rotate()
	tokens.Authorize(fresh, bob)
	require.Eventually(t, func() bool { return serve(staff(t, backend), fresh) == 200 }, 5*time.Second, 2*time.Millisecond)
	assert.Equal(t, 401, serve(staff(t, backend), r), "a key that was removed is not trusted any more")
}

func TestTokensFailTheTest(t *testing.T) {
	r := &recorder{TB: t}
	tokens := authtest.NewTokens(r)
	assert.PanicsWithValue(t, stopped, func() { tokens.Token(jwtauth.User{}, jwtauth.TokenOptions{}) })
	require.Len(t, r.failures, 1)
	assert.Contains(t, r.failures[0], "claim sub")
}
