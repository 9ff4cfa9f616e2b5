package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var callers = []string{"anonymous", "alice", "bob", "root", "eve", "bad token", "API key", "bad API key"}

// Reads of every route that has no effect, by every caller. A body stands for all callers that are served, but for those of its own.
func TestReads(t *testing.T) {
	const (
		articles = `[{"id":2,"title":"Root writes about tokens","body":"There is more to say about this.","author":"root"},` +
			`{"id":1,"title":"Alice writes about guards","body":"There is more to say about this.","author":"alice"}]`
		nobody = `{"user_id":null}`
		key    = `{"user_id":"apikey:demo","is_staff":false,"is_superuser":false,"auth_backend":"api_key","permissions":["blog.view_article"]}`
	)
	tests := []struct {
		path   string
		status []int // of callers
		body   string
		bodies map[string]string
	}{
		{path: "/public", status: []int{200, 200, 200, 200, 200, 200, 200, 200}, body: `{"message":"Everybody can read this."}`},
		{path: "/private", status: []int{401, 200, 200, 200, 401, 401, 200, 401}, body: `{"message":"You are somebody."}`},
		{path: "/staff", status: []int{401, 403, 200, 200, 401, 401, 403, 401}, body: `{"message":"You are one of the staff."}`},
		{path: "/admin", status: []int{401, 403, 403, 200, 401, 401, 403, 401}, body: `{"message":"You are a superuser."}`},
		{path: "/articles", status: []int{401, 200, 403, 200, 401, 401, 200, 401}, body: articles},
		{path: "/content", status: []int{401, 200, 403, 200, 401, 401, 200, 401}, body: `{"message":"You read or write articles."}`},
		{path: "/me", status: []int{401, 200, 200, 200, 401, 401, 403, 401}, bodies: map[string]string{
			"alice": `{"id":1,"username":"alice","email":"alice@example.com","is_staff":false,"is_superuser":false}`,
			"bob":   `{"id":2,"username":"bob","email":"bob@example.com","is_staff":true,"is_superuser":false}`,
			"root":  `{"id":3,"username":"root","email":"root@example.com","is_staff":true,"is_superuser":true}`,
		}},
		{path: "/info", status: []int{401, 200, 200, 200, 401, 401, 200, 401}, bodies: map[string]string{
			"alice": `{"user_id":"1","is_staff":false,"is_superuser":false,"auth_backend":"jwt","permissions":["blog.add_article","blog.view_article"]}`,
			"bob":   `{"user_id":"2","is_staff":true,"is_superuser":false,"auth_backend":"jwt","permissions":[]}`,
			"root": `{"user_id":"3","is_staff":true,"is_superuser":true,"auth_backend":"jwt",` +
				`"permissions":["blog.add_article","blog.change_article","blog.delete_article","blog.view_article"]}`,
			"API key": key,
		}},
		{path: "/optional", status: []int{200, 200, 200, 200, 200, 200, 200, 200}, bodies: map[string]string{
			"anonymous": nobody, "eve": nobody, "bad token": nobody, "bad API key": nobody, "API key": key,
			"alice": `{"user_id":"1","is_staff":false,"is_superuser":false,"auth_backend":"jwt","permissions":["blog.add_article","blog.view_article"]}`,
			"bob":   `{"user_id":"2","is_staff":true,"is_superuser":false,"auth_backend":"jwt","permissions":[]}`,
			"root": `{"user_id":"3","is_staff":true,"is_superuser":true,"auth_backend":"jwt",` +
				`"permissions":["blog.add_article","blog.change_article","blog.delete_article","blog.view_article"]}`,
		}},
		{path: "/internal", status: []int{401, 401, 401, 401, 401, 401, 200, 401}, body: `{"message":"You have an API key."}`},
		{path: "/sensitive", status: []int{401, 200, 200, 200, 401, 401, 401, 401}, body: `{"message":"You logged in a moment ago."}`},
	}
	b := newBlog(t, nil)
	for _, test := range tests {
		for i, caller := range callers {
			t.Run(test.path+" as "+caller, func(t *testing.T) {
				a := b.send("GET", test.path, "", b.as(caller)...)
				if test.status[i] != http.StatusOK {
					assertProblem(t, test.status[i], a)
					return
				}
				require.Equal(t, http.StatusOK, a.status, a.body)
				want := test.body
				if want == "" {
					want = test.bodies[caller]
				}
				assert.JSONEq(t, want, withoutClaims(t, a.body))
			})
		}
	}
}

