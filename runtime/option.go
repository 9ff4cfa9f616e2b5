package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
)

// An Option configures a guarded server. Of options of one kind the last counts, but for [WithObserver] and
// [WithTrustedOrigins], which add up. An option that cannot be used is an error of the server's constructor.
type Option func(*API)

// An ErrorHandler answers a request that is not served, or whose handler returned an error.
//
// The error is an [*Error], in the sense of errors.As, that holds the status and wraps the cause. WWW-Authenticate,
// Cache-Control and Retry-After are set already. An error handler that writes nothing has the default answer written
// for it.
type ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

// WithErrorHandler has errors answered by h instead of RFC 9457 problem documents.
func WithErrorHandler(h ErrorHandler) Option {
	return func(a *API) {
		if h == nil {
			a.fail(errors.New("WithErrorHandler: the handler is nil"))
			return
		}
		a.errorHandler = h
	}
}

// WithObserver has every decision told to o, and to the other observers of options before and behind it. Without one,
// a [NewLogObserver] for slog.Default() is told of refusals, failures and what went wrong while an anonymous request was
// allowed: who wants that beside an observer adds it.
func WithObserver(o Observer) Option {
	return func(a *API) {
		if nilable.IsNil(o) {
			a.fail(errors.New("WithObserver: the observer is nil"))
			return
		}
		a.observers = append(a.observers, o)
	}
}

// WithContext has f add to the context of requests that pass their guard, for handlers and providers that read the
// user from keys of their own. The context that f gets holds the principal; f returns one that is derived from it. A
// panic in f refuses the request.
func WithContext(f func(ctx context.Context, p *Principal) context.Context) Option {
	return func(a *API) {
		if f == nil {
			a.fail(errors.New("WithContext: the function is nil"))
			return
		}
		a.withContext = f
	}
}

// WithTrustedOrigins lets pages of these origins, such as "https://app.example.com", send requests with the user's
// ambient credentials. See [http.CrossOriginProtection.AddTrustedOrigin].
func WithTrustedOrigins(origins ...string) Option {
	return func(a *API) {
		for _, origin := range origins {
			if err := a.crossOrigin.AddTrustedOrigin(origin); err != nil {
				a.fail(fmt.Errorf("WithTrustedOrigins: %w", err))
			}
		}
	}
}
