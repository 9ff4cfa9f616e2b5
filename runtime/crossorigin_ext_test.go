package runtime_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Requests with a credential that the browser added: from which pages they are served.
func TestCrossOrigin(t *testing.T) {
	h := func(pairs ...string) http.Header {
		header := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			header.Add(pairs[i], pairs[i+1])
		}
		return header
	}
	tests := []struct {
		name   string
		method string
		header http.Header
		served bool
	}{
		{"99 no headers", "POST", h(), true},
		{"99 same origin", "POST", h("Sec-Fetch-Site", "same-origin", "Origin", "https://example.com"), true},
		{"by the user", "POST", h("Sec-Fetch-Site", "none"), true},
		{"99 cross-site", "POST", h("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), false},
		{"99 same-site", "POST", h("Sec-Fetch-Site", "same-site", "Origin", "https://blog.example.com"), false},
		{"99 unknown Sec-Fetch-Site", "POST", h("Sec-Fetch-Site", "nonsense"), false},
		{"99 Origin null", "POST", h("Origin", "null"), false},
		{"99 other host", "POST", h("Origin", "https://evil.example"), false},
		{"99 same host", "POST", h("Origin", "https://example.com"), true},
		{"99 other port", "POST", h("Origin", "https://example.com:8443"), false},
		{"99 trusted", "POST", h("Origin", "https://app.example.net"), true},
		{"99 trusted, cross-site", "POST", h("Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.net"), true},
		{"99 trusted host, wrong scheme", "POST", h("Origin", "http://app.example.net"), false},
		{"99 trusted as a prefix", "POST", h("Origin", "https://app.example.net.evil.example"), false},
		{"100 text/plain", "POST", h("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Content-Type", "text/plain"), false},
		{"PUT", "PUT", h("Origin", "https://evil.example"), false},
		{"PATCH", "PATCH", h("Origin", "https://evil.example"), false},
		{"DELETE", "DELETE", h("Origin", "https://evil.example"), false},
		{"17 unknown method", "PURGE", h("Origin", "https://evil.example"), false},
		{"17 lower case", "get", h("Origin", "https://evil.example"), false},
		{"GET", "GET", h("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), true},
		{"HEAD", "HEAD", h("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"), true},
		{"18 GET that claims to be POST", "GET", h("X-HTTP-Method-Override", "POST", "Origin", "https://evil.example"), true},
		{"18 POST that claims to be GET", "POST", h("X-HTTP-Method-Override", "GET", "Origin", "https://evil.example"), false},
		{"21 forwarded host", "POST", h("X-Forwarded-Host", "evil.example", "Origin", "https://evil.example"), false},

		{"20 WebSocket, same host", "GET", h("Upgrade", "websocket", "Connection", "Upgrade", "Origin", "https://example.com"), true},
		{"20 WebSocket, cross-site", "GET", h("Upgrade", "websocket", "Connection", "Upgrade", "Origin", "https://evil.example"), false},
		{"20 WebSocket, Sec-Fetch-Site", "GET", h("Upgrade", "websocket", "Connection", "Upgrade", "Sec-Fetch-Site", "cross-site"), false},
		{"20 WebSocket, upper case", "GET", h("Upgrade", "WebSocket", "Origin", "https://evil.example"), false},
		{"20 WebSocket among others", "GET", h("Upgrade", "h2c, websocket", "Origin", "https://evil.example"), false},
		{"20 WebSocket in a second line", "GET", h("Upgrade", "", "Upgrade", "websocket", "Origin", "https://evil.example"), false},
		{"20 WebSocket, null", "GET", h("Upgrade", "websocket", "Origin", "null"), false},
		{"20 WebSocket, trusted", "GET", h("Upgrade", "websocket", "Origin", "https://app.example.net"), true},
		{"20 WebSocket, no browser", "GET", h("Upgrade", "websocket"), true},
		{"20 WebSocket over HTTP/2 (RFC 8441)", "CONNECT", h("Origin", "https://evil.example"), false},
	}
	kinds := map[string]func(*runtime.API, *runtime.Backends, runtime.Route, ...string) *runtime.Endpoint{"guarded": guarded, "public": public, "open": open}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := func() *http.Request {
				r := httptest.NewRequest(tt.method, "/x", nil)
				r.Host = "example.com"
				r.Header = tt.header
				return r
			}
			for kind, add := range kinds {
				u := setup{add: add, options: []runtime.Option{runtime.WithTrustedOrigins("https://app.example.net")}, patterns: []string{"/x"}}

				u.backends = []runtime.Authenticator{accepts(runtime.Identity{Ambient: true})}
				s := u.build(t)
				w := s.do(request())
				assert.Equal(t, tt.served, s.served == 1, kind)
				if tt.served {
					assert.Equal(t, 200, w.Code, kind)
				} else {
					assert.Equal(t, 403, w.Code, kind)
					assert.JSONEq(t, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"Permission denied"}`, w.Body.String())
					assert.Equal(t, []runtime.Reason{runtime.ReasonCrossOrigin}, s.reasons(), kind)
					assert.Error(t, s.events[0].Err)
				}

				u.backends = []runtime.Authenticator{accepts(runtime.Identity{})}
				s = u.build(t)
				assert.Equal(t, 200, s.do(request()).Code, "%s: a credential that no browser adds", kind)

				if kind != "guarded" {
					u.backends = []runtime.Authenticator{refuses(runtime.ErrNoCredentials)}
					assert.Equal(t, 200, u.build(t).do(request()).Code, "%s: anonymous", kind)
				}
			}
		})
	}
}

// 125: the answer to an ambient principal is private to caches, and to any other whose credential they do not know.
func TestAmbientAnswersInCaches(t *testing.T) {
	serve := func(ambient bool, handle func(*runtime.Call, http.ResponseWriter, *http.Request), fields ...string) http.Header {
		u := setup{backends: []runtime.Authenticator{accepts(runtime.Identity{Ambient: ambient})}, handle: handle}
		w := httptest.NewRecorder()
		w.Header().Set("Vary", "Origin")
		r := httptest.NewRequest("GET", "/", nil)
		for _, field := range fields {
			r.Header.Set(field, "x")
		}
		u.build(t).api.ServeHTTP(w, r)
		return w.Header()
	}
	header := serve(true, nil)
	assert.Equal(t, "private", header.Get("Cache-Control"))
	assert.Equal(t, "Origin, Cookie", strings.Join(header["Vary"], ", "))

	header = serve(false, nil, "Authorization")
	assert.NotContains(t, header, "Cache-Control")
	assert.Equal(t, "Origin", strings.Join(header["Vary"], ", "))

	header = serve(false, nil, "X-Api-Key")
	assert.Equal(t, "private", header.Get("Cache-Control"), "of all fields, caches know Authorization only")
	assert.Equal(t, "Origin", strings.Join(header["Vary"], ", "))

	header = serve(true, func(_ *runtime.Call, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
	})
	assert.Equal(t, "no-cache", header.Get("Cache-Control"), "the handler knows best")

	header = serve(true, func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Fail(runtime.ErrNotFound) })
	assert.Equal(t, []string{"no-store"}, header["Cache-Control"])

	header = serve(true, func(c *runtime.Call, _ http.ResponseWriter, _ *http.Request) { c.Respond("x") })
	assert.Equal(t, []string{"private"}, header["Cache-Control"])
}

func TestWithTrustedOriginsErrors(t *testing.T) {
	for _, origin := range []string{"", "example.com", "https://", "https://example.com/", "https://example.com/path", "https://example.com?q", "null", "*", "https://a b"} {
		err := runtime.NewAPI("blog.New", runtime.WithTrustedOrigins("https://fine.example.com", origin)).Err()
		require.Error(t, err, origin)
		assert.ErrorContains(t, err, "blog.New: WithTrustedOrigins: ", origin)
	}
}
