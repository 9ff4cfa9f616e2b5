package otelobserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime/otelobserver"
)

// A telemetry is the SDK of an application: its metrics can be collected, and its spans are kept.
type telemetry struct {
	t      testing.TB
	reader *metric.ManualReader
	meters *metric.MeterProvider
	spans  *tracetest.InMemoryExporter
	traces *trace.TracerProvider
}

func newTelemetry(t testing.TB) *telemetry {
	t.Helper()
	s := &telemetry{t: t, reader: metric.NewManualReader(), spans: tracetest.NewInMemoryExporter()}
	s.meters = metric.NewMeterProvider(metric.WithReader(s.reader))
	s.traces = trace.NewTracerProvider(trace.WithSyncer(s.spans))
	t.Cleanup(func() {
		assert.NoError(t, s.meters.Shutdown(context.Background()))
		assert.NoError(t, s.traces.Shutdown(context.Background()))
	})
	return s
}

// observer returns an observer that uses the SDK.
func (s *telemetry) observer(options ...otelobserver.Option) *otelobserver.Observer {
	s.t.Helper()
	o, err := otelobserver.New(append([]otelobserver.Option{otelobserver.WithMeterProvider(s.meters)}, options...)...)
	require.NoError(s.t, err)
	return o
}

// traced serves each request within a span, as instrumentation of net/http does.
func (s *telemetry) traced(h http.Handler) http.Handler {
	tracer := s.traces.Tracer("test")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), "request")
		defer span.End()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// span serves a request, and returns the span that it made.
func (s *telemetry) span(h http.Handler, r *http.Request) tracetest.SpanStub {
	s.t.Helper()
	s.spans.Reset()
	s.traced(h).ServeHTTP(httptest.NewRecorder(), r)
	spans := s.spans.GetSpans()
	require.Len(s.t, spans, 1)
	return spans[0]
}

// collect returns the metrics by their names.
func (s *telemetry) collect() map[string]metricdata.Metrics {
	s.t.Helper()
	var data metricdata.ResourceMetrics
	require.NoError(s.t, s.reader.Collect(context.Background(), &data))
	leak.Out("metrics", fmt.Sprintf("%+v", data))
	all := map[string]metricdata.Metrics{}
	for _, scope := range data.ScopeMetrics {
		assert.Equal(s.t, "github.com/boltauthgen/boltauthgen/runtime/otelobserver", scope.Scope.Name)
		assert.Equal(s.t, "https://opentelemetry.io/schemas/1.43.0", scope.Scope.SchemaURL)
		for _, m := range scope.Metrics {
			all[m.Name] = m
		}
	}
	return all
}

// Labels are the attributes of one series. One that is not there is zero.
type labels struct {
	route, handler, backend, outcome, reason string
	status                                   int64
}

// labelsOf returns attributes as labels, of which there may be no others.
func (s *telemetry) labelsOf(set attribute.Set) (l labels) {
	s.t.Helper()
	fields := map[attribute.Key]*string{
		"http.route": &l.route, "boltauthgen.handler": &l.handler, "boltauthgen.backend": &l.backend,
		"boltauthgen.outcome": &l.outcome, "boltauthgen.reason": &l.reason,
	}
	for _, a := range set.ToSlice() {
		if a.Key == "http.response.status_code" {
			require.Equal(s.t, attribute.INT64, a.Value.Type())
			l.status = a.Value.AsInt64()
			continue
		}
		require.Contains(s.t, fields, a.Key)
		require.NotEmpty(s.t, a.Value.AsString(), a.Key)
		*fields[a.Key] = a.Value.AsString()
	}
	return l
}

// counts returns the values of a counter.
func (s *telemetry) counts(name string) map[labels]int64 {
	s.t.Helper()
	all := map[labels]int64{}
	sum, ok := s.collect()[name].Data.(metricdata.Sum[int64])
	require.True(s.t, ok, name)
	assert.True(s.t, sum.IsMonotonic)
	for _, point := range sum.DataPoints {
		all[s.labelsOf(point.Attributes)] = point.Value
	}
	return all
}

// durations returns the histogram of durations.
func (s *telemetry) durations() map[labels]metricdata.HistogramDataPoint[float64] {
	s.t.Helper()
	all := map[labels]metricdata.HistogramDataPoint[float64]{}
	histogram, ok := s.collect()[durations].Data.(metricdata.Histogram[float64])
	require.True(s.t, ok)
	for _, point := range histogram.DataPoints {
		all[s.labelsOf(point.Attributes)] = point
	}
	return all
}

// sum returns the sum of values.
func sum(counts map[labels]int64) (total int64) {
	for _, n := range counts {
		total += n
	}
	return total
}
