package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var (
	view   = runtime.NewPermission("cost.view_article")
	add    = runtime.NewPermission("cost.add_article")
	remove = runtime.NewPermission("cost.delete_article")
	read   = runtime.NewScope("cost.read")
)

// viewer has ten permissions, as the tokens of the benchmarks do.
func viewer() *runtime.Principal {
	id := runtime.Identity{UserID: "7", Backend: "jwt", AuthTime: time.Now(), Claims: map[string]any{"scope": "cost.read cost.write"}}
	for i := range 7 {
		id.Permissions = append(id.Permissions, fmt.Sprint("cost.other_", i))
	}
	id.Permissions = append(id.Permissions, "cost.view_article", "cost.add_article", "cost.delete_article")
	return runtime.NewPrincipal(id)
}

// A discard is a writer that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(p []byte) (int, error) { return len(p), nil }

// A measured server is what generated code looks like, without an observer.
type measured struct {
	api               *runtime.API
	argument, context *runtime.Endpoint
	served            int
}

func newMeasured(t testing.TB) *measured {
	p := viewer()
	first := refuses(runtime.ErrNoCredentials)
	second := &fake{name: "jwt", authenticate: func(*http.Request) (*runtime.Principal, error) { return p, nil }}
	m := &measured{api: runtime.NewAPI("cost.New")}
	backends := m.api.Backends(runtime.Backend{Expr: "a", Authenticator: first}, runtime.Backend{Expr: "b", Authenticator: second})
	m.argument = m.api.Guarded(backends, runtime.Route{Name: "Argument", Handler: http.HandlerFunc(m.Argument)}, "GET /argument/{id}")
	m.context = m.api.Guarded(backends, runtime.Route{Name: "Context", Handler: http.HandlerFunc(m.Context)}, "GET /context/{id}")
	require.NoError(t, m.api.Err())
	return m
}

// Argument hands the principal to its handler as an argument.
func (m *measured) Argument(w http.ResponseWriter, r *http.Request) {
	call, ok := m.argument.Enter(w, r)
	if !ok {
		return
	}
	defer call.Recover()
	p := call.Principal()

	if !p.Has(view) {
		call.Deny()
		return
	}
	call.Allow()
	m.handle(w, p)
}

// Context hands the principal to its handler in the context.
func (m *measured) Context(w http.ResponseWriter, r *http.Request) {
	call, ok := m.context.Enter(w, r)
	if !ok {
		return
	}
	defer call.Recover()
	p := call.Principal()

	if !p.Has(view) {
		call.Deny()
		return
	}
	r = call.Request()
	call.Allow()
	m.handle(w, runtime.FromContext(r.Context()))
}

func (m *measured) handle(_ http.ResponseWriter, p *runtime.Principal) {
	if p.IsAuthenticated() {
		m.served++
	}
}

// Guards allocate nothing, and neither does an allowed request, but for a context and the copy of the request where that is asked for.
func TestAllocations(t *testing.T) {
	p := viewer()
	var held bool
	younger := runtime.NewPermission("cost.younger")
	for name, check := range map[string]func() bool{
		"Has":                 func() bool { return p.Has(view) },
		"Has, of three":       func() bool { return p.Has(view) && p.Has(add) && p.Has(remove) },
		"Has, younger":        func() bool { return !p.Has(younger) },
		"HasPermission":       func() bool { return p.HasPermission("cost.view_article") },
		"HasScope":            func() bool { return p.HasScope(read) },
		"Fresh":               func() bool { return p.Fresh(time.Hour) },
		"IsStaff":             func() bool { return !p.IsStaff() && !p.IsSuperuser() },
		"Claim of a string":   func() bool { _, ok := p.Claim("scope"); return ok },
		"FromContext, absent": func() bool { return !runtime.FromContext(t.Context()).IsAuthenticated() },
	} {
		require.True(t, check(), name)
		assert.Zero(t, testing.AllocsPerRun(100, func() { held = check() }), name)
	}
	assert.True(t, held)

	m := newMeasured(t)
	w, r := discard{http.Header{}}, httptest.NewRequest("GET", "/", nil)
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Argument(w, r) }), "an allowed request")
	assert.Equal(t, 2.0, testing.AllocsPerRun(100, func() { m.Context(w, r) }), "with the principal in the context")
	assert.Equal(t, 202, m.served)
}

