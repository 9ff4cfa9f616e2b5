// Package observertest serves what observers are tested with: handlers and requests for every reason there is, with a
// secret wherever one can be.
package observertest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// Secret is in every request that is sent, wherever a request can hold it, and in errors and panics of the application.
const Secret = "s3same-open-up"

var errSecret = errors.New("the application is careless: " + Secret)

// A Backend takes its orders from the request. Its errors quote the credential, as they must not.
type Backend string

func (b Backend) Name() string { return string(b) }

func (b Backend) Challenge(*http.Request, error) string { return "Bearer" }

func (b Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	order, credential, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
	id := runtime.Identity{UserID: "alice-" + credential, Backend: string(b)}
	switch order {
	case "":
		return nil, runtime.ErrNoCredentials
	case "ambient":
		id.Ambient = true
		return runtime.NewPrincipal(id), nil
	case "invalid":
		return nil, fmt.Errorf("%w: %s", runtime.ErrInvalidCredentials, credential)
	case "revoked":
		return nil, fmt.Errorf("%w: %s", runtime.ErrRevoked, credential)
	case "unavailable":
		return nil, fmt.Errorf("%w: %s", runtime.ErrUnavailable, credential)
	case "throttled":
		return nil, fmt.Errorf("%w: %s", runtime.ErrTooManyRequests, credential)
	case "error":
		return nil, errors.New("look up " + credential)
	case "panic":
		panic(credential)
	}
	return runtime.NewPrincipal(id), nil
}

// A Handler is what one generated method does, in tests.
type Handler struct {
	Name     string
	Patterns []string
	Open     bool
	Check    func(call *runtime.Call) bool // nil: no guard
	Handle   func(call *runtime.Call, w http.ResponseWriter)
}

// Handlers are enough for every reason there is.
var Handlers = []Handler{
	{Name: "Articles", Patterns: []string{"/articles/{id}"}},
	{Name: "Open", Patterns: []string{"GET /open", "POST /open"}, Open: true},
	{Name: "Denied", Patterns: []string{"GET /denied"}, Check: func(c *runtime.Call) bool { c.Deny(); return false }},
	{Name: "Scope", Patterns: []string{"GET /scope"}, Check: func(c *runtime.Call) bool { c.DenyScope(runtime.NewScope("write")); return false }},
	{Name: "Stale", Patterns: []string{"GET /stale"}, Check: func(c *runtime.Call) bool { c.DenyStale(time.Hour); return false }},
	{Name: "GuardError", Patterns: []string{"GET /guard"}, Check: func(c *runtime.Call) bool { c.DenyError(errSecret); return false }},
	{Name: "Binding", Patterns: []string{"GET /binding"}, Check: func(c *runtime.Call) bool {
		c.Refuse(runtime.NewError(400, Secret, errSecret))
		return false
	}},
	{Name: "Panic", Patterns: []string{"GET /panic"}, Check: func(*runtime.Call) bool { panic(Secret) }},
	{Name: "Undecided", Patterns: []string{"GET /undecided"}, Check: func(*runtime.Call) bool { return false }},
	{Name: "Missing", Patterns: []string{"GET /missing"}, Handle: func(c *runtime.Call, _ http.ResponseWriter) {
		c.Fail(runtime.NewError(404, Secret, errSecret))
	}},
	{Name: "Broken", Patterns: []string{"GET /broken"}, Handle: func(c *runtime.Call, _ http.ResponseWriter) {
		c.Fail(fmt.Errorf("load: %w", errSecret))
	}},
	{Name: "Begun", Patterns: []string{"GET /begun"}, Handle: func(c *runtime.Call, w http.ResponseWriter) {
		_, _ = io.WriteString(w, "half of it")
		c.Fail(errSecret)
	}},
	{Name: "Result", Patterns: []string{"GET /result"}, Handle: func(c *runtime.Call, _ http.ResponseWriter) { c.Respond(func() {}) }},
}

// Serve returns what generated code would make of the Handlers, with one backend of this name.
func Serve(t testing.TB, name string, options ...runtime.Option) *runtime.API {
	t.Helper()
	api := runtime.NewAPI("test.New", options...)
	backends := api.Backends(runtime.Backend{Expr: "s.Backend", Authenticator: Backend(name)})
	for _, h := range Handlers {
		h.Add(api, backends)
	}
	require.NoError(t, api.Err())
	return api
}

// Add adds an endpoint for the handler, and returns its method.
func (h Handler) Add(api *runtime.API, backends *runtime.Backends) http.HandlerFunc {
	var endpoint *runtime.Endpoint
	method := func(w http.ResponseWriter, r *http.Request) {
		call, ok := endpoint.Enter(w, r)
		if !ok {
			return
		}
		defer call.Recover()
		if h.Check != nil && !h.Check(&call) {
			return
		}
		call.Allow()
		if h.Handle != nil {
			h.Handle(&call, w)
		}
	}
	add := (*runtime.API).Guarded
	if h.Open {
		add = (*runtime.API).Open
	}
	endpoint = add(api, backends, runtime.Route{Name: h.Name, Handler: http.HandlerFunc(method)}, h.Patterns...)
	return method
}

// NewRequest returns a request with the Secret wherever a client can put it. The order is what the backend does.
func NewRequest(method, path, order string) *http.Request {
	r := httptest.NewRequest(method, path+"?token="+Secret, nil)
	if order != "" {
		r.Header.Set("Authorization", "Bearer "+order+"."+Secret)
	}
	r.AddCookie(&http.Cookie{Name: "session", Value: Secret})
	r.Header.Set("X-Api-Key", Secret)
	r.Header.Set("User-Agent", Secret)
	r.Header.Set("Referer", "https://example.com/"+Secret)
	leak.Secret(Secret)
	return r
}

// Status serves one request, and returns the status of the answer.
func Status(h http.Handler, r *http.Request) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// Everything sends one request for each reason, and some more. It returns how many.
func Everything(t *testing.T, h http.Handler) int {
	t.Helper()
	article := "/articles/" + Secret
	crossSite := NewRequest("POST", article, "ambient")
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	requests := []struct {
		*http.Request
		status int
	}{
		{NewRequest("GET", article, "good"), 200},
		{NewRequest("GET", article, ""), 401},
		{NewRequest("GET", article, "invalid"), 401},
		{NewRequest("GET", article, "revoked"), 401},
		{NewRequest("GET", article, "unavailable"), 503},
		{NewRequest("GET", article, "throttled"), 429},
		{NewRequest("GET", article, "error"), 500},
		{NewRequest("GET", article, "panic"), 500},
		{crossSite, 403},
		{NewRequest("GET", "/denied", "good"), 403},
		{NewRequest("GET", "/scope", "good"), 403},
		{NewRequest("GET", "/stale", "good"), 401},
		{NewRequest("GET", "/guard", "good"), 500},
		{NewRequest("GET", "/binding", "good"), 400},
		{NewRequest("GET", "/panic", "good"), 500},
		{NewRequest("GET", "/undecided", "good"), 500},
		{NewRequest("GET", "/missing", "good"), 404},
		{NewRequest("GET", "/broken", "good"), 500},
		{NewRequest("GET", "/begun", "good"), 200},
		{NewRequest("GET", "/result", "good"), 500},
		{NewRequest("GET", "/open", ""), 200},
		{NewRequest("POST", "/open", "unavailable"), 200},
	}
	for _, r := range requests {
		assert.Equal(t, r.status, Status(h, r.Request), "%s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization"))
	}
	return len(requests)
}
