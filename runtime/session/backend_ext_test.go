package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

func withCancel(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

func TestNewNamesEveryWrongSetting(t *testing.T) {
	_, err := session.New(session.Config{
		Store: (*session.Memory)(nil), Cookie: "session", Idle: -1, Absolute: -2, Remember: -3, TrustedOrigins: []string{"example.com", "https://fine.example"},
	})
	require.Error(t, err)
	for _, setting := range []string{"Store: nil", "User: nil", "Cookie: ", "Idle: ", "Absolute: ", "Remember: ", "TrustedOrigins: "} {
		assert.ErrorContains(t, err, setting)
	}
	assert.Contains(t, err.Error(), "session.New: ")

	for name, c := range map[string]struct {
		change func(*session.Config)
		want   string // "": it is fine
	}{
		"no store":                       {func(c *session.Config) { c.Store = nil }, "Store: "},
		"no user":                        {func(c *session.Config) { c.User = nil }, "User: "},
		"idle too short":                 {func(c *session.Config) { c.Idle = time.Second - 1 }, "Idle: "},
		"idle, barely":                   {func(c *session.Config) { c.Idle = time.Second }, ""},
		"absolute less than idle":        {func(c *session.Config) { c.Idle, c.Absolute = time.Hour, time.Hour-1 }, "Absolute: "},
		"the same":                       {func(c *session.Config) { c.Idle, c.Absolute, c.Remember = time.Hour, time.Hour, time.Hour }, ""},
		"a short absolute limit":         {func(c *session.Config) { c.Absolute = time.Minute }, ""},
		"a long idle limit":              {func(c *session.Config) { c.Idle = 90 * 24 * time.Hour }, ""},
		"remembered for less":            {func(c *session.Config) { c.Remember = time.Hour }, "Remember: "},
		"remembered for too long":        {func(c *session.Config) { c.Remember = 400*24*time.Hour + 1 }, "Remember: "},
		"remembered long":                {func(c *session.Config) { c.Remember = 400 * 24 * time.Hour }, ""},
		"a cookie without the prefix":    {func(c *session.Config) { c.Cookie = "sid" }, "Cookie: "},
		"a weaker prefix":                {func(c *session.Config) { c.Cookie = "__Secure-sid" }, "Cookie: "},
		"another cookie":                 {func(c *session.Config) { c.Cookie = "__Host-sid" }, ""},
		"not a cookie":                   {func(c *session.Config) { c.Cookie = "__Host-s;d" }, "Cookie: "},
		"loopback":                       {func(c *session.Config) { c.InsecureLoopback = true }, ""},
		"loopback, a name with a prefix": {func(c *session.Config) { c.InsecureLoopback, c.Cookie = true, "__Host-session" }, "Cookie: "},
		"loopback, any prefix":           {func(c *session.Config) { c.InsecureLoopback, c.Cookie = true, "__secure-session" }, "Cookie: "},
		"loopback, not a cookie":         {func(c *session.Config) { c.InsecureLoopback, c.Cookie = true, "a b" }, "Cookie: "},
		"loopback, another cookie":       {func(c *session.Config) { c.InsecureLoopback, c.Cookie = true, "sid" }, ""},
		"an origin with a path":          {func(c *session.Config) { c.TrustedOrigins = []string{"https://example.com/"} }, "TrustedOrigins: "},
	} {
		config := session.Config{Store: session.NewMemory(), User: (&users{}).User}
		c.change(&config)
		b, err := session.New(config)
		if c.want == "" {
			assert.NoError(t, err, name)
			assert.NotNil(t, b, name)
			continue
		}
		assert.ErrorContains(t, err, "session.New: "+c.want, name)
		assert.Nil(t, b, name)
	}
}

// HOSTILE 124.
func TestBackendsThatWereNotMade(t *testing.T) {
	for name, b := range map[string]*session.Backend{"zero": new(session.Backend), "nil": nil} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			r := s.request(t, s.logIn(t, "alice", session.Options{}))
			w := httptest.NewRecorder()
			p, err := b.Authenticate(r)
			assert.Nil(t, p)
			_, sessionErr := b.Session(r)
			_, sessionsErr := b.Sessions(r, "alice")
			for _, err := range []error{
				err, sessionErr, sessionsErr, b.LogIn(w, r, "alice", session.Options{}), b.LogOut(w, r), b.Renew(w, r, time.Time{}),
				b.End(t.Context(), "alice", "x"), b.EndUser(t.Context(), "alice"), b.EndOthers(r),
			} {
				assert.ErrorContains(t, err, "not made by its constructor")
				assert.NotErrorIs(t, err, runtime.ErrNoCredentials)
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
			}
			assert.Empty(t, w.Header())
			assert.Equal(t, "session", b.Name())
			assert.Equal(t, `Cookie realm="session"`, b.Challenge(r, runtime.ErrNoCredentials))

			api := runtime.NewAPI("test")
			endpoint := api.Guarded(api.Backends(runtime.Backend{Expr: "x", Authenticator: new(session.Backend)}), runtime.Route{Name: "x"})
			recorder := httptest.NewRecorder()
			_, ok := endpoint.Enter(recorder, httptest.NewRequest("GET", "/", nil))
			assert.False(t, ok, "not even anonymous requests pass")
			assert.Equal(t, 500, recorder.Code)
		})
	}
}

