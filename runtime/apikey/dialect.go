package apikey

import "github.com/boltauthgen/boltauthgen/internal/sqlstore"

// All that differs between databases stands in this file and in package sqlstore.
// What stands elsewhere is common to SQLite, PostgreSQL and MySQL, but for the
// placeholders.

// SQLiteSchema returns the statements that create the table for [NewSQL] and its
// index in SQLite 3.37 or later, where they are not there yet. They are the
// application's to run, or to copy into its migrations; the command boltauthgen key
// init runs them, too. They depend on the name of the table, since SQLite has one
// namespace for all indexes of a database. Empty means the default of [SQLConfig];
// a name that NewSQL would refuse is an error.
//
// Ids are compared byte by byte, as columns of SQLite are unless they have another
// collation. STRICT keeps SQLite from storing texts as dates, which would be later
// than any number.
func SQLiteSchema(table string) (string, error) {
	return sqlstore.Schema(sqliteSchema, table, defaultTable)
}

const sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	id                  TEXT NOT NULL PRIMARY KEY,
	prefix              TEXT NOT NULL,
	digest              BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the whole key
	name                TEXT NOT NULL,
	owner               TEXT NOT NULL,
	permissions         TEXT NOT NULL,    -- this and scopes: a JSON list of strings
	scopes              TEXT NOT NULL,
	created_at          INTEGER NOT NULL, -- this and other instants: Unix microseconds
	not_before          INTEGER,
	expires_at          INTEGER,
	revoked_at          INTEGER,
	used_at             INTEGER,
	previous_digest     BLOB CHECK (length(previous_digest) = 32), -- of the key before the last rotation
	previous_expires_at INTEGER,
	previous_used_at    INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS "{table}_owner" ON "{table}" (owner);
`

const defaultTable = "api_keys"
