package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Exactly one value of the cookie is good, whatever stands around it. No other one gets
// anybody in, and whatever comes is refused in one of two ways, without a panic and without
// being repeated.
func FuzzAuthenticate(f *testing.F) {
	const first, second = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "234567ABCDEFGHIJKLMNOPQRST"
	const good = first + "." + second
	store := NewMemory()
	r := sessionOf("alice", "", noon)
	r.ID, r.Secret = digest(first), digest(second)
	require.NoError(f, store.Create(f.Context(), r))
	backend, err := New(Config{Store: store, User: func(_ context.Context, id string) (runtime.Identity, error) {
		return runtime.Identity{UserID: id}, nil
	}})
	require.NoError(f, err)
	backend.now = r.Created.Local
	for _, seed := range []string{
		good, "", "x", good[:52], good + "A", `"` + good + `"`, strings.ToLower(good), second + "." + first, first, first + ".", "." + second, first + "." + first, good + "; __Host-session=x",
		"x; __Host-session=" + good, good + " ", "\t" + good, good + "\x00", good + "\r\n", strings.Replace(good, ".", "%2E", 1), strings.Repeat("A", 1000),
	} {
		f.Add("__Host-session="+seed, "")
		f.Add("theme=dark; __Host-session="+seed, "a=b")
	}
	f.Add("__Host-session="+good, "__Host-session="+good)
	f.Add("session="+good, "=__Host-session="+good)
	f.Fuzz(func(t *testing.T, line, other string) {
		request := httptest.NewRequest("POST", "/", nil)
		request.Header["Cookie"] = []string{line, other}
		p, err := backend.Authenticate(request)
		var values []string
		for pair := range strings.SplitSeq(line+";"+other, ";") {
			if value, ok := strings.CutPrefix(strings.Trim(pair, " \t"), "__Host-session="); ok {
				values = append(values, value)
			}
		}
		switch {
		case len(values) == 1 && values[0] == good:
			require.NoError(t, err)
			require.Equal(t, "alice", p.UserID())
		case len(values) == 0 || len(values) == 1 && values[0] == "":
			require.ErrorIs(t, err, runtime.ErrNoCredentials)
			require.Nil(t, p)
		default:
			require.ErrorIs(t, err, runtime.ErrInvalidCredentials)
			require.Nil(t, p)
		}
		checkNewLogin(t, backend, request)
	})
}

// checkNewLogin logs bob in by a request of any kind, and wants the id to be one that the
// request did not have.
func checkNewLogin(t *testing.T, b *Backend, r *http.Request) {
	t.Helper()
	before := r.Header["Cookie"]
	w := httptest.NewRecorder()
	alice, err := b.store.List(t.Context(), "alice")
	require.NoError(t, err)
	require.Len(t, alice, 1)
	defer func() { // for the next input
		if err := b.store.Create(t.Context(), alice[0]); err != nil {
			require.ErrorIs(t, err, errExists)
		}
		require.NoError(t, b.store.EndUser(t.Context(), "bob", Digest{}))
	}()
	require.NoError(t, b.LogIn(w, r, "bob", Options{}))
	cookie := w.Result().Cookies()[0]
	for _, line := range before {
		require.NotContains(t, line, cookie.Value)
	}
	r.Header["Cookie"] = []string{"__Host-session=" + cookie.Value}
	p, err := b.Authenticate(r)
	require.NoError(t, err)
	require.Equal(t, "bob", p.UserID())
}
