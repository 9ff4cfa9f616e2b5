package redisstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// SessionConfig configures a [Session].
type SessionConfig struct {
	// Client is a *redis.Client, which may be one that asks Sentinel, or a *redis.ClusterClient. Required. It stays the
	// caller's to close. It must lead to the primary: a replica answers nothing but errors, and a cache of the client shows
	// sessions that have ended. Its option ContextTimeoutEnabled must be set, and its ReadTimeout and WriteTimeout must not
	// be -2: otherwise calls do not end when they should.
	//
	// The server's maxmemory-policy must be noeviction or one of volatile-*: those evict nothing but keys that expire, and
	// of the store's own keys none does. Of a session that was evicted its user would be logged out; but what finds the
	// sessions of a user could be evicted as well, and EndUser would end too few. NewSession asks for it, with INFO. That
	// of the replicas, and one that is set later, is not looked at.
	Client redis.UniversalClient

	// Prefix begins the names of all keys, and tells stores on one server apart: a [Refresh] and a [Revocation] may have
	// the same, since they have other keys. It has no braces. Empty means boltauthgen.
	Prefix string

	// Timeout is how long a call may take, the time included that it waits for a connection: then it ends with an error,
	// even if its context has time left. Zero means 500 ms; a negative one is an error.
	Timeout time.Duration

	// Replicas is how many replicas must have what a call has written before it returns without an error: fewer are one,
	// though the primary has it. They have it in their memory then, not yet on their disks. With zero, what was written
	// last is lost if the primary fails and a replica takes its place: a session that had ended is there again, and
	// an id that was renewed is good again. With more, that happens only if a replica takes the place that is not among
	// those that had acknowledged it.
	Replicas int
}

// Session is a [session.Store] in Redis, which any number of processes can share. Each method but EndUser and List is one
// step, so nobody sees a part of what it does. Its methods are safe for concurrent use. The zero Session and a nil one
// do nothing but return errors: see [NewSession].
//
// EndUser and List look at 500 sessions of a user in one step, for some milliseconds, and others are served before the next
// one. EndUser ends all that were there when it was called; one that is created meanwhile may go on. What it has ended stays
// ended if it returns an error, because its time is over or for another reason: call it again for the rest. List has every
// session that is there all the time, once, and may have one that ends meanwhile or begins.
//
// All methods are one round trip, but for more than 500 sessions of a user, for Replicas in a Cluster, and when the
// server does not know the script yet. A call whose context is cancelled, rather than at its deadline, may take until
// Timeout is over. After an error that is neither of those of package session it is not known whether something was written.
// What does harm when it is done twice, as Create and Update, the client does not send again, whatever its MaxRetries is.
//
// Each Create removes up to 100 sessions that have been over for more than an hour, counted back from the Created of the
// new one and from the server's clock, whichever is earlier, so that the server holds little but what is alive, and never
// loses that, though the clock of one who creates sessions may be ahead. Touch refuses to let a session live beyond its
// Deadline.
type Session struct {
	logins *logins
}

var _ session.Store = (*Session)(nil)

var errBeyond = errors.New("it would be over after its Deadline")

// NewSession returns the store on the servers of a client. It asks them whether they are primaries and what they evict, and
// fails if they do not answer. It does not ask whether they save to disk what they are told. The context and the client's own
// timeouts bound how long that takes. There is nothing to close but the client.
func NewSession(ctx context.Context, config SessionConfig) (*Session, error) {
	logins, err := newLogins(ctx, loginConfig(config), "session")
	if err != nil {
		return nil, fmt.Errorf("redisstore.NewSession: %w", err)
	}
	return &Session{logins}, nil
}

func (s *Session) ready(ctx context.Context) error {
	if s == nil {
		return errNotMade
	}
	return s.logins.ready(ctx)
}

// Create implements [session.Store].
func (s *Session) Create(ctx context.Context, r session.Record) error {
	r = rounded(r)
	err := errors.Join(s.ready(ctx), r.Validate())
	if err == nil {
		place, rest := recordText(r)
		err = s.logins.add(ctx, place, rest, instant.Micros(r.Created))
	}
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	return nil
}

