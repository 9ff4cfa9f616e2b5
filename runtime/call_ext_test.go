package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	gort "runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// 1 credential is wrapped in a principal by this backend, if there is an Authorization header; its challenge is that of RFC 6750.
var bearer = &fake{
	name: "bearer",
	authenticate: func(r *http.Request) (*runtime.Principal, error) {
		if r.Header.Get("Authorization") == "" {
			return nil, runtime.ErrNoCredentials
		}
		return alice, nil
	},
	challenge: func(*http.Request, error) string { return runtime.FormatChallenge("Bearer", "realm", `a "b"`) },
}

func authorized() *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "x")
	return r
}

// What a step of a guard answers that does not hold (DESIGN.md, "Guards"), for each way to refuse.
func TestCallRefusals(t *testing.T) {
	read, odd := runtime.NewScope("read"), runtime.NewScope("a\"\\\r\nb")
	base := `Bearer realm="a \"b\""`
	tests := []struct {
		name      string
		deny      func(*runtime.Call)
		status    int    // of an authenticated request
		challenge string // "": none
		reason    runtime.Reason
		anonymous int // status of an anonymous request to a public endpoint with a backend
	}{
		{"107 Deny", (*runtime.Call).Deny, 403, "", runtime.ReasonDenied, 401},
		{"DenyScope", func(c *runtime.Call) { c.DenyScope(read) }, 403, base + `, error="insufficient_scope", scope="read"`, runtime.ReasonInsufficientScope, 401},
		{"DenyScope of several", func(c *runtime.Call) { c.DenyScope(read, runtime.NewScope("write")) }, 403,
			base + `, error="insufficient_scope", scope="read write"`, runtime.ReasonInsufficientScope, 401},
		{"111 DenyScope, escaped", func(c *runtime.Call) { c.DenyScope(odd) }, 403,
			base + `, error="insufficient_scope", scope="a\"\\  b"`, runtime.ReasonInsufficientScope, 401},
		{"110 DenyStale", func(c *runtime.Call) { c.DenyStale(5 * time.Minute) }, 401,
			base + `, error="insufficient_user_authentication", max_age="300"`, runtime.ReasonStale, 401},
		{"DenyStale, less than a second", func(c *runtime.Call) { c.DenyStale(999 * time.Millisecond) }, 401,
			base + `, error="insufficient_user_authentication", max_age="0"`, runtime.ReasonStale, 401},
		{"DenyStale, negative", func(c *runtime.Call) { c.DenyStale(math.MinInt64) }, 401,
			base + `, error="insufficient_user_authentication", max_age="0"`, runtime.ReasonStale, 401},
		{"DenyError 403", func(c *runtime.Call) { c.DenyError(runtime.ErrForbidden) }, 403, "", runtime.ReasonGuardError, 403},
		{"DenyError 401", func(c *runtime.Call) { c.DenyError(runtime.ErrUnauthenticated) }, 401, base, runtime.ReasonGuardError, 401},
		{"104 DenyError", func(c *runtime.Call) { c.DenyError(io.EOF) }, 500, "", runtime.ReasonGuardError, 500},
		{"DenyError nil", func(c *runtime.Call) { c.DenyError(nil) }, 500, "", runtime.ReasonGuardError, 500},
		{"DenyError typed nil", func(c *runtime.Call) { c.DenyError(typedNil) }, 500, "", runtime.ReasonGuardError, 500},
		{"DenyError that panics", func(c *runtime.Call) { c.DenyError(explosive{}) }, 500, "", runtime.ReasonPanic, 500},
		{"Refuse", func(c *runtime.Call) { c.Refuse(io.EOF) }, 500, "", runtime.ReasonBindingError, 500},
		{"Refuse nil", func(c *runtime.Call) { c.Refuse(nil) }, 500, "", runtime.ReasonBindingError, 500},
		{"Refuse 404", func(c *runtime.Call) { c.Refuse(fmt.Errorf("x: %w", runtime.ErrNotFound)) }, 404, "", runtime.ReasonBindingError, 404},
		{"Refuse 401", func(c *runtime.Call) { c.Refuse(runtime.ErrUnauthenticated) }, 401, base, runtime.ReasonBindingError, 401},
		{"Refuse that panics", func(c *runtime.Call) { c.Refuse(explosive{}) }, 500, "", runtime.ReasonPanic, 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := setup{add: public, backends: []runtime.Authenticator{bearer}, check: func(c *runtime.Call, _ *http.Request) bool {
				tt.deny(c)
				return false
			}}
			s := u.build(t)
			w := s.do(authorized())
			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, tt.challenge, strings.Join(w.Header()["Www-Authenticate"], "; "))
			assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			require.Equal(t, []runtime.Reason{tt.reason}, s.reasons())
			assert.Equal(t, runtime.OutcomeRefused, s.events[0].Outcome)
			assert.Equal(t, tt.status, s.events[0].Status)
			assert.Equal(t, "alice", s.events[0].UserID)
			assert.Equal(t, "bearer", s.events[0].Backend)

			s = u.build(t)
			w = s.get()
			assert.Equal(t, tt.anonymous, w.Code, "anonymous")
			if tt.anonymous == 401 {
				assert.Equal(t, base, strings.Join(w.Header()["Www-Authenticate"], "; "), "anonymous")
			}
			assert.Len(t, s.events, 1, "anonymous")
			assert.Zero(t, s.served)
		})
	}
}

