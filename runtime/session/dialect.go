package session

import (
	"errors"
	"strings"
)

// All that differs between databases stands in this file. What stands elsewhere
// is common to SQLite, PostgreSQL and MySQL, but for the placeholders.

// SQLiteSchema returns the statements that create the table for [NewSQL] and its
// indexes in SQLite 3.37 or later, where they are not there yet. They are the
// application's to run, or to copy into its migrations. They depend on the name
// of the table, since SQLite has one namespace for all indexes of a database.
// Empty means the default of [SQLConfig]; a name that NewSQL would refuse is an
// error.
//
// User ids are compared byte by byte, as columns of SQLite are unless they have
// another collation. STRICT keeps SQLite from storing texts as dates, which would
// be later than any number.
func SQLiteSchema(table string) (string, error) {
	table, err := tableName(table)
	if err != nil {
		return "", err
	}
	return strings.ReplaceAll(sqliteSchema, "{table}", table), nil
}

const sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32), -- this and secret: digests
	secret     BLOB NOT NULL CHECK (length(secret) = 32),
	user_id    TEXT NOT NULL,
	auth_time  INTEGER NOT NULL, -- this and other instants: Unix microseconds
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	deadline   INTEGER NOT NULL,
	remembered INTEGER NOT NULL CHECK (remembered IN (0, 1)),
	user_agent TEXT NOT NULL,
	address    TEXT NOT NULL,
	data       BLOB,
	version    INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS "{table}_user" ON "{table}" (user_id);
CREATE INDEX IF NOT EXISTS "{table}_expires" ON "{table}" (expires_at);
`

// pruneStatement deletes some of the rows that are over, given that instant
// twice. SQLite and PostgreSQL have no DELETE with a limit, MySQL has no limit in
// a subquery. The instant is compared again outside, for databases in which a row
// may have changed since the subquery saw it.
const pruneStatement = `DELETE FROM {table} WHERE id IN (
	SELECT id FROM {table} WHERE expires_at <= ? ORDER BY expires_at LIMIT 100
) AND expires_at <= ?`

// quoted returns a statement in which the table is named. The quotes make room
// for names that are words of SQL; MySQL has others.
func quoted(statement, table string) string {
	return strings.ReplaceAll(statement, "{table}", `"`+table+`"`)
}

const (
	defaultTable = "sessions"
	maxTable     = 63 // the limit of PostgreSQL
)

// tableName returns the name of the table, which cannot end the quotes that it is put in.
func tableName(name string) (string, error) {
	if name == "" {
		return defaultTable, nil
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	if len(name) > maxTable || strings.Trim(name, letters+"0123456789") != "" || !strings.Contains(letters, name[:1]) {
		return "", errors.New("the table's name is not one of 1 to 63 letters, digits and underscores that begins with no digit")
	}
	return name, nil
}
