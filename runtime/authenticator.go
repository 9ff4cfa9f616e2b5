package runtime

import (
	"errors"
	"net/http"
)

// An Authenticator is an authentication backend: it looks for one kind of credential in a request and says whose it is.
//
// Implementations must be safe for concurrent use.
type Authenticator interface {
	// Name is what [Principal.Backend] reports for the principals of this backend, such as "jwt". It is asked once,
	// when the guarded server is made, and must not be empty.
	Name() string

	// Authenticate returns the principal whose credential the request carries. The error is nil if and only if the
	// principal is one that is authenticated; a nil or anonymous principal without an error is a broken backend and
	// refuses the request. Where both are returned, the error counts.
	//
	// Errors are classified with errors.Is. [ErrNoCredentials] and [ErrInvalidCredentials] let the next backend try.
	// Everything else ends the chain and refuses the request: [ErrRevoked] with 401, [ErrUnavailable] with 503,
	// [ErrTooManyRequests] with 429, any other error and a panic with 500. The text of an error goes to observers and logs, so it must not hold any part
	// of a credential.
	//
	// Authenticate must not change the request.
	Authenticate(r *http.Request) (*Principal, error)

	// Challenge returns the one challenge that a refusal carries for this backend in WWW-Authenticate (RFC 9110
	// section 11.6.1), or "" where its kind of credential has none. The error is what Authenticate returned for this
	// request, and ErrNoCredentials where this backend was not asked. [FormatChallenge] builds one that is properly
	// quoted.
	Challenge(r *http.Request, err error) string
}

// A ConflictChecker is an [Authenticator] that knows what cannot be meant beside it in one list of backends.
type ConflictChecker interface {
	// ConflictsWith returns an error that says why the two would contradict each other, and nil if they do not. It is
	// asked once for each backend before it in a list, when the guarded server is made.
	ConflictsWith(other Authenticator) error
}

// Errors of [Authenticator.Authenticate], to be returned as they are or wrapped. [ErrUnavailable] and
// [ErrTooManyRequests] belong to them, too. The errors below are for backends alone: from a handler, a guard or a provider
// they are answered with 500, as any error is that is no [*Error]; [ErrUnauthenticated] is theirs.
var (
	// ErrNoCredentials: the request carries no credential of the backend's kind. The next backend is asked.
	ErrNoCredentials = errors.New("no credentials")

	// ErrInvalidCredentials: the request carries a credential that does not hold: malformed, forged, expired, meant for
	// somebody else. The next backend is asked.
	ErrInvalidCredentials = errors.New("invalid credentials")

	// ErrRevoked: the credential was good once and has been withdrawn. No other backend is asked, and the request is
	// refused with 401.
	ErrRevoked = errors.New("credentials are revoked")
)
