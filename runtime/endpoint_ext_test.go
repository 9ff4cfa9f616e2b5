package runtime_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A behaviour is one way in which a backend can answer.
type behaviour struct {
	name      string
	principal *runtime.Principal
	err       error
	panics    any
	typical   bool // stands for others of its kind

	// What the design says about it, independently of the implementation.
	next   bool           // the next backend is asked
	status int            // of the refusal, if the chain ends here; 0: accepted
	reason runtime.Reason // of the event
}

var (
	alice     = runtime.NewPrincipal(runtime.Identity{UserID: "alice"})
	typedNil  *runtime.Error
	errForged = fmt.Errorf("%w: forged", runtime.ErrInvalidCredentials)
)

var behaviours = []behaviour{
	{name: "accepts", typical: true, principal: alice, reason: runtime.ReasonAccepted},
	{name: "none", typical: true, err: runtime.ErrNoCredentials, next: true, status: 401, reason: runtime.ReasonNoCredentials},
	{name: "none wrapped", err: fmt.Errorf("x: %w", runtime.ErrNoCredentials), next: true, status: 401, reason: runtime.ReasonNoCredentials},
	{name: "invalid", typical: true, err: errForged, next: true, status: 401, reason: runtime.ReasonInvalidCredentials},
	{name: "revoked", typical: true, err: fmt.Errorf("x: %w", runtime.ErrRevoked), status: 401, reason: runtime.ReasonRevoked},
	{name: "unavailable", err: fmt.Errorf("x: %w", runtime.ErrUnavailable), status: 503, reason: runtime.ReasonUnavailable},
	{name: "throttled", err: fmt.Errorf("x: %w", runtime.ErrTooManyRequests), status: 429, reason: runtime.ReasonThrottled},
	{name: "unknown", typical: true, err: io.ErrUnexpectedEOF, status: 500, reason: runtime.ReasonBackendError},
	{name: "404", err: runtime.ErrNotFound, status: 500, reason: runtime.ReasonBackendError},
	{name: "403", err: runtime.ErrForbidden, status: 500, reason: runtime.ReasonBackendError},
	{name: "error of status 200", err: runtime.NewError(200, "fine", nil), status: 500, reason: runtime.ReasonBackendError},
	{name: "invalid and revoked", err: errors.Join(errForged, runtime.ErrRevoked), status: 401, reason: runtime.ReasonRevoked},
	{name: "none and unavailable", err: errors.Join(runtime.ErrNoCredentials, runtime.ErrUnavailable), status: 503, reason: runtime.ReasonUnavailable},
	{name: "124 nil, nil", typical: true, status: 500, reason: runtime.ReasonBackendError},
	{name: "124 anonymous", principal: runtime.Anonymous(), status: 500, reason: runtime.ReasonBackendError},
	{name: "124 zero", principal: new(runtime.Principal), status: 500, reason: runtime.ReasonBackendError},
	{name: "124 typed nil error", err: typedNil, status: 500, reason: runtime.ReasonBackendError},
	{name: "124 principal and unknown error", principal: alice, err: io.EOF, status: 500, reason: runtime.ReasonBackendError},
	{name: "124 principal and none", principal: alice, err: runtime.ErrNoCredentials, next: true, status: 401, reason: runtime.ReasonNoCredentials},
	{name: "124 principal and invalid", principal: alice, err: errForged, next: true, status: 401, reason: runtime.ReasonInvalidCredentials},
	{name: "124 principal and revoked", principal: alice, err: runtime.ErrRevoked, status: 401, reason: runtime.ReasonRevoked},
	{name: "panic", typical: true, panics: "boom", status: 500, reason: runtime.ReasonBackendPanic},
	{name: "panic with an error", panics: runtime.ErrNoCredentials, status: 500, reason: runtime.ReasonBackendPanic},
	{name: "error that panics", err: explosive{}, status: 500, reason: runtime.ReasonBackendPanic},
	{name: "principal and an error that panics", principal: alice, err: explosive{}, status: 500, reason: runtime.ReasonBackendPanic},
}

// An explosive error panics when it is compared.
type explosive struct{}

func (explosive) Error() string   { return "explosive" }
func (explosive) Is(error) bool   { panic("comparing") }
func (explosive) As(any) bool     { panic("converting") }
func (explosive) Unwrap() []error { return nil }

func (b behaviour) backend(asked *int) *fake {
	return &fake{name: b.name, authenticate: func(*http.Request) (*runtime.Principal, error) {
		*asked++
		if b.panics != nil {
			panic(b.panics)
		}
		return b.principal, b.err
	}}
}

// want says what becomes of a request, from DESIGN.md, "Backends" and "Anonymous by intent only".
func want(kind string, chain []behaviour) (served, anonymous bool, status, asked int, reason runtime.Reason) {
	status, reason = 401, runtime.ReasonNoCredentials
	for _, b := range chain {
		asked++
		if b.reason == runtime.ReasonAccepted {
			return true, false, 200, asked, b.reason
		}
		if !b.next {
			return kind == "open", true, b.status, asked, b.reason
		}
		if b.reason == runtime.ReasonInvalidCredentials {
			reason = b.reason
		}
	}
	return kind != "guarded", true, status, asked, reason
}

