package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Options are what may differ from login to login.
type Options struct {
	// Remember has the browser keep the cookie when it is closed, and the session live
	// for [Config.Remember].
	Remember bool

	// AuthTime is when the user proved who they are; zero: now. It is never later
	// than that.
	AuthTime time.Time

	// Address is the client's, for [Info]; zero: none is kept. Behind a proxy it is
	// the application that knows whom to believe.
	Address netip.Addr
}

// LogIn begins a session for a user who has just proved who they are, and has the
// answer set the cookie: call it before anything is written. The id is always a new
// one, and the session that the request came with, whosever it was, ends. Following
// requests have the session; r does not.
//
// The error is a [runtime.ErrForbidden] if a page of another site caused the
// request, as [http.CrossOriginProtection] has it: logging somebody in as somebody
// else is an attack, too. Methods GET and HEAD pass it; a login by those, at the end
// of a redirect, must have its own proof that the browser has begun it, as OAuth's
// state is. It is a [runtime.ErrUnauthenticated] if User says that the user may not
// log in.
//
// A user id has 1 to 255 bytes of printable characters and does not begin with
// "apikey:", as those of API keys do.
func (b *Backend) LogIn(w http.ResponseWriter, r *http.Request, userID string, options Options) error {
	if err := b.mayChange(r); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	if err := checkUserID(userID); err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	now := b.present()
	if _, err := b.identity(ctx, userID); isGone(err) {
		return fmt.Errorf("log in: %w: refused by User: %w", runtime.ErrUnauthenticated, err)
	} else if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	if before, err := b.cookie.read(r); err == nil {
		if err := b.store.End(ctx, before.id); err != nil {
			return fmt.Errorf("log in: %w", unavailable("end the session before", err))
		}
	}
	text, id := newID()
	record := b.record(r, id, userID, options, now)
	if err := b.store.Create(ctx, record); err != nil {
		return fmt.Errorf("log in: %w", unavailable("create session", err))
	}
	b.cookie.set(w, text, lifetime(record, now))
	return nil
}

// record returns a new session.
func (b *Backend) record(r *http.Request, id presented, userID string, options Options, now time.Time) Record {
	record := Record{
		ID: id.id, Secret: id.secret, UserID: userID,
		AuthTime: authTime(options.AuthTime, now), Created: now, Seen: now,
		Deadline: now.Add(b.limits.absolute), Remembered: options.Remember,
		UserAgent: cut(r.UserAgent()),
	}
	if options.Remember {
		record.Deadline = now.Add(b.limits.remember)
	}
	record.Expires = b.limits.expires(record, now)
	if options.Address.IsValid() {
		record.Address = options.Address.WithZone("").String()
	}
	return record
}

// authTime returns when the user proved who they are, which can be neither later
// than now nor before there were any computers to prove it to.
func authTime(t, now time.Time) time.Time {
	switch {
	case t.IsZero() || t.After(now):
		return now
	case t.Before(time.Unix(0, 0)):
		return time.Unix(0, 0)
	}
	return t.Truncate(time.Microsecond)
}

const (
	maxUserID    = 255
	maxUserAgent = 256

	// keyPrefix begins the user ids of API keys.
	keyPrefix = "apikey:"
)

func checkUserID(id string) error {
	if id == "" || len(id) > maxUserID {
		return errors.New("the user id does not have 1 to 255 bytes")
	}
	if len(id) >= len(keyPrefix) && strings.EqualFold(id[:len(keyPrefix)], keyPrefix) {
		return errors.New("the user id begins as those of API keys do")
	}
	for _, c := range id {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return errors.New("the user id has characters that are not printable")
		}
	}
	return nil
}

// cut returns what is kept of the name that a browser gives itself: printable
// characters, and not too many.
func cut(userAgent string) string {
	userAgent = strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, userAgent[:min(len(userAgent), 4*maxUserAgent)])
	if len(userAgent) <= maxUserAgent {
		return userAgent
	}
	end := maxUserAgent
	for !utf8.RuneStart(userAgent[end]) {
		end--
	}
	return userAgent[:end]
}

// LogOut ends the session of the request, and has the answer delete the cookie: call
// it before anything is written. Only once the store has ended the session does it
// say so: after an error the user is to be told that they are still logged in. A
// request without a session, or with one that has ended, is fine.
//
// Whoever has an id that was good once can log out by it, so that a login which is
// renewed meanwhile ends as well. The error is a [runtime.ErrForbidden] for requests
// that LogIn would refuse.
func (b *Backend) LogOut(w http.ResponseWriter, r *http.Request) error {
	if err := b.mayChange(r); err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	switch p, err := b.cookie.read(r); {
	case err == nil:
		ctx, cancel := uncancelled(r.Context())
		defer cancel()
		if err := b.store.End(ctx, p.id); err != nil {
			return fmt.Errorf("log out: %w", unavailable("end session", err))
		}
	case err != runtime.ErrNoCredentials && err != errShape: // there is nothing that these could be the id of
		return fmt.Errorf("log out: %w", errSeveral)
	}
	b.cookie.set(w, "", -1)
	return nil
}

// Renew gives the session of the request a new id, and has the answer set the
// cookie: call it before anything is written, whenever what the user may do gets
// more. All else of the session stays, but the time at which the user proved who
// they are becomes authTime, unless that is zero.
//
// From then on the id that r came with is good for nothing but to log out. So r has
// no [Session] any more, one that was opened before cannot be saved any more, and
// requests that are on their way with the old id are refused. The error is
// [ErrNoSession] if there is none, [ErrConflict] if values are saved again and again
// meanwhile, and a [runtime.ErrForbidden] for requests that LogIn would refuse.
func (b *Backend) Renew(w http.ResponseWriter, r *http.Request, authTime time.Time) error {
	if err := b.mayChange(r); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var err error
	for range renewals {
		if err = b.renew(ctx, w, r, authTime); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return err
}

// renewals is how often Renew tries. Requests that only save values get in its way,
// one that renews the session as well ends it.
const renewals = 8

func (b *Backend) renew(ctx context.Context, w http.ResponseWriter, r *http.Request, proved time.Time) error {
	p, record, err := b.own(ctx, r)
	if err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	text, id := p.renewed()
	now := b.present()
	record.Secret = id.secret
	if !proved.IsZero() {
		record.AuthTime = authTime(proved, now)
	}
	if err := b.update(ctx, record, now); err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	b.cookie.set(w, text, lifetime(record, now))
	return nil
}

// own returns the session for which the request was accepted, with its id.
func (b *Backend) own(ctx context.Context, r *http.Request) (presented, Record, error) {
	if err := b.ready(); err != nil {
		return presented{}, Record{}, err
	}
	p, err := b.cookie.read(r)
	if err != nil {
		return presented{}, Record{}, noSession(err)
	}
	record, err := b.find(ctx, p, b.present())
	if err != nil {
		return presented{}, Record{}, noSession(err)
	}
	// A request can come with the cookie of one user and be accepted as another.
	principal := runtime.FromContext(r.Context())
	if principal.Backend() != name || principal.UserID() != record.UserID {
		return presented{}, Record{}, ErrNoSession
	}
	return p, record, nil
}

// noSession returns the error for handlers that is due where Authenticate would
// return err.
func noSession(err error) error {
	if errors.Is(err, runtime.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNoSession, err)
}

// update changes a session, if it is as it was.
func (b *Backend) update(ctx context.Context, r Record, now time.Time) error {
	err := b.store.Update(ctx, r, now)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound):
		return noSession(errUnknown)
	case errors.Is(err, ErrConflict):
		return ErrConflict
	}
	return unavailable("update session", err)
}
