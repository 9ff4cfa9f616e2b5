package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

func TestLogInAndOut(t *testing.T) {
	s := newSite(t, nil)
	b := s.browser(t)
	b.expect("")
	got := b.post("/login?user=alice")
	require.Equal(t, 200, got.status, got.body)
	id := b.id()
	assert.Equal(t, []string{cookieName + "=" + id + "; Path=/; HttpOnly; Secure; SameSite=Lax"}, got.header["Set-Cookie"],
		"__Host-, no Domain; no Max-Age: it goes with the browser")
	assert.Regexp(t, `^[A-Z2-7]{26,64}\.[A-Z2-7]{26,64}$`, id, "130 random bits each")
	assert.Equal(t, "no-store", got.header.Get("Cache-Control"), "HOSTILE 125")
	b.expect("alice")
	got = b.send("GET", "/me")
	assert.Equal(t, []string{"private"}, got.header["Cache-Control"], "HOSTILE 125")
	assert.Equal(t, []string{"Cookie"}, got.header["Vary"], "HOSTILE 125")
	assert.Empty(t, got.header["Set-Cookie"], "only logging in and out sets it")

	p, err := s.backend.Authenticate(s.request(t, id))
	require.NoError(t, err)
	assert.Equal(t, "alice", p.UserID())
	assert.Equal(t, "session", p.Backend())
	assert.True(t, p.Ambient())
	assert.True(t, p.AuthTime().Equal(s.Now()))
	assert.True(t, p.HasPermission("blog.view_article"))

	got = b.post("/logout")
	require.Equal(t, 200, got.status, got.body)
	assert.Equal(t, []string{cookieName + "=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"}, got.header["Set-Cookie"])
	assert.Empty(t, b.id())
	b.expect("")
	s.with(t, id).expect("", "a copy of the id")
	assert.Equal(t, 200, b.post("/logout").status, "nobody is left to log out")
	assert.Equal(t, 200, s.with(t, id).post("/logout").status, "a second time")
}

func TestRememberMe(t *testing.T) {
	s := newSite(t, nil)
	b := s.browser(t)
	got := b.post("/login?user=alice&remember")
	require.Equal(t, 200, got.status)
	assert.Contains(t, got.header.Get("Set-Cookie"), "; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax")
	s.advance(10 * 24 * time.Hour)
	b.expect("alice", "neither idle nor absolute limit")
	got = b.post("/renew")
	require.Equal(t, 200, got.status)
	assert.Contains(t, got.header.Get("Set-Cookie"), "; Max-Age=1728000;", "what is left of it")
	s.advance(20*24*time.Hour - time.Microsecond)
	b.expect("alice")
	s.advance(time.Microsecond)
	b.expect("")
}

