package promobserver_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/promobserver"
)

const (
	decisions = "boltauthgen_decisions_total"
	failures  = "boltauthgen_handler_failures_total"
	durations = "boltauthgen_decision_duration_seconds"
)

func TestEveryReason(t *testing.T) {
	reg := prometheus.NewRegistry()
	observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg))))
	s := scraped(t, reg, plain)

	const article = "/articles/{id}"
	assert.Equal(t, map[labels]float64{
		{article, "Articles", "jwt", "allowed", "accepted", ""}:                1,
		{article, "Articles", "", "refused", "no_credentials", "401"}:          1,
		{article, "Articles", "jwt", "refused", "invalid_credentials", "401"}:  1,
		{article, "Articles", "jwt", "refused", "revoked", "401"}:              1,
		{article, "Articles", "jwt", "refused", "unavailable", "503"}:          1,
		{article, "Articles", "jwt", "refused", "throttled", "429"}:            1,
		{article, "Articles", "jwt", "refused", "backend_error", "500"}:        1,
		{article, "Articles", "jwt", "refused", "backend_panic", "500"}:        1,
		{article, "Articles", "jwt", "refused", "cross_origin", "403"}:         1,
		{"GET /denied", "Denied", "jwt", "refused", "denied", "403"}:           1,
		{"GET /scope", "Scope", "jwt", "refused", "insufficient_scope", "403"}: 1,
		{"GET /stale", "Stale", "jwt", "refused", "stale", "401"}:              1,
		{"GET /guard", "GuardError", "jwt", "refused", "guard_error", "500"}:   1,
		{"GET /binding", "Binding", "jwt", "refused", "binding_error", "400"}:  1,
		{"GET /panic", "Panic", "jwt", "refused", "panic", "500"}:              1,
		{"GET /undecided", "Undecided", "jwt", "refused", "undecided", "500"}:  1,
		{"GET /missing", "Missing", "jwt", "allowed", "accepted", ""}:          1,
		{"GET /broken", "Broken", "jwt", "allowed", "accepted", ""}:            1,
		{"GET /begun", "Begun", "jwt", "allowed", "accepted", ""}:              1,
		{"GET /result", "Result", "jwt", "allowed", "accepted", ""}:            1,
		{"GET /open", "Open", "", "allowed", "no_credentials", ""}:             1,
		{"POST /open", "Open", "jwt", "allowed", "unavailable", ""}:            1,
	}, s.counts(decisions))
	assert.Equal(t, map[labels]float64{
		{"GET /missing", "Missing", "jwt", "", "handler_error", "404"}: 1,
		{"GET /broken", "Broken", "jwt", "", "handler_error", "500"}:   1,
		{"GET /begun", "Begun", "jwt", "", "handler_error", "500"}:     1,
		{"GET /result", "Result", "jwt", "", "result_error", "500"}:    1,
	}, s.counts(failures))
	assert.Len(t, s.families, 3)
}

// Nothing of a request, of the user, or of an error's text gets into the metrics, in any format.
func TestSecretsStay(t *testing.T) {
	reg := prometheus.NewRegistry()
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg))))
	for _, text := range []string{scraped(t, reg, plain).text, scraped(t, reg, protobuf).text} {
		assert.Contains(t, text, "Articles")
		assert.NotContains(t, text, observertest.Secret)
		assert.NotContains(t, text, "alice")
		assert.NotContains(t, text, "careless")
	}
	assert.EqualValues(t, sent, sum(scraped(t, reg, plain).counts(decisions)))
}

func TestDurations(t *testing.T) {
	reg := prometheus.NewRegistry()
	o := register(t, reg)
	for _, d := range []time.Duration{0, 100 * time.Nanosecond, 101 * time.Nanosecond, 40 * time.Microsecond, time.Second, 3 * time.Second} {
		e := allowed
		e.Duration = d
		o.Observe(t.Context(), e)
	}
	o.Observe(t.Context(), failed) // lasted as long as its handler, which is no decision

	key := labels{route: route.Pattern, handler: route.Name, backend: "jwt", outcome: "allowed"}
	all := scraped(t, reg, plain).metrics(durations)
	require.Len(t, all, 1)
	h := all[key].GetHistogram()
	assert.EqualValues(t, 6, h.GetSampleCount())
	assert.InDelta(t, 4.000040201, h.GetSampleSum(), 1e-12)
	within := map[float64]uint64{}
	for _, bucket := range h.GetBucket() {
		within[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
	}
	assert.EqualValues(t, 2, within[100e-9], "a bound belongs to its bucket")
	assert.EqualValues(t, 3, within[300e-9])
	assert.EqualValues(t, 3, within[30e-6])
	assert.EqualValues(t, 4, within[100e-6])
	assert.EqualValues(t, 4, within[300e-3])
	assert.EqualValues(t, 5, within[1])

	native := scraped(t, reg, protobuf).metrics(durations)[key].GetHistogram()
	assert.EqualValues(t, 6, native.GetSampleCount())
	assert.EqualValues(t, 3, native.GetSchema(), "bounds that are 2^(1/8) apart")
	assert.NotEmpty(t, native.GetPositiveSpan())
	assert.EqualValues(t, 1, native.GetZeroCount())
}

// The durations that the run time measures arrive, one for each decision.
func TestDurationsAreMeasured(t *testing.T) {
	reg := prometheus.NewRegistry()
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg))))
	var n uint64
	for _, metric := range scraped(t, reg, plain).metrics(durations) {
		n += metric.GetHistogram().GetSampleCount()
		assert.Positive(t, metric.GetHistogram().GetSampleSum())
	}
	assert.EqualValues(t, sent, n)
}

