// Package otelobserver tells OpenTelemetry of the decisions of guarded servers: in metrics, and in the span of each
// request.
//
//	observer, err := otelobserver.New()
//	…
//	api, err := blog.NewGuardedServer(server, runtime.WithObserver(observer), runtime.WithObserver(runtime.NewLogObserver(nil)))
//	http.ListenAndServe(":8080", otelhttp.NewHandler(api, "blog"))
//
// An observer takes the place of the log that a guarded server writes without one, so the example adds that again.
//
// # Metrics
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
// # Attributes
//
// Names are those of the semantic conventions 1.43 where they have one. http.route is the path of the pattern, without
// method and host; an attribute without a value is left out, such as http.route where a handler is registered on another
// router, or http.response.status_code of an allowed request, whose handler chooses it. error.type is the Go type of the
// error behind what [fmt.Errorf] and [runtime.Error] wrap around it, and the reason where there is no error.
//
// All values but the user's id come from the program: patterns, names of handlers, backends and types, the constants of
// package runtime, and statuses of errors. None is taken from a request, or from the text of an error, so the number of
// series does not depend on what clients send. The SDK keeps 2,000 series of a metric and throws the rest together, unless
// it is told otherwise ([go.opentelemetry.io/otel/sdk/metric.WithCardinalityLimit]): a program with hundreds of handlers
// may need more, or a view without http.route.
package otelobserver