// An invalid credential that another backend makes good costs a place to keep its error.
func TestAllocationsAfterInvalidCredentials(t *testing.T) {
	p := viewer()
	api := runtime.NewAPI("cost.New")
	wrapped := errors.Join(runtime.ErrInvalidCredentials)
	e := api.Guarded(api.Backends(
		runtime.Backend{Expr: "a", Authenticator: refuses(wrapped)},
		runtime.Backend{Expr: "b", Authenticator: &fake{name: "jwt", authenticate: func(*http.Request) (*runtime.Principal, error) { return p, nil }}},
	), runtime.Route{})
	w, r := discard{http.Header{}}, httptest.NewRequest("GET", "/", nil)
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() {
		if call, ok := e.Enter(w, r); ok {
			call.Allow()
		}
	}))
}

func BenchmarkGuard(b *testing.B) {
	p := viewer()
	younger := runtime.NewPermission("cost.younger")
	b.Run("Has", func(b *testing.B) {
		for b.Loop() {
			_ = p.Has(view)
		}
	})
	b.Run("Has/three", func(b *testing.B) {
		for b.Loop() {
			_ = p.Has(view) && p.Has(add) && p.Has(remove)
		}
	})
	b.Run("Has/younger", func(b *testing.B) {
		for b.Loop() {
			_ = p.Has(younger)
		}
	})
	b.Run("HasPermission", func(b *testing.B) {
		for b.Loop() {
			_ = p.HasPermission("cost.view_article")
		}
	})
	b.Run("HasScope", func(b *testing.B) {
		for b.Loop() {
			_ = p.HasScope(read)
		}
	})
	b.Run("IsStaff", func(b *testing.B) {
		for b.Loop() {
			_ = p.IsStaff()
		}
	})
	b.Run("Fresh", func(b *testing.B) {
		for b.Loop() {
			_ = p.Fresh(time.Hour)
		}
	})
}

// The whole request in process, with a trivial backend behind one that finds nothing: bare is the same handler on the same router.
func BenchmarkRequest(b *testing.B) {
	m := newMeasured(b)
	bare := http.NewServeMux()
	p := viewer()
	bare.HandleFunc("GET /bare/{id}", func(w http.ResponseWriter, _ *http.Request) { m.handle(w, p) })
	for _, bench := range []struct {
		name    string
		handler http.Handler
	}{{"bare", bare}, {"argument", m.api}, {"context", m.api}} {
		b.Run(bench.name, func(b *testing.B) {
			w, r := discard{http.Header{}}, httptest.NewRequest("GET", "/"+bench.name+"/7", nil)
			b.ReportAllocs()
			for b.Loop() {
				bench.handler.ServeHTTP(w, r)
			}
		})
	}
	b.Run("refused", func(b *testing.B) {
		s := setup{backends: []runtime.Authenticator{refuses(errForged)}, options: []runtime.Option{runtime.WithObserver(observerFunc(func(context.Context, runtime.Event) {}))}}.build(b)
		r := httptest.NewRequest("GET", "/", nil)
		b.ReportAllocs()
		for b.Loop() {
			s.api.ServeHTTP(discard{http.Header{}}, r)
		}
	})
}

func BenchmarkNewPrincipal(b *testing.B) {
	id := runtime.Identity{UserID: "7", Backend: "jwt", Permissions: viewer().Permissions()}
	b.ReportAllocs()
	for b.Loop() {
		_ = runtime.NewPrincipal(id)
	}
}
