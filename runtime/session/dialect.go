package session

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
// User ids are compared byte by byte, as columns of SQLite are unless they have
// another collation. STRICT keeps SQLite from storing texts as dates, which would
// be later than any number.
func SQLiteSchema(table string) (string, error) {
	return sqlstore.Schema(sqliteSchema, table, defaultTable)
}

// PostgreSQLSchema is like [SQLiteSchema], for PostgreSQL 13 or later. A name of
// more than 55 characters is an error, too, since the names of the indexes, which
// are longer, would be cut.
//
// User ids and what browsers say of themselves are bytes, since a text cannot hold
// all of them, and not the same in every database. For people:
// convert_from(user_id, 'UTF8').
func PostgreSQLSchema(table string) (string, error) {
	return sqlstore.PostgreSQLSchema(postgresSchema, table, defaultTable)
}

// MySQLSchema is like [SQLiteSchema], for MySQL 8.0 and MariaDB 10.5 or later. It
// is a single statement, without a semicolon at its end.
//
// User ids are bytes, since most collations take different texts for the same, and
// all but a few ignore spaces at the end.
func MySQLSchema(table string) (string, error) {
	return sqlstore.MySQLSchema(mysqlSchema, table, defaultTable)
}

const (
	sqliteSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
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
	postgresSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	id         bytea NOT NULL PRIMARY KEY CHECK (octet_length(id) = 32), -- this and secret: digests
	secret     bytea NOT NULL CHECK (octet_length(secret) = 32),
	user_id    bytea NOT NULL,
	auth_time  bigint NOT NULL, -- this and other instants: Unix microseconds
	created_at bigint NOT NULL,
	seen_at    bigint NOT NULL,
	expires_at bigint NOT NULL,
	deadline   bigint NOT NULL,
	remembered smallint NOT NULL CHECK (remembered IN (0, 1)),
	user_agent bytea NOT NULL,
	address    bytea NOT NULL,
	data       bytea,
	version    bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS "{table}_user" ON "{table}" (user_id);
CREATE INDEX IF NOT EXISTS "{table}_expires" ON "{table}" (expires_at);
`
	// Other engines than InnoDB lock whole tables, and may lose what was written. A
	// BLOB has room for one byte less than MaxData.
	mysqlSchema = `CREATE TABLE IF NOT EXISTS "{table}" (
	id         BINARY(32) NOT NULL PRIMARY KEY, -- this and secret: digests
	secret     BINARY(32) NOT NULL,
	user_id    VARBINARY(255) NOT NULL,
	auth_time  BIGINT NOT NULL, -- this and other instants: Unix microseconds
	created_at BIGINT NOT NULL,
	seen_at    BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	deadline   BIGINT NOT NULL,
	remembered TINYINT NOT NULL CHECK (remembered IN (0, 1)),
	user_agent VARBINARY(256) NOT NULL,
	address    VARBINARY(256) NOT NULL,
	data       MEDIUMBLOB,
	version    BIGINT NOT NULL,
	INDEX (user_id),
	INDEX (expires_at)
) ENGINE=InnoDB`
)

const defaultTable = "sessions"

var errLong = errors.New("the user id, the user agent or the address is too long for the table")

// checkLength returns an error if the table cannot hold the texts of a record, which
// those of [Backend.LogIn] never are. MySQL, if it is not set to be strict, would cut
// them without a word.
func (s *SQL) checkLength(r Record) error {
	if s.table.Dialect() == sqlstore.MySQL && (len(r.UserID) > maxUserID || max(len(r.UserAgent), len(r.Address)) > maxUserAgent) {
		return errLong
	}
	return nil
}
