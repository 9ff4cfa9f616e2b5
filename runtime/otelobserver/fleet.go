package otelobserver

import (
	"context"
	"errors"
	"fmt"
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const fleetKey = attribute.Key("boltauthgen.fleet")

// fleetInstruments are shared by all fleets of a provider, which makes each of them but once.
type fleetInstruments struct {
	lag                  metric.Float64ObservableGauge
	entries, full, stale metric.Int64ObservableGauge
	storeErrors          metric.Int64ObservableCounter
}

// ObserveFleet has the metrics of a fleet observed whenever metrics are collected, until Unregister of what it returns
// is called: see the documentation of the package. They are what Status says then, all at one instant; nothing runs in
// between. They are made by the global provider, unless an option says otherwise.
//
// The name is the attribute boltauthgen.fleet of all of them. It must be another one for each fleet of a provider, since
// OpenTelemetry would mix up those of one name without a word; it may be empty for a single one, which has no attribute
// then.
//
// A nil fleet is observed, too, as one that never knew anything: stale, and without a lag. So an alert finds it.
//
// The error is that of an option that cannot be used, such as [WithUserID], or of the provider.
func ObserveFleet(fleet *revocation.Fleet, name string, options ...Option) (metric.Registration, error) {
	c, err := configured(options)
	if err == nil && c.userID {
		err = errors.New("WithUserID: these metrics are not about users")
	}
	if err != nil {
		return nil, fmt.Errorf("observe fleet: %w", err)
	}
	meter := c.meter()
	instruments, err := newFleetInstruments(meter)
	if err != nil {
		return nil, fmt.Errorf("create instruments: %w", err)
	}
	registration, err := instruments.register(meter, fleet, name)
	if err != nil {
		return nil, fmt.Errorf("register callback: %w", err)
	}
	return registration, nil
}

// newFleetInstruments makes gauges even of what is counted: each instance holds the same revocations, so that a sum over
// instances means nothing. What is 0 or 1 has no unit, as "1" is for ratios, and becomes part of names in Prometheus.
func newFleetInstruments(meter metric.Meter) (i fleetInstruments, err error) {
	var errs [5]error
	i.lag, errs[0] = meter.Float64ObservableGauge("boltauthgen.revocation.lag",
		metric.WithDescription("How long ago all revocations were known, left out if nobody knows."), metric.WithUnit("s"))
	i.entries, errs[1] = meter.Int64ObservableGauge("boltauthgen.revocation.entries",
		metric.WithDescription("Revocations that are held in memory."), metric.WithUnit("{revocation}"))
	i.full, errs[2] = meter.Int64ObservableGauge("boltauthgen.revocation.full",
		metric.WithDescription("Whether there are more revocations than may be held (1) or not (0)."))
	i.stale, errs[3] = meter.Int64ObservableGauge("boltauthgen.revocation.stale",
		metric.WithDescription("Whether memory is too far behind to tell that a token is not revoked (1) or not (0)."))
	i.storeErrors, errs[4] = meter.Int64ObservableCounter("boltauthgen.revocation.store.errors",
		metric.WithDescription("Calls of the store that failed."), metric.WithUnit("{error}"))
	return i, errors.Join(errs[:]...)
}

// register has a fleet observed. Where not all instruments can be registered, none is.
func (i fleetInstruments) register(meter metric.Meter, fleet *revocation.Fleet, name string) (metric.Registration, error) {
	var attributes attribute.Set
	if name != "" {
		attributes = attribute.NewSet(fleetKey.String(valid(name)))
	}
	with := []metric.ObserveOption{metric.WithAttributeSet(attributes)}
	registration, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		i.observe(o, fleet.Status(), with)
		return nil
	}, i.lag, i.entries, i.full, i.stale, i.storeErrors)
	if err != nil && registration != nil {
		err = errors.Join(err, registration.Unregister())
	}
	return registration, err
}

// observe leaves out a lag that nobody knows: the 292 years of the greatest Duration would look as if somebody did, and
// an infinity is more than all exporters can encode, so that nothing would arrive with it.
func (i fleetInstruments) observe(o metric.Observer, status revocation.FleetStatus, with []metric.ObserveOption) {
	if status.Lag < math.MaxInt64 {
		o.ObserveFloat64(i.lag, status.Lag.Seconds(), with...)
	}
	o.ObserveInt64(i.entries, int64(status.Entries), with...)
	o.ObserveInt64(i.full, zeroOne(status.Full), with...)
	o.ObserveInt64(i.stale, zeroOne(status.Stale), with...)
	o.ObserveInt64(i.storeErrors, int64(status.StoreErrors), with...)
}

func zeroOne(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
