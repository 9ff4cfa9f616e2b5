package revocation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// TableConfig configures a [SQLTable].
type TableConfig struct {
	// DB is as in [SQLConfig].
	DB *sql.DB

	// Table is required; this and the columns are of letters, digits and
	// underscores, 63 at most, and do not begin with a digit. Columns that are not
	// named here must have a default.
	Table string

	// ID is the column of the tokens' ids, which is unique. Empty means jti.
	ID string

	// RevokedAt and ExpiresAt are columns of dates in UTC, as Django has them; what
	// is not there is left empty. RevokedAt gets the present, ExpiresAt when the
	// token expires, and NULL for one that has no expiry. Whoever deletes rows by
	// ExpiresAt must wait for [Grace] after it.
	RevokedAt, ExpiresAt string

	// Timeout is as in [SQLConfig].
	Timeout time.Duration
}

// SQLTable is a [Store] in a table that another program has, too, such as that of
// a Django model with a field jti. Its methods are safe for concurrent use. The
// zero SQLTable and a nil one do nothing but return errors: see [NewSQLTable].
//
// A token is revoked if there is a row with its ID, whatever the other columns
// say. Rows are never deleted here. Ids are compared as the column does, which may
// fold upper and lower case: then tokens whose ids differ in nothing else are
// revoked together. The table knows no issuers, so neither are they kept apart.
// An ID that the column does not hold as it is, one that is too long for example,
// is an error of Revoke.
//
// The table has no place for users and families: RevokeUser and RevokeFamily do
// nothing but return an error, and Revoked does not look at them.
type SQLTable struct {
	timeout time.Duration
	dialect sqlstore.Dialect
	config  TableConfig

	revoked, revoke *sql.Stmt
}

var _ Store = (*SQLTable)(nil)

var (
	errNoTable       = errors.New("the Table is empty")
	errNotKept       = errors.New("the table has not kept the ID as it is")
	errNoUserPlace   = fmt.Errorf("revoke user: %w: the table has no place for users", errors.ErrUnsupported)
	errNoFamilyPlace = fmt.Errorf("revoke family: %w: the table has no place for families", errors.ErrUnsupported)
)

// NewSQLTable returns the store in a table that exists. It prepares all statements,
// so a table or a column that is missing is an error. There is nothing to close
// but the database.
func NewSQLTable(ctx context.Context, config TableConfig) (*SQLTable, error) {
	s, err := newSQLTable(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("revocation.NewSQLTable: %w", err)
	}
	return s, nil
}

func newSQLTable(ctx context.Context, config TableConfig) (*SQLTable, error) {
	if config.Table == "" {
		return nil, errNoTable
	}
	timeout, err := timeoutOf(config.Timeout)
	if err != nil {
		return nil, err
	}
	table, err := sqlstore.Open(ctx, config.DB, config.Table, "")
	if err != nil {
		return nil, err
	}
	revoked, revoke, err := tableStatements(table, config)
	if err != nil {
		return nil, err
	}
	s := &SQLTable{timeout: timeout, dialect: table.Dialect(), config: config}
	return s, table.Prepare(ctx, []sqlstore.Statement{
		{Into: &s.revoke, Text: revoke},
		{Into: &s.revoked, Text: revoked},
	})
}

// tableStatements returns the statements that ask for a row and write one.
func tableStatements(table *sqlstore.Table, config TableConfig) (revoked, revoke string, err error) {
	id, err := table.Column(config.ID, "jti")
	if err != nil {
		return "", "", err
	}
	columns := []string{id}
	for _, name := range []string{config.RevokedAt, config.ExpiresAt} {
		if name == "" {
			continue
		}
		column, err := table.Column(name, "")
		if err != nil {
			return "", "", err
		}
		columns = append(columns, column)
	}
	revoke = `INSERT INTO {table} (` + strings.Join(columns, ", ") + `) VALUES (?` + strings.Repeat(", ?", len(columns)-1) + `)
		ON CONFLICT (` + id + `) DO UPDATE SET `
	if config.ExpiresAt == "" {
		revoke += id + ` = excluded.` + id // nothing, but it is not an error
	} else {
		expires := columns[len(columns)-1]
		revoke += expires + ` = CASE WHEN {table}.` + expires + ` < excluded.` + expires + ` OR excluded.` + expires + ` IS NULL
			THEN excluded.` + expires + ` ELSE {table}.` + expires + ` END`
	}
	return `SELECT count(*), {primary} FROM {table} WHERE ` + id + ` = ?`, revoke, nil
}

// ready returns why a call cannot be answered at all.
func (s *SQLTable) ready(ctx context.Context) error {
	if s == nil || s.revoked == nil { // prepared last
		return errNotMade
	}
	return ctx.Err()
}

// Revoked implements [Store].
func (s *SQLTable) Revoked(ctx context.Context, t Token) (bool, error) {
	if err := s.ready(ctx); err != nil {
		return false, fmt.Errorf("look up revocations: %w", err)
	}
	if t.ID == "" {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	revoked, err := s.find(ctx, t.ID)
	if err != nil {
		return false, fmt.Errorf("look up revocations: %w", err)
	}
	return revoked, nil
}

func (s *SQLTable) find(ctx context.Context, id string) (bool, error) {
	var n int
	err := sqlstore.Again(ctx, func() error { return s.revoked.QueryRowContext(ctx, id).Scan(&n, sqlstore.Primary{}) })
	return n > 0, err
}

// Revoke implements [Store].
func (s *SQLTable) Revoke(ctx context.Context, t Token) error {
	if t.ID == "" {
		return errNoID
	}
	if err := s.ready(ctx); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.write(ctx, t); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

func (s *SQLTable) write(ctx context.Context, t Token) error {
	args := []any{t.ID}
	if s.config.RevokedAt != "" {
		args = append(args, s.dialect.Instant(time.Now()))
	}
	switch {
	case s.config.ExpiresAt == "":
	case t.Expires.IsZero():
		args = append(args, nil)
	default:
		args = append(args, s.dialect.Instant(t.Expires))
	}
	err := sqlstore.Again(ctx, func() error {
		_, err := s.revoke.ExecContext(ctx, args...)
		return err
	})
	if err != nil {
		return err
	}
	// Some databases cut a text that is too long, and change others.
	kept, err := s.find(ctx, t.ID)
	if err == nil && !kept {
		err = errNotKept
	}
	return err
}

// RevokeUser implements [Store]; it is an [errors.ErrUnsupported].
func (s *SQLTable) RevokeUser(context.Context, string, string, time.Time) error {
	return errNoUserPlace
}

// RevokeFamily implements [Store]; it is an [errors.ErrUnsupported].
func (s *SQLTable) RevokeFamily(context.Context, string, string, time.Time) error {
	return errNoFamilyPlace
}
