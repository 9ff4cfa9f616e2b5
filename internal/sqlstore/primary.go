package sqlstore

import "errors"

var errReplica = errors.New("the database is a replica, or read only: what it shows may lag behind")

// Primary is the destination of a column {primary}, which statements have whose answer
// must not lag behind. To scan it is an error if the database that answers is not one to
// which all write: a standby of PostgreSQL, a MySQL that is read only, as replicas are. A
// pool of connections may lead to another one after a failover than before.
type Primary struct{}

// Scan implements [database/sql.Scanner].
func (Primary) Scan(value any) error {
	if value != int64(1) {
		return errReplica
	}
	return nil
}

// primary returns an expression that is 1 on a primary.
func (d Dialect) primary() string {
	switch d {
	case PostgreSQL:
		return `CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END`
	case MySQL: // a number, or a word in later versions of MariaDB
		return `CASE WHEN @@global.read_only IN ('0', 'OFF') THEN 1 ELSE 0 END`
	}
	return `1`
}
