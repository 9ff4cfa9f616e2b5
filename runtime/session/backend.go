package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// Config configures a [Backend].
type Config struct {
	// Store keeps the sessions; required.
	Store Store

	// User says who a user is now; required. It is asked on every request, so that
	// what a user may do, and whether they may do anything, does not depend on when
	// they logged in. UserID must be what it was asked for; Backend, AuthTime and
	// Ambient are set by the backend.
	//
	// Where the error is [runtime.ErrNotFound], [runtime.ErrForbidden],
	// [runtime.ErrUnauthenticated] or [runtime.ErrRevoked], the user may not log in,
	// and a session that they have ends. Any other is an outage. It must be safe for
	// concurrent use, and return soon after its context is done.
	User func(ctx context.Context, userID string) (runtime.Identity, error)

	// Cookie is the cookie's name. It must begin with __Host-, so that no other host
	// of the domain can set it. Empty means __Host-session.
	Cookie string

	// Idle is for how long a session lives without being used; 0: an hour, or
	// Absolute if that is less. When it was used last is written only now and then,
	// so it may end up to a tenth of that time early, but never more than five
	// minutes.
	Idle time.Duration

	// Absolute is for how long a session lives in any case; 0: a day, or Idle if that
	// is more.
	Absolute time.Duration

	// Remember is for how long a session lives that the user wants to be remembered
	// by, instead of Idle and Absolute; 0: 30 days, or Absolute if that is more.
	// Browsers keep no cookie for more than 400 days (RFC 6265bis section 5.5).
	Remember time.Duration

	// TrustedOrigins are those whose pages may send requests that log in and out,
	// besides the server's own, as in [runtime.WithTrustedOrigins].
	TrustedOrigins []string

	// InsecureLoopback is for work on one's own machine without TLS. The cookie comes
	// without Secure, its name must not begin with two underscores, and empty means
	// session. It is neither sent nor accepted unless the server listens on a loopback
	// address, the request names one or localhost as its host, and no proxy says that
	// it comes from elsewhere. Servers on other ports of the machine get the cookie,
	// too. Requests of package httptest that come over no network are not accepted.
	InsecureLoopback bool

	// Now is the clock; nil: time.Now. It must be safe for concurrent use.
	Now func() time.Time
}

const (
	name = "session"

	defaultIdle     = time.Hour
	defaultAbsolute = 24 * time.Hour
	defaultRemember = 30 * 24 * time.Hour
	maxRemember     = 400 * 24 * time.Hour

	// maxTouch is the longest time for which uses of a session are not written.
	maxTouch = 5 * time.Minute

	// patience is how long the store and User may take, all calls of a request
	// together.
	patience = 5 * time.Second
)

// A Backend is a [runtime.Authenticator] that accepts the sessions that it has
// begun itself. It is safe for concurrent use. The zero Backend and a nil one
// refuse every request, and do nothing but return errors.
//
// Errors of its methods hold no part of a session's id. Where the store or User
// does not work or takes more than a few seconds, they are a
// [runtime.ErrUnavailable].
type Backend struct {
	store   Store
	user    func(context.Context, string) (runtime.Identity, error)
	cookie  cookie
	limits  limits
	origins http.CrossOriginProtection
	now     func() time.Time
}

// limits are lifetimes.
type limits struct{ idle, absolute, remember time.Duration }

var _ runtime.Authenticator = (*Backend)(nil)

// New returns a backend, or an error that names every setting that is wrong.
func New(config Config) (*Backend, error) {
	b := &Backend{store: config.Store, user: config.User, now: config.Now}
	if b.now == nil {
		b.now = time.Now
	}
	var problems []error
	if nilable.IsNil(config.Store) {
		problems = append(problems, wrong("Store", errNil))
	}
	if config.User == nil {
		problems = append(problems, wrong("User", errNil))
	}
	var err error
	b.cookie, err = newCookie(config.Cookie, config.InsecureLoopback)
	problems = append(problems, wrong("Cookie", err))
	b.limits = limitsOf(config)
	problems = append(problems, b.limits.check())
	for _, origin := range config.TrustedOrigins {
		problems = append(problems, wrong("TrustedOrigins", b.origins.AddTrustedOrigin(origin)))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("session.New: %w", err)
	}
	return b, nil
}

var (
	errNil      = errors.New("nil")
	errTooShort = errors.New("less than a second")
	errTooLong  = errors.New("more than 400 days")
)

// wrong names a setting and what is wrong with it, if anything is.
func wrong(setting string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", setting, err)
}

// limitsOf returns the limits of a configuration, or what they are without one.
func limitsOf(config Config) limits {
	l := limits{config.Idle, config.Absolute, config.Remember}
	if l.idle == 0 {
		l.idle = defaultIdle
		if l.absolute != 0 {
			l.idle = min(l.idle, l.absolute)
		}
	}
	if l.absolute == 0 {
		l.absolute = max(defaultAbsolute, l.idle)
	}
	if l.remember == 0 {
		l.remember = max(defaultRemember, l.absolute)
	}
	return l
}