// withoutClaims removes auth_claims from a principal: TestInfo knows about them.
func withoutClaims(t *testing.T, body string) string {
	t.Helper()
	var object map[string]any
	if json.Unmarshal([]byte(body), &object) != nil {
		return body
	}
	delete(object, "auth_claims")
	text, err := json.Marshal(object)
	require.NoError(t, err)
	return string(text)
}

func TestEveryRouteIsListed(t *testing.T) {
	b := newBlog(t, nil)
	guarded, err := NewGuardedServer(b.server)
	require.NoError(t, err)
	var got []string
	for _, route := range guarded.Routes() {
		got = append(got, fmt.Sprintf("%s | %s | %s", route.Pattern, route.Guard, strings.Join(route.Backends, ", ")))
	}
	slices.Sort(got)
	assert.Equal(t, []string{
		"DELETE /articles/{id} | IsAuthenticated() && (article.IsBy(p) || HasAllPermissions(DeleteArticle, ChangeArticle)) | s.Sessions, s.JWT, s.Keys",
		"GET /account | IsAuthenticated() | s.Sessions",
		"GET /admin | IsAuthenticated() && IsAdminUser() | s.Sessions, s.JWT, s.Keys",
		"GET /articles | IsAuthenticated() && HasPermission(ViewArticle) | s.Sessions, s.JWT, s.Keys",
		"GET /content | IsAuthenticated() && HasAnyPermission(ViewArticle, AddArticle) | s.Sessions, s.JWT, s.Keys",
		"GET /info | IsAuthenticated() | s.Sessions, s.JWT, s.Keys",
		"GET /internal | IsAuthenticated() | s.Keys",
		"GET /login | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"GET /me | IsAuthenticated() | s.Sessions, s.JWT, s.Keys",
		"GET /optional | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"GET /private | IsAuthenticated() | s.Sessions, s.JWT, s.Keys",
		"GET /public | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"GET /sensitive | IsAuthenticated() && Fresh(5 * time.Minute) | s.Sessions, s.JWT, s.Keys",
		"GET /staff | IsAuthenticated() && IsStaff() | s.Sessions, s.JWT, s.Keys",
		"POST /account/keys | IsAuthenticated() && Fresh(5 * time.Minute) | s.Sessions",
		"POST /account/keys/revoke | IsAuthenticated() | s.Sessions",
		"POST /account/sessions/end | IsAuthenticated() | s.Sessions",
		"POST /articles | IsAuthenticated() && HasPermission(AddArticle) | s.Sessions, s.JWT, s.Keys",
		"POST /auth/cookie | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"POST /auth/logout | IsAuthenticated() | s.Sessions, s.JWT, s.Keys",
		"POST /auth/logout-all | IsAuthenticated() | s.Sessions, s.JWT, s.Keys",
		"POST /auth/refresh | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"POST /auth/token | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"POST /session/login | AllowAny() | s.Sessions, s.JWT, s.Keys",
		"POST /session/logout | IsAuthenticated() | s.Sessions, s.JWT, s.Keys",
	}, got)
}

func TestCreateArticle(t *testing.T) {
	b := newBlog(t, nil)
	const body = `{"title":"Hello","body":"My first words."}`
	for caller, status := range map[string]int{"anonymous": 401, "bob": 403, "eve": 401, "bad token": 401, "API key": 403, "bad API key": 401} {
		t.Run(caller, func(t *testing.T) { assertProblem(t, status, b.send("POST", "/articles", body, b.as(caller)...)) })
	}
	for i, author := range []string{"alice", "root"} {
		a := b.send("POST", "/articles", body, b.as(author)...)
		require.Equal(t, http.StatusCreated, a.status, a.body)
		assert.JSONEq(t, fmt.Sprintf(`{"id":%d,"title":"Hello","body":"My first words.","author":%q}`, 3+i, author), a.body)
	}
	var list []Article
	require.NoError(t, json.Unmarshal([]byte(b.send("GET", "/articles", "", b.as("alice")...).body), &list))
	assert.Equal(t, []Article{{ID: 4, Title: "Hello", Body: "My first words.", Author: "root"}, {ID: 3, Title: "Hello", Body: "My first words.", Author: "alice"}}, list[:2])
}

