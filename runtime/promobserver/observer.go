package promobserver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/boltauthgen/boltauthgen/internal/cowmap"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// buckets are the upper bounds of durations, in seconds: from the look-up of a cached token, over signatures, stores and
// hashes of passwords, to a store that does not answer.
var buckets = []float64{
	100e-9, 300e-9, 1e-6, 3e-6, 10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 100e-3, 300e-3, 1,
}

// An Observer is a [runtime.Observer] with metrics for Prometheus. It is safe for concurrent use. The zero Observer is
// not ready for use: see [New].
type Observer struct {
	decisions, failures *prometheus.CounterVec
	durations           *prometheus.HistogramVec

	known cowmap.Map[place, *cowmap.Map[result, series]]
}

var (
	_ runtime.Observer     = (*Observer)(nil)
	_ prometheus.Collector = (*Observer)(nil)
)

// A place is where something was decided, a result is what was decided there, for the purposes of labels. They are kept
// apart because a large program has many of the one, and few of the other for each.
type (
	place struct{ route, handler string }

	result struct {
		backend string
		outcome runtime.Outcome
		reason  runtime.Reason
		status  int
	}
)

// A series is what an event goes to.
type series struct {
	count    prometheus.Counter
	duration prometheus.Observer // nil for failures of handlers
}

// New returns an observer whose metrics are registered with reg. If reg has the metrics of an observer already, it
// returns that observer: the guarded servers of a process share one. To tell servers apart, give each a registerer of
// [prometheus.WrapRegistererWith] with a label of its own.
//
// The error is that of reg, which has metrics of the same names that are not an observer's.
func New(reg prometheus.Registerer) (*Observer, error) {
	if reg == nil {
		return nil, errors.New("new observer: the registerer is nil")
	}
	o := newObserver()
	err := reg.Register(o)
	var registered prometheus.AlreadyRegisteredError
	if errors.As(err, &registered) {
		if existing, ok := registered.ExistingCollector.(*Observer); ok {
			return existing, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return o, nil
}

func newObserver() *Observer {
	return &Observer{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "boltauthgen_decisions_total",
			Help: "Requests that were decided, by what became of them and why.",
		}, []string{"route", "handler", "backend", "outcome", "reason", "status"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "boltauthgen_handler_failures_total",
			Help: "Requests that were allowed, and whose handlers failed.",
		}, []string{"route", "handler", "backend", "reason", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "boltauthgen_decision_duration_seconds",
			Help:    "How long decisions took.",
			Buckets: buckets,

			// A native histogram beside the buckets, for servers that ask for one. Its bounds are at most 10 % apart, and
			// it cannot grow without end.
			NativeHistogramBucketFactor:     1.1,
			NativeHistogramMaxBucketNumber:  160,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"route", "handler", "backend", "outcome"}),
	}
}

// Observe implements [runtime.Observer]. It does not allocate and takes no lock of its own, but for the first event of
// each series.
func (o *Observer) Observe(_ context.Context, e runtime.Event) {
	s := o.seriesOf(e)
	s.count.Inc()
	if s.duration != nil {
		s.duration.Observe(e.Duration.Seconds())
	}
}

func (o *Observer) seriesOf(e runtime.Event) series {
	p := place{e.Route.Pattern, e.Route.Name}
	results, ok := o.known.Get(p)
	if !ok {
		results = o.known.Add(p, func() *cowmap.Map[result, series] { return new(cowmap.Map[result, series]) })
	}
	r := result{e.Backend, e.Outcome, e.Reason, e.Status}
	s, ok := results.Get(r)
	if !ok {
		s = results.Add(r, func() series { return o.newSeries(p, r) })
	}
	return s
}

func (o *Observer) newSeries(p place, r result) series {
	route, handler, backend := valid(p.route), valid(p.handler), valid(r.backend)
	outcome, reason, status := string(r.outcome), string(r.reason), ""
	if r.status != 0 {
		status = strconv.Itoa(r.status)
	}
	if r.outcome == runtime.OutcomeFailed {
		return series{count: o.failures.WithLabelValues(route, handler, backend, reason, status)}
	}
	return series{
		count:    o.decisions.WithLabelValues(route, handler, backend, outcome, reason, status),
		duration: o.durations.WithLabelValues(route, handler, backend, outcome),
	}
}

// valid returns a text as a label's value: they must be UTF-8, and nobody asked that of the names of backends.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// Describe implements [prometheus.Collector].
func (o *Observer) Describe(descs chan<- *prometheus.Desc) {
	o.decisions.Describe(descs)
	o.failures.Describe(descs)
	o.durations.Describe(descs)
}

// Collect implements [prometheus.Collector].
func (o *Observer) Collect(metrics chan<- prometheus.Metric) {
	o.decisions.Collect(metrics)
	o.failures.Collect(metrics)
	o.durations.Collect(metrics)
}
