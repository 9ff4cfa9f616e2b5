package revocation

import "github.com/boltauthgen/boltauthgen/internal/sqlstore"

// All that differs between databases stands in this file and in package sqlstore.

// SQLiteSchema returns the statements that create the table for [NewSQL] and its
// indexes in SQLite 3.37 or later, where they are not there yet. They are the
// application's to run, or to copy into its migrations. They depend on the name
// of the table, since SQLite has one namespace for all indexes of a database.
// Empty means the default of [SQLConfig]; a name that NewSQL would refuse is an
// error.
func SQLiteSchema(table string) (string, error) {
	return sqlstore.Schema(sqliteSchema, table, defaultTable)
}

// PostgreSQLSchema is like [SQLiteSchema], for PostgreSQL 13 or later. A name of
// more than 54 characters is an error, too, since the names of the indexes, which
// are longer, would be cut.
func PostgreSQLSchema(table string) (string, error) {
	return sqlstore.PostgreSQLSchema(postgresSchema, table, defaultTable)
}

// MySQLSchema is like [SQLiteSchema], for MySQL 8.0 and MariaDB 10.5 or later. It
// is a single statement, without a semicolon at its end.
func MySQLSchema(table string) (string, error) {
	return sqlstore.MySQLSchema(mysqlSchema, table, defaultTable)
}

// What rows are found by is a digest of their kind, issuer and name: it has one
// length, no collation folds it, and no database finds a byte in it that a text
// must not have. Issuer and name are there for people who look and for followers.
const (
	sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	digest     BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32), -- SHA-256 of what follows
	kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3), -- 1 token, 2 family, 3 user; 0 counts the writes
	issuer     BLOB NOT NULL, -- this and name: bytes, of any length
	name       BLOB NOT NULL,
	expires_at INTEGER NOT NULL, -- this and not_before: Unix microseconds; the greatest number: never
	not_before INTEGER CHECK ((not_before IS NOT NULL) = (kind = 3)), -- what was issued then or earlier is revoked
	sequence   INTEGER NOT NULL -- of the write, in the order of commits
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS "{table}_expires" ON "{table}" (expires_at);
CREATE INDEX IF NOT EXISTS "{table}_sequence" ON "{table}" (sequence);
`
	postgresSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	digest     bytea NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32), -- SHA-256 of what follows
	kind       smallint NOT NULL CHECK (kind BETWEEN 0 AND 3), -- 1 token, 2 family, 3 user; 0 counts the writes
	issuer     bytea NOT NULL, -- this and name: bytes, of any length
	name       bytea NOT NULL,
	expires_at bigint NOT NULL, -- this and not_before: Unix microseconds; the greatest number: never
	not_before bigint CHECK ((not_before IS NOT NULL) = (kind = 3)), -- what was issued then or earlier is revoked
	sequence   bigint NOT NULL -- of the write, in the order of commits
);
CREATE INDEX IF NOT EXISTS "{table}_expires" ON "{table}" (expires_at);
CREATE INDEX IF NOT EXISTS "{table}_sequence" ON "{table}" (sequence);
`
	// Other engines than InnoDB have no transactions.
	mysqlSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	digest     BINARY(32) NOT NULL PRIMARY KEY, -- SHA-256 of what follows
	kind       TINYINT NOT NULL CHECK (kind BETWEEN 0 AND 3), -- 1 token, 2 family, 3 user; 0 counts the writes
	issuer     MEDIUMBLOB NOT NULL, -- this and name: bytes, of any length
	name       MEDIUMBLOB NOT NULL,
	expires_at BIGINT NOT NULL, -- this and not_before: Unix microseconds; the greatest number: never
	not_before BIGINT, CHECK ((not_before IS NOT NULL) = (kind = 3)), -- what was issued then or earlier is revoked
	sequence   BIGINT NOT NULL, -- of the write, in the order of commits
	INDEX (expires_at),
	INDEX (sequence)
) ENGINE=InnoDB`
)

const defaultTable = "revocations"
