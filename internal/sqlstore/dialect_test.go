package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fake is a database that answers some queries with a value, and all others
// with an error.
type fake map[string]driver.Value

var errFake = errors.New("syntax error, or the network is down")

func (f fake) Connect(context.Context) (driver.Conn, error) { return f, nil }
func (f fake) Driver() driver.Driver                        { return nil }
func (f fake) Prepare(string) (driver.Stmt, error)          { return nil, errFake }
func (f fake) Close() error                                 { return nil }
func (f fake) Begin() (driver.Tx, error)                    { return nil, errFake }

func (f fake) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	if value, ok := f[query]; ok {
		return &fakeRows{value: value}, nil
	}
	return nil, errFake
}

type fakeRows struct {
	value driver.Value
	done  bool
}

func (r *fakeRows) Columns() []string { return []string{"value"} }
func (r *fakeRows) Close() error      { return nil }
func (r *fakeRows) Next(row []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done, row[0] = true, r.value
	return nil
}

func TestDetect(t *testing.T) {
	version := func(text string) fake { return fake{"SELECT version()": text, "SELECT @@autocommit": int64(1)} }
	for _, c := range []struct {
		db    fake
		want  Dialect
		error string
	}{
		{fake{"SELECT sqlite_version()": "3.37.0"}, SQLite, ""},
		{version("PostgreSQL 15.13 (Debian 15.13-0+deb12u1) on x86_64-pc-linux-gnu"), PostgreSQL, ""},
		{version("8.4.3"), MySQL, ""},
		{version("10.11.6-MariaDB-0+deb12u1"), MySQL, ""},
		{fake{"SELECT version()": "8.4.3", "SELECT @@autocommit": int64(0)}, 0, "autocommit is off"},
		{fake{"SELECT version()": "8.4.3"}, 0, "the network is down"},
		{version("CockroachDB CCL v24.1.0"), 0, "none of SQLite"},
		{version("v1.1.3"), 0, "none of SQLite"},
		{version(""), 0, "none of SQLite"},
		{fake{}, 0, "the network is down"},
	} {
		db := sql.OpenDB(c.db)
		got, err := Detect(t.Context(), db)
		if c.error != "" {
			assert.ErrorContains(t, err, c.error)
			table, err := Open(t.Context(), db, "", "usual")
			assert.Error(t, err)
			assert.Nil(t, table)
		} else if assert.NoError(t, err) {
			assert.Equal(t, c.want, got)
		}
		require.NoError(t, db.Close())
	}
	_, err := Open(t.Context(), nil, "", "usual")
	assert.EqualError(t, err, "the DB is nil")
	_, err = Open(t.Context(), nil, "a b", "usual")
	assert.ErrorContains(t, err, "name")
}

// Only PostgreSQL is asked for its level: in the others it makes no difference to
// a statement by itself.
func TestHigherLevels(t *testing.T) {
	const question = `SELECT current_setting('default_transaction_isolation')`
	postgres := func(level string) fake { return fake{"SELECT version()": "PostgreSQL 15.13", question: level} }
	for _, c := range []struct {
		db     fake
		higher bool
	}{
		{postgres("read committed"), false},
		{postgres("repeatable read"), true},
		{postgres("serializable"), true},
		{fake{"SELECT version()": "8.4.3", "SELECT @@autocommit": int64(1)}, false},
		{fake{"SELECT sqlite_version()": "3.37.0"}, false},
	} {
		db := sql.OpenDB(c.db)
		table, err := Open(t.Context(), db, "", "usual")
		require.NoError(t, err)
		assert.Equal(t, c.higher, table.higher)
		require.NoError(t, db.Close())
	}
	db := sql.OpenDB(fake{"SELECT version()": "PostgreSQL 15.13"})
	_, err := Open(t.Context(), db, "", "usual")
	assert.ErrorIs(t, err, errFake)
	require.NoError(t, db.Close())
}

func TestBytes(t *testing.T) {
	assert.Equal(t, `\x41`, (&Table{dialect: SQLite}).Bytes(`\x41`))
	assert.Equal(t, []byte(`\x41`), (&Table{dialect: PostgreSQL}).Bytes(`\x41`))
	assert.Equal(t, []byte(`\x41`), (&Table{dialect: MySQL}).Bytes(`\x41`))
}