// 107: 403 where nobody could authenticate.
func TestCallDenyWithoutBackend(t *testing.T) {
	for name, deny := range map[string]func(*runtime.Call){
		"Deny":      (*runtime.Call).Deny,
		"DenyScope": func(c *runtime.Call) { c.DenyScope(runtime.NewScope("read")) },
		"DenyStale": func(c *runtime.Call) { c.DenyStale(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			s := setup{add: public, check: func(c *runtime.Call, _ *http.Request) bool { deny(c); return false }}.build(t)
			w := s.get()
			assert.Equal(t, 403, w.Code)
			assert.NotContains(t, w.Header(), "Www-Authenticate")
			assert.JSONEq(t, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Permission denied"}`, w.Body.String())
			assert.Zero(t, s.served)
		})
	}
}

// The backend that accepted is the one whose challenge is extended.
func TestCallChallengeOfAcceptingBackend(t *testing.T) {
	with := func(challenge string) string {
		accepting := accepts(runtime.Identity{})
		accepting.challenge = func(_ *http.Request, err error) string {
			assert.Equal(t, runtime.ErrNoCredentials, err)
			return challenge
		}
		s := setup{backends: []runtime.Authenticator{refuses(errForged), accepting}, check: func(c *runtime.Call, _ *http.Request) bool {
			c.DenyStale(time.Minute)
			return false
		}}.build(t)
		w := s.get()
		assert.Equal(t, 401, w.Code)
		return strings.Join(w.Header()["Www-Authenticate"], "; ")
	}
	assert.Equal(t, `ApiKey error="insufficient_user_authentication", max_age="60"`, with("ApiKey"))
	assert.Equal(t, `A b="c", error="insufficient_user_authentication", max_age="60"`, with(`A b="c"`))
	assert.Empty(t, with(""))
	assert.Empty(t, with(" \t"))
}

type secret struct{ Text string }

func nothing() map[string]int { return nil }

// 104: a guard or provider that panics refuses.
func TestCallRecover(t *testing.T) {
	tests := []struct {
		name      string
		panics    func()
		valueType string
	}{
		{"string", func() { panic("s3cr3t") }, "string"},
		{"error", func() { panic(errors.New("s3cr3t")) }, "*errors.errorString"},
		{"value", func() { panic(secret{"s3cr3t"}) }, "runtime_test.secret"},
		{"error of ours", func() { panic(runtime.NewError(200, "s3cr3t", nil)) }, "*runtime.Error"},
		{"nil map", func() { nothing()["s3cr3t"] = 1 }, "runtime.plainError"},
		{"nil pointer", func() { _ = (*secret)(nil).Text }, "runtime.errorString"},
		{"nil", func() { panic(nil) }, "*runtime.PanicNilError"},
		{"wrapped abort", func() { panic(fmt.Errorf("x: %w", http.ErrAbortHandler)) }, "*fmt.wrapError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := setup{add: open, check: func(*runtime.Call, *http.Request) bool { tt.panics(); return true }}.build(t)
			w := s.get()
			assert.Equal(t, 500, w.Code)
			assert.JSONEq(t, `{"type":"about:blank","title":"Internal Server Error","status":500}`, w.Body.String())
			assert.Zero(t, s.served)
			require.Equal(t, []runtime.Reason{runtime.ReasonPanic}, s.reasons())
			e := s.events[0]
			require.ErrorContains(t, e.Err, "panic with a value of type ")
			assert.Contains(t, string(e.Stack), "TestCallRecover")
			assert.NotContains(t, fmt.Sprintf("%+v", e)+string(e.Stack), "s3cr3t")
		})
	}
}

