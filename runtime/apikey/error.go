package apikey

import (
	"errors"
	"fmt"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// ErrUnknown is what a [Config.Lookup] returns for an id that nobody has. It is a
// [runtime.ErrInvalidCredentials].
var ErrUnknown = invalid("unknown API key")

// ErrChanged is the error of a rotation that came too late: the key has been
// rotated by somebody else, or is not the one that was meant.
var ErrChanged = errors.New("the key has been rotated meanwhile")

// The other ways in which a request is refused. No error holds the key.
var (
	errNotMade  = errors.New("apikey: the backend was not made by New")
	errEarly    = invalid("the API key is not valid yet")
	errExpired  = invalid("the API key has expired")
	errReplaced = invalid("the API key has been rotated, and the overlap is over")
	errRevoked  = fmt.Errorf("%w: API key", runtime.ErrRevoked)

	errNoID = errors.New("its record has no ID")
)

func invalid(reason string) error {
	return fmt.Errorf("%w: %s", runtime.ErrInvalidCredentials, reason)
}

// unavailable is the error of a source that has failed.
func unavailable(err error) error {
	return fmt.Errorf("%w: look up API key: %w", runtime.ErrUnavailable, err)
}

// wrong returns an error that names the setting.
func wrong(setting, format string, args ...any) error {
	return fmt.Errorf("%s: %w", setting, fmt.Errorf(format, args...))
}
