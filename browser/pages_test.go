package browser

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No page runs a script but the one that it comes with, if any.
func TestPagesRunNoOtherScripts(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	for path, scripts := range map[string]int{"/login": 0, "/account": 1} {
		if path == "/account" {
			logIn(b, url, "alice")
		}
		response := b.open(url + path)
		require.Equal(t, path, b.path())
		header := response.Headers
		assert.Contains(t, header["Content-Security-Policy"], "default-src 'none'", path)
		assert.Contains(t, header["Cache-Control"], "no-store", path)
		assert.Equal(t, scripts, b.count("script"), path)
		assert.Zero(t, evaluate[int](b, `Array.from(document.querySelectorAll("*"))
			.filter(e => Array.from(e.attributes).some(a => a.name.startsWith("on"))).length`), path)

		b.expect("Executing inline script violates the following Content Security Policy directive")
		b.expect("Executing inline event handler violates the following Content Security Policy directive")
		b.do(chromedp.Evaluate[chromedp.Void](`{
			document.body.append(Object.assign(document.createElement("script"), {text: "window.injected = true"}))
			document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.injected = true'>")
		}`))
		assert.False(t, evaluate[bool](b, "!!window.injected"), path)
	}
}

// The style of the pages is applied, although the policy forbids styles from elsewhere.
func TestPagesHaveTheirStyle(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	b.open(url + "/login")
	assert.Contains(t, evaluate[string](b, "getComputedStyle(document.body).fontFamily"), "sans-serif")
	assert.Equal(t, "username", evaluate[string](b, "document.activeElement.name"), "one can begin to type")
}

// No page of ours is shown inside of another one, where clicks could be stolen.
func TestPagesAreNotFramed(t *testing.T) {
	url, b, attacker := startBlog(t), newProfile(t), sameSite(t)
	logIn(b, url, "alice")
	b.expect("frame-ancestors 'none'")
	b.open(attacker.url)
	assert.Equal(t, "blocked", evaluate[string](b, `new Promise(done => {
		const frame = Object.assign(document.createElement("iframe"), {src: "`+url+`/account"})
		frame.onload = () => done(frame.contentDocument ? "blank" : "blocked")
		document.body.append(frame)
	})`))
}

func TestMakeAndRevokeKey(t *testing.T) {
	url, b := startBlog(t), newProfile(t)
	logIn(b, url, "alice")
	assert.Zero(t, b.count("#key"))
	b.do(chromedp.SendKeys(chromedp.CSS("input[name=name]"), `a "key" of <b>mine</b>`))
	b.press("/account/keys")
	key := strings.TrimSpace(b.text("output#key"))
	require.NotEmpty(t, key)
	assert.Contains(t, b.text("#keys tbody"), `a "key" of <b>mine</b>`)
	assert.Zero(t, b.count("#keys b"), "it is a text")
	assert.Equal(t, http.StatusOK, statusWithKey(t, url, key))

	b.open(url + "/account")
	assert.NotContains(t, b.text("body"), key, "it is shown once")
	b.press("/account/keys/revoke")
	assert.Equal(t, "/account", b.path())
	assert.Contains(t, b.text("#keys tbody"), "revoked")
	assert.Zero(t, b.count("#keys form"))
	assert.Equal(t, http.StatusUnauthorized, statusWithKey(t, url, key))
}

// statusWithKey asks for the articles as a program does.
func statusWithKey(t *testing.T, url, key string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/articles", nil)
	require.NoError(t, err)
	r.Header.Set("X-API-Key", key)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}
