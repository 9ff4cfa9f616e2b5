package jwtauth

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/bounded"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// storeFunc is a store that answers by a function.
type storeFunc func(context.Context, revocation.Token) (bool, error)

func (f storeFunc) Revoked(ctx context.Context, t revocation.Token) (bool, error) { return f(ctx, t) }
func (storeFunc) Revoke(context.Context, revocation.Token) error                  { return nil }
func (storeFunc) RevokeUser(context.Context, string, string, time.Time) error     { return nil }
func (storeFunc) RevokeFamily(context.Context, string, string, time.Time) error   { return nil }

func withStore(t testing.TB, store revocation.Store) *Backend {
	t.Helper()
	return newTestBackend(t, func(c *Config) { c.Revocation = store })
}

func TestRevocation(t *testing.T) {
	store := revocation.NewMemory()
	b := withStore(t, store)
	token := signPlain(t, plainHeader, with("iss", `"me"`, "fam", `"f"`))
	other := signPlain(t, plainHeader, with("iss", `"me"`, "fam", `"f"`, "jti", `"a-2"`))
	foreign := signPlain(t, plainHeader, with("iss", `"you"`, "fam", `"f"`))
	refused := func(token string) bool {
		p, err := authenticate(b, token)
		if err == nil {
			return false
		}
		require.ErrorIs(t, err, runtime.ErrRevoked)
		require.NotErrorIs(t, err, runtime.ErrInvalidCredentials, "HOSTILE 117: another backend could answer")
		require.Nil(t, p)
		require.Equal(t, genericChallenge, b.Challenge(nil, err), "HOSTILE 113")
		return true
	}

	known, err := TokenOf(requireAccepted(t, b, token))
	require.NoError(t, err)
	assert.Equal(t, revocation.Token{
		Issuer: "me", ID: "a-1", UserID: "42", Family: "f", IssuedAt: testNow, Expires: testNow.Add(time.Hour),
	}, known)

	require.NoError(t, store.Revoke(t.Context(), known))
	assert.True(t, refused(token))
	assert.False(t, refused(other))
	assert.False(t, refused(foreign), "HOSTILE 122: the same sub and jti from another issuer")
	t.Run("HOSTILE 61: the same claims in another text", func(t *testing.T) {
		assert.True(t, refused(signPlain(t, `{"typ":"JWT","alg":"HS256"}`, " "+with("iss", `"\u006de"`, "fam", `"f"`, "jti", `"a\u002d1"`))))
	})

	require.NoError(t, store.RevokeFamily(t.Context(), known.Issuer, known.Family, known.Expires))
	assert.True(t, refused(other))
	assert.False(t, refused(foreign))

	require.NoError(t, store.RevokeUser(t.Context(), "you", "42", testNow))
	assert.True(t, refused(foreign), "HOSTILE 66: issued in the second of the revocation")
	assert.True(t, refused(signPlain(t, plainHeader, with("iss", `"you"`, "iat", "", "jti", `"z"`))), "a token that does not say when")
	assert.False(t, refused(signPlain(t, plainHeader, with("iss", `"you"`, "iat", "1750000001", "jti", `"z"`))))
}

func TestRevocationNeedsJTI(t *testing.T) { // HOSTILE 52
	b := withStore(t, revocation.NewMemory())
	requireRefused(t, b, signPlain(t, plainHeader, with("jti", "")), errTokenID)
}

func TestStoreIsAskedOnlyForTokensThatHold(t *testing.T) {
	asked := 0
	b := withStore(t, storeFunc(func(_ context.Context, token revocation.Token) (bool, error) {
		asked++
		assert.Equal(t, "a-1", token.ID)
		return false, nil
	}))
	good := signPlain(t, plainHeader, plainClaims)
	requireRefused(t, b, signPlain(t, plainHeader, with("exp", "1", "iat", "")), errExpired)
	requireRefused(t, b, good[:len(good)-4]+"AAAA", errSignature)
	assert.Zero(t, asked)
	requireAccepted(t, b, good)
	assert.Equal(t, 1, asked)
}

func TestBrokenStores(t *testing.T) { // HOSTILE 63
	token := signPlain(t, plainHeader, plainClaims)
	down := errors.New("connection refused")
	cases := map[string]storeFunc{
		"down":            func(context.Context, revocation.Token) (bool, error) { return false, down },
		"yes, and down":   func(context.Context, revocation.Token) (bool, error) { return true, down },
		"panics":          func(context.Context, revocation.Token) (bool, error) { panic(token) },
		"exits":           func(context.Context, revocation.Token) (bool, error) { panic(http.ErrAbortHandler) },
		"waits":           func(ctx context.Context, _ revocation.Token) (bool, error) { <-ctx.Done(); return false, nil },
		"waits and fails": func(ctx context.Context, _ revocation.Token) (bool, error) { <-ctx.Done(); return false, ctx.Err() },
		"ignores its context": func(context.Context, revocation.Token) (bool, error) {
			time.Sleep(time.Hour)
			return false, nil
		},
	}
	for name, store := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := withStore(t, store)
				begin := time.Now()
				p, err := authenticate(b, token)
				assert.ErrorIs(t, err, runtime.ErrUnavailable)
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
				assert.NotContains(t, err.Error(), token, "HOSTILE 112")
				assert.Nil(t, p)
				assert.LessOrEqual(t, time.Since(begin), bounded.Timeout)
				assert.Equal(t, `Bearer realm="api"`, b.Challenge(nil, err))
				if name == "panics" {
					assert.ErrorIs(t, err, bounded.ErrPanic)
					assert.Zero(t, time.Since(begin))
				}
				time.Sleep(2 * time.Hour) // until the store is done
			})
		})
	}
	t.Run("the cause stays", func(t *testing.T) {
		_, err := authenticate(withStore(t, cases["down"]), token)
		assert.ErrorIs(t, err, down)
	})
}

