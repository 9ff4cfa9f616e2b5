package apikey

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// SQLConfig configures a [SQL].
type SQLConfig struct {
	// DB is a database that has the table of [SQLiteSchema], [PostgreSQLSchema] or
	// [MySQLSchema]. Which of them it is, the store finds out. It stays the caller's
	// to close. Its driver must return when a context is done.
	//
	// It must be the one to which all write: a copy that lags behind accepts keys that
	// have been revoked just now. MySQL must not be set to READ UNCOMMITTED.
	//
	// Several processes may share one SQLite file. Let them wait for each other,
	// and readers not wait at all, with the pragmas busy_timeout (some seconds) and
	// journal_mode WAL on every connection: modernc.org/sqlite takes them in the
	// name of the data source, as _pragma=busy_timeout(5000) and
	// _pragma=journal_mode(WAL). Where the timeout ends, calls return errors.
	DB *sql.DB

	// Table is of letters, digits and underscores, 63 at most, and does not begin
	// with a digit. Empty means api_keys.
	Table string
}

// SQL keeps keys in a table of a SQL database, which any number of processes can
// share. Its methods Lookup and SaveUses are those that [Config] wants; the others
// are for whoever gives keys out. Each is safe without a transaction: one statement
// decides. Its methods are safe for concurrent use. The zero SQL and a nil one do
// nothing but return errors: see [NewSQL].
//
// After an error it is not known whether something was written. What does no harm
// when it is done twice, which Add and Rotate are not, may be tried three times.
//
// Keys stay in the table when they are over, so that it can be told what they
// were. Instants are kept in microseconds.
type SQL struct {
	table *sqlstore.Table

	add, lookup, list, listOf, revoke, rotate, use *sql.Stmt
}

var (
	errStore = errors.New("the store was not made by NewSQL")
	errData  = errors.New("the row is not one that this store has written")
)

// NewSQL returns the store in a database. It prepares all statements, so a table
// that is missing, or has other columns, is an error. There is nothing to close
// but the database.
func NewSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	s, err := newSQL(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("apikey.NewSQL: %w", err)
	}
	return s, nil
}

func newSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	table, err := sqlstore.Open(ctx, config.DB, config.Table, defaultTable)
	if err != nil {
		return nil, err
	}
	s := &SQL{table: table}
	return s, table.Prepare(ctx, []sqlstore.Statement{
		{Into: &s.add, Text: addStatement},
		{Into: &s.lookup, Text: lookupStatement},
		{Into: &s.list, Text: listStatement},
		{Into: &s.listOf, Text: listOfStatement},
		{Into: &s.revoke, Text: revokeStatement},
		{Into: &s.rotate, Text: rotateStatement},
		{Into: &s.use, Text: useStatement},
	})
}

const (
	addStatement = `INSERT INTO {table} (` + columns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	// There is always a row, and its lists always have something in them, so that an
	// unknown id takes as long as one that is there.
	lookupStatement = `SELECT COALESCE(id, ''), CASE WHEN id IS NULL THEN '' ELSE prefix END, digest,
		CASE WHEN id IS NULL THEN '' ELSE name END, CASE WHEN id IS NULL THEN '' ELSE owner END,
		CASE WHEN id IS NULL THEN '["none"]' ELSE permissions END, CASE WHEN id IS NULL THEN '["none"]' ELSE scopes END,
		created_at, not_before, expires_at, revoked_at, used_at, previous_digest, previous_expires_at, previous_used_at, {primary}
		FROM (SELECT 1 AS one) AS always LEFT JOIN {table} ON id = ?`
	listStatement   = `SELECT ` + columns + `, {primary} FROM {table} ORDER BY created_at, id`
	listOfStatement = `SELECT ` + columns + `, {primary} FROM {table} WHERE owner = ? ORDER BY created_at, id`

	// This and the next one change every row that they find: see [sqlstore.Table.Exec].
	revokeStatement = `UPDATE {table} SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL`

	// MySQL assigns from left to right, so what is read comes before what is written.
	rotateStatement = `UPDATE {table} SET
		previous_digest = ?, previous_used_at = used_at,
		previous_expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END,
		digest = ?, used_at = NULL, expires_at = ?
		WHERE id = ? AND digest = ? AND revoked_at IS NULL`

	useStatement = `UPDATE {table} SET
		used_at = CASE WHEN digest = ? AND (used_at IS NULL OR used_at < ?) THEN ? ELSE used_at END,
		previous_used_at = CASE WHEN previous_digest = ? AND (previous_used_at IS NULL OR previous_used_at < ?) THEN ? ELSE previous_used_at END
		WHERE id = ?`
)

// ready returns why a call cannot be answered at all.
func (s *SQL) ready() error {
	if s == nil || s.use == nil { // prepared last
		return errStore
	}
	return nil
}

// Add puts a new key into the table. It is an error if there is one with this ID,
// or the record does not hold what [Record.Validate] asks for.
func (s *SQL) Add(ctx context.Context, r Record) error {
	if err := errors.Join(s.ready(), r.Validate()); err != nil {
		return fmt.Errorf("add API key: %w", err)
	}
	if _, err := s.table.Exec(ctx, s.add, r.values()...); err != nil {
		return fmt.Errorf("add API key: %w", err)
	}
	return nil
}

