package browser

import (
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLogOut(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	cookie := logIn(b, url, "alice")
	response := b.press("/session/logout")
	assert.EqualValues(t, http.StatusOK, response.Status)
	assert.Equal(t, "/login", b.path())
	assert.Empty(t, b.cookies(url))

	b.setSession(url, cookie.Value, network.CookieSameSiteLax)
	assert.False(t, isLoggedIn(b, url), "whoever kept the cookie has nothing any more")
}

func TestLogOutEverywhere(t *testing.T) {
	url, here, there, other := startBlog(t), newProfile(t), newProfile(t), newProfile(t)
	logIn(here, url, "alice")
	logIn(there, url, "alice")
	logIn(other, url, "bob")
	assert.Equal(t, 2, there.count("#sessions tbody tr"))

	here.press("/auth/logout-all")
	assert.Equal(t, "/login", here.path())
	assert.Equal(t, "/account", there.path(), "it has not been told yet")
	assert.False(t, isLoggedIn(there, url), "it is sent to log in")
	assert.True(t, isLoggedIn(other, url))
}

func TestEndSessionElsewhere(t *testing.T) {
	url, here, there := startBlog(t), newProfile(t), newProfile(t)
	logIn(there, url, "alice")
	logIn(here, url, "alice")
	here.navigate(chromedp.Click(chromedp.CSS("#sessions tr:not([aria-current]) button")))
	assert.Equal(t, "/account", here.path())
	assert.Equal(t, 1, here.count("#sessions tbody tr"))
	assert.False(t, isLoggedIn(there, url))
	assert.True(t, isLoggedIn(here, url))
}

// The button that goes back shows nothing of somebody who has logged out: neither from the cache, nor from pages that
// the browser keeps as they were. Of those Chromium keeps also what is no-store, until the cookie changes; and of a page
// that a redirect led to, it misses even that.
func TestBackAfterLogOut(t *testing.T) {
	for name, logOut := range map[string]func(b *tab, url string){
		"by the form":    func(b *tab, _ string) { b.press("/session/logout") },
		"everywhere":     func(b *tab, _ string) { b.press("/auth/logout-all") },
		"by another tab": logOutInAnotherTab,
	} {
		t.Run(name, func(t *testing.T) {
			url, b := startBlog(t), newProfile(t)
			logIn(b, url, "alice")
			logOut(b, url)
			require.NotEqual(t, "/account", b.path())
			goBack(b)
			assert.Equal(t, "/login", b.path())
			assert.NotContains(t, b.text("body"), "alice")
		})
	}
}

// Whatever a browser keeps of a page, nothing can be done with it after the log-out.
func TestPageAfterLogOut(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	second := b.another()
	for _, action := range []string{"/account/keys", "/account/sessions/end", "/session/logout", "/auth/logout-all"} {
		logIn(b, url, "alice")
		require.True(t, isLoggedIn(second, url))
		second.press("/auth/logout-all")
		if action == "/account/keys" {
			b.do(chromedp.SendKeys(chromedp.CSS("input[name=name]"), "too late"))
		}
		b.press(action)
		assert.Equal(t, "/login", b.path(), action)
		assert.NotContains(t, b.text("body"), "alice", action)
	}
}

// logOutInAnotherTab has the tab itself go elsewhere, and logs out in another one.
func logOutInAnotherTab(b *tab, url string) {
	b.open(url + "/login")
	second := b.another()
	require.True(b, isLoggedIn(second, url))
	second.press("/session/logout")
}

// goBack presses the button that goes back, and waits for what is there, be it loaded anew or kept as it was.
func goBack(b *tab) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void]("window.left = true; history.back()"))
	b.await("!window.left && document.readyState == 'complete'")
}

// What TestBackAfterLogOut is afraid of does happen here, to pages that may be kept.
func TestBackToKeptPage(t *testing.T) {
	url, chat, b := startBlog(t), newChat(t), newProfile(t)
	b.open(chat.url)
	b.do(chromedp.Evaluate[chromedp.Void]("window.kept = 'as it was'"))
	b.open(url + "/login")
	goBack(b)
	assert.Equal(t, "as it was", evaluate[string](b, "String(window.kept)"))
}
