package browser

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogIn(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	cookie := logIn(b, url, "alice")
	assert.Equal(t, "alice", b.text("h1"))
	assert.Equal(t, 1, b.count("#sessions tbody tr"))
	assert.Equal(t, 1, b.count("#sessions tr[aria-current=true]"))

	assert.True(t, cookie.Secure)
	assert.True(t, cookie.HTTPOnly)
	assert.Equal(t, network.CookieSameSiteLax, cookie.SameSite)
	assert.Equal(t, "/", cookie.Path)
	assert.Equal(t, "127.0.0.1", cookie.Domain, "without a dot in front: of this host alone")
	assert.True(t, cookie.Session, "it goes with the browser")
	assert.Empty(t, evaluate[string](b, "document.cookie"), "scripts do not see it")
}

func TestWrongPassword(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	b.expect("401 (Unauthorized)")
	b.open(url + "/login")
	response := fillIn(b, "alice", "wrong")
	assert.EqualValues(t, http.StatusUnauthorized, response.Status)
	assert.NotEmpty(t, b.text("[role=alert]"))
	assert.Empty(t, b.cookies(url))
	assert.False(t, isLoggedIn(b, url))

	b.open(url + "/login")
	fillIn(b, "alice", "alice-password")
	assert.Equal(t, "/account", b.path(), "the next attempt is as good as the first")
}

func TestRememberMe(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	b.open(url + "/login")
	b.do(chromedp.Click(chromedp.CSS("input[name=remember]")))
	fillIn(b, "alice", "alice-password")
	cookie := b.session(url)
	assert.False(t, cookie.Session)
	expires := time.Duration(cookie.Expires*1000) * time.Millisecond
	lifetime := expires - time.Duration(time.Now().UnixNano())
	assert.InDelta(t, 30*24*time.Hour, lifetime, float64(time.Minute))
}

func TestTabsShareTheSession(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	cookie := logIn(b, url, "alice")
	second := b.another()
	assert.True(t, isLoggedIn(second, url))
	assert.Equal(t, cookie.Value, second.session(url).Value)
	assert.Equal(t, 1, second.count("#sessions tbody tr"), "it is the same session")
}

func TestProfilesDoNotShareTheSession(t *testing.T) {
	url, b, stranger := startBlog(t), newProfile(t), newProfile(t)
	logIn(b, url, "alice")
	assert.False(t, isLoggedIn(stranger, url))
	assert.Empty(t, stranger.cookies(url))
	logIn(stranger, url, "bob")
	assert.Equal(t, "bob", stranger.text("h1"))
	assert.True(t, isLoggedIn(b, url))
	assert.Equal(t, "alice", b.text("h1"))
}

// An attacker who can set a cookie in somebody's browser knows no session that they log in to.
func TestFixation(t *testing.T) {
	url := startBlog(t)
	attacker := newProfile(t)
	for name, chosen := range map[string]string{
		"a text":                "chosen-by-the-attacker",
		"of the right shape":    changed(logIn(attacker, url, "bob").Value),
		"an attacker's session": logIn(attacker, url, "bob").Value,
	} {
		t.Run(name, func(t *testing.T) {
			b := newProfile(t)
			b.setSession(url, chosen, network.CookieSameSiteLax)
			cookie := logIn(b, url, "alice")
			assert.NotEqual(t, chosen, cookie.Value)
			assert.Equal(t, "alice", b.text("h1"))

			with := newProfile(t)
			with.setSession(url, chosen, network.CookieSameSiteLax)
			assert.False(t, isLoggedIn(with, url), "what the attacker chose is nobody's session")
		})
	}
}

// changed returns the id with each of its letters and digits replaced.
func changed(id string) string {
	return strings.Map(func(c rune) rune {
		if c == 'z' || c == 'Z' || c == '9' || c == '-' || c == '_' || c == '.' {
			return c
		}
		return c + 1
	}, id)
}

// Every login has an id of its own, also one on top of another.
func TestLogInAgain(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	first := logIn(b, url, "alice")
	second := logIn(b, url, "alice")
	assert.NotEqual(t, first.Value, second.Value)
	assert.Equal(t, 1, b.count("#sessions tbody tr"), "the session before has ended")
	old := newProfile(t)
	old.setSession(url, first.Value, network.CookieSameSiteLax)
	require.False(t, isLoggedIn(old, url))
}
