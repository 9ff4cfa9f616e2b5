package integration

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/refresh/refreshtest"
)

var noon = time.Unix(1_750_000_000, 0)

const grace = 30 * time.Second

// openFile opens a SQLite file as the documentation of [refresh.SQLConfig] says,
// with other settings after those, for at most ten callers at a time.
func openFile(path string, settings ...string) (*sql.DB, error) {
	values := url.Values{"_pragma": append([]string{"busy_timeout(20000)"}, settings...)}
	if len(settings) == 0 {
		values.Add("_pragma", "journal_mode(WAL)")
	}
	db, err := sql.Open("sqlite", "file:"+path+"?"+values.Encode())
	if err == nil {
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
	}
	return db, err
}

const connections = 10

// newFile returns the path of a new SQLite file with the table in it, and the file opened.
func newFile(t *testing.T) (string, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "refresh.db")
	db, err := openFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	createTable(t, db, "")
	return path, db
}

func createTable(t *testing.T, db *sql.DB, table string) {
	t.Helper()
	schema, err := refresh.SQLiteSchema(table)
	require.NoError(t, err)
	for range 2 { // the second time does no harm
		_, err = db.ExecContext(t.Context(), schema)
		require.NoError(t, err)
	}
}

func newStore(t *testing.T, db *sql.DB, table string) *refresh.SQL {
	t.Helper()
	store, err := refresh.NewSQL(t.Context(), refresh.SQLConfig{DB: db, Table: table})
	require.NoError(t, err)
	return store
}

func start(t *testing.T, s refresh.Store, id string, token string) {
	t.Helper()
	require.NoError(t, s.Start(t.Context(), refresh.Family{
		Issuer: "https://issuer.example", ID: id, UserID: "7", Started: noon, Expires: noon.Add(time.Hour), Current: digest(token),
	}))
}

func rotation(family, from, to string, grace time.Duration) refresh.Rotation {
	return refresh.Rotation{
		Issuer: "https://issuer.example", Family: family,
		Old: digest(from), New: digest(to), Sealed: seal(from, to),
		Now: noon.Add(time.Minute), Grace: grace, Expires: noon.Add(2 * time.Hour),
	}
}

func rotate(t *testing.T, s refresh.Store, r refresh.Rotation) refresh.Result {
	t.Helper()
	result, err := s.Rotate(t.Context(), r)
	require.NoError(t, err)
	return result
}

