package session

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
	// It must be the one to which all write: a copy that lags behind shows sessions
	// that have ended. Where a standby of PostgreSQL answers, or a MySQL that is read
	// only, that is an error. MySQL must not be set to READ UNCOMMITTED.
	//
	// Several processes may share one SQLite file. Let them wait for each other,
	// and readers not wait at all, with the pragmas busy_timeout (some seconds) and
	// journal_mode WAL on every connection: modernc.org/sqlite takes them in the
	// name of the data source, as _pragma=busy_timeout(5000) and
	// _pragma=journal_mode(WAL). Where the timeout ends, calls return errors.
	DB *sql.DB

	// Table is of letters, digits and underscores, 63 at most, and does not begin
	// with a digit. Empty means sessions.
	Table string
}

// SQL is a [Store] in a table of a SQL database, which any number of processes
// can share. Each method is safe without a transaction: one statement decides.
// Its methods are safe for concurrent use. The zero SQL and a nil one do nothing
// but return errors: see [NewSQL].
//
// After an error it is not known whether something was written. What does no harm
// when it is done twice, which Create and Update are not, may be tried three times.
//
// The table of MySQL has room for what [Backend.LogIn] writes: 255 bytes of a user id,
// and 256 of the user agent and of the address. Create refuses what is longer.
//
// Each Create deletes up to 100 sessions that have been over for an hour, counted
// back from the Created of the new one, so that the table holds little but what is
// alive, and never loses that.
type SQL struct {
	table *sqlstore.Table

	create, prune, load, touch, update, end, endUser, list *sql.Stmt
}

var _ Store = (*SQL)(nil)

var errData = errors.New("the row is not one that this store has written")

// NewSQL returns the store in a database. It prepares all statements, so a table
// that is missing, or has other columns, is an error. There is nothing to close
// but the database.
func NewSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	s, err := newSQL(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("session.NewSQL: %w", err)
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
		{Into: &s.create, Text: createStatement},
		sqlstore.Prune(&s.prune, "id", "expires_at"),
		{Into: &s.load, Text: loadStatement},
		{Into: &s.touch, Text: touchStatement},
		{Into: &s.update, Text: updateStatement},
		{Into: &s.end, Text: endStatement},
		{Into: &s.endUser, Text: endUserStatement},
		{Into: &s.list, Text: listStatement},
	})
}

