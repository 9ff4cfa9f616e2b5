package runtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// ObserverFunc lets a function be an observer.
type observerFunc func(context.Context, runtime.Event)

func (f observerFunc) Observe(ctx context.Context, e runtime.Event) { f(ctx, e) }

func TestEvent(t *testing.T) {
	s := setup{
		backends: []runtime.Authenticator{accepts(runtime.Identity{UserID: "alice"})},
		patterns: []string{"GET /a/{id}", "GET /b/{id}"},
		check: func(c *runtime.Call, r *http.Request) bool {
			time.Sleep(time.Microsecond)
			if r.PathValue("id") == "0" {
				c.Deny()
				return false
			}
			return true
		},
	}.build(t)
	s.do(httptest.NewRequest("GET", "/a/1", nil))
	s.do(httptest.NewRequest("GET", "/b/0", nil))
	s.method(httptest.NewRecorder(), httptest.NewRequest("GET", "/elsewhere", nil))
	require.Len(t, s.events, 3)

	allowed := s.events[0]
	assert.Equal(t, "GET /a/{id}", allowed.Route.Pattern)
	assert.Equal(t, "Test", allowed.Route.Name)
	assert.Equal(t, runtime.OutcomeAllowed, allowed.Outcome)
	assert.Equal(t, runtime.ReasonAccepted, allowed.Reason)
	assert.Zero(t, allowed.Status)
	assert.Equal(t, "alice", allowed.UserID)
	assert.Equal(t, "accepts", allowed.Backend)
	assert.NoError(t, allowed.Err)
	assert.Nil(t, allowed.Stack)
	assert.Positive(t, allowed.Duration)

	assert.Equal(t, "GET /b/{id}", s.events[1].Route.Pattern)
	assert.Equal(t, 403, s.events[1].Status)
	assert.Positive(t, s.events[1].Duration)

	assert.Equal(t, "", s.events[2].Route.Pattern, "through a router of the application's")
	assert.Equal(t, "Test", s.events[2].Route.Name)
}

// The context of an event holds the principal once there is a request that does.
func TestEventContext(t *testing.T) {
	type key struct{}
	var users []string
	s := setup{
		backends: []runtime.Authenticator{accepts(runtime.Identity{UserID: "alice"})},
		options: []runtime.Option{runtime.WithObserver(observerFunc(func(ctx context.Context, e runtime.Event) {
			users = append(users, fmt.Sprint(runtime.FromContext(ctx).UserID(), ctx.Value(key{})))
		}))},
	}.build(t)
	r := httptest.NewRequest("GET", "/", nil)
	s.do(r.WithContext(context.WithValue(r.Context(), key{}, "trace")))
	assert.Equal(t, []string{"alicetrace"}, users)
}

// An observer that panics changes nothing about the decision.
func TestObserverPanics(t *testing.T) {
	for _, value := range []any{"s3cr3t", http.ErrAbortHandler, errors.New("s3cr3t")} {
		log := logged(t)
		option := runtime.WithObserver(observerFunc(func(context.Context, runtime.Event) { panic(value) }))

		s := setup{backends: []runtime.Authenticator{refuses(errForged)}, options: []runtime.Option{option}}.build(t)
		assert.Equal(t, 401, s.get().Code)
		assert.Zero(t, s.served)

		s = setup{backends: []runtime.Authenticator{bearer}, options: []runtime.Option{option}}.build(t)
		assert.Equal(t, 200, s.do(authorized()).Code)

		s = setup{add: open, options: []runtime.Option{option}, check: func(*runtime.Call, *http.Request) bool { panic("guard") }}.build(t)
		assert.Equal(t, 500, s.get().Code)
		assert.Zero(t, s.served)

		s = setup{add: open, options: []runtime.Option{option}, handle: func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Fail(runtime.ErrNotFound) }}.build(t)
		assert.Equal(t, 404, s.get().Code)

		assert.Equal(t, 5, strings.Count(log.String(), "observer panicked"))
		assert.NotContains(t, log.String(), "s3cr3t")
	}
}

