package jwtauth_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const cookieName = "__Host-jwt"

// A site is a server whose one endpoint takes tokens from all places.
type site struct {
	*httptest.Server
	token string
	store *revocation.Memory
	log   *strings.Builder
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{store: revocation.NewMemory(), log: new(strings.Builder)}
	backend, err := jwtauth.New(jwtauth.Config{
		Secret: secret, Revocation: s.store, Cookie: cookieName, WebSocketProtocol: "bearer", Query: "access_token",
	})
	require.NoError(t, err)
	s.token = s.mint(t, time.Now())
	s.Server = serve(t, s.log, backend)
	return s
}

func (s *site) mint(t *testing.T, at time.Time) string {
	t.Helper()
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret, Now: func() time.Time { return at }})
	require.NoError(t, err)
	token, err := issuer.Token(jwtauth.User{ID: "42"}, jwtauth.TokenOptions{})
	require.NoError(t, err)
	return token
}

// A reply is the answer to one request.
type reply struct {
	status int
	header http.Header
	body   string
}

// send sends a request with these header fields, which are names and values in
// turn. %s in a value is the site's host.
func (s *site) send(t *testing.T, method, query, body string, fields ...string) reply {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+"/private?"+query, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], strings.ReplaceAll(fields[i+1], "%s", r.Host))
	}
	response, err := s.Client().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, string(content)}
}

// HOSTILE 99, 100: what pages of other sites can cause, with each of the places
// that a token can be in.
func TestTokensFromOtherSites(t *testing.T) {
	s := newSite(t)
	cases := []struct {
		name    string
		method  string
		fields  []string
		ambient int // the status with a cookie
	}{
		{"no browser", "POST", nil, 200},
		{"HOSTILE 99: same origin", "POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://%s"}, 200},
		{"HOSTILE 99: same origin, an old browser", "POST", []string{"Origin", "http://%s"}, 200},
		{"HOSTILE 99: cross-site", "POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		{"HOSTILE 99: cross-site, only Sec-Fetch-Site", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"HOSTILE 99: cross-site, an old browser", "POST", []string{"Origin", "https://evil.example"}, 403},
		{"HOSTILE 99: same site", "POST", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://blog.example"}, 403},
		{"HOSTILE 99: another port", "POST", []string{"Origin", "http://127.0.0.1:1"}, 403},
		{"HOSTILE 99: null", "POST", []string{"Origin", "null"}, 403},
		{"HOSTILE 99: two origins", "POST", []string{"Origin", "https://evil.example", "Origin", "http://%s"}, 403},
		{"HOSTILE 100: JSON as text", "POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Content-Type", "text/plain"}, 403},
		{"HOSTILE 100: a form", "POST", []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "application/x-www-form-urlencoded"}, 403},
		{"PUT", "PUT", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"DELETE", "DELETE", []string{"Origin", "https://evil.example"}, 403},
		{"HOSTILE 17: an unknown method", "BREW", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"HOSTILE 18: a method that is another's by its header", "POST", []string{"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET"}, 403},
		{"HOSTILE 21: a host by its header", "POST", []string{"Origin", "https://evil.example", "X-Forwarded-Host", "evil.example"}, 403},
		{"a link", "GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
		{"HOSTILE 20: a WebSocket, cross-site", "GET", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Connection", "Upgrade", "Upgrade", "websocket"}, 403},
		{"HOSTILE 20: a WebSocket, cross-site, an old browser", "GET", []string{"Origin", "https://evil.example", "Connection", "Upgrade", "Upgrade", "websocket"}, 403},
		{"HOSTILE 20: a WebSocket, same origin", "GET", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://%s", "Connection", "Upgrade", "Upgrade", "websocket"}, 200},
		{"HOSTILE 20: a WebSocket of no browser", "GET", []string{"Connection", "Upgrade", "Upgrade", "websocket"}, 200},
	}
	const body = `{"delete":"everything"}`
	bearer := []string{"Authorization", "Bearer " + s.token}
	cookie := []string{"Cookie", "theme=dark; " + cookieName + "=" + s.token}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 { // the second time, tokens are remembered
				got := s.send(t, c.method, "", body, append(cookie, c.fields...)...)
				assert.Equal(t, c.ambient, got.status)
				if c.ambient == 403 {
					assert.JSONEq(t, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Permission denied"}`, got.body)
					assert.Equal(t, []string{"no-store"}, got.header["Cache-Control"])
				} else {
					assert.Equal(t, "42", got.body)
				}

				got = s.send(t, c.method, "", body, append(bearer, c.fields...)...)
				assert.Equal(t, 200, got.status, "what no browser adds by itself")
				got = s.send(t, c.method, "access_token="+s.token, body, c.fields...)
				assert.Equal(t, 200, got.status, "whoever has the address has the token")
				got = s.send(t, c.method, "", body, append(append(bearer, cookie...), c.fields...)...)
				assert.Equal(t, 200, got.status, "HOSTILE 11: the header counts")
				got = s.send(t, c.method, "", body, append([]string{"Authorization", "Bearer x"}, append(cookie, c.fields...)...)...)
				assert.Equal(t, 401, got.status, "and if it is bad, it still does")
				got = s.send(t, c.method, "", body, append([]string{"Authorization", "Basic YTpi"}, append(cookie, c.fields...)...)...)
				assert.Equal(t, c.ambient, got.status, "what is not looked at does not make it less ambient")
			}
		})
	}
}

