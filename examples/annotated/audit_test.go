package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A lockedBuffer is one that a server writes to and a test reads.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

// take returns what was written since the last time.
func (b *lockedBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.buffer.Reset()
	return b.buffer.String()
}

func TestAudit(t *testing.T) {
	var log lockedBuffer
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	b := newBlog(t, nil)
	handler, err := NewGuardedServer(b.server, runtime.WithObserver(audit{slog.New(slog.NewTextHandler(io.MultiWriter(&log, leak.Log()), plain))}))
	require.NoError(t, err)
	listening := httptest.NewUnstartedServer(handler)
	listening.Config.ConnContext = withAddress
	listening.Start()
	t.Cleanup(listening.Close)
	b.url = listening.URL

	line := func(route, reason, status, user, backend string) string {
		return "level=INFO msg=refused route=" + route + " reason=" + reason + " status=" + status + " user=" + user + " backend=" + backend + " from=127.0.0.1\n"
	}
	send := func(method, path, body string, header ...string) string {
		b.send(method, path, body, header...)
		return log.take()
	}
	assert.Equal(t, line(`"GET /private"`, "no_credentials", "401", `""`, `""`), send("GET", "/private", ""))
	assert.Equal(t, line(`"GET /private"`, "invalid_credentials", "401", `""`, "api_key"), send("GET", "/private", "", "X-API-Key", "wrong"))
	assert.Equal(t, line(`"POST /auth/token"`, "handler_error", "401", `""`, `""`), send("POST", "/auth/token", `{"username":"alice","password":"wrong"}`))
	alice := b.as("alice")
	assert.Empty(t, log.take(), "nothing of what is served")
	assert.Equal(t, line(`"GET /staff"`, "denied", "403", "1", "jwt"), send("GET", "/staff", "", alice...))
	assert.Empty(t, send("GET", "/private", "", alice...))
	assert.Empty(t, send("DELETE", "/nowhere", "", alice...))
	cookie, _ := b.logInSession("alice")
	assert.Equal(t, line(`"POST /session/logout"`, "cross_origin", "403", "1", "session"), send("POST", "/session/logout", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site"))
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP"} { // HOSTILE 21
		assert.True(t, strings.HasSuffix(send("GET", "/private", "", name, "203.0.113.7"), " from=127.0.0.1\n"))
	}
	b.server.users.db.Close()
	assert.Contains(t, send("GET", "/private", "", "Cookie", cookie), "reason=unavailable status=503")
	assert.Equal(t, http.StatusOK, b.send("GET", "/public", "").status)
}