// A logger that panics does no harm either.
type panickingHandler struct{ slog.Handler }

func (panickingHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (panickingHandler) Handle(context.Context, slog.Record) error { panic("log") }

func TestLoggerPanics(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(panickingHandler{}))

	assert.Equal(t, 500, unobserved(t, guarded, refuses(io.EOF), io.EOF))
}

// unobserved serves one request by an endpoint without an observer. The handler fails with this error, or its guard panics if there is none.
func unobserved(t *testing.T, add func(*runtime.API, *runtime.Backends, runtime.Route, ...string) *runtime.Endpoint, b runtime.Authenticator, failure error) (status int) {
	api := runtime.NewAPI("test.New")
	var endpoint *runtime.Endpoint
	endpoint = add(api, api.Backends(runtime.Backend{Expr: "b", Authenticator: b}), runtime.Route{Name: "Test", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, ok := endpoint.Enter(w, r)
		if !ok {
			return
		}
		defer call.Recover()
		if failure == nil {
			panic("s3cr3t")
		}
		call.Allow()
		call.Fail(failure)
	})}, "GET /{$}")
	require.NoError(t, api.Err())
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	return w.Code
}

// What is logged where nobody observes, and how loudly.
func TestDefaultObserver(t *testing.T) {
	tests := []struct {
		name    string
		add     func(*runtime.API, *runtime.Backends, runtime.Route, ...string) *runtime.Endpoint
		backend runtime.Authenticator
		failure error
		want    []string // level, message, reason, status, backend, err
	}{
		{"no credentials", guarded, refuses(runtime.ErrNoCredentials), io.EOF, []string{"DEBUG request refused no_credentials 401  "}},
		{"invalid", guarded, refuses(errForged), io.EOF, []string{"INFO request refused invalid_credentials 401 refuses invalid credentials: forged"}},
		{"revoked", guarded, refuses(runtime.ErrRevoked), io.EOF, []string{"INFO request refused revoked 401 refuses credentials are revoked"}},
		{"unavailable", guarded, refuses(runtime.ErrUnavailable), io.EOF,
			[]string{"ERROR request refused unavailable 503 refuses 503 Service Unavailable: Service temporarily unavailable"}},
		{"unknown", guarded, refuses(io.EOF), io.EOF, []string{"ERROR request refused backend_error 500 refuses EOF"}},
		{"handler", guarded, accepts(runtime.Identity{}), runtime.ErrNotFound, []string{"DEBUG request failed handler_error 404 accepts 404 Not Found: Not found"}},
		{"handler, 500", guarded, accepts(runtime.Identity{}), io.EOF, []string{"ERROR request failed handler_error 500 accepts EOF"}},
		{"panic", guarded, accepts(runtime.Identity{}), nil, []string{"ERROR request refused panic 500 accepts panic with a value of type string"}},
		{"open, no credentials", open, refuses(runtime.ErrNoCredentials), io.EOF, []string{"ERROR request failed handler_error 500  EOF"}},
		{"open, invalid", open, refuses(errForged), runtime.NewError(400, "", nil), []string{
			"INFO request allowed invalid_credentials 0 refuses invalid credentials: forged", "DEBUG request failed handler_error 400 refuses 400 Bad Request"}},
		{"open, unknown", open, refuses(io.EOF), runtime.NewError(400, "", nil), []string{
			"ERROR request allowed backend_error 0 refuses EOF", "DEBUG request failed handler_error 400 refuses 400 Bad Request"}},
		{"open, unavailable", open, refuses(runtime.ErrUnavailable), runtime.NewError(400, "", nil), []string{
			"ERROR request allowed unavailable 0 refuses 503 Service Unavailable: Service temporarily unavailable",
			"DEBUG request failed handler_error 400 refuses 400 Bad Request"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := logged(t)
			unobserved(t, tt.add, tt.backend, tt.failure)
			var got []string
			for line := range strings.Lines(log.String()) {
				var record struct {
					Level, Msg, Handler, Route, Reason, Backend, Err, Stack string
					Status                                                  int
				}
				require.NoError(t, json.Unmarshal([]byte(line), &record))
				assert.Equal(t, "Test", record.Handler)
				assert.Equal(t, "GET /{$}", record.Route)
				assert.Equal(t, record.Status != 0, strings.Contains(line, `"status":`))
				assert.Equal(t, record.Err != "", strings.Contains(line, `"err":`))
				assert.Equal(t, tt.failure == nil, strings.Contains(record.Stack, "runtime_test.unobserved"))
				assert.Equal(t, tt.failure == nil, strings.Contains(line, `"stack":`))
				got = append(got, fmt.Sprintf("%s %s %s %d %s %s", record.Level, record.Msg, record.Reason, record.Status, record.Backend, record.Err))
			}
			assert.Equal(t, tt.want, got)
			assert.NotContains(t, log.String(), "s3cr3t")
		})
	}
}

