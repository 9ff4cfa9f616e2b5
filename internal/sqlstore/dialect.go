package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Dialect is a kind of database.
type Dialect int

// The kinds of databases. MySQL stands for MariaDB, too.
const (
	SQLite Dialect = iota + 1
	PostgreSQL
	MySQL
)

var (
	errUnknown    = errors.New("the database is none of SQLite, PostgreSQL, MySQL and MariaDB")
	errAutocommit = errors.New("the connections to the database do not commit by themselves: autocommit is off, so they would show for ever what they have seen first")
)

// Detect asks a database of which kind it is.
func Detect(ctx context.Context, db *sql.DB) (Dialect, error) {
	var version string
	err := db.QueryRowContext(ctx, `SELECT version()`).Scan(&version)
	switch {
	case err != nil:
		// SQLite has no such function. A server that failed fails once more.
		if db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version) == nil {
			return SQLite, nil
		}
		return 0, fmt.Errorf("ask the database for its version: %w", err)
	case strings.HasPrefix(version, "PostgreSQL "):
		return PostgreSQL, nil
	case version != "" && version[0] >= '0' && version[0] <= '9': // "8.4.3", "10.11.6-MariaDB"
		return MySQL, commitsByItself(ctx, db)
	}
	return 0, errUnknown
}

// commitsByItself returns an error if each connection of a MySQL would stay in one
// transaction, with what there was when that began.
func commitsByItself(ctx context.Context, db *sql.DB) error {
	var autocommit int
	if err := db.QueryRowContext(ctx, `SELECT @@autocommit`).Scan(&autocommit); err != nil {
		return fmt.Errorf("ask the database for autocommit: %w", err)
	}
	if autocommit == 0 {
		return errAutocommit
	}
	return nil
}

// quote puts a name into quotes, which make room for names that are words of SQL.
func (d Dialect) quote(name string) string {
	if d == MySQL {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}

// text returns the text of a statement for a table.
func (d Dialect) text(s Statement, table string) string {
	text := s.Text
	if d == MySQL {
		if s.MySQL != "" {
			text = s.MySQL
		}
		text = mysqlUpsert(text)
	}
	text = strings.ReplaceAll(text, "{table}", d.quote(table))
	text = strings.ReplaceAll(text, "{now}", d.now())
	text = strings.ReplaceAll(text, "{primary}", d.primary())
	if d == PostgreSQL {
		text = numbered(text)
	}
	return text
}

var (
	onConflict = regexp.MustCompile(`ON CONFLICT \([^)]*\) DO UPDATE SET`)
	excluded   = regexp.MustCompile("excluded\\.(\\w+|`\\w+`)")
)

// mysqlUpsert returns an upsert as MySQL has it. VALUES is what MariaDB
// understands, too; it does not know the alias that MySQL has now.
func mysqlUpsert(text string) string {
	text = onConflict.ReplaceAllString(text, "ON DUPLICATE KEY UPDATE")
	return excluded.ReplaceAllString(text, "VALUES($1)")
}

// now returns an expression for the present, in Unix microseconds.
func (d Dialect) now() string {
	switch d {
	case PostgreSQL:
		return `CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)`
	case MySQL:
		return `UNIX_TIMESTAMP() * 1000000` // with an argument it would depend on the time zone
	}
	return `CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)`
}

// numbered returns a statement with $1, $2 and so on in place of each ?.
func numbered(text string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		text = after
	}
}

// Prune returns a statement that deletes up to 100 rows whose column is not above
// an instant, those with the least first, given that instant twice. The key is
// that of the table, its columns separated by commas. Nothing is deleted that is above
// the present by the database's clock: that of one process may be far ahead.
//
// SQLite and PostgreSQL have no DELETE with a limit, MySQL has no limit in such a
// subquery. The instant is compared again outside, for databases in which a row may
// have changed since the subquery saw it.
func Prune(into **sql.Stmt, key, column string) Statement {
	return Statement{
		Into: into,
		Text: `DELETE FROM {table} WHERE (` + key + `) IN (
			SELECT ` + key + ` FROM {table} WHERE ` + column + ` <= ? ORDER BY ` + column + ` LIMIT 100
		) AND ` + column + ` <= ? AND ` + column + ` <= {now}`,
		MySQL: `DELETE FROM {table} WHERE ` + column + ` <= ? AND ` + column + ` <= ? AND ` + column + ` <= {now} ORDER BY ` + column + ` LIMIT 100`,
	}
}

// writing returns how a transaction begins that writes. Where PostgreSQL is set to
// a higher level, who waits for a row gets an error in place of the row. MySQL
// always writes to what is there now, and its lower levels do not go with all
// forms of its log.
func (d Dialect) writing() *sql.TxOptions {
	if d == PostgreSQL {
		return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	return nil
}

// higher reports whether statements that are in no transaction are at a level at
// which PostgreSQL refuses those that had to wait for a row. See [Dialect.writing].
func (d Dialect) higher(ctx context.Context, db *sql.DB) (bool, error) {
	if d != PostgreSQL {
		return false, nil
	}
	var level string
	if err := db.QueryRowContext(ctx, `SELECT current_setting('default_transaction_isolation')`).Scan(&level); err != nil {
		return false, fmt.Errorf("ask the database for its level of isolation: %w", err)
	}
	return level != "read committed", nil
}

// The years that all databases can tell.
var (
	firstInstant = time.Unix(0, 0)
	lastInstant  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// Instant returns an instant for a column that holds dates: a timestamp with or
// without time zone in PostgreSQL, a DATETIME in UTC in MySQL, a text in UTC in
// SQLite, as Django and others keep them. What no database can tell becomes the
// first or the last instant that they can.
func (d Dialect) Instant(t time.Time) string {
	if t.Before(firstInstant) {
		t = firstInstant
	} else if t.After(lastInstant) {
		t = lastInstant
	}
	const layout = "2006-01-02 15:04:05.000000"
	if d == PostgreSQL {
		return t.UTC().Format(layout + "+00")
	}
	return t.UTC().Format(layout)
}