func TestDeleteArticle(t *testing.T) {
	b := newBlog(t, nil)
	steps := []struct {
		caller, path string
		status       int
	}{
		{"anonymous", "/articles/1", 401},
		{"anonymous", "/articles/99", 401}, // strangers do not learn what is there
		{"anonymous", "/articles/x", 401},
		{"eve", "/articles/1", 401},
		{"bad token", "/articles/1", 401},
		{"bad API key", "/articles/1", 401},
		{"API key", "/articles/1", 403},
		{"bob", "/articles/1", 403},
		{"alice", "/articles/2", 403},
		{"alice", "/articles/x", 400},
		{"alice", "/articles/99", 404},
		{"alice", "/articles/1", 204},
		{"alice", "/articles/1", 404},
		{"root", "/articles/2", 204},
	}
	for _, step := range steps {
		t.Run(step.path+" as "+step.caller, func(t *testing.T) {
			a := b.send("DELETE", step.path, "", b.as(step.caller)...)
			if step.status != http.StatusNoContent {
				assertProblem(t, step.status, a)
				return
			}
			assert.Equal(t, http.StatusNoContent, a.status, a.body)
			assert.Empty(t, a.body)
		})
	}
	assert.JSONEq(t, `[]`, b.send("GET", "/articles", "", b.as("alice")...).body)
	a := b.send("POST", "/articles", `{"title":"One more","body":""}`, b.as("root")...)
	require.Equal(t, http.StatusCreated, a.status)
	assertProblem(t, http.StatusForbidden, b.send("DELETE", "/articles/3", "", b.as("alice")...))
	assert.Equal(t, http.StatusNoContent, b.send("DELETE", "/articles/3", "", b.as("root")...).status)
}

func TestRootDeletesWhatOthersWrote(t *testing.T) {
	b := newBlog(t, nil)
	assert.Equal(t, http.StatusNoContent, b.send("DELETE", "/articles/1", "", b.as("root")...).status)
}

func TestLogIn(t *testing.T) {
	b := newBlog(t, nil)
	a := b.logIn("alice", "alice-password")
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, "no-store", a.header.Get("Cache-Control"))
	var response map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.body), &response))
	assert.Equal(t, "Bearer", response["token_type"])
	assert.EqualValues(t, 3600, response["expires_in"])
	assert.NotEmpty(t, response["access_token"])
	assert.NotEmpty(t, response["refresh_token"])
	assert.Len(t, response, 4)

	wrong := b.logIn("alice", "wrong")
	assertProblem(t, http.StatusUnauthorized, wrong)
	for _, login := range [][2]string{{"eve", "eve-password"}, {"eve", "wrong"}, {"nobody", "nobody-password"}, {"nobody", ""}, {"ALICE", "alice-password"}, {"", ""}, {"alice", ""}} {
		t.Run(login[0]+" "+login[1], func(t *testing.T) {
			a := b.logIn(login[0], login[1])
			assertProblem(t, http.StatusUnauthorized, a)
			assert.Equal(t, wrong.body, a.body, "the same answer for all that fails")
			assert.Equal(t, wrong.header["Www-Authenticate"], a.header["Www-Authenticate"])
		})
	}
}

func TestLogInDoesNotMindBadCredentials(t *testing.T) {
	b := newBlog(t, nil)
	for _, caller := range []string{"alice", "root", "eve", "bad token", "API key", "bad API key"} {
		a := b.send("POST", "/auth/token", `{"username":"bob","password":"bob-password"}`, b.as(caller)...)
		assert.Equal(t, http.StatusOK, a.status, caller)
	}
}