// Load implements [session.Store].
func (s *Session) Load(ctx context.Context, id session.Digest) (session.Record, error) {
	if err := errors.Join(s.ready(ctx), checkID(id)); err != nil {
		return session.Record{}, fmt.Errorf("load session: %w", err)
	}
	ctx, cancel := s.logins.within(ctx)
	defer cancel()
	var found *redis.StringCmd
	err := read(ctx, s.logins.client, s.logins.keys[0], func(p redis.Pipeliner) {
		found = p.HGet(ctx, s.logins.keys[0], string(id[:]))
	})
	if errors.Is(err, redis.Nil) {
		return session.Record{}, session.ErrNotFound
	}
	if err != nil {
		return session.Record{}, fmt.Errorf("load session: %w", err)
	}
	r, err := parseRecord(found.Val())
	if err == nil && r.ID != id {
		err = errData
	}
	if err != nil {
		return session.Record{}, fmt.Errorf("load session: %w", err)
	}
	return r, nil
}

func checkID(id session.Digest) error {
	if id == (session.Digest{}) {
		return errZeroID
	}
	return nil
}

func checkUser(userID string) error {
	if userID == "" {
		return errEmptyUser
	}
	return nil
}

func checkInstant(t time.Time) error {
	if t.IsZero() {
		return errZeroInstant
	}
	return nil
}

// Touch implements [session.Store].
func (s *Session) Touch(ctx context.Context, id session.Digest, seen, expires time.Time) error {
	err := errors.Join(s.ready(ctx), checkID(id), checkInstant(seen))
	if instant.Micros(expires) <= instant.Micros(seen) {
		err = errors.Join(err, errOver)
	}
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	n, err := s.logins.change(ctx, again, touchScript, id[:], padded(instant.Micros(seen)), padded(instant.Micros(expires)))
	return s.result("touch session", n, err)
}

// Update implements [session.Store].
func (s *Session) Update(ctx context.Context, r session.Record, now time.Time) error {
	r = rounded(r)
	if err := errors.Join(s.ready(ctx), r.Validate(), checkInstant(now)); err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	version := r.Version
	r.Version++
	n, err := s.logins.change(ctx, once, updateScript, r.ID[:], padded(instant.Micros(now)), padded(version), changing(r), r.Data)
	return s.result("update session", n, err)
}

// result returns the error that a script's number stands for.
func (s *Session) result(operation string, n int64, err error) error {
	switch {
	case err != nil:
	case n == done:
		return nil
	case n == none:
		return session.ErrNotFound
	case n == other:
		return session.ErrConflict
	case n == beyond:
		err = errBeyond
	default:
		err = errResult
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// End implements [session.Store].
func (s *Session) End(ctx context.Context, id session.Digest) error {
	err := errors.Join(s.ready(ctx), checkID(id))
	if err == nil {
		err = s.logins.end(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndUser implements [session.Store].
func (s *Session) EndUser(ctx context.Context, userID string, except session.Digest) error {
	err := errors.Join(s.ready(ctx), checkUser(userID))
	if err == nil {
		err = s.logins.endUser(ctx, holders.digest("", userID), math.MaxInt64, except)
	}
	if err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	return nil
}

// List implements [session.Store].
func (s *Session) List(ctx context.Context, userID string) ([]session.Record, error) {
	err := errors.Join(s.ready(ctx), checkUser(userID))
	var records []session.Record
	if err == nil {
		records, err = s.list(ctx, userID)
	}
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return records, nil
}

func (s *Session) list(ctx context.Context, userID string) ([]session.Record, error) {
	records := make([]session.Record, 0)
	err := s.logins.walk(ctx, 0, listScript, holders.digest("", userID), nil, func(n int64, texts []any) error {
		if err := failure(n); err != nil {
			return err
		}
		for _, text := range texts {
			known, _ := text.(string) // if it is none, there was no such login
			r, err := parseRecord(known)
			if err != nil {
				return err
			}
			if r.UserID != userID {
				return errData
			}
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}
