package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// A Digest is the SHA-256 digest of a part of a session's id, which is of at least
// 128 random bits, so that a digest does not give it away.
type Digest [sha256.Size]byte

// A Record is what a [Store] keeps of a session. Instants count in microseconds;
// a store may ignore what is smaller.
type Record struct {
	ID         Digest    // names the session for as long as it lives; required
	Secret     Digest    // of the part of the id that is replaced when the id is renewed; required
	UserID     string    // required
	AuthTime   time.Time // when the user proved who they are
	Created    time.Time // required
	Seen       time.Time // about when it was used last; required
	Expires    time.Time // from then on it is over, unless it is used before; after Seen
	Deadline   time.Time // from then on it is over in any case; not before Expires
	Remembered bool      // there is no idle limit, and the browser keeps the cookie when it is closed
	UserAgent  string    // of the login; may be empty
	Address    string    // of the login; may be empty
	Data       []byte    // the values, any bytes; nil and empty are the same
	Version    int64     // how often Update has changed the record
}

// Validate returns an error, which names the field, if one is missing or wrong.
func (r Record) Validate() error {
	switch {
	case r.ID == Digest{}:
		return errors.New("the record's ID is zero")
	case r.Secret == Digest{}:
		return errors.New("the record's Secret is zero")
	case r.UserID == "":
		return errors.New("the record's UserID is empty")
	case r.Created.IsZero() || r.Seen.IsZero():
		return errors.New("the record's Created or Seen is zero")
	case !r.Expires.After(r.Seen):
		return errors.New("the record's Expires is not after Seen")
	case r.Deadline.Before(r.Expires):
		return errors.New("the record's Deadline is before Expires")
	}
	return nil
}

// What a [Store] answers, as it is or wrapped. Any other error means that the
// store does not work.
var (
	// ErrNotFound: there is no such session, or it is over.
	ErrNotFound = errors.New("no such session")

	// ErrConflict: somebody else has changed the session meanwhile. As an answer it
	// is 409.
	ErrConflict error = &runtime.Error{Status: http.StatusConflict, Detail: "The session was changed by another request"}
)

// A Store keeps sessions. Its methods are safe for concurrent use, and return
// soon, with an error, after their context is done. User ids are compared byte by
// byte. Nothing but Create makes a session exist: what has ended while a request
// was under way must stay so, whatever the request writes.
//
// A zero Digest, an empty user id and a zero instant are errors, but where they
// have a meaning below, and so are instants in the wrong order.
type Store interface {
	// Create adds a session. It is an error, and changes nothing, if the ID is there
	// already, or Validate says so.
	//
	// A store may use r.Created, taken as the present, to forget sessions that are
	// over. It must leave an hour, so that a clock that is a bit fast ends nobody's
	// session.
	Create(ctx context.Context, r Record) error

	// Load returns a session, which may be over. The error is ErrNotFound if there is
	// none. Data is the caller's.
	Load(ctx context.Context, id Digest) (Record, error)

	// Touch says that a session is in use: it sets Seen and Expires, and nothing
	// else, unless Seen is at that instant or later already. The error is
	// ErrNotFound if there is no such session or its Expires is not after seen.
	Touch(ctx context.Context, id Digest, seen, expires time.Time) error

	// Update sets Secret, AuthTime and Data, and nothing else, and adds one to
	// Version, if Version is still that of r. The error is ErrNotFound if there is no
	// such session or its Expires is not after now, and ErrConflict if it is of
	// another version. Of any number of callers with the same version one at most
	// succeeds.
	Update(ctx context.Context, r Record, now time.Time) error

	// End removes a session, and all that was known of it. Ending what is not there
	// does no harm.
	End(ctx context.Context, id Digest) error

	// EndUser removes all sessions of a user but one; if except is zero, all.
	EndUser(ctx context.Context, userID string, except Digest) error

	// List returns the sessions of a user, those included that are over and not
	// forgotten yet, in any order. Their Data is nil.
	List(ctx context.Context, userID string) ([]Record, error)
}

// Why a store of this package refuses its arguments.
var (
	errNotMade   = errors.New("session: not made by its constructor")
	errNoID      = errors.New("the ID is zero")
	errNoUser    = errors.New("the user ID is empty")
	errNoInstant = errors.New("the instant is zero")
	errOver      = errors.New("it would be over already")
	errExists    = errors.New("it exists already")
)

func checkID(id Digest) error {
	if id == (Digest{}) {
		return errNoID
	}
	return nil
}

func checkUser(userID string) error {
	if userID == "" {
		return errNoUser
	}
	return nil
}

func checkInstant(t time.Time) error {
	if t.IsZero() {
		return errNoInstant
	}
	return nil
}

// checkTouch judges the arguments of Touch.
func checkTouch(id Digest, seen, expires time.Time) error {
	if !expires.After(seen) {
		return errors.Join(checkID(id), checkInstant(seen), errOver)
	}
	return errors.Join(checkID(id), checkInstant(seen))
}

// slack is how long a session is kept after it is over, for clocks that differ.
const slack = time.Hour
