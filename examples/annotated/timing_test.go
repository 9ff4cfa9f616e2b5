package main

import (
	"io"
	"log/slog"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// BenchmarkUnknownAgainstWrong compares how long the handler takes to refuse what is unknown and what is wrong otherwise, by turns in a
// random order. Keys want -benchtime 20000x, and logins, which hash a password each time, -benchtime 300x.
//
// Of the metrics, unknown-ns is the median of what is unknown, and more-ns by how much that of the other is above, from low-ns to high-ns
// with a confidence of 99 %. The chance is that of a guess by time alone which of two is the unknown one: 0.5 says nothing. The p is
// that of Mann and Whitney's test: how often the same distribution would look as different. "unknown" against itself says what a
// measurement is good for.
func BenchmarkUnknownAgainstWrong(b *testing.B) {
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // what main does, but for the terminal
	server, handler := newUnlimited(b)
	keys := newRefusedKeys(b, server)
	for _, other := range []string{"unknown", "wrong", "wrong of a service", "wrong and expired", "wrong and revoked", "expired", "revoked"} {
		b.Run("key/"+other, func(b *testing.B) {
			compare(b, handler, keys["unknown"], keys[other])
		})
	}
	login := func(username, text string) func() *http.Request {
		return func() *http.Request {
			return httptest.NewRequest("POST", "/auth/token", strings.NewReader(`{"username":"`+username+`","password":"`+text+`"}`))
		}
	}
	unknown := login("trudy", "wrong-password")
	for _, other := range []struct{ name, username, text string }{
		{"unknown", "peggy", "wrong-password"}, {"wrong", "alice", "wrong-password"},
		{"wrong and inactive", "eve", "wrong-password"}, {"inactive", "eve", "eve-password"},
	} {
		b.Run("login/"+other.name, func(b *testing.B) {
			compare(b, handler, unknown, login(other.username, other.text))
		})
	}
}

// newUnlimited returns a server that holds no guesses down.
func newUnlimited(b *testing.B) (*Server, http.Handler) {
	s, err := readSettings(environmentOf(map[string]string{"SECRET_KEY": secret}))
	require.NoError(b, err)
	db, err := openDatabase(b.Context(), "")
	require.NoError(b, err)
	b.Cleanup(func() { db.Close() })
	server, err := newServer(b.Context(), s, db, revocation.NewMemory())
	require.NoError(b, err)
	server.logins = nil
	server.Keys, err = apikey.New(apikey.Config{Keys: s.apiKeys, Lookup: server.keys.table.Lookup, Check: server.keys.Check, Prefix: keyPrefix})
	require.NoError(b, err)
	handler, err := newHandler(server)
	require.NoError(b, err)
	return server, handler
}

// newRefusedKeys returns requests with keys that are refused. Secrets that are wrong are different ones each time.
func newRefusedKeys(b *testing.B, server *Server) map[string]func() *http.Request {
	add := func(owner string, edit func(*apikey.Record)) apikey.Generated {
		key, err := apikey.Generate(keyPrefix)
		require.NoError(b, err)
		created := time.Now().Add(-time.Hour)
		record := apikey.Record{
			ID: key.ID, Prefix: key.Prefix, SHA256: key.SHA256, Owner: owner, Permissions: []string{ViewArticle}, Created: created,
			Expires: time.Now().Add(time.Hour),
		}
		edit(&record)
		require.NoError(b, server.keys.table.Add(b.Context(), record))
		return key
	}
	good, service := add("1", func(*apikey.Record) {}), add("", func(*apikey.Record) {})
	expired := add("1", func(r *apikey.Record) { r.Expires = time.Now() })
	revoked := add("1", func(r *apikey.Record) { r.Revoked = time.Now() })
	with := func(text string) *http.Request {
		r := httptest.NewRequest("GET", "/internal", nil)
		r.Header.Set("X-API-Key", text)
		return r
	}
	wrong := func(of apikey.Generated) func() *http.Request {
		return func() *http.Request {
			key, err := apikey.Regenerate(keyPrefix, of.ID)
			require.NoError(b, err)
			return with(key.Text)
		}
	}
	return map[string]func() *http.Request{
		"unknown": func() *http.Request {
			key, err := apikey.Generate(keyPrefix)
			require.NoError(b, err)
			return with(key.Text)
		},
		"wrong": wrong(good), "wrong of a service": wrong(service), "wrong and expired": wrong(expired), "wrong and revoked": wrong(revoked),
		"expired": func() *http.Request { return with(expired.Text) },
		"revoked": func() *http.Request { return with(revoked.Text) },
	}
}

// compare reports how much longer the handler takes for requests of the second kind.
func compare(b *testing.B, handler http.Handler, kinds ...func() *http.Request) {
	times := make([][]float64, len(kinds))
	for range b.N {
		for _, i := range mathrand.Perm(len(kinds)) {
			r, w := kinds[i](), httptest.NewRecorder()
			began := time.Now()
			handler.ServeHTTP(w, r)
			times[i] = append(times[i], float64(time.Since(began)))
			require.Equal(b, http.StatusUnauthorized, w.Code)
		}
	}
	b.StopTimer()
	first, second := times[0], times[1]
	low, high := bootstrap(first, second)
	chance, p := mannWhitney(first, second)
	b.ReportMetric(median(first), "unknown-ns")
	b.ReportMetric(median(second)-median(first), "more-ns")
	b.ReportMetric(low, "low-ns")
	b.ReportMetric(high, "high-ns")
	b.ReportMetric(chance, "chance")
	b.ReportMetric(p, "p")
}

func median(times []float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// bootstrap returns between what 99 % of the differences of the medians are, if the samples are drawn from themselves again.
func bootstrap(first, second []float64) (low, high float64) {
	const draws = 400
	draw := func(from []float64) []float64 {
		drawn := make([]float64, len(from))
		for i := range drawn {
			drawn[i] = from[mathrand.IntN(len(from))]
		}
		return drawn
	}
	differences := make([]float64, draws)
	for i := range differences {
		differences[i] = median(draw(second)) - median(draw(first))
	}
	slices.Sort(differences)
	return differences[draws/200], differences[draws-1-draws/200]
}

// mannWhitney returns how probable it is that one of the second sample is larger than one of the first, ties being halves, and the p of
// the two-sided test, by the normal distribution, which is right for samples of more than 20.
func mannWhitney(first, second []float64) (larger, p float64) {
	sorted := slices.Sorted(slices.Values(first))
	var u float64
	for _, x := range second {
		below, _ := slices.BinarySearch(sorted, x)
		notAbove, _ := slices.BinarySearch(sorted, math.Nextafter(x, math.Inf(1)))
		u += float64(below+notAbove) / 2
	}
	n, m := float64(len(first)), float64(len(second))
	z := (u - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
	return u / (n * m), math.Erfc(math.Abs(z) / math.Sqrt2)
}
