// Package basic authenticates requests by user name and password in HTTP's own
// scheme Basic (RFC 7617).
//
// The application judges the password, in [Config.Check]; the backend spares it
// most of the work: a credential that held is remembered for a minute, and one
// that comes many times at once is judged once. The example of the
// package shows a Check with package password, and a limiter of package throttle.
//
// Basic sends the password itself with each request: use it over TLS only.
// Browsers ask for it in a window of their own when they see the challenge, and
// then send it by themselves until they are closed, which is why the principal
// is Ambient; there is no way to log out. It is a scheme for tools and machines.
//
// # What is remembered
//
// A credential that held is remembered as a whole, user name and password in one
// keyed digest (HMAC-SHA256, with a random key that the process alone has), so
// that neither can be read out of the memory or tried there. Nothing is
// remembered of one that did not hold. An entry ends when [Config.Remember] is
// over since it was judged, however often it was used meanwhile; so an old
// password, or a user who was disabled, is served for that long at most.
// [Backend.Forget] ends it at once, in this process. Where an address or account is
// held down, a remembered credential is, too: else a guesser would learn by it
// which guess is right.
package basic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/credential"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

// Config configures a [Backend]. Only Check is needed.
type Config struct {
	// Check returns who the user with this name and password is. It is asked for
	// credentials that are not remembered, and for identical ones that come at
	// once it is asked once. The name and the password are not empty, are valid
	// UTF-8 without control characters, and are at most 255 and 4,096 bytes long.
	//
	// A password that does not hold is [runtime.ErrInvalidCredentials], whatever is
	// wrong: another backend may then accept the request, and after
	// [runtime.ErrNoCredentials]. Errors that are
	// [runtime.ErrUnauthenticated], [runtime.ErrForbidden] or
	// [runtime.ErrRevoked] refuse it with 401, [runtime.ErrUnavailable] with 503,
	// [runtime.ErrTooManyRequests] with 429; any other, a panic, and an Identity
	// without a UserID with 500. To the Limiter all of them are failures, but for
	// ErrUnavailable, ErrTooManyRequests and the errors of a context.
	//
	// Check must take the same time for users who do not exist: see Nobody of
	// package password. It must be safe for concurrent use, and end when the
	// context does, which is when all clients that wait for it have gone. The
	// context has the values of the first one's request.
	//
	// Backend and Ambient of the Identity are set by the backend. Its AuthTime
	// should be zero: nobody knows when the password was typed.
	Check func(ctx context.Context, username, password string) (runtime.Identity, error)

	// Limiter holds failures down, by address and by user name. Nil: nobody does.
	Limiter *throttle.Limiter

	// Realm is what the challenge says that the password is for, in printable ASCII.
	// Empty: api.
	Realm string

	// Remember is how long a credential that held is not judged again: up to an
	// hour. 0: a minute. Negative: each request is judged, but for those that come
	// at once.
	Remember time.Duration

	// Size is how many credentials are remembered, up to 1,000,000. When there are
	// more, the oldest is forgotten. 0: 10,000.
	Size int

	// Now is the time. Nil: [time.Now]. It must be safe for concurrent use.
	Now func() time.Time
}

const (
	name = "basic"

	defaultRealm    = "api"
	defaultRemember = time.Minute
	defaultSize     = 10_000

	maxRemember = time.Hour
	maxSize     = 1_000_000
)

// The ways in which a request is refused that are not an error of Check. No error
// holds a user name or a password.
var (
	errNotMade = errors.New("basic: the backend was not made by New")
	errNobody  = errors.New("basic: Check returned neither an Identity with a UserID nor an error")
	errPanic   = errors.New("basic: Check panicked in another request with the same credential")
)

// A Backend is a [runtime.Authenticator] that accepts user names and passwords.
// The principal is what Check says, its backend "basic", and it is Ambient. A
// Backend is safe for concurrent use. The zero Backend and a nil one refuse
// every request.
type Backend struct {
	header    credential.Header
	check     func(ctx context.Context, username, password string) (runtime.Identity, error)
	limiter   *throttle.Limiter
	challenge string
	memory    *memory
}

var _ runtime.Authenticator = (*Backend)(nil)

// New returns a backend, or an error that names every setting that is wrong.
func New(config Config) (*Backend, error) {
	var problems []error
	wrong := func(setting, format string, args ...any) {
		problems = append(problems, fmt.Errorf(setting+": "+format, args...))
	}
	if config.Check == nil {
		wrong("Check", "nil")
	}
	if config.Realm == "" {
		config.Realm = defaultRealm
	}
	if strings.ContainsFunc(config.Realm, func(c rune) bool { return c < ' ' || c > '~' }) {
		wrong("Realm", "a character that is not printable ASCII")
	}
	switch {
	case config.Remember == 0:
		config.Remember = defaultRemember
	case config.Remember > maxRemember:
		wrong("Remember", "longer than %s", maxRemember)
	}
	switch {
	case config.Size == 0:
		config.Size = defaultSize
	case config.Size < 0 || config.Size > maxSize:
		wrong("Size", "not between 1 and %d", maxSize)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	header, err := credential.NewHeader("Authorization", maxEncoded, "Basic")
	problems = append(problems, err)
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("basic.New: %w", err)
	}
	b := &Backend{
		header:    header,
		check:     config.Check,
		limiter:   config.Limiter,
		challenge: runtime.FormatChallenge("Basic", "realm", config.Realm, "charset", "UTF-8"),
		memory:    newMemory(config.Size, config.Remember, config.Now),
	}
	return b, nil
}

// Name implements [runtime.Authenticator]. It is "basic".
func (b *Backend) Name() string { return name }

// Challenge implements [runtime.Authenticator] as RFC 7617 section 2 has it. It
// is the same whatever was wrong.
func (b *Backend) Challenge(*http.Request, error) string {
	if b == nil || b.challenge == "" {
		return `Basic realm="api", charset="UTF-8"`
	}
	return b.challenge
}

// ConflictsWith returns an error if the other backend is one of Basic, too: each
// password of the one's users would count as a failure with the other. It is
// asked when a guarded server is made.
func (b *Backend) ConflictsWith(other runtime.Authenticator) error {
	if _, ok := other.(*Backend); !ok {
		return nil
	}
	return errors.New("both accept user names and passwords: let one Check judge all of them")
}
