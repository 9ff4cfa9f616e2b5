package browser

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startBlog runs the program of examples/annotated until the test ends, with a database of its own, and returns its URL.
func startBlog(t *testing.T) (url string) {
	t.Helper()
	program := exec.CommandContext(t.Context(), blog)
	program.Env = []string{"ADDR=127.0.0.1:0"}
	program.Cancel = func() error { return program.Process.Signal(os.Interrupt) }
	var complaints bytes.Buffer
	program.Stderr = &complaints
	output, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	printed := bufio.NewScanner(output)
	for url == "" && printed.Scan() {
		url, _, _ = strings.Cut(strings.TrimPrefix(printed.Text(), "Listening on "), ". ")
	}
	t.Cleanup(func() {
		for printed.Scan() { // or it could not go on
		}
		_ = program.Wait() // an error in any case: it was told to stop
		assert.Zero(t, program.ProcessState.ExitCode(), complaints.String())
		assert.NotContains(t, complaints.String(), "panic", "handlers do not")
	})
	require.True(t, strings.HasPrefix(url, "http://127.0.0.1:"), "%q", url)
	return url
}

// logIn logs a user in by the form, as a person does, and returns the cookie.
func logIn(b *tab, url, user string) *network.Cookie {
	b.Helper()
	b.open(url + "/login")
	response := fillIn(b, user, user+"-password")
	require.EqualValues(b, http.StatusOK, response.Status)
	require.Equal(b, "/account", b.path())
	return b.session(url)
}

// fillIn fills the form of the page for logging in, and sends it off.
func fillIn(b *tab, user, password string) *network.Response {
	b.Helper()
	b.do(
		chromedp.SendKeys(chromedp.CSS("input[name=username]"), user),
		chromedp.SendKeys(chromedp.CSS("input[name=password]"), password),
	)
	return b.press("/session/login")
}

// isLoggedIn reports whether the page of the account is open to the tab. If not, it lands on the page for logging in.
func isLoggedIn(b *tab, url string) bool {
	b.Helper()
	response := b.open(url + "/account")
	require.EqualValues(b, http.StatusOK, response.Status)
	path := b.path()
	require.Contains(b, []string{"/account", "/login"}, path)
	return path == "/account"
}
