// Package promobserver tells Prometheus of the decisions of guarded servers.
//
//	observer, err := promobserver.New(prometheus.DefaultRegisterer)
//	…
//	api, err := blog.NewGuardedServer(server, runtime.WithObserver(observer), runtime.WithObserver(runtime.NewLogObserver(nil)))
//	http.Handle("GET /metrics", promhttp.Handler())
//
// An observer takes the place of the log that a guarded server writes without one, so the example adds that again.
//
// # Metrics
//
// boltauthgen_decisions_total counts the requests that were decided, each once. Its labels are route, handler, backend,
// outcome ("allowed" or "refused"), reason and status.
//
// boltauthgen_decision_duration_seconds is a histogram of how long these decisions took, from when the request reached
// the endpoint to when its handler was called or the refusal was about to be sent. Its labels are route, handler,
// backend and outcome, and each combination of their values has 18 series. Servers that ask for native histograms get one.
//
// boltauthgen_handler_failures_total counts the requests that were allowed, and whose handlers then failed. Its labels
// are route, handler, backend, reason and status.
//
// The label route is the pattern, "GET /articles/{id}", and empty where a handler is registered on another router; backend
// is empty where no backend has to do with it; status is that of the answer, and empty for allowed requests, whose
// handlers choose it. All values come from the program: patterns, names of handlers and backends, the constants of
// package runtime, and statuses of errors. None is taken from a request, or from the text of an error, so the number of
// series does not depend on what clients send.
//
// Where something is broken, requests have the reasons unavailable, backend_error, backend_panic, guard_error, panic and
// undecided, even those that were allowed as anonymous. Where somebody guesses, invalid_credentials and throttled grow:
//
//	sum by (handler, backend) (rate(boltauthgen_decisions_total{reason=~"invalid_credentials|throttled"}[5m]))
package promobserver
