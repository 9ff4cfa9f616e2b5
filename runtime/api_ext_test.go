package runtime_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// What is wrong when the server is made is an error there, under its name.
func TestAPIErrors(t *testing.T) {
	var typedNilBackend *fake
	fine := accepts(runtime.Identity{})
	nameless := &fake{}
	broken := struct{ runtime.Authenticator }{} // a zero Backend{} whose Name panics
	served := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	add := func(f func(api *runtime.API, fine *runtime.Backends)) func(*runtime.API) {
		return func(api *runtime.API) { f(api, api.Backends(runtime.Backend{Expr: "s.Fine", Authenticator: fine})) }
	}
	tests := []struct {
		name    string
		options []runtime.Option
		build   func(*runtime.API)
		want    []string // one error each; nil: none
	}{
		{"nothing", nil, func(*runtime.API) {}, nil},
		{"no backend is fine for lists", nil, func(api *runtime.API) { api.Backends() }, nil},
		{"101 nil backend", nil, func(api *runtime.API) { api.Backends(runtime.Backend{Expr: "s.JWT"}) }, []string{"s.JWT is nil"}},
		{"101 typed nil backend", nil, func(api *runtime.API) {
			api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: typedNilBackend}, runtime.Backend{Expr: "s.Keys"})
		}, []string{"s.JWT is nil", "s.Keys is nil"}},
		{"124 backend without a name", nil, func(api *runtime.API) { api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: nameless}) }, []string{"s.JWT: it has no name"}},
		{"124 zero backend", nil, func(api *runtime.API) { api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: broken}) }, []string{"s.JWT: call Name: panic"}},
		{"backend twice", nil, func(api *runtime.API) {
			api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: fine}, runtime.Backend{Expr: "s.Same", Authenticator: fine})
		}, []string{"s.Same is in the list twice"}},
		{"101 guarded without a backend", nil, func(api *runtime.API) {
			api.Guarded(api.Backends(), runtime.Route{Name: "Server.Me", Handler: served}, "GET /me")
		}, []string{"Server.Me needs authentication and has no backend"}},
		{"101 guarded with nil", nil, func(api *runtime.API) { api.Guarded(nil, runtime.Route{Name: "Server.Me", Handler: served}) }, []string{"Server.Me needs authentication and has no backend"}},
		{"open and public without a backend", nil, func(api *runtime.API) {
			api.Open(nil, runtime.Route{Handler: served}, "/a")
			api.Public(api.Backends(), runtime.Route{Handler: served}, "/b")
		}, nil},
		{"invalid pattern", nil, add(func(api *runtime.API, b *runtime.Backends) {
			api.Guarded(b, runtime.Route{Name: "A", Handler: served}, "GET")
		}), []string{`A: pattern "GET": `}},
		{"empty pattern", nil, add(func(api *runtime.API, b *runtime.Backends) {
			api.Guarded(b, runtime.Route{Name: "A", Handler: served}, "")
		}), []string{`A: pattern "": `}},
		{"pattern with an open brace", nil, add(func(api *runtime.API, b *runtime.Backends) {
			api.Guarded(b, runtime.Route{Name: "A", Handler: served}, "GET /{id", "GET /{id}{x}")
		}), []string{`A: pattern "GET /{id": `, `A: pattern "GET /{id}{x}": `}},
		{"same pattern", nil, add(func(api *runtime.API, b *runtime.Backends) {
			api.Guarded(b, runtime.Route{Name: "A", Handler: served}, "GET /{id}")
			api.Open(b, runtime.Route{Name: "B", Handler: served}, "GET /{name}")
		}), []string{`B: pattern "GET /{name}": `}},
		{"conflict", nil, add(func(api *runtime.API, b *runtime.Backends) {
			api.Guarded(b, runtime.Route{Name: "A", Handler: served}, "/a/{x}", "/{y}/b")
		}), []string{`A: pattern "/{y}/b": `}},
		{"101 nil handler", nil, add(func(api *runtime.API, b *runtime.Backends) { api.Guarded(b, runtime.Route{Name: "A"}, "/a") }), []string{`A: pattern "/a": `}},
		{"nil handler without a pattern", nil, add(func(api *runtime.API, b *runtime.Backends) { api.Guarded(b, runtime.Route{Name: "A"}) }), nil},
		{"nil option", []runtime.Option{nil}, func(*runtime.API) {}, []string{"option 0 is nil"}},
		{"nil error handler", []runtime.Option{runtime.WithErrorHandler(nil)}, func(*runtime.API) {}, []string{"WithErrorHandler: "}},
		{"nil observer", []runtime.Option{runtime.WithObserver(nil)}, func(*runtime.API) {}, []string{"WithObserver: "}},
		{"typed nil observer", []runtime.Option{runtime.WithObserver((*service)(nil))}, func(*runtime.API) {}, []string{"WithObserver: "}},
		{"nil function as an observer", []runtime.Option{runtime.WithObserver(observerFunc(nil))}, func(*runtime.API) {}, []string{"WithObserver: "}},
		{"nil context function", []runtime.Option{runtime.WithContext(nil)}, func(*runtime.API) {}, []string{"WithContext: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := runtime.NewAPI("blog.NewGuardedServer", tt.options...)
			tt.build(api)
			err := api.Err()
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			var joined interface{ Unwrap() []error }
			require.True(t, errors.As(err, &joined))
			errs := joined.Unwrap()
			require.Len(t, errs, len(tt.want))
			for i, want := range tt.want {
				assert.True(t, strings.HasPrefix(errs[i].Error(), "blog.NewGuardedServer: "), errs[i])
				assert.ErrorContains(t, errs[i], want)
			}
		})
	}
}

