package refresh

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// SQLConfig configures a [SQL].
type SQLConfig struct {
	// DB is a database that has the table of [SQLiteSchema], [PostgreSQLSchema] or
	// [MySQLSchema]. Which of them it is, the store finds out. It stays the caller's
	// to close. Its driver must return when a context is done.
	//
	// It must be the one to which all write: a copy that lags behind shows as current
	// what has been replaced. Where a standby of PostgreSQL answers, or a MySQL that is
	// read only, that is an error. MySQL must not be set to READ UNCOMMITTED.
	//
	// Several processes may share one SQLite file. Let them wait for each other,
	// and readers not wait at all, with the pragmas busy_timeout (some seconds) and
	// journal_mode WAL on every connection: modernc.org/sqlite takes them in the
	// name of the data source, as _pragma=busy_timeout(5000) and
	// _pragma=journal_mode(WAL). Where the timeout ends, calls return errors.
	DB *sql.DB

	// Table is of letters, digits and underscores, 63 at most, and does not begin
	// with a digit. Empty means refresh_families.
	Table string
}

// SQL is a [Store] in a table of a SQL database, which any number of processes
// can share. Each method is safe without a transaction: one statement decides.
// Its methods are safe for concurrent use. The zero SQL and a nil one do nothing
// but return errors: see [NewSQL].
//
// After an error it is not known whether something was written. What does no harm
// when it is done twice, which Rotate is not, may be tried three times.
//
// The table of MySQL has room for issuers, families and users of up to 255 bytes,
// and the indexes of PostgreSQL for some 2,600 in a row. Start refuses what is longer.
//
// Each Start deletes up to 100 families that have been over for an hour, counted
// back from the Started of the new one, so that the table holds little but what
// is alive, and never loses that.
type SQL struct {
	table *sqlstore.Table

	start, prune, rotate, read, end, endUser *sql.Stmt
}

var _ Store = (*SQL)(nil)

var (
	errData    = errors.New("the row is not one that this store has written")
	errChanged = errors.New("the family keeps changing")
)

// NewSQL returns the store in a database. It prepares all statements, so a table
// that is missing, or has other columns, is an error. There is nothing to close
// but the database.
func NewSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	s, err := newSQL(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("refresh.NewSQL: %w", err)
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
		{Into: &s.start, Text: startStatement},
		sqlstore.Prune(&s.prune, "issuer, family", "expires_at"),
		{Into: &s.rotate, Text: rotateStatement},
		{Into: &s.read, Text: readStatement},
		{Into: &s.end, Text: endStatement},
		{Into: &s.endUser, Text: endUserStatement},
	})
}

const (
	startStatement = `INSERT INTO {table} (issuer, family, user_id, started_at, expires_at, current_digest)
		VALUES (?, ?, ?, ?, ?, ?)`
	rotateStatement = `UPDATE {table}
		SET current_digest = ?, previous_digest = ?, rotated_at = ?, sealed = ?, expires_at = ?
		WHERE issuer = ? AND family = ? AND current_digest = ? AND expires_at > ?`
	readStatement = `SELECT expires_at, current_digest, previous_digest, rotated_at, sealed, {primary} FROM {table}
		WHERE issuer = ? AND family = ?`
	endStatement     = `DELETE FROM {table} WHERE issuer = ? AND family = ?`
	endUserStatement = `DELETE FROM {table} WHERE issuer = ? AND user_id = ? AND started_at <= ?`
)

// ready returns why a call cannot be answered at all.
func (s *SQL) ready() error {
	if s == nil || s.endUser == nil { // prepared last
		return errNotMade
	}
	return nil
}

// Start implements [Store].
func (s *SQL) Start(ctx context.Context, f Family) error {
	if err := errors.Join(s.ready(), f.Validate()); err != nil {
		return fmt.Errorf("start family: %w", err)
	}
	if err := s.checkLength(f); err != nil {
		return fmt.Errorf("start family: %w", err)
	}
	over := micros(f.Started) - slack.Microseconds()
	if _, err := s.table.ExecAgain(ctx, s.prune, over, over); err != nil {
		return fmt.Errorf("start family: delete those that are over: %w", err)
	}
	_, err := s.table.Exec(ctx, s.start, s.table.Bytes(f.Issuer), s.table.Bytes(f.ID), s.table.Bytes(f.UserID),
		micros(f.Started), micros(f.Expires), f.Current[:])
	if err != nil {
		return fmt.Errorf("start family: %w", err)
	}
	return nil
}

