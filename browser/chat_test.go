package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/browser/chat"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// A chatServer is the server of package chat.
type chatServer struct {
	*witness
	sessions *session.Backend
}

func newChat(t *testing.T) chatServer {
	t.Helper()
	sessions, err := session.New(session.Config{
		Store: session.NewMemory(),
		User: func(_ context.Context, id string) (runtime.Identity, error) {
			return runtime.Identity{UserID: id}, nil
		},
	})
	require.NoError(t, err)
	guarded, err := chat.NewGuardedServer(&chat.Server{Sessions: sessions})
	require.NoError(t, err)
	return chatServer{newWitness(t, guarded), sessions}
}

// logIn gives a tab the cookie of a new session.
func (c chatServer) logIn(b *tab, user string, sameSite network.CookieSameSite) {
	b.Helper()
	answer := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, c.url+"/login", nil)
	require.NoError(b, c.sessions.LogIn(answer, r, user, session.Options{}))
	b.setSession(c.url, answer.Result().Cookies()[0].Value, sameSite)
}

// talk has a script of the page send "hello", and returns the answer, which is empty if the connection does not open.
func (c chatServer) talk(b *tab) string {
	b.Helper()
	return evaluate[string](b, `new Promise(done => {
		const socket = new WebSocket("`+c.url+`/ws")
		socket.onopen = () => socket.send("hello")
		socket.onmessage = message => { done(message.data); socket.close() }
		socket.onerror = () => done("")
	})`)
}

func TestWebSocket(t *testing.T) {
	chat, b := newChat(t), newProfile(t)
	chat.logIn(b, "alice", network.CookieSameSiteLax)
	b.open(chat.url)
	assert.Equal(t, "alice: hello", chat.talk(b))
	r := chat.await(t, "GET", "/ws")
	assert.Equal(t, http.StatusSwitchingProtocols, r.status)
	assert.Equal(t, chat.url, r.origin)
}

func TestWebSocketWithoutSession(t *testing.T) {
	chat, b := newChat(t), newProfile(t)
	b.expect("HTTP Authentication failed")
	b.open(chat.url)
	assert.Empty(t, chat.talk(b))
	assert.Equal(t, http.StatusUnauthorized, chat.await(t, "GET", "/ws").status)
}

// Browsers let every page open a WebSocket to every server, and send the cookie with it unless SameSite forbids.
func TestWebSocketOfAnotherOrigin(t *testing.T) {
	for name, test := range map[string]struct {
		attacker func(*testing.T) attacker
		sameSite network.CookieSameSite
		cookie   bool
		status   int
	}{
		"of the same site":       {sameSite, network.CookieSameSiteLax, true, http.StatusForbidden},
		"of another site":        {crossSite, network.CookieSameSiteLax, false, http.StatusUnauthorized},
		"of another site, to it": {crossSite, network.CookieSameSiteNone, true, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			chat, b, attacker := newChat(t), openTab(t, chromium), test.attacker(t)
			b.expect("WebSocket connection to")
			chat.logIn(b, "alice", test.sameSite)
			b.open(attacker.url)
			assert.Empty(t, chat.talk(b))
			r := chat.await(t, "GET", "/ws")
			assert.Equal(t, test.cookie, r.cookie)
			assert.Equal(t, attacker.url, r.origin)
			assert.Equal(t, test.status, r.status)
			assert.Empty(t, r.site, "Chromium says nothing of the site here, so it is the origin that counts")

			b.open(chat.url)
			assert.Equal(t, "alice: hello", chat.talk(b), "the session is good for a page of the server's own")
		})
	}
}
