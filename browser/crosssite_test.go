package browser

import (
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
)

// A forgery is what an attacker would have the server do in somebody's name.
type forgery struct {
	path   string
	fields map[string]string
}

// forgeries are all that forms of the pages do. The handle is that of a session to end.
func forgeries(handle string) []forgery {
	return []forgery{
		{"/session/login", map[string]string{"username": "root", "password": "root-password"}},
		{"/session/logout", map[string]string{}},
		{"/auth/logout-all", map[string]string{}},
		{"/account/keys", map[string]string{"name": "for the attacker"}},
		{"/account/sessions/end", map[string]string{"id": handle}},
	}
}

// A victim is logged in here and elsewhere, and has a tab for pages of attackers.
type victim struct {
	*tab
	trap   *tab
	blog   *witness
	cookie *network.Cookie
	handle string // of the session elsewhere
}

func newVictim(t *testing.T) victim {
	t.Helper()
	v := victim{blog: newBlogWitness(t), tab: newProfile(t)}
	logIn(newProfile(t), v.blog.url, "alice")
	v.cookie = logIn(v.tab, v.blog.url, "alice")
	v.handle = evaluate[string](v.tab, "document.querySelector('#sessions tr:not([aria-current]) input[name=id]').value")
	v.trap = v.another()
	return v
}

// fallsFor opens an attacker's page, and returns what comes to the server.
func (v victim) fallsFor(attacker attacker, attack attack, forgery forgery) request {
	v.Helper()
	v.trap.leave(attacker.url)
	v.blog.forget()
	attack.run(v.trap, v.blog.url+forgery.path, forgery.fields)
	return v.blog.await(v.T, http.MethodPost, forgery.path)
}

// isUnharmed checks that all is as it was.
func (v victim) isUnharmed(after string) {
	v.Helper()
	assert.True(v, isLoggedIn(v.tab, v.blog.url), after)
	assert.Equal(v, v.cookie.Value, v.session(v.blog.url).Value, after)
	assert.Equal(v, "alice", v.text("h1"), after)
	assert.Equal(v, 2, v.count("#sessions tbody tr"), after)
	assert.Equal(v, "None yet.", v.text("#keys tbody"), after)
}

// The cookie comes with requests from another origin of the same site, and it is the origin that they are refused for.
func TestForgeryOfTheSameSite(t *testing.T) {
	t.Parallel()
	v, attacker := newVictim(t), sameSite(t)
	v.trap.allow("Failed to load resource: the server responded with a status of 403")
	v.trap.allow("frame-ancestors 'none'") // pages of errors are shown in no frame
	for _, forgery := range forgeries(v.handle) {
		for _, attack := range attacks {
			r := v.fallsFor(attacker, attack, forgery)
			what := forgery.path + " by " + attack.name
			if attack.sandboxed {
				checkStranger(t, r, "null", what)
				continue
			}
			assert.Equal(t, request{
				method: http.MethodPost, path: forgery.path, cookie: true,
				origin: attacker.url, site: "same-site", status: http.StatusForbidden,
			}, r, what)
		}
		v.isUnharmed(forgery.path)
	}
}

// From another site the cookie does not come at all.
func TestForgeryOfAnotherSite(t *testing.T) {
	t.Parallel()
	v, attacker := newVictim(t), crossSite(t)
	v.trap.allow("Failed to load resource")
	v.trap.allow("frame-ancestors 'none'")
	for _, forgery := range forgeries(v.handle) {
		for _, attack := range attacks {
			origin := attacker.url
			if attack.sandboxed {
				origin = "null"
			}
			checkStranger(t, v.fallsFor(attacker, attack, forgery), origin, forgery.path+" by "+attack.name)
		}
		v.isUnharmed(forgery.path)
	}
}

// checkStranger checks that a request came without the cookie, and was refused.
func checkStranger(t *testing.T, r request, origin, what string) {
	t.Helper()
	assert.False(t, r.cookie, what)
	assert.Equal(t, origin, r.origin, what)
	assert.Equal(t, "cross-site", r.site, what)
	switch {
	case r.path == "/session/login":
		assert.Contains(t, []int{http.StatusForbidden, http.StatusBadRequest}, r.status, what)
	case r.status == http.StatusSeeOther:
		assert.Equal(t, "/login", r.location, what)
	default:
		assert.Equal(t, http.StatusUnauthorized, r.status, what)
	}
}

// From a page of the server's own the attacks do what they are meant to.
func TestAttacksWork(t *testing.T) {
	t.Parallel()
	blog, b := newBlogWitness(t), newProfile(t)
	b.allow("Failed to load resource")
	b.allow("frame-ancestors 'none'")
	logIn(b, blog.url, "alice")
	made := 0
	for _, attack := range attacks {
		b.leave(blog.url + "/public")
		attack.run(b, blog.url+"/account/keys", map[string]string{"name": attack.name})
		r := blog.await(t, http.MethodPost, "/account/keys")
		if attack.sandboxed {
			checkStranger(t, r, "null", attack.name)
			continue
		}
		assert.True(t, r.cookie, attack.name)
		assert.Equal(t, "same-origin", r.site, attack.name)
		if !attack.form {
			assert.Equal(t, http.StatusBadRequest, r.status, attack.name)
			continue
		}
		assert.Equal(t, http.StatusOK, r.status, attack.name)
		made++
	}
	b.leave(blog.url + "/account")
	assert.Equal(t, made, b.count("#keys form"))
	assert.Equal(t, 5, made)
}
