package session

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Info is what users may see of their sessions.
type Info struct {
	Handle     string    // names the session for End; of hexadecimal digits, the same as long as it lives; nobody can log in or out with it
	Created    time.Time // when the user logged in
	Seen       time.Time // about when it was used last
	Expires    time.Time // when it is over, unless it is used before
	Remembered bool      // whether the user wanted to be remembered
	UserAgent  string    // what the browser called itself at login, at most 256 bytes of printable characters: never to be trusted
	Address    string    // [Options.Address]; may be empty
	Current    bool      // whether it is the one of the request
}

// Sessions returns the sessions of a user that are alive, that which was used last
// in front. The request is the one that asks: its session is the current one, if it
// is that user's.
func (b *Backend) Sessions(r *http.Request, userID string) ([]Info, error) {
	if err := b.ready(); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	records, err := b.store.List(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", unavailable("list", err))
	}
	current, _ := b.cookie.read(r) // its ID is zero if there is none, and no session's
	now := b.present()
	infos := make([]Info, 0, len(records))
	for _, r := range records {
		if r.Expires.After(now) {
			infos = append(infos, r.info(current.id))
		}
	}
	slices.SortFunc(infos, func(a, b Info) int {
		return cmp.Or(b.Seen.Compare(a.Seen), b.Created.Compare(a.Created), cmp.Compare(a.Handle, b.Handle))
	})
	return infos, nil
}

func (r Record) info(current Digest) Info {
	return Info{
		Handle: handle(r.ID), Created: r.Created, Seen: r.Seen, Expires: r.Expires, Remembered: r.Remembered,
		UserAgent: r.UserAgent, Address: r.Address, Current: r.ID == current,
	}
}

// handle returns the public name of a session. It is a digest of the digest, so that
// it leads to no row of the store either.
func handle(id Digest) string {
	sum := sha256.Sum256(append([]byte("session handle "), id[:]...))
	return hex.EncodeToString(sum[:16])
}

// End ends one session of a user, whoever asks. It is fine if there is no such
// session, or it is another user's: then nothing happens.
func (b *Backend) End(ctx context.Context, userID, handleOfSession string) error {
	if err := b.ready(); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	records, err := b.store.List(ctx, userID)
	if err != nil {
		return fmt.Errorf("end session: %w", unavailable("list", err))
	}
	for _, r := range records {
		if handle(r.ID) != handleOfSession {
			continue
		}
		if err := b.store.End(ctx, r.ID); err != nil {
			return fmt.Errorf("end session: %w", unavailable("end", err))
		}
	}
	return nil
}

// EndUser ends all sessions of a user: to log out everywhere, and when the password
// has changed. A login that is under way is not among them.
func (b *Backend) EndUser(ctx context.Context, userID string) error {
	return b.endUser(ctx, userID, Digest{})
}

// EndOthers ends all sessions of the request's user but its own. The error is
// [ErrNoSession] if it has none.
func (b *Backend) EndOthers(r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	_, own, err := b.own(ctx, r)
	if err != nil {
		return fmt.Errorf("end other sessions: %w", err)
	}
	return b.endUser(ctx, own.UserID, own.ID)
}

func (b *Backend) endUser(ctx context.Context, userID string, except Digest) error {
	if err := b.ready(); err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := b.store.EndUser(ctx, userID, except); err != nil {
		return fmt.Errorf("end user's sessions: %w", unavailable("end", err))
	}
	return nil
}
