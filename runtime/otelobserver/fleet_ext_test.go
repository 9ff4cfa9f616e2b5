package otelobserver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime/otelobserver"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// observed has a fleet observed until the test is over.
func (s *telemetry) observed(fleet *revocation.Fleet, name string) metric.Registration {
	s.t.Helper()
	registration, err := otelobserver.ObserveFleet(fleet, name, otelobserver.WithMeterProvider(s.meters))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { assert.NoError(s.t, registration.Unregister()) })
	return registration
}

// A fleetData is what is collected of one fleet. The lag is negative where there is none.
type fleetData struct {
	lag                               float64
	entries, full, stale, storeErrors int64
}

// fleets returns the metrics of fleets by the attribute boltauthgen.fleet, which is the only one.
func (s *telemetry) fleets() map[string]fleetData {
	s.t.Helper()
	data, all := s.collect(), map[string]fleetData{}
	set := func(attributes attribute.Set, set func(f *fleetData)) {
		name, ok := attributes.Value("boltauthgen.fleet")
		require.Equal(s.t, ok, attributes.Len() == 1)
		require.Equal(s.t, ok, name.AsString() != "", "one without a value is left out")
		f, ok := all[name.AsString()]
		if !ok {
			f.lag = -1
		}
		set(&f)
		all[name.AsString()] = f
	}
	for _, p := range points[metricdata.Gauge[float64]](s, data, "boltauthgen.revocation.lag").DataPoints {
		set(p.Attributes, func(f *fleetData) { f.lag = p.Value })
	}
	for _, p := range points[metricdata.Gauge[int64]](s, data, "boltauthgen.revocation.entries").DataPoints {
		set(p.Attributes, func(f *fleetData) { f.entries = p.Value })
	}
	for _, p := range points[metricdata.Gauge[int64]](s, data, "boltauthgen.revocation.full").DataPoints {
		set(p.Attributes, func(f *fleetData) { f.full = p.Value })
	}
	for _, p := range points[metricdata.Gauge[int64]](s, data, "boltauthgen.revocation.stale").DataPoints {
		set(p.Attributes, func(f *fleetData) { f.stale = p.Value })
	}
	errs := points[metricdata.Sum[int64]](s, data, "boltauthgen.revocation.store.errors")
	for _, p := range errs.DataPoints {
		assert.True(s.t, errs.IsMonotonic)
		set(p.Attributes, func(f *fleetData) { f.storeErrors = p.Value })
	}
	return all
}

// points returns the data of a metric, which is of this kind if there is any.
func points[A metricdata.Aggregation](s *telemetry, data map[string]metricdata.Metrics, name string) (a A) {
	s.t.Helper()
	if m, collected := data[name]; collected {
		var ok bool
		a, ok = m.Data.(A)
		require.True(s.t, ok, name)
	}
	return a
}

// newFleet returns a fleet whose staleness is a second, so that it follows the feed four times in that.
func newFleet(t testing.TB, f *observertest.Feed, maxEntries int) *revocation.Fleet {
	t.Helper()
	fleet, err := revocation.NewFleet(t.Context(), revocation.FleetConfig{Feed: f, MaxEntries: maxEntries, OnPoll: func(error) {}})
	require.NoError(t, err)
	return fleet
}

// newFullFleet returns a fleet that has never known all.
func newFullFleet(t testing.TB) *revocation.Fleet {
	t.Helper()
	store := observertest.NewFeed()
	require.NoError(t, store.Revoke(t.Context(), token("a")))
	require.NoError(t, store.Revoke(t.Context(), token("b")))
	return newFleet(t, store, 1)
}

func token(id string) revocation.Token {
	return revocation.Token{Issuer: "https://id.example.com", ID: id, Expires: time.Now().Add(time.Hour)}
}

// The metrics of a fleet whose feed fails and recovers. The clock is the test's.
func TestFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, s := observertest.NewFeed(), newTelemetry(t)
		fleet := newFleet(t, store, 0)
		s.observed(fleet, "tokens")
		is := func(want fleetData, what string) {
			t.Helper()
			got := s.fleets()
			require.Contains(t, got, "tokens")
			assert.InDelta(t, want.lag, got["tokens"].lag, 1e-9, what)
			want.lag = got["tokens"].lag
			assert.Equal(t, map[string]fleetData{"tokens": want}, got, what)
		}

		time.Sleep(100 * time.Millisecond)
		is(fleetData{lag: 0.1}, "nothing revoked")

		require.NoError(t, fleet.Revoke(t.Context(), token("a")))
		require.NoError(t, store.Revoke(t.Context(), token("b")))
		is(fleetData{lag: 0.1, entries: 1}, "another instance has revoked b, which is not read yet")
		time.Sleep(200 * time.Millisecond)
		is(fleetData{lag: 0.05, entries: 2}, "it is now")

		store.Break(true)
		require.ErrorIs(t, fleet.Revoke(t.Context(), token("c")), observertest.ErrFeed)
		time.Sleep(500 * time.Millisecond)
		is(fleetData{lag: 0.55, entries: 2, storeErrors: 3}, "within the bound")
		time.Sleep(time.Second)
		_, err := fleet.Revoked(t.Context(), token("d"))
		require.Error(t, err)
		is(fleetData{lag: 1.55, entries: 2, stale: 1, storeErrors: 7}, "beyond it")
		assert.NotContains(t, fmt.Sprintf("%+v", s.collect()), observertest.Secret)
		assert.Equal(t, 7, store.Failures())

		store.Break(false)
		time.Sleep(500 * time.Millisecond)
		is(fleetData{lag: 0.05, entries: 2, storeErrors: 7}, "recovered")
	})
}

