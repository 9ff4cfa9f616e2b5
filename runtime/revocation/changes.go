package revocation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// A Change is a revocation that was written, as it is stored now: exactly one of
// ID, Family and UserID is set.
type Change struct {
	Issuer, ID, Family, UserID string

	Until  time.Time // with ID and Family: as [Store] has been told; zero: the entry stays for good
	Before time.Time // with UserID: as [Store] has been told
}

var (
	errLimit = errors.New("the limit is not positive")
	errData  = errors.New("the row is not one that this store has written")
)

// Apply revokes the same in another store, such as a [Memory] that follows a [SQL].
func (c Change) Apply(ctx context.Context, s Store) error {
	switch {
	case c.UserID != "":
		return s.RevokeUser(ctx, c.Issuer, c.UserID, c.Before)
	case c.Family != "":
		return s.RevokeFamily(ctx, c.Issuer, c.Family, c.Until)
	}
	return s.Revoke(ctx, Token{Issuer: c.Issuer, ID: c.ID, Expires: c.Until})
}

// changesStatement also finds the row that counts, whose number is the last one, and
// that of the number that was read last: without them, what was read is lost.
// There is always a row, for {primary}.
const changesStatement = `SELECT {primary}, kind, issuer, name, expires_at, not_before, sequence FROM (SELECT 1 AS one) AS always
	LEFT JOIN (SELECT kind, issuer, name, expires_at, not_before, sequence FROM {table} WHERE sequence >= ? ORDER BY sequence LIMIT ?) AS written
	ON 1 = 1 ORDER BY sequence`

// Changes returns what was written since a call that returned since as its next
// one, the oldest first, limit at most; zero stands for the beginning. Whoever
// calls it again and again misses nothing that is not over: a write that has
// returned without an error is in the next answers, unless the same was revoked
// once more, which is in one that comes later. What was written by a call that
// returned an error may be in them, too.
//
// A next of zero, where since was greater, means that the database has lost what it
// had, or a part of it: its last write is older than since. Begin again from zero,
// and keep what is known.
//
// The numbers are Unix microseconds by the clock of who wrote, or greater, where a
// clock is behind another one. So they still rise when a database has lost its
// last writes in a crash, or was replaced by a copy that never had them; whoever
// wants to be safe from that, and from clocks that differ, asks once more from a
// bit earlier.
func (s *SQL) Changes(ctx context.Context, since int64, limit int) (changes []Change, next int64, err error) {
	// Why nothing is missed: a write first raises the number in the row that counts,
	// and so has the lock on that row until its transaction has ended. The next one
	// gets the lock, and thereby its number, after that. Databases make what is
	// committed visible before they release its locks, so who sees a number sees all
	// that are smaller. A number that came from a sequence of the database or a
	// clock alone would be taken in one order and become visible in another.
	if err := s.ready(ctx); err != nil {
		return nil, since, fmt.Errorf("read revocations: %w", err)
	}
	if limit <= 0 {
		return nil, since, fmt.Errorf("read revocations: %w", errLimit)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	changes, next, err = s.changesAfter(ctx, since, limit)
	if err != nil {
		return nil, since, fmt.Errorf("read revocations: %w", err)
	}
	return changes, next, nil
}

func (s *SQL) changesAfter(ctx context.Context, since int64, limit int) (changes []Change, next int64, err error) {
	rows, err := s.changes.QueryContext(ctx, since, min(int64(limit), math.MaxInt64-2)+2)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	next = since
	reached := since <= 0 // whether the last write is not older than since
	for rows.Next() {
		r, before, sequence, err := scanWrite(rows)
		if err != nil {
			return nil, 0, err
		}
		if sequence == 0 { // nothing is written
			continue
		}
		reached = true
		if r.kind == counter || sequence == since || len(changes) == limit {
			continue
		}
		c, err := r.change(before)
		if err != nil {
			return nil, 0, err
		}
		changes, next = append(changes, c), sequence
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	if !reached {
		return nil, 0, nil
	}
	return changes, next, nil
}

func scanWrite(rows *sql.Rows) (r row, before sql.NullInt64, sequence int64, err error) {
	var (
		issuer, name           []byte
		kindOf, expires, count sql.NullInt64 // NULL if nothing is written
	)
	err = rows.Scan(sqlstore.Primary{}, &kindOf, &issuer, &name, &expires, &before, &count)
	r = row{kind: kind(kindOf.Int64), issuer: string(issuer), name: string(name), expires: expires.Int64}
	return r, before, count.Int64, err
}

func (r row) change(before sql.NullInt64) (Change, error) {
	c := Change{Issuer: r.issuer}
	switch {
	case r.name == "" || before.Valid != (r.kind == users):
		return Change{}, errData
	case r.kind == tokens:
		c.ID, c.Until = r.name, instant.Over(r.expires, Grace)
	case r.kind == families:
		c.Family, c.Until = r.name, instant.Over(r.expires, Grace)
	case r.kind == users:
		c.UserID, c.Before = r.name, time.UnixMicro(before.Int64)
	default:
		return Change{}, errData
	}
	return c, nil
}
