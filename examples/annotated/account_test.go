package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

// post sends a form as a browser does, and does not follow where it is sent.
func (b *blog) post(path string, form url.Values, header ...string) answer {
	b.t.Helper()
	return b.send("POST", path, form.Encode(),
		append([]string{"Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html,*/*;q=0.8", "Sec-Fetch-Site", "same-origin"}, header...)...)
}

// page asks for a page as a browser does.
func (b *blog) page(path string, header ...string) answer {
	b.t.Helper()
	return b.send("GET", path, "", append([]string{"Accept", "text/html"}, header...)...)
}

var (
	newKeyPattern = regexp.MustCompile(`<output id="key">([^<]+)</output>`)
	idPattern     = regexp.MustCompile(`name="id" value="([^"]+)"`)
)

func TestLogInWithAForm(t *testing.T) {
	b := newBlog(t, nil)
	a := b.page("/login")
	require.Equal(t, 200, a.status)
	assert.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	assert.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'sha256-")
	assert.NotContains(t, a.body, `role="alert"`)

	a = b.page("/account")
	assert.Equal(t, 303, a.status)
	assert.Equal(t, "/login", a.header.Get("Location"))
	assertProblem(t, 401, b.send("GET", "/account", "")) // no browser

	for _, form := range []url.Values{
		{"username": {"alice"}, "password": {"a wrong one"}},
		{"username": {"eve"}, "password": {"eve-password"}},
		{"username": {"nobody"}, "password": {"nobody-password"}},
	} {
		a = b.post("/session/login", form)
		assert.Equal(t, 401, a.status)
		assert.Contains(t, a.body, `<p role="alert">Wrong username or password</p>`)
		assert.Empty(t, a.header["Set-Cookie"])
		assert.Contains(t, a.body, `value="`+form.Get("username")+`"`)
		assert.NotContains(t, a.body, form.Get("password"))
	}
	for _, form := range []url.Values{
		{"username": {"alice"}}, {"username": {"alice", "bob"}, "password": {"x"}}, {"username": {"alice"}, "password": {"x"}, "is_staff": {"on"}},
		{"username": {"\xff"}, "password": {"x"}},
	} {
		a = b.post("/session/login", form)
		assert.Equal(t, 400, a.status)
		assert.Regexp(t, `<p role="alert">The (form lacks|body is not a form)`, a.body)
	}

	// Neither right nor wrong passwords of other sites' pages are looked at: they would count against the visitor's address.
	for _, text := range []string{"alice-password", "a wrong one"} {
		body := `{"username":"alice","password":"` + text + `"}`
		for _, path := range []string{"/auth/token", "/auth/cookie", "/session/login"} {
			assertProblem(t, 403, b.send("POST", path, body, "Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"))
		}
	}
	form := url.Values{"username": {"alice"}, "password": {"alice-password"}}
	a = b.post("/session/login", form, "Sec-Fetch-Site", "cross-site")
	assert.Equal(t, 403, a.status)
	assert.Empty(t, a.header["Set-Cookie"])

	a = b.post("/session/login", form)
	require.Equal(t, 303, a.status, a.body)
	assert.Equal(t, "/account", a.header.Get("Location"))
	cookie, attributes, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	assert.NotContains(t, attributes, "Max-Age")
	form.Set("remember", "on")
	_, attributes, _ = strings.Cut(b.post("/session/login", form).header.Get("Set-Cookie"), ";")
	assert.Contains(t, attributes, "Max-Age=2592000")

	a = b.page("/account", "Cookie", cookie)
	require.Equal(t, 200, a.status, a.body)
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	assert.Contains(t, a.body, "<h1>alice</h1>")
	assert.Contains(t, a.body, "<td>127.0.0.1</td>")
	assert.Equal(t, 1, strings.Count(a.body, `aria-current="true"`))
	assert.Contains(t, a.body, "None yet.")

	assertProblem(t, 401, b.send("GET", "/account", "", b.as("alice")...)) // a token is no session
	a = b.post("/session/logout", nil, "Cookie", cookie)
	assert.Equal(t, 303, a.status)
	assert.Equal(t, "/login", a.header.Get("Location"))
	assert.Equal(t, "/login", b.page("/account", "Cookie", cookie).header.Get("Location"))
}