func TestCallRecoverAbort(t *testing.T) {
	s := setup{add: open, check: func(*runtime.Call, *http.Request) bool { panic(http.ErrAbortHandler) }}.build(t)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { s.get() })
	assert.Zero(t, s.served)
}

// A method that ends without a decision, which would be an implicit 200.
func TestCallUndecided(t *testing.T) {
	s := setup{add: open, check: func(*runtime.Call, *http.Request) bool { return false }}.build(t)
	assert.Equal(t, 500, s.get().Code)
	assert.Equal(t, []runtime.Reason{runtime.ReasonUndecided}, s.reasons())

	t.Run("Goexit", func(t *testing.T) {
		s := setup{add: open, check: func(*runtime.Call, *http.Request) bool { gort.Goexit(); return true }}.build(t)
		w := httptest.NewRecorder()
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		}()
		<-done
		assert.Equal(t, 500, w.Code)
		assert.Zero(t, s.served)
	})
	t.Run("panic(nil) unseen", func(t *testing.T) {
		t.Setenv("GODEBUG", "panicnil=1")
		s := setup{add: open, check: func(*runtime.Call, *http.Request) bool { panic(nil) }}.build(t)
		assert.Equal(t, 500, s.get().Code)
		assert.Zero(t, s.served)
	})
}

// A handler's panic passes untouched: value and stack, after Allow.
func TestCallHandlerPanics(t *testing.T) {
	for _, value := range []any{"boom", io.EOF, http.ErrAbortHandler} {
		s := setup{add: open, handle: func(*runtime.Call, http.ResponseWriter, *http.Request) { panic(value) }}.build(t)
		assert.PanicsWithValue(t, value, func() { s.get() })
		assert.Equal(t, []runtime.Reason{runtime.ReasonNoCredentials}, s.reasons())
		assert.Equal(t, runtime.OutcomeAllowed, s.events[0].Outcome)
	}
}

// Requests: the principal in the context, what the application adds to it, and what if that goes wrong.
func TestCallRequest(t *testing.T) {
	type key struct{}
	with := func(f func(context.Context, *runtime.Principal) context.Context) setup {
		return setup{backends: []runtime.Authenticator{accepts(runtime.Identity{})}, options: []runtime.Option{runtime.WithContext(f)}}
	}
	u := with(func(ctx context.Context, p *runtime.Principal) context.Context {
		assert.Same(t, p, runtime.FromContext(ctx))
		return context.WithValue(ctx, key{}, p.UserID())
	})
	u.handle = func(_ *runtime.Call, w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "alice", r.Context().Value(key{}))
		assert.Equal(t, "alice", runtime.FromContext(r.Context()).UserID())
		assert.Equal(t, "7", r.PathValue("id"))
		w.WriteHeader(204)
	}
	u.patterns = []string{"/{id}"}
	assert.Equal(t, 204, u.build(t).do(httptest.NewRequest("GET", "/7", nil)).Code)

	s := with(func(context.Context, *runtime.Principal) context.Context { panic("boom") }).build(t)
	assert.Equal(t, 500, s.get().Code, "panic")
	assert.Zero(t, s.served)

	s = with(func(context.Context, *runtime.Principal) context.Context { return nil }).build(t)
	assert.Equal(t, 500, s.get().Code, "nil context")
	assert.Zero(t, s.served)

	s = with(func(context.Context, *runtime.Principal) context.Context { return context.Background() }).build(t)
	assert.Equal(t, 200, s.get().Code)
	assert.False(t, s.last.IsAuthenticated(), "a context that is not derived takes rights, and gives none")
}