// HOSTILE 86: ids that no login has made are never adopted, and not looked up either if
// they cannot have been made by one.
func TestUnknownIDsAreNotAdopted(t *testing.T) {
	s := newSite(t, nil)
	theirs := s.browser(t).logIn("mallory")
	first, second, _ := strings.Cut(theirs, ".")
	other := strings.Repeat("A", 26)
	for name, c := range map[string]struct {
		id     string
		loaded bool
	}{
		"86: four characters":       {"abcd", false},
		"86: four of the alphabet":  {"ABCD.ABCD", false},
		"86: chosen by an attacker": {other + "." + other, true},
		"the first part only":       {first, false},
		"the first part and a dot":  {first + ".", false},
		"the second part only":      {"." + second, false},
		"parts swapped":             {second + "." + first, true},
		"another second part":       {first + "." + other, true},
		"another first part":        {other + "." + second, true},
		"one character less":        {theirs[:len(theirs)-1], false},
		"one character more":        {theirs + "A", true},
		"lower case":                {strings.ToLower(theirs), false},
		"a third part":              {theirs + "." + second, false},
		"13: quoted":                {`"` + theirs + `"`, false},
		"16: a space":               {first + ". " + second[1:], false},
		"16: percent-encoded":       {first + "%2E" + second, false},
		"16: not ASCII":             {first + "." + second[1:] + "é", false},
		"16: NUL":                   {first + "." + second[1:] + "\x00", false},
		"16: line end in the text":  {first + "." + second + `\r\n`, false},
		"digits not of base32":      {first + "." + second[1:] + "1", false},
		"15: 1 MiB":                 {strings.Repeat("A", 1<<20), false},
		"15: 10,000 dots":           {strings.Repeat(".", 10_000), false},
		"15: as long as allowed":    {strings.Repeat("A", 64) + "." + strings.Repeat("A", 64), true},
		"15: a part too long":       {strings.Repeat("A", 65) + "." + strings.Repeat("A", 63), false},
		"a path":                    {"../../" + first + "." + second, false},
		"SQL":                       {"' OR '1'='1", false},
	} {
		t.Run(name, func(t *testing.T) {
			loads := s.store.count("Load")
			r := httptest.NewRequest("POST", "/", nil)
			r.Header["Cookie"] = []string{cookieName + "=" + c.id}
			p, err := s.backend.Authenticate(r)
			require.ErrorIs(t, err, runtime.ErrInvalidCredentials)
			assert.Nil(t, p)
			assert.NotContains(t, err.Error(), c.id, "HOSTILE 112")
			assert.Equal(t, c.loaded, s.store.count("Load") > loads, "whether the store was asked")

			w := httptest.NewRecorder()
			require.NoError(t, s.backend.LogIn(w, r, "alice", session.Options{}))
			set := w.Result().Cookies()
			require.Len(t, set, 1)
			assert.NotEqual(t, c.id, set[0].Value)
			assert.NotContains(t, set[0].Value, first)
			_, err = s.backend.Authenticate(r)
			require.ErrorIs(t, err, runtime.ErrInvalidCredentials, "nor after a login")
			// Whoever knows the first part may have logged the session out. It is back for the next case.
			if p, err := s.backend.Authenticate(s.request(t, theirs)); err != nil || p.UserID() != "mallory" {
				assert.Contains(t, c.id, first+".")
				theirs = s.logIn(t, "mallory", session.Options{})
				first, second, _ = strings.Cut(theirs, ".")
			}
		})
	}
}

// HOSTILE 12, 13, 15: through a real server.
func TestCookieLines(t *testing.T) {
	s := newSite(t, nil)
	id := s.browser(t).logIn("alice")
	many := strings.Repeat("a=1; ", 100_000)
	for name, c := range map[string]struct {
		lines  []string
		status int
	}{
		"the cookie":                     {[]string{cookieName + "=" + id}, 200},
		"among others":                   {[]string{"a=1; " + cookieName + "=" + id + "; b=2"}, 200},
		"in a line of its own":           {[]string{"a=1", cookieName + "=" + id}, 200},
		"12: twice":                      {[]string{cookieName + "=" + id + "; " + cookieName + "=" + id}, 401},
		"12: another one first":          {[]string{cookieName + "=x; " + cookieName + "=" + id}, 401},
		"12: another one last":           {[]string{cookieName + "=" + id, cookieName + "=x"}, 401},
		"12: an empty one":               {[]string{cookieName + "=; " + cookieName + "=" + id}, 401},
		"12: without the prefix":         {[]string{"session=" + id}, 401},
		"12: a prefix in other letters":  {[]string{"__host-session=" + id}, 401},
		"13: quoted":                     {[]string{cookieName + `="` + id + `"`}, 401},
		"13: half quoted":                {[]string{cookieName + `="` + id}, 401},
		"15: 1 MiB":                      {[]string{cookieName + "=" + strings.Repeat("A", 1<<19)}, 401},
		"15: 100,000 others":             {[]string{many + cookieName + "=" + id}, 200},
		"14: in the query":               {nil, 401},
		"the id as a bearer token":       {nil, 401},
		"empty":                          {[]string{cookieName + "="}, 401},
		"10: joined with a comma":        {[]string{cookieName + "=" + id + ", " + cookieName + "=" + id}, 401},
		"16: a tab behind, which is OWS": {[]string{cookieName + "=" + id + "\t"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequest("GET", s.URL+"/me?session="+id, nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+id)
			r.Header["Cookie"] = c.lines
			response, err := s.Client().Do(r)
			require.NoError(t, err)
			defer response.Body.Close()
			assert.Equal(t, c.status, response.StatusCode)
		})
	}
	s.with(t, id).expect("alice", "none of that has ended it")
}

