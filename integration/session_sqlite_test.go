package integration

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/session"
	"github.com/boltauthgen/boltauthgen/runtime/session/sessiontest"
)

// newSessionFile returns the path of a new SQLite file with the table of sessions in it,
// and the file opened.
func newSessionFile(t *testing.T) (string, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "session.db")
	db, err := openFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	createSessionTable(t, db, "")
	return path, db
}

func createSessionTable(t *testing.T, db *sql.DB, table string) {
	t.Helper()
	schema, err := session.SQLiteSchema(table)
	require.NoError(t, err)
	for range 2 { // the second time does no harm
		_, err = db.ExecContext(t.Context(), schema)
		require.NoError(t, err)
	}
}

func newSessionStore(t *testing.T, db *sql.DB, table string) *session.SQL {
	t.Helper()
	store, err := session.NewSQL(t.Context(), session.SQLConfig{DB: db, Table: table})
	require.NoError(t, err)
	return store
}

// sessionRecord returns a session that can idle for an hour, and live for a day.
func sessionRecord(name string, created time.Time) session.Record {
	return session.Record{
		ID: session.Digest(digest(name)), Secret: session.Digest(digest(name + " secret")), UserID: "7",
		AuthTime: created, Created: created, Seen: created, Expires: created.Add(time.Hour), Deadline: created.Add(24 * time.Hour),
	}
}

