package session

import "github.com/boltauthgen/boltauthgen/internal/sqlstore"

// All that differs between databases stands in this file and in package sqlstore.
// What stands elsewhere is common to SQLite, PostgreSQL and MySQL, but for the
// placeholders.

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
	return sqlstore.Schema(sqliteSchema, table, defaultTable)
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

const defaultTable = "sessions"