// Names and units are as Prometheus has them.
func TestNames(t *testing.T) {
	reg := prometheus.NewRegistry()
	observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg))))
	problems, err := promlint.New(strings.NewReader(scraped(t, reg, plain).text)).Lint()
	require.NoError(t, err)
	assert.Empty(t, problems)
}

// Whatever clients send, there are no more series than the program has cases.
func TestSeriesAreBounded(t *testing.T) {
	reg := prometheus.NewRegistry()
	api := observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg)))
	observertest.Everything(t, api)
	before := scraped(t, reg, plain)
	random := rand.New(rand.NewPCG(1, 2))
	orders := []string{"good", "", "invalid", "revoked", "unavailable", "throttled", "error"}
	for i := range 10_000 {
		r := observertest.NewRequest(fmt.Sprintf("M%d", random.Uint64()), fmt.Sprintf("/articles/%d", i), "")
		r.Host = fmt.Sprintf("%d.example.com", i)
		if order := orders[i%len(orders)]; order != "" {
			r.Header.Set("Authorization", fmt.Sprintf("Bearer %s.user%d", order, i)) // the user's id, too
		}
		r.Header.Set("Origin", fmt.Sprintf("https://%d.example.com", i))
		observertest.Status(api, r)
	}
	after := scraped(t, reg, plain)
	assert.Equal(t, before.size(), after.size())
	assert.EqualValues(t, 10_000, sum(after.counts(decisions))-sum(before.counts(decisions)))
	assert.Equal(t, slices.Sorted(maps.Keys(before.families)), slices.Sorted(maps.Keys(after.families)))
}

// A handler that is registered on another router has no pattern.
func TestOtherRouters(t *testing.T) {
	reg := prometheus.NewRegistry()
	api := runtime.NewAPI("test.New", runtime.WithObserver(register(t, reg)))
	method := observertest.Handlers[0].Add(api, api.Backends(runtime.Backend{Expr: "s.Backend", Authenticator: observertest.Backend("jwt")}))
	require.NoError(t, api.Err())
	for i := range 10 {
		assert.Equal(t, 200, observertest.Status(method, observertest.NewRequest("GET", fmt.Sprintf("/elsewhere/%d", i), "good")))
	}
	assert.Equal(t, map[labels]float64{
		{handler: "Articles", backend: "jwt", outcome: "allowed", reason: "accepted"}: 10,
	}, scraped(t, reg, plain).counts(decisions))
}

func TestServersShare(t *testing.T) {
	reg := prometheus.NewRegistry()
	first, second := register(t, reg), register(t, reg)
	assert.Same(t, first, second)
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(first)))
	sent += observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(second)))
	assert.EqualValues(t, sent, sum(scraped(t, reg, plain).counts(decisions)))
}

// Servers whose registerers have labels of their own are told apart; those with the same labels share.
func TestServersApart(t *testing.T) {
	reg := prometheus.NewRegistry()
	wrapped := func(server string) prometheus.Registerer {
		return prometheus.WrapRegistererWith(prometheus.Labels{"server": server}, reg)
	}
	blog, shop := register(t, wrapped("blog")), register(t, wrapped("shop"))
	assert.NotSame(t, blog, shop)
	assert.Same(t, blog, register(t, wrapped("blog")))
	blog.Observe(t.Context(), allowed)
	blog.Observe(t.Context(), allowed)
	shop.Observe(t.Context(), allowed)
	text := scraped(t, reg, plain).text
	assert.Regexp(t, `(?m)^boltauthgen_decisions_total\{.*server="blog".*\} 2$`, text)
	assert.Regexp(t, `(?m)^boltauthgen_decisions_total\{.*server="shop".*\} 1$`, text)
}