func TestSessionsOnSQLite(t *testing.T) {
	t.Parallel()
	t.Run("a file of its own each time", func(t *testing.T) {
		sessiontest.Run(t, func(t *testing.T) session.Store {
			_, db := newSessionFile(t)
			return newSessionStore(t, db, "")
		})
	})
	t.Run("one file for all, in a table whose name is a word of SQL", func(t *testing.T) {
		_, db := newSessionFile(t)
		createSessionTable(t, db, "order")
		sessiontest.Run(t, func(t *testing.T) session.Store { return newSessionStore(t, db, "order") })
		var n int
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM sessions`).Scan(&n))
		assert.Zero(t, n, "the table with the default name")
	})
	t.Run("without WAL", func(t *testing.T) {
		db, err := openFile(filepath.Join(t.TempDir(), "session.db"), "journal_mode(DELETE)", "synchronous(OFF)")
		require.NoError(t, err)
		defer db.Close()
		createSessionTable(t, db, "")
		sessiontest.Run(t, func(t *testing.T) session.Store { return newSessionStore(t, db, "") })
	})
	t.Run("in memory, with one connection", func(t *testing.T) {
		db, err := sql.Open("sqlite", ":memory:")
		require.NoError(t, err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		createSessionTable(t, db, "")
		sessiontest.Run(t, func(t *testing.T) session.Store { return newSessionStore(t, db, "") })
	})
}

// A database that does not work is an error that says nothing about the session.
func TestSessionsWhenTheDatabaseFails(t *testing.T) {
	for _, c := range []struct {
		name    string
		reading bool // whether that still works
		spoil   func(t *testing.T, path string, db *sql.DB) *sql.DB
	}{
		{"read-only connection", true, func(t *testing.T, path string, _ *sql.DB) *sql.DB {
			db, err := openFile(path, "query_only(1)")
			require.NoError(t, err)
			return db
		}},
		{"locked for longer than the timeout", true, func(t *testing.T, path string, holder *sql.DB) *sql.DB {
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
		{"closed", false, func(t *testing.T, path string, _ *sql.DB) *sql.DB {
			db, err := openFile(path)
			require.NoError(t, err)
			return db
		}},
		{"the table is gone", false, func(_ *testing.T, _ string, db *sql.DB) *sql.DB { return db }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, db := newSessionFile(t)
			there := sessionRecord("there", noon)
			require.NoError(t, newSessionStore(t, db, "").Create(t.Context(), there))

			spoiled := c.spoil(t, path, db)
			if spoiled != db {
				defer spoiled.Close()
			}
			bad := newSessionStore(t, spoiled, "")
			switch c.name {
			case "closed":
				require.NoError(t, spoiled.Close())
			case "the table is gone":
				_, err := spoiled.ExecContext(t.Context(), `DROP TABLE sessions`)
				require.NoError(t, err)
			}
			for name, err := range map[string]error{
				"create":   bad.Create(t.Context(), sessionRecord("new", noon)),
				"touch":    bad.Touch(t.Context(), there.ID, noon.Add(time.Minute), noon.Add(time.Hour)),
				"update":   bad.Update(t.Context(), there, noon),
				"end":      bad.End(t.Context(), there.ID),
				"end user": bad.EndUser(t.Context(), there.UserID, session.Digest{}),
			} {
				require.Error(t, err, name)
				require.NotErrorIs(t, err, session.ErrNotFound, name)
				require.NotErrorIs(t, err, session.ErrConflict, name)
			}
			_, err := bad.Load(t.Context(), there.ID)
			records, listErr := bad.List(t.Context(), there.UserID)
			if c.reading {
				require.NoError(t, errors.Join(err, listErr))
				require.Len(t, records, 1)
				return
			}
			require.Error(t, err)
			require.NotErrorIs(t, err, session.ErrNotFound)
			require.Error(t, listErr)
		})
	}
}

// A caller that waits for a lock waits no longer than its context.
func TestSessionsWaitNoLongerThanTheirContext(t *testing.T) {
	_, db := newSessionFile(t)
	store := newSessionStore(t, db, "")
	r := sessionRecord("a", noon)
	require.NoError(t, store.Create(t.Context(), r))
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	asked := time.Now()
	require.Error(t, store.Update(ctx, r, noon))
	assert.Less(t, time.Since(asked), 10*time.Second, "half of what busy_timeout says")

	_, err = conn.ExecContext(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, store.Update(t.Context(), r, noon))
}

func TestNewSessionStoreRefuses(t *testing.T) {
	_, db := newSessionFile(t)
	for table, reason := range map[string]string{"another": "no such table", "a b": "name", strings.Repeat("a", 64): "name"} {
		_, err := session.NewSQL(t.Context(), session.SQLConfig{DB: db, Table: table})
		assert.ErrorContains(t, err, reason, table)
	}
	_, err := db.ExecContext(t.Context(), `CREATE TABLE other (id BLOB, secret BLOB)`)
	require.NoError(t, err)
	_, err = session.NewSQL(t.Context(), session.SQLConfig{DB: db, Table: "other"})
	assert.ErrorContains(t, err, "column")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = session.NewSQL(ctx, session.SQLConfig{DB: db})
	assert.ErrorIs(t, err, context.Canceled)
}

// A row that the store cannot have written is an error. The table here has columns of
// the right names, but none of the checks.
func TestSessionsDoNotUnderstandARow(t *testing.T) {
	damages := map[string]string{
		"secret too short":      `secret = substr(secret, 1, 31)`,
		"secret too long":       `secret = secret || x'00'`,
		"secret empty":          `secret = x''`,
		"secret NULL":           `secret = NULL`,
		"secret is zero":        `secret = zeroblob(32)`,
		"secret in hex":         `secret = hex(secret)`,
		"no user":               `user_id = ''`,
		"user is NULL":          `user_id = NULL`,
		"expiry is not a time":  `expires_at = 'never'`,
		"expiry NULL":           `expires_at = NULL`,
		"expiry after deadline": `expires_at = deadline + 1`,
		"expiry before use":     `expires_at = seen_at`,
		"no time of login":      `auth_time = NULL`,
		"version is none":       `version = 'first'`,
		"flag is none":          `remembered = 'maybe'`,
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			_, db := newSessionFile(t)
			_, err := db.ExecContext(t.Context(), `CREATE TABLE loose (id, secret, user_id, auth_time, created_at, seen_at, expires_at,
				deadline, remembered, user_agent, address, data, version)`)
			require.NoError(t, err)
			store := newSessionStore(t, db, "loose")
			r := sessionRecord("a", noon)
			require.NoError(t, store.Create(t.Context(), r))
			_, err = store.Load(t.Context(), r.ID)
			require.NoError(t, err)
			_, err = db.ExecContext(t.Context(), `UPDATE loose SET `+damage)
			require.NoError(t, err)

			got, err := store.Load(t.Context(), r.ID)
			require.Error(t, err)
			require.NotErrorIs(t, err, session.ErrNotFound)
			require.Zero(t, got)
			if !strings.Contains(damage, "user_id") {
				records, err := store.List(t.Context(), r.UserID)
				require.Error(t, err)
				require.Nil(t, records)
			}
		})
	}
	t.Run("the schema does not let most of them in", func(t *testing.T) {
		_, db := newSessionFile(t)
		require.NoError(t, newSessionStore(t, db, "").Create(t.Context(), sessionRecord("a", noon)))
		for name, damage := range damages {
			switch name {
			case "secret is zero", "no user", "expiry after deadline", "expiry before use":
				continue
			}
			_, err := db.ExecContext(t.Context(), `UPDATE sessions SET `+damage)
			assert.Error(t, err, name)
		}
	})
}

func TestCreateDeletesSessionsThatAreOver(t *testing.T) {
	_, db := newSessionFile(t)
	store := newSessionStore(t, db, "")
	count := func() (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM sessions`).Scan(&n))
		return n
	}
	for i := range 250 {
		require.NoError(t, store.Create(t.Context(), sessionRecord(fmt.Sprint("over ", i), noon)))
	}
	barely := sessionRecord("over for less than an hour", noon)
	barely.Expires = barely.Expires.Add(time.Microsecond)
	require.NoError(t, store.Create(t.Context(), barely))
	require.Equal(t, 251, count())

	for i, want := range []int{152, 53, 4, 5} { // 100 fewer and one more, as long as there are so many
		require.NoError(t, store.Create(t.Context(), sessionRecord(fmt.Sprint("later ", i), noon.Add(2*time.Hour))))
		require.Equal(t, want, count())
	}
	_, err := store.Load(t.Context(), barely.ID)
	require.NoError(t, err)
}

