package storeurl

import (
	"errors"
	"slices"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsRefused reports whether an error is a server's or a file's that will not do it until somebody changes their rights or
// settings: they do not know the user, do not let him, or are only read.
func IsRefused(err error) bool {
	var (
		inSQLite     *sqlite.Error
		inPostgreSQL *pgconn.PgError
		inMySQL      *mysql.MySQLError
	)
	switch {
	case errors.As(err, &inSQLite):
		return slices.Contains([]int{sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH}, inSQLite.Code()&0xff)
	case errors.As(err, &inPostgreSQL):
		// invalid_authorization_specification, invalid_password, insufficient_privilege, read_only_sql_transaction
		return slices.Contains([]string{"28000", "28P01", "42501", "25006"}, inPostgreSQL.Code)
	case errors.As(err, &inMySQL):
		// ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR,
		// ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_OPTION_PREVENTS_STATEMENT (read_only), ER_ACCESS_DENIED_NO_PASSWORD_ERROR,
		// ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE
		return slices.Contains([]uint16{1044, 1045, 1142, 1143, 1227, 1290, 1698, 1792, 1836}, inMySQL.Number)
	}
	return redis.IsAuthError(err) || redis.IsPermissionError(err) || redis.IsReadOnlyError(err) ||
		redis.HasErrorPrefix(err, "The user executing the script can't ") // whose code is not NOPERM
}
