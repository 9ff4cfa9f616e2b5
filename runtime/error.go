package runtime

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Errors that handlers, providers and guards return, as they are or wrapped, to choose the answer. Each is an
// [*Error], and errors.Is also finds an Error of the same status with words of its own to be the same.
var (
	// ErrBadRequest answers 400.
	ErrBadRequest error = &Error{Status: http.StatusBadRequest, Detail: "Bad request"}

	// ErrUnauthenticated answers 401, with the challenges of the endpoint's backends.
	ErrUnauthenticated error = &Error{Status: http.StatusUnauthorized, Detail: "Authentication required"}

	// ErrForbidden answers 403.
	ErrForbidden error = &Error{Status: http.StatusForbidden, Detail: "Permission denied"}

	// ErrNotFound answers 404.
	ErrNotFound error = &Error{Status: http.StatusNotFound, Detail: "Not found"}

	// ErrTooManyRequests answers 429, with Retry-After where an [Error] says so: too many credentials failed lately. It
	// is an error of [Authenticator.Authenticate] as well.
	ErrTooManyRequests error = &Error{Status: http.StatusTooManyRequests, Detail: "Too many failed attempts"}

	// ErrUnavailable answers 503 with Retry-After: something that the decision or the answer needs, a store, say,
	// does not respond. It is an error of [Authenticator.Authenticate] as well.
	ErrUnavailable error = &Error{Status: http.StatusServiceUnavailable, Detail: "Service temporarily unavailable"}
)

// An Error is an error with its HTTP answer. Any error that is none, and wraps none, is answered with 500 and no
// detail.
//
// An Error is shared by everybody who sees it: do not change one that you did not make.
type Error struct {
	Status int    // HTTP status, 400 to 599; anything else is answered with 500
	Title  string // short name of the problem; "": the text of the status
	Detail string // what to tell the client, so safe to send; may be empty
	Err    error  // the cause: for logs and observers, never sent; may be nil

	// RetryAfter is when the client may try again, from now on, for the header field of that name; it is rounded up to
	// seconds. 0: nothing is said, but for 503, which says five seconds.
	RetryAfter time.Duration
}

// NewError returns an Error. The detail is sent to the client, the cause is not; it may be nil.
func NewError(status int, detail string, cause error) *Error {
	return &Error{Status: status, Detail: detail, Err: cause}
}

// Error returns status, detail and cause. It is meant for logs, not for clients.
func (e *Error) Error() string {
	if e == nil {
		return "nil *runtime.Error"
	}
	text := strconv.Itoa(e.Status)
	if title := e.title(); title != "" {
		text += " " + title
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause, which may be nil.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether target is the sentinel error of this package, [ErrForbidden] for example, that has the same
// status.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrBadRequest, ErrUnauthenticated, ErrForbidden, ErrNotFound, ErrTooManyRequests, ErrUnavailable:
		sentinel, ok := target.(*Error)
		return e != nil && ok && e.Status == sentinel.Status
	}
	return false
}

func (e *Error) title() string {
	if e.Title != "" {
		return e.Title
	}
	return http.StatusText(e.Status)
}

// answerFor returns the answer to an error: a new Error that wraps err, with the status and the words of the first
// Error that err is or wraps, and 500 without a word if there is none, or none whose status is one of failure.
func answerFor(err error) *Error {
	var known *Error
	if errors.As(err, &known) && known != nil && known.Status >= 400 && known.Status <= 599 {
		return &Error{Status: known.Status, Title: known.Title, Detail: known.Detail, Err: err, RetryAfter: known.RetryAfter}
	}
	return &Error{Status: http.StatusInternalServerError, Err: err}
}

// answerAs returns the answer of a sentinel, whatever status and words the cause carries. The cause may be nil.
func answerAs(sentinel, cause error) *Error {
	answer := answerFor(sentinel)
	answer.Err = cause
	return answer
}

// refusalFor returns the answer to the error of a guard's step: 401 or 403 if the error says so, and 500 for any
// other, whatever status it carries: a guard that could not decide must not look like one that did.
func refusalFor(err error) *Error {
	if answer := answerFor(err); answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden {
		return answer
	}
	for _, sentinel := range []error{ErrForbidden, ErrUnauthenticated} {
		if errors.Is(err, sentinel) {
			return answerAs(sentinel, err)
		}
	}
	return &Error{Status: http.StatusInternalServerError, Err: err}
}
