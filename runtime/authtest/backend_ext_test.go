package authtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/authtest"
)

// staff serves members of staff, as generated code does.
func staff(t *testing.T, backend runtime.Authenticator) http.Handler {
	t.Helper()
	api := runtime.NewAPI("test")
	var endpoint *runtime.Endpoint
	endpoint = api.Guarded(api.Backends(runtime.Backend{Expr: "s.Backend", Authenticator: backend}), runtime.Route{
		Name: "Staff", Guard: "IsStaff()",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call, ok := endpoint.Enter(w, r)
			if !ok {
				return
			}
			defer call.Recover()
			if !call.Principal().IsStaff() {
				call.Deny()
				return
			}
			call.Allow()
		}),
	}, "/")
	require.NoError(t, api.Err())
	return api
}

func serve(h http.Handler, r *http.Request) int {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder.Code
}

func TestBackend(t *testing.T) {
	var backend authtest.Backend
	h := staff(t, &backend)
	status := func() int { return serve(h, httptest.NewRequest(http.MethodGet, "/", nil)) }

	assert.Equal(t, 401, status(), "nobody was set")
	backend.Set(runtime.NewPrincipal(runtime.Identity{UserID: "bob", Staff: true}))
	assert.Equal(t, 200, status())
	backend.Set(runtime.NewPrincipal(runtime.Identity{UserID: "alice"}))
	assert.Equal(t, 403, status())
	backend.Set(runtime.Anonymous())
	assert.Equal(t, 401, status())
	for err, want := range map[error]int{
		runtime.ErrInvalidCredentials: 401, runtime.ErrRevoked: 401, runtime.ErrUnavailable: 503, assert.AnError: 500,
	} {
		backend.Fail(err)
		assert.Equal(t, want, status(), err)
	}
	backend.Set(nil)
	assert.Equal(t, 401, status())
}
