package promobserver_test

import (
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/promobserver"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A fleetScrape is what a Prometheus server gets of one fleet.
type fleetScrape struct{ lag, entries, full, stale, storeErrors float64 }

// fleets returns the metrics of fleets by the label fleet, which is the only one.
func (s scrape) fleets() map[string]fleetScrape {
	s.t.Helper()
	all := map[string]fleetScrape{}
	for name, set := range map[string]func(f *fleetScrape, m *dto.Metric){
		"boltauthgen_revocation_lag_seconds":        func(f *fleetScrape, m *dto.Metric) { f.lag = gauge(s.t, m) },
		"boltauthgen_revocation_entries":            func(f *fleetScrape, m *dto.Metric) { f.entries = gauge(s.t, m) },
		"boltauthgen_revocation_full":               func(f *fleetScrape, m *dto.Metric) { f.full = gauge(s.t, m) },
		"boltauthgen_revocation_stale":              func(f *fleetScrape, m *dto.Metric) { f.stale = gauge(s.t, m) },
		"boltauthgen_revocation_store_errors_total": func(f *fleetScrape, m *dto.Metric) { f.storeErrors = counter(s.t, m) },
	} {
		for _, metric := range s.families[name].GetMetric() {
			require.Len(s.t, metric.GetLabel(), 1)
			require.Equal(s.t, "fleet", metric.GetLabel()[0].GetName())
			fleet := all[metric.GetLabel()[0].GetValue()]
			set(&fleet, metric)
			all[metric.GetLabel()[0].GetValue()] = fleet
		}
	}
	return all
}

func gauge(t testing.TB, m *dto.Metric) float64 {
	t.Helper()
	require.NotNil(t, m.GetGauge())
	return m.GetGauge().GetValue()
}

func counter(t testing.TB, m *dto.Metric) float64 {
	t.Helper()
	require.NotNil(t, m.GetCounter())
	return m.GetCounter().GetValue()
}

// newFleet returns a fleet whose staleness is a second, so that it follows the feed four times in that.
func newFleet(t testing.TB, f *observertest.Feed, maxEntries int) *revocation.Fleet {
	t.Helper()
	fleet, err := revocation.NewFleet(t.Context(), revocation.FleetConfig{Feed: f, MaxEntries: maxEntries, OnPoll: func(error) {}})
	require.NoError(t, err)
	return fleet
}

func token(id string) revocation.Token {
	return revocation.Token{Issuer: "https://id.example.com", ID: id, Expires: time.Now().Add(time.Hour)}
}

// The metrics of a fleet whose feed fails and recovers. The clock is the test's.
func TestFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, reg := observertest.NewFeed(), prometheus.NewRegistry()
		fleet := newFleet(t, store, 0)
		reg.MustRegister(promobserver.NewFleetCollector(fleet, "tokens"))
		is := func(want fleetScrape, what string) {
			t.Helper()
			got := scraped(t, reg, plain).fleets()
			require.Contains(t, got, "tokens")
			assert.InDelta(t, want.lag, got["tokens"].lag, 1e-9, what)
			want.lag = got["tokens"].lag
			assert.Equal(t, map[string]fleetScrape{"tokens": want}, got, what)
		}

		time.Sleep(100 * time.Millisecond)
		is(fleetScrape{lag: 0.1}, "nothing revoked")

		require.NoError(t, fleet.Revoke(t.Context(), token("a")))
		require.NoError(t, store.Revoke(t.Context(), token("b")))
		is(fleetScrape{lag: 0.1, entries: 1}, "another instance has revoked b, which is not read yet")
		time.Sleep(200 * time.Millisecond)
		is(fleetScrape{lag: 0.05, entries: 2}, "it is now")

		store.Break(true)
		require.ErrorIs(t, fleet.Revoke(t.Context(), token("c")), observertest.ErrFeed)
		time.Sleep(500 * time.Millisecond)
		is(fleetScrape{lag: 0.55, entries: 2, storeErrors: 3}, "within the bound")
		time.Sleep(time.Second)
		_, err := fleet.Revoked(t.Context(), token("d"))
		require.Error(t, err)
		is(fleetScrape{lag: 1.55, entries: 2, stale: 1, storeErrors: 7}, "beyond it")
		assert.NotContains(t, scraped(t, reg, plain).text, observertest.Secret)
		assert.Equal(t, 7, store.Failures())

		store.Break(false)
		time.Sleep(500 * time.Millisecond)
		is(fleetScrape{lag: 0.05, entries: 2, storeErrors: 7}, "recovered")
	})
}