func TestTexts(t *testing.T) {
	upsert := Statement{Text: `INSERT INTO {table} (a, "b") VALUES (?, ?) ON CONFLICT (a, c) DO UPDATE SET
		a = {table}.a + excluded.a, b = excluded."b" WHERE a < ?`}
	assert.Equal(t, `INSERT INTO "t" (a, "b") VALUES (?, ?) ON CONFLICT (a, c) DO UPDATE SET
		a = "t".a + excluded.a, b = excluded."b" WHERE a < ?`, SQLite.text(upsert, "t"))
	assert.Equal(t, `INSERT INTO "t" (a, "b") VALUES ($1, $2) ON CONFLICT (a, c) DO UPDATE SET
		a = "t".a + excluded.a, b = excluded."b" WHERE a < $3`, PostgreSQL.text(upsert, "t"))
	upsert.Text = strings.ReplaceAll(upsert.Text, `"`, "`")
	assert.Equal(t, "INSERT INTO `t` (a, `b`) VALUES (?, ?) ON DUPLICATE KEY UPDATE\n"+
		"\t\ta = `t`.a + VALUES(a), b = VALUES(`b`) WHERE a < ?", MySQL.text(upsert, "t"))

	many := Statement{Text: strings.Repeat("?", 12)}
	assert.Equal(t, "$1$2$3$4$5$6$7$8$9$10$11$12", PostgreSQL.text(many, "t"))

	prune := Prune(nil, "a, b", "c")
	assert.Contains(t, PostgreSQL.text(prune, "t"), `DELETE FROM "t" WHERE (a, b) IN (`)
	assert.Contains(t, PostgreSQL.text(prune, "t"), `AND c <= $2`)
	assert.Regexp(t, "^DELETE FROM `t` WHERE c <= \\? AND c <= \\? AND c <= UNIX_TIMESTAMP.* ORDER BY c LIMIT 100$", MySQL.text(prune, "t"))
}

func TestSchemas(t *testing.T) {
	const schema = `CREATE TABLE "{table}"; CREATE INDEX "{table}_x"`
	got, err := MySQLSchema(schema, "", "usual")
	require.NoError(t, err)
	assert.Equal(t, "CREATE TABLE `usual`; CREATE INDEX `usual_x`", got)
	for length, fits := range map[int]bool{61: true, 62: false, 63: false, 64: false} {
		_, err := PostgreSQLSchema(schema, strings.Repeat("a", length), "usual")
		assert.Equal(t, fits, err == nil, length)
	}
	_, err = MySQLSchema(schema, `a"`, "usual")
	assert.Error(t, err)
}

func TestColumns(t *testing.T) {
	table := &Table{dialect: PostgreSQL}
	got, err := table.Column("", "jti")
	require.NoError(t, err)
	assert.Equal(t, `"jti"`, got)
	for _, name := range []string{`a"`, "a b", "1", "ä", "a.b"} {
		_, err := table.Column(name, "jti")
		assert.Error(t, err, name)
	}
	_, err = table.Column("", "")
	assert.Error(t, err)
}

func TestInstants(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.FixedZone("east", 3600))
	assert.Equal(t, "2026-03-04 04:06:07.000008", SQLite.Instant(at))
	assert.Equal(t, "2026-03-04 04:06:07.000008", MySQL.Instant(at))
	assert.Equal(t, "2026-03-04 04:06:07.000008+00", PostgreSQL.Instant(at))
	assert.Equal(t, "1970-01-01 00:00:00.000000", SQLite.Instant(at.AddDate(-5000, 0, 0)))
	assert.Equal(t, "9999-12-31 23:59:59.000000", SQLite.Instant(at.AddDate(50_000, 0, 0)))
}

func TestAgain(t *testing.T) {
	for fails, want := range []int{1, 2, 3, 3} {
		calls := 0
		err := Again(t.Context(), func() error {
			if calls++; calls <= fails {
				return fmt.Errorf("attempt %d", calls)
			}
			return nil
		})
		assert.Equal(t, want, calls)
		if fails < 3 {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, "attempt 3")
		}
	}
	for dialect, want := range map[Dialect]int{SQLite: 1, PostgreSQL: 3, MySQL: 3} {
		calls := 0
		err := (&Table{dialect: dialect}).Again(t.Context(), func() error { calls++; return errFake })
		assert.ErrorIs(t, err, errFake)
		assert.Equal(t, want, calls)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	calls := 0
	err := Again(cancelled, func() error { calls++; cancel(); return errFake })
	assert.ErrorIs(t, err, errFake)
	assert.Equal(t, 1, calls)
}
