package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/authtest"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
)

// pair returns the tokens of an answer.
func pair(t *testing.T, a answer) (p jwtauth.Pair) {
	t.Helper()
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.NoError(t, json.Unmarshal([]byte(a.body), &p))
	return p
}

func (b *blog) refresh(token string) answer {
	b.t.Helper()
	body, err := json.Marshal(map[string]string{"refresh_token": token})
	require.NoError(b.t, err)
	return b.send("POST", "/auth/refresh", string(body))
}

func (b *blog) private(token string) int {
	b.t.Helper()
	return b.send("GET", "/private", "", "Authorization", "Bearer "+token).status
}

func TestRefresh(t *testing.T) {
	b := newBlog(t, nil)
	first := pair(t, b.logIn("alice", "alice-password"))
	a := b.refresh(first.RefreshToken)
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	second := pair(t, a)
	assert.NotEqual(t, first.RefreshToken, second.RefreshToken)
	assert.Equal(t, 200, b.private(first.AccessToken))
	assert.Equal(t, 200, b.private(second.AccessToken))
	assert.Equal(t, second.RefreshToken, pair(t, b.refresh(first.RefreshToken)).RefreshToken, "HOSTILE 70: within the grace")

	assert.Equal(t, 401, b.private(second.RefreshToken), "HOSTILE 53")
	assertProblem(t, 401, b.refresh(second.AccessToken)) // HOSTILE 53
	assertProblem(t, 401, b.refresh("nonsense"))
	assertProblem(t, 400, b.send("POST", "/auth/refresh", `{}`))

	third := pair(t, b.refresh(second.RefreshToken))
	replayed := b.refresh(first.RefreshToken) // HOSTILE 68: two tokens ago is beyond any grace
	assertProblem(t, 401, replayed)
	assert.NotContains(t, replayed.body, first.RefreshToken)
	assertProblem(t, 401, b.refresh(third.RefreshToken))
	for _, token := range []string{first.AccessToken, second.AccessToken, third.AccessToken} {
		assert.Equal(t, 401, b.private(token), "the family has ended")
	}
	assert.Equal(t, 200, b.private(b.token("alice")), "another login of alice goes on")
}

func TestLogOutEndsTheFamily(t *testing.T) {
	b := newBlog(t, nil)
	first, other := pair(t, b.logIn("alice", "alice-password")), pair(t, b.logIn("alice", "alice-password"))
	require.Equal(t, 204, b.send("POST", "/auth/logout", "", "Authorization", "Bearer "+first.AccessToken).status)
	assertProblem(t, 401, b.refresh(first.RefreshToken))
	other = pair(t, b.refresh(other.RefreshToken))
	require.Equal(t, 204, b.send("POST", "/auth/logout-all", "", "Authorization", "Bearer "+other.AccessToken).status)
	assertProblem(t, 401, b.refresh(other.RefreshToken))
}

func TestLogOutAllWithATokenFromElsewhere(t *testing.T) {
	b := newBlog(t, nil)
	token := b.sign(jwt.MapClaims{"sub": "1", "iss": "https://elsewhere.example"})
	require.Equal(t, 200, b.private(token), "no issuer is configured, so it is not looked at")
	require.Equal(t, 204, b.send("POST", "/auth/logout-all", "", "Authorization", "Bearer "+token).status)
	assert.Equal(t, 401, b.private(token))
}

