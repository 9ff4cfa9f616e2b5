package apikey_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// accepts reports whether a key is accepted. If not, it must be revoked.
func accepts(t *testing.T, b *apikey.Backend, key string) bool {
	t.Helper()
	p, err := send(b, key)
	if err == nil {
		return true
	}
	require.ErrorIs(t, err, runtime.ErrRevoked)
	require.NotErrorIs(t, err, runtime.ErrInvalidCredentials, "another backend could answer")
	require.Nil(t, p)
	return false
}

// A store of revocations ends keys of a table and of the configuration, remembered or not.
func TestRevocation(t *testing.T) {
	keys, store := newTable(), revocation.NewMemory()
	made := func(at time.Time) func(*apikey.Record) {
		return func(r *apikey.Record) { r.Owner, r.Created = "7", at }
	}
	one, old := keys.add(t, made(noon.Add(time.Second))), keys.add(t, made(noon))
	configured := generate(t, "acme")
	for _, remember := range []time.Duration{0, time.Minute} {
		store := revocation.NewMemory()
		b := keys.backend(t, func(c *apikey.Config) {
			c.Revocation, c.Remember = store, remember
			c.Keys = []apikey.Key{{ID: "ci", Secret: configured.Text, Owner: "8"}, {ID: "other", Secret: "some-other-secret-of-the-configuration"}}
		})
		all := func(wanted ...bool) {
			t.Helper()
			for i, text := range []string{one.Text, old.Text, configured.Text, "some-other-secret-of-the-configuration"} {
				assert.Equal(t, wanted[i], accepts(t, b, text), i)
			}
		}
		all(true, true, true, true)
		require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: "https://login.example", ID: one.ID}))
		require.NoError(t, store.RevokeUser(t.Context(), "", "7", noon.Add(time.Hour)))
		all(true, true, true, true) // these are tokens

		require.NoError(t, store.RevokeUser(t.Context(), apikey.Issuer, "7", noon))
		all(true, false, true, true)
		require.NoError(t, store.Revoke(t.Context(), apikey.TokenOf(keys.records[one.ID])))
		all(false, false, true, true)
		require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: apikey.Issuer, ID: "ci"}))
		all(false, false, false, true)
	}
	b := keys.backend(t, func(c *apikey.Config) {
		c.Revocation, c.Keys = store, []apikey.Key{{ID: "ci", Secret: configured.Text, Owner: "8"}}
	})
	require.NoError(t, store.RevokeUser(t.Context(), apikey.Issuer, "8", time.Unix(1, 0)))
	assert.False(t, accepts(t, b, configured.Text), "it does not say when it was made")
}

// What is revoked stays so when its text is replaced.
func TestRotationBringsNoRevokedKeyBack(t *testing.T) {
	keys, store := newTable(), revocation.NewMemory()
	g := keys.add(t, nil)
	b := keys.backend(t, func(c *apikey.Config) { c.Revocation = store })
	require.True(t, accepts(t, b, g.Text))
	require.NoError(t, store.Revoke(t.Context(), apikey.TokenOf(keys.records[g.ID])))
	next, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	keys.change(g.ID, func(r *apikey.Record) {
		r.Previous, r.PreviousExpires = r.SHA256, noon.Add(time.Hour)
		r.SHA256 = next.SHA256
	})
	assert.False(t, accepts(t, b, g.Text))
	assert.False(t, accepts(t, b, next.Text))
}

// A store that answers nothing is a refusal, and only keys that hold are asked about.
func TestBrokenRevocation(t *testing.T) {
	down := errors.New("connection refused")
	for name, answer := range map[string]func(context.Context) (bool, error){
		"down":                func(context.Context) (bool, error) { return false, down },
		"yes, and down":       func(context.Context) (bool, error) { return true, down },
		"panics":              func(context.Context) (bool, error) { panic("down") },
		"ignores its context": func(context.Context) (bool, error) { time.Sleep(time.Hour); return false, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys, asked := newTable(), 0
				g := keys.add(t, nil)
				expired := keys.add(t, func(r *apikey.Record) { r.Expires = noon })
				b := keys.backend(t, func(c *apikey.Config) {
					c.Revocation = storeFunc(func(ctx context.Context, token revocation.Token) (bool, error) {
						asked++
						assert.Equal(t, revocation.Token{Issuer: apikey.Issuer, ID: g.ID}, token)
						return answer(ctx)
					})
				})
				begin := time.Now()
				p, err := send(b, g.Text)
				assert.Nil(t, p)
				assert.ErrorIs(t, err, runtime.ErrUnavailable)
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
				assert.LessOrEqual(t, time.Since(begin), 2*time.Second)
				for _, other := range []string{generate(t, "acme").Text, expired.Text} {
					_, err = send(b, other)
					assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
				}
				time.Sleep(2 * time.Hour) // until the store is done
				assert.Equal(t, 1, asked)
			})
		})
	}
	_, err := apikey.New(apikey.Config{Revocation: (*revocation.Memory)(nil)})
	assert.ErrorContains(t, err, "Revocation: it is nil")
}

// storeFunc is a store that answers by a function.
type storeFunc func(context.Context, revocation.Token) (bool, error)

func (f storeFunc) Revoked(ctx context.Context, t revocation.Token) (bool, error) { return f(ctx, t) }
func (storeFunc) Revoke(context.Context, revocation.Token) error                  { return nil }
func (storeFunc) RevokeUser(context.Context, string, string, time.Time) error     { return nil }
func (storeFunc) RevokeFamily(context.Context, string, string, time.Time) error   { return nil }
