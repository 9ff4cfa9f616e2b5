package basic

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

// Authenticate implements [runtime.Authenticator]. What is no user name and
// password is refused unseen, and counts as no guess. Of all else the Limiter is
// asked first, even of what is remembered: whoever is held down must not learn that
// a guess is right. Then a credential that is remembered is served, one that is being
// judged for another request gets the same answer, and any other is judged.
func (b *Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if b == nil || b.memory == nil {
		return nil, errNotMade
	}
	encoded, err := b.header.Read(r)
	if err != nil {
		return nil, err
	}
	pair, err := parse(encoded)
	if err != nil {
		return nil, err
	}
	digest := b.memory.digest(pair)
	attempt, err := b.limiter.BeginWith(r, pair.username, digest)
	if err != nil {
		return nil, err
	}
	err = errPanic
	defer func() { settle(attempt, err) }() // also if Check panics
	principal, err := b.principal(r.Context(), pair, digest)
	return principal, err
}

// principal returns whom a credential is of, if it is anybody's.
func (b *Backend) principal(ctx context.Context, pair userpass, d digest) (*runtime.Principal, error) {
	principal, f, mine := b.memory.find(ctx, d)
	switch {
	case f == nil:
		return principal, nil
	case mine:
		return b.lead(ctx, f, pair)
	}
	return b.memory.follow(ctx, f)
}

// lead judges the credential, for this request and all that follow it.
func (b *Backend) lead(ctx context.Context, f *flight, pair userpass) (principal *runtime.Principal, err error) {
	defer context.AfterFunc(ctx, func() { b.memory.leave(f) })()
	err = errPanic
	defer func() { b.memory.land(f, principal, err) }() // also if Check panics
	return b.judge(f.ctx, pair)
}

// judge asks Check.
func (b *Backend) judge(ctx context.Context, pair userpass) (*runtime.Principal, error) {
	identity, err := b.check(ctx, pair.username, pair.password)
	switch {
	case errors.Is(err, runtime.ErrUnauthenticated) || errors.Is(err, runtime.ErrForbidden):
		return nil, fmt.Errorf("%w: refused by Check: %w", runtime.ErrRevoked, err)
	case err != nil:
		return nil, fmt.Errorf("refused by Check: %w", err)
	case identity.UserID == "":
		return nil, errNobody
	}
	identity.Backend, identity.Ambient = name, true
	return runtime.NewPrincipal(identity), nil
}

// settle tells the limiter what became of an attempt. It counts as a failure
// already, and stays one if nothing is known about it, so that an error of Check
// that is not one of those it should return gives nobody free guesses.
func settle(attempt *throttle.Attempt, err error) {
	switch {
	case err == nil:
		attempt.Succeeded()
	case errors.Is(err, runtime.ErrUnavailable), errors.Is(err, runtime.ErrTooManyRequests),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		attempt.Undecided()
	default:
		attempt.Failed()
	}
}
