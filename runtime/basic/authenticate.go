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
// password is refused unseen, and counts as no guess. A credential that is
// remembered is served; one that is being judged for another request gets the
// same answer; any other is judged if the Limiter lets it.
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
	var attempt *throttle.Attempt
	principal, f, mine, err := b.memory.find(r.Context(), pair, func() (err error) {
		attempt, err = b.limiter.Begin(r, pair.username)
		return err
	})
	switch {
	case f == nil:
		return principal, err
	case mine:
		return b.lead(r.Context(), f, attempt, pair)
	}
	return b.memory.follow(r.Context(), f)
}

// lead judges the credential, for this request and all that follow it.
func (b *Backend) lead(ctx context.Context, f *flight, attempt *throttle.Attempt, pair userpass) (principal *runtime.Principal, err error) {
	defer context.AfterFunc(ctx, func() { b.memory.leave(f) })()
	err = errPanic
	defer func() { // also if Check panics
		settle(attempt, err)
		b.memory.land(f, principal, err)
	}()
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
	}
}
