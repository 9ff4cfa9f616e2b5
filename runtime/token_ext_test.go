package runtime_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const tokenClaims = `{"sub":"42","exp":1750003600,"nested":{"a":[1,"x",null]},"scope":"read write"}`

func tokenIdentity() runtime.Identity {
	return runtime.Identity{
		UserID: "42", Staff: true, Backend: "jwt", Permissions: []string{"blog.view_article"}, AuthTime: time.Unix(1_750_000_000, 0),
	}
}

func TestNewTokenPrincipalIsLikeNewPrincipal(t *testing.T) {
	lazy := runtime.NewTokenPrincipal(tokenIdentity(), "read write", tokenClaims)
	id := tokenIdentity()
	id.Claims = map[string]any{
		"sub": "42", "exp": json.Number("1750003600"), "nested": map[string]any{"a": []any{json.Number("1"), "x", nil}}, "scope": "read write",
	}
	eager := runtime.NewPrincipal(id)

	assert.Equal(t, eager.UserID(), lazy.UserID())
	assert.Equal(t, eager.IsStaff(), lazy.IsStaff())
	assert.Equal(t, eager.Backend(), lazy.Backend())
	assert.Equal(t, eager.Permissions(), lazy.Permissions())
	assert.Equal(t, eager.AuthTime(), lazy.AuthTime())
	assert.True(t, lazy.HasScope(runtime.NewScope("write")))
	assert.False(t, lazy.HasScope(runtime.NewScope("admin")))
	for name := range id.Claims {
		want, _ := eager.Claim(name)
		got, ok := lazy.Claim(name)
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	_, ok := lazy.Claim("absent")
	assert.False(t, ok)

	want, err := json.Marshal(eager)
	require.NoError(t, err)
	got, err := json.Marshal(lazy)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(got))
}

func TestTokenPrincipalCannotBeChanged(t *testing.T) {
	p := runtime.NewTokenPrincipal(tokenIdentity(), "read write", tokenClaims)
	nested, _ := p.Claim("nested")
	nested.(map[string]any)["a"].([]any)[0] = "changed"
	again, _ := p.Claim("nested")
	assert.Equal(t, json.Number("1"), again.(map[string]any)["a"].([]any)[0])
}

func TestTokenPrincipalIsSharedBetweenRequests(t *testing.T) {
	p := runtime.NewTokenPrincipal(tokenIdentity(), "read write", tokenClaims)
	var requests sync.WaitGroup
	for range 16 {
		requests.Go(func() {
			claim, ok := p.Claim("exp")
			assert.True(t, ok)
			assert.Equal(t, json.Number("1750003600"), claim)
			_, err := json.Marshal(p)
			assert.NoError(t, err)
		})
	}
	requests.Wait()
}

func TestTokenPrincipalOfNobody(t *testing.T) {
	id := tokenIdentity()
	id.UserID = ""
	p := runtime.NewTokenPrincipal(id, "read write", tokenClaims)
	assert.Same(t, runtime.Anonymous(), p)
	_, ok := p.Claim("exp")
	assert.False(t, ok)
}

func TestTokenPrincipalOfWrongText(t *testing.T) {
	p := runtime.NewTokenPrincipal(tokenIdentity(), nil, `{"a":1,"a":2}`)
	_, ok := p.Claim("a")
	assert.False(t, ok)
}