// HOSTILE 20: a WebSocket with its token in a subprotocol may come from any page
// that has the token.
func TestWebSocketProtocol(t *testing.T) {
	s := newSite(t)
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}
	protocol := func(value string) []string { return append([]string{"Sec-WebSocket-Protocol", value}, upgrade...) }
	assert.Equal(t, 200, s.send(t, "GET", "", "", protocol("chat, bearer."+s.token)...).status)
	assert.Equal(t, 401, s.send(t, "GET", "", "", protocol("chat, bearer."+s.token+", bearer."+s.token)...).status)
	assert.Equal(t, 401, s.send(t, "GET", "", "", protocol("chat, bearer.x")...).status)
	assert.Equal(t, 401, s.send(t, "GET", "", "", protocol("chat")...).status)
	assert.Equal(t, 401, s.send(t, "GET", "", "", "Sec-WebSocket-Protocol", "bearer."+s.token).status, "without Upgrade")
	cookie := []string{"Cookie", cookieName + "=" + s.token}
	assert.Equal(t, 403, s.send(t, "GET", "", "", append(cookie, protocol("chat")...)...).status)
	assert.Equal(t, 401, s.send(t, "GET", "", "", append(cookie, protocol("bearer.x")...)...).status)
	assert.NotContains(t, s.send(t, "GET", "", "", protocol("bearer."+s.token)...).header, "Sec-Websocket-Protocol", "the token is not repeated")
}

// HOSTILE 125: answers to cookies are private to caches, also while the same
// token comes in other ways.
func TestAmbientAnswersAreNotShared(t *testing.T) {
	s := newSite(t)
	for range 3 {
		got := s.send(t, "GET", "", "", "Cookie", cookieName+"="+s.token)
		assert.Equal(t, 200, got.status)
		assert.Equal(t, []string{"private"}, got.header["Cache-Control"])
		assert.Equal(t, []string{"Cookie"}, got.header["Vary"])

		got = s.send(t, "GET", "", "", "Authorization", "Bearer "+s.token)
		assert.Equal(t, 200, got.status)
		assert.NotContains(t, got.header, "Cache-Control", "RFC 9111 section 3.5 is about it")

		got = s.send(t, "HEAD", "", "", "Cookie", cookieName+"="+s.token)
		assert.Equal(t, []string{"private"}, got.header["Cache-Control"])
	}
	for name, fields := range map[string][]string{
		"no token": nil, "a bad cookie": {"Cookie", cookieName + "=x"}, "a bad header": {"Authorization", "Bearer x"},
		"another site": {"Cookie", cookieName + "=" + s.token, "Upgrade", "websocket", "Connection", "Upgrade", "Sec-Fetch-Site", "cross-site"},
	} {
		assert.Equal(t, []string{"no-store"}, s.send(t, "GET", "", "", fields...).header["Cache-Control"], name)
	}
}