func count(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM refresh_families`).Scan(&n))
	return n
}

func TestRefreshOnSQLite(t *testing.T) {
	t.Parallel()
	t.Run("a file of its own each time", func(t *testing.T) {
		refreshtest.Run(t, func(t *testing.T) refresh.Store {
			_, db := newFile(t)
			return newStore(t, db, "")
		})
	})
	t.Run("one file for all, in a table whose name is a word of SQL", func(t *testing.T) {
		_, db := newFile(t)
		createTable(t, db, "order")
		refreshtest.Run(t, func(t *testing.T) refresh.Store { return newStore(t, db, "order") })
		assert.Zero(t, count(t, db), "the table with the default name")
	})
	t.Run("without WAL", func(t *testing.T) {
		db, err := openFile(filepath.Join(t.TempDir(), "without.db"), "journal_mode(DELETE)", "synchronous(OFF)")
		require.NoError(t, err)
		defer db.Close()
		createTable(t, db, "")
		refreshtest.Run(t, func(t *testing.T) refresh.Store { return newStore(t, db, "") })
	})
	t.Run("in memory, with one connection", func(t *testing.T) {
		db, err := sql.Open("sqlite", ":memory:")
		require.NoError(t, err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		createTable(t, db, "")
		refreshtest.Run(t, func(t *testing.T) refresh.Store { return newStore(t, db, "") })
	})
}

// A database that cannot be written is an error, whatever is asked.
func TestRefreshWhenTheDatabaseFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, path string, db *sql.DB) *sql.DB
	}{
		{"read-only connection", func(t *testing.T, path string, _ *sql.DB) *sql.DB {
			db, err := openFile(path, "query_only(1)")
			require.NoError(t, err)
			return db
		}},
		{"read-only file", func(t *testing.T, path string, _ *sql.DB) *sql.DB {
			db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
			require.NoError(t, err)
			return db
		}},
		{"locked for longer than the timeout", func(t *testing.T, path string, holder *sql.DB) *sql.DB {
			conn, err := holder.Conn(t.Context())
			require.NoError(t, err)
			_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
			require.NoError(t, err)
			t.Cleanup(func() {
				_, err := conn.ExecContext(context.Background(), "ROLLBACK")
				assert.NoError(t, errors.Join(err, conn.Close()))
			})
			db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(50)")
			require.NoError(t, err)
			return db
		}},
		{"closed", nil},
		{"the table is gone", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, db := newFile(t)
			good := newStore(t, db, "")
			start(t, good, "f", "token 0")
			require.Equal(t, refresh.Rotated, rotate(t, good, rotation("f", "token 0", "token 1", grace)).Outcome)

			spoiled := db
			if c.spoil != nil {
				spoiled = c.spoil(t, path, db)
				defer spoiled.Close()
			}
			bad := newStore(t, spoiled, "")
			switch c.name {
			case "closed":
				require.NoError(t, spoiled.Close())
			case "the table is gone":
				_, err := spoiled.ExecContext(t.Context(), `DROP TABLE refresh_families`)
				require.NoError(t, err)
			}
			for _, from := range []string{"token 0", "token 1", "token 9"} { // last, current, another
				result, err := bad.Rotate(t.Context(), rotation("f", from, "token 2", grace))
				require.Error(t, err, from)
				require.Zero(t, result, from)
			}
			require.Error(t, bad.Start(t.Context(), refresh.Family{ID: "g", UserID: "7", Expires: noon, Current: digest("token 0")}))
			require.Error(t, bad.End(t.Context(), "https://issuer.example", "f"))
			require.Error(t, bad.EndUser(t.Context(), "https://issuer.example", "7", noon))

			if c.spoil != nil { // nothing has changed
				require.Equal(t, refresh.Repeated, rotateUnlocked(t, path, rotation("f", "token 0", "token 2", grace)))
			}
		})
	}
}

// rotateUnlocked rotates in a copy of the file, since the file itself may be locked.
func rotateUnlocked(t *testing.T, path string, r refresh.Rotation) refresh.Outcome {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(copied+suffix, content, 0o600))
	}
	db, err := openFile(copied)
	require.NoError(t, err)
	defer db.Close()
	return rotate(t, newStore(t, db, ""), r).Outcome
}

// A caller that waits for a lock waits no longer than its context.
func TestRefreshWaitsNoLongerThanItsContext(t *testing.T) {
	_, db := newFile(t)
	store := newStore(t, db, "")
	start(t, store, "f", "token 0")
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	asked := time.Now()
	result, err := store.Rotate(ctx, rotation("f", "token 0", "token 1", grace))
	require.Error(t, err)
	require.Zero(t, result)
	assert.Less(t, time.Since(asked), 10*time.Second, "half of what busy_timeout says")

	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.Equal(t, refresh.Rotated, rotate(t, store, rotation("f", "token 0", "token 1", grace)).Outcome)
}

func TestNewSQLRefuses(t *testing.T) {
	_, db := newFile(t)
	for table, reason := range map[string]string{"another": "no such table", "a b": "name", strings.Repeat("a", 64): "name"} {
		_, err := refresh.NewSQL(t.Context(), refresh.SQLConfig{DB: db, Table: table})
		assert.ErrorContains(t, err, reason, table)
	}
	_, err := db.ExecContext(t.Context(), `CREATE TABLE other (issuer TEXT, family TEXT)`)
	require.NoError(t, err)
	_, err = refresh.NewSQL(t.Context(), refresh.SQLConfig{DB: db, Table: "other"})
	assert.ErrorContains(t, err, "column")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = refresh.NewSQL(ctx, refresh.SQLConfig{DB: db})
	assert.ErrorIs(t, err, context.Canceled)
}

// A row that the store cannot have written is an error. The table here has
// columns of the right names, but none of the checks.
func TestRefreshDoesNotUnderstandARow(t *testing.T) {
	for name, damage := range map[string]string{
		"current too short":     `current_digest = substr(current_digest, 1, 31)`,
		"current too long":      `current_digest = current_digest || x'00'`,
		"current empty":         `current_digest = x''`,
		"current NULL":          `current_digest = NULL`,
		"current is a number":   `current_digest = 5`,
		"current in hex":        `current_digest = hex(current_digest)`,
		"previous too short":    `previous_digest = substr(previous_digest, 1, 31)`,
		"previous too long":     `previous_digest = previous_digest || x'00'`,
		"previous empty":        `previous_digest = x''`,
		"no time of rotation":   `rotated_at = NULL`,
		"rotated at a text":     `rotated_at = 'noon'`,
		"expiry is not a time":  `expires_at = 'never'`,
		"expiry is not a time ": `expires_at = NULL`,
	} {
		t.Run(name, func(t *testing.T) {
			_, db := newFile(t)
			_, err := db.ExecContext(t.Context(), `CREATE TABLE loose (issuer, family, user_id, started_at, expires_at,
				current_digest, previous_digest, rotated_at, sealed)`)
			require.NoError(t, err)
			store := newStore(t, db, "loose")
			start(t, store, "f", "token 0")
			require.Equal(t, refresh.Rotated, rotate(t, store, rotation("f", "token 0", "token 1", grace)).Outcome)
			_, err = db.ExecContext(t.Context(), `UPDATE loose SET `+damage)
			require.NoError(t, err)

			result, err := store.Rotate(t.Context(), rotation("f", "token 0", "token 2", grace))
			require.Error(t, err)
			require.Zero(t, result)
			assert.NotContains(t, err.Error(), "token")
		})
	}

	t.Run("two of one family", func(t *testing.T) {
		_, db := newFile(t)
		_, err := db.ExecContext(t.Context(), `CREATE TABLE loose (issuer, family, user_id, started_at, expires_at,
			current_digest, previous_digest, rotated_at, sealed)`)
		require.NoError(t, err)
		store := newStore(t, db, "loose")
		start(t, store, "f", "token 0")
		start(t, store, "f", "token 0")
		result, err := store.Rotate(t.Context(), rotation("f", "token 0", "token 1", grace))
		require.Error(t, err)
		require.Zero(t, result)
	})

	t.Run("the schema does not let such rows in", func(t *testing.T) {
		_, db := newFile(t)
		start(t, newStore(t, db, ""), "f", "token 0")
		for _, damage := range []string{
			`current_digest = x''`, `current_digest = NULL`, `current_digest = 'text of 32 characters, no blob..'`,
			`previous_digest = x'00'`, `expires_at = 'never'`, `expires_at = NULL`, `rotated_at = 'noon'`, `started_at = 'noon'`,
			`user_id = NULL`, `family = NULL`, `issuer = NULL`,
		} {
			_, err := db.ExecContext(t.Context(), `UPDATE refresh_families SET `+damage)
			assert.Error(t, err, damage)
		}
	})
}

func TestStartDeletesWhatIsOver(t *testing.T) {
	_, db := newFile(t)
	store := newStore(t, db, "")
	startAt := func(id string, started time.Time, lifetime time.Duration) {
		t.Helper()
		require.NoError(t, store.Start(t.Context(), refresh.Family{
			ID: id, UserID: "7", Started: started, Expires: started.Add(lifetime), Current: digest(id),
		}))
	}
	for i := range 250 {
		startAt(fmt.Sprint("over ", i), noon, time.Minute)
	}
	startAt("alive", noon, 24*time.Hour)
	startAt("over for less than an hour", noon, time.Minute+time.Microsecond)
	startAt("for clocks that differ", noon.Add(time.Hour+time.Minute-time.Microsecond), time.Hour)
	require.Equal(t, 253, count(t, db))

	for i, want := range []int{154, 55, 6, 7} { // 100 fewer and one more, as long as there are so many
		startAt(fmt.Sprint("later ", i), noon.Add(time.Hour+time.Minute), time.Hour)
		require.Equal(t, want, count(t, db))
	}
	for _, id := range []string{"alive", "for clocks that differ", "later 0"} {
		result := rotate(t, store, refresh.Rotation{
			Family: id, Old: digest(id), New: digest("next"), Now: noon.Add(time.Hour), Expires: noon.Add(24 * time.Hour),
		})
		assert.Equal(t, refresh.Rotated, result.Outcome, id)
	}
}

// Who reads the file finds digests and ciphertext, at any time.
func TestTheFileHoldsNoToken(t *testing.T) {
	path, db := newFile(t)
	store := newStore(t, db, "")
	tokens := []string{newToken()}
	start(t, store, "f", tokens[0])
	for i := range 20 {
		next := newToken()
		tokens = append(tokens, next)
		r := rotation("f", tokens[i], next, grace)
		require.Equal(t, refresh.Rotated, rotate(t, store, r).Outcome)
		require.Equal(t, refresh.Repeated, rotate(t, store, r).Outcome)

		content := dump(t, path)
		assert.Contains(t, content, string(r.New[:]), "this is where it would be found")
		assert.Contains(t, content, string(r.Sealed))
		assertNoToken(t, content, tokens)
	}
	unsealed, err := unseal(tokens[19], rotate(t, store, rotation("f", tokens[19], newToken(), grace)).Sealed)
	require.NoError(t, err)
	assert.Equal(t, tokens[20], unsealed, "who has the old token gets the successor out")

	_, err = db.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE); VACUUM`)
	require.NoError(t, err)
	assertNoToken(t, dump(t, path), tokens)
	require.Equal(t, refresh.Reused, rotate(t, store, rotation("f", tokens[0], newToken(), grace)).Outcome)
	assertNoToken(t, dump(t, path), tokens)

	start(t, store, "g", tokens[0])
	r := rotation("g", tokens[0], tokens[1], 0)
	require.Equal(t, refresh.Rotated, rotate(t, store, r).Outcome)
	content := dump(t, path)
	assert.Contains(t, content, string(r.New[:]))
	assert.NotContains(t, content, string(r.Sealed), "without grace there is nothing to keep")
}

