package otelobserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/otelobserver"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func Example() {
	reader := metric.NewManualReader() // a real program has one that exports
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	observer, err := otelobserver.New(otelobserver.WithMeterProvider(provider))
	if err != nil {
		fmt.Println(err)
		return
	}
	api := NewGuardedServer(runtime.WithObserver(observer))
	for range 2 {
		api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/health", nil))
	}

	var data metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &data); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range data.ScopeMetrics[0].Metrics {
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "boltauthgen.decisions" {
			for _, attribute := range sum.DataPoints[0].Attributes.ToSlice() {
				fmt.Println(attribute.Key, "=", attribute.Value.AsString())
			}
			fmt.Println(sum.DataPoints[0].Value)
		}
	}
	// Output:
	// boltauthgen.handler = Server.Health
	// boltauthgen.outcome = allowed
	// boltauthgen.reason = no_credentials
	// http.route = /health
	// 2
}

func ExampleObserveFleet() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	fleet, err := revocation.NewFleet(ctx, revocation.FleetConfig{Feed: observertest.NewFeed()}) // or a revocation.SQL
	if err != nil {
		fmt.Println(err)
		return
	}
	reader := metric.NewManualReader() // a real program has one that exports
	provider := metric.NewMeterProvider(metric.WithReader(reader))
	registration, err := otelobserver.ObserveFleet(fleet, "tokens", otelobserver.WithMeterProvider(provider))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer registration.Unregister()
	if err := fleet.RevokeUser(ctx, "https://id.example.com", "alice", time.Now()); err != nil {
		fmt.Println(err)
		return
	}

	var data metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &data); err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range data.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Gauge[float64]:
			fmt.Println(m.Name, data.DataPoints[0].Value < 1)
		case metricdata.Gauge[int64]:
			fmt.Println(m.Name, data.DataPoints[0].Value)
		case metricdata.Sum[int64]:
			fmt.Println(m.Name, data.DataPoints[0].Value)
		}
	}
	// Unordered output:
	// boltauthgen.revocation.lag true
	// boltauthgen.revocation.entries 1
	// boltauthgen.revocation.full 0
	// boltauthgen.revocation.stale 0
	// boltauthgen.revocation.store.errors 0
}

// NewGuardedServer stands for the constructor that is generated.
func NewGuardedServer(options ...runtime.Option) http.Handler {
	api := runtime.NewAPI("blog.NewGuardedServer", options...)
	var health *runtime.Endpoint
	health = api.Open(nil, runtime.Route{Name: "Server.Health", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, ok := health.Enter(w, r)
		if !ok {
			return
		}
		defer call.Recover()
		call.Allow()
	})}, "GET /health")
	return api
}