func TestSessionsOfAUser(t *testing.T) {
	b := newBlog(t, nil)
	here, _ := b.logInSession("alice", "User-Agent", "Phone <1>")
	there, _ := b.logInSession("alice", "User-Agent", "Laptop")
	bob, _ := b.logInSession("bob")
	body := b.page("/account", "Cookie", here).body
	ids := idPattern.FindAllStringSubmatch(body, -1)
	require.Len(t, ids, 2)
	assert.Contains(t, body, "This one: Phone &lt;1&gt;")
	laptop := ids[0][1] // the one used last is in front
	require.Contains(t, body[:strings.Index(body, laptop)], "Laptop")

	end := func(id, cookie string) int {
		return b.post("/account/sessions/end", url.Values{"id": {id}}, "Cookie", cookie).status
	}
	assert.Equal(t, 303, end(laptop, bob), "another user's is none")
	assert.Equal(t, 200, b.send("GET", "/private", "", "Cookie", there).status)
	assert.Equal(t, 303, end(laptop, here))
	assertProblem(t, 401, b.send("GET", "/private", "", "Cookie", there))
	assert.Equal(t, 200, b.send("GET", "/private", "", "Cookie", here).status)
	assertProblem(t, 403, b.send("POST", "/account/sessions/end", "id="+laptop, "Cookie", here,
		"Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.example"))

	again, _ := b.logInSession("alice")
	a := b.post("/auth/logout-all", nil, "Cookie", here)
	assert.Equal(t, 303, a.status)
	assert.Equal(t, "/login", a.header.Get("Location"))
	assert.Contains(t, a.header.Get("Set-Cookie"), "__Host-session=; Path=/; Max-Age=0")
	assert.Equal(t, 303, b.page("/account", "Cookie", again).status)
}