// HOSTILE 63: a store that does not work answers nothing.
func TestStoreDown(t *testing.T) {
	down := errors.New("connection refused")
	s := newSite(t, nil)
	b := s.browser(t)
	id := b.logIn("alice")
	s.advance(10 * time.Minute) // the next use is to be written
	for _, method := range []string{"Load", "Touch"} {
		s.store.fail(down, method)
		got := b.send("GET", "/me")
		assert.Equal(t, 503, got.status, method)
		assert.Equal(t, "5", got.header.Get("Retry-After"))
		assert.NotContains(t, got.body, "refused")
		s.store.fail(nil, method)
	}
	s.users.set("alice", errors.New("no connection to users"))
	assert.Equal(t, 503, b.send("GET", "/me").status)
	s.users.set("alice", nil)

	r := s.request(t, id)
	s.store.fail(down, "Load", "Create", "Update", "End", "EndUser", "List")
	w := httptest.NewRecorder()
	_, sessionErr := s.backend.Session(r)
	_, sessionsErr := s.backend.Sessions(r, "alice")
	for name, err := range map[string]error{
		"session": sessionErr, "sessions": sessionsErr,
		"log in":  s.backend.LogIn(w, httptest.NewRequest("POST", "/", nil), "alice", session.Options{}),
		"log out": s.backend.LogOut(w, r), "renew": s.backend.Renew(w, r, time.Time{}),
		"end": s.backend.End(t.Context(), "alice", "x"), "end user": s.backend.EndUser(t.Context(), "alice"), "end others": s.backend.EndOthers(r),
	} {
		assert.ErrorIs(t, err, runtime.ErrUnavailable, name)
		assert.ErrorIs(t, err, down, name)
	}
	assert.Empty(t, w.Header())
	s.store.fail(nil, "Load")
	assert.ErrorIs(t, s.backend.Renew(w, r, time.Time{}), runtime.ErrUnavailable, "when it writes")
	assert.Empty(t, w.Header())

	s.store.fail(nil, "List")
	infos, err := s.backend.Sessions(r, "alice")
	require.NoError(t, err)
	assert.ErrorIs(t, s.backend.End(t.Context(), "alice", infos[0].Handle), runtime.ErrUnavailable)
	b.expect("alice", "none of that has ended it")
}

// HOSTILE 63: a store that is slow is given up.
func TestStoreSlow(t *testing.T) {
	for _, slow := range []string{"store", "user"} {
		t.Run(slow, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &hanging{Store: session.NewMemory()}
				hang := false
				b, err := session.New(session.Config{Store: store, User: func(ctx context.Context, id string) (runtime.Identity, error) {
					if hang && slow == "user" {
						<-ctx.Done()
						return runtime.Identity{}, ctx.Err()
					}
					return runtime.Identity{UserID: id}, nil
				}})
				require.NoError(t, err)
				w := httptest.NewRecorder()
				require.NoError(t, b.LogIn(w, httptest.NewRequest("POST", "/", nil), "alice", session.Options{}))
				r := httptest.NewRequest("POST", "/", nil)
				r.AddCookie(w.Result().Cookies()[0])
				p, err := b.Authenticate(r)
				require.NoError(t, err)
				r = r.WithContext(runtime.NewContext(r.Context(), p))
				hang, store.hang = true, slow == "store"

				calls := map[string]func() error{
					"authenticate": func() error { _, err := b.Authenticate(r); return err },
					"log in":       func() error { return b.LogIn(w, httptest.NewRequest("POST", "/", nil), "alice", session.Options{}) },
				}
				if slow == "store" {
					calls["session"] = func() error { _, err := b.Session(r); return err }
					calls["sessions"] = func() error { _, err := b.Sessions(r, "alice"); return err }
					calls["log out"] = func() error { return b.LogOut(w, r) }
					calls["renew"] = func() error { return b.Renew(w, r, time.Time{}) }
					calls["end"] = func() error { return b.End(t.Context(), "alice", "x") }
					calls["end user"] = func() error { return b.EndUser(t.Context(), "alice") }
					calls["end others"] = func() error { return b.EndOthers(r) }
				}
				for name, call := range calls {
					began := time.Now()
					err := call()
					assert.ErrorIs(t, err, runtime.ErrUnavailable, name)
					assert.ErrorIs(t, err, context.DeadlineExceeded, name)
					assert.Equal(t, 5*time.Second, time.Since(began), name)
				}
			})
		})
	}
}

