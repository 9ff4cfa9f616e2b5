package revocation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// SQLConfig configures a [SQL].
type SQLConfig struct {
	// DB is a database that has the table of [SQLiteSchema], [PostgreSQLSchema] or
	// [MySQLSchema]. Which of them it is, the store finds out. It stays the caller's
	// to close. Its driver must return when a context is done.
	//
	// It must be the one to which all write: a copy that lags behind misses what was
	// revoked just now. Where a standby of PostgreSQL answers, or a MySQL that is read
	// only, that is an error. MySQL must not be set to READ UNCOMMITTED.
	//
	// Several processes may share one SQLite file. Let them wait for each other,
	// and readers not wait at all, with the pragmas busy_timeout (some seconds) and
	// journal_mode WAL on every connection: modernc.org/sqlite takes them in the
	// name of the data source, as _pragma=busy_timeout(5000) and
	// _pragma=journal_mode(WAL).
	DB *sql.DB

	// Table is of letters, digits and underscores, 63 at most, and does not begin
	// with a digit. Empty means revocations.
	Table string

	// Timeout is how long a call may take, the time included that it waits for a
	// connection: then it ends with an error, even if its context has time left.
	// Zero means two seconds; a negative one is an error.
	Timeout time.Duration
}

const (
	defaultTimeout = 2 * time.Second

	// maxWriting is how many writes of one store are under way at once. The database does
	// one after the other; those that wait for that must not have all connections.
	maxWriting = 2
)

// SQL is a [Store] in a table of a SQL database, which any number of processes
// can share: what one has written, all others see as soon as the call has returned.
// Its methods are safe for concurrent use. The zero SQL and a nil one do nothing
// but return errors: see [NewSQL].
//
// Revoked is one statement. The others write in a transaction, one after the
// other across all processes, and may be tried three times: a process that is
// frozen in the middle holds up those that write, but never those that ask, until
// its connection ends. After an error it is not known whether something was
// written; to do it again does no harm.
//
// Each write deletes up to 100 rows that have been over for [Grace], by the clocks of
// the process and of the database, and never what is alive by one of them. Rows of users
// stay for good, one for each user who was ever revoked, since it is not known how long
// tokens live that are about. Instants are kept in microseconds, rounded down, so a token
// that was issued within the same microsecond as RevokeUser was told is revoked, too.
//
// A table that was emptied, or a database that was restored from an older copy, knows
// less than what was acknowledged, and says so to those alone who follow it: see
// [SQL.Changes]. Whoever asks it is told that nothing is revoked.
//
// The table holds the identifiers that it was given, for people who look, but is
// read by their digests: rows cannot well be added by hand. To revoke something by
// hand, call the methods.
type SQL struct {
	table   *sqlstore.Table
	timeout time.Duration
	writing chan struct{} // holds one for each write that is under way

	revoked, count, counted, put, prune, changes *sql.Stmt
}

var _ Store = (*SQL)(nil)

var (
	errNotMade = errors.New("the store was not made by its constructor")
	errTimeout = errors.New("the Timeout is negative")
)

// NewSQL returns the store in a database. It prepares all statements, so a table
// that is missing, or has other columns, is an error. There is nothing to close
// but the database.
func NewSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	s, err := newSQL(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("revocation.NewSQL: %w", err)
	}
	return s, nil
}

func newSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	timeout, err := timeoutOf(config.Timeout)
	if err != nil {
		return nil, err
	}
	table, err := sqlstore.Open(ctx, config.DB, config.Table, defaultTable)
	if err != nil {
		return nil, err
	}
	s := &SQL{table: table, timeout: timeout, writing: make(chan struct{}, maxWriting)}
	return s, table.Prepare(ctx, []sqlstore.Statement{
		{Into: &s.revoked, Text: revokedStatement},
		{Into: &s.count, Text: countStatement},
		{Into: &s.counted, Text: countedStatement},
		{Into: &s.put, Text: putStatement},
		sqlstore.Prune(&s.prune, "digest", "expires_at"),
		{Into: &s.changes, Text: changesStatement},
	})
}

func timeoutOf(configured time.Duration) (time.Duration, error) {
	switch {
	case configured < 0:
		return 0, errTimeout
	case configured == 0:
		return defaultTimeout, nil
	}
	return configured, nil
}

