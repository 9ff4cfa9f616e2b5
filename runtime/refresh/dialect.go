package refresh

import (
	"errors"

	"github.com/boltauthgen/boltauthgen/internal/sqlstore"
)

// All that differs between databases stands in this file and in package sqlstore.

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

// PostgreSQLSchema is like [SQLiteSchema], for PostgreSQL 13 or later. A name of
// more than 55 characters is an error, too, since the names of the indexes, which
// are longer, would be cut.
//
// Issuer, family and user are bytes, since a text cannot hold all of them, and not
// the same in every database. For people: convert_from(user_id, 'UTF8').
func PostgreSQLSchema(table string) (string, error) {
	return sqlstore.PostgreSQLSchema(postgresSchema, table, defaultTable)
}

// MySQLSchema is like [SQLiteSchema], for MySQL 8.0 and MariaDB 10.5 or later. It
// is a single statement, without a semicolon at its end.
//
// Issuer, family and user are bytes, since most collations take different texts for
// the same, and all but a few ignore spaces at the end.
func MySQLSchema(table string) (string, error) {
	return sqlstore.MySQLSchema(mysqlSchema, table, defaultTable)
}

const (
	sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
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
	postgresSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	issuer          bytea NOT NULL,
	family          bytea NOT NULL,
	user_id         bytea NOT NULL,
	started_at      bigint NOT NULL, -- this and other instants: Unix microseconds
	expires_at      bigint NOT NULL,
	current_digest  bytea NOT NULL CHECK (octet_length(current_digest) = 32),
	previous_digest bytea CHECK (octet_length(previous_digest) = 32), -- what the last rotation consumed,
	rotated_at      bigint,                                           -- when,
	sealed          bytea,                                            -- and the successor under that token
	PRIMARY KEY (issuer, family)
);
CREATE INDEX IF NOT EXISTS "{table}_user" ON "{table}" (issuer, user_id, started_at);
CREATE INDEX IF NOT EXISTS "{table}_expires" ON "{table}" (expires_at);
`
	// Other engines than InnoDB lock whole tables, and may lose what was written.
	mysqlSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	issuer          VARBINARY(255) NOT NULL,
	family          VARBINARY(255) NOT NULL,
	user_id         VARBINARY(255) NOT NULL,
	started_at      BIGINT NOT NULL, -- this and other instants: Unix microseconds
	expires_at      BIGINT NOT NULL,
	current_digest  BINARY(32) NOT NULL,
	previous_digest BINARY(32), -- what the last rotation consumed,
	rotated_at      BIGINT,     -- when,
	sealed          MEDIUMBLOB, -- and the successor under that token
	PRIMARY KEY (issuer, family),
	INDEX (issuer, user_id, started_at),
	INDEX (expires_at)
) ENGINE=InnoDB`
)

const defaultTable = "refresh_families"

// maxMySQLName is the length of the longest name in the table of MySQL. One that is
// not set to be strict would cut a longer one without a word.
const maxMySQLName = 255

var errLong = errors.New("the issuer, the family's ID or its UserID has more than 255 bytes, which is too long for the table")

// checkLength returns an error if the table cannot hold the names of a family.
func (s *SQL) checkLength(f Family) error {
	if s.table.Dialect() == sqlstore.MySQL && max(len(f.Issuer), len(f.ID), len(f.UserID)) > maxMySQLName {
		return errLong
	}
	return nil
}