func TestBodies(t *testing.T) {
	b := newBlog(t, nil)
	tests := []struct {
		name, body string
		status     int
		detail     string
	}{
		{"nothing", "", 400, "The body is not a JSON object of strings"},
		{"null", "null", 400, "The body is not a JSON object of strings"},
		{"a list", `["alice"]`, 400, "The body is not a JSON object of strings"},
		{"a form", "username=alice&password=alice-password", 400, "The body is not a JSON object of strings"},
		{"two objects", `{"username":"alice","password":"alice-password"}{}`, 400, "The body is not a JSON object of strings"},
		{"an end too early", `{"username":"alice","password":"alice-password"`, 400, "The body is not a JSON object of strings"},
		{"no UTF-8", "{\"username\":\"alice\xff\",\"password\":\"alice-password\"}", 400, "The body is not a JSON object of strings"},
		{"an unknown field", `{"username":"alice","password":"alice-password","is_staff":"true"}`, 400, "The body has a field that is not known"},
		{"another case", `{"username":"alice","Password":"alice-password"}`, 400, "The body has a field that is not known"},
		{"a field twice", `{"username":"eve","username":"alice","password":"alice-password"}`, 400, "The body has the field username twice"},
		{"a number", `{"username":"alice","password":1}`, 400, "The field password is not a string"},
		{"a null", `{"username":"alice","password":null}`, 400, "The field password is not a string"},
		{"an object", `{"username":"alice","password":{"$ne":""}}`, 400, "The field password is not a string"},
		{"a missing field", `{"username":"alice"}`, 400, "The body lacks the field password"},
		{"too much", `{"username":"alice","password":"` + strings.Repeat("x", maxBody) + `"}`, 413, "The body is longer than 65536 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := b.send("POST", "/auth/token", test.body)
			assertProblem(t, test.status, a)
			assert.Contains(t, a.body, test.detail)
		})
	}
	t.Run("an article without a title", func(t *testing.T) {
		assertProblem(t, http.StatusBadRequest, b.send("POST", "/articles", `{"title":" ","body":"x"}`, b.as("alice")...))
	})
}

func TestLogOut(t *testing.T) {
	b := newBlog(t, nil)
	for caller, status := range map[string]int{"anonymous": 401, "eve": 401, "bad token": 401, "API key": 403, "bad API key": 401} {
		t.Run(caller, func(t *testing.T) {
			assertProblem(t, status, b.send("POST", "/auth/logout", "", b.as(caller)...))
			assertProblem(t, status, b.send("POST", "/auth/logout-all", "", b.as(caller)...))
		})
	}
	first, second := "Bearer "+b.token("alice"), "Bearer "+b.token("alice")
	a := b.send("POST", "/auth/logout", "", "Authorization", first)
	require.Equal(t, http.StatusNoContent, a.status, a.body)
	assertProblem(t, http.StatusUnauthorized, b.send("GET", "/private", "", "Authorization", first))
	assertProblem(t, http.StatusUnauthorized, b.send("POST", "/auth/logout", "", "Authorization", first))
	assert.Equal(t, http.StatusOK, b.send("GET", "/private", "", "Authorization", second).status, "another token of the same user")
	assert.Equal(t, http.StatusOK, b.send("GET", "/private", "", b.as("root")...).status, "another user")
	assert.JSONEq(t, `{"user_id":null}`, b.send("GET", "/optional", "", "Authorization", first).body)
	a = b.send("GET", "/private", "", "Authorization", first, "X-API-Key", b.apiKey)
	assertProblem(t, http.StatusUnauthorized, a) // a revoked credential ends the search for another
}

func TestLogOutAll(t *testing.T) {
	b := newBlog(t, nil)
	tokens := []string{"Bearer " + b.token("bob"), "Bearer " + b.token("bob"), "Bearer " + b.token("bob")}
	require.Equal(t, http.StatusNoContent, b.send("POST", "/auth/logout-all", "", "Authorization", tokens[1]).status)
	for _, token := range tokens {
		assertProblem(t, http.StatusUnauthorized, b.send("GET", "/private", "", "Authorization", token))
	}
	assert.Equal(t, http.StatusOK, b.send("GET", "/private", "", b.as("alice")...).status, "another user")
	// Tokens tell the second they were issued in: those of this very second cannot be told from the ones that were revoked.
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.Equal(c, http.StatusOK, b.send("GET", "/private", "", "Authorization", "Bearer "+b.token("bob")).status)
	}, time.Minute, 100*time.Millisecond, "a user who logs in again is in")
}