// 83, 112: nothing that authenticates, no claim and no panic value gets into a log, an event, an answer or an error.
func TestSecretsStayInside(t *testing.T) {
	const token = "s3cr3t"
	identity := runtime.Identity{UserID: "alice", Claims: map[string]any{"password": token, "scope": token}, Permissions: []string{"p"}}
	careful := func(err error) *fake {
		return &fake{name: "careful", authenticate: func(r *http.Request) (*runtime.Principal, error) {
			if err != nil {
				return nil, err
			}
			return runtime.NewPrincipal(identity), nil
		}}
	}
	panicking := &fake{name: "panics", authenticate: func(r *http.Request) (*runtime.Principal, error) {
		panic(r.Header.Get("Authorization"))
	}}
	deny := func(f func(*runtime.Call)) func(*runtime.Call, *http.Request) bool {
		return func(c *runtime.Call, _ *http.Request) bool { f(c); return false }
	}
	setups := map[string]setup{
		"invalid":     {backends: []runtime.Authenticator{careful(errForged)}},
		"revoked":     {backends: []runtime.Authenticator{careful(runtime.ErrRevoked)}},
		"unavailable": {backends: []runtime.Authenticator{careful(runtime.ErrUnavailable)}},
		"panic":       {backends: []runtime.Authenticator{panicking}},
		"open, panic": {add: open, backends: []runtime.Authenticator{panicking}},
		"denied":      {backends: []runtime.Authenticator{careful(nil)}, check: deny((*runtime.Call).Deny)},
		"stale":       {backends: []runtime.Authenticator{careful(nil)}, check: deny(func(c *runtime.Call) { c.DenyStale(1) })},
		"path value": {backends: []runtime.Authenticator{careful(nil)}, patterns: []string{"/{id}"}, check: func(c *runtime.Call, r *http.Request) bool {
			_, err := runtime.PathInt[int](r, "id")
			c.Refuse(err)
			return false
		}},
		"guard panics": {backends: []runtime.Authenticator{careful(nil)}, check: func(c *runtime.Call, r *http.Request) bool { panic(r) }},
		"principal panics": {backends: []runtime.Authenticator{careful(nil)}, check: func(c *runtime.Call, r *http.Request) bool {
			panic(c.Principal())
		}},
		"error with the principal": {backends: []runtime.Authenticator{careful(nil)}, check: deny(func(c *runtime.Call) {
			c.Refuse(fmt.Errorf("load %v %+v %#v %s: %w", c.Principal(), c.Principal(), c.Principal(), c.Principal(), io.EOF))
		})},
		"served": {backends: []runtime.Authenticator{careful(nil)}},
		"failed": {backends: []runtime.Authenticator{careful(nil)}, handle: func(c *runtime.Call, _ http.ResponseWriter, r *http.Request) { c.Fail(io.EOF) }},
	}
	for name, u := range setups {
		t.Run(name, func(t *testing.T) {
			log := logged(t)
			var seen strings.Builder
			record := runtime.WithObserver(observerFunc(func(ctx context.Context, e runtime.Event) {
				fmt.Fprintf(&seen, "%+v %v %s", e, e.Err, e.Stack)
				slog.InfoContext(ctx, "event", "event", e, "principal", runtime.FromContext(ctx))
			}))
			u.options = append(u.options, record)
			s := u.build(t)
			r := httptest.NewRequest("GET", "/"+token+"?token="+token, nil)
			r.Header.Set("Authorization", token)
			r.AddCookie(&http.Cookie{Name: "session", Value: token})
			w := s.do(r)
			u.options = u.options[:len(u.options)-1]
			assert.NotEmpty(t, seen.String())
			assert.NotContains(t, seen.String(), token, "events")
			assert.NotContains(t, log.String(), token, "log")
			assert.NotContains(t, w.Body.String(), token, "body")
			assert.NotContains(t, fmt.Sprint(w.Header()), token, "headers")
		})
	}
}

