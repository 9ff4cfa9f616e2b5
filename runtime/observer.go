package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// An Observer is told of every decision: exactly one [Event] for each request that reaches an endpoint, and another if
// its handler then fails. There is none for a request that a panic with http.ErrAbortHandler ends before it is decided.
// Implementations must be safe for concurrent use, and quick: the request waits for them. A panic is logged and changes
// nothing.
type Observer interface {
	// Observe gets the request's context, with the principal in it if the decision came that far.
	Observe(ctx context.Context, e Event)
}

// An Event is a decision, or the failure of a handler. It never holds a credential, a claim other than the user's id,
// or the value of a panic; what the texts of errors hold is up to those who make them.
type Event struct {
	Route    *Route        // never nil; shared, so not to be changed
	Outcome  Outcome       // what became of the request
	Reason   Reason        // why
	Status   int           // of the answer; 0 if the outcome is OutcomeAllowed, since the handler chooses it
	Begun    bool          // the handler had begun its answer before it failed, and nothing was sent in place of it
	UserID   string        // of the principal; "" if anonymous
	Backend  string        // name of the backend that accepted the credential, or on whose account there is none; "" if there is no such
	Err      error         // the cause; nil if there is none
	Stack    []byte        // where the panic was; nil unless something panicked
	Duration time.Duration // since the request reached the endpoint
}

// An Outcome is what became of a request.
type Outcome string

// All outcomes.
const (
	OutcomeAllowed Outcome = "allowed" // the handler is called
	OutcomeRefused Outcome = "refused" // the handler is not called
	OutcomeFailed  Outcome = "failed"  // the handler was called, and returned an error
)

// A Reason is why a request had its outcome. The values are few and fixed, so they can be labels of metrics.
type Reason string

// All reasons. Those from ReasonNoCredentials to ReasonBackendPanic are of requests that were allowed, too, where an
// endpoint serves anonymous ones: they say why the request is anonymous.
const (
	ReasonAccepted           Reason = "accepted"            // a backend accepted the credential, and the guard holds
	ReasonNoCredentials      Reason = "no_credentials"      // no backend found a credential of its kind
	ReasonInvalidCredentials Reason = "invalid_credentials" // a credential did not hold, and no backend accepted another
	ReasonRevoked            Reason = "revoked"             // the credential has been withdrawn
	ReasonUnavailable        Reason = "unavailable"         // a backend could not reach what it needs
	ReasonThrottled          Reason = "throttled"           // too many credentials failed lately, so this one was not looked at
	ReasonBackendError       Reason = "backend_error"       // a backend returned an error that has no meaning here, or no principal
	ReasonBackendPanic       Reason = "backend_panic"       // a backend panicked
	ReasonCrossOrigin        Reason = "cross_origin"        // another site caused the request, and the browser added the credential
	ReasonDenied             Reason = "denied"              // a step of the guard is false
	ReasonInsufficientScope  Reason = "insufficient_scope"  // the credential lacks an OAuth 2.0 scope
	ReasonStale              Reason = "stale"               // the user proved who they are too long ago
	ReasonGuardError         Reason = "guard_error"         // a step of the guard returned an error
	ReasonBindingError       Reason = "binding_error"       // a path value did not parse, or a provider returned an error
	ReasonPanic              Reason = "panic"               // a guard or provider panicked
	ReasonUndecided          Reason = "undecided"           // the handler's checks ended without a decision
	ReasonHandlerError       Reason = "handler_error"       // the handler returned an error
	ReasonResultError        Reason = "result_error"        // the handler's result could not be sent
)

// notify tells all observers.
func (a *API) notify(ctx context.Context, e Event) {
	if len(a.observers) == 0 {
		tell(ctx, logObserver{}, e)
	}
	for _, o := range a.observers {
		tell(ctx, o, e)
	}
}

// tell tells one observer. Nothing that it does changes the decision, or what others are told.
func tell(ctx context.Context, o Observer, e Event) {
	defer func() {
		if v := recover(); v != nil {
			logPanic(ctx, "observer panicked", v)
		}
	}()
	o.Observe(ctx, e)
}

// A panicError is a panic as the cause of a refusal. It has no more than the type of the value: the value may be
// anything, a credential included.
type panicError struct {
	valueType string
	stack     []byte
}

// newPanicError must be called before the stack of the panic is gone: from the deferred function that recovers.
func newPanicError(v any) *panicError {
	return &panicError{valueType: fmt.Sprintf("%T", v), stack: debug.Stack()}
}

func (e *panicError) Error() string { return "panic with a value of type " + e.valueType }

// logPanic logs a panic in something that must not get in the way. It takes no chance with the logger either.
func logPanic(ctx context.Context, message string, v any) {
	defer func() { _ = recover() }()
	p := newPanicError(v)
	slog.ErrorContext(ctx, message, slog.Any("err", p), slog.String("stack", string(p.stack)))
}

// NewLogObserver returns an observer that logs every event to a logger, or to what is slog.Default() at the time if that
// is nil: "request allowed", "request refused" or "request failed", with the attributes handler, route and reason, and
// with status, backend, user, duration, err and stack where there is such a thing. Answers of 500 and above are errors,
// unless the client has gone meanwhile; invalid and revoked credentials, those that are held down, and requests of other
// sites are information, all else is for debugging. It does next to nothing where the logger is not enabled for the level.
//
// The texts of errors are those of whoever made them: guards, providers, handlers and the application's own backends.
func NewLogObserver(logger *slog.Logger) Observer { return logObserver{logger} }

// A logObserver logs. The zero value is what observes where the application has no observer.
type logObserver struct{ logger *slog.Logger }

// Observe implements [Observer].
func (o logObserver) Observe(ctx context.Context, e Event) {
	logger, level := o.logger, e.level(ctx)
	if logger == nil {
		logger = slog.Default()
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	logger.LogAttrs(ctx, level, "request "+string(e.Outcome), e.attrs()...)
}

// attrs returns what is to be logged of an event.
func (e Event) attrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("handler", e.Route.Name),
		slog.String("route", e.Route.Pattern),
		slog.String("reason", string(e.Reason)),
	}
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.Backend != "" {
		attrs = append(attrs, slog.String("backend", e.Backend))
	}
	if e.UserID != "" {
		attrs = append(attrs, slog.String("user", e.UserID))
	}
	if e.Duration != 0 {
		attrs = append(attrs, slog.Duration("duration", e.Duration))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("err", e.Err))
	}
	if e.Stack != nil {
		attrs = append(attrs, slog.String("stack", string(e.Stack)))
	}
	return attrs
}

// level returns how much the event matters to those who run the service.
func (e Event) level(ctx context.Context) slog.Level {
	switch {
	case errors.Is(e.Err, context.Canceled) && ctx.Err() != nil:
		return slog.LevelDebug // the client has gone, and nothing is broken
	case e.Status >= 500:
		return slog.LevelError
	case e.Reason == ReasonUnavailable, e.Reason == ReasonBackendError, e.Reason == ReasonBackendPanic:
		return slog.LevelError // served as anonymous where nobody has to be anybody, and something is broken all the same
	case e.Reason == ReasonInvalidCredentials, e.Reason == ReasonRevoked, e.Reason == ReasonThrottled, e.Reason == ReasonCrossOrigin:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}