const (
	columns = `id, secret, user_id, auth_time, created_at, seen_at, expires_at, deadline, remembered, user_agent, address, version`

	createStatement = `INSERT INTO {table} (` + columns + `, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	loadStatement   = `SELECT ` + columns + `, data, {primary} FROM {table} WHERE id = ?`
	listStatement   = `SELECT ` + columns + `, NULL, {primary} FROM {table} WHERE user_id = ?`

	// Each of these changes every row that it finds: see [sqlstore.Table.Exec].
	touchStatement = `UPDATE {table} SET seen_at = ?, expires_at = ?
		WHERE id = ? AND seen_at < ? AND expires_at > ?`
	updateStatement = `UPDATE {table} SET secret = ?, auth_time = ?, data = ?, version = version + 1
		WHERE id = ? AND version = ? AND expires_at > ?`
	endStatement     = `DELETE FROM {table} WHERE id = ?`
	endUserStatement = `DELETE FROM {table} WHERE user_id = ? AND id <> ?`
)

// ready returns why a call cannot be answered at all.
func (s *SQL) ready() error {
	if s == nil || s.list == nil { // prepared last
		return errNotMade
	}
	return nil
}

// Create implements [Store].
func (s *SQL) Create(ctx context.Context, r Record) error {
	if err := errors.Join(s.ready(), r.Validate()); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	if err := s.checkLength(r); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	over := r.Created.Add(-slack).UnixMicro()
	if _, err := s.table.ExecAgain(ctx, s.prune, over, over); err != nil {
		return fmt.Errorf("create session: delete those that are over: %w", err)
	}
	flag := 0
	if r.Remembered {
		flag = 1
	}
	_, err := s.table.Exec(ctx, s.create, r.ID[:], r.Secret[:], s.table.Bytes(r.UserID),
		r.AuthTime.UnixMicro(), r.Created.UnixMicro(), r.Seen.UnixMicro(), r.Expires.UnixMicro(), r.Deadline.UnixMicro(),
		flag, s.table.Bytes(r.UserAgent), s.table.Bytes(r.Address), r.Version, r.Data)
	if err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	return nil
}

// Load implements [Store].
func (s *SQL) Load(ctx context.Context, id Digest) (Record, error) {
	if err := errors.Join(s.ready(), checkID(id)); err != nil {
		return Record{}, fmt.Errorf("load session: %w", err)
	}
	r, err := scan(s.load.QueryRowContext(ctx, id[:]).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, ErrNotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("load session: %w", err)
	}
	return r, nil
}

// scan reads a row of all columns and the data.
func scan(into func(...any) error) (Record, error) {
	var (
		r                                                Record
		id, secret                                       []byte
		authTime, created, seen, expires, deadline, flag int64
	)
	err := into(&id, &secret, &r.UserID, &authTime, &created, &seen, &expires, &deadline, &flag, &r.UserAgent, &r.Address, &r.Version, &r.Data, sqlstore.Primary{})
	if err != nil {
		return Record{}, err
	}
	if len(id) != len(r.ID) || len(secret) != len(r.Secret) {
		return Record{}, fmt.Errorf("%w: id or secret is no digest", errData)
	}
	r.ID, r.Secret = Digest(id), Digest(secret)
	r.AuthTime, r.Created, r.Seen = time.UnixMicro(authTime), time.UnixMicro(created), time.UnixMicro(seen)
	r.Expires, r.Deadline = time.UnixMicro(expires), time.UnixMicro(deadline)
	r.Remembered = flag != 0
	if err := r.Validate(); err != nil {
		return Record{}, fmt.Errorf("%w: %w", errData, err)
	}
	return r, nil
}

// Touch implements [Store].
func (s *SQL) Touch(ctx context.Context, id Digest, seen, expires time.Time) error {
	if err := errors.Join(s.ready(), checkTouch(id, seen, expires)); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	at := seen.UnixMicro()
	n, err := s.table.ExecAgain(ctx, s.touch, at, expires.UnixMicro(), id[:], at, at)
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	if n == 1 {
		return nil
	}
	// It may have been seen later: then it stays as it is, but counts as touched.
	return s.alive(ctx, id, seen)
}

// alive returns [ErrNotFound] if there is no such session, or it is over at an
// instant.
func (s *SQL) alive(ctx context.Context, id Digest, at time.Time) error {
	r, err := s.Load(ctx, id)
	if err == nil && !r.Expires.After(at) {
		return ErrNotFound
	}
	return err
}

// Update implements [Store].
func (s *SQL) Update(ctx context.Context, r Record, now time.Time) error {
	if err := errors.Join(s.ready(), r.Validate(), checkInstant(now)); err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	n, err := s.table.Exec(ctx, s.update, r.Secret[:], r.AuthTime.UnixMicro(), r.Data, r.ID[:], r.Version, now.UnixMicro())
	if err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	if n == 1 {
		return nil
	}
	if err := s.alive(ctx, r.ID, now); err != nil { // only to say why
		return err
	}
	return ErrConflict
}

// End implements [Store].
func (s *SQL) End(ctx context.Context, id Digest) error {
	if err := errors.Join(s.ready(), checkID(id)); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if _, err := s.table.ExecAgain(ctx, s.end, id[:]); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndUser implements [Store].
func (s *SQL) EndUser(ctx context.Context, userID string, except Digest) error {
	if err := errors.Join(s.ready(), checkUser(userID)); err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	if _, err := s.table.ExecAgain(ctx, s.endUser, s.table.Bytes(userID), except[:]); err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	return nil
}

// List implements [Store].
func (s *SQL) List(ctx context.Context, userID string) ([]Record, error) {
	if err := errors.Join(s.ready(), checkUser(userID)); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	rows, err := s.list.QueryContext(ctx, s.table.Bytes(userID))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	defer rows.Close()
	var records []Record
	for rows.Next() {
		r, err := scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return records, nil
}
