package integration

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/apikey/apikeytest"
)

// newKeyFile returns the path of a new SQLite file with the table in it, and the file opened.
func newKeyFile(t *testing.T) (string, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.db")
	db, err := openFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	createKeyTable(t, db, "")
	return path, db
}

func createKeyTable(t *testing.T, db *sql.DB, table string) {
	t.Helper()
	schema, err := apikey.SQLiteSchema(table)
	require.NoError(t, err)
	for range 2 { // the second time does no harm
		_, err = db.ExecContext(t.Context(), schema)
		require.NoError(t, err)
	}
}

func newKeyStore(t *testing.T, db *sql.DB, table string) *apikey.SQL {
	t.Helper()
	store, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: db, Table: table})
	require.NoError(t, err)
	return store
}

// addKey makes a key that is in the store.
func addKey(t *testing.T, store *apikey.SQL) apikey.Generated {
	t.Helper()
	g, err := apikey.Generate("acme")
	require.NoError(t, err)
	require.NoError(t, store.Add(t.Context(), apikey.Record{
		ID: g.ID, SHA256: g.SHA256, Prefix: g.Prefix, Owner: "7", Name: "n", Created: noon,
		Permissions: []string{"blog.view_article"}, Scopes: []string{"read"},
	}))
	return g
}

// present sends a key to a backend.
func present(b *apikey.Backend, key string) (*runtime.Principal, error) {
	return b.Authenticate(&http.Request{Header: http.Header{"X-Api-Key": {key}}})
}

func TestKeysOnSQLite(t *testing.T) {
	t.Run("a file of its own each time", func(t *testing.T) {
		apikeytest.Run(t, func(t *testing.T) apikeytest.Store {
			_, db := newKeyFile(t)
			return newKeyStore(t, db, "")
		})
	})
	t.Run("one file for all, in a table whose name is a word of SQL", func(t *testing.T) {
		_, db := newKeyFile(t)
		createKeyTable(t, db, "order")
		apikeytest.Run(t, func(t *testing.T) apikeytest.Store { return newKeyStore(t, db, "order") })
		for range newKeyStore(t, db, "").List(t.Context(), "") {
			require.Fail(t, "something in the table with the default name")
		}
	})
	t.Run("without WAL", func(t *testing.T) {
		db, err := openFile(filepath.Join(t.TempDir(), "without.db"), "journal_mode(DELETE)", "synchronous(OFF)")
		require.NoError(t, err)
		defer db.Close()
		createKeyTable(t, db, "")
		apikeytest.Run(t, func(t *testing.T) apikeytest.Store { return newKeyStore(t, db, "") })
	})
	t.Run("in memory, with one connection", func(t *testing.T) {
		db, err := sql.Open("sqlite", ":memory:")
		require.NoError(t, err)
		defer db.Close()
		db.SetMaxOpenConns(1)
		createKeyTable(t, db, "")
		apikeytest.Run(t, func(t *testing.T) apikeytest.Store { return newKeyStore(t, db, "") })
	})
}

