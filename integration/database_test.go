package integration

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The driver for MySQL also logs what it returns as errors.
func init() { _ = mysql.SetLogger(new(mysql.NopLogger)) }

// A database is a server that databases can be made on. Its users are root, or what
// corresponds to it, and app, to whom each database belongs.
type database struct {
	server
	driver  string
	command []string // that starts it
	admin   string   // name of the data source of root
	dsn     func(port int, name string) string
	create  func(name string) []string
}

// postgres and mariadb are servers for all tests, started when first needed.
var (
	postgres = sync.OnceValues(func() (*database, error) { return newPostgres("fsync=off") })
	mariadb  = sync.OnceValues(func() (*database, error) { return newMariaDB("--innodb-flush-log-at-trx-commit=0") })
)

// newPostgres starts a PostgreSQL of its own, with more settings.
func newPostgres(settings ...string) (*database, error) {
	owner, err := accountOf("postgres")
	if err != nil {
		return nil, err
	}
	initdb, err := program("initdb", "/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return nil, err
	}
	d := &database{driver: "pgx"}
	if d.dir, err = newServerDir(owner); err != nil {
		return nil, err
	}
	data := filepath.Join(d.dir, "data")
	if err := owner.run(d.dir, initdb, "-D", data, "-U", "root", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	if d.port, err = freePort(); err != nil {
		return nil, err
	}
	d.command = postgresCommand(filepath.Join(filepath.Dir(initdb), "postgres"), data, d.dir, d.port)
	for _, setting := range settings {
		d.command = append(d.command, "-c", setting)
	}
	d.admin = fmt.Sprintf("postgres://root@127.0.0.1:%d/postgres", d.port)
	d.dsn = func(port int, name string) string { return fmt.Sprintf("postgres://app@127.0.0.1:%d/%s", port, name) }
	d.create = func(name string) []string { return []string{"CREATE DATABASE " + name + " OWNER app"} }
	d.owner = owner
	return d, d.begin("CREATE USER app")
}

// postgresCommand returns the command that starts a PostgreSQL on its data.
func postgresCommand(program, data, dir string, port int) []string {
	return []string{
		program, "-D", data, "-p", fmt.Sprint(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + dir, "-c", "max_connections=200",
	}
}

// newMariaDB starts a MariaDB of its own, with more settings.
func newMariaDB(settings ...string) (*database, error) {
	owner, err := accountOf("mysql")
	if err != nil {
		return nil, err
	}
	mariadbd, err := program("mariadbd", "/usr/sbin/mariadbd")
	if err != nil {
		return nil, err
	}
	d := &database{driver: "mysql"}
	if d.dir, err = newServerDir(owner); err != nil {
		return nil, err
	}
	data := filepath.Join(d.dir, "data")
	err = owner.run(d.dir, "mariadb-install-db", "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal",
		"--skip-test-db", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(d.dir))
	}
	if d.port, err = freePort(); err != nil {
		return nil, err
	}
	d.command = append([]string{
		mariadbd, "--no-defaults", "--datadir=" + data, fmt.Sprint("--port=", d.port), "--bind-address=127.0.0.1",
		"--socket=" + filepath.Join(d.dir, "socket"), "--pid-file=" + filepath.Join(d.dir, "pid"), "--max-connections=200",
		"--skip-name-resolve", "--innodb-log-file-size=8M",
		// The usual collation of Debian, which takes much for the same.
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci",
	}, settings...)
	d.admin = fmt.Sprintf("root@tcp(127.0.0.1:%d)/", d.port)
	d.dsn = func(port int, name string) string { return fmt.Sprintf("app@tcp(127.0.0.1:%d)/%s", port, name) }
	d.create = func(name string) []string {
		return []string{"CREATE DATABASE " + name, "GRANT ALL ON " + name + ".* TO app@'127.0.0.1'"}
	}
	d.owner = owner
	return d, d.begin("CREATE USER app@'127.0.0.1'")
}

// begin starts the server, waits for it, and runs statements there.
func (d *database) begin(statements ...string) error {
	if err := d.start(d.owner, d.command...); err != nil {
		return err
	}
	db, err := sql.Open(d.driver, d.admin)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := within(30*time.Second, db.Ping); err != nil {
		return fmt.Errorf("%w\n%s", err, d.log())
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

// own returns a server that ends with the test.
func own(t *testing.T, start func(...string) (*database, error), settings ...string) *database {
	t.Helper()
	d, err := start(settings...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, d.stop()) })
	return d
}

// shared returns a server that is there for all tests.
func shared(t testing.TB, get func() (*database, error)) *database {
	t.Helper()
	d, err := get()
	require.NoError(t, err)
	return d
}

// newDatabase creates a database and returns its name.
func (d *database) newDatabase(t testing.TB) string {
	t.Helper()
	name := "db_" + strings.ToLower(rand.Text())
	d.asRoot(t, d.create(name)...)
	return name
}

// asRoot runs statements that need rights.
func (d *database) asRoot(t testing.TB, statements ...string) {
	t.Helper()
	db, err := sql.Open(d.driver, d.admin)
	require.NoError(t, err)
	defer db.Close()
	for _, statement := range statements {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

// open opens a database, for at most ten callers at a time.
func (d *database) open(t testing.TB, name string) *sql.DB {
	t.Helper()
	return openSource(t, d.driver, d.dsn(d.port, name))
}

func openSource(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

// run runs the statements of a schema. MySQL takes one at a time.
func run(t testing.TB, db *sql.DB, schema string) {
	t.Helper()
	for range 2 { // the second time does no harm
		_, err := db.ExecContext(t.Context(), schema)
		require.NoError(t, err)
	}
}

// A place is where databases can be made: a server, or files.
type place struct {
	name string
	// create makes an empty database and returns a function that opens it.
	create func(t testing.TB) (open func() *sql.DB)
}

// places are all kinds of databases.
var places = []place{
	{"SQLite", func(t testing.TB) func() *sql.DB {
		path := filepath.Join(t.TempDir(), "test.db")
		return func() *sql.DB { return openSQLite(t, path) }
	}},
	{"SQLite without WAL", func(t testing.TB) func() *sql.DB {
		path := filepath.Join(t.TempDir(), "test.db")
		return func() *sql.DB { return openSQLite(t, path, "journal_mode(DELETE)", "synchronous(OFF)") }
	}},
	{"PostgreSQL", func(t testing.TB) func() *sql.DB {
		d := shared(t, postgres)
		name := d.newDatabase(t)
		return func() *sql.DB { return d.open(t, name) }
	}},
	{"MariaDB", func(t testing.TB) func() *sql.DB {
		d := shared(t, mariadb)
		name := d.newDatabase(t)
		return func() *sql.DB { return d.open(t, name) }
	}},
}

func openSQLite(t testing.TB, path string, settings ...string) *sql.DB {
	t.Helper()
	db, err := openFile(path, settings...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func TestServersLeaveNothingBehind(t *testing.T) {
	for name, start := range map[string]func(...string) (*database, error){"PostgreSQL": newPostgres, "MariaDB": newMariaDB} {
		t.Run(name, func(t *testing.T) {
			d, err := start()
			require.NoError(t, err)
			all := d.processes(t)
			require.NoError(t, d.stop())
			assert.NoDirExists(t, d.dir)
			for _, pid := range all {
				assert.NoError(t, within(5*time.Second, func() error {
					if _, err := os.Stat(fmt.Sprint("/proc/", pid)); err == nil {
						return fmt.Errorf("process %d is still there", pid)
					}
					return nil
				}))
			}
		})
	}
}
