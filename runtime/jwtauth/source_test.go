package jwtauth

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A where is what a request carries, by the places that tokens can be in.
type where struct {
	header, subprotocol, query, cookie string
	plain                              bool // the request is not for a WebSocket
}

func (w where) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if !w.plain {
		r.Header.Set("Upgrade", "websocket")
	}
	if w.header != "" {
		r.Header.Set("Authorization", w.header)
	}
	if w.subprotocol != "" {
		r.Header.Set("Sec-WebSocket-Protocol", w.subprotocol)
	}
	if w.cookie != "" {
		r.Header.Set("Cookie", w.cookie)
	}
	r.URL.RawQuery = w.query
	return r
}

func allSources(c *Config) {
	c.Cookie, c.Query, c.WebSocketProtocol = testCookie, "access_token", "bearer"
}

// tokenFor returns a token whose subject says where it is put.
func tokenFor(t testing.TB, place string) string {
	t.Helper()
	return signPlain(t, plainHeader, with("sub", `"`+place+`"`))
}

// Tokens are looked for in the header, the subprotocol, the query, the cookie:
// what is in the first of them counts, however bad it is.
func TestSources(t *testing.T) {
	header, subprotocol, query, cookie := "Bearer "+tokenFor(t, "header"), "chat, bearer."+tokenFor(t, "subprotocol"), "x=1&access_token="+tokenFor(t, "query"), "x=1; "+testCookie+"="+tokenFor(t, "cookie")
	none, invalid := runtime.ErrNoCredentials, runtime.ErrInvalidCredentials
	cases := []struct {
		name string
		in   where
		from string // where the token is taken from
		err  error
	}{
		{"nowhere", where{}, "", none},
		{"header", where{header: header}, "header", nil},
		{"subprotocol", where{subprotocol: subprotocol}, "subprotocol", nil},
		{"query", where{query: query}, "query", nil},
		{"cookie", where{cookie: cookie}, "cookie", nil},
		{"HOSTILE 11: everywhere", where{header: header, subprotocol: subprotocol, query: query, cookie: cookie}, "header", nil},
		{"HOSTILE 11: header and cookie", where{header: header, cookie: cookie}, "header", nil},
		{"all but the header", where{subprotocol: subprotocol, query: query, cookie: cookie}, "subprotocol", nil},
		{"query and cookie", where{query: query, cookie: cookie}, "query", nil},
		{"a subprotocol without a WebSocket", where{subprotocol: subprotocol, cookie: cookie, plain: true}, "cookie", nil},
		{"only that", where{subprotocol: subprotocol, plain: true}, "", none},

		{"empty places", where{header: " ", subprotocol: "bearer.", query: "access_token=", cookie: testCookie + "="}, "", none},
		{"another scheme", where{header: "Basic YTpi", cookie: cookie}, "cookie", nil},
		{"another subprotocol", where{subprotocol: "chat", query: query}, "query", nil},

		{"a bad header", where{header: "Bearer x", subprotocol: subprotocol, query: query, cookie: cookie}, "", invalid},
		{"a header without token", where{header: "Bearer", subprotocol: subprotocol, query: query, cookie: cookie}, "", invalid},
		{"a forged header", where{header: header[:len(header)-4] + "AAAA", cookie: cookie}, "", invalid},
		{"a header that is too long", where{header: "Bearer " + strings.Repeat("x", maxToken+1), cookie: cookie}, "", invalid},
		{"a bad subprotocol", where{subprotocol: "bearer.x", query: query, cookie: cookie}, "", invalid},
		{"two subprotocols", where{subprotocol: subprotocol + "," + subprotocol, query: query, cookie: cookie}, "", invalid},
		{"a bad query", where{query: "access_token=x", cookie: cookie}, "", invalid},
		{"a query with escapes in the token", where{query: strings.ReplaceAll(query, ".", "%2E"), cookie: cookie}, "", invalid},
		{"two in the query", where{query: query + "&" + query, cookie: cookie}, "", invalid},
		{"HOSTILE 12: two cookies", where{cookie: cookie + "; " + cookie}, "", invalid},
		{"HOSTILE 12: two cookies, one empty", where{cookie: cookie + "; " + testCookie + "="}, "", invalid},
		{"HOSTILE 13: a quoted cookie", where{cookie: testCookie + `="` + tokenFor(t, "cookie") + `"`}, "", invalid},
		{"HOSTILE 15: 100,000 cookies", where{cookie: strings.Repeat("a=1; ", 100_000) + cookie}, "cookie", nil},
		{"HOSTILE 15: a cookie of 1 MiB", where{cookie: cookie + strings.Repeat("A", 1<<20)}, "", invalid},
		{"HOSTILE 16: a cookie with escapes", where{cookie: strings.ReplaceAll(cookie, ".", "%2E")}, "", invalid},
		{"a cookie with a scheme", where{cookie: testCookie + "=" + header}, "", invalid},
		{"a cookie of another name", where{cookie: strings.Replace(cookie, "__Host-", "__host-", 1)}, "", none},
		{"a cookie without the prefix", where{cookie: strings.Replace(cookie, "__Host-", "", 1)}, "", none},
	}
	b := newTestBackend(t, allSources)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 { // and as it is remembered
				p, err := b.Authenticate(c.in.request())
				assert.ErrorIs(t, err, c.err)
				assert.Equal(t, c.from, p.UserID())
				assert.Equal(t, c.from == "cookie", p.Ambient())
				if err != nil {
					assert.Nil(t, p)
				}
			}
		})
	}
	t.Run("two header fields", func(t *testing.T) {
		r := where{cookie: cookie}.request()
		r.Header["Authorization"] = []string{header, header}
		_, err := b.Authenticate(r)
		assert.ErrorIs(t, err, invalid)
	})
	t.Run("cookies in several lines", func(t *testing.T) {
		r := where{}.request()
		r.Header["Cookie"] = []string{"x=1", cookie, "y=1"}
		p, err := b.Authenticate(r)
		require.NoError(t, err)
		assert.True(t, p.Ambient())
		r.Header["Cookie"] = []string{cookie, cookie}
		_, err = b.Authenticate(r)
		assert.ErrorIs(t, err, invalid, "HOSTILE 12")
	})
	t.Run("the request is left as it is", func(t *testing.T) {
		r := where{header: header, subprotocol: subprotocol, query: query, cookie: cookie}.request()
		want := r.Clone(t.Context())
		must(b.Authenticate(r))
		assert.Equal(t, want.Header, r.Header)
		assert.Equal(t, want.URL, r.URL)
		assert.Nil(t, r.Form)
	})
}

