package redisstore_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// Two instances of a service share the logins of its users, and one of them logs a user out of the other.
func TestRefreshTokensOfInstances(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	instance := func() *jwtauth.PairIssuer {
		issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: []byte("0123456789abcdef0123456789abcdef"), Issuer: issuer})
		require.NoError(t, err)
		pairs, err := jwtauth.NewPairIssuer(jwtauth.PairConfig{
			Issuer: issuer, Store: newRefresh(t, redisstore.RefreshConfig{Client: server.client(t), Timeout: long}),
			User: func(_ context.Context, id string) (jwtauth.Account, error) {
				return jwtauth.Account{User: jwtauth.User{ID: id}}, nil
			},
			OnReuse: func(context.Context, jwtauth.Reuse) {},
		})
		require.NoError(t, err)
		return pairs
	}
	one, other := instance(), instance()
	first, err := one.LogIn(t.Context(), "7", jwtauth.LoginOptions{})
	require.NoError(t, err)
	second, err := other.Refresh(t.Context(), first.RefreshToken, "")
	require.NoError(t, err)
	again, err := one.Refresh(t.Context(), first.RefreshToken, "")
	require.NoError(t, err)
	require.Equal(t, second.RefreshToken, again.RefreshToken, "the answer that was lost")
	third, err := one.Refresh(t.Context(), second.RefreshToken, "")
	require.NoError(t, err)
	_, err = other.Refresh(t.Context(), first.RefreshToken, "")
	require.ErrorIs(t, err, jwtauth.ErrReuse)
	_, err = one.Refresh(t.Context(), third.RefreshToken, "")
	require.ErrorIs(t, err, runtime.ErrUnauthenticated)

	first, err = one.LogIn(t.Context(), "7", jwtauth.LoginOptions{})
	require.NoError(t, err)
	require.NoError(t, other.LogOutUser(t.Context(), "7"))
	_, err = one.Refresh(t.Context(), first.RefreshToken, "")
	require.ErrorIs(t, err, runtime.ErrUnauthenticated)

	first, err = one.LogIn(t.Context(), "7", jwtauth.LoginOptions{})
	require.NoError(t, err)
	server.stop()
	_, err = one.Refresh(t.Context(), first.RefreshToken, "")
	require.ErrorIs(t, err, runtime.ErrUnavailable)
}

func TestSessionsOfInstances(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	instance := func() *session.Backend {
		backend, err := session.New(session.Config{
			Store: newSession(t, redisstore.SessionConfig{Client: server.client(t), Timeout: long}),
			User:  func(_ context.Context, id string) (runtime.Identity, error) { return runtime.Identity{UserID: id}, nil },
		})
		require.NoError(t, err)
		return backend
	}
	one, other := instance(), instance()
	logIn := func() *http.Request {
		t.Helper()
		w := httptest.NewRecorder()
		require.NoError(t, one.LogIn(w, httptest.NewRequest(http.MethodPost, "/login", nil), "7", session.Options{}))
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.AddCookie(w.Result().Cookies()[0])
		return r
	}
	r, second := logIn(), logIn()
	principal, err := other.Authenticate(r)
	require.NoError(t, err)
	require.Equal(t, "7", principal.UserID())

	count := session.NewKey[int]("count")
	as := r.WithContext(runtime.NewContext(r.Context(), principal))
	values, err := other.Session(as)
	require.NoError(t, err)
	late, err := one.Session(as)
	require.NoError(t, err)
	require.NoError(t, count.Set(values, 1))
	require.NoError(t, values.Save(t.Context()))
	require.NoError(t, count.Set(late, 2))
	require.ErrorIs(t, late.Save(t.Context()), session.ErrConflict)

	require.NoError(t, other.LogOut(httptest.NewRecorder(), second))
	_, err = one.Authenticate(second)
	require.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	_, err = one.Authenticate(r)
	require.NoError(t, err)
	server.stop()
	began := time.Now()
	_, err = one.Authenticate(r)
	require.ErrorIs(t, err, runtime.ErrUnavailable)
	require.Less(t, time.Since(began), long)
}
