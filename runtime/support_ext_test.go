package runtime_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A fake is an authentication backend that does what a test wants.
type fake struct {
	name         string
	authenticate func(r *http.Request) (*runtime.Principal, error)
	challenge    func(r *http.Request, err error) string // nil: the name
}

func (f *fake) Name() string { return f.name }

func (f *fake) Authenticate(r *http.Request) (*runtime.Principal, error) { return f.authenticate(r) }

func (f *fake) Challenge(r *http.Request, err error) string {
	if f.challenge == nil {
		return f.name
	}
	return f.challenge(r, err)
}

// accepts returns a backend that accepts every request.
func accepts(id runtime.Identity) *fake {
	if id.UserID == "" {
		id.UserID = "alice"
	}
	p := runtime.NewPrincipal(id)
	return &fake{name: "accepts", authenticate: func(*http.Request) (*runtime.Principal, error) { return p, nil }}
}

// refuses returns a backend that has the same error for every request.
func refuses(err error) *fake {
	return &fake{name: "refuses", authenticate: func(*http.Request) (*runtime.Principal, error) { return nil, err }}
}

// The methods of an API that add an endpoint.
var (
	guarded = (*runtime.API).Guarded
	public  = (*runtime.API).Public
	open    = (*runtime.API).Open
)

// A setup is an API with one endpoint, whose method does what generated methods do.
type setup struct {
	add      func(*runtime.API, *runtime.Backends, runtime.Route, ...string) *runtime.Endpoint // nil: guarded
	backends []runtime.Authenticator
	options  []runtime.Option
	patterns []string                                                         // nil: "/"
	check    func(call *runtime.Call, r *http.Request) bool                   // the guard: false after a refusal; nil: no guard
	handle   func(call *runtime.Call, w http.ResponseWriter, r *http.Request) // the handler; nil: one that writes "served"
}

// A service is an API under test. It counts what reaches its handler, and keeps what its observer was told.
type service struct {
	api    *runtime.API
	method http.HandlerFunc // the endpoint's, for other routers

	mu     sync.Mutex
	served int
	last   *runtime.Principal
	events []runtime.Event
}

// Observe implements runtime.Observer.
func (s *service) Observe(_ context.Context, e runtime.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	leak.Out("event", fmt.Sprintf("%+v %s", e, e.Stack))
}

func (s *service) counted(p *runtime.Principal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served++
	s.last = p
}

// build returns the service that the setup describes. Its observer comes first.
func (u setup) build(t testing.TB) *service {
	t.Helper()
	s := new(service)
	u.options = append([]runtime.Option{runtime.WithObserver(s)}, u.options...)
	s.api = runtime.NewAPI("test.New", u.options...)
	list := make([]runtime.Backend, len(u.backends))
	for i, b := range u.backends {
		list[i] = runtime.Backend{Expr: string(rune('a' + i)), Authenticator: b}
	}
	if u.add == nil {
		u.add = guarded
	}
	if u.patterns == nil {
		u.patterns = []string{"/"}
	}
	var endpoint *runtime.Endpoint
	s.method = func(w http.ResponseWriter, r *http.Request) {
		call, ok := endpoint.Enter(w, r)
		if !ok {
			return
		}
		defer call.Recover()
		if u.check != nil && !u.check(&call, r) {
			return
		}
		r = call.Request()
		call.Allow()
		s.counted(runtime.FromContext(r.Context()))
		if u.handle != nil {
			u.handle(&call, w, r)
			return
		}
		_, _ = io.WriteString(w, "served")
	}
	endpoint = u.add(s.api, s.api.Backends(list...), runtime.Route{Name: "Test", Handler: s.method}, u.patterns...)
	require.NoError(t, s.api.Err())
	return s
}

// do sends a request without a network, and returns what was written.
func (s *service) do(r *http.Request) *httptest.ResponseRecorder {
	leak.Request(r)
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r)
	leak.Answer(w.Code, w.Header(), w.Body.String())
	return w
}

// get sends a GET request.
func (s *service) get() *httptest.ResponseRecorder { return s.do(httptest.NewRequest("GET", "/", nil)) }

// logged has slog.Default() log everything to the buffer that it returns, until the test ends.
func logged(t testing.TB) *bytes.Buffer {
	t.Helper()
	before, b := slog.Default(), new(bytes.Buffer)
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.MultiWriter(b, leak.Log()), &slog.HandlerOptions{Level: slog.LevelDebug})))
	return b
}

// reasons returns the reasons of the events that the observer was told of.
func (s *service) reasons() (all []runtime.Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		all = append(all, e.Reason)
	}
	return all
}