// HOSTILE 14: what is not configured is not looked at.
func TestSourcesThatAreOff(t *testing.T) {
	good := tokenFor(t, "42")
	everywhere := where{
		subprotocol: "bearer." + good + ", chat", query: "access_token=" + good + "&token=" + good + "&jwt=" + good,
		cookie: testCookie + "=" + good + "; access_token=" + good + "; =" + good,
	}
	b := newTestBackend(t, nil)
	_, err := b.Authenticate(everywhere.request())
	assert.Equal(t, runtime.ErrNoCredentials, err)

	for name, change := range map[string]func(*Config){
		"subprotocol": func(c *Config) { c.WebSocketProtocol = "bearer" },
		"query":       func(c *Config) { c.Query = "access_token" },
		"cookie":      func(c *Config) { c.Cookie = testCookie },
	} {
		b := newTestBackend(t, change)
		p, err := b.Authenticate(everywhere.request())
		require.NoError(t, err, name)
		assert.Equal(t, name == "cookie", p.Ambient(), name)
		for other, in := range map[string]where{
			"subprotocol": {subprotocol: everywhere.subprotocol}, "query": {query: everywhere.query}, "cookie": {cookie: everywhere.cookie},
		} {
			_, err := b.Authenticate(in.request())
			assert.Equal(t, name == other, err == nil, "%s where %s is configured", other, name)
		}
	}
}

func TestSourcesRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"no prefix":                    {Config{Cookie: "jwt"}, "Cookie: does not begin with __Host-"},
		"another prefix":               {Config{Cookie: "__Secure-jwt"}, "Cookie: does not begin with __Host-"},
		"a prefix of small letters":    {Config{Cookie: "__host-jwt"}, "Cookie: does not begin with __Host-"},
		"only the prefix":              {Config{Cookie: "__Host-"}, "Cookie: "},
		"a space in a cookie's name":   {Config{Cookie: "__Host-j t"}, "Cookie: not a name of a cookie"},
		"an equals sign in a cookie's": {Config{Cookie: "__Host-j=t"}, "Cookie: not a name of a cookie"},
		"a comma in a subprotocol":     {Config{WebSocketProtocol: "bearer,chat"}, "WebSocketProtocol: "},
		"a space in a subprotocol":     {Config{WebSocketProtocol: "bearer "}, "WebSocketProtocol: "},
		"a separator in a parameter":   {Config{Query: "a&b"}, "Query: "},
		"an escape in a parameter":     {Config{Query: "a%62"}, "Query: "},
		"a header that is a cookie":    {Config{Header: "Cookie"}, "Header: "},
	} {
		t.Run(name, func(t *testing.T) {
			c.config.Secret = testSecret
			_, err := New(c.config)
			assert.ErrorContains(t, err, "jwtauth.New: "+c.want)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := New(Config{Secret: testSecret, Header: " ", Cookie: "jwt", WebSocketProtocol: " ", Query: " ", CacheSize: maxCacheSize + 1})
		require.Error(t, err)
		for _, setting := range []string{"Header: ", "Cookie: ", "WebSocketProtocol: ", "Query: ", "CacheSize: "} {
			assert.ErrorContains(t, err, setting)
		}
	})
}

// HOSTILE 15: a request with 100,000 cookies costs no memory of its own.
func TestManyCookiesAllocateNothing(t *testing.T) {
	b := newTestBackend(t, allSources)
	many := strings.Repeat("a=1; ", 100_000)
	r := where{cookie: many + testCookie + "=" + tokenFor(t, "42")}.request()
	must(b.Authenticate(r))
	assert.Zero(t, testing.AllocsPerRun(10, func() { must(b.Authenticate(r)) }))
	r = where{cookie: many}.request()
	assert.Zero(t, testing.AllocsPerRun(10, func() { _, _ = b.Authenticate(r) }))
}

func TestNewCookie(t *testing.T) {
	token := signPlain(t, plainHeader, plainClaims)
	cookie, err := NewCookie(testCookie, token, testNow.Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, testCookie+"="+token+"; Path=/; Expires=Sun, 15 Jun 2025 16:06:40 GMT; HttpOnly; Secure; SameSite=Lax", cookie.String())

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(cookie)
	p, err := newTestBackend(t, func(c *Config) { c.Cookie = testCookie }).Authenticate(r)
	require.NoError(t, err)
	assert.True(t, p.Ambient())

	deleted, err := NewCookie(testCookie, "", time.Unix(0, 0))
	require.NoError(t, err)
	assert.Equal(t, testCookie+"=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax", deleted.String())

	for name, c := range map[string]struct {
		name, token string
		expires     time.Time
	}{
		"a name without the prefix": {"jwt", token, testNow},
		"no name":                   {"", token, testNow},
		"a name of small letters":   {"__host-jwt", token, testNow},
		"a name with a line end":    {"__Host-jwt\r\nX", token, testNow},
		"a token that is too long":  {testCookie, strings.Repeat("x", 4096), testNow},
		"a token with a semicolon":  {testCookie, token + ";", testNow},
		"a token with a line end":   {testCookie, token + "\r\n", testNow},
		"a token with a space":      {testCookie, token + " ", testNow},
		"no end":                    {testCookie, token, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			cookie, err := NewCookie(c.name, c.token, c.expires)
			assert.ErrorContains(t, err, "jwtauth.NewCookie: ")
			assert.Nil(t, cookie)
			assert.NotContains(t, err.Error(), token, "HOSTILE 112")
		})
	}
}
