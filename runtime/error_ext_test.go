package runtime_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

func TestErrorIs(t *testing.T) {
	sentinels := map[error]int{
		runtime.ErrBadRequest: 400, runtime.ErrUnauthenticated: 401, runtime.ErrForbidden: 403,
		runtime.ErrNotFound: 404, runtime.ErrTooManyRequests: 429, runtime.ErrUnavailable: 503,
	}
	for sentinel, status := range sentinels {
		assert.ErrorIs(t, fmt.Errorf("x: %w", sentinel), sentinel)
		own := runtime.NewError(status, "other words", io.EOF)
		assert.ErrorIs(t, own, sentinel)
		assert.ErrorIs(t, fmt.Errorf("x: %w", own), sentinel)
		assert.ErrorIs(t, own, io.EOF)
		assert.NotErrorIs(t, sentinel, own, "only sentinels stand for all of their status")
		assert.NotErrorIs(t, runtime.NewError(status, "other words", nil), own)
		for other := range sentinels {
			assert.Equal(t, other == sentinel, errors.Is(own, other))
		}
	}
	for _, plain := range []error{runtime.ErrNoCredentials, runtime.ErrInvalidCredentials, runtime.ErrRevoked} {
		for sentinel := range sentinels {
			assert.NotErrorIs(t, plain, sentinel)
			assert.NotErrorIs(t, sentinel, plain)
		}
	}
}

func TestErrorText(t *testing.T) {
	assert.EqualError(t, runtime.NewError(404, "No such article", io.EOF), "404 Not Found: No such article: EOF")
	assert.EqualError(t, &runtime.Error{Status: 599}, "599")
	assert.EqualError(t, &runtime.Error{Status: 409, Title: "Taken"}, "409 Taken")
	assert.EqualError(t, typedNil, "nil *runtime.Error")
	assert.NoError(t, typedNil.Unwrap())
	assert.False(t, typedNil.Is(runtime.ErrForbidden))
}

// The answer to each error that a handler can return. An answer to an error is never one of success.
func TestErrorAnswers(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"400", runtime.ErrBadRequest, `{"type":"about:blank","title":"Bad Request","status":400,"detail":"Bad request"}`},
		{"401", runtime.ErrUnauthenticated, `{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Authentication required"}`},
		{"403", runtime.ErrForbidden, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Permission denied"}`},
		{"404", runtime.ErrNotFound, `{"type":"about:blank","title":"Not Found","status":404,"detail":"Not found"}`},
		{"429", runtime.ErrTooManyRequests, `{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many failed attempts"}`},
		{"503", runtime.ErrUnavailable, `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Service temporarily unavailable"}`},
		{"wrapped", fmt.Errorf("a secret: %w", runtime.ErrNotFound), `{"type":"about:blank","title":"Not Found","status":404,"detail":"Not found"}`},
		{"other", errors.New("a secret"), `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"own", &runtime.Error{Status: 409, Title: "Taken", Detail: "The name is \"taken\"", Err: errors.New("a secret")},
			`{"type":"about:blank","title":"Taken","status":409,"detail":"The name is \"taken\""}`},
		{"own 500", runtime.NewError(500, "Ask again", errors.New("a secret")), `{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Ask again"}`},
		{"no text for the status", runtime.NewError(499, "", nil), `{"type":"about:blank","title":"","status":499}`},
		{"the last status of failure", runtime.NewError(599, "Odd", nil), `{"type":"about:blank","title":"","status":599,"detail":"Odd"}`},
		{"first of several", errors.Join(io.EOF, runtime.ErrNotFound, runtime.ErrForbidden), `{"type":"about:blank","title":"Not Found","status":404,"detail":"Not found"}`},
		{"status 0", &runtime.Error{Detail: "a secret"}, `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"status 200", runtime.NewError(200, "a secret", nil), `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"status 302", runtime.NewError(302, "a secret", nil), `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"status 600", runtime.NewError(600, "a secret", nil), `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"status -1", runtime.NewError(-1, "a secret", nil), `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"nil", nil, `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"typed nil", typedNil, `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		{"wrapped typed nil", fmt.Errorf("x: %w", typedNil), `{"type":"about:blank","title":"Internal Server Error","status":500}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := setup{backends: []runtime.Authenticator{bearer}, handle: func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Fail(tt.err) }}.build(t)
			w := s.do(authorized())
			assert.Equal(t, tt.want, w.Body.String())
			assert.Contains(t, tt.want, fmt.Sprintf(`"status":%d`, w.Code))
			assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
			assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			assert.Equal(t, fmt.Sprint(len(tt.want)), w.Header().Get("Content-Length"))
			assert.Equal(t, w.Code == 503, w.Header().Get("Retry-After") != "")
			assert.Equal(t, w.Code == 401, w.Header().Get("Www-Authenticate") != "")
		})
	}
}

