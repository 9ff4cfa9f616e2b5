package promobserver_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime/promobserver"
)

// Labels are those of one series. One that is not there is empty.
type labels struct{ route, handler, backend, outcome, reason, status string }

// A scrape is what a Prometheus server gets.
type scrape struct {
	t        testing.TB
	text     string
	families map[string]*dto.MetricFamily
}

// scraped asks for the metrics over the network, in this format.
func scraped(t testing.TB, reg *prometheus.Registry, accept expfmt.Format) scrape {
	t.Helper()
	server := httptest.NewServer(promhttp.HandlerFor(reg, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Accept", string(accept))
	response, err := server.Client().Do(r)
	require.NoError(t, err)
	defer func() { assert.NoError(t, response.Body.Close()) }()
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, accept.FormatType(), expfmt.ResponseFormat(response.Header).FormatType())

	s := scrape{t: t, families: map[string]*dto.MetricFamily{}}
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	s.text = string(body)
	leak.Out("metrics", s.text)
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.ResponseFormat(response.Header))
	for {
		family := new(dto.MetricFamily)
		err := decoder.Decode(family)
		if errors.Is(err, io.EOF) {
			return s
		}
		require.NoError(t, err)
		s.families[family.GetName()] = family
	}
}

var (
	plain    = expfmt.NewFormat(expfmt.TypeTextPlain)
	protobuf = expfmt.NewFormat(expfmt.TypeProtoDelim)
)

// metrics returns the series of a metric by their labels.
func (s scrape) metrics(name string) map[labels]*dto.Metric {
	s.t.Helper()
	all := map[labels]*dto.Metric{}
	for _, metric := range s.families[name].GetMetric() {
		var l labels
		fields := map[string]*string{
			"route": &l.route, "handler": &l.handler, "backend": &l.backend, "outcome": &l.outcome, "reason": &l.reason, "status": &l.status,
		}
		for _, pair := range metric.GetLabel() {
			require.Contains(s.t, fields, pair.GetName())
			*fields[pair.GetName()] = pair.GetValue()
		}
		all[l] = metric
	}
	return all
}

// counts returns the values of a counter.
func (s scrape) counts(name string) map[labels]float64 {
	s.t.Helper()
	all := map[labels]float64{}
	for l, metric := range s.metrics(name) {
		all[l] = metric.GetCounter().GetValue()
	}
	return all
}

// size returns the number of series, buckets included.
func (s scrape) size() (n int) {
	for _, family := range s.families {
		for _, metric := range family.GetMetric() {
			n += 1 + len(metric.GetHistogram().GetBucket())
		}
	}
	return n
}

// sum returns the sum of values.
func sum(counts map[labels]float64) (total float64) {
	for _, n := range counts {
		total += n
	}
	return total
}

// register returns an observer whose metrics are in the registry.
func register(t testing.TB, reg prometheus.Registerer) *promobserver.Observer {
	t.Helper()
	o, err := promobserver.New(reg)
	require.NoError(t, err)
	return o
}
