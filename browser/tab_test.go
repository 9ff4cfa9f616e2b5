package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long anything may take in the browser.
const patience = 20 * time.Second

// A tab is one of the browser's. What the browser complains about while it is open fails the test, unless it was to be
// expected.
type tab struct {
	*testing.T
	context context.Context

	mu         sync.Mutex
	complaints []string
	expected   []string
	allowed    []string
}

// newProfile returns the first tab of a new profile, which shares no cookies and no cache with others.
func newProfile(t *testing.T) *tab {
	t.Helper()
	return openTab(t, chromium, chromedp.WithNewBrowserContext())
}

// another returns another tab of the same profile.
func (b *tab) another() *tab {
	b.Helper()
	return openTab(b.T, b.context)
}

func openTab(t *testing.T, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{T: t}
	ctx, closeTab := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.listen))...)
	b.context = ctx
	t.Cleanup(func() {
		closeTab()
		b.checkComplaints()
	})
	b.do()
	return b
}

// listen keeps what the browser complains about: in its console, and by exceptions of scripts.
func (b *tab) listen(event any) {
	var complaint string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if strings.HasSuffix(e.Entry.URL, "/favicon.ico") { // asked for where a page does not say that there is none
			return
		}
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			complaint = fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		complaint = "console." + string(e.Type)
		for _, argument := range e.Args {
			complaint += fmt.Sprintf(" %s%s", argument.Value, argument.Description)
		}
	case *runtime.EventExceptionThrown:
		complaint = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			complaint += ": " + e.ExceptionDetails.Exception.Description
		}
	}
	if complaint == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(b.complaints, complaint)
}

// expect says that complaints which contain a text are due.
func (b *tab) expect(text string) { b.expected = append(b.expected, text) }

// allow says that such complaints do not matter: whether they come depends on how fast the tab goes elsewhere.
func (b *tab) allow(text string) { b.allowed = append(b.allowed, text) }

func (b *tab) checkComplaints() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.expected {
		assert.Contains(b, strings.Join(b.complaints, "\n"), text, "the browser was expected to complain")
	}
	for _, complaint := range b.complaints {
		assert.True(b, b.isExpected(complaint), "the browser complains: %s", complaint)
	}
}

func (b *tab) isExpected(complaint string) bool {
	return slices.ContainsFunc(slices.Concat(b.expected, b.allowed), func(text string) bool {
		return strings.Contains(complaint, text)
	})
}

// do does something in the tab. The first time, it opens the tab.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	require.NoError(b, b.attempt(func(ctx context.Context) error { return chromedp.Do(ctx, steps...) }))
}

// attempt calls a function with a context that is good for as long as it may take. The tab itself outlives it.
func (b *tab) attempt(f func(context.Context) error) error {
	if chromedp.FromContext(b.context).Target == nil {
		return f(b.context)
	}
	ctx, cancel := context.WithTimeout(b.context, patience)
	defer cancel()
	return f(ctx)
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], parameters P) (result R) {
	b.Helper()
	require.NoError(b, b.attempt(func(ctx context.Context) (err error) {
		result, err = chromedp.Call(ctx, command, parameters)
		return err
	}), command.Method)
	return result
}

// navigate does what has the tab open another page, and returns the response that the page is, at the end of redirects.
func (b *tab) navigate(steps ...chromedp.Action[chromedp.Void]) (response *network.Response) {
	b.Helper()
	require.NoError(b, b.attempt(func(ctx context.Context) (err error) {
		response, err = chromedp.RunResponse(ctx, steps...)
		return err
	}))
	require.NotNil(b, response)
	return response
}

// open opens a page as if its address had been typed in.
func (b *tab) open(url string) *network.Response {
	b.Helper()
	return b.navigate(chromedp.Navigate(url))
}

// leave opens a page, whatever else the tab is about to open, which may get in its way.
func (b *tab) leave(url string) {
	b.Helper()
	for range 5 {
		if b.attempt(func(ctx context.Context) error { return chromedp.Do(ctx, chromedp.Navigate(url)) }) == nil {
			break
		}
	}
	b.await(fmt.Sprintf("location.href.startsWith(%q) && document.readyState == 'complete'", url))
}

// press presses the button of the form for a path.
func (b *tab) press(action string) *network.Response {
	b.Helper()
	return b.navigate(chromedp.Click(chromedp.CSS(fmt.Sprintf("form[action=%q] button", action))))
}

// evaluate runs a script in the page, waits for its promise if it is one, and returns its value.
func evaluate[T any](b *tab, script string) (value T) {
	b.Helper()
	require.NoError(b, b.attempt(func(ctx context.Context) (err error) {
		value, err = chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
		return err
	}), script)
	return value
}

// await waits until an expression is true, in whatever page the tab comes to show.
func (b *tab) await(expression string) {
	b.Helper()
	var holds bool
	for deadline := time.Now().Add(patience); !holds && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		_ = b.attempt(func(ctx context.Context) (err error) { // there may be no page for a moment
			holds, err = chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
			return err
		})
	}
	require.True(b, holds, "%s", expression)
}

// text returns what a person reads in the elements of a selector.
func (b *tab) text(selector string) string {
	b.Helper()
	return evaluate[string](b, fmt.Sprintf(`Array.from(document.querySelectorAll(%q), e => e.innerText).join("\n")`, selector))
}

// count returns how many elements a selector has.
func (b *tab) count(selector string) int {
	b.Helper()
	return evaluate[int](b, fmt.Sprintf("document.querySelectorAll(%q).length", selector))
}

// path returns where the tab is.
func (b *tab) path() string {
	b.Helper()
	return evaluate[string](b, "location.pathname")
}

// cookies returns the cookies that go to a server, those included that scripts cannot see.
func (b *tab) cookies(url string) []*network.Cookie {
	b.Helper()
	return call(b, network.GetCookies, network.GetCookiesParams{URLs: []string{url}}).Cookies
}

// session returns the cookie of the session, which must be the only one.
func (b *tab) session(url string) *network.Cookie {
	b.Helper()
	cookies := b.cookies(url)
	require.Len(b, cookies, 1)
	require.Equal(b, "__Host-session", cookies[0].Name)
	return cookies[0]
}

// setSession sets the cookie of the session as a server would that has the given idea of SameSite.
func (b *tab) setSession(url, value string, sameSite network.CookieSameSite) {
	b.Helper()
	yes := true
	call(b, network.SetCookie, network.SetCookieParams{
		Name: "__Host-session", Value: value, URL: url, Path: "/", Secure: &yes, HTTPOnly: &yes, SameSite: sameSite,
	})
}
