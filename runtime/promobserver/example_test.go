package promobserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/boltauthgen/boltauthgen/internal/observertest"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/promobserver"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

func Example() {
	reg := prometheus.NewRegistry() // or prometheus.DefaultRegisterer
	observer, err := promobserver.New(reg)
	if err != nil {
		fmt.Println(err)
		return
	}
	api := NewGuardedServer(runtime.WithObserver(observer))

	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{})) // not where everybody can read it
	for _, path := range []string{"/health", "/health", "/metrics"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		for line := range strings.Lines(w.Body.String()) {
			if strings.HasPrefix(line, "boltauthgen_decisions_total") {
				fmt.Print(line)
			}
		}
	}
	// Output:
	// boltauthgen_decisions_total{backend="",handler="Server.Health",outcome="allowed",reason="no_credentials",route="GET /health",status=""} 2
}

func ExampleNewFleetCollector() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	fleet, err := revocation.NewFleet(ctx, revocation.FleetConfig{Feed: observertest.NewFeed()}) // or a revocation.SQL
	if err != nil {
		fmt.Println(err)
		return
	}
	reg := prometheus.NewRegistry() // or prometheus.DefaultRegisterer
	if err := reg.Register(promobserver.NewFleetCollector(fleet, "tokens")); err != nil {
		fmt.Println(err)
		return
	}
	if err := fleet.RevokeUser(ctx, "https://id.example.com", "alice", time.Now()); err != nil {
		fmt.Println(err)
		return
	}

	w := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "boltauthgen_revocation_lag") {
			line, _, _ = strings.Cut(line, " ") // it is another one each time
			fmt.Println(line, "…")
		} else if strings.HasPrefix(line, "boltauthgen") {
			fmt.Print(line)
		}
	}
	// Output:
	// boltauthgen_revocation_entries{fleet="tokens"} 1
	// boltauthgen_revocation_full{fleet="tokens"} 0
	// boltauthgen_revocation_lag_seconds{fleet="tokens"} …
	// boltauthgen_revocation_stale{fleet="tokens"} 0
	// boltauthgen_revocation_store_errors_total{fleet="tokens"} 0
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
