package refresh

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
// Issuer, family and user are compared byte by byte, as columns of SQLite are
// unless they have another collation. STRICT keeps SQLite from storing texts as
// dates, which would be later than any number.
func SQLiteSchema(table string) (string, error) {
	return sqlstore.Schema(sqliteSchema, table, defaultTable)
}

const sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	issuer          TEXT NOT NULL,
	family          TEXT NOT NULL,
	user_id         TEXT NOT NULL,
	started_at      INTEGER NOT NULL, -- this and other instants: Unix microseconds
	expires_at      INTEGER NOT NULL,
	current_digest  BLOB NOT NULL CHECK (length(current_digest) = 32),
	previous_digest BLOB CHECK (length(previous_digest) = 32), -- what the last rotation consumed,
	rotated_at      INTEGER,                                   -- when,
	sealed          BLOB,                                      -- and the successor under that token
	PRIMARY KEY (issuer, family)
) STRICT;
CREATE INDEX IF NOT EXISTS "{table}_user" ON "{table}" (issuer, user_id, started_at);
CREATE INDEX IF NOT EXISTS "{table}_expires" ON "{table}" (expires_at);
`

// pruneStatement deletes some of the rows that are over, given that instant
// twice. SQLite and PostgreSQL have no DELETE with a limit, MySQL has no limit in
// a subquery. The instant is compared again outside, for databases in which a row
// may have changed since the subquery saw it.
const pruneStatement = `DELETE FROM {table} WHERE (issuer, family) IN (
	SELECT issuer, family FROM {table} WHERE expires_at <= ? ORDER BY expires_at LIMIT 100
) AND expires_at <= ?`

const defaultTable = "refresh_families"