// An API whose errors were not looked at still lets nobody in.
func TestAPIWithErrorsFailsClosed(t *testing.T) {
	served := 0
	for _, backends := range [][]runtime.Backend{nil, {{Expr: "s.JWT"}}, {{Expr: "s.JWT", Authenticator: (*fake)(nil)}}} {
		api := runtime.NewAPI("test.New")
		var endpoint *runtime.Endpoint
		endpoint = api.Guarded(api.Backends(backends...), runtime.Route{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if call, ok := endpoint.Enter(w, r); ok {
				defer call.Recover()
				call.Allow()
				served++
			}
		})}, "/")
		require.Error(t, api.Err())
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		assert.Equal(t, 401, w.Code)
	}
	assert.Zero(t, served)
}

func TestRoutes(t *testing.T) {
	api := runtime.NewAPI("test.New")
	handler := http.NewServeMux()
	both := api.Backends(runtime.Backend{Expr: "s.JWT", Authenticator: accepts(runtime.Identity{})}, runtime.Backend{Expr: "s.Keys", Authenticator: accepts(runtime.Identity{})})
	permissions := []string{"blog.view_article"}
	api.Guarded(both, runtime.Route{Name: "Server.Get", Guard: "HasPermission(View)", Permissions: permissions, Handler: handler, Public: true}, "GET /a/{id}", "GET /b/{id}")
	api.Public(both, runtime.Route{Name: "Server.Hook", Replaced: "signed", Handler: handler}, "POST /hook")
	api.Open(api.Backends(), runtime.Route{Name: "Server.Health", Guard: "AllowAny()", Handler: handler, Pattern: "nonsense", Backends: []string{"nonsense"}}, "GET /health")
	api.Guarded(both, runtime.Route{Name: "Server.Elsewhere", Handler: handler})
	require.NoError(t, api.Err())

	permissions[0] = "changed"
	names := []string{"s.JWT", "s.Keys"}
	view := []string{"blog.view_article"}
	want := []runtime.Route{
		{Pattern: "GET /a/{id}", Name: "Server.Get", Guard: "HasPermission(View)", Backends: names, Permissions: view, Handler: handler},
		{Pattern: "GET /b/{id}", Name: "Server.Get", Guard: "HasPermission(View)", Backends: names, Permissions: view, Handler: handler},
		{Pattern: "POST /hook", Name: "Server.Hook", Replaced: "signed", Backends: names, Public: true, Handler: handler},
		{Pattern: "GET /health", Name: "Server.Health", Guard: "AllowAny()", Public: true, Handler: handler},
	}
	got := api.Routes()
	require.Equal(t, want, got)

	for i := range got { // the caller may do what it likes
		got[i].Backends = append(got[i].Backends[:0], slices.Repeat([]string{"x"}, len(got[i].Backends))...)
		for j := range got[i].Permissions {
			got[i].Permissions[j] = "x"
		}
		got[i] = runtime.Route{}
	}
	assert.Equal(t, want, api.Routes())
	assert.NotNil(t, runtime.NewAPI("x").Routes())
}