// HOSTILE 113: whatever is wrong with a token, and wherever it is, the answer is
// the same.
func TestRefusalsAreTheSameEverywhere(t *testing.T) {
	s := newSite(t)
	revoked := s.mint(t, time.Now())
	ambient, err := jwtauth.New(jwtauth.Config{Secret: secret, Cookie: cookieName})
	require.NoError(t, err)
	p, err := ambient.Authenticate(&http.Request{Header: http.Header{"Cookie": {cookieName + "=" + revoked}}})
	require.NoError(t, err)
	require.True(t, p.Ambient())
	known, err := jwtauth.TokenOf(p)
	require.NoError(t, err)
	require.NoError(t, s.store.Revoke(t.Context(), known))

	bad := map[string]string{
		"forged": s.token[:len(s.token)-4] + "AAAA", "expired": s.mint(t, time.Now().Add(-2*time.Hour)), "revoked": revoked, "no token": "x",
		"another's": strings.Repeat("A", 100) + "." + strings.Repeat("A", 100) + "." + strings.Repeat("A", 43), "too long": strings.Repeat("A", 20_000),
	}
	comparable := func(got reply) reply {
		got.header = got.header.Clone()
		got.header.Del("Date")
		return got
	}
	want := comparable(s.send(t, "POST", "", "", "Authorization", "Bearer x"))
	assert.Equal(t, 401, want.status)
	assert.JSONEq(t, `{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Authentication required"}`, want.body)
	assert.Contains(t, want.header.Get("WWW-Authenticate"), "invalid_token")
	for name, token := range bad {
		for place, send := range map[string]func() reply{
			"header": func() reply { return s.send(t, "POST", "", "", "Authorization", "Bearer "+token) },
			"cookie": func() reply { return s.send(t, "POST", "", "", "Cookie", cookieName+"="+token) },
			"cookie, another site": func() reply {
				return s.send(t, "POST", "", "", "Cookie", cookieName+"="+token, "Sec-Fetch-Site", "cross-site")
			},
			"two cookies": func() reply {
				return s.send(t, "POST", "", "", "Cookie", cookieName+"="+s.token+"; "+cookieName+"="+token)
			},
			"quoted cookie": func() reply { return s.send(t, "POST", "", "", "Cookie", cookieName+`="`+s.token+`"`) },
			"query":         func() reply { return s.send(t, "POST", "access_token="+token, "") },
			"subprotocol": func() reply {
				return s.send(t, "GET", "", "", "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Protocol", "bearer."+token)
			},
		} {
			assert.Equal(t, want, comparable(send()), "%s in %s", name, place)
		}
	}
	s.Close() // all that was logged is there
	for _, token := range append([]string{s.token}, bad["expired"], bad["forged"], revoked) {
		for part := range strings.SplitSeq(token, ".") {
			assert.NotContains(t, s.log.String(), part, "HOSTILE 14, 112")
		}
	}
	assert.Contains(t, s.log.String(), "token has expired")
}

// HOSTILE 15, 16: what no client of net/http would send. The server has limits of
// its own; what comes through them is refused.
func TestRawRequests(t *testing.T) {
	s := newSite(t)
	exchange := func(fields string) int {
		connection, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(context.Background(), "tcp", s.Listener.Addr().String())
		require.NoError(t, err)
		defer connection.Close()
		require.NoError(t, connection.SetDeadline(time.Now().Add(10*time.Second)))
		go func() {
			_, _ = fmt.Fprintf(connection, "POST /private HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n%s\r\n", s.Listener.Addr(), fields)
		}()
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		require.NoError(t, err)
		defer response.Body.Close()
		return response.StatusCode
	}
	cookie := cookieName + "=" + s.token
	assert.Equal(t, 200, exchange("Cookie: "+cookie+"\r\n"))
	assert.Equal(t, 200, exchange("cookie:"+cookie+"\r\nCOOKIE: a=1\r\n"))
	assert.Equal(t, 200, exchange("Cookie: "+strings.Repeat("a=1; ", 100_000)+cookie+"\r\n"), "HOSTILE 15")
	assert.Equal(t, 401, exchange("Cookie: "+cookie+"\r\ncookie: "+cookie+"\r\n"), "HOSTILE 12")
	assert.Equal(t, 403, exchange("Cookie: "+cookie+"\r\nsec-fetch-site: cross-site\r\n"), "HOSTILE 99")
	assert.Equal(t, 403, exchange("Cookie: "+cookie+"\r\nOrigin: null\r\n"), "HOSTILE 99")
	assert.Equal(t, 401, exchange("Cookie: \xc2\xa0"+cookie+"\r\n"), "a name that other servers trim")
	assert.Equal(t, 401, exchange("Cookie: "+cookie+"\xff\r\n"), "HOSTILE 16")
	assert.Equal(t, 401, exchange("Cookie: "+cookie+"%0A\r\n"), "HOSTILE 16")
	assert.Equal(t, 400, exchange("Cookie: "+cookie+"\x00\r\n"), "HOSTILE 16")
	assert.Equal(t, 400, exchange("Cookie : "+cookie+"\r\n"), "HOSTILE 16")
	assert.Equal(t, 431, exchange("Cookie: "+strings.Repeat("a=1; ", 400_000)+cookie+"\r\n"), "HOSTILE 15")
}