// An observer that logs is told of everything, the application's own logger gets it, and who it was.
func TestLogObserver(t *testing.T) {
	fallback := logged(t)
	var own bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&own, &slog.HandlerOptions{Level: slog.LevelDebug}))
	check := func(c *runtime.Call, r *http.Request) bool {
		time.Sleep(time.Microsecond)
		if r.URL.RawQuery != "" {
			c.Deny()
			return false
		}
		return true
	}
	s := setup{
		backends: []runtime.Authenticator{accepts(runtime.Identity{UserID: "alice"})}, check: check,
		options: []runtime.Option{runtime.WithObserver(runtime.NewLogObserver(logger))},
	}.build(t)
	s.do(httptest.NewRequest("GET", "/", nil))
	s.do(httptest.NewRequest("GET", "/?x", nil))
	lines := strings.Split(strings.TrimSpace(own.String()), "\n")
	require.Len(t, lines, 2)
	assert.Contains(t, lines[0], `"level":"DEBUG","msg":"request allowed","handler":"Test","route":"/","reason":"accepted","backend":"accepts","user":"alice","duration":`)
	assert.Contains(t, lines[1], `"level":"DEBUG","msg":"request refused","handler":"Test","route":"/","reason":"denied","status":403,"backend":"accepts","user":"alice","duration":`)
	assert.Empty(t, fallback.String())

	own.Reset()
	s = setup{backends: []runtime.Authenticator{bearer}, options: []runtime.Option{runtime.WithObserver(runtime.NewLogObserver(nil))}}.build(t)
	s.get()
	assert.Contains(t, fallback.String(), `"reason":"no_credentials"`)
	assert.Empty(t, own.String())
}

// A client that goes while a backend asks a store is nothing for those who run the service.
func TestLogOfClientsThatGo(t *testing.T) {
	for gone, level := range map[bool]string{true: "DEBUG", false: "ERROR"} {
		log := logged(t)
		s := setup{
			backends: []runtime.Authenticator{refuses(fmt.Errorf("%w: %w", runtime.ErrUnavailable, context.Canceled))},
			options:  []runtime.Option{runtime.WithObserver(runtime.NewLogObserver(nil))},
		}.build(t)
		ctx, cancel := context.WithCancel(t.Context())
		if gone {
			cancel()
		}
		s.do(httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		cancel()
		assert.Contains(t, log.String(), `"level":"`+level+`"`)
	}
}

// Observers add up, and one that panics takes nothing from the others.
func TestObserversAddUp(t *testing.T) {
	log := logged(t)
	var told []string
	observer := func(name string) runtime.Option {
		return runtime.WithObserver(observerFunc(func(_ context.Context, e runtime.Event) {
			told = append(told, name+" "+string(e.Reason))
			if name == "first" {
				panic("s3cr3t")
			}
		}))
	}
	s := setup{backends: []runtime.Authenticator{bearer}, options: []runtime.Option{observer("first"), observer("second")}}.build(t)
	assert.Equal(t, 401, s.get().Code)
	assert.Equal(t, []string{"first no_credentials", "second no_credentials"}, told)
	assert.Equal(t, 1, strings.Count(log.String(), "observer panicked"))
}