// 119: spellings of a host do not lead past the patterns that name it.
func TestHosts(t *testing.T) {
	admin := func(t *testing.T, method, host string) bool {
		api := runtime.NewAPI("test.New")
		var got string
		handler := func(name string) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = name + " " + r.PathValue("id") })
		}
		api.Open(nil, runtime.Route{Handler: handler("admin")}, "admin.example.com/{id}")
		api.Open(nil, runtime.Route{Handler: handler("any")}, "/{id}")
		require.NoError(t, api.Err())
		r := httptest.NewRequest(method, "/7", nil)
		r.Host = host
		api.ServeHTTP(httptest.NewRecorder(), r)
		require.Contains(t, []string{"admin 7", "any 7"}, got)
		assert.Equal(t, host, r.Host, "the caller's request is the caller's")
		return got == "admin 7"
	}
	for _, method := range []string{"GET", "POST", "CONNECT"} {
		for _, host := range []string{
			"admin.example.com", "ADMIN.example.com", "admin.example.com.", "Admin.Example.Com.", "admin.example.com..",
			"admin.example.com:443", "ADMIN.example.com:443", "admin.example.com.:443", "admin.example.com:", "ADMIN.example.com.:",
		} {
			assert.True(t, admin(t, method, host), "%s %s", method, host)
		}
		for _, host := range []string{"example.com", "xadmin.example.com", "[::1]:443", "[::1]", "::1", "", ".", ":80", "admin.example.com.evil.example", "www.admin.example.com"} {
			assert.False(t, admin(t, method, host), "%s %s", method, host)
		}
	}
}

// The host that handlers see is the one that was matched; the port stays, since origins are compared with it.
func TestHostSeenByHandler(t *testing.T) {
	seen := func(patterns ...string) string {
		var host string
		s := setup{add: open, patterns: patterns, handle: func(_ *runtime.Call, _ http.ResponseWriter, r *http.Request) { host = r.Host }}.build(t)
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = "Example.com.:8080"
		s.do(r)
		return host
	}
	assert.Equal(t, "example.com:8080", seen("GET example.com/"))
	assert.Equal(t, "Example.com.:8080", seen("GET /"), "without patterns that have a host nothing depends on it")
}

// The option that was given last counts.
func TestOptionsRepeated(t *testing.T) {
	s := setup{add: open, options: []runtime.Option{
		runtime.WithContext(func(context.Context, *runtime.Principal) context.Context { panic("first") }),
		runtime.WithContext(func(ctx context.Context, _ *runtime.Principal) context.Context { return ctx }),
	}}.build(t)
	assert.Equal(t, 200, s.get().Code)
}

// A checker is a backend that is in conflict with some others.
type checker struct {
	*fake
	asked     []runtime.Authenticator
	conflicts map[runtime.Authenticator]error
}

// ConflictsWith implements runtime.ConflictChecker.
func (c *checker) ConflictsWith(other runtime.Authenticator) error {
	c.asked = append(c.asked, other)
	return c.conflicts[other]
}