func TestNewErrors(t *testing.T) {
	_, err := promobserver.New(nil)
	assert.EqualError(t, err, "new observer: the registerer is nil")

	reg := prometheus.NewRegistry()
	other := prometheus.NewCounter(prometheus.CounterOpts{Name: failures, Help: "Something else."})
	require.NoError(t, reg.Register(other))
	_, err = promobserver.New(reg)
	assert.ErrorContains(t, err, "register metrics: ")
	assert.Len(t, scraped(t, reg, plain).families, 1, "nothing is left behind")

	reg = prometheus.NewRegistry()
	require.NoError(t, reg.Register(lookalike{register(t, prometheus.NewRegistry())}))
	_, err = promobserver.New(reg)
	assert.ErrorAs(t, err, new(prometheus.AlreadyRegisteredError))
	assert.ErrorContains(t, err, "register metrics: ")
}

// A lookalike has the metrics of an observer and is none.
type lookalike struct{ prometheus.Collector }

// The name of a backend may be any text.
func TestOddNames(t *testing.T) {
	reg := prometheus.NewRegistry()
	api := observertest.Serve(t, "j\xffw\n\"t", runtime.WithObserver(register(t, reg)))
	assert.Equal(t, 200, observertest.Status(api, observertest.NewRequest("GET", "/articles/1", "good")))
	assert.Equal(t, map[labels]float64{
		{"/articles/{id}", "Articles", "j\uFFFDw\n\"t", "allowed", "accepted", ""}: 1,
	}, scraped(t, reg, plain).counts(decisions))
}

// An observer that is of no use takes nothing from the request.
func TestBrokenObserver(t *testing.T) {
	before, log := slog.Default(), new(bytes.Buffer)
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(new(promobserver.Observer))))
	assert.Equal(t, sent+4, strings.Count(log.String(), "observer panicked"), "decisions, and observertest.Handlers that failed")
	assert.NotContains(t, log.String(), observertest.Secret)
}

func TestConcurrentUse(t *testing.T) {
	const workers, rounds = 8, 50
	reg := prometheus.NewRegistry()
	api := observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg)))
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range rounds {
				for _, h := range observertest.Handlers {
					w := httptest.NewRecorder()
					_, path, _ := strings.Cut(strings.ReplaceAll(h.Patterns[0], "{id}", "1"), "/")
					api.ServeHTTP(w, observertest.NewRequest(http.MethodGet, "/"+path, "good"))
				}
				_, err := reg.Gather()
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, workers*rounds*len(observertest.Handlers), sum(scraped(t, reg, plain).counts(decisions)))
	assert.EqualValues(t, workers*rounds*4, sum(scraped(t, reg, plain).counts(failures)))
}

var (
	route = &runtime.Route{Name: "Server.GetArticle", Pattern: "GET /articles/{id}"}

	allowed = runtime.Event{
		Route: route, Backend: "jwt", UserID: "alice", Outcome: runtime.OutcomeAllowed, Reason: runtime.ReasonAccepted,
		Duration: 40 * time.Microsecond,
	}
	failed = runtime.Event{
		Route: route, Backend: "jwt", UserID: "alice", Outcome: runtime.OutcomeFailed, Reason: runtime.ReasonHandlerError, Status: 404,
		Duration: time.Millisecond,
	}
)

func TestObserveDoesNotAllocate(t *testing.T) {
	var observer runtime.Observer = register(t, prometheus.NewRegistry())
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		observer.Observe(context.Background(), allowed)
		observer.Observe(context.Background(), failed)
	}))
}

// known returns an observer that knows as many series as a large program has, the one of allowed among them.
func known(b *testing.B) *promobserver.Observer {
	o := register(b, prometheus.NewRegistry())
	for i := range 500 {
		e := allowed
		e.Route = &runtime.Route{Name: fmt.Sprint("Server.Handler", i), Pattern: fmt.Sprintf("GET /%d/{id}", i)}
		for _, reason := range []runtime.Reason{runtime.ReasonAccepted, runtime.ReasonRevoked, runtime.ReasonDenied, runtime.ReasonPanic} {
			e.Reason = reason
			o.Observe(b.Context(), e)
		}
	}
	o.Observe(b.Context(), allowed)
	return o
}

func BenchmarkObserve(b *testing.B) {
	o := known(b)
	b.Run("serial", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			o.Observe(b.Context(), allowed)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				o.Observe(context.Background(), allowed)
			}
		})
	})
}

// BenchmarkFirstEvents is what it costs to get to know 2,001 series.
func BenchmarkFirstEvents(b *testing.B) {
	for b.Loop() {
		known(b)
	}
}