// Rotate implements [Store].
func (s *SQL) Rotate(ctx context.Context, r Rotation) (Result, error) {
	if err := errors.Join(s.ready(), r.Validate()); err != nil {
		return Result{}, fmt.Errorf("rotate family: %w", err)
	}
	// The second attempt is for a family that is started just now, the third for
	// nobody.
	for range 3 {
		if done, err := s.replace(ctx, r); err != nil {
			return Result{}, fmt.Errorf("rotate family: %w", err)
		} else if done {
			return Result{Outcome: Rotated}, nil
		}
		if result, err := s.refuse(ctx, r); err != nil {
			return Result{}, fmt.Errorf("rotate family: %w", err)
		} else if result.Outcome != Rotated {
			return result, nil
		}
	}
	return Result{}, fmt.Errorf("rotate family: %w", errChanged)
}

// replace reports whether the token was current and has been replaced. This
// alone decides who is first. It changes each row that it finds, since Old and New
// are not the same.
func (s *SQL) replace(ctx context.Context, r Rotation) (bool, error) {
	now := micros(r.Now)
	n, err := s.table.Exec(ctx, s.rotate,
		r.New[:], r.Old[:], now, r.toKeep(), micros(r.Expires),
		s.table.Bytes(r.Issuer), s.table.Bytes(r.Family), r.Old[:], now)
	if n > 1 {
		return false, fmt.Errorf("%w: there are %d of the family", errData, n)
	}
	return n == 1, err
}

// refuse says why a token was not current, and ends the family if it must. It
// returns [Rotated] if by now the token is current.
func (s *SQL) refuse(ctx context.Context, r Rotation) (Result, error) {
	f, err := s.find(ctx, r.Issuer, r.Family)
	if errors.Is(err, sql.ErrNoRows) {
		return Result{Outcome: Unknown}, nil
	}
	if err != nil {
		return Result{}, err
	}
	switch outcome := f.judge(r); outcome {
	case Repeated:
		return Result{Outcome: Repeated, Sealed: f.sealed}, nil
	case Reused:
		n, err := s.table.Exec(ctx, s.end, s.table.Bytes(r.Issuer), s.table.Bytes(r.Family))
		if err == nil && n == 0 { // somebody else has ended it meanwhile
			outcome = Unknown
		}
		return Result{Outcome: outcome}, err
	default:
		return Result{Outcome: outcome}, nil
	}
}

func (s *SQL) find(ctx context.Context, issuer, family string) (*state, error) {
	var (
		f                 state
		current, previous []byte
		rotated           sql.NullInt64
	)
	row := s.read.QueryRowContext(ctx, s.table.Bytes(issuer), s.table.Bytes(family))
	if err := row.Scan(&f.expires, &current, &previous, &rotated, &f.sealed, sqlstore.Primary{}); err != nil {
		return nil, err
	}
	if copy(f.current[:], current) != len(f.current) || len(current) != len(f.current) {
		return nil, fmt.Errorf("%w: current_digest is none", errData)
	}
	if len(previous) == 0 && !rotated.Valid { // not rotated yet
		f.sealed = nil
		return &f, nil
	}
	if copy(f.previous[:], previous) != len(f.previous) || len(previous) != len(f.previous) || !rotated.Valid {
		return nil, fmt.Errorf("%w: previous_digest is none, or rotated_at is missing", errData)
	}
	f.rotated = rotated.Int64
	return &f, nil
}

// End implements [Store].
func (s *SQL) End(ctx context.Context, issuer, family string) error {
	if err := s.ready(); err != nil {
		return fmt.Errorf("end family: %w", err)
	}
	if family == "" {
		return errNoFamily
	}
	if _, err := s.table.ExecAgain(ctx, s.end, s.table.Bytes(issuer), s.table.Bytes(family)); err != nil {
		return fmt.Errorf("end family: %w", err)
	}
	return nil
}

// EndUser implements [Store].
func (s *SQL) EndUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if err := s.ready(); err != nil {
		return fmt.Errorf("end user: %w", err)
	}
	if userID == "" {
		return errNoUser
	}
	if before.IsZero() {
		return errNoInstant
	}
	if _, err := s.table.ExecAgain(ctx, s.endUser, s.table.Bytes(issuer), s.table.Bytes(userID), micros(before)); err != nil {
		return fmt.Errorf("end user: %w", err)
	}
	return nil
}