// Every statement finds its rows by an index.
func TestStatementsOfSessionsUseIndexes(t *testing.T) {
	path, db := newSessionFile(t)
	recorder := &recorder{name: "file:" + path}
	recorded := sql.OpenDB(recorder)
	defer recorded.Close()
	newSessionStore(t, recorded, "")
	require.Equal(t, kindStatements, recorder.statements[:len(kindStatements)])
	statements := recorder.statements[len(kindStatements):]
	require.Len(t, statements, 8)

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
			assert.Contains(t, all, "INDEX", statement)
		}
	}
}

// A site is what an application with sessions is, over TLS, with a browser's memory for
// cookies.
type site struct {
	*httptest.Server
	backend *session.Backend
	slow    chan func() // what a slow request does before it is done
}

var visits = session.NewKey[int]("visits")

// newSite serves the sessions of a store.
func newSite(t *testing.T, store session.Store) *site {
	t.Helper()
	backend, err := session.New(session.Config{
		Store: store,
		User: func(_ context.Context, id string) (runtime.Identity, error) {
			return runtime.Identity{UserID: id}, nil
		},
	})
	require.NoError(t, err)
	s := &site{backend: backend, slow: make(chan func())}
	guarded := func(handle func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			p, err := backend.Authenticate(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			if err := handle(w, r.WithContext(runtime.NewContext(r.Context(), p))); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		}
	}
	count := func(w http.ResponseWriter, r *http.Request) error {
		opened, err := backend.Session(r)
		if err != nil {
			return err
		}
		n, err := visits.Get(opened)
		if err != nil {
			return err
		}
		if r.FormValue("slow") != "" {
			(<-s.slow)()
		}
		if err := errors.Join(visits.Set(opened, n+1), opened.Save(r.Context())); err != nil {
			return err
		}
		_, err = fmt.Fprint(w, n+1)
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := backend.LogIn(w, r, r.FormValue("user"), session.Options{Remember: r.FormValue("remember") != ""}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("POST /logout", guarded(backend.LogOut))
	mux.HandleFunc("POST /renew", guarded(func(w http.ResponseWriter, r *http.Request) error { return backend.Renew(w, r, time.Time{}) }))
	mux.HandleFunc("POST /count", guarded(count))
	s.Server = httptest.NewTLSServer(mux)
	t.Cleanup(s.Close)
	return s
}

// browser returns a client with cookies of its own.
func (s *site) browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &http.Client{Transport: s.Client().Transport, Jar: jar}
}

func post(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	response, err := client.Post(url, "", nil)
	if !assert.NoError(t, err) {
		return 0, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	assert.NoError(t, err)
	return response.StatusCode, string(body)
}

// ids returns the ids that the browser has.
func ids(t *testing.T, s *site, client *http.Client) (values []string) {
	t.Helper()
	address, err := url.Parse(s.URL)
	require.NoError(t, err)
	for _, cookie := range client.Jar.Cookies(address) {
		values = append(values, cookie.Value)
	}
	return values
}

// Who reads the file finds digests, at any time.
func TestTheFileHoldsNoSessionID(t *testing.T) {
	path, db := newSessionFile(t)
	s := newSite(t, newSessionStore(t, db, ""))
	client := s.browser(t)
	var seen []string
	for _, path := range []string{"/login?user=alice", "/count", "/renew", "/count", "/login?user=alice&remember=1", "/renew", "/logout", "/login?user=alice"} {
		status, body := post(t, client, s.URL+path)
		require.Equal(t, 200, status, body)
		seen = append(seen, ids(t, s, client)...)
	}
	require.Len(t, seen, 7)
	content := dump(t, path)
	assert.Contains(t, content, "alice", "this is where they would be found")
	assertNoSessionID(t, content, seen)
	_, err := db.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE); VACUUM`)
	require.NoError(t, err)
	assertNoSessionID(t, dump(t, path), seen)
}

func assertNoSessionID(t *testing.T, content string, ids []string) {
	t.Helper()
	lower := strings.ToLower(content)
	for _, id := range ids {
		for part := range strings.SplitSeq(id, ".") {
			require.GreaterOrEqual(t, len(part), 26)
			for _, half := range []string{part[:13], part[13:26]} {
				if strings.Contains(lower, strings.ToLower(half)) ||
					strings.Contains(lower, hex.EncodeToString([]byte(half))) ||
					strings.Contains(content, base64.RawStdEncoding.EncodeToString([]byte(half))) {
					t.Error("a part of an id stands in the file")
				}
			}
		}
	}
}

// Two processes share a file: what one has ended, the other one's slow request does not
// revive (HOSTILE 88), and no visit is lost.
func TestTwoProcessesShareSessions(t *testing.T) {
	path, db := newSessionFile(t)
	second, err := openFile(path)
	require.NoError(t, err)
	defer second.Close()
	here, there := newSite(t, newSessionStore(t, db, "")), newSite(t, newSessionStore(t, second, ""))
	client := here.browser(t)
	both := func(i int) string { return []string{here.URL, there.URL}[i%2] } // one host to the browser, whatever the port

	status, body := post(t, client, here.URL+"/login?user=alice")
	require.Equal(t, 200, status, body)
	var group sync.WaitGroup
	var mu sync.Mutex
	saved := 0
	for i := range 20 {
		group.Go(func() {
			if status, _ := post(t, client, both(i)+"/count"); status == 200 {
				mu.Lock()
				defer mu.Unlock()
				saved++
			}
		})
	}
	group.Wait()
	require.Positive(t, saved)
	_, body = post(t, client, there.URL+"/count")
	assert.Equal(t, fmt.Sprint(saved+1), body, "each that was said to be saved is there")

	group.Go(func() {
		status, body := post(t, client, there.URL+"/count?slow=1")
		assert.Equal(t, 500, status)
		assert.Contains(t, body, "no session")
	})
	there.slow <- func() {
		status, body := post(t, client, here.URL+"/logout")
		assert.Equal(t, 200, status, body)
	}
	group.Wait()
	for i := range 2 {
		status, _ = post(t, client, both(i)+"/count")
		assert.Equal(t, 401, status)
	}
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM sessions`).Scan(&n))
	assert.Zero(t, n)
}
