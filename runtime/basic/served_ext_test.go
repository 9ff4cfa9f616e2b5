package basic_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/basic"
)

// serve returns a server with one endpoint behind the backend, which answers
// with the principal's id.
func serve(t *testing.T, log io.Writer, backend *basic.Backend) *httptest.Server {
	t.Helper()
	previous := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.MultiWriter(log, leak.Log()), &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(previous) })

	api := runtime.NewAPI("test")
	var endpoint *runtime.Endpoint
	endpoint = api.Guarded(api.Backends(runtime.Backend{Expr: "s.Basic", Authenticator: backend}), runtime.Route{
		Name: "private", Guard: "IsAuthenticated()",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call, ok := endpoint.Enter(w, r)
			if !ok {
				return
			}
			defer call.Recover()
			call.Allow()
			_, _ = io.WriteString(w, call.Principal().UserID())
		}),
	}, "/private")
	require.NoError(t, api.Err())
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return server
}

type answer struct {
	status    int
	challenge string
	retry     string
	body      string
}

func get(t *testing.T, server *httptest.Server, method, username, password string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/private", nil)
	require.NoError(t, err)
	if username != "" {
		r.SetBasicAuth(username, password)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	leak.Request(r)
	response, err := server.Client().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	leak.Answer(response.StatusCode, response.Header, string(body))
	return answer{response.StatusCode, response.Header.Get("WWW-Authenticate"), response.Header.Get("Retry-After"), string(body)}
}

func TestServed(t *testing.T) {
	var log bytes.Buffer
	backend, users, _ := newBackend(t, basic.Config{Limiter: newLimiter(t)})
	server := serve(t, &log, backend)

	assert.Equal(t, answer{200, "", "", "id of alice"}, get(t, server, http.MethodGet, "alice", secret))
	assert.Equal(t, 401, get(t, server, http.MethodGet, "", "").status)
	wrong := get(t, server, http.MethodGet, "alice", "wrong-"+secret)
	assert.Equal(t, 401, wrong.status)
	assert.Equal(t, `Basic realm="api", charset="UTF-8"`, wrong.challenge)
	assert.Equal(t, wrong, get(t, server, http.MethodGet, "mallory", secret), "HOSTILE 113: an unknown user")

	assert.Equal(t, 200, get(t, server, http.MethodPost, "alice", secret, "Sec-Fetch-Site", "same-origin").status)
	assert.Equal(t, 403, get(t, server, http.MethodPost, "alice", secret, "Sec-Fetch-Site", "cross-site").status, "browsers send it by themselves")

	judged := users.asked.Load()
	var held answer
	for range 100 { // HOSTILE 85
		held = get(t, server, http.MethodGet, "alice", "wrong-"+secret)
	}
	assert.Equal(t, 429, held.status)
	assert.Equal(t, "18", held.retry, "alice is known at this address, so its own limit is the one that counts")
	assert.Empty(t, held.challenge)
	assert.EqualValues(t, 50-2, users.asked.Load()-judged)

	right := get(t, server, http.MethodGet, "alice", secret)
	assert.Equal(t, held, right, "it is remembered, but a guesser who is held down must not learn that it is right")
	backend.Forget("id of alice")
	assert.Equal(t, held, get(t, server, http.MethodGet, "alice", secret))
	assert.Equal(t, 429, get(t, server, http.MethodGet, "alice", secret, "X-Forwarded-For", "203.0.113.9", "X-Real-IP", "203.0.113.9",
		"Forwarded", "for=203.0.113.9").status, "HOSTILE 21")

	assert.NotContains(t, log.String(), secret, "HOSTILE 112")
	assert.NotContains(t, held.body+wrong.body, "alice")
}

func TestThrottled(t *testing.T) {
	b, users, _ := newBackend(t, basic.Config{Limiter: newLimiter(t), Remember: -1})
	from := func(address, username, password string) error {
		r := login(username, password)
		r.RemoteAddr = address
		_, err := b.Authenticate(r)
		return err
	}
	for range 10 {
		require.ErrorIs(t, from("192.0.2.1:1", "alice", "wrong"), runtime.ErrInvalidCredentials)
	}
	asked := users.asked.Load()
	for _, password := range []string{"wrong", secret} {
		err := from("192.0.2.1:1", "alice", password)
		assert.ErrorIs(t, err, runtime.ErrTooManyRequests)
		assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials, "another backend would be asked")
		assert.NotContains(t, err.Error(), "alice")
	}
	assert.Equal(t, asked, users.asked.Load(), "nobody judges what is held down")
	assert.NoError(t, from("192.0.2.2:1", "alice", secret), "the owner, elsewhere")
	for range 5 {
		assert.ErrorIs(t, from("192.0.2.2:1", "alice", "mistyped"), runtime.ErrInvalidCredentials)
	}
	assert.NoError(t, from("192.0.2.2:1", "alice", secret))
}

func TestUnknownUsersAreThrottledAlike(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{Limiter: newLimiter(t)})
	count := func(address, username string) (judged int) {
		for range 20 {
			r := login(username, "wrong")
			r.RemoteAddr = address
			if _, err := b.Authenticate(r); errors.Is(err, runtime.ErrInvalidCredentials) {
				judged++
			}
		}
		return judged
	}
	assert.Equal(t, 10, count("192.0.2.1:1", "alice"))
	assert.Equal(t, 10, count("192.0.2.2:1", "nobody"))
}

// What counts as a failure, by the error of Check.
func TestWhatCounts(t *testing.T) {
	for _, c := range []struct {
		err    error
		counts bool
	}{
		{nil, false},
		{runtime.ErrUnavailable, false},
		{runtime.ErrTooManyRequests, false},
		{context.Canceled, false},
		{context.DeadlineExceeded, false},
		{runtime.ErrInvalidCredentials, true},
		{runtime.ErrNoCredentials, true},
		{runtime.ErrRevoked, true},
		{runtime.ErrForbidden, true},
		{runtime.ErrNotFound, true},
		{errors.New("unknown"), true},
	} {
		asked := 0
		b, _, _ := newBackend(t, basic.Config{Limiter: newLimiter(t), Remember: -1,
			Check: func(context.Context, string, string) (runtime.Identity, error) {
				asked++
				return runtime.Identity{UserID: "alice"}, c.err
			}})
		for range 100 {
			_, _ = b.Authenticate(login("alice", secret))
		}
		assert.Equal(t, c.counts, asked == 10, c.err)
		assert.Equal(t, !c.counts, asked == 100, c.err)
	}
}

func TestMalformedIsNoGuess(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{Limiter: newLimiter(t)})
	for range 100 {
		_, err := b.Authenticate(request("Basic " + encode("alice")))
		require.ErrorIs(t, err, runtime.ErrInvalidCredentials)
	}
	_, err := b.Authenticate(login("alice", secret))
	assert.NoError(t, err)
}