// Every chain of two backends, and of three with a typical one last, for every kind of endpoint: who is served, and as whom.
func TestEnterChains(t *testing.T) {
	kinds := map[string]func(*runtime.API, *runtime.Backends, runtime.Route, ...string) *runtime.Endpoint{
		"guarded": guarded, "public": public, "open": open,
	}
	check := func(kind string, chain ...behaviour) {
		var asked int
		u := setup{add: kinds[kind]}
		for _, b := range chain {
			u.backends = append(u.backends, b.backend(&asked))
		}
		s := u.build(t)
		w := s.get()

		served, anonymous, status, wantAsked, reason := want(kind, chain)
		if served {
			status = 200
		}
		names := make([]string, len(chain))
		for i, b := range chain {
			names[i] = b.name
		}
		about := fmt.Sprintf("%s: %s", kind, strings.Join(names, ", "))
		require.Equal(t, served, s.served == 1, about)
		require.Equal(t, status, w.Code, about)
		require.Equal(t, wantAsked, asked, about)
		require.Equal(t, []runtime.Reason{reason}, s.reasons(), about)
		if served {
			require.Equal(t, !anonymous, s.last.IsAuthenticated(), about)
			require.Equal(t, "served", w.Body.String(), about)
			require.Equal(t, runtime.OutcomeAllowed, s.events[0].Outcome, about)
			return
		}
		require.NotContains(t, w.Body.String(), "served", about)
		require.Equal(t, runtime.OutcomeRefused, s.events[0].Outcome, about)
		require.Equal(t, status, s.events[0].Status, about)
		require.Equal(t, status == 401, len(w.Header()["Www-Authenticate"]) > 0, about)
	}
	for kind := range kinds {
		if kind != "guarded" { // which is an error when the API is made
			check(kind)
		}
		for _, a := range behaviours {
			check(kind, a)
			for _, b := range behaviours {
				check(kind, a, b)
				for _, c := range behaviours {
					if c.typical {
						check(kind, a, b, c)
					}
				}
			}
		}
	}
}

// A panic with http.ErrAbortHandler is a way to end a connection, and net/http must see it.
func TestEnterAbort(t *testing.T) {
	for name, add := range map[string]func(*runtime.API, *runtime.Backends, runtime.Route, ...string) *runtime.Endpoint{
		"guarded": guarded, "public": public, "open": open,
	} {
		t.Run(name, func(t *testing.T) {
			var asked int
			b := behaviour{name: "x", panics: http.ErrAbortHandler}
			s := setup{add: add, backends: []runtime.Authenticator{b.backend(&asked)}}.build(t)
			assert.PanicsWithValue(t, http.ErrAbortHandler, func() { s.get() })
			assert.Zero(t, s.served)
		})
	}
}

// With panicnil=1 a panic can go unseen by recover. It must not look like a backend that accepted.
func TestEnterPanicNil(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	func() {
		defer func() { require.Nil(t, recover(), "panicnil=1 has no effect, so this test has none either") }()
		panic(nil)
	}()
	for name, b := range map[string]func(*http.Request) (*runtime.Principal, error){
		"at once":           func(*http.Request) (*runtime.Principal, error) { panic(nil) },
		"with a principal":  func(*http.Request) (p *runtime.Principal, err error) { defer func() { p = alice }(); panic(nil) },
		"in the error's Is": func(*http.Request) (*runtime.Principal, error) { return alice, nilPanic{} },
	} {
		t.Run(name, func(t *testing.T) {
			s := setup{backends: []runtime.Authenticator{&fake{name: "x", authenticate: b}}}.build(t)
			assert.Equal(t, 500, s.get().Code)
			assert.Zero(t, s.served)
		})
	}
}

type nilPanic struct{}

func (nilPanic) Error() string { return "" }
func (nilPanic) Is(error) bool { panic(nil) }