func TestKeysOfAUser(t *testing.T) {
	b := newBlog(t, nil)
	cookie, _ := b.logInSession("alice")
	create := func(name string) answer { return b.post("/account/keys", url.Values{"name": {name}}, "Cookie", cookie) }
	a := create(`my "laptop"`)
	require.Equal(t, 200, a.status, a.body)
	match := newKeyPattern.FindStringSubmatch(a.body)
	require.NotNil(t, match)
	key := match[1]
	_, id, err := apikey.Parse(key)
	require.NoError(t, err)
	assert.Contains(t, a.body, "my &#34;laptop&#34;")
	assert.NotContains(t, b.page("/account", "Cookie", cookie).body, key, "it is shown once")

	with := func(path string) int { return b.send("GET", path, "", "X-API-Key", key).status }
	assert.Equal(t, 200, with("/articles"))
	assert.Equal(t, 200, with("/internal"))
	assert.Equal(t, 403, with("/me"), "a key is no user")
	assert.Equal(t, 401, with("/account"))
	forged, err := apikey.Regenerate(keyPrefix, id)
	require.NoError(t, err)
	assertProblem(t, 401, b.send("GET", "/internal", "", "X-API-Key", forged.Text))

	require.NoError(t, b.server.Keys.Flush(t.Context()))
	record, err := b.server.keys.table.Lookup(t.Context(), id)
	require.NoError(t, err)
	assert.False(t, record.Used.IsZero())
	assert.Equal(t, "1", record.Owner)

	execute := func(statement string) {
		_, err := b.server.users.db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	t.Run("HOSTILE 82: the owner may do less than when the key was made", func(t *testing.T) {
		execute(`DELETE FROM user_permissions WHERE user_id = 1 AND permission = '` + ViewArticle + `'`)
		assert.Equal(t, 403, with("/articles"))
		execute(`INSERT INTO user_permissions (user_id, permission) VALUES (1, '` + ViewArticle + `')`)
		assert.Equal(t, 200, with("/articles"))
	})
	t.Run("HOSTILE 82: the owner is inactive", func(t *testing.T) {
		execute(`UPDATE users SET is_active = 0 WHERE id = 1`)
		assert.Equal(t, 401, with("/internal"))
		execute(`UPDATE users SET is_active = 1 WHERE id = 1`)
		assert.Equal(t, 200, with("/internal"))
	})

	bob, _ := b.logInSession("bob")
	assert.Equal(t, 404, b.post("/account/keys/revoke", url.Values{"id": {id}}, "Cookie", bob).status, "another user's")
	assert.Equal(t, 404, b.post("/account/keys/revoke", url.Values{"id": {"x"}}, "Cookie", cookie).status)
	assert.Equal(t, 200, with("/internal"))
	assert.Equal(t, 303, b.post("/account/keys/revoke", url.Values{"id": {id}}, "Cookie", cookie).status)
	assert.Equal(t, 401, with("/internal"))
	assert.Contains(t, b.page("/account", "Cookie", cookie).body, "revoked 2")

	for _, name := range []string{"", " ", "a\nb", strings.Repeat("ä", 101), strings.Repeat("💥", 100), "a\u202eb", "\u200b", "a\u2028b"} {
		a := create(name)
		assert.Equal(t, 400, a.status, name)
		assert.Contains(t, a.body, `<p role="alert">The name of a key`)
	}
	made := make(chan int)
	for range 2 * maxKeys { // at once
		go func() { made <- create("key").status }()
	}
	statuses := map[int]int{}
	for range 2 * maxKeys {
		statuses[<-made]++
	}
	assert.Equal(t, map[int]int{200: maxKeys, 409: maxKeys}, statuses)

	alice, err := b.server.users.ByName(t.Context(), "alice")
	require.NoError(t, err)
	for i := maxKeys + 1; i < maxKeysADay; i++ { // the first one was made and revoked above
		keys, err := b.server.keys.Of(t.Context(), alice)
		require.NoError(t, err)
		require.NoError(t, b.server.keys.Revoke(t.Context(), alice, keys[0].ID))
		require.Equal(t, 200, create("key").status, i)
	}
	keys, err := b.server.keys.Of(t.Context(), alice)
	require.NoError(t, err)
	assert.Len(t, keys, maxKeysADay)
	require.NoError(t, b.server.keys.Revoke(t.Context(), alice, keys[0].ID))
	assert.Contains(t, create("enough").body, errTooManyToday.Detail)

	execute(`UPDATE sessions SET auth_time = auth_time - 1000000 * 301`)
	a = create("too late")
	assert.Equal(t, 303, a.status, "who has not logged in for a while is asked to")
	assert.Equal(t, "/login", a.header.Get("Location"))
}

func TestLoginsAreHeldDown(t *testing.T) { // HOSTILE 85
	b := newBlog(t, nil)
	// The hash of nobody costs as much as one of somebody: a cheap one keeps the test short.
	_, err := b.server.users.db.ExecContext(t.Context(), `UPDATE users SET password = ? WHERE username = 'alice'`, hashOfDjango)
	require.NoError(t, err)
	for i := range failuresPerAccount {
		require.Equal(t, 401, b.logIn("alice", "wrong").status, i)
	}
	for _, text := range []string{"wrong", "secret"} {
		a := b.logIn("alice", text)
		assertProblem(t, 429, a)
		assert.NotEmpty(t, a.header.Get("Retry-After"))
		a = b.post("/session/login", url.Values{"username": {"alice"}, "password": {text}})
		assert.Equal(t, 429, a.status)
		assert.Contains(t, a.body, `<p role="alert">Too many failed attempts</p>`)
	}
	assert.Equal(t, http.StatusOK, b.logIn("bob", "bob-password").status, "another account")
}