// HOSTILE 87: whoever knows the id before the login knows nothing after it.
func TestFixation(t *testing.T) {
	s := newSite(t, nil)
	victim := s.browser(t)
	planted := s.browser(t).logIn("mallory") // a real session, so the strongest case
	got := victim.post("/login?user=alice", "Cookie", cookieName+"="+planted)
	require.Equal(t, 200, got.status, got.body)
	victim.expect("alice")
	assert.NotEqual(t, planted, victim.id())
	s.with(t, planted).expect("", "the session that the request came with has ended")

	t.Run("logging in again", func(t *testing.T) {
		before := victim.id()
		first, _, _ := strings.Cut(before, ".")
		after := victim.logIn("alice")
		assert.NotContains(t, after, first)
		s.with(t, before).expect("")
		victim.expect("alice")
	})
	t.Run("as somebody else", func(t *testing.T) {
		before := victim.id()
		victim.logIn("bob")
		victim.expect("bob")
		s.with(t, before).expect("")
	})
	t.Run("renewed", func(t *testing.T) {
		require.Equal(t, "|", victim.post("/count").body)
		before := victim.id()
		require.Equal(t, 200, victim.post("/renew").status)
		assert.NotEqual(t, before, victim.id())
		s.with(t, before).expect("")
		victim.expect("bob")
		assert.Equal(t, "||", victim.post("/count").body, "the values stay")
	})
	t.Run("a session that cannot be ended is not logged over", func(t *testing.T) {
		before := victim.id()
		s.store.fail(assert.AnError, "End")
		defer s.store.fail(nil, "End")
		got := victim.post("/login?user=alice")
		assert.Equal(t, 503, got.status)
		assert.Empty(t, got.header["Set-Cookie"])
		assert.Equal(t, before, victim.id())
	})
}

// HOSTILE 88: nothing that a slow request does brings back a session that has been logged
// out meanwhile.
func TestSlowRequestsDoNotReviveASession(t *testing.T) {
	for name, c := range map[string]struct {
		finish func(s *site, w http.ResponseWriter, r *http.Request, opened *session.Session) error
		status int
	}{
		"saves a value": {func(s *site, _ http.ResponseWriter, r *http.Request, opened *session.Session) error {
			if err := visits.Set(opened, 5); err != nil {
				return err
			}
			return opened.Save(r.Context())
		}, 401},
		"renews the id": {func(s *site, w http.ResponseWriter, r *http.Request, _ *session.Session) error {
			return s.backend.Renew(w, r, s.Now())
		}, 401},
		"opens the session": {func(s *site, _ http.ResponseWriter, r *http.Request, _ *session.Session) error {
			_, err := s.backend.Session(r)
			return err
		}, 401},
		"ends the others": {func(s *site, _ http.ResponseWriter, r *http.Request, _ *session.Session) error {
			return s.backend.EndOthers(r)
		}, 401},
		"logs out as well": {func(s *site, w http.ResponseWriter, r *http.Request, _ *session.Session) error {
			return s.backend.LogOut(w, r)
		}, 200},
	} {
		for how, logOut := range map[string]func(*site, *browser) int{
			"logged out": func(_ *site, b *browser) int { return b.post("/logout").status },
			"everywhere": func(s *site, _ *browser) int {
				require.NoError(t, s.backend.EndUser(t.Context(), "alice"))
				return 200
			},
			"over": func(s *site, _ *browser) int { s.advance(2 * time.Hour); return 200 },
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				s := newSite(t, nil)
				entered, proceed := make(chan struct{}), make(chan struct{})
				s.handlers["/slow"] = func(w http.ResponseWriter, r *http.Request) error {
					opened, err := s.backend.Session(r)
					close(entered)
					<-proceed
					if err != nil {
						return err
					}
					return c.finish(s, w, r, opened)
				}
				b := s.browser(t)
				id := b.logIn("alice")
				var slow answer
				var group sync.WaitGroup
				group.Go(func() { slow = b.post("/slow") })
				<-entered
				require.Equal(t, 200, logOut(s, b))
				close(proceed)
				group.Wait()
				assert.Equal(t, c.status, slow.status, "the slow request hears of it")
				if c.status != 200 {
					assert.Empty(t, slow.header["Set-Cookie"])
				}
				b.expect("")
				s.with(t, id).expect("")
				infos, err := s.backend.Sessions(s.request(t, ""), "alice")
				require.NoError(t, err)
				assert.Empty(t, infos)
			})
		}
	}
}