// A hanging store waits for its context.
type hanging struct {
	session.Store
	hang bool
}

func (h *hanging) wait(ctx context.Context) error {
	if h.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (h *hanging) Create(ctx context.Context, r session.Record) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	return h.Store.Create(ctx, r)
}

func (h *hanging) Load(ctx context.Context, id session.Digest) (session.Record, error) {
	if err := h.wait(ctx); err != nil {
		return session.Record{}, err
	}
	return h.Store.Load(ctx, id)
}

func (h *hanging) End(ctx context.Context, id session.Digest) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	return h.Store.End(ctx, id)
}

func (h *hanging) EndUser(ctx context.Context, userID string, except session.Digest) error {
	if err := h.wait(ctx); err != nil {
		return err
	}
	return h.Store.EndUser(ctx, userID, except)
}

func (h *hanging) List(ctx context.Context, userID string) ([]session.Record, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	return h.Store.List(ctx, userID)
}

// A User that answers for somebody else is a broken one: nobody is let in as anybody.
func TestUserReturnsAnother(t *testing.T) {
	for _, other := range []string{"", "bob", "Alice", "alice "} {
		broken := false
		s := newSite(t, func(c *session.Config) {
			c.User = func(_ context.Context, id string) (runtime.Identity, error) {
				if broken {
					id = other
				}
				return runtime.Identity{UserID: id, Superuser: true}, nil
			}
		})
		b := s.browser(t)
		b.logIn("alice")
		broken = true
		assert.Equal(t, 500, b.send("GET", "/me").status)
		w := httptest.NewRecorder()
		require.Error(t, s.backend.LogIn(w, httptest.NewRequest("POST", "/", nil), "alice", session.Options{}))
		assert.Empty(t, w.Header())
		broken = false
		b.expect("alice")
	}
}

// What User says about backend, time and origin of the credential does not count.
func TestUserDoesNotSayHow(t *testing.T) {
	s := newSite(t, func(c *session.Config) {
		c.User = func(_ context.Context, id string) (runtime.Identity, error) {
			return runtime.Identity{UserID: id, Backend: "jwt", AuthTime: time.Unix(1, 0), Ambient: false, Staff: true, Superuser: true, Claims: map[string]any{"a": "b"}}, nil
		}
	})
	p, err := s.backend.Authenticate(s.request(t, s.logIn(t, "alice", session.Options{})))
	require.NoError(t, err)
	assert.Equal(t, "session", p.Backend())
	assert.True(t, p.AuthTime().Equal(s.Now()))
	assert.True(t, p.Ambient())
	assert.True(t, p.IsStaff() && p.IsSuperuser())
	value, _ := p.Claim("a")
	assert.Equal(t, "b", value)
}