// Lookup returns the record of the key with this id, and [ErrUnknown] if there is
// none. It is a [Config.Lookup]. A row that this store has not written is another error.
func (s *SQL) Lookup(ctx context.Context, id string) (Record, error) {
	if err := s.ready(); err != nil {
		return Record{}, fmt.Errorf("look up API key: %w", err)
	}
	if !isID(id) { // PostgreSQL would call some of them an error
		return Record{}, ErrUnknown
	}
	r, err := scan(s.lookup.QueryRowContext(ctx, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, ErrUnknown
	}
	if err != nil {
		return Record{}, fmt.Errorf("look up API key: %w", err)
	}
	return r, nil
}

// List returns the keys of an owner, or all if that is empty, the oldest first.
// After an error, which comes with the zero Record, there is nothing more. It holds
// a connection of the database while the loop runs.
func (s *SQL) List(ctx context.Context, owner string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := s.each(ctx, owner, func(r Record) bool { return yield(r, nil) }); err != nil {
			yield(Record{}, fmt.Errorf("list API keys: %w", err))
		}
	}
}

// each calls f for all records, until it returns false.
func (s *SQL) each(ctx context.Context, owner string, f func(Record) bool) error {
	if err := s.ready(); err != nil {
		return err
	}
	if checkText("owner", owner) != nil {
		return nil // nobody can be called so, and PostgreSQL would call it an error
	}
	statement, args := s.list, []any(nil)
	if owner != "" {
		statement, args = s.listOf, []any{owner}
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return err
		}
		if !f(r) {
			return nil
		}
	}
	return rows.Err()
}

// Revoke revokes a key with all its texts. One that is revoked stays so since
// when it was. Without such a key the error is [ErrUnknown]; a zero instant is an
// error.
func (s *SQL) Revoke(ctx context.Context, id string, at time.Time) error {
	if err := s.ready(); err != nil {
		return fmt.Errorf("revoke API key: %w", err)
	}
	if at.IsZero() {
		return errors.New("revoke API key: the instant is zero")
	}
	if !isID(id) {
		return fmt.Errorf("revoke API key: %w", ErrUnknown)
	}
	n, err := s.table.ExecAgain(ctx, s.revoke, micros(at), id)
	if err == nil && n == 0 {
		_, err = s.Lookup(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("revoke API key: %w", err)
	}
	return nil
}

// A Rotation asks for a key's text to be replaced by another one. Take Old and the
// prefix from the record, and New from [Regenerate].
type Rotation struct {
	ID         string
	Old, New   Digest    // required, and not the same
	OldExpires time.Time // from then on the old text is refused, or when the key would have expired; required
	Expires    time.Time // of the key from now on; zero: never
}

// Rotate replaces the key's text. The old one holds until OldExpires; one that was
// before that ends now. However many callers replace the same text at the same
// time, one of them succeeds. The error of the others is [ErrChanged]; that of an id that nobody has is
// [ErrUnknown], and that of a revoked key a [runtime.ErrRevoked].
func (s *SQL) Rotate(ctx context.Context, r Rotation) error {
	if err := errors.Join(s.ready(), r.validate()); err != nil {
		return fmt.Errorf("rotate API key: %w", err)
	}
	if !isID(r.ID) {
		return fmt.Errorf("rotate API key: %w", ErrUnknown)
	}
	end := micros(r.OldExpires)
	n, err := s.table.Exec(ctx, s.rotate, r.Old[:], end, end, r.New[:], nullable(r.Expires), r.ID, r.Old[:])
	if err == nil && n == 0 {
		err = s.whyNot(ctx, r.ID)
	}
	if err != nil {
		return fmt.Errorf("rotate API key: %w", err)
	}
	return nil
}

func (r Rotation) validate() error {
	switch {
	case r.Old == Digest{} || r.New == Digest{} || r.Old == r.New:
		return errors.New("the rotation's Old or New is zero, or they are the same")
	case r.OldExpires.IsZero():
		return errors.New("the rotation's OldExpires is zero")
	}
	return nil
}

// whyNot returns why a key was not rotated.
func (s *SQL) whyNot(ctx context.Context, id string) error {
	r, err := s.Lookup(ctx, id)
	switch {
	case err != nil:
		return err
	case !r.Revoked.IsZero():
		return errRevoked
	}
	return ErrChanged
}

// usesAtOnce is how many uses are saved in one transaction, so that others can
// write in between.
const usesAtOnce = 256

// SaveUses saves when keys were used, where that is later than what is known. It
// is a [Config.SaveUses]. After an error some of the uses may have been saved; to save
// them again does no harm.
func (s *SQL) SaveUses(ctx context.Context, uses []Use) error {
	if err := s.ready(); err != nil {
		return fmt.Errorf("save uses of API keys: %w", err)
	}
	for some := range slices.Chunk(inOrder(uses), usesAtOnce) {
		err := s.table.Again(ctx, func() error {
			return s.table.Write(ctx, func(tx *sql.Tx) error { return s.saveSome(ctx, tx, some) })
		})
		if err != nil {
			return fmt.Errorf("save uses of API keys: %w", err)
		}
	}
	return nil
}

// inOrder returns the uses in the order of their keys, so that of two processes that
// save uses of the same keys one waits for the other, and not each for the other. It
// leaves out what is of no key.
func inOrder(uses []Use) []Use {
	uses = slices.DeleteFunc(slices.Clone(uses), func(u Use) bool { return !isID(u.ID) })
	slices.SortFunc(uses, func(a, b Use) int { return strings.Compare(a.ID, b.ID) })
	return uses
}

func (s *SQL) saveSome(ctx context.Context, tx *sql.Tx, uses []Use) error {
	statement := tx.StmtContext(ctx, s.use)
	for _, u := range uses {
		at := micros(u.At)
		if _, err := statement.ExecContext(ctx, u.SHA256[:], at, at, u.SHA256[:], at, at, u.ID); err != nil {
			return err
		}
	}
	return nil
}