// A fleet without room never knows all. It has no lag, not even that of the one which had its name before.
func TestFullFleet(t *testing.T) {
	s := newTelemetry(t)
	fleet := newFleet(t, observertest.NewFeed(), 0)
	registration := s.observed(fleet, "tokens")
	assert.GreaterOrEqual(t, s.fleets()["tokens"].lag, 0.0)
	require.NoError(t, registration.Unregister())
	s.observed(newFullFleet(t), "tokens")
	assert.Equal(t, map[string]fleetData{"tokens": {lag: -1, entries: 1, full: 1, stale: 1}}, s.fleets())
}

// No fleet is one that never knew anything.
func TestNoFleet(t *testing.T) {
	for name, fleet := range map[string]*revocation.Fleet{"nil": nil, "zero": {}} {
		s := newTelemetry(t)
		s.observed(fleet, name)
		assert.Equal(t, map[string]fleetData{name: {lag: -1, stale: 1}}, s.fleets())
	}
}

// The fleets of a process are told apart by their names, which may be any texts, and each is observed until it is not.
func TestFleetsApart(t *testing.T) {
	s := newTelemetry(t)
	first := s.observed(newFleet(t, observertest.NewFeed(), 0), "")
	second := s.observed(newFullFleet(t), "s\xff\n\"")
	all := s.fleets()
	assert.Len(t, all, 2)
	assert.Zero(t, all[""].entries)
	assert.EqualValues(t, 1, all["s\uFFFD\n\""].entries)

	require.NoError(t, first.Unregister())
	assert.Equal(t, map[string]fleetData{"s\uFFFD\n\"": all["s\uFFFD\n\""]}, s.fleets())
	require.NoError(t, second.Unregister())
	assert.Empty(t, s.fleets())
}

// Instruments are named, and their units are, so that Prometheus makes the names of package promobserver of them. They
// are no others' of the same provider.
func TestFleetInstruments(t *testing.T) {
	s := newTelemetry(t)
	s.observer().Observe(t.Context(), allowed)
	s.observed(newFleet(t, observertest.NewFeed(), 0), "tokens")
	data := s.collect()
	assert.Len(t, data, 2+5)
	for name, unit := range map[string]string{"lag": "s", "entries": "{revocation}", "full": "", "stale": "", "store.errors": "{error}"} {
		m, ok := data["boltauthgen.revocation."+name]
		assert.True(t, ok, name)
		assert.Equal(t, unit, m.Unit, name)
		assert.NotEmpty(t, m.Description, name)
	}
}

// A fleetProvider has a meter that makes no gauges, or registers only some of them and says so.
type fleetProvider struct {
	noop.MeterProvider
	meter fleetMeter
}

func (p fleetProvider) Meter(string, ...metric.MeterOption) metric.Meter { return p.meter }

type fleetMeter struct {
	noop.Meter
	gauge, callback error
	unregistered    *int
}

func (m fleetMeter) Float64ObservableGauge(string, ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	return noop.Float64ObservableGauge{}, m.gauge
}

func (m fleetMeter) RegisterCallback(metric.Callback, ...metric.Observable) (metric.Registration, error) {
	return unregister{n: m.unregistered}, m.callback
}

type unregister struct {
	noop.Registration
	n *int
}

func (u unregister) Unregister() error { *u.n++; return nil }

func TestObserveFleetErrors(t *testing.T) {
	n := 0
	broken := func(m fleetMeter) otelobserver.Option { return otelobserver.WithMeterProvider(fleetProvider{meter: m}) }
	for what, c := range map[string]struct {
		option otelobserver.Option
		want   string
	}{
		"nil option":    {nil, "observe fleet: an option is nil"},
		"nil provider":  {otelobserver.WithMeterProvider(nil), "observe fleet: WithMeterProvider: the provider is nil"},
		"users":         {otelobserver.WithUserID(), "observe fleet: WithUserID: these metrics are not about users"},
		"no instrument": {broken(fleetMeter{gauge: assert.AnError}), "create instruments: " + assert.AnError.Error()},
		"no callback":   {broken(fleetMeter{callback: assert.AnError, unregistered: &n}), "register callback: " + assert.AnError.Error()},
	} {
		registration, err := otelobserver.ObserveFleet(nil, "tokens", c.option)
		assert.EqualError(t, err, c.want, what)
		assert.Nil(t, registration, what)
	}
	assert.Equal(t, 1, n, "nothing is left behind")
}

// A fleet can be observed while it is used.
func TestFleetConcurrentUse(t *testing.T) {
	s := newTelemetry(t)
	fleet := newFleet(t, observertest.NewFeed(), 0)
	s.observed(fleet, "tokens")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 100 {
				assert.NoError(t, fleet.Revoke(t.Context(), token(strings.Repeat("x", 1+i*100+j))))
				var data metricdata.ResourceMetrics
				assert.NoError(t, s.reader.Collect(t.Context(), &data))
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 400, s.fleets()["tokens"].entries)
}
