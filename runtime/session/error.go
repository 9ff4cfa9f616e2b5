package session

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
)

var (
	// ErrNoSession: the request has no session that is alive, or it was accepted for
	// another credential than its session. As an answer it is 401.
	ErrNoSession error = &runtime.Error{Status: http.StatusUnauthorized, Detail: "Authentication required", Err: errors.New("no session")}

	// ErrTooLarge: the values of a session are more than [MaxData] bytes.
	ErrTooLarge = errors.New("the session's values are too large")
)

// All that a cookie can be refused for stands here, but for what package
// credential finds. No error holds any part of an id; clients get the same answer
// for all of them.
var (
	errShape    = invalid("not an id of a session")
	errUnknown  = invalid("no such session")
	errExpired  = invalid("the session is over")
	errReplaced = invalid("the id has been replaced by another one")
	errInsecure = invalid("over plain HTTP from elsewhere than this machine")
)

// Errors that are no judgement on the cookie.
var (
	errOtherUser = errors.New("session: User returned another user than it was asked for")
	errSeveral   = fmt.Errorf("%w: the cookie is there more than once, or too long", runtime.ErrBadRequest)
)

func invalid(reason string) error {
	return fmt.Errorf("%w: %s", runtime.ErrInvalidCredentials, reason)
}

// unavailable is the error of something that does not work.
func unavailable(operation string, err error) error {
	return fmt.Errorf("%w: %s: %w", runtime.ErrUnavailable, operation, err)
}

// isGone reports whether an error of User says that the user may not log in.
func isGone(err error) bool {
	for _, sentinel := range []error{runtime.ErrUnauthenticated, runtime.ErrForbidden, runtime.ErrNotFound, runtime.ErrRevoked} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}
