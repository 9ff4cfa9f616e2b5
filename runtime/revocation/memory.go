package revocation

import (
	"context"
	"errors"
	"time"
)

var (
	errNoID      = errors.New("revoke token: it has no ID")
	errNoUser    = errors.New("revoke user: the user ID is empty")
	errNoInstant = errors.New("revoke user: the instant is zero")
	errNoFamily  = errors.New("revoke family: the family is empty")
)

// Memory is a [Store] in the memory of one process. It suits programs that run
// as a single instance and may forget revocations when they restart; no other
// instance sees them.
//
// Entries of tokens and families are dropped once their time is over, never
// before, whatever their number: an attacker who could push out live entries
// could bring a token back. Entries of users stay, one for each user who was
// ever revoked. Memory does no I/O, needs no goroutine, and returns no error
// but for arguments that its documentation calls wrong. Its methods are safe
// for concurrent use. The zero Memory is not ready for use: see [NewMemory].
type Memory struct {
	tokens   *table[int64]     // until when an entry must stay, in Unix seconds; forever if not known
	families *table[int64]     // likewise
	users    *table[time.Time] // issued at or before: revoked
	now      func() time.Time
}

var _ Store = (*Memory)(nil)

// forever marks an entry without a known end.
const forever = int64(1<<63 - 1)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		tokens:   newTable[int64](),
		families: newTable[int64](),
		users:    newTable[time.Time](),
		now:      time.Now,
	}
}

// Revoked implements [Store]. It never allocates and never fails.
func (m *Memory) Revoked(_ context.Context, t Token) (bool, error) {
	if t.ID != "" {
		if _, revoked := m.tokens.get(key{t.Issuer, t.ID}); revoked {
			return true, nil
		}
	}
	if t.Family != "" {
		if _, revoked := m.families.get(key{t.Issuer, t.Family}); revoked {
			return true, nil
		}
	}
	if t.UserID != "" {
		if before, known := m.users.get(key{t.Issuer, t.UserID}); known {
			return !t.IssuedAt.After(before), nil
		}
	}
	return false, nil
}

// Revoke implements [Store].
func (m *Memory) Revoke(_ context.Context, t Token) error {
	if t.ID == "" {
		return errNoID
	}
	m.keepUntil(m.tokens, key{t.Issuer, t.ID}, t.Expires)
	return nil
}

// RevokeUser implements [Store].
func (m *Memory) RevokeUser(_ context.Context, issuer, userID string, before time.Time) error {
	if userID == "" {
		return errNoUser
	}
	if before.IsZero() {
		return errNoInstant
	}
	m.users.put(key{issuer, userID}, before, time.Time.After, never)
	return nil
}

// RevokeFamily implements [Store].
func (m *Memory) RevokeFamily(_ context.Context, issuer, family string, until time.Time) error {
	if family == "" {
		return errNoFamily
	}
	m.keepUntil(m.families, key{issuer, family}, until)
	return nil
}

func (m *Memory) keepUntil(t *table[int64], k key, until time.Time) {
	end := until.Add(Grace).Unix()
	if until.IsZero() || end < until.Unix() { // no end, or one so late that it overflows
		end = forever
	}
	now := m.now().Unix()
	t.put(k, end,
		func(end, stored int64) bool { return end > stored },
		func(stored int64) bool { return stored < now })
}

// never says of any entry that its time is not over.
func never(time.Time) bool { return false }
