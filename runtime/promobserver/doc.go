// Package promobserver tells Prometheus of the decisions of guarded servers, and of how a revocation.Fleet is.
//
//	observer, err := promobserver.New(prometheus.DefaultRegisterer)
//	…
//	api, err := blog.NewGuardedServer(server, runtime.WithObserver(observer), runtime.WithObserver(runtime.NewLogObserver(nil)))
//	http.Handle("GET /metrics", promhttp.Handler())
//
// An observer takes the place of the log that a guarded server writes without one, so the example adds that again.
//
// # Decisions
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
//
// # Revocations
//
// Whether this process knows what others have revoked is told of each [revocation.Fleet] that is registered, under a name:
//
//	prometheus.MustRegister(promobserver.NewFleetCollector(fleet, "tokens"))
//
// The name is the label fleet, and there is no other label.
//
// boltauthgen_revocation_lag_seconds is how long ago the Fleet last knew everything. While its feed answers, that is little
// more than a quarter of the Staleness it is configured with. It is +Inf where nobody knows: where nothing was caught up
// with yet, because there was no room for all, and where the wall clock was set back. So it is above any threshold then. An
// average or a sum that contains it is +Inf, too: take the maximum.
//
// boltauthgen_revocation_stale is 1 while the Fleet is further behind than the Staleness, or cannot hold all, and 0 otherwise.
// Then tokens of which it knows nothing are not answered from memory: the store is asked, or they are refused or served,
// as WhenStale says. What it knows to be revoked is refused all the same.
//
// boltauthgen_revocation_entries is how many revocations are held, those included that are over but not dropped yet.
//
// boltauthgen_revocation_full is 1 while more revocations are alive than MaxEntries, so that not all are held, and 0
// otherwise.
//
// boltauthgen_revocation_store_errors_total counts the calls of the feed that failed: attempts to follow, questions, and
// those that revoke. They need not make the Fleet stale: one that is lost now and then is made up for by the next.
//
// Revocations are late where a tenth of the scrapes of five minutes found the Fleet stale, say. One that serves then lets
// tokens in meanwhile that others have revoked; with another one, requests wait for the store, or are refused:
//
//	avg_over_time(boltauthgen_revocation_stale[5m]) > 0.1
//
// By how many seconds they were late at most, and whether the store or a lack of room is to blame, tell the others:
//
//	max_over_time(boltauthgen_revocation_lag_seconds[5m])
//	rate(boltauthgen_revocation_store_errors_total[5m]) > 0
//	boltauthgen_revocation_full == 1
//
// A process that does not answer to scrapes has no such series: that is what the metric up of Prometheus is for.
package promobserver
