package storeurl

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var (
	errPath          = errors.New("it has no path, as in sqlite:app.db")
	errTable         = errors.New("table is not of letters, digits and underscores, begins with a digit, or is too long")
	errEmptyTable    = errors.New("table is empty")
	errTLS           = errors.New("tls is none of true, false, skip-verify and preferred")
	errOnlyTLS       = errors.New("it has a parameter that is neither tls nor table")
	errNotPostgreSQL = errors.New("it is malformed, or the value of a parameter is none")
)

// parseSQLite reads a path. A question mark in it is one like all other characters, but for that of a table.
func parseSQLite(path string) (opener, error) {
	table := ""
	if i := strings.LastIndex(path, tableParameter); i >= 0 {
		path, table = path[:i], path[i+len(tableParameter):]
		if table == "" {
			return nil, errEmptyTable
		}
	}
	schema, err := revocation.SQLiteSchema(table)
	switch {
	case err != nil:
		return nil, errTable
	case path == "":
		return nil, errPath
	}
	return func(ctx context.Context, create bool) (*Store, error) {
		db, err := openFile(path, create)
		if err != nil {
			return nil, err
		}
		return openSQL(ctx, db, table, schema, create)
	}, nil
}

const tableParameter = "?table="

func openFile(path string, create bool) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	query := url.Values{"_pragma": {"busy_timeout(5000)"}, "_txlock": {"immediate"}}
	if create {
		query.Add("_pragma", "journal_mode(WAL)")
	} else {
		query.Add("mode", "rw") // and not rwc; that it is WAL is written in the file
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNotThere
		}
	}
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return db, nil
}

// parsePostgreSQL leaves the URL to pgx, which knows such as have several hosts. What pgx does not know it would set on
// the server, which refuses what it does not know either.
func parsePostgreSQL(text string) (opener, error) {
	config, table, err := postgresConfig(text)
	if err != nil {
		return nil, err
	}
	schema, err := revocation.PostgreSQLSchema(table)
	if err != nil {
		return nil, errTable
	}
	return func(ctx context.Context, create bool) (*Store, error) {
		return openSQL(ctx, stdlib.OpenDB(*config), table, schema, create)
	}, nil
}

func postgresConfig(text string) (config *pgx.ConnConfig, table string, err error) {
	if _, rest, _ := strings.Cut(text, ":"); !strings.HasPrefix(rest, "//") {
		return nil, "", errMalformed // pgx also knows another form
	}
	if config, err = pgx.ParseConfig(text); err != nil {
		return nil, "", errNotPostgreSQL // err quotes the URL
	}
	table, given := config.RuntimeParams["table"]
	if given && table == "" {
		return nil, "", errEmptyTable
	}
	delete(config.RuntimeParams, "table")
	return config, table, nil
}

func parseMySQL(text string) (opener, error) {
	location, query, err := split(text)
	if err != nil {
		return nil, err
	}
	config, err := mysqlConfig(location, query)
	if err != nil {
		return nil, err
	}
	table, err := take(query, "table")
	if err != nil {
		return nil, err
	}
	if len(query) > 0 {
		return nil, errOnlyTLS
	}
	schema, err := revocation.MySQLSchema(table)
	if err != nil {
		return nil, errTable
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errMalformed
	}
	return func(ctx context.Context, create bool) (*Store, error) {
		return openSQL(ctx, sql.OpenDB(connector), table, schema, create)
	}, nil
}

// mysqlConfig takes out of the query what is the driver's.
func mysqlConfig(location *url.URL, query url.Values) (*mysql.Config, error) {
	config := mysql.NewConfig()
	config.User = location.User.Username()
	config.Passwd, _ = location.User.Password()
	config.Net, config.Addr = "tcp", location.Host
	config.DBName = strings.TrimPrefix(location.Path, "/")
	if location.Port() == "" {
		config.Addr = net.JoinHostPort(location.Hostname(), "3306")
	}
	if config.DBName == "" {
		return nil, errDatabase
	}
	var err error
	if config.TLSConfig, err = take(query, "tls"); err != nil {
		return nil, err
	}
	switch config.TLSConfig {
	case "", "true", "false", "skip-verify", "preferred":
		return config, nil
	}
	return nil, errTLS
}

// openSQL returns the store. If there is an error the database is closed.
func openSQL(ctx context.Context, db *sql.DB, table, schema string, create bool) (_ *Store, err error) {
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	if create {
		if _, err := db.ExecContext(ctx, schema); err != nil {
			return nil, fmt.Errorf("make table of revocations: %w", err)
		}
	}
	store, err := revocation.NewSQL(ctx, revocation.SQLConfig{DB: db, Table: table})
	switch {
	case isNoTable(err):
		return nil, ErrNotThere
	case err != nil:
		return nil, err
	}
	return &Store{store, db.Close}, nil
}

// isNoTable reports whether a database says that there is no such table.
func isNoTable(err error) bool {
	var (
		inSQLite     *sqlite.Error
		inPostgreSQL *pgconn.PgError
		inMySQL      *mysql.MySQLError
	)
	switch {
	case errors.As(err, &inSQLite):
		return strings.Contains(inSQLite.Error(), "no such table") // whose code is that of all errors in statements
	case errors.As(err, &inPostgreSQL):
		return inPostgreSQL.Code == "42P01" // undefined_table
	case errors.As(err, &inMySQL):
		return inMySQL.Number == 1146 // ER_NO_SUCH_TABLE
	}
	return false
}