// HOSTILE 88: the slow request has renewed the id already when the user logs out by the
// old one, and its answer, with the new one, comes last.
func TestLogOutEndsASessionThatIsRenewedMeanwhile(t *testing.T) {
	s := newSite(t, nil)
	renewed, proceed := make(chan struct{}), make(chan struct{})
	s.handlers["/slow"] = func(w http.ResponseWriter, r *http.Request) error {
		err := s.backend.Renew(w, r, time.Time{})
		close(renewed)
		<-proceed
		return err
	}
	b := s.browser(t)
	before := b.logIn("alice")
	var slow answer
	var group sync.WaitGroup
	group.Go(func() { slow = b.post("/slow") })
	<-renewed
	require.Equal(t, 200, b.post("/logout").status)
	close(proceed)
	group.Wait()
	require.Equal(t, 200, slow.status)
	require.NotEmpty(t, b.id(), "the browser has an id again")
	require.NotEqual(t, before, b.id())
	b.expect("", "it is good for nothing")
}

// A request that is authenticated in the moment of logging out: the last word is the
// store's.
func TestTouchNoticesThatTheSessionHasEnded(t *testing.T) {
	s := newSite(t, nil)
	r := s.request(t, s.logIn(t, "alice", session.Options{}))
	s.advance(30 * time.Minute)
	s.store.hook = func(method string) {
		if method == "Touch" {
			assert.NoError(t, s.store.Store.EndUser(t.Context(), "alice", session.Digest{}))
		}
	}
	p, err := s.backend.Authenticate(r)
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	assert.Nil(t, p)
	assert.Equal(t, 1, s.store.count("Touch"))
}

// HOSTILE 89.
func TestIdleAndAbsolute(t *testing.T) {
	configured := func(c *session.Config) { c.Idle, c.Absolute = 30*time.Minute, 2*time.Hour }
	const idle, absolute = 30 * time.Minute, 2 * time.Hour
	t.Run("89: idle", func(t *testing.T) {
		for _, early := range []time.Duration{-time.Hour, -time.Microsecond, 0, time.Microsecond} {
			s := newSite(t, configured)
			id := s.logIn(t, "alice", session.Options{})
			s.advance(idle - early)
			_, err := s.backend.Authenticate(s.request(t, id))
			if early > 0 {
				assert.NoError(t, err, early)
			} else {
				assert.ErrorIs(t, err, runtime.ErrInvalidCredentials, early)
				assert.ErrorContains(t, err, "the session is over")
			}
		}
	})
	t.Run("89: absolute, in constant use", func(t *testing.T) {
		s := newSite(t, configured)
		b := s.browser(t)
		b.logIn("alice")
		for used := time.Duration(0); used < absolute; used += 10 * time.Minute {
			b.expect("alice", used)
			s.advance(10 * time.Minute)
		}
		b.expect("")
	})
	t.Run("89: absolute, to the microsecond", func(t *testing.T) {
		s := newSite(t, configured)
		b := s.browser(t)
		b.logIn("alice")
		for range 7 {
			s.advance(absolute / 8)
			b.expect("alice")
		}
		require.Equal(t, 200, b.post("/renew").status, "which gains no time")
		s.advance(absolute/8 - time.Microsecond)
		b.expect("alice")
		s.advance(time.Microsecond)
		b.expect("")
	})
	t.Run("uses are written now and then only", func(t *testing.T) {
		s := newSite(t, configured)
		id := s.logIn(t, "alice", session.Options{})
		for range 600 { // ten minutes
			s.advance(time.Second)
			_, err := s.backend.Authenticate(s.request(t, id))
			require.NoError(t, err)
		}
		// Each request() asks once as well. A tenth of half an hour is three minutes.
		assert.Equal(t, 3, s.store.count("Touch"))
		s.advance(27*time.Minute + time.Second)
		_, err := s.backend.Authenticate(s.request(t, id))
		assert.NoError(t, err, "nine tenths of the idle limit are safe")
	})
	t.Run("with a long limit every five minutes", func(t *testing.T) {
		s := newSite(t, func(c *session.Config) { c.Idle, c.Absolute = 240*time.Hour, 240*time.Hour })
		id := s.logIn(t, "alice", session.Options{})
		for range 60 {
			s.advance(time.Minute)
			s.request(t, id)
		}
		assert.Equal(t, 12, s.store.count("Touch"))
	})
	t.Run("74: the clock goes back", func(t *testing.T) {
		s := newSite(t, configured)
		id := s.logIn(t, "alice", session.Options{})
		s.advance(-time.Hour)
		_, err := s.backend.Authenticate(s.request(t, id))
		assert.NoError(t, err)
		assert.Zero(t, s.store.count("Touch"))
		s.advance(time.Hour + idle)
		_, err = s.backend.Authenticate(s.request(t, id))
		assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	})
}

