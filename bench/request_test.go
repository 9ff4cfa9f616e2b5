package bench

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A discard is a writer that costs nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header               { return d.header }
func (d *discard) WriteHeader(status int)            { d.status = status }
func (d *discard) Write(p []byte) (int, error)       { return len(p), nil }
func (d *discard) WriteString(s string) (int, error) { return len(s), nil }

// seen serves the same request often enough for a token to be remembered, but another copy of it: what arrives is never
// the string that is remembered.
func seen(tb testing.TB, h http.Handler, token string) {
	tb.Helper()
	for range 3 {
		w := &discard{header: http.Header{}}
		h.ServeHTTP(w, request(strings.Clone(token)))
		require.Less(tb, w.status, 300)
	}
}

// The whole request in process: router, verification, permission, handler.
func BenchmarkRequest(b *testing.B) {
	for _, row := range rows(b) {
		b.Run(row.Name, func(b *testing.B) {
			token := tokenFor(b, row, secret, asIs)
			seen(b, row.Handler, token)
			w, r := &discard{header: http.Header{}}, request(token)
			b.ReportAllocs()
			defer processorTime(b)()
			for b.Loop() {
				row.Handler.ServeHTTP(w, r)
			}
			if w.status >= 300 {
				b.Fatal(w.status)
			}
		})
	}
}

// A request that is refused, beside one that is served without being remembered. Ours is the only row that logs
// refusals; "logged" has a logger that formats them and throws them away.
func BenchmarkRefused(b *testing.B) {
	formats := slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, name := range []string{"ours-cold", "ours-hot-argument", "golang-jwt"} {
		row := rowNamed(b, name)
		good := tokenFor(b, row, secret, asIs)
		signature := strings.LastIndexByte(good, '.')
		for _, bench := range []struct {
			name, token string
			status      int
			logger      *slog.Logger
		}{
			{name: "good", token: good},
			{name: "forged-signature", token: good[:signature+1] + strings.Repeat("A", len(good)-signature-1), status: 401},
			{name: "other-key", token: tokenFor(b, row, otherSecret, asIs), status: 401},
			{name: "expired", token: tokenFor(b, row, secret, expired), status: 401},
			{name: "without-permission", token: tokenFor(b, row, secret, withoutPermission), status: 403},
			{name: "1MiB", token: good[:signature] + strings.Repeat("A", 1<<20) + good[signature:], status: 401},
			{name: "forged-signature-logged", token: good[:signature+1] + strings.Repeat("A", len(good)-signature-1), status: 401, logger: formats},
		} {
			if bench.logger != nil && name == "golang-jwt" {
				continue
			}
			b.Run(name+"/"+bench.name, func(b *testing.B) {
				if bench.logger != nil {
					defer slog.SetDefault(slog.Default())
					slog.SetDefault(bench.logger)
				}
				w, r := &discard{header: http.Header{}}, request(bench.token)
				b.ReportAllocs()
				defer processorTime(b)()
				for b.Loop() {
					clear(w.header)
					row.Handler.ServeHTTP(w, r)
				}
				if w.status != bench.status {
					b.Fatal(w.status)
				}
			})
		}
	}
}

// Allocations do not depend on the machine, so they are promised: what a hot request allocates on top of the bare one.
func TestHotAllocations(t *testing.T) {
	allocations := func(name string) float64 {
		row := rowNamed(t, name)
		token := tokenFor(t, row, secret, asIs)
		seen(t, row.Handler, token)
		w, r := &discard{header: http.Header{}}, request(token)
		return testing.AllocsPerRun(1000, func() { row.Handler.ServeHTTP(w, r) })
	}
	bare := allocations("bare")
	assert.LessOrEqual(t, allocations("ours-hot-argument"), bare+poolLosses, "the principal as an argument")
	assert.LessOrEqual(t, allocations("ours-hot-context"), bare+2+poolLosses, "a context, and a request that carries it")
}