// A fleet without room never knows all, and nobody knows how far it is behind.
func TestFullFleet(t *testing.T) {
	store, reg := observertest.NewFeed(), prometheus.NewRegistry()
	require.NoError(t, store.Revoke(t.Context(), token("a")))
	require.NoError(t, store.Revoke(t.Context(), token("b")))
	reg.MustRegister(promobserver.NewFleetCollector(newFleet(t, store, 1), "tokens"))
	want := map[string]fleetScrape{"tokens": {lag: math.Inf(1), entries: 1, full: 1, stale: 1}}
	assert.Equal(t, want, scraped(t, reg, plain).fleets())
	assert.Equal(t, want, scraped(t, reg, protobuf).fleets())
	assert.Contains(t, scraped(t, reg, plain).text, `boltauthgen_revocation_lag_seconds{fleet="tokens"} +Inf`+"\n")
}

// No fleet is one that never knew anything.
func TestNoFleet(t *testing.T) {
	for name, fleet := range map[string]*revocation.Fleet{"nil": nil, "zero": {}} {
		reg := prometheus.NewRegistry()
		reg.MustRegister(promobserver.NewFleetCollector(fleet, name))
		assert.Equal(t, map[string]fleetScrape{name: {lag: math.Inf(1), stale: 1}}, scraped(t, reg, plain).fleets())
	}
}

// The fleets of a process are told apart by their names, which may be any texts.
func TestFleetsApart(t *testing.T) {
	reg := prometheus.NewRegistry()
	tokens, sessions := newFleet(t, observertest.NewFeed(), 0), newFleet(t, observertest.NewFeed(), 0)
	require.NoError(t, sessions.Revoke(t.Context(), token("a")))
	require.NoError(t, reg.Register(promobserver.NewFleetCollector(tokens, "")))
	require.NoError(t, reg.Register(promobserver.NewFleetCollector(sessions, "s\xff\n\"")))
	all := scraped(t, reg, plain).fleets()
	assert.Len(t, all, 2)
	assert.Zero(t, all[""].entries)
	assert.EqualValues(t, 1, all["s\uFFFD\n\""].entries)

	assert.ErrorAs(t, reg.Register(promobserver.NewFleetCollector(sessions, "")), new(prometheus.AlreadyRegisteredError))
	assert.True(t, reg.Unregister(promobserver.NewFleetCollector(nil, "")), "one of the same name will do")
	assert.Len(t, scraped(t, reg, plain).fleets(), 1)
}

// Names and units are as Prometheus has them, and are no others' in the same registry.
func TestFleetNames(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(promobserver.NewFleetCollector(newFleet(t, observertest.NewFeed(), 0), "tokens"))
	observertest.Everything(t, observertest.Serve(t, "jwt", runtime.WithObserver(register(t, reg))))
	s := scraped(t, reg, plain)
	assert.Len(t, s.families, 3+5)
	problems, err := promlint.New(strings.NewReader(s.text)).Lint()
	require.NoError(t, err)
	assert.Empty(t, problems)
	for name, family := range s.families {
		assert.NotEmpty(t, family.GetHelp(), name)
	}
}

// A fleet can be scraped while it is used.
func TestFleetConcurrentUse(t *testing.T) {
	reg := prometheus.NewRegistry()
	fleet := newFleet(t, observertest.NewFeed(), 0)
	reg.MustRegister(promobserver.NewFleetCollector(fleet, "tokens"))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 100 {
				assert.NoError(t, fleet.Revoke(t.Context(), token(strings.Repeat("x", 1+i*100+j))))
				_, err := reg.Gather()
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 400, scraped(t, reg, plain).fleets()["tokens"].entries)
}