// HOSTILE 99: what changes who is logged in refuses requests of other sites itself, also
// where nobody is logged in yet.
func TestCrossOrigin(t *testing.T) {
	for _, c := range []struct {
		name   string
		method string
		fields []string
		passes bool
	}{
		{"99: no headers", "POST", nil, true},
		{"99: same origin", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://example.com"}, true},
		{"by the user", "POST", []string{"Sec-Fetch-Site", "none"}, true},
		{"99: cross-site", "POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		{"99: same-site", "POST", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://blog.example.com"}, false},
		{"99: nonsense", "POST", []string{"Sec-Fetch-Site", "nonsense"}, false},
		{"99: Origin null", "POST", []string{"Origin", "null"}, false},
		{"99: another host", "POST", []string{"Origin", "https://evil.example"}, false},
		{"99: http-scheme, same host, as net/http has it", "POST", []string{"Origin", "http://example.com"}, true},
		{"99: http-scheme, same host, as browsers say it", "POST", []string{"Origin", "http://example.com", "Sec-Fetch-Site", "cross-site"}, false},
		{"99: another port", "POST", []string{"Origin", "https://example.com:8443"}, false},
		{"99: trusted", "POST", []string{"Origin", "https://app.example.net", "Sec-Fetch-Site", "cross-site"}, true},
		{"99: trusted host, wrong scheme", "POST", []string{"Origin", "http://app.example.net"}, false},
		{"100: text/plain", "POST", []string{"Origin", "https://evil.example", "Content-Type", "text/plain"}, false},
		{"18: POST that claims to be GET", "POST", []string{"Origin", "https://evil.example", "X-HTTP-Method-Override", "GET"}, false},
		{"PUT", "PUT", []string{"Origin", "https://evil.example"}, false},
		{"GET, at the end of a redirect", "GET", []string{"Sec-Fetch-Site", "cross-site"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, act := range map[string]func(s *site, w http.ResponseWriter, r *http.Request) error{
				"log in": func(s *site, w http.ResponseWriter, r *http.Request) error {
					return s.backend.LogIn(w, r, "mallory", session.Options{})
				},
				"renew":   func(s *site, w http.ResponseWriter, r *http.Request) error { return s.backend.Renew(w, r, time.Time{}) },
				"log out": func(s *site, w http.ResponseWriter, r *http.Request) error { return s.backend.LogOut(w, r) },
			} {
				s := newSite(t, func(config *session.Config) { config.TrustedOrigins = []string{"https://app.example.net"} })
				id := s.logIn(t, "alice", session.Options{})
				r := s.request(t, id)
				r.Method, r.Host = c.method, "example.com"
				for i := 0; i < len(c.fields); i += 2 {
					r.Header.Add(c.fields[i], c.fields[i+1])
				}
				w := httptest.NewRecorder()
				err := act(s, w, r)
				if c.passes {
					require.NoError(t, err, name)
					assert.Len(t, w.Result().Cookies(), 1, name)
					s.with(t, id).expect("", name)
					continue
				}
				require.ErrorIs(t, err, runtime.ErrForbidden, name)
				assert.Empty(t, w.Header(), name)
				s.with(t, id).expect("alice", "%s: nothing has happened", name)
				assert.Equal(t, 1, s.store.count("Create"), name)
			}
		})
	}
}

// HOSTILE 20, 99: what pages of other sites do with the cookie of somebody who is logged in.
func TestCrossSiteRequestsWithTheCookie(t *testing.T) {
	s := newSite(t, nil)
	b := s.browser(t)
	b.logIn("alice")
	evil := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}
	for _, path := range []string{"/me", "/count", "/renew", "/login?user=mallory", "/logout"} {
		assert.Equal(t, 403, b.post(path, evil...).status, path)
	}
	assert.Equal(t, 403, b.send("GET", "/me", append(evil, "Upgrade", "websocket", "Connection", "Upgrade")...).status, "20: WebSocket")
	assert.Equal(t, 403, s.browser(t).post("/login?user=mallory", evil...).status, "99: by somebody who is not logged in")
	b.expect("alice")
}