func TestInfo(t *testing.T) {
	b := newBlog(t, map[string]string{"SECRET_KEY": secret, "JWT_ISSUER": "https://blog.example", "JWT_AUDIENCE": "blog"})
	a := b.send("GET", "/info", "", b.as("alice")...)
	require.Equal(t, http.StatusOK, a.status, a.body)
	var principal struct {
		Claims map[string]any `json:"auth_claims"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &principal))
	claims := principal.Claims
	assert.Equal(t, "1", claims["sub"])
	assert.Equal(t, "alice", claims["username"])
	assert.Equal(t, "alice@example.com", claims["email"])
	assert.Equal(t, "https://blog.example", claims["iss"])
	assert.Contains(t, []any{"blog", []any{"blog"}}, claims["aud"])
	assert.NotEmpty(t, claims["jti"])
	assert.EqualValues(t, 3600, claims["exp"].(float64)-claims["iat"].(float64))
}

func TestTokensOfOthers(t *testing.T) {
	b := newBlog(t, nil)
	tests := []struct {
		name   string
		claims jwt.MapClaims
		path   string
		status int
	}{
		{"alice", jwt.MapClaims{"sub": "1"}, "/private", 200},
		{"HOSTILE 58: inactive user", jwt.MapClaims{"sub": "4"}, "/private", 401},
		{"a user of somebody else", jwt.MapClaims{"sub": "99"}, "/private", 200},
		{"a user of somebody else is none of ours", jwt.MapClaims{"sub": "99"}, "/me", 403},
		{"HOSTILE 51: a zero before the id", jwt.MapClaims{"sub": "01"}, "/me", 403},
		{"HOSTILE 51: a sign before the id", jwt.MapClaims{"sub": "+1"}, "/me", 403},
		{"HOSTILE 51: no number", jwt.MapClaims{"sub": "alice"}, "/me", 403},
		{"HOSTILE 45: expired", jwt.MapClaims{"sub": "1", "exp": time.Now().Add(-time.Minute).Unix(), "iat": time.Now().Add(-time.Hour).Unix()}, "/private", 401},
		{"HOSTILE 49: an audience and none configured", jwt.MapClaims{"sub": "1", "aud": "blog"}, "/private", 401},
		{"HOSTILE 52: no jti", jwt.MapClaims{"sub": "1", "jti": ""}, "/private", 401},
		{"no time of login", jwt.MapClaims{"sub": "1"}, "/sensitive", 401},
		{"login a moment ago", jwt.MapClaims{"sub": "1", "auth_time": time.Now().Add(-4 * time.Minute).Unix()}, "/sensitive", 200},
		{"login too long ago", jwt.MapClaims{"sub": "1", "auth_time": time.Now().Add(-6 * time.Minute).Unix()}, "/sensitive", 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := b.send("GET", test.path, "", "Authorization", "Bearer "+b.sign(test.claims))
			if test.status == http.StatusOK {
				assert.Equal(t, http.StatusOK, a.status, a.body)
				return
			}
			assertProblem(t, test.status, a)
		})
	}
	t.Run("the challenge for a login too long ago", func(t *testing.T) { // RFC 9470 section 3
		a := b.send("GET", "/sensitive", "", "Authorization", "Bearer "+b.sign(jwt.MapClaims{"sub": "1"}))
		assert.Contains(t, a.header.Get("WWW-Authenticate"), `error="insufficient_user_authentication", max_age="300"`)
	})
}

func TestUsersWhoChange(t *testing.T) { // HOSTILE 58
	b := newBlog(t, nil)
	alice := b.as("alice")
	require.Equal(t, http.StatusOK, b.send("GET", "/private", "", alice...).status)
	_, err := b.server.users.db.ExecContext(t.Context(), `UPDATE users SET is_active = 0 WHERE username = 'alice'`)
	require.NoError(t, err)
	assertProblem(t, http.StatusUnauthorized, b.send("GET", "/private", "", alice...))

	bob := b.as("bob")
	require.Equal(t, http.StatusOK, b.send("GET", "/private", "", bob...).status)
	_, err = b.server.users.db.ExecContext(t.Context(), `DELETE FROM users WHERE username = 'bob'`)
	require.NoError(t, err)
	assertProblem(t, http.StatusUnauthorized, b.send("GET", "/private", "", bob...))
}

func TestDatabaseThatIsDown(t *testing.T) { // HOSTILE 63
	b := newBlog(t, nil)
	alice := b.as("alice")
	_, err := b.server.users.db.ExecContext(t.Context(), `ALTER TABLE users RENAME TO elsewhere`)
	require.NoError(t, err)
	a := b.send("GET", "/private", "", alice...)
	assertProblem(t, http.StatusServiceUnavailable, a)
	assert.NotContains(t, a.body, "users", "what is wrong stays in the log")
	assertProblem(t, http.StatusInternalServerError, b.logIn("alice", "alice-password"))
	assert.Equal(t, http.StatusOK, b.send("GET", "/public", "", alice...).status)
}