func TestRefreshOfAUserWhoChanged(t *testing.T) { // HOSTILE 58, 71
	b := newBlog(t, nil)
	alice, root := pair(t, b.logIn("alice", "alice-password")), pair(t, b.logIn("root", "root-password"))
	for _, statement := range []string{
		`UPDATE users SET is_active = 0 WHERE username = 'alice'`,
		`UPDATE users SET is_superuser = 0 WHERE username = 'root'`,
		`DELETE FROM user_permissions WHERE user_id = 3`,
	} {
		_, err := b.server.users.db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	assertProblem(t, 401, b.refresh(alice.RefreshToken))
	root = pair(t, b.refresh(root.RefreshToken))
	assert.Equal(t, 403, b.send("GET", "/admin", "", "Authorization", "Bearer "+root.AccessToken).status)
	assert.Equal(t, 403, b.send("GET", "/articles", "", "Authorization", "Bearer "+root.AccessToken).status)
}

func TestCookie(t *testing.T) {
	b := newBlog(t, nil)
	const login = `{"username":"alice","password":"alice-password"}`
	for _, site := range []string{"cross-site", "same-site"} { // HOSTILE 99
		a := b.send("POST", "/auth/cookie", login, "Sec-Fetch-Site", site)
		assertProblem(t, 403, a)
		assert.Empty(t, a.header["Set-Cookie"])
	}
	assertProblem(t, 403, b.send("POST", "/auth/cookie", login, "Origin", "https://evil.example"))
	assertProblem(t, 401, b.send("POST", "/auth/cookie", `{"username":"alice","password":"wrong"}`))

	a := b.send("POST", "/auth/cookie", login, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, 204, a.status, a.body)
	cookies, attributes, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	require.True(t, strings.HasPrefix(cookies, "__Host-access_token="))
	for _, attribute := range []string{"Path=/", "HttpOnly", "Secure", "SameSite=Lax", "Expires="} {
		assert.Contains(t, attributes, attribute)
	}
	assert.NotContains(t, attributes, "Domain")

	a = b.send("GET", "/private", "", "Cookie", cookies, "Sec-Fetch-Site", "cross-site")
	require.Equal(t, 200, a.status, "a link from another site")
	assert.Contains(t, a.header.Values("Cache-Control"), "private") // HOSTILE 125
	assert.Contains(t, a.header.Values("Vary"), "Cookie")
	article := `{"title":"x","body":"x"}`
	assertProblem(t, 403, b.send("POST", "/articles", article, "Cookie", cookies, "Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain")) // HOSTILE 100
	assertProblem(t, 403, b.send("GET", "/private", "", "Cookie", cookies, "Sec-Fetch-Site", "cross-site", "Upgrade", "websocket"))              // HOSTILE 20
	assertProblem(t, 401, b.send("GET", "/private", "", "Cookie", cookies+"; "+cookies))                                                         // HOSTILE 12
	assert.Equal(t, 201, b.send("POST", "/articles", article, "Cookie", cookies, "Sec-Fetch-Site", "same-origin").status)

	a = b.send("POST", "/auth/logout", "", "Cookie", cookies)
	require.Equal(t, 204, a.status)
	assert.Contains(t, a.header.Get("Set-Cookie"), "__Host-access_token=; Path=/; Expires=Thu, 01 Jan 1970")
	a = b.send("POST", "/auth/cookie", login, "Sec-Fetch-Site", "same-origin", "Cookie", cookies)
	assert.Equal(t, 204, a.status, "a cookie that has been revoked does not keep its user out")
	assertProblem(t, 401, b.send("GET", "/private", "", "Cookie", cookies))
}

func TestJWKSURL(t *testing.T) {
	tokens := authtest.NewTokens(t)
	jwks := tokens.JWKS()
	variables := map[string]string{"JWT_JWKS_URL": jwks.URL, "JWT_ALGORITHMS": "ES256", "JWT_ISSUER": authtest.Issuer}
	b := newBlog(t, variables)
	token := tokens.Token(jwtauth.User{ID: "99", Username: "zoe"}, jwtauth.TokenOptions{})
	assert.Equal(t, 200, b.private(token))
	assert.Equal(t, 501, b.logIn("alice", "alice-password").status)
	assertProblem(t, 501, b.refresh(token))
	require.Equal(t, 204, b.send("POST", "/auth/logout", "", "Authorization", "Bearer "+token).status)
	assert.Equal(t, 401, b.private(token))

	token = tokens.Token(jwtauth.User{ID: "99", Username: "zoe"}, jwtauth.TokenOptions{})
	require.Equal(t, 204, b.send("POST", "/auth/logout-all", "", "Authorization", "Bearer "+token).status)
	assert.Equal(t, 401, b.private(token))
	assert.Equal(t, 1, jwks.Fetches())

	for name, change := range map[string]func(map[string]string){
		"JWT_ISSUER":     func(v map[string]string) { delete(v, "JWT_ISSUER") },
		"JWT_ALGORITHMS": func(v map[string]string) { v["JWT_ALGORITHMS"] = "RS256" },
		"JWT_JWKS_URL":   func(v map[string]string) { v["JWT_JWKS_URL"] = "http://192.0.2.1/jwks.json" },
	} {
		t.Run(name+" is wrong", func(t *testing.T) {
			changed := map[string]string{"ADDR": "127.0.0.1:0", "JWT_JWKS_URL": jwks.URL, "JWT_ALGORITHMS": "ES256", "JWT_ISSUER": authtest.Issuer}
			change(changed)
			err := run(t.Context(), environmentOf(changed), nil)
			require.ErrorContains(t, err, name+": ")
		})
	}
	t.Run("JWT_JWKS_URL is down", func(t *testing.T) { // HOSTILE 75
		jwks.Break(503)
		err := run(t.Context(), environmentOf(variables), nil)
		require.ErrorContains(t, err, "JWT_JWKS_URL: ")
	})
}
