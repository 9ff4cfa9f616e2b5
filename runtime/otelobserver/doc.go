// Package otelobserver tells OpenTelemetry of the decisions of guarded servers: in metrics, and in the span of each
// request. In metrics it also tells of how a revocation.Fleet is.
//
//	observer, err := otelobserver.New()
//	…
//	api, err := blog.NewGuardedServer(server, runtime.WithObserver(observer), runtime.WithObserver(runtime.NewLogObserver(nil)))
//	http.ListenAndServe(":8080", otelhttp.NewHandler(api, "blog"))
//
// An observer takes the place of the log that a guarded server writes without one, so the example adds that again.
//
// # Decisions
//
// boltauthgen.decisions, in {decision}, counts the requests that were decided, each once. Its attributes are http.route,
// boltauthgen.handler, boltauthgen.backend, boltauthgen.outcome ("allowed" or "refused"), boltauthgen.reason and
// http.response.status_code.
//
// boltauthgen.decision.duration, in s, is a histogram of how long these decisions took, from when the request reached
// the endpoint to when its handler was called or the refusal was about to be sent. Its attributes are http.route,
// boltauthgen.handler, boltauthgen.backend and boltauthgen.outcome.
//
// boltauthgen.handler.failures, in {failure}, counts the requests that were allowed, and whose handlers then failed. Its
// attributes are http.route, boltauthgen.handler, boltauthgen.backend, boltauthgen.reason and
// http.response.status_code.
//
// # Spans
//
// If the context of a request has a span that is recording, it gets the attributes http.route, boltauthgen.handler,
// boltauthgen.backend, boltauthgen.outcome and boltauthgen.reason, and enduser.id if [WithUserID] asks for it. Where a
// handler fails after the decision, outcome and reason are those of the failure. They are attributes and not events of
// the span, as OpenTelemetry advises for what needs no time of its own (OTEP 4430).
//
// A status of 500 and above makes the status of the span Error and sets error.type, also where a handler that fails has
// begun another answer. Other refusals leave the status alone: the server did as it should, and the semantic conventions
// for HTTP leave the status of a server's span unset for answers of 4xx. There is no description: the reason is an
// attribute, and instrumentation of net/http would clear it.
//
// # Revocations
//
// Whether this process knows what others have revoked is told of each [revocation.Fleet] that is observed, under a name:
//
//	registration, err := otelobserver.ObserveFleet(fleet, "tokens")
//	…
//	defer registration.Unregister()
//
// The name is the attribute boltauthgen.fleet, and there is no other attribute.
//
// boltauthgen.revocation.lag, in s, is a gauge of how long ago the Fleet last knew everything. While its feed answers, that
// is little more than a quarter of the Staleness it is configured with. It is left out where nobody knows: where nothing
// was caught up with yet, because there was no room for all, and where the wall clock was set back. The Fleet is stale then.
//
// boltauthgen.revocation.stale is a gauge: 1 while the Fleet is further behind than the Staleness, or cannot hold all, and 0
// otherwise. Then tokens of which it knows nothing are not answered from memory: the store is asked, or they are refused
// or served, as WhenStale says. What it knows to be revoked is refused all the same.
//
// boltauthgen.revocation.entries, in {revocation}, is a gauge of how many are held, those included that are over but not
// dropped yet.
//
// boltauthgen.revocation.full is a gauge: 1 while more revocations are alive than MaxEntries, so that not all are held, and
// 0 otherwise.
//
// boltauthgen.revocation.store.errors, in {error}, counts the calls of the feed that failed: attempts to follow, questions,
// and those that revoke. They need not make the Fleet stale: one that is lost now and then is made up for by the next.
//
// Where Prometheus reads them, they have the names that package promobserver has, with the label boltauthgen_fleet.
// Revocations are late where a tenth of what was collected in five minutes found the Fleet stale, say. One that serves then
// lets tokens in meanwhile that others have revoked; with another one, requests wait for the store, or are refused:
//
//	avg_over_time(boltauthgen_revocation_stale[5m]) > 0.1
//
// An alert on the lag needs that one beside it, as the lag is missing where it is unknown.
//
// # Attributes
//
// Names are those of the semantic conventions 1.43 where they have one. http.route is the path of the pattern, without
// method and host; an attribute without a value is left out, such as http.route where a handler is registered on another
// router, or http.response.status_code of an allowed request, whose handler chooses it. error.type is the Go type of the
// error behind what [fmt.Errorf] and [runtime.Error] wrap around it, and the reason where there is no error.
//
// All values but the user's id come from the program: patterns, names of handlers, backends, fleets and types, the
// constants of package runtime, and statuses of errors. None is taken from a request, or from the text of an error, so
// the number of series does not depend on what clients send. The SDK keeps 2,000 series of a metric and throws the rest
// together, unless it is told otherwise ([go.opentelemetry.io/otel/sdk/metric.WithCardinalityLimit]): a program with
// hundreds of handlers may need more, or a view without http.route.
package otelobserver