// dump returns all bytes of the database and the files beside it.
func dump(t *testing.T, path string) string {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(content)
	}
	return all.String()
}

func assertNoToken(t *testing.T, content string, tokens []string) {
	t.Helper()
	lower := strings.ToLower(content)
	for _, token := range tokens {
		for _, half := range []string{token[:len(token)/2], token[len(token)/2:]} {
			if strings.Contains(lower, strings.ToLower(half)) ||
				strings.Contains(lower, hex.EncodeToString([]byte(half))) ||
				strings.Contains(content, base64.RawStdEncoding.EncodeToString([]byte(half))) {
				t.Error("a token stands in the file")
			}
		}
	}
}

// Every statement finds its rows by an index.
func TestStatementsUseIndexes(t *testing.T) {
	path, db := newFile(t)
	recorder := &recorder{name: "file:" + path}
	recorded := sql.OpenDB(recorder)
	defer recorded.Close()
	newStore(t, recorded, "")
	require.Equal(t, kindStatements, recorder.statements[:len(kindStatements)])
	statements := recorder.statements[len(kindStatements):]
	require.Len(t, statements, 6)

	for _, statement := range statements {
		rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
		require.NoError(t, err, statement)
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
			plan = append(plan, detail)
		}
		require.NoError(t, rows.Err())
		all := strings.Join(plan, "\n")
		assert.NotContains(t, all, "SCAN", statement)
		assert.NotContains(t, all, "TEMP B-TREE", statement)
		if !strings.HasPrefix(statement, "INSERT") {
			assert.Contains(t, all, "USING", statement)
			assert.Contains(t, all, "INDEX", statement)
		}
	}
}

// kindStatements are those by which a store finds out which kind of database it has. The
// first one is an error in SQLite.
var kindStatements = []string{"SELECT version()", "SELECT sqlite_version()"}

// A recorder opens a SQLite file and keeps the statements that are prepared there.
type recorder struct {
	name       string
	statements []string
}

func (r *recorder) Driver() driver.Driver { return &sqlite.Driver{} }

func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	conn, err := r.Driver().Open(r.name)
	return recordedConn{conn, r}, err
}

type recordedConn struct {
	driver.Conn
	recorder *recorder
}

func (c recordedConn) Prepare(statement string) (driver.Stmt, error) {
	c.recorder.statements = append(c.recorder.statements, statement)
	return c.Conn.Prepare(statement)
}