// Whoever is not allowed any more is refused at once, and has no session afterwards.
func TestUsersWhoMayNotLogIn(t *testing.T) {
	for _, gone := range []error{runtime.ErrNotFound, runtime.ErrForbidden, runtime.ErrUnauthenticated, runtime.ErrRevoked,
		fmt.Errorf("look up: %w", runtime.NewError(403, "Disabled", nil))} {
		t.Run(gone.Error(), func(t *testing.T) {
			s := newSite(t, nil)
			id := s.logIn(t, "alice", session.Options{})
			s.users.set("alice", gone)
			_, err := s.backend.Authenticate(s.request(t, ""))
			require.ErrorIs(t, err, runtime.ErrNoCredentials)

			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Cookie", cookieName+"="+id)
			s.store.fail(assert.AnError, "End")
			_, err = s.backend.Authenticate(r)
			require.ErrorIs(t, err, runtime.ErrRevoked, "even if the session cannot be ended")
			s.store.fail(nil, "End")
			p, err := s.backend.Authenticate(r)
			require.ErrorIs(t, err, runtime.ErrRevoked)
			require.ErrorIs(t, err, gone)
			require.Nil(t, p)
			assert.Equal(t, `Cookie realm="session", error="invalid_token", error_description="The session is unknown or has ended"`, s.backend.Challenge(r, err))
			s.users.set("alice", nil)
			_, err = s.backend.Authenticate(r)
			require.ErrorIs(t, err, runtime.ErrInvalidCredentials, "the session has ended")

			s.users.set("alice", gone)
			w := httptest.NewRecorder()
			err = s.backend.LogIn(w, httptest.NewRequest("POST", "/", nil), "alice", session.Options{})
			require.ErrorIs(t, err, runtime.ErrUnauthenticated)
			assert.Empty(t, w.Header())
		})
	}
}

func TestUserIDs(t *testing.T) {
	s := newSite(t, nil)
	for _, id := range []string{"7", "alice", "a b", "日本", "api", "apikey", strings.Repeat("x", 255), "00000000-0000-0000-0000-000000000000"} {
		s.logIn(t, id, session.Options{})
	}
	for _, id := range []string{"", strings.Repeat("x", 256), "apikey:ci", "ApiKey:ci", "a\x00", "a\n", "\xff", "\ufffd", "\u200b", "\u202ea"} {
		w := httptest.NewRecorder()
		err := s.backend.LogIn(w, httptest.NewRequest("POST", "/", nil), id, session.Options{})
		require.Error(t, err, "HOSTILE 122: %q", id)
		assert.Empty(t, w.Header())
	}
}

func TestAuthTime(t *testing.T) {
	s := newSite(t, nil)
	authTime := func(id string) time.Time {
		p, err := s.backend.Authenticate(s.request(t, id))
		require.NoError(t, err)
		return p.AuthTime().UTC()
	}
	now := s.Now().UTC()
	for given, want := range map[time.Time]time.Time{
		{}: now, now.Add(-time.Hour): now.Add(-time.Hour), now.Add(time.Hour): now, now.AddDate(400_000, 0, 0): now, now.AddDate(-300_000, 0, 0): time.Unix(0, 0).UTC(),
	} {
		assert.Equal(t, want, authTime(s.logIn(t, "alice", session.Options{AuthTime: given})), given)
	}

	id := s.logIn(t, "alice", session.Options{AuthTime: now.Add(-time.Hour)})
	for _, c := range []struct{ given, want time.Time }{{time.Time{}, now.Add(-time.Hour)}, {now.Add(-time.Minute), now.Add(-time.Minute)}, {now.Add(time.Minute), now}} {
		w := httptest.NewRecorder()
		require.NoError(t, s.backend.Renew(w, s.request(t, id), c.given))
		id = w.Result().Cookies()[0].Value
		assert.Equal(t, c.want, authTime(id), "HOSTILE 110: proved again, or not")
	}
}

