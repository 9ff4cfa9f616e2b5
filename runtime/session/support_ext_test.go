package session_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

const cookieName = "__Host-session"

// A clock shows the time that a test wants.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_750_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// users are those who may log in.
type users struct {
	mu   sync.Mutex
	errs map[string]error
}

func (u *users) set(id string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.errs[id] = err
}

func (u *users) User(_ context.Context, id string) (runtime.Identity, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return runtime.Identity{UserID: id, Permissions: []string{"blog.view_article"}}, u.errs[id]
}

// A spy is a store in memory that a test can break, and that notes how it is used.
type spy struct {
	session.Store
	mu    sync.Mutex
	calls map[string]int
	errs  map[string]error // by method
	hook  func(method string)
}

func newSpy() *spy {
	return &spy{Store: session.NewMemory(), calls: map[string]int{}, errs: map[string]error{}}
}

func (s *spy) fail(err error, methods ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range methods {
		s.errs[m] = err
	}
}

func (s *spy) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

func (s *spy) called(method string) error {
	s.mu.Lock()
	s.calls[method]++
	err, hook := s.errs[method], s.hook
	s.mu.Unlock()
	if hook != nil {
		hook(method)
	}
	return err
}

func (s *spy) Create(ctx context.Context, r session.Record) error {
	if err := s.called("Create"); err != nil {
		return err
	}
	return s.Store.Create(ctx, r)
}

func (s *spy) Load(ctx context.Context, id session.Digest) (session.Record, error) {
	if err := s.called("Load"); err != nil {
		return session.Record{}, err
	}
	return s.Store.Load(ctx, id)
}

func (s *spy) Touch(ctx context.Context, id session.Digest, seen, expires time.Time) error {
	if err := s.called("Touch"); err != nil {
		return err
	}
	return s.Store.Touch(ctx, id, seen, expires)
}

func (s *spy) Update(ctx context.Context, r session.Record, now time.Time) error {
	if err := s.called("Update"); err != nil {
		return err
	}
	return s.Store.Update(ctx, r, now)
}

func (s *spy) End(ctx context.Context, id session.Digest) error {
	if err := s.called("End"); err != nil {
		return err
	}
	return s.Store.End(ctx, id)
}

func (s *spy) EndUser(ctx context.Context, userID string, except session.Digest) error {
	if err := s.called("EndUser"); err != nil {
		return err
	}
	return s.Store.EndUser(ctx, userID, except)
}

func (s *spy) List(ctx context.Context, userID string) ([]session.Record, error) {
	if err := s.called("List"); err != nil {
		return nil, err
	}
	return s.Store.List(ctx, userID)
}

var visits = session.NewKey[int]("visits")

// A site is an application with sessions behind guards, served over TLS.
type site struct {
	*httptest.Server
	*clock
	users   *users
	store   *spy
	backend *session.Backend

	mu       sync.Mutex
	events   []runtime.Event
	handlers map[string]func(http.ResponseWriter, *http.Request) error // by path
}

// Observe implements runtime.Observer.
func (s *site) Observe(_ context.Context, e runtime.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// newSite serves a backend with the given changes to its configuration. Its paths are
// /login and /logout, open to all; /me, /count, /renew behind a guard, and what the test
// puts into handlers.
func newSite(t testing.TB, change func(*session.Config)) *site {
	t.Helper()
	s := &site{clock: newClock(), users: &users{errs: map[string]error{}}, store: newSpy()}
	config := session.Config{Store: s.store, User: s.users.User, Now: s.Now}
	if change != nil {
		change(&config)
	}
	var err error
	s.backend, err = session.New(config)
	require.NoError(t, err)
	s.handlers = map[string]func(http.ResponseWriter, *http.Request) error{
		"/me": func(w http.ResponseWriter, r *http.Request) error {
			_, err := io.WriteString(w, runtime.FromContext(r.Context()).UserID())
			return err
		},
		"/count": s.visit,
		"/renew": func(w http.ResponseWriter, r *http.Request) error { return s.backend.Renew(w, r, time.Time{}) },
	}
	api := runtime.NewAPI("test.New", runtime.WithObserver(s))
	backends := api.Backends(runtime.Backend{Expr: "sessions", Authenticator: s.backend})
	s.mount(api, api.Open, backends, "/login", func(w http.ResponseWriter, r *http.Request) error {
		return s.backend.LogIn(w, r, r.URL.Query().Get("user"), session.Options{Remember: r.URL.Query().Has("remember")})
	})
	s.mount(api, api.Open, backends, "/logout", func(w http.ResponseWriter, r *http.Request) error { return s.backend.LogOut(w, r) })
	s.mount(api, api.Guarded, backends, "/", func(w http.ResponseWriter, r *http.Request) error {
		s.mu.Lock()
		handle := s.handlers[r.URL.Path]
		s.mu.Unlock()
		if handle == nil {
			return runtime.ErrNotFound
		}
		return handle(w, r)
	})
	require.NoError(t, api.Err())
	if config.InsecureLoopback {
		s.Server = httptest.NewServer(api)
	} else {
		s.Server = httptest.NewTLSServer(api)
	}
	t.Cleanup(s.Close)
	return s
}

func (s *site) mount(api *runtime.API, add func(*runtime.Backends, runtime.Route, ...string) *runtime.Endpoint, backends *runtime.Backends, pattern string, handle func(http.ResponseWriter, *http.Request) error) {
	var endpoint *runtime.Endpoint
	endpoint = add(backends, runtime.Route{Name: pattern, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, ok := endpoint.Enter(w, r)
		if !ok {
			return
		}
		defer call.Recover()
		r = call.Request()
		call.Allow()
		if err := handle(w, r); err != nil {
			call.Fail(err)
		}
	})}, pattern)
}

