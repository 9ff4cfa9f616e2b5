package revocation

import (
	"context"
	"errors"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/instant"
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
// Entries of tokens and families are dropped once their time is over by the clock
// of the machine, never before, whatever their number: an attacker who could push out live entries
// could bring a token back. Entries of users stay, one for each user who was
// ever revoked. An entry costs 34 to 60 bytes, however long its names are: what is
// kept is a digest of them, of 128 bits, by a key of this Memory alone. Should two
// names ever share one, a token is refused that was not revoked, never the
// other way round. Instants are kept in microseconds, rounded down, so a token that was
// issued within the same microsecond as RevokeUser was told is revoked, too.
//
// Memory does no I/O, needs no goroutine, and returns no error but for arguments that
// the documentation of [Store] calls wrong: it answers and writes even if the context is
// done, since it need not wait for anything. Its methods are safe for concurrent use. The
// zero Memory is not ready for use: see [NewMemory].
type Memory struct {
	ends    *table // of tokens and families: until when an entry must stay, in Unix microseconds
	befores *table // of users: issued then or earlier is revoked, likewise
	now     func() time.Time
}

var _ Store = (*Memory)(nil)

// always is what no entry is less than.
const always = int64(-1 << 63)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	d := newDigester()
	return &Memory{ends: newTable(d), befores: newTable(d), now: time.Now}
}

// Revoked implements [Store]. It never allocates, never waits and never fails.
func (m *Memory) Revoked(_ context.Context, t Token) (bool, error) {
	return m.knows(&t), nil
}

// Known answers like Revoked, and always knows: see [Fleet.Known].
func (m *Memory) Known(t Token) (revoked, known bool) { return m.knows(&t), true }

// knows reports whether a token is known to be revoked.
func (m *Memory) knows(t *Token) bool {
	issuer := m.ends.issuer(t.Issuer)
	if t.ID != "" {
		if _, revoked := m.ends.get(tokens, key{t.Issuer, t.ID}, issuer); revoked {
			return true
		}
	}
	if t.Family != "" {
		if _, revoked := m.ends.get(families, key{t.Issuer, t.Family}, issuer); revoked {
			return true
		}
	}
	if t.UserID != "" {
		if before, known := m.befores.get(users, key{t.Issuer, t.UserID}, issuer); known {
			return t.IssuedAt.IsZero() || instant.Micros(t.IssuedAt) <= before
		}
	}
	return false
}

// Revoke implements [Store].
func (m *Memory) Revoke(_ context.Context, t Token) error {
	if t.ID == "" {
		return errNoID
	}
	m.ends.put(tokens, key{t.Issuer, t.ID}, instant.End(t.Expires, Grace), instant.Micros(m.now()))
	return nil
}

// RevokeUser implements [Store].
func (m *Memory) RevokeUser(_ context.Context, issuer, userID string, before time.Time) error {
	if userID == "" {
		return errNoUser
	}
	if instant.IsZero(before) {
		return errNoInstant
	}
	m.befores.put(users, key{issuer, userID}, instant.Micros(before), always)
	return nil
}

// RevokeFamily implements [Store].
func (m *Memory) RevokeFamily(_ context.Context, issuer, family string, until time.Time) error {
	if family == "" {
		return errNoFamily
	}
	m.ends.put(families, key{issuer, family}, instant.End(until, Grace), instant.Micros(m.now()))
	return nil
}

// holds reports whether there is an entry for what a change is about, which needs no
// more room then.
func (m *Memory) holds(c Change) (held bool) {
	switch {
	case c.UserID != "":
		_, held = m.befores.get(users, key{c.Issuer, c.UserID}, m.befores.issuer(c.Issuer))
	case c.Family != "":
		_, held = m.ends.get(families, key{c.Issuer, c.Family}, m.ends.issuer(c.Issuer))
	default:
		_, held = m.ends.get(tokens, key{c.Issuer, c.ID}, m.ends.issuer(c.Issuer))
	}
	return held
}

// size is the number of entries, those included that are over but not dropped.
func (m *Memory) size() int { return int(m.ends.size.Load() + m.befores.size.Load()) }

// sweep drops all entries that are over.
func (m *Memory) sweep() { m.ends.sweep(instant.Micros(m.now())) }
