package runtime_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// raw sends bytes to a server and returns the answer to them.
func raw(t *testing.T, server *httptest.Server, request, method string) (status int, header http.Header, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(t, err)
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header, string(content)
}

// 17, 18, 21, 22: a guarded route is guarded for every method and whatever headers come along.
func TestTransportMethodsAndHeaders(t *testing.T) {
	s := setup{backends: []runtime.Authenticator{bearer}, patterns: []string{"/admin"}}.build(t)
	server := httptest.NewServer(s.api)
	defer server.Close()
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PURGE", "get", "X"} {
		for _, headers := range []string{
			"",
			"X-HTTP-Method-Override: GET\r\n",
			"X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\n",
			"X-Original-URL: /public\r\nX-Rewrite-URL: /public\r\n",
			"X-User-Id: root\r\nX-Remote-User: root\r\nRemote-User: root\r\nX-Forwarded-User: root\r\n",
			"Cookie: user=root\r\n",
		} {
			status, header, body := raw(t, server, method+" /admin HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"+headers+"\r\n", method)
			about := method + " " + headers
			assert.Equal(t, 401, status, about)
			assert.Equal(t, `Bearer realm="a \"b\""`, header.Get("Www-Authenticate"), about)
			assert.NotContains(t, body, "served", about)
			if method == "HEAD" {
				assert.Empty(t, body, "114")
				assert.NotEmpty(t, header.Get("Content-Length"), "114")
			}
		}
	}
	assert.Zero(t, s.served)

	for range 2 { // and served with a credential
		status, _, _ := raw(t, server, "PURGE /admin HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\n\r\n", "PURGE")
		assert.Equal(t, 200, status)
	}
}

// 19: no spelling of a path leads to a handler of another guard, or past one.
func TestTransportPaths(t *testing.T) {
	api := runtime.NewAPI("test.New")
	backends := api.Backends(runtime.Backend{Expr: "bearer", Authenticator: bearer})
	served := make(map[string]int)
	handler := func(name string, endpoint **runtime.Endpoint) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call, ok := (*endpoint).Enter(w, r)
			if !ok {
				return
			}
			defer call.Recover()
			call.Allow()
			served[name]++
		})
	}
	var admin, any *runtime.Endpoint
	admin = api.Guarded(backends, runtime.Route{Handler: handler("admin", &admin)}, "/admin", "/admin/{rest...}")
	any = api.Open(nil, runtime.Route{Handler: handler("any", &any)}, "/public/{rest...}")
	require.NoError(t, api.Err())
	server := httptest.NewServer(api)
	defer server.Close()

	for _, method := range []string{"GET", "POST", "CONNECT"} {
		for _, path := range []string{
			"/admin", "//admin", "/admin/", "/admin//", "/./admin", "/a/../admin", "/public/../admin", "/public/..//admin", "/%61dmin", "/admin%2f", "/admin;x", "/admin/;x",
			"/admin?x", "/ADMIN", "/admin%00", "/admin%20", "/admin.", "/public%2f..%2fadmin", "/public/%2e%2e/admin", "/admin/../admin", "/.//admin/x", "*", "/\\admin",
			"http://other.example/admin", "http://other.example//admin",
		} {
			before := served["any"]
			status, _, body := raw(t, server, method+" "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method)
			if served["any"] > before {
				// net/http leaves the path of CONNECT as it is: the pattern that fits is the open one, and its handler gets ".." as a value.
				assert.True(t, strings.HasPrefix(path, "/public/"), "%s %s", method, path)
				assert.True(t, method == "CONNECT" || strings.Contains(path, "%2e"), "%s %s", method, path)
				continue
			}
			assert.Contains(t, []int{401, 404, 400, 307, 301}, status, "%s %s: %s", method, path, body)
		}
	}
	assert.Zero(t, served["admin"])
}

// 15: a great many cookies are the backends' business, and cost this package nothing.
func TestTransportManyCookies(t *testing.T) {
	s := setup{backends: []runtime.Authenticator{bearer}}.build(t)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", strings.Repeat("a=b; ", 100_000))
	assert.Equal(t, 401, s.do(r).Code)
}
