package otelobserver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/boltauthgen/boltauthgen/internal/cowmap"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// Attributes that the semantic conventions have no name for.
const (
	handlerKey = attribute.Key("boltauthgen.handler")
	backendKey = attribute.Key("boltauthgen.backend")
	outcomeKey = attribute.Key("boltauthgen.outcome")
	reasonKey  = attribute.Key("boltauthgen.reason")
)

// buckets are the upper bounds of durations, in seconds: from the look-up of a cached token, over signatures, stores and
// hashes of passwords, to a store that does not answer.
var buckets = []float64{
	100e-9, 300e-9, 1e-6, 3e-6, 10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 100e-3, 300e-3, 1,
}

// An Observer is a [runtime.Observer] with metrics and spans of OpenTelemetry. It is safe for concurrent use. The zero
// Observer is not ready for use: see [New].
type Observer struct {
	userID              bool
	decisions, failures metric.Int64Counter
	durations           metric.Float64Histogram

	known cowmap.Map[place, *cowmap.Map[result, *series]]
}

var _ runtime.Observer = (*Observer)(nil)

// A place is where something was decided, a result is what was decided there, for the purposes of attributes. They are
// kept apart because a large program has many of the one, and few of the other for each.
type (
	place struct{ route, handler string }

	result struct {
		backend string
		outcome runtime.Outcome
		reason  runtime.Reason
		status  int
	}
)

// A series has the attributes of events that have place and result in common.
type series struct {
	count    []metric.AddOption
	duration []metric.RecordOption
	span     []attribute.KeyValue
}

// New returns an observer whose metrics are made by the global provider, unless an option says otherwise. Observers with
// the same provider add to the same metrics.
//
// The error is that of an option that cannot be used, or of the provider.
func New(options ...Option) (*Observer, error) {
	c, err := configured(options)
	if err != nil {
		return nil, fmt.Errorf("new observer: %w", err)
	}
	o := &Observer{userID: c.userID}
	if err := o.instrument(c.meter()); err != nil {
		return nil, fmt.Errorf("create instruments: %w", err)
	}
	return o, nil
}

func (o *Observer) instrument(meter metric.Meter) error {
	var errs [3]error
	o.decisions, errs[0] = meter.Int64Counter("boltauthgen.decisions",
		metric.WithDescription("Requests that were decided, by what became of them and why."), metric.WithUnit("{decision}"))
	o.failures, errs[1] = meter.Int64Counter("boltauthgen.handler.failures",
		metric.WithDescription("Requests that were allowed, and whose handlers failed."), metric.WithUnit("{failure}"))
	o.durations, errs[2] = meter.Float64Histogram("boltauthgen.decision.duration",
		metric.WithDescription("How long decisions took."), metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(buckets...))
	return errors.Join(errs[:]...)
}

// Observe implements [runtime.Observer]. Where no span is recording it does not allocate, and it takes no lock of its
// own, but for the first event of each series.
func (o *Observer) Observe(ctx context.Context, e runtime.Event) {
	s := o.seriesOf(e)
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		o.mark(span, s, e)
	}
	if e.Outcome == runtime.OutcomeFailed {
		o.failures.Add(ctx, 1, s.count...)
		return
	}
	o.decisions.Add(ctx, 1, s.count...)
	o.durations.Record(ctx, e.Duration.Seconds(), s.duration...)
}

func (o *Observer) seriesOf(e runtime.Event) *series {
	p := place{e.Route.Pattern, e.Route.Name}
	results, ok := o.known.Get(p)
	if !ok {
		results = o.known.Add(p, func() *cowmap.Map[result, *series] { return new(cowmap.Map[result, *series]) })
	}
	r := result{e.Backend, e.Outcome, e.Reason, e.Status}
	s, ok := results.Get(r)
	if !ok {
		s = results.Add(r, func() *series { return newSeries(p, r) })
	}
	return s
}

func newSeries(p place, r result) *series {
	var where []attribute.KeyValue
	if route := pathOf(p.route); route != "" {
		where = append(where, semconv.HTTPRoute(valid(route)))
	}
	where = append(where, handlerKey.String(valid(p.handler)))
	if r.backend != "" {
		where = append(where, backendKey.String(valid(r.backend)))
	}
	where = where[:len(where):len(where)] // what is appended below is not shared

	outcome, reason := outcomeKey.String(string(r.outcome)), reasonKey.String(string(r.reason))
	counted := append(where, reason)
	if r.outcome != runtime.OutcomeFailed {
		counted = append(counted, outcome)
	}
	if r.status != 0 {
		counted = append(counted, semconv.HTTPResponseStatusCode(r.status))
	}
	return &series{
		count:    []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(counted...))},
		duration: []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(append(where, outcome)...))},
		span:     append(where, outcome, reason),
	}
}

// pathOf returns the path of a pattern, which is what http.route means. Only a path has a slash.
func pathOf(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}

// valid returns a text as the value of an attribute: one that is not UTF-8 would keep whatever is exported with it from
// being encoded.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
