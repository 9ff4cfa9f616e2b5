package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// benchmarked returns a backend whose store and User cost nothing to speak of, and a
// request with a session.
func benchmarked(tb testing.TB) (*Backend, *http.Request) {
	tb.Helper()
	b, err := New(Config{Store: NewMemory(), User: func(_ context.Context, id string) (runtime.Identity, error) {
		return runtime.Identity{UserID: id}, nil
	}})
	require.NoError(tb, err)
	w := httptest.NewRecorder()
	require.NoError(tb, b.LogIn(w, httptest.NewRequest("POST", "/", nil), "alice", Options{}))
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(w.Result().Cookies()[0])
	return b, r
}

func BenchmarkAuthenticate(b *testing.B) {
	backend, r := benchmarked(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := backend.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}

// What is not worth a look at the store costs nothing; a request with a session costs its
// principal, and a context that ends.
func TestAllocations(t *testing.T) {
	b, good := benchmarked(t)
	allocations := func(r *http.Request) float64 {
		return testing.AllocsPerRun(100, func() { _, _ = b.Authenticate(r) })
	}
	many := strings.Repeat("a=1; ", 10_000)
	for name, line := range map[string]string{
		"none": "", "15: many others": many, "malformed": "__Host-session=abcd", "15: long": "__Host-session=" + strings.Repeat("A", 1<<20),
		"12: several": strings.Repeat("__Host-session=a; ", 10_000),
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", line)
		assert.Zero(t, allocations(r), name)
	}
	assert.LessOrEqual(t, allocations(good), 8.0)
}
