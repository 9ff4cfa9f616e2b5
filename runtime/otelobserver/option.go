package otelobserver

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// An Option configures an observer. Of options of one kind the last counts.
type Option func(*config) error

type config struct {
	provider metric.MeterProvider
	userID   bool
}

// WithMeterProvider has the metrics made by p instead of the global provider, which is what
// [go.opentelemetry.io/otel.SetMeterProvider] sets, be it later.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithMeterProvider: the provider is nil")
		}
		c.provider = p
		return nil
	}
}

// WithUserID adds the id of the user to spans, as enduser.id; metrics never have it. It is personal data, and goes
// wherever spans are sent.
func WithUserID() Option {
	return func(c *config) error {
		c.userID = true
		return nil
	}
}