// Challenges: one for each backend, for the error that it returned.
func TestEnterChallenges(t *testing.T) {
	told := func(name string, err error) *fake {
		b := refuses(err)
		b.name = name
		b.challenge = func(_ *http.Request, err error) string {
			return runtime.FormatChallenge(name, "told", err.Error())
		}
		return b
	}
	silent := refuses(runtime.ErrNoCredentials)
	silent.challenge = func(*http.Request, error) string { return "" }
	broken := refuses(runtime.ErrNoCredentials)
	broken.challenge = func(*http.Request, error) string { panic("boom") }
	aborting := refuses(runtime.ErrNoCredentials)
	aborting.challenge = func(*http.Request, error) string { panic(http.ErrAbortHandler) }
	split := refuses(runtime.ErrNoCredentials)
	split.challenge = func(*http.Request, error) string { return "X a=\"1\r\nSet-Cookie: a=b\x00\x7f\u0085\t\"\n" }

	tests := []struct {
		name     string
		backends []runtime.Authenticator
		want     []string
		panics   int // that are logged
	}{
		{"1 one", []runtime.Authenticator{told("A", runtime.ErrNoCredentials)}, []string{`A told="no credentials"`}, 0},
		{"each its own", []runtime.Authenticator{told("A", errForged), told("B", runtime.ErrNoCredentials)},
			[]string{`A told="invalid credentials: forged"`, `B told="no credentials"`}, 0},
		{"wrapped ErrNoCredentials", []runtime.Authenticator{told("A", fmt.Errorf("x: %w", runtime.ErrNoCredentials))}, []string{`A told="x: no credentials"`}, 0},
		{"117 not asked", []runtime.Authenticator{told("A", runtime.ErrRevoked), told("B", nil)},
			[]string{`A told="credentials are revoked"`, `B told="no credentials"`}, 0},
		{"none", []runtime.Authenticator{silent}, nil, 0},
		{"a panic leaves the others", []runtime.Authenticator{broken, aborting, told("A", runtime.ErrNoCredentials)}, []string{`A told="no credentials"`}, 2},
		{"111 control characters", []runtime.Authenticator{split}, []string{`X a="1  Set-Cookie: a=b    "`}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := logged(t)
			w := setup{backends: tt.backends}.build(t).get()
			assert.Equal(t, tt.panics, strings.Count(log.String(), "panicked in Challenge"))
			assert.Equal(t, 401, w.Code)
			assert.Equal(t, tt.want, w.Header()["Www-Authenticate"])
			assert.JSONEq(t, `{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Authentication required"}`, w.Body.String())
		})
	}
}

// 113: what was wrong with a credential cannot be told from the answer.
func TestEnterSameAnswer(t *testing.T) {
	answer := func(err error) *http.Response {
		return setup{backends: []runtime.Authenticator{refuses(err)}}.build(t).get().Result()
	}
	expected := answer(runtime.ErrNoCredentials)
	body, err := io.ReadAll(expected.Body)
	require.NoError(t, err)
	for _, cause := range []error{
		errForged,
		runtime.ErrRevoked,
		fmt.Errorf("%w: expired", runtime.ErrInvalidCredentials),
		errors.Join(runtime.ErrInvalidCredentials, runtime.NewError(418, "a secret", nil)),
		errors.Join(runtime.ErrRevoked, runtime.NewError(404, "a secret", nil)),
	} {
		got := answer(cause)
		gotBody, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		assert.Equal(t, expected.StatusCode, got.StatusCode, cause)
		assert.Equal(t, expected.Header, got.Header, cause)
		assert.Equal(t, string(body), string(gotBody), cause)
	}
}

// 11: credentials of two users in one request. The route's order decides.
func TestEnterOrder(t *testing.T) {
	from := func(header string) *fake {
		return &fake{name: header, authenticate: func(r *http.Request) (*runtime.Principal, error) {
			if id := r.Header.Get(header); id != "" {
				return runtime.NewPrincipal(runtime.Identity{UserID: id}), nil
			}
			return nil, runtime.ErrNoCredentials
		}}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("A", "alice")
	r.Header.Set("B", "bob")
	for _, tt := range []struct {
		order []runtime.Authenticator
		want  string
	}{
		{[]runtime.Authenticator{from("A"), from("B")}, "alice"},
		{[]runtime.Authenticator{from("B"), from("A")}, "bob"},
	} {
		s := setup{backends: tt.order}.build(t)
		s.do(r)
		assert.Equal(t, tt.want, s.last.UserID())
	}
}

// A principal that middleware left in the context is not the request's.
func TestEnterIgnoresContext(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r = r.WithContext(runtime.NewContext(r.Context(), alice))

	s := setup{backends: []runtime.Authenticator{refuses(runtime.ErrNoCredentials)}}.build(t)
	assert.Equal(t, 401, s.do(r).Code)

	s = setup{add: open}.build(t)
	assert.Equal(t, 200, s.do(r).Code)
	assert.False(t, s.last.IsAuthenticated())
}

// An authenticator that is no pointer, and cannot be compared.
type values struct{ list []string }

func (values) Name() string                                           { return "values" }
func (values) Authenticate(*http.Request) (*runtime.Principal, error) { return alice, nil }
func (v values) Challenge(*http.Request, error) string                { return strings.Join(v.list, "") }

func TestBackendsThatCannotBeCompared(t *testing.T) {
	s := setup{backends: []runtime.Authenticator{values{[]string{"a"}}, values{[]string{"b"}}}}.build(t)
	assert.Equal(t, 200, s.get().Code)
	assert.True(t, slices.Equal([]string{"a", "b"}, s.api.Routes()[0].Backends))
}