// A key lives in the table, and a backend follows what becomes of it.
func TestLifeOfAKey(t *testing.T) {
	path, db := newKeyFile(t)
	store := newKeyStore(t, db, "")
	now := noon
	newBackend := func(store *apikey.SQL, remember time.Duration) *apikey.Backend {
		b, err := apikey.New(apikey.Config{
			Lookup: store.Lookup, SaveUses: store.SaveUses, Prefix: "acme", Remember: remember, Now: func() time.Time { return now },
		})
		require.NoError(t, err)
		return b
	}
	elsewhere, err := openFile(path) // another process, say
	require.NoError(t, err)
	defer elsewhere.Close()
	here, there := newBackend(store, 0), newBackend(newKeyStore(t, elsewhere, ""), 10*time.Second)
	holds := func(key string, want error) {
		t.Helper()
		for _, b := range []*apikey.Backend{here, there} {
			_, err := present(b, key)
			require.ErrorIs(t, err, want)
		}
	}

	g := addKey(t, store)
	p, err := present(here, g.Text)
	require.NoError(t, err)
	assert.Equal(t, "apikey:"+g.ID, p.UserID())
	assert.True(t, p.HasPermission("blog.view_article") && p.HasScope(runtime.NewScope("read")))
	owner, _ := p.Claim("owner")
	assert.Equal(t, "7", owner)
	holds(g.Text, nil)
	wrong, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	holds(wrong.Text, runtime.ErrInvalidCredentials)

	now = noon.Add(time.Minute)
	holds(g.Text, nil)
	require.NoError(t, here.Flush(t.Context()))
	r, err := store.Lookup(t.Context(), g.ID)
	require.NoError(t, err)
	assert.True(t, r.Used.Equal(now), r.Used)

	next, err := apikey.Regenerate("acme", g.ID)
	require.NoError(t, err)
	require.NoError(t, store.Rotate(t.Context(), apikey.Rotation{ID: g.ID, Old: g.SHA256, New: next.SHA256, OldExpires: now.Add(time.Hour)}))
	holds(g.Text, nil)
	holds(next.Text, nil)
	now = now.Add(time.Hour)
	holds(g.Text, runtime.ErrInvalidCredentials)
	holds(next.Text, nil)
	require.NoError(t, here.Flush(t.Context()))
	require.NoError(t, there.Flush(t.Context()))
	r, err = store.Lookup(t.Context(), g.ID)
	require.NoError(t, err)
	assert.True(t, r.Used.Equal(now) && r.PreviousUsed.Equal(now.Add(-time.Hour)), "%v %v", r.Used, r.PreviousUsed)

	require.NoError(t, store.Revoke(t.Context(), g.ID, now))
	_, err = present(here, next.Text) // HOSTILE 62
	require.ErrorIs(t, err, runtime.ErrRevoked)
	_, err = present(there, next.Text)
	require.NoError(t, err, "remembered, for less than ten seconds")
	now = now.Add(10 * time.Second)
	holds(next.Text, runtime.ErrRevoked)

	require.NoError(t, elsewhere.Close())
	_, err = present(there, g.Text) // HOSTILE 63
	require.ErrorIs(t, err, runtime.ErrUnavailable)
}

// A database that cannot be read or written is an error, whatever is asked, and no key is unknown for that.
func TestKeysWhenTheDatabaseFails(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, db *sql.DB){
		"closed": func(t *testing.T, db *sql.DB) { require.NoError(t, db.Close()) },
		"the table is gone": func(t *testing.T, db *sql.DB) {
			_, err := db.ExecContext(t.Context(), `DROP TABLE api_keys`)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := newKeyFile(t)
			db, err := openFile(path)
			require.NoError(t, err)
			defer db.Close()
			store := newKeyStore(t, db, "")
			g := addKey(t, store)
			spoil(t, db)

			_, err = store.Lookup(t.Context(), g.ID)
			require.Error(t, err)
			require.NotErrorIs(t, err, apikey.ErrUnknown)
			require.Error(t, store.Revoke(t.Context(), g.ID, noon))
			require.Error(t, store.Rotate(t.Context(), apikey.Rotation{ID: g.ID, Old: g.SHA256, New: apikey.DigestOf("x"), OldExpires: noon}))
			require.Error(t, store.SaveUses(t.Context(), []apikey.Use{{ID: g.ID, SHA256: g.SHA256, At: noon}}))
			for _, err := range store.List(t.Context(), "") {
				require.Error(t, err)
			}
			b, err := apikey.New(apikey.Config{Lookup: store.Lookup})
			require.NoError(t, err)
			_, err = present(b, g.Text)
			require.ErrorIs(t, err, runtime.ErrUnavailable)
			require.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
		})
	}
	t.Run("read-only", func(t *testing.T) {
		path, writable := newKeyFile(t)
		g := addKey(t, newKeyStore(t, writable, ""))
		db, err := openFile(path, "query_only(1)")
		require.NoError(t, err)
		defer db.Close()
		store := newKeyStore(t, db, "")
		require.Error(t, store.Revoke(t.Context(), g.ID, noon), "nobody may believe that it is revoked")
		require.Error(t, store.SaveUses(t.Context(), []apikey.Use{{ID: g.ID, SHA256: g.SHA256, At: noon}}))
		b, err := apikey.New(apikey.Config{Lookup: store.Lookup, SaveUses: store.SaveUses})
		require.NoError(t, err)
		_, err = present(b, g.Text)
		require.NoError(t, err, "reading is all that a request needs")
		require.Error(t, b.Flush(t.Context()))
	})
}

