package apikey

import "github.com/boltauthgen/boltauthgen/internal/sqlstore"

// All that differs between databases stands in this file and in package sqlstore.

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

// PostgreSQLSchema is like [SQLiteSchema], for PostgreSQL 13 or later. A name of
// more than 57 characters is an error, too, since the name of the index, which is
// longer, would be cut. The command has no part in it.
//
// Texts are compared byte by byte, whatever the collation of the database. Its
// encoding must be UTF8.
func PostgreSQLSchema(table string) (string, error) {
	return sqlstore.PostgreSQLSchema(postgresSchema, table, defaultTable)
}

// MySQLSchema is like [SQLiteSchema], for MySQL 8.0 and MariaDB 10.5 or later. It
// is a single statement, without a semicolon at its end. The command has no part
// in it.
//
// Texts are bytes, since most collations take different texts for the same, and all
// but a few ignore spaces at the end.
func MySQLSchema(table string) (string, error) {
	return sqlstore.MySQLSchema(mysqlSchema, table, defaultTable)
}

// What is of limited length is so by [Record.Validate].
const (
	sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
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
	postgresSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	id                  text COLLATE "C" NOT NULL PRIMARY KEY,
	prefix              text COLLATE "C" NOT NULL,
	digest              bytea NOT NULL CHECK (octet_length(digest) = 32), -- SHA-256 of the whole key
	name                text COLLATE "C" NOT NULL,
	owner               text COLLATE "C" NOT NULL,
	permissions         text COLLATE "C" NOT NULL, -- this and scopes: a JSON list of strings
	scopes              text COLLATE "C" NOT NULL,
	created_at          bigint NOT NULL,           -- this and other instants: Unix microseconds
	not_before          bigint,
	expires_at          bigint,
	revoked_at          bigint,
	used_at             bigint,
	previous_digest     bytea CHECK (octet_length(previous_digest) = 32), -- of the key before the last rotation
	previous_expires_at bigint,
	previous_used_at    bigint
);
CREATE INDEX IF NOT EXISTS "{table}_owner" ON "{table}" (owner);
`
	// Other engines than InnoDB lock whole tables, and may lose what was written.
	mysqlSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	id                  VARBINARY(16) NOT NULL PRIMARY KEY,
	prefix              VARBINARY(12) NOT NULL,
	digest              BINARY(32) NOT NULL, -- SHA-256 of the whole key
	name                VARBINARY(255) NOT NULL,
	owner               VARBINARY(255) NOT NULL,
	permissions         MEDIUMBLOB NOT NULL, -- this and scopes: a JSON list of strings
	scopes              MEDIUMBLOB NOT NULL,
	created_at          BIGINT NOT NULL,     -- this and other instants: Unix microseconds
	not_before          BIGINT,
	expires_at          BIGINT,
	revoked_at          BIGINT,
	used_at             BIGINT,
	previous_digest     BINARY(32), -- of the key before the last rotation
	previous_expires_at BIGINT,
	previous_used_at    BIGINT,
	INDEX (owner)
) ENGINE=InnoDB`
)

const defaultTable = "api_keys"