// The error of a guard's step: 401 and 403 as it says, 500 for everything else (DESIGN.md, "Guards").
func TestDenyErrorAnswers(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		status int
		detail string
	}{
		{"forbidden", runtime.ErrForbidden, 403, "Permission denied"},
		{"wrapped", fmt.Errorf("x: %w", runtime.ErrUnauthenticated), 401, "Authentication required"},
		{"own words", runtime.NewError(403, "Not your article", io.EOF), 403, "Not your article"},
		{"by its method Is", saysForbidden{}, 403, "Permission denied"},
		{"behind another", errors.Join(runtime.ErrNotFound, runtime.ErrForbidden), 403, "Permission denied"},
		{"not found", runtime.ErrNotFound, 500, ""},
		{"unavailable", runtime.ErrUnavailable, 500, ""},
		{"status 200", runtime.NewError(200, "fine", nil), 500, ""},
		{"no credentials", runtime.ErrNoCredentials, 500, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := setup{add: open, check: func(c *runtime.Call, _ *http.Request) bool { c.DenyError(tt.err); return false }}.build(t)
			w := s.get()
			assert.Equal(t, tt.status, w.Code)
			if tt.detail != "" {
				assert.Contains(t, w.Body.String(), `"detail":"`+tt.detail+`"`)
			} else {
				assert.NotContains(t, w.Body.String(), "detail")
			}
			assert.Equal(t, tt.err, s.events[0].Err)
		})
	}
}

type saysForbidden struct{}

func (saysForbidden) Error() string        { return "no" }
func (saysForbidden) Is(target error) bool { return target == runtime.ErrForbidden }

// What middleware has set stays (115), and HEAD has no body (114).
func TestRefusalHeaders(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		status int
	}{
		"401": {runtime.ErrNoCredentials, 401}, "503": {runtime.ErrUnavailable, 503}, "500": {io.EOF, 500},
	} {
		t.Run(name, func(t *testing.T) {
			s := setup{backends: []runtime.Authenticator{refuses(tt.err)}}.build(t)
			serve := func(method string) *httptest.ResponseRecorder {
				w := httptest.NewRecorder()
				w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
				w.Header().Set("Vary", "Origin")
				w.Header().Set("Cache-Control", "public, max-age=3600")
				w.Header().Set("Retry-After", "60")
				s.api.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
				return w
			}
			get := serve("GET")
			require.Equal(t, tt.status, get.Code)
			assert.Equal(t, "https://app.example.com", get.Header().Get("Access-Control-Allow-Origin"), "115")
			assert.Equal(t, "Origin", get.Header().Get("Vary"), "115")
			assert.Equal(t, []string{"no-store"}, get.Header()["Cache-Control"])
			assert.Equal(t, "60", get.Header().Get("Retry-After"))

			head := serve("HEAD")
			assert.Equal(t, tt.status, head.Code, "114")
			assert.Equal(t, get.Header(), head.Header(), "114")
			assert.Empty(t, head.Body.String(), "114")
		})
	}
}