// A row that the store cannot have written is an error. The table here has
// columns of the right names, but none of the checks.
func TestKeysDoNotUnderstandARow(t *testing.T) {
	for name, damage := range map[string]string{
		"digest too short":       `digest = substr(digest, 1, 31)`,
		"digest too long":        `digest = digest || x'00'`,
		"digest empty":           `digest = x''`,
		"digest NULL":            `digest = NULL`,
		"digest in hex":          `digest = hex(digest)`,
		"previous too short":     `previous_digest = x'00'`,
		"revoked at a text":      `revoked_at = 'yesterday'`,
		"revoked at no time":     `revoked_at = -62135596800000000`,
		"expires at a text":      `expires_at = 'soon'`,
		"expires at a fraction":  `expires_at = 1.5`,
		"not before a text":      `not_before = 'x'`,
		"permissions no JSON":    `permissions = 'blog.view_article'`,
		"permissions an object":  `permissions = '{"blog.view_article": true}'`,
		"permissions of numbers": `permissions = '[1]'`,
		"permissions NULL":       `permissions = NULL`,
		"scopes no list":         `scopes = '"read"'`,
		"owner NULL":             `owner = NULL`,
	} {
		t.Run(name, func(t *testing.T) {
			_, db := newKeyFile(t)
			_, err := db.ExecContext(t.Context(), `CREATE TABLE loose (id, prefix, digest, name, owner, permissions, scopes, created_at,
				not_before, expires_at, revoked_at, used_at, previous_digest, previous_expires_at, previous_used_at)`)
			require.NoError(t, err)
			store := newKeyStore(t, db, "loose")
			g := addKey(t, store)
			b, err := apikey.New(apikey.Config{Lookup: store.Lookup})
			require.NoError(t, err)
			_, err = present(b, g.Text)
			require.NoError(t, err)
			_, err = db.ExecContext(t.Context(), `UPDATE loose SET `+damage)
			require.NoError(t, err)

			_, err = store.Lookup(t.Context(), g.ID)
			require.Error(t, err)
			require.NotErrorIs(t, err, apikey.ErrUnknown)
			_, err = present(b, g.Text)
			require.ErrorIs(t, err, runtime.ErrUnavailable)
			assert.NotContains(t, err.Error(), g.Text[22:])
			n := 0
			for r, err := range store.List(t.Context(), "") {
				require.Error(t, err)
				require.Zero(t, r)
				n++
			}
			require.Equal(t, 1, n)
		})
	}
	t.Run("the schema does not let such rows in", func(t *testing.T) {
		_, db := newKeyFile(t)
		addKey(t, newKeyStore(t, db, ""))
		for _, damage := range []string{
			`digest = x''`, `digest = NULL`, `digest = 'text of 32 characters, no blob..'`, `previous_digest = x'00'`, `expires_at = 'never'`,
			`revoked_at = 'noon'`, `not_before = 'noon'`, `owner = NULL`, `id = NULL`, `permissions = NULL`, `scopes = NULL`, `created_at = NULL`,
		} {
			_, err := db.ExecContext(t.Context(), `UPDATE api_keys SET `+damage)
			assert.Error(t, err, damage)
		}
	})
}