// 117: backends of one list that contradict each other.
func TestConflicts(t *testing.T) {
	first, second, last := accepts(runtime.Identity{}), accepts(runtime.Identity{}), accepts(runtime.Identity{})
	careless := errors.New("it accepts what the other refuses")
	check := func(conflicts map[runtime.Authenticator]error) *checker {
		return &checker{fake: accepts(runtime.Identity{}), conflicts: conflicts}
	}
	list := func(backends ...runtime.Authenticator) []runtime.Backend {
		var all []runtime.Backend
		for i, b := range backends {
			all = append(all, runtime.Backend{Expr: "s." + string(rune('A'+i)), Authenticator: b})
		}
		return all
	}
	none := check(nil)
	one := check(map[runtime.Authenticator]error{second: careless})
	two := check(map[runtime.Authenticator]error{first: careless, second: runtime.ErrRevoked})
	later := check(map[runtime.Authenticator]error{last: careless})
	other := check(map[runtime.Authenticator]error{none: careless})
	itself := check(nil)
	itself.conflicts = map[runtime.Authenticator]error{itself: careless}
	tests := []struct {
		name     string
		checker  *checker
		backends []runtime.Backend
		asked    []runtime.Authenticator
		want     []string
	}{
		{"alone", none, list(none), nil, nil},
		{"with none", none, list(first, second, none), []runtime.Authenticator{first, second}, nil},
		{"with one", one, list(first, second, one), []runtime.Authenticator{first, second}, []string{"backends s.B and s.C: it accepts what the other refuses"}},
		{"with two", two, list(second, two, first), []runtime.Authenticator{second}, []string{"backends s.A and s.B: credentials are revoked"}},
		{"with all that are before it", two, list(first, second, two), []runtime.Authenticator{first, second}, []string{"backends s.A and s.C: it accepts", "backends s.B and s.C: credentials are revoked"}},
		{"with one that comes later", later, list(later, last), nil, nil}, // which has to say so itself
		{"with one that can say so, too", other, list(none, other), []runtime.Authenticator{none}, []string{"backends s.A and s.B: it accepts"}},
		{"with what is not in the list", one, list(nil, first, &fake{}, one), []runtime.Authenticator{first}, []string{"s.A is nil", "s.C: it has no name"}},
		{"twice", itself, list(itself, itself), nil, []string{"s.B is in the list twice"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.checker.asked, none.asked = nil, nil
			api := runtime.NewAPI("blog.NewGuardedServer")
			api.Backends(tt.backends...)
			assert.Equal(t, tt.asked, tt.checker.asked)
			if tt.want == nil {
				require.NoError(t, api.Err())
				return
			}
			var joined interface{ Unwrap() []error }
			require.ErrorAs(t, api.Err(), &joined)
			errs := joined.Unwrap()
			require.Len(t, errs, len(tt.want))
			for i, want := range tt.want {
				assert.True(t, strings.HasPrefix(errs[i].Error(), "blog.NewGuardedServer: "), errs[i])
				assert.ErrorContains(t, errs[i], want)
			}
		})
	}
	t.Run("the cause stays, and each list counts for itself", func(t *testing.T) {
		api := runtime.NewAPI("blog.NewGuardedServer")
		api.Backends(list(second)...)
		api.Backends(list(one)...)
		require.NoError(t, api.Err())
		api.Backends(list(second, one)...)
		assert.ErrorIs(t, api.Err(), careless)
	})
}

// A backend that is nil is one error, and not one more for each handler behind it.
func TestNilBackendIsOneError(t *testing.T) {
	api := runtime.NewAPI("test.New")
	backends := api.Backends(runtime.Backend{Expr: "s.JWT"})
	api.Guarded(backends, runtime.Route{Name: "Me", Handler: http.NotFoundHandler()}, "GET /me")
	assert.EqualError(t, api.Err(), "test.New: backend s.JWT is nil")
	api.Guarded(api.Backends(), runtime.Route{Name: "You", Handler: http.NotFoundHandler()}, "GET /you")
	assert.ErrorContains(t, api.Err(), "You needs authentication and has no backend")
}
