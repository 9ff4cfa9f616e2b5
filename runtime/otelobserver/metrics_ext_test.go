package otelobserver_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/otelobserver"
)

const (
	decisions = "boltauthgen.decisions"
	failures  = "boltauthgen.handler.failures"
	durations = "boltauthgen.decision.duration"
)

func TestEveryReason(t *testing.T) {
	s := newTelemetry(t)
	observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(s.observer())))

	const article = "/articles/{id}"
	assert.Equal(t, map[labels]int64{
		{article, "Articles", "jwt", "allowed", "accepted", 0}:              1,
		{article, "Articles", "", "refused", "no_credentials", 401}:         1,
		{article, "Articles", "jwt", "refused", "invalid_credentials", 401}: 1,
		{article, "Articles", "jwt", "refused", "revoked", 401}:             1,
		{article, "Articles", "jwt", "refused", "unavailable", 503}:         1,
		{article, "Articles", "jwt", "refused", "throttled", 429}:           1,
		{article, "Articles", "jwt", "refused", "backend_error", 500}:       1,
		{article, "Articles", "jwt", "refused", "backend_panic", 500}:       1,
		{article, "Articles", "jwt", "refused", "cross_origin", 403}:        1,
		{"/denied", "Denied", "jwt", "refused", "denied", 403}:              1,
		{"/scope", "Scope", "jwt", "refused", "insufficient_scope", 403}:    1,
		{"/stale", "Stale", "jwt", "refused", "stale", 401}:                 1,
		{"/guard", "GuardError", "jwt", "refused", "guard_error", 500}:      1,
		{"/binding", "Binding", "jwt", "refused", "binding_error", 400}:     1,
		{"/panic", "Panic", "jwt", "refused", "panic", 500}:                 1,
		{"/undecided", "Undecided", "jwt", "refused", "undecided", 500}:     1,
		{"/missing", "Missing", "jwt", "allowed", "accepted", 0}:            1,
		{"/broken", "Broken", "jwt", "allowed", "accepted", 0}:              1,
		{"/begun", "Begun", "jwt", "allowed", "accepted", 0}:                1,
		{"/result", "Result", "jwt", "allowed", "accepted", 0}:              1,
		{"/open", "Open", "", "allowed", "no_credentials", 0}:               1,
		{"/open", "Open", "jwt", "allowed", "unavailable", 0}:               1,
	}, s.counts(decisions))
	assert.Equal(t, map[labels]int64{
		{"/missing", "Missing", "jwt", "", "handler_error", 404}: 1,
		{"/broken", "Broken", "jwt", "", "handler_error", 500}:   1,
		{"/begun", "Begun", "jwt", "", "handler_error", 500}:     1,
		{"/result", "Result", "jwt", "", "result_error", 500}:    1,
	}, s.counts(failures))

	all := s.collect()
	assert.Len(t, all, 3)
	assert.Equal(t, "{decision}", all[decisions].Unit)
	assert.Equal(t, "{failure}", all[failures].Unit)
	assert.Equal(t, "s", all[durations].Unit)
}

func TestDurations(t *testing.T) {
	s := newTelemetry(t)
	o := s.observer()
	for _, d := range []time.Duration{0, 100 * time.Nanosecond, 101 * time.Nanosecond, 40 * time.Microsecond, time.Second, 3 * time.Second} {
		e := allowed
		e.Duration = d
		o.Observe(t.Context(), e)
	}
	o.Observe(t.Context(), failed) // lasted as long as its handler, which is no decision

	all := s.durations()
	require.Len(t, all, 1)
	point := all[labels{route: "/articles/{id}", handler: route.Name, backend: "jwt", outcome: "allowed"}]
	assert.EqualValues(t, 6, point.Count)
	assert.InDelta(t, 4.000040201, point.Sum, 1e-12)
	assert.Equal(t, []float64{1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1}, point.Bounds)
	assert.Equal(t, []uint64{2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1}, point.BucketCounts)
}

// The durations that the run time measures arrive, one for each decision.
func TestDurationsAreMeasured(t *testing.T) {
	s := newTelemetry(t)
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(s.observer())))
	var n uint64
	for _, point := range s.durations() {
		n += point.Count
		assert.Positive(t, point.Sum)
	}
	assert.EqualValues(t, sent, n)
}

// Whatever clients send, there are no more series than the program has cases.
func TestSeriesAreBounded(t *testing.T) {
	s := newTelemetry(t)
	api := observertest.Serve(t, "jwt", runtime.WithObserver(s.observer(otelobserver.WithUserID())))
	observertest.Everything(t, api)
	counted, timed, total := len(s.counts(decisions)), len(s.durations()), sum(s.counts(decisions))
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
	assert.Len(t, s.counts(decisions), counted)
	assert.Len(t, s.durations(), timed)
	assert.EqualValues(t, 10_000, sum(s.counts(decisions))-total)
}

