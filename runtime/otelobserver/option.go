package otelobserver

import (
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// scope is the name of the instrumentation.
const scope = "github.com/boltauthgen/boltauthgen/runtime/otelobserver"

// An Option configures an observer, or how a fleet is observed. Of options of one kind the last counts.
type Option func(*config) error

type config struct {
	provider metric.MeterProvider
	userID   bool
}

func configured(options []Option) (config, error) {
	var c config
	for _, option := range options {
		if option == nil {
			return config{}, errors.New("an option is nil")
		}
		if err := option(&c); err != nil {
			return config{}, err
		}
	}
	return c, nil
}

// meter returns what makes instruments.
func (c config) meter() metric.Meter {
	provider := c.provider
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	return provider.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))
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
