package jwtauth_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// serve returns a server with one endpoint behind the backends, which answers
// with the principal's id.
func serve(t *testing.T, log io.Writer, authenticators ...runtime.Authenticator) *httptest.Server {
	t.Helper()
	var backends []runtime.Backend
	for _, a := range authenticators {
		backends = append(backends, runtime.Backend{Expr: a.Name(), Authenticator: a})
	}
	previous := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.MultiWriter(log, leak.Log()), &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(previous) })

	api := runtime.NewAPI("test")
	var endpoint *runtime.Endpoint
	endpoint = api.Guarded(api.Backends(backends...), runtime.Route{
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
	status     int
	challenges []string
	body       string
}

func get(t *testing.T, server *httptest.Server, method, token string, keys ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, server.URL+"/private", nil)
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, key := range keys {
		r.Header.Add("X-API-Key", key)
	}
	leak.Request(r)
	response, err := server.Client().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	leak.Answer(response.StatusCode, response.Header, string(body))
	return answer{response.StatusCode, response.Header.Values("WWW-Authenticate"), string(body)}
}

// disguised hides that a backend is one of tokens, so that it can stand beside
// another that it contradicts.
type disguised struct{ runtime.Authenticator }

func TestServed(t *testing.T) {
	store := revocation.NewMemory()
	now := time.Now()
	disabled := false
	first, err := jwtauth.New(jwtauth.Config{
		Secret: secret, Revocation: store,
		Check: func(_ context.Context, p *runtime.Principal) error {
			if disabled {
				return runtime.ErrUnauthenticated
			}
			return nil
		},
	})
	require.NoError(t, err)
	careless, err := jwtauth.New(jwtauth.Config{Secret: secret})
	require.NoError(t, err)
	keys, err := apikey.New(apikey.Config{Keys: []apikey.Key{{ID: "ci", Secret: "a-key-of-tests"}}})
	require.NoError(t, err)
	var log strings.Builder
	server := serve(t, &log, first, disguised{careless}, keys)

	mint := func(at time.Time) string {
		issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: secret, Now: func() time.Time { return at }})
		require.NoError(t, err)
		token, err := issuer.Token(jwtauth.User{ID: "42", Username: "alice"}, jwtauth.TokenOptions{})
		require.NoError(t, err)
		return token
	}
	good, expired, revoked := mint(now), mint(now.Add(-2*time.Hour)), mint(now)
	p, err := first.Authenticate(request(revoked))
	require.NoError(t, err)
	token, err := jwtauth.TokenOf(p)
	require.NoError(t, err)
	require.NoError(t, store.Revoke(t.Context(), token))

	assert.Equal(t, answer{status: 200, body: "42"}, get(t, server, "GET", good))
	assert.Equal(t, answer{status: 200, body: "apikey:ci"}, get(t, server, "GET", expired, "a-key-of-tests"), "HOSTILE 11: the first that accepts")
	assert.Equal(t, answer{status: 200, body: "42"}, get(t, server, "GET", good, "a-key-of-tests"), "HOSTILE 11: the first that accepts")

	none := get(t, server, "GET", "")
	assert.Equal(t, 401, none.status, "HOSTILE 1")
	assert.Equal(t, []string{`Bearer realm="api"`, `Bearer realm="api"`, `ApiKey realm="api"`}, none.challenges)

	forged := get(t, server, "GET", good[:len(good)-4]+"AAAA")
	late := get(t, server, "GET", expired)
	assert.Equal(t, 401, forged.status)
	assert.Contains(t, forged.challenges[0], `error="invalid_token"`)
	assert.Equal(t, forged, late, "HOSTILE 113")

	ended := get(t, server, "GET", revoked)
	assert.Equal(t, 401, get(t, server, "GET", revoked, "a-key-of-tests").status, "HOSTILE 117: what is revoked ends the chain")
	assert.Equal(t, 401, ended.status, "HOSTILE 117: the second backend knows nothing of the store")
	assert.Equal(t, forged.body, ended.body, "HOSTILE 113")
	assert.Equal(t, forged.challenges[0], ended.challenges[0], "HOSTILE 113")

	head := get(t, server, "HEAD", expired)
	assert.Equal(t, answer{401, late.challenges, ""}, head, "HOSTILE 114")

	disabled = true
	assert.Equal(t, 401, get(t, server, "GET", good).status, "HOSTILE 58: the second backend does not ask whether the user is active")

	server.Close() // all that was logged is there
	for _, token := range []string{good, expired, revoked} {
		for part := range strings.SplitSeq(token, ".") {
			assert.NotContains(t, log.String(), part, "HOSTILE 112")
		}
	}
	assert.NotContains(t, log.String(), "a-key-of-tests", "HOSTILE 83")
	assert.Contains(t, log.String(), "token has expired", "the log says why")
}
