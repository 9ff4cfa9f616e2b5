package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logInSession returns the cookie of a new session.
func (b *blog) logInSession(username string, header ...string) (cookie, attributes string) {
	b.t.Helper()
	a := b.send("POST", "/session/login", `{"username":"`+username+`","password":"`+username+`-password"}`, header...)
	require.Equal(b.t, http.StatusNoContent, a.status, a.body)
	cookie, attributes, _ = strings.Cut(a.header.Get("Set-Cookie"), ";")
	return cookie, attributes
}

func TestSession(t *testing.T) {
	b := newBlog(t, nil)
	cookie, attributes := b.logInSession("bob")
	require.True(t, strings.HasPrefix(cookie, "__Host-session="))
	for _, attribute := range []string{"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		assert.Contains(t, attributes, attribute)
	}
	a := b.send("GET", "/info", "", "Cookie", cookie)
	require.Equal(t, 200, a.status, a.body)
	assert.JSONEq(t, `{"user_id":"2","is_staff":true,"is_superuser":false,"auth_backend":"session","permissions":[]}`, a.body)
	for path, status := range map[string]int{"/me": 200, "/staff": 200, "/admin": 403, "/articles": 403, "/internal": 401, "/sensitive": 200} {
		assert.Equal(t, status, b.send("GET", path, "", "Cookie", cookie).status, path)
	}
	assertProblem(t, 403, b.send("POST", "/auth/logout", "", "Cookie", cookie)) // it has no token
	assertProblem(t, 403, b.send("POST", "/session/logout", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"))

	again, _ := b.logInSession("bob", "Cookie", cookie)
	assert.NotEqual(t, cookie, again, "HOSTILE 87")
	assertProblem(t, 401, b.send("GET", "/info", "", "Cookie", cookie))
	require.Equal(t, 204, b.send("POST", "/session/logout", "", "Cookie", again).status)
	assertProblem(t, 401, b.send("GET", "/info", "", "Cookie", again))
}

func TestSessionThatNobodyBegan(t *testing.T) { // HOSTILE 86
	b := newBlog(t, nil)
	for _, id := range []string{"", "abcd", strings.Repeat("A", 52), "2"} {
		assertProblem(t, 401, b.send("GET", "/private", "", "Cookie", "__Host-session="+id))
	}
	const login = `{"username":"bob","password":"bob-password"}`
	a := b.send("POST", "/session/login", login, "Sec-Fetch-Site", "cross-site") // HOSTILE 99
	assertProblem(t, 403, a)
	assert.Empty(t, a.header["Set-Cookie"])
	assertProblem(t, 401, b.send("POST", "/session/login", `{"username":"bob","password":"wrong"}`))
	assertProblem(t, 401, b.send("POST", "/session/login", `{"username":"eve","password":"eve-password"}`))
}

func TestLogOutAllEndsSessionsAndTokens(t *testing.T) {
	b := newBlog(t, nil)
	here, _ := b.logInSession("alice")
	there, _ := b.logInSession("alice")
	bob, _ := b.logInSession("bob")
	token := pair(t, b.logIn("alice", "alice-password"))
	require.Equal(t, 204, b.send("POST", "/auth/logout-all", "", "Cookie", here).status)
	for _, cookie := range []string{here, there} {
		assertProblem(t, 401, b.send("GET", "/private", "", "Cookie", cookie))
	}
	assert.Equal(t, 401, b.private(token.AccessToken))
	assertProblem(t, 401, b.refresh(token.RefreshToken))
	assert.Equal(t, 200, b.send("GET", "/private", "", "Cookie", bob).status, "another user")

	alice, _ := b.logInSession("alice")
	require.Equal(t, 200, b.send("GET", "/private", "", "Cookie", alice).status)
	_, err := b.server.users.db.ExecContext(t.Context(), `UPDATE users SET is_active = 0 WHERE username = 'alice'`)
	require.NoError(t, err)
	assertProblem(t, 401, b.send("GET", "/private", "", "Cookie", alice)) // HOSTILE 58
}