const (
	revokedStatement = `SELECT count(*), {primary} FROM {table}
		WHERE digest IN (?, ?, ?) AND (not_before IS NULL OR not_before >= ?)`

	countStatement = `INSERT INTO {table} (digest, kind, issuer, name, expires_at, sequence) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (digest) DO UPDATE SET
		sequence = CASE WHEN {table}.sequence < excluded.sequence THEN excluded.sequence ELSE {table}.sequence + 1 END`
	countedStatement = `SELECT sequence FROM {table} WHERE digest = ?`

	putStatement = `INSERT INTO {table} (digest, kind, issuer, name, expires_at, not_before, sequence) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (digest) DO UPDATE SET
		expires_at = CASE WHEN {table}.expires_at < excluded.expires_at THEN excluded.expires_at ELSE {table}.expires_at END,
		not_before = CASE WHEN {table}.not_before < excluded.not_before THEN excluded.not_before ELSE {table}.not_before END,
		sequence = excluded.sequence`
)

// ready returns why a call cannot be answered at all.
func (s *SQL) ready(ctx context.Context) error {
	if s == nil || s.changes == nil { // prepared last
		return errNotMade
	}
	return ctx.Err()
}

// Revoked implements [Store].
func (s *SQL) Revoked(ctx context.Context, t Token) (bool, error) {
	if err := s.ready(ctx); err != nil {
		return false, fmt.Errorf("look up revocations: %w", err)
	}
	args := t.lookup()
	if args == nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var n int
	err := sqlstore.Again(ctx, func() error { return s.revoked.QueryRowContext(ctx, args...).Scan(&n, sqlstore.Primary{}) })
	if err != nil {
		return false, fmt.Errorf("look up revocations: %w", err)
	}
	return n > 0, nil
}

// lookup returns the arguments of the statement that looks for what revokes a
// token, or nil if nothing can revoke it, since it names nothing.
func (t Token) lookup() []any {
	args := make([]any, 0, 4)
	for _, part := range [...]struct {
		kind kind
		name string
	}{{tokens, t.ID}, {families, t.Family}, {users, t.UserID}} {
		if part.name != "" {
			args = append(args, part.kind.digest(t.Issuer, part.name))
		}
	}
	if len(args) == 0 {
		return nil
	}
	for len(args) < 3 {
		args = append(args, args[0]) // once more does no harm
	}
	if t.IssuedAt.IsZero() {
		return append(args, int64(unknownIssue))
	}
	return append(args, instant.Micros(t.IssuedAt))
}

// Revoke implements [Store].
func (s *SQL) Revoke(ctx context.Context, t Token) error {
	if t.ID == "" {
		return errNoID
	}
	r := row{kind: tokens, issuer: t.Issuer, name: t.ID, expires: instant.End(t.Expires, Grace)}
	if err := s.write(ctx, r); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

// RevokeUser implements [Store].
func (s *SQL) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if userID == "" {
		return errNoUser
	}
	if instant.IsZero(before) {
		return errNoInstant
	}
	r := row{kind: users, issuer: issuer, name: userID, expires: instant.Forever, before: instant.Micros(before)}
	if err := s.write(ctx, r); err != nil {
		return fmt.Errorf("revoke user: %w", err)
	}
	return nil
}

// RevokeFamily implements [Store].
func (s *SQL) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	if family == "" {
		return errNoFamily
	}
	r := row{kind: families, issuer: issuer, name: family, expires: instant.End(until, Grace)}
	if err := s.write(ctx, r); err != nil {
		return fmt.Errorf("revoke family: %w", err)
	}
	return nil
}

func (s *SQL) write(ctx context.Context, r row) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return fmt.Errorf("wait for other writes: %w", ctx.Err())
	}
	return sqlstore.Again(ctx, func() error {
		return s.table.Write(ctx, func(tx *sql.Tx) error { return s.writeIn(ctx, tx, r) })
	})
}

// writeIn counts the write first: that locks the row that counts, in every process,
// until this transaction has ended. See [SQL.Changes] for why.
func (s *SQL) writeIn(ctx context.Context, tx *sql.Tx, r row) error {
	sequence, err := s.next(ctx, tx)
	if err != nil {
		return fmt.Errorf("count the write: %w", err)
	}
	_, err = tx.StmtContext(ctx, s.put).ExecContext(ctx,
		r.kind.digest(r.issuer, r.name), r.kind, []byte(r.issuer), []byte(r.name), r.expires, r.before, sequence)
	if err != nil {
		return err
	}
	over := time.Now().UnixMicro()
	if _, err := tx.StmtContext(ctx, s.prune).ExecContext(ctx, over, over); err != nil {
		return fmt.Errorf("delete what is over: %w", err)
	}
	return nil
}

// next returns a number that is greater than all before.
func (s *SQL) next(ctx context.Context, tx *sql.Tx) (sequence int64, err error) {
	_, err = tx.StmtContext(ctx, s.count).ExecContext(ctx,
		counterDigest, counter, []byte{}, []byte{}, int64(instant.Forever), time.Now().UnixMicro())
	if err != nil {
		return 0, err
	}
	err = tx.StmtContext(ctx, s.counted).QueryRowContext(ctx, counterDigest).Scan(&sequence)
	return sequence, err
}
