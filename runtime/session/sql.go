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
	// DB is a database that has the table of [SQLiteSchema]. It stays the caller's
	// to close.
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
// Each Create deletes up to 100 sessions that have been over for an hour, counted
// back from the Created of the new one, so that the table holds little but what is
// alive, and never loses that.
type SQL struct {
	create, prune, load, touch, update, end, endUser, list *sql.Stmt
}

var _ Store = (*SQL)(nil)

var errData = errors.New("the row is not one that this store has written")

// NewSQL returns the store in a database. It prepares all statements, so a table
// that is missing, or has other columns, is an error. There is nothing to close
// but the database.
func NewSQL(ctx context.Context, config SQLConfig) (*SQL, error) {
	s := new(SQL)
	err := sqlstore.Prepare(ctx, config.DB, config.Table, defaultTable, []sqlstore.Statement{
		{Into: &s.create, Text: createStatement},
		{Into: &s.prune, Text: pruneStatement},
		{Into: &s.load, Text: loadStatement},
		{Into: &s.touch, Text: touchStatement},
		{Into: &s.update, Text: updateStatement},
		{Into: &s.end, Text: endStatement},
		{Into: &s.endUser, Text: endUserStatement},
		{Into: &s.list, Text: listStatement},
	})
	if err != nil {
		return nil, fmt.Errorf("session.NewSQL: %w", err)
	}
	return s, nil
}

const (
	columns = `id, secret, user_id, auth_time, created_at, seen_at, expires_at, deadline, remembered, user_agent, address, version`

	createStatement = `INSERT INTO {table} (` + columns + `, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	loadStatement   = `SELECT ` + columns + `, data FROM {table} WHERE id = ?`
	listStatement   = `SELECT ` + columns + `, NULL FROM {table} WHERE user_id = ?`

	// A row that has been seen later stays as it is, but counts as touched.
	touchStatement = `UPDATE {table}
		SET expires_at = CASE WHEN seen_at < ? THEN ? ELSE expires_at END, seen_at = CASE WHEN seen_at < ? THEN ? ELSE seen_at END
		WHERE id = ? AND expires_at > ?`
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
	over := r.Created.Add(-slack).UnixMicro()
	if _, err := s.prune.ExecContext(ctx, over, over); err != nil {
		return fmt.Errorf("create session: delete those that are over: %w", err)
	}
	_, err := s.create.ExecContext(ctx, r.ID[:], r.Secret[:], r.UserID,
		r.AuthTime.UnixMicro(), r.Created.UnixMicro(), r.Seen.UnixMicro(), r.Expires.UnixMicro(), r.Deadline.UnixMicro(),
		r.Remembered, r.UserAgent, r.Address, r.Version, r.Data)
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
	err := into(&id, &secret, &r.UserID, &authTime, &created, &seen, &expires, &deadline, &flag, &r.UserAgent, &r.Address, &r.Version, &r.Data)
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
	at, over := seen.UnixMicro(), expires.UnixMicro()
	n, err := affected(s.touch.ExecContext(ctx, at, over, at, at, id[:], at))
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}

// Update implements [Store].
func (s *SQL) Update(ctx context.Context, r Record, now time.Time) error {
	if err := errors.Join(s.ready(), r.Validate(), checkInstant(now)); err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	n, err := affected(s.update.ExecContext(ctx, r.Secret[:], r.AuthTime.UnixMicro(), r.Data, r.ID[:], r.Version, now.UnixMicro()))
	if err != nil {
		return fmt.Errorf("update session: %w", err)
	}
	if n == 1 {
		return nil
	}
	switch there, err := s.Load(ctx, r.ID); { // only to say why
	case err != nil:
		return err
	case !there.Expires.After(now):
		return ErrNotFound
	}
	return ErrConflict
}

// End implements [Store].
func (s *SQL) End(ctx context.Context, id Digest) error {
	if err := errors.Join(s.ready(), checkID(id)); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	if _, err := s.end.ExecContext(ctx, id[:]); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndUser implements [Store].
func (s *SQL) EndUser(ctx context.Context, userID string, except Digest) error {
	if err := errors.Join(s.ready(), checkUser(userID)); err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	if _, err := s.endUser.ExecContext(ctx, userID, except[:]); err != nil {
		return fmt.Errorf("end user's sessions: %w", err)
	}
	return nil
}

// List implements [Store].
func (s *SQL) List(ctx context.Context, userID string) ([]Record, error) {
	if err := errors.Join(s.ready(), checkUser(userID)); err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	rows, err := s.list.QueryContext(ctx, userID)
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

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