func (s *site) visit(w http.ResponseWriter, r *http.Request) error {
	opened, err := s.backend.Session(r)
	if err != nil {
		return err
	}
	n, err := visits.Get(opened)
	if err != nil {
		return err
	}
	if err := errors.Join(visits.Set(opened, n+1), opened.Save(r.Context())); err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Repeat("|", n+1))
	return err
}

// A browser keeps cookies as browsers do.
type browser struct {
	*http.Client
	site *site
	t    testing.TB
}

func (s *site) browser(t testing.TB) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{&http.Client{Transport: s.Client().Transport, Jar: jar}, s, t}
}

// An answer is what came back.
type answer struct {
	status int
	body   string
	header http.Header
}

// send sends a request with header fields given as names and values in turn.
func (b *browser) send(method, path string, fields ...string) answer {
	b.t.Helper()
	r, err := http.NewRequest(method, b.site.URL+path, nil)
	require.NoError(b.t, err)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	response, err := b.Do(r)
	require.NoError(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	for _, cookie := range response.Cookies() {
		leak.Secret(cookie.Value)
	}
	leak.Answer(response.StatusCode, response.Header, string(body))
	return answer{response.StatusCode, string(body), response.Header}
}

func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	return b.send("POST", path, fields...)
}

// logIn logs in, and returns the id that the browser has then.
func (b *browser) logIn(user string) string {
	b.t.Helper()
	got := b.post("/login?user=" + user)
	require.Equal(b.t, 200, got.status, got.body)
	return b.id()
}

// id returns the id that the browser has, or "".
func (b *browser) id() string {
	b.t.Helper()
	address, err := url.Parse(b.site.URL)
	require.NoError(b.t, err)
	cookies := b.Jar.Cookies(address)
	if len(cookies) == 0 {
		return ""
	}
	require.Len(b.t, cookies, 1)
	return cookies[0].Value
}

// expect wants /me to answer for a user, or to refuse if there is none.
func (b *browser) expect(user string, about ...any) {
	b.t.Helper()
	got := b.send("GET", "/me")
	if user == "" {
		require.Equal(b.t, 401, got.status, about...)
		return
	}
	require.Equal(b.t, 200, got.status, about...)
	require.Equal(b.t, user, got.body, about...)
}

// with returns a client that sends this id and keeps no cookie.
func (s *site) with(t testing.TB, id string) *browser {
	t.Helper()
	b := s.browser(t)
	b.Jar = nil
	b.Client.Transport = withCookie{b.Client.Transport, cookieName + "=" + id}
	return b
}

type withCookie struct {
	http.RoundTripper
	line string
}

func (c withCookie) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header["Cookie"] = append(r.Header["Cookie"], c.line)
	leak.Request(r)
	return c.RoundTripper.RoundTrip(r)
}

// request returns a request that has not come over a network, with an id, and with the
// principal that the backend finds.
func (s *site) request(t testing.TB, id string) *http.Request {
	t.Helper()
	r := httptest.NewRequest("POST", "/", nil)
	if id != "" {
		r.Header.Set("Cookie", cookieName+"="+id)
	}
	leak.Request(r)
	p, err := s.backend.Authenticate(r)
	leak.Error(err)
	return r.WithContext(runtime.NewContext(r.Context(), p))
}

// logIn logs in without a network, and returns the id.
func (s *site) logIn(t testing.TB, user string, options session.Options) string {
	t.Helper()
	w := httptest.NewRecorder()
	require.NoError(t, s.backend.LogIn(w, httptest.NewRequest("POST", "/login", nil), user, options))
	return w.Result().Cookies()[0].Value
}