// HOSTILE 112, 113: ids are in no log, event, body, error or panic, and all refusals look
// the same.
func TestNoIDIsToldToAnybody(t *testing.T) {
	before, logged := slog.Default(), new(bytes.Buffer)
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.MultiWriter(logged, leak.Log()), &slog.HandlerOptions{Level: slog.LevelDebug})))

	s := newSite(t, nil)
	b := s.browser(t)
	var ids, told []string
	tell := func(errs ...any) {
		for _, err := range errs {
			told = append(told, fmt.Sprintf("%v %+v %#v", err, err, err))
		}
	}
	replaced := b.logIn("alice")
	require.Equal(t, 200, b.post("/renew").status)
	good := b.id()
	ended := s.logIn(t, "bob", session.Options{})
	require.NoError(t, s.backend.EndUser(t.Context(), "bob"))
	chosen := strings.Repeat("A", 30) + "." + strings.Repeat("B", 30)
	malformed := good + "!"
	ids = append(ids, replaced, good, ended, chosen, malformed)

	var bodies []string
	for _, id := range []string{replaced, ended, chosen, malformed} {
		got := s.with(t, id).send("GET", "/me")
		require.Equal(t, 401, got.status)
		bodies = append(bodies, got.body+strings.Join(got.header["Www-Authenticate"], ""))
		assert.Equal(t, bodies[0], bodies[len(bodies)-1], "113")
	}
	for _, method := range []string{"Load", "Touch", "Update", "End", "EndUser", "List", "Create"} {
		s.store.fail(errors.New("down"), method)
		for _, path := range []string{"/me", "/count", "/renew", "/logout", "/login?user=alice"} {
			told = append(told, b.post(path).body)
		}
		r := s.request(t, good)
		_, err := s.backend.Session(r)
		_, listErr := s.backend.Sessions(r, "alice")
		tell(err, listErr, s.backend.EndOthers(r))
		s.store.fail(nil, method)
		if b.id() != good {
			b.logIn("alice")
			good = b.id()
			ids = append(ids, good)
		}
	}
	opened, err := s.backend.Session(s.request(t, good))
	require.NoError(t, err)
	infos, err := s.backend.Sessions(s.request(t, good), "alice")
	require.NoError(t, err)
	tell(opened, infos, s.backend, *opened)
	s.store.hook = func(string) { panic("store") }
	told = append(told, b.send("GET", "/me").body)
	s.store.hook = nil

	s.mu.Lock()
	require.NotEmpty(t, s.events)
	for _, e := range s.events {
		tell(e.Err)
		told = append(told, fmt.Sprintf("%+v %s", e, e.Stack))
	}
	s.mu.Unlock()
	told = append(told, logged.String())
	told = append(told, bodies...)
	all := strings.Join(told, "\n")
	require.Contains(t, all, "store unavailable"[:5])
	for _, id := range ids {
		for part := range strings.SplitSeq(strings.TrimRight(id, "!"), ".") {
			require.NotContains(t, all, part)
		}
	}
}

// The store is given digests only, whatever is done.
func TestStoreGetsDigestsOnly(t *testing.T) {
	recorder := &recordingStore{Store: session.NewMemory()}
	s := newSite(t, func(c *session.Config) { c.Store = recorder })
	b := s.browser(t)
	ids := []string{b.logIn("alice")}
	b.post("/count")
	b.post("/renew")
	ids = append(ids, b.id())
	s.advance(10 * time.Minute)
	b.expect("alice")
	require.NoError(t, s.backend.EndUser(t.Context(), "alice"))
	require.Greater(t, len(recorder.given), 5)
	all := strings.Join(recorder.given, "\n")
	for _, id := range ids {
		for part := range strings.SplitSeq(id, ".") {
			assert.NotContains(t, all, part)
		}
	}
}

type recordingStore struct {
	session.Store
	given []string
}

func (s *recordingStore) note(args ...any) { s.given = append(s.given, fmt.Sprintf("%+q", args)) }

func (s *recordingStore) Create(ctx context.Context, r session.Record) error {
	s.note(r, string(r.Data))
	return s.Store.Create(ctx, r)
}

func (s *recordingStore) Load(ctx context.Context, id session.Digest) (session.Record, error) {
	s.note(id, string(id[:]))
	return s.Store.Load(ctx, id)
}

func (s *recordingStore) Update(ctx context.Context, r session.Record, now time.Time) error {
	s.note(r, string(r.Data))
	return s.Store.Update(ctx, r, now)
}

// HOSTILE 11: a request that was accepted as one user has nothing to do with the session
// of another, whose cookie it also carries.
func TestSessionOfAnotherUser(t *testing.T) {
	s := newSite(t, nil)
	id := s.logIn(t, "alice", session.Options{})
	for name, p := range map[string]*runtime.Principal{
		"another user":                runtime.NewPrincipal(runtime.Identity{UserID: "bob", Backend: "session"}),
		"another backend":             runtime.NewPrincipal(runtime.Identity{UserID: "alice", Backend: "jwt"}),
		"another user and backend":    runtime.NewPrincipal(runtime.Identity{UserID: "bob", Backend: "jwt"}),
		"nobody: no guard has passed": nil,
	} {
		r := s.request(t, id)
		r = r.WithContext(runtime.NewContext(r.Context(), p))
		_, err := s.backend.Session(r)
		assert.ErrorIs(t, err, session.ErrNoSession, name)
		assert.ErrorIs(t, err, runtime.ErrUnauthenticated, name)
		assert.ErrorIs(t, s.backend.EndOthers(r), session.ErrNoSession, name)
		w := httptest.NewRecorder()
		assert.ErrorIs(t, s.backend.Renew(w, r, time.Time{}), session.ErrNoSession, name)
		assert.Empty(t, w.Header(), name)
	}
	_, err := s.backend.Session(httptest.NewRequest("GET", "/", nil))
	assert.ErrorIs(t, err, session.ErrNoSession)
	_, err = s.backend.Session(s.request(t, id))
	assert.NoError(t, err)
}