// Where middleware is about to change the length of the body, none is announced.
func TestRefusalEncoded(t *testing.T) {
	s := setup{backends: []runtime.Authenticator{refuses(io.EOF)}}.build(t)
	w := httptest.NewRecorder()
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", "7")
	s.api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.NotContains(t, w.Header(), "Content-Length")
}

// What an error handler of the application gets.
func TestErrorHandler(t *testing.T) {
	var got error
	var header http.Header
	option := runtime.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, err error) {
		got, header = err, w.Header().Clone()
		w.WriteHeader(http.StatusTeapot)
	})
	for name, tt := range map[string]struct {
		u      setup
		status int
		is     []error
	}{
		"revoked":     {setup{backends: []runtime.Authenticator{refuses(runtime.ErrRevoked)}}, 401, []error{runtime.ErrUnauthenticated, runtime.ErrRevoked}},
		"unavailable": {setup{backends: []runtime.Authenticator{refuses(fmt.Errorf("%w: %w", runtime.ErrUnavailable, io.EOF))}}, 503, []error{runtime.ErrUnavailable, io.EOF}},
		"throttled":   {setup{backends: []runtime.Authenticator{refuses(runtime.ErrTooManyRequests)}}, 429, []error{runtime.ErrTooManyRequests}},
		"denied":      {setup{add: open, check: func(c *runtime.Call, _ *http.Request) bool { c.Deny(); return false }}, 403, []error{runtime.ErrForbidden}},
		"panic":       {setup{add: open, check: func(*runtime.Call, *http.Request) bool { panic("s3cr3t") }}, 500, nil},
		"handler":     {setup{add: open, handle: func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Fail(io.EOF) }}, 500, []error{io.EOF}},
	} {
		t.Run(name, func(t *testing.T) {
			tt.u.options = []runtime.Option{option}
			w := tt.u.build(t).get()
			assert.Equal(t, http.StatusTeapot, w.Code)
			assert.Empty(t, w.Body.String())
			var e *runtime.Error
			require.ErrorAs(t, got, &e)
			assert.Equal(t, tt.status, e.Status)
			assert.Equal(t, "no-store", header.Get("Cache-Control"))
			assert.Equal(t, tt.status == 401, header.Get("Www-Authenticate") != "")
			assert.Equal(t, tt.status == 503, header.Get("Retry-After") != "")
			for _, sentinel := range tt.is {
				assert.ErrorIs(t, got, sentinel)
			}
			assert.NotContains(t, got.Error(), "s3cr3t")

			e.Detail = "changed" // which must not reach the sentinels
			var sentinel *runtime.Error
			require.ErrorAs(t, runtime.ErrForbidden, &sentinel)
			assert.Equal(t, "Permission denied", sentinel.Detail)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	wait := func(status int, d time.Duration) error { return &runtime.Error{Status: status, RetryAfter: d} }
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"503":                   {runtime.ErrUnavailable, "5"},
		"503 that says more":    {wait(503, time.Minute), "60"},
		"429":                   {runtime.ErrTooManyRequests, ""},
		"429 with a fraction":   {fmt.Errorf("x: %w", wait(429, 1500*time.Millisecond)), "2"},
		"500 that says so":      {wait(500, time.Nanosecond), "1"},
		"a negative one":        {wait(429, -time.Second), ""},
		"an error of no status": {io.EOF, ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := setup{add: open, handle: func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Fail(tt.err) }}
			assert.Equal(t, tt.want, u.build(t).get().Header().Get("Retry-After"), "a handler's error")
			if status := (&runtime.Error{}); errors.As(tt.err, &status) && (status.Status == 429) {
				w := setup{backends: []runtime.Authenticator{refuses(tt.err)}}.build(t).get()
				assert.Equal(t, 429, w.Code)
				assert.Equal(t, tt.want, w.Header().Get("Retry-After"), "a backend's error")
			}
		})
	}
}