func TestNewKeyStoreRefuses(t *testing.T) {
	_, db := newKeyFile(t)
	_, err := apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: db, Table: "another"})
	assert.ErrorContains(t, err, "no such table")
	_, err = db.ExecContext(t.Context(), `CREATE TABLE other (id TEXT, digest BLOB)`)
	require.NoError(t, err)
	_, err = apikey.NewSQL(t.Context(), apikey.SQLConfig{DB: db, Table: "other"})
	assert.ErrorContains(t, err, "column")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = apikey.NewSQL(ctx, apikey.SQLConfig{DB: db})
	assert.ErrorIs(t, err, context.Canceled)
}

// However large the table, no request reads all of it.
func TestStatementsOfKeysUseIndexes(t *testing.T) {
	_, db := newKeyFile(t)
	for _, statement := range []string{
		`SELECT digest FROM api_keys WHERE id = 'x'`,
		`SELECT digest FROM api_keys WHERE owner = 'x' ORDER BY created_at, id`,
		`UPDATE api_keys SET used_at = 1 WHERE id = 'x'`,
		`UPDATE api_keys SET digest = x'00' WHERE id = 'x' AND digest = x'01' AND revoked_at IS NULL`,
	} {
		var id, parent, unused int
		var plan string
		require.NoError(t, db.QueryRowContext(t.Context(), `EXPLAIN QUERY PLAN `+statement).Scan(&id, &parent, &unused, &plan))
		assert.Contains(t, plan, "SEARCH api_keys USING INDEX", statement)
	}
}

// Keys are in the file as digests only, whatever has become of them.
func TestTheFileHoldsNoKey(t *testing.T) {
	path, db := newKeyFile(t)
	store := newKeyStore(t, db, "")
	var texts []string
	for i := range 20 {
		g := addKey(t, store)
		next, err := apikey.Regenerate("acme", g.ID)
		require.NoError(t, err)
		texts = append(texts, g.Text, next.Text)
		require.NoError(t, store.Rotate(t.Context(), apikey.Rotation{ID: g.ID, Old: g.SHA256, New: next.SHA256, OldExpires: noon.Add(time.Hour)}))
		require.NoError(t, store.SaveUses(t.Context(), []apikey.Use{{ID: g.ID, SHA256: next.SHA256, At: noon}}))
		if i%2 == 0 {
			require.NoError(t, store.Revoke(t.Context(), g.ID, noon))
		}
	}
	content := dump(t, path)
	for _, text := range texts {
		secret := text[len(text)-36:]
		for _, form := range []string{secret, secret[:20], hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
			assert.NotContains(t, content, form)
		}
		digest := apikey.DigestOf(text)
		assert.Contains(t, content, string(digest[:]), "the digest, so this is the right file")
	}
}

// Requests go on while uses are saved and keys are changed, and nobody sees half of a change.
func TestKeysUnderWay(t *testing.T) {
	_, db := newKeyFile(t)
	store := newKeyStore(t, db, "")
	b, err := apikey.New(apikey.Config{Lookup: store.Lookup, SaveUses: store.SaveUses})
	require.NoError(t, err)
	g := addKey(t, store)
	texts := []apikey.Generated{g} // one after the other
	var mu sync.Mutex
	latest := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(texts) - 1
	}
	var group sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				i := latest()
				mu.Lock()
				text := texts[i].Text
				mu.Unlock()
				if _, err := present(b, text); latest() == i { // else it may have been rotated twice
					assert.NoError(t, err)
				}
				assert.NoError(t, b.Flush(context.Background()))
			}
		})
	}
	for range 50 {
		next, err := apikey.Regenerate("acme", g.ID)
		require.NoError(t, err)
		old := texts[latest()]
		mu.Lock() // so that what is the latest here is so there
		err = store.Rotate(t.Context(), apikey.Rotation{ID: g.ID, Old: old.SHA256, New: next.SHA256, OldExpires: time.Now().Add(time.Hour)})
		texts = append(texts, next)
		mu.Unlock()
		require.NoError(t, err)
	}
	close(done)
	group.Wait()
	require.NoError(t, store.Revoke(t.Context(), g.ID, time.Now()))
	_, err = present(b, texts[len(texts)-1].Text)
	require.ErrorIs(t, err, runtime.ErrRevoked)
}