func (l limits) check() error {
	var problems []error
	if l.idle < time.Second {
		problems = append(problems, wrong("Idle", errTooShort))
	}
	if l.absolute < l.idle {
		problems = append(problems, wrong("Absolute", errors.New("less than Idle")))
	}
	if l.remember < l.absolute {
		problems = append(problems, wrong("Remember", errors.New("less than Absolute")))
	}
	if l.remember > maxRemember {
		problems = append(problems, wrong("Remember", errTooLong))
	}
	return errors.Join(problems...)
}

// expires returns when a session is over if it is used now and never again.
func (l limits) expires(r Record, now time.Time) time.Time {
	if idle := now.Add(l.idle); !r.Remembered && idle.Before(r.Deadline) {
		return idle
	}
	return r.Deadline
}

// ready returns why the backend can do nothing at all.
func (b *Backend) ready() error {
	if b == nil || b.now == nil {
		return errNotMade
	}
	return nil
}

// present is the time now, as exact as stores are, and by the clock on the wall:
// that of the process stops while the machine sleeps.
func (b *Backend) present() time.Time { return b.now().Truncate(time.Microsecond) }

// Name implements [runtime.Authenticator]. It is "session".
func (b *Backend) Name() string { return name }

// Authenticate implements [runtime.Authenticator]. The principal is what User says,
// and ambient. A user who may not log in any more loses the session and gets a
// [runtime.ErrRevoked]; whatever else does not hold is a
// [runtime.ErrInvalidCredentials], sessions that have ended included.
func (b *Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if err := b.ready(); err != nil {
		return nil, err
	}
	p, err := b.cookie.read(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	now := b.present()
	record, err := b.find(ctx, p, now)
	if err != nil {
		return nil, err
	}
	identity, err := b.identity(ctx, record.UserID)
	if err != nil {
		return nil, b.refuse(ctx, record, err)
	}
	if err := b.touch(ctx, record, now); err != nil { // last: by now it may have ended
		return nil, err
	}
	identity.Backend, identity.AuthTime, identity.Ambient = name, record.AuthTime, true
	return runtime.NewPrincipal(identity), nil
}

// find returns the session that an id is good for now.
func (b *Backend) find(ctx context.Context, p presented, now time.Time) (Record, error) {
	r, err := b.store.Load(ctx, p.id)
	switch {
	case errors.Is(err, ErrNotFound):
		return Record{}, errUnknown
	case err != nil:
		return Record{}, unavailable("load session", err)
	case !p.proves(r):
		return Record{}, errReplaced
	case !r.Expires.After(now):
		return Record{}, errExpired
	}
	return r, nil
}

// identity asks who the user is now. The error is one that isGone knows, or
// errOtherUser, or [runtime.ErrUnavailable].
func (b *Backend) identity(ctx context.Context, userID string) (runtime.Identity, error) {
	identity, err := b.user(ctx, userID)
	switch {
	case isGone(err):
		return runtime.Identity{}, err
	case err != nil:
		return runtime.Identity{}, unavailable("look up user", err)
	case identity.UserID != userID:
		return runtime.Identity{}, errOtherUser
	}
	return identity, nil
}

// refuse returns the refusal for an error of identity, and ends the session of a
// user who may not log in.
func (b *Backend) refuse(ctx context.Context, r Record, reason error) error {
	if !isGone(reason) {
		return reason
	}
	ctx, cancel := uncancelled(ctx)
	defer cancel()
	if err := b.store.End(ctx, r.ID); err != nil { // User will be asked again
		return fmt.Errorf("%w: refused by User: %w: end session: %w", runtime.ErrRevoked, reason, err)
	}
	return fmt.Errorf("%w: refused by User: %w", runtime.ErrRevoked, reason)
}

// touch writes that the session is in use, if that has not been written for a while.
func (b *Backend) touch(ctx context.Context, r Record, now time.Time) error {
	if now.Sub(r.Seen) < min(b.limits.idle/10, maxTouch) {
		return nil
	}
	err := b.store.Touch(ctx, r.ID, now, b.limits.expires(r, now))
	if errors.Is(err, ErrNotFound) {
		return errUnknown
	}
	if err != nil {
		return unavailable("touch session", err)
	}
	return nil
}

// uncancelled returns a context for what is to be done even if nobody waits for the
// answer any more.
func uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}

// Challenge implements [runtime.Authenticator]. The scheme Cookie is not
// registered; it is there because an answer of 401 must have a challenge (RFC 9110
// section 15.5.2), and browsers ask nobody for a password because of it. Its
// parameters are those of RFC 6750 section 3. All sessions that do not hold get the
// same answer.
func (b *Backend) Challenge(_ *http.Request, err error) string {
	if errors.Is(err, runtime.ErrInvalidCredentials) || errors.Is(err, runtime.ErrRevoked) {
		return `Cookie realm="session", error="invalid_token", error_description="The session is unknown or has ended"`
	}
	return `Cookie realm="session"`
}