// http.route is the path of a pattern, and absent where there is no pattern.
func TestRoute(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                         "",
		"/":                        "/",
		"GET /a/{id}":              "/a/{id}",
		"GET\t/a/{$}":              "/a/{$}",
		"example.com/a/{rest...}":  "/a/{rest...}",
		"POST admin.example.com/b": "/b",
	} {
		s := newTelemetry(t)
		e := allowed
		e.Route = &runtime.Route{Name: "Server.A", Pattern: pattern}
		s.observer().Observe(t.Context(), e)
		assert.Equal(t, map[labels]int64{{want, "Server.A", "jwt", "allowed", "accepted", 0}: 1}, s.counts(decisions), pattern)
	}
}

// Servers that have an observer each add to the same metrics.
func TestServersShare(t *testing.T) {
	s := newTelemetry(t)
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(s.observer())))
	sent += observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(s.observer())))
	assert.EqualValues(t, sent, sum(s.counts(decisions)))
	assert.Len(t, s.collect(), 3)
}

// Without a provider there is the global one, even if that is set after the observer was made, or a fleet was to be
// observed. It hands over to another one only once, so that there is but one test of it.
func TestGlobalProvider(t *testing.T) {
	o, err := otelobserver.New()
	require.NoError(t, err)
	registration, err := otelobserver.ObserveFleet(newFullFleet(t), "tokens")
	require.NoError(t, err)
	s := newTelemetry(t)
	before := otel.GetMeterProvider()
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	otel.SetMeterProvider(s.meters)
	o.Observe(t.Context(), allowed)
	assert.EqualValues(t, 1, sum(s.counts(decisions)))
	assert.EqualValues(t, 1, s.fleets()["tokens"].entries)
	require.NoError(t, registration.Unregister())
	assert.Empty(t, s.fleets())
}

// Broken is a provider whose meter makes no counters, or ones that panic.
type broken struct {
	noop.MeterProvider
	err error
}

func (b broken) Meter(string, ...metric.MeterOption) metric.Meter { return brokenMeter{err: b.err} }

type brokenMeter struct {
	noop.Meter
	err error
}

func (b brokenMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return panicking{}, b.err
}

type panicking struct{ noop.Int64Counter }

func (panicking) Add(context.Context, int64, ...metric.AddOption) { panic(observertest.Secret) }

func TestNewErrors(t *testing.T) {
	_, err := otelobserver.New(nil)
	assert.EqualError(t, err, "new observer: an option is nil")
	_, err = otelobserver.New(otelobserver.WithMeterProvider(nil))
	assert.EqualError(t, err, "new observer: WithMeterProvider: the provider is nil")
	_, err = otelobserver.New(otelobserver.WithMeterProvider(broken{err: assert.AnError}))
	assert.ErrorIs(t, err, assert.AnError)
	assert.ErrorContains(t, err, "create instruments: ")
}

// A meter that panics takes nothing from the request.
func TestPanickingMeter(t *testing.T) {
	before, log := slog.Default(), new(bytes.Buffer)
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	o, err := otelobserver.New(otelobserver.WithMeterProvider(broken{}))
	require.NoError(t, err)
	sent := observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(o)))
	assert.Equal(t, sent+4, strings.Count(log.String(), "observer panicked"), "decisions, and observertest.Handlers that failed")
	assert.NotContains(t, log.String(), observertest.Secret)
}

// The name of a backend may be any text.
func TestOddNames(t *testing.T) {
	s := newTelemetry(t)
	api := observertest.Serve(t, "j\xffw\n\"t", runtime.WithObserver(s.observer()))
	assert.Equal(t, 200, observertest.Status(api, observertest.NewRequest("GET", "/articles/1", "good")))
	assert.Equal(t, map[labels]int64{{"/articles/{id}", "Articles", "j\uFFFDw\n\"t", "allowed", "accepted", 0}: 1}, s.counts(decisions))
}

func TestConcurrentUse(t *testing.T) {
	const workers, rounds = 8, 50
	s := newTelemetry(t)
	api := s.traced(observertest.Serve(t, "jwt", runtime.WithObserver(s.observer(otelobserver.WithUserID()))))
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range rounds {
				for _, h := range observertest.Handlers {
					_, path, _ := strings.Cut(strings.ReplaceAll(h.Patterns[0], "{id}", "1"), "/")
					api.ServeHTTP(httptest.NewRecorder(), observertest.NewRequest("GET", "/"+path, "good"))
				}
				s.collect()
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, workers*rounds*len(observertest.Handlers), sum(s.counts(decisions)))
	assert.EqualValues(t, workers*rounds*4, sum(s.counts(failures)))
	assert.Len(t, s.spans.GetSpans(), workers*rounds*len(observertest.Handlers))
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
	var observer runtime.Observer = newTelemetry(t).observer()
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		observer.Observe(context.Background(), allowed)
		observer.Observe(context.Background(), failed)
	}))
}

// known returns an observer that knows as many series as a large program has, the one of allowed among them.
func known(b *testing.B, s *telemetry) *otelobserver.Observer {
	o := s.observer()
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
	s := newTelemetry(b)
	o := known(b, s)
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
	b.Run("recording span", func(b *testing.B) {
		ctx, span := s.traces.Tracer("test").Start(b.Context(), "request")
		defer span.End()
		b.ReportAllocs()
		for b.Loop() {
			o.Observe(ctx, allowed)
		}
	})
}
