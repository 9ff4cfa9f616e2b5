package runtime_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
	"github.com/boltauthgen/boltauthgen/runtime"
)

const tokenText = `{"sub":"7","scope":"read","exp":1,"groups":["a",{"b":"c"}],"password":"s3cr3t"}`

func tokenPrincipal() *runtime.Principal {
	id := full()
	id.Claims = map[string]any{"scope": "read write", "other": "x"}
	return runtime.NewTokenPrincipal(id, strictjson.Accepted(tokenText))
}

// A principal whose claims are still text is like any other.
func TestTokenPrincipal(t *testing.T) {
	p := tokenPrincipal()
	assert.True(t, p.IsAuthenticated())
	assert.True(t, p.IsStaff())
	assert.True(t, p.IsSuperuser())
	assert.True(t, p.Ambient())
	assert.Equal(t, "7", p.UserID())
	assert.Equal(t, "jwt", p.Backend())
	assert.True(t, p.Fresh(time.Hour))
	assert.True(t, p.Has(runtime.NewPermission("blog.view_article")))
	assert.True(t, p.HasScope(runtime.NewScope("write")))
	assert.False(t, p.HasScope(runtime.NewScope("admin")))
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v %s", p, p, p, p), "s3cr3t", "112")

	for name, want := range map[string]any{
		"sub": "7", "scope": "read", "exp": json.Number("1"), "groups": []any{"a", map[string]any{"b": "c"}},
	} {
		got, ok := p.Claim(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	_, ok := p.Claim("other")
	assert.False(t, ok, "only the text has claims")

	body, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{"user_id":"7","is_staff":true,"is_superuser":true,"auth_backend":"jwt",
		"permissions":["blog.view_article","blog.add_article"],"auth_claims":`+tokenText+`}`, string(body))

	nobody := full()
	nobody.UserID = ""
	assert.Same(t, runtime.Anonymous(), runtime.NewTokenPrincipal(nobody, tokenText))
}

// 109: claims are decoded once, whoever asks first, and no copy leads back.
func TestTokenPrincipalShared(t *testing.T) {
	p := tokenPrincipal()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			groups, _ := p.Claim("groups")
			assert.Equal(t, []any{"a", map[string]any{"b": "c"}}, groups)
			groups.([]any)[0] = "changed"
			groups.([]any)[1].(map[string]any)["b"] = "changed"
			p.Permissions()[0] = "changed"
			_, err := p.MarshalJSON()
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.True(t, p.HasPermission("blog.view_article"))
}