type profile struct {
	Name   string `json:"name"`
	status int
}

func (p profile) StatusCode() int { return p.status }

func TestCallRespond(t *testing.T) {
	tests := []struct {
		name   string
		result any
		status int
		body   string // JSON; "": empty
		cause  string // of a failure
	}{
		{"struct", struct{ A string }{"<b>"}, 200, "{\"A\":\"\\u003cb\\u003e\"}", ""},
		{"pointer", &struct{ A int }{1}, 200, `{"A":1}`, ""},
		{"nil slice", []int(nil), 200, `null`, ""},
		{"status", profile{"x", 201}, 201, `{"name":"x"}`, ""},
		{"status by pointer", &profile{"x", 202}, 202, `{"name":"x"}`, ""},
		{"204", profile{"x", 204}, 204, "", ""},
		{"304", profile{"x", 304}, 304, "", ""},
		{"status 0", profile{"x", 0}, 500, `{"type":"about:blank","title":"Internal Server Error","status":500}`, "StatusCode returned "},
		{"status 199", profile{"x", 199}, 500, `{"type":"about:blank","title":"Internal Server Error","status":500}`, "StatusCode returned "},
		{"status 200", profile{"x", 200}, 200, `{"name":"x"}`, ""},
		{"status 999", profile{"x", 999}, 999, `{"name":"x"}`, ""},
		{"status 101", profile{"x", 101}, 500, `{"type":"about:blank","title":"Internal Server Error","status":500}`, "StatusCode returned "},
		{"status 1000", profile{"x", 1000}, 500, `{"type":"about:blank","title":"Internal Server Error","status":500}`, "StatusCode returned "},
		{"not encodable", math.NaN(), 500, `{"type":"about:blank","title":"Internal Server Error","status":500}`, "encode result: "},
		{"not encodable, with a status", notEncodable{}, 500, `{"type":"about:blank","title":"Internal Server Error","status":500}`, "encode result: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := setup{add: open, handle: func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Respond(tt.result) }}.build(t)
			w := s.get()
			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, tt.body, w.Body.String())
			if tt.status == 500 {
				assert.Equal(t, []runtime.Reason{runtime.ReasonNoCredentials, runtime.ReasonResultError}, s.reasons())
				assert.Equal(t, runtime.OutcomeFailed, s.events[1].Outcome)
				assert.ErrorContains(t, s.events[1].Err, tt.cause)
			} else {
				assert.Len(t, s.events, 1)
			}
			if tt.body == "" {
				assert.NotContains(t, w.Header(), "Content-Type")
				return
			}
			assert.Equal(t, fmt.Sprint(len(tt.body)), w.Header().Get("Content-Length"))
			if tt.status == 500 {
				assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			} else {
				assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
			}

			head := s.do(httptest.NewRequest("HEAD", "/", nil))
			assert.Empty(t, head.Body.String())
			assert.Equal(t, w.Header(), head.Header())
		})
	}
}

// notEncodable claims a status for its failure.
type notEncodable struct{}

func (notEncodable) MarshalJSON() ([]byte, error) { return nil, runtime.ErrNotFound }