// A cookie of the header flavour's token: both flavours beside each other on one
// list, under the same rules.
func TestHeaderAndCookieFlavours(t *testing.T) {
	store := revocation.NewMemory()
	header, err := jwtauth.New(jwtauth.Config{Secret: secret, Revocation: store})
	require.NoError(t, err)
	cookie, err := jwtauth.New(jwtauth.Config{Secret: secret, Revocation: store, Cookie: cookieName, Header: "X-Unused"})
	require.NoError(t, err)
	s := &site{log: new(strings.Builder), store: store}
	s.token = s.mint(t, time.Now())
	s.Server = serve(t, s.log, header, cookie)

	bearer := []string{"Authorization", "Bearer " + s.token}
	asCookie := []string{"Cookie", cookieName + "=" + s.token, "Sec-Fetch-Site", "cross-site"}
	assert.Equal(t, 200, s.send(t, "POST", "", "", bearer...).status)
	assert.Equal(t, 403, s.send(t, "POST", "", "", asCookie...).status)
	assert.Equal(t, 200, s.send(t, "POST", "", "", append(bearer, asCookie...)...).status)
	assert.Equal(t, 403, s.send(t, "POST", "", "", append([]string{"Authorization", "Bearer x"}, asCookie...)...).status, "the second backend is asked, and what it finds is ambient")

	p, err := header.Authenticate(&http.Request{Header: http.Header{"Authorization": {"Bearer " + s.token}}})
	require.NoError(t, err)
	known, err := jwtauth.TokenOf(p)
	require.NoError(t, err)
	require.NoError(t, store.Revoke(t.Context(), known))
	assert.Equal(t, 401, s.send(t, "POST", "", "", bearer...).status)
	assert.Equal(t, 401, s.send(t, "POST", "", "", asCookie[:2]...).status, "HOSTILE 117")
	assert.Equal(t, 401, s.send(t, "POST", "", "", append(bearer, asCookie[:2]...)...).status)

	var checker runtime.ConflictChecker = header
	assert.NoError(t, checker.ConflictsWith(cookie))
}

// A proxy that turns a cookie into a header field has made what the browser sends
// by itself out of it.
func TestHeaderOfAProxy(t *testing.T) {
	const field = "Cf-Access-Jwt-Assertion"
	for _, ambient := range []bool{false, true} {
		backend, err := jwtauth.New(jwtauth.Config{Secret: secret, Header: field, HeaderIsAmbient: ambient})
		require.NoError(t, err)
		server := serve(t, io.Discard, backend)
		issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret})
		require.NoError(t, err)
		token, err := issuer.Token(jwtauth.User{ID: "42", Username: "alice"}, jwtauth.TokenOptions{})
		require.NoError(t, err)
		for site, want := range map[string]int{"same-origin": 200, "cross-site": map[bool]int{false: 200, true: 403}[ambient]} {
			r, err := http.NewRequest(http.MethodPost, server.URL+"/private", nil)
			require.NoError(t, err)
			r.Header.Set(field, token)
			r.Header.Set("Sec-Fetch-Site", site)
			response, err := server.Client().Do(r)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, want, response.StatusCode, "%s, %v", site, ambient)
			if want == http.StatusOK {
				assert.Equal(t, "private", response.Header.Get("Cache-Control"))
			}
		}
	}
}
