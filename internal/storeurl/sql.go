package storeurl

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var (
	errPath       = errors.New("it has no path, as in sqlite:app.db")
	errTable      = errors.New("table is not of letters, digits and underscores, begins with a digit, or is too long")
	errEmptyTable = errors.New("table is empty")
	errTLS        = errors.New("tls is none of true, false, skip-verify and preferred")
	errNoFolder   = errors.New("the folder that its path begins in is not known")
)

// parseSQLite reads a path. A question mark in it is one like all other characters, but for that of a table.
func parseSQLite(path string) (place Place, open opener, err error) {
	table := defaultTable
	if i := strings.LastIndex(path, tableParameter); i >= 0 {
		if path, table = path[:i], path[i+len(tableParameter):]; table == "" {
			return place, nil, errEmptyTable
		}
	}
	schema, err := revocation.SQLiteSchema(table)
	switch {
	case err != nil:
		return place, nil, errTable
	case path == "":
		return place, nil, errPath
	}
	file, err := filepath.Abs(path)
	if err != nil {
		return place, nil, errNoFolder
	}
	place = Place{Scheme: "sqlite", Database: file, Table: table}
	return place, func(ctx context.Context, create bool) (*Store, error) {
		if _, err := os.Stat(file); !create && errors.Is(err, fs.ErrNotExist) {
			return nil, place.noFile(path)
		}
		db, err := openFile(file, create)
		if err != nil {
			return nil, err
		}
		return openSQL(ctx, db, place, schema, create)
	}, nil
}

const (
	tableParameter = "?table="

	// connectTimeout is how long one host of a PostgreSQL has, unless the URL says otherwise.
	connectTimeout = 2 * time.Second

	// maxConnections leaves most of the usual hundred of a server to others.
	maxConnections = 16
)

func openFile(path string, create bool) (*sql.DB, error) {
	query := url.Values{"_pragma": {"busy_timeout(5000)"}, "_txlock": {"immediate"}}
	if create {
		query.Add("_pragma", "journal_mode(WAL)")
	} else {
		query.Add("mode", "rw") // and not rwc; that it is WAL is written in the file
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
func parsePostgreSQL(text string) (place Place, open opener, err error) {
	config, table, err := postgresConfig(text)
	if err != nil {
		return place, nil, err
	}
	schema, err := revocation.PostgreSQLSchema(table)
	if err != nil {
		return place, nil, errTable
	}
	scheme, _, _ := strings.Cut(text, ":")
	place = Place{Scheme: scheme, Hosts: postgresHosts(config), Database: config.Database, Table: table}
	return place, func(ctx context.Context, create bool) (*Store, error) {
		return openSQL(ctx, stdlib.OpenDB(*config), place, schema, create)
	}, nil
}

func postgresConfig(text string) (config *pgx.ConnConfig, table string, err error) {
	_, rest, _ := strings.Cut(text, ":")
	if !strings.HasPrefix(rest, "//") {
		return nil, "", errMalformed // pgx also knows another form
	}
	if err := checkText(text); err != nil {
		return nil, "", err
	}
	if authority, _, _ := strings.Cut(rest[2:], "/"); strings.Count(authority, "@") > 1 { // the first one ends the password
		return nil, "", errEscape
	}
	if config, err = pgx.ParseConfig(text); err != nil {
		return nil, "", wrongPostgreSQL(text)
	}
	// Not a standby, whose answers lag behind, and which a pool that has once led there would
	// go on asking; and not the first of several hosts for minutes, if it does not answer.
	if config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	table, given := config.RuntimeParams["table"]
	switch {
	case !given:
		table = defaultTable
	case table == "":
		return nil, "", errEmptyTable
	}
	delete(config.RuntimeParams, "table")
	return config, table, nil
}

// wrongPostgreSQL returns what is wrong with a URL that pgx does not accept.
func wrongPostgreSQL(text string) error {
	base, rest, _ := strings.Cut(text, "?")
	query, err := url.ParseQuery(rest)
	if err != nil {
		return errParameters
	}
	name, found := wrongParameter(query, func(query url.Values) bool {
		_, err := pgx.ParseConfig(base + "?" + query.Encode())
		return err == nil
	})
	if !found {
		return errMalformed
	}
	return fmt.Errorf("the value of %s is none", name)
}

// postgresHosts returns the hosts, each once: for some values of sslmode pgx tries each twice.
func postgresHosts(config *pgx.ConnConfig) (hosts []string) {
	_, first := pgconn.NetworkAddress(config.Host, config.Port)
	hosts = append(hosts, first)
	for _, other := range config.Fallbacks {
		if _, host := pgconn.NetworkAddress(other.Host, other.Port); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func parseMySQL(text string) (place Place, open opener, err error) {
	location, query, err := split(text)
	if err != nil {
		return place, nil, err
	}
	config, err := mysqlConfig(location, query)
	if err != nil {
		return place, nil, err
	}
	table, err := take(query, "table")
	if err != nil {
		return place, nil, err
	}
	if others := slices.Sorted(maps.Keys(query)); len(others) > 0 {
		return place, nil, fmt.Errorf("%s is neither tls nor table", shown(others[0]))
	}
	table = cmp.Or(table, defaultTable)
	schema, err := revocation.MySQLSchema(table)
	if err != nil {
		return place, nil, errTable
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return place, nil, errMalformed
	}
	place = Place{Scheme: location.Scheme, Hosts: []string{config.Addr}, Database: config.DBName, Table: table}
	return place, func(ctx context.Context, create bool) (*Store, error) {
		return openSQL(ctx, sql.OpenDB(connector), place, schema, create)
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
func openSQL(ctx context.Context, db *sql.DB, place Place, schema string, create bool) (_ *Store, err error) {
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections)
	config := revocation.SQLConfig{DB: db, Table: place.Table}
	store, err := revocation.NewSQL(ctx, config)
	if create && isNoTable(err) { // only then: who may not make tables can use one
		if _, err := db.ExecContext(ctx, schema); err != nil {
			return nil, fmt.Errorf("make table of revocations: %w", err)
		}
		store, err = revocation.NewSQL(ctx, config)
	}
	switch {
	case isNoTable(err):
		return nil, place.noTable()
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
