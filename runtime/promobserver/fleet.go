package promobserver

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A fleetCollector asks the fleet at each scrape, and holds nothing itself.
type fleetCollector struct {
	fleet                                  *revocation.Fleet
	lag, entries, full, stale, storeErrors *prometheus.Desc
}

// NewFleetCollector returns the metrics of a fleet, to be registered: see the documentation of the package. They are
// what Status says at each scrape, all at one instant; nothing runs between scrapes. It is safe for concurrent use.
//
// The name is the label fleet of all of them, and what tells the fleets of a process apart: a registry refuses a second
// one of the same name with a [prometheus.AlreadyRegisteredError]. It may be empty, for a process with only one.
//
// A nil fleet has metrics, too, those of one that never knew anything: stale, with an infinite lag. So an alert finds it.
func NewFleetCollector(fleet *revocation.Fleet, name string) prometheus.Collector {
	labels := prometheus.Labels{"fleet": valid(name)}
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("boltauthgen_revocation_"+name, help, nil, labels)
	}
	return &fleetCollector{
		fleet:       fleet,
		lag:         desc("lag_seconds", "How long ago all revocations were known, +Inf if nobody knows."),
		entries:     desc("entries", "Revocations that are held in memory."),
		full:        desc("full", "Whether there are more revocations than may be held (1) or not (0)."),
		stale:       desc("stale", "Whether memory is too far behind to tell that a token is not revoked (1) or not (0)."),
		storeErrors: desc("store_errors_total", "Calls of the store that failed."),
	}
}

// Describe implements [prometheus.Collector].
func (c *fleetCollector) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{c.lag, c.entries, c.full, c.stale, c.storeErrors} {
		descs <- desc
	}
}

// Collect implements [prometheus.Collector].
func (c *fleetCollector) Collect(metrics chan<- prometheus.Metric) {
	status := c.fleet.Status()
	gauge := func(desc *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	gauge(c.lag, seconds(status.Lag))
	gauge(c.entries, float64(status.Entries))
	gauge(c.full, zeroOne(status.Full))
	gauge(c.stale, zeroOne(status.Stale))
	metrics <- prometheus.MustNewConstMetric(c.storeErrors, prometheus.CounterValue, float64(status.StoreErrors))
}

// seconds returns a lag, which is infinite if nobody knows it: the 292 years of the greatest Duration would look as if
// somebody did.
func seconds(lag time.Duration) float64 {
	if lag == math.MaxInt64 {
		return math.Inf(1)
	}
	return lag.Seconds()
}

func zeroOne(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