func TestRenewAmongOthers(t *testing.T) {
	t.Run("saves of values are in its way", func(t *testing.T) {
		s := newSite(t, nil)
		id := s.logIn(t, "alice", session.Options{})
		saves := 0
		s.store.hook = func(method string) {
			if method != "Update" || saves == 3 {
				return
			}
			saves++
			records, err := s.store.Store.List(t.Context(), "alice")
			assert.NoError(t, err)
			records[0].Data = []byte(`{"visits":9}`)
			assert.NoError(t, s.store.Store.Update(t.Context(), records[0], s.Now()))
		}
		w := httptest.NewRecorder()
		require.NoError(t, s.backend.Renew(w, s.request(t, id), time.Time{}))
		opened, err := s.backend.Session(s.request(t, w.Result().Cookies()[0].Value))
		require.NoError(t, err)
		n, err := visits.Get(opened)
		require.NoError(t, err)
		assert.Equal(t, 9, n, "and none is lost")
	})
	t.Run("for ever", func(t *testing.T) {
		s := newSite(t, nil)
		id := s.logIn(t, "alice", session.Options{})
		s.store.fail(session.ErrConflict, "Update")
		w := httptest.NewRecorder()
		require.ErrorIs(t, s.backend.Renew(w, s.request(t, id), time.Time{}), session.ErrConflict)
		assert.Empty(t, w.Header())
	})
	t.Run("another one", func(t *testing.T) {
		s := newSite(t, nil)
		b := s.browser(t)
		id := b.logIn("alice")
		statuses := make(chan int, 10)
		var group sync.WaitGroup
		for range cap(statuses) {
			group.Go(func() { statuses <- s.with(t, id).post("/renew").status })
		}
		group.Wait()
		close(statuses)
		count := map[int]int{}
		for status := range statuses {
			count[status]++
		}
		assert.Equal(t, map[int]int{200: 1, 401: 9}, count)
	})
}

// An answer sets the cookie once, whatever the handler does in between.
func TestOneSetCookie(t *testing.T) {
	s := newSite(t, nil)
	w := httptest.NewRecorder()
	w.Header().Add("Set-Cookie", "theme=dark")
	r := httptest.NewRequest("POST", "/", nil)
	require.NoError(t, s.backend.LogIn(w, r, "alice", session.Options{}))
	require.NoError(t, s.backend.LogIn(w, r, "bob", session.Options{}))
	set := w.Header()["Set-Cookie"]
	require.Len(t, set, 2)
	assert.Equal(t, "theme=dark", set[0])
	p, err := s.backend.Authenticate(s.request(t, w.Result().Cookies()[1].Value))
	require.NoError(t, err)
	assert.Equal(t, "bob", p.UserID())
}

func TestLogOutSaysSoOnlyIfItIsSo(t *testing.T) {
	s := newSite(t, nil)
	b := s.browser(t)
	id := b.logIn("alice")
	s.store.fail(assert.AnError, "End")
	got := b.post("/logout")
	assert.Equal(t, 503, got.status)
	assert.Empty(t, got.header["Set-Cookie"])
	b.expect("alice")
	s.store.fail(nil, "End")

	for name, line := range map[string]string{
		"several cookies":    cookieName + "=" + id + "; " + cookieName + "=x",
		"a cookie too long":  cookieName + "=" + strings.Repeat("A", 1000),
		"several empty ones": cookieName + "=; " + cookieName + "=",
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Cookie", line)
		w := httptest.NewRecorder()
		require.ErrorIs(t, s.backend.LogOut(w, r), runtime.ErrBadRequest, name)
		assert.Empty(t, w.Header(), name)
	}
	b.expect("alice")

	r := s.request(t, "abcd")
	w := httptest.NewRecorder()
	require.NoError(t, s.backend.LogOut(w, r), "no session can have such an id")
	assert.Len(t, w.Result().Cookies(), 1)
}

// A user who closes the window right after clicking is logged out.
func TestLogOutWithoutAnybodyWaiting(t *testing.T) {
	s := newSite(t, nil)
	id := s.logIn(t, "alice", session.Options{})
	ctx, cancel := withCancel(t)
	cancel()
	require.NoError(t, s.backend.LogOut(httptest.NewRecorder(), s.request(t, id).WithContext(ctx)))
	_, err := s.backend.Authenticate(s.request(t, id))
	assert.ErrorIs(t, err, runtime.ErrInvalidCredentials)
}