func TestLoopback(t *testing.T) {
	s := newSite(t, func(c *session.Config) { c.InsecureLoopback = true })
	b := s.browser(t)
	got := b.post("/login?user=alice")
	require.Equal(t, 200, got.status, got.body)
	id := b.id()
	assert.Equal(t, []string{"session=" + id + "; Path=/; HttpOnly; SameSite=Lax"}, got.header["Set-Cookie"])
	b.expect("alice")

	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for host, fine := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1" + port: true, "localhost" + port: true, "LOCALHOST": true, "[::1]" + port: true, "[::1]": true, "127.8.9.10": true, "[::ffff:127.0.0.1]": true,
		"example.com": false, "example.com" + port: false, "localhost.example.com": false, "evil-localhost": false, "192.168.1.2": false, "[::]": false, "0.0.0.0": false,
		"127.0.0.1.example.com": false, "2130706433": false, "[fe80::1]": false,
	} {
		send := func(path string) *http.Response {
			r, err := http.NewRequest("POST", s.URL+path, nil)
			require.NoError(t, err)
			r.Host = host
			r.Header.Set("Cookie", "session="+id) // as if it were of that host
			response, err := s.Client().Do(r)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			return response
		}
		if fine {
			assert.Equal(t, 200, send("/me").StatusCode, host)
			continue
		}
		assert.Equal(t, 401, send("/me").StatusCode, host)
		for _, path := range []string{"/login?user=alice", "/logout"} {
			response := send(path)
			assert.Equal(t, 403, response.StatusCode, "%s %s", host, path)
			assert.Empty(t, response.Header["Set-Cookie"])
		}
	}
	for _, field := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"} {
		assert.Equal(t, 401, b.send("GET", "/me", field, "").status, field)
		assert.Equal(t, 403, b.post("/login?user=alice", field, "1.2.3.4").status, field)
	}
	b.expect("alice")

	// A request of which it is not known where it came in.
	r := httptest.NewRequest("POST", "http://localhost/", nil)
	r.Header.Set("Cookie", "session="+id)
	_, err := s.backend.Authenticate(r)
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	assert.ErrorIs(t, s.backend.LogIn(httptest.NewRecorder(), r, "alice", session.Options{}), runtime.ErrForbidden)
	r.Header.Del("Cookie")
	_, err = s.backend.Authenticate(r)
	assert.ErrorIs(t, err, runtime.ErrNoCredentials)

	// A server that listens elsewhere, or nowhere that is known.
	for address, fine := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "192.0.2.1:80": false, "[2001:db8::1]:80": false, "/run/socket": false, "": false} {
		r := httptest.NewRequest("POST", "http://localhost/", nil)
		r.Header.Set("Cookie", "session="+id)
		r = r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local(address)))
		_, err := s.backend.Authenticate(r)
		assert.Equal(t, fine, err == nil, address)
	}
}

// local is the address at which a connection came in.
type local string

func (local) Network() string  { return "test" }
func (l local) String() string { return string(l) }

// Without InsecureLoopback nothing changes on loopback.
func TestNoLoopbackByAccident(t *testing.T) {
	s := newSite(t, nil)
	r := httptest.NewRequest("POST", "http://localhost/", nil)
	r = r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local("127.0.0.1:80")))
	w := httptest.NewRecorder()
	require.NoError(t, s.backend.LogIn(w, r, "alice", session.Options{}))
	assert.Contains(t, w.Header().Get("Set-Cookie"), "; Secure")
	assert.Contains(t, w.Header().Get("Set-Cookie"), "__Host-session=")
	r.Header.Set("Cookie", "session="+w.Result().Cookies()[0].Value)
	_, err := s.backend.Authenticate(r)
	assert.ErrorIs(t, err, runtime.ErrNoCredentials)
}