func TestHangingStoreIsNotAskedForever(t *testing.T) { // HOSTILE 63
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		b := withStore(t, storeFunc(func(context.Context, revocation.Token) (bool, error) {
			<-release
			return false, nil
		}))
		token := signPlain(t, plainHeader, plainClaims)
		for range bounded.MaxCalls {
			go func() { _, _ = authenticate(b, token) }()
		}
		time.Sleep(2 * bounded.Timeout) // all have been refused, and the store still hangs
		_, err := authenticate(b, token)
		assert.ErrorIs(t, err, bounded.ErrBusy)
		assert.ErrorIs(t, err, runtime.ErrUnavailable)

		close(release)
		synctest.Wait()
		requireAccepted(t, b, token)
	})
}

// Memory is asked without the precautions against stores that hang.
func TestMemoryCostsNoAllocation(t *testing.T) {
	b := withStore(t, revocation.NewMemory())
	r := &http.Request{Header: http.Header{"Authorization": {"Bearer " + signPlain(t, plainHeader, plainClaims)}}}
	assert.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = b.Authenticate(r) }), 2.0+poolLosses)
}

func TestCanceledRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := withStore(t, storeFunc(func(ctx context.Context, _ revocation.Token) (bool, error) { return false, ctx.Err() }))
	r := (&http.Request{Header: http.Header{"Authorization": {"Bearer " + signPlain(t, plainHeader, plainClaims)}}}).WithContext(ctx)
	_, err := b.Authenticate(r)
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
}

func TestTokenOfOthers(t *testing.T) {
	for name, p := range map[string]*runtime.Principal{
		"nil":       nil,
		"anonymous": runtime.Anonymous(),
		"API key":   runtime.NewPrincipal(runtime.Identity{UserID: "apikey:ci", Backend: "api_key", Claims: map[string]any{"jti": "a"}}),
		"no jti":    requireAccepted(t, newTestBackend(t, nil), signPlain(t, plainHeader, with("jti", ""))),
	} {
		t.Run(name, func(t *testing.T) {
			token, err := TokenOf(p)
			assert.Error(t, err)
			assert.Zero(t, token)
		})
	}
}

func TestCheck(t *testing.T) { // HOSTILE 58, 59
	token := signPlain(t, plainHeader, plainClaims)
	disabled := errors.New("disabled")
	cases := []struct {
		name  string
		err   error
		is    []error
		isNot []error
	}{
		{"unauthenticated", runtime.ErrUnauthenticated, []error{runtime.ErrRevoked, runtime.ErrUnauthenticated}, []error{runtime.ErrInvalidCredentials}},
		{"forbidden, wrapped", errors.Join(disabled, runtime.ErrForbidden), []error{runtime.ErrRevoked, disabled}, []error{runtime.ErrInvalidCredentials}},
		{"revoked", runtime.ErrRevoked, []error{runtime.ErrRevoked}, []error{runtime.ErrInvalidCredentials}},
		{"invalid", runtime.ErrInvalidCredentials, []error{runtime.ErrInvalidCredentials}, []error{runtime.ErrRevoked}},
		{"unavailable", runtime.ErrUnavailable, []error{runtime.ErrUnavailable}, []error{runtime.ErrRevoked, runtime.ErrInvalidCredentials}},
		{"anything else", disabled, []error{disabled}, []error{runtime.ErrRevoked, runtime.ErrInvalidCredentials, runtime.ErrNoCredentials, runtime.ErrUnavailable}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			type contextKey struct{}
			ctx := context.WithValue(t.Context(), contextKey{}, "request")
			b := newTestBackend(t, func(config *Config) {
				config.Check = func(ctx context.Context, p *runtime.Principal) error {
					assert.Equal(t, "42", p.UserID())
					assert.Equal(t, "request", ctx.Value(contextKey{}))
					return c.err
				}
			})
			r := (&http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}).WithContext(ctx)
			p, err := b.Authenticate(r)
			assert.Nil(t, p)
			for _, is := range c.is {
				assert.ErrorIs(t, err, is)
			}
			for _, isNot := range c.isNot {
				assert.NotErrorIs(t, err, isNot)
			}
		})
	}
	t.Run("it has the last word", func(t *testing.T) {
		store := revocation.NewMemory()
		require.NoError(t, store.Revoke(t.Context(), revocation.Token{ID: "a-1"}))
		b := newTestBackend(t, func(config *Config) {
			config.Revocation = store
			config.Check = func(context.Context, *runtime.Principal) error { panic("asked for a revoked token") }
		})
		_, err := authenticate(b, token)
		assert.ErrorIs(t, err, runtime.ErrRevoked)
		_, err = authenticate(b, token[:len(token)-4]+"AAAA")
		assert.ErrorIs(t, err, errSignature)
	})
	t.Run("nil accepts", func(t *testing.T) {
		requireAccepted(t, newTestBackend(t, func(config *Config) {
			config.Check = func(context.Context, *runtime.Principal) error { return nil }
		}), token)
	})
}
