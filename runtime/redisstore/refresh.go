package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
)

// RefreshConfig configures a [Refresh].
type RefreshConfig struct {
	// Client is a *redis.Client, which may be one that asks Sentinel, or a *redis.ClusterClient. Required. It stays the
	// caller's to close. It must lead to the primary: a replica answers nothing but errors. Its option
	// ContextTimeoutEnabled must be set, and its ReadTimeout and WriteTimeout must not be -2: otherwise calls do not end
	// when they should.
	//
	// The server's maxmemory-policy must be noeviction or one of volatile-*: those evict nothing but keys that expire, and
	// of the store's own keys none does. Of a family that was evicted its user would be logged out; but what finds the
	// families of a user could be evicted as well, and EndUser would end too few. NewRefresh asks for it, with INFO. That
	// of the replicas, and one that is set later, is not looked at.
	Client redis.UniversalClient

	// Prefix begins the names of all keys, and tells stores on one server apart: a [Session] and a [Revocation] may have
	// the same, since they have other keys. It has no braces. Empty means boltauthgen.
	Prefix string

	// Timeout is how long a call may take, the time included that it waits for a connection: then it ends with an error,
	// even if its context has time left. Zero means 500 ms; a negative one is an error.
	Timeout time.Duration

	// Replicas is how many replicas must have what a call has written before it returns without an error: fewer are one,
	// though the primary has it. They have it in their memory then, not yet on their disks. With zero, what was written
	// last is lost if the primary fails and a replica takes its place: a family that had ended is there again, and the
	// token that was replaced last is good again, and its successor is not: who comes with that is taken for a thief, and
	// the family ends. With more, that happens only if a replica takes the place that is not among those that had
	// acknowledged it.
	Replicas int
}

// Refresh is a [refresh.Store] in Redis, which any number of processes can share. Each method but EndUser is one step, so
// nobody sees a part of what it does: of any number of callers that present one token, one at most replaces it. Its methods
// are safe for concurrent use. The zero Refresh and a nil one do nothing but return errors: see [NewRefresh].
//
// EndUser ends 500 families of a user in one step, for some milliseconds, and others are served before the next one. It
// ends all that were there when it was called; one that is started meanwhile may go on, whenever it says that it was. What it
// has ended stays ended if it returns an error, because its time is over or for another reason: call it again for the rest.
//
// All methods are one round trip, but for more than 500 families of a user, for Replicas in a Cluster, and when the server
// does not know the script yet. A call whose context is cancelled, rather than at its deadline, may take until Timeout is
// over. After an error it is not known whether something was written. What does harm when it is done twice, as Start and
// Rotate, the client does not send again, whatever its MaxRetries is.
//
// Each Start removes up to 100 families that have been over for more than an hour, counted back from the Started of the new
// one and from the server's clock, whichever is earlier, so that the server holds little but what is alive, and never loses
// that, though the clock of one who starts families may be ahead.
type Refresh struct {
	logins *logins
}

var _ refresh.Store = (*Refresh)(nil)

// NewRefresh returns the store on the servers of a client. It asks them whether they are primaries and what they evict, and
// fails if they do not answer. It does not ask whether they save to disk what they are told. The context and the client's own
// timeouts bound how long that takes. There is nothing to close but the client.
func NewRefresh(ctx context.Context, config RefreshConfig) (*Refresh, error) {
	logins, err := newLogins(ctx, loginConfig(config), "refresh")
	if err != nil {
		return nil, fmt.Errorf("redisstore.NewRefresh: %w", err)
	}
	return &Refresh{logins}, nil
}

func (s *Refresh) ready(ctx context.Context) error {
	if s == nil {
		return errNotMade
	}
	return s.logins.ready(ctx)
}

// familyName returns what a family is found by.
func familyName(issuer, family string) [32]byte {
	return bytes32(families.digest(issuer, family))
}

// Start implements [refresh.Store].
func (s *Refresh) Start(ctx context.Context, f refresh.Family) error {
	if err := errors.Join(s.ready(ctx), f.Validate()); err != nil {
		return fmt.Errorf("start family: %w", err)
	}
	p := place{
		expires: instant.Micros(f.Expires),
		user:    bytes32(users.digest(f.Issuer, f.UserID)),
		started: instant.Micros(f.Started),
		name:    familyName(f.Issuer, f.ID),
	}
	if err := s.logins.add(ctx, p, string(f.Current[:]), p.started); err != nil {
		return fmt.Errorf("start family: %w", err)
	}
	return nil
}

// Rotate implements [refresh.Store].
func (s *Refresh) Rotate(ctx context.Context, r refresh.Rotation) (refresh.Result, error) {
	if err := errors.Join(s.ready(ctx), r.Validate()); err != nil {
		return refresh.Result{}, fmt.Errorf("rotate family: %w", err)
	}
	result, err := s.rotate(ctx, r)
	if err != nil {
		return refresh.Result{}, fmt.Errorf("rotate family: %w", err)
	}
	return result, nil
}

func (s *Refresh) rotate(ctx context.Context, r refresh.Rotation) (refresh.Result, error) {
	name, now := familyName(r.Issuer, r.Family), instant.Micros(r.Now)
	// The last rotation can be repeated if it was at this instant or later, and not at all if there is none.
	var earliest string
	var sealed []byte
	if r.Grace > 0 {
		earliest, sealed = padded(before(now, r.Grace)), r.Sealed
	}
	ctx, cancel := s.logins.within(ctx)
	defer cancel()
	w := write{rotateScript, s.logins.keys, []any{
		name[:], r.Old[:], padded(now), earliest, padded(instant.Micros(r.Expires)), r.New[:], sealed,
	}}
	answer, err := w.send(ctx, s.logins.client, s.logins.replicas, once)
	if err != nil {
		return refresh.Result{}, err
	}
	return parseRotation(answer)
}

// parseRotation reads what rotateScript returns.
func parseRotation(answer *redis.Cmd) (refresh.Result, error) {
	parts, err := answer.Slice()
	if err != nil || len(parts) != 2 {
		return refresh.Result{}, errResult
	}
	n, isNumber := parts[0].(int64)
	sealed, isText := parts[1].(string)
	if !isNumber || !isText {
		return refresh.Result{}, errResult
	}
	switch outcome := refresh.Outcome(n); outcome {
	case refresh.Rotated, refresh.Reused, refresh.Unknown:
		return refresh.Result{Outcome: outcome}, nil
	case refresh.Repeated:
		return refresh.Result{Outcome: outcome, Sealed: []byte(sealed)}, nil
	}
	if err := failure(n); err != nil {
		return refresh.Result{}, err
	}
	return refresh.Result{}, errResult
}

// End implements [refresh.Store].
func (s *Refresh) End(ctx context.Context, issuer, family string) error {
	err := s.ready(ctx)
	switch {
	case err != nil:
	case family == "":
		err = errEmptyFamily
	default:
		err = s.logins.end(ctx, familyName(issuer, family))
	}
	if err != nil {
		return fmt.Errorf("end family: %w", err)
	}
	return nil
}

// EndUser implements [refresh.Store].
func (s *Refresh) EndUser(ctx context.Context, issuer, userID string, before time.Time) error {
	err := errors.Join(s.ready(ctx), checkUser(userID), checkInstant(before))
	if err == nil {
		err = s.logins.endUser(ctx, users.digest(issuer, userID), instant.Micros(before), [32]byte{})
	}
	if err != nil {
		return fmt.Errorf("end user: %w", err)
	}
	return nil
}
