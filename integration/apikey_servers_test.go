package integration

import (
	"database/sql"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/apikey/apikeytest"
)

func TestKeysOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		apikeytest.Run(t, func(t *testing.T) apikeytest.Store { return newKeyStore(t, db, "") })
	})
}

// Whatever is set, one of many replaces a text, and what is revoked stays so.
func TestKeysAtOtherLevels(t *testing.T) {
	onServers(t, func(t *testing.T, where source, _ *sql.DB) {
		for _, level := range levels(where.driver) {
			t.Run(level, func(t *testing.T) {
				store := newKeyStore(t, openSource(t, where.driver, where.name+level), "")
				g := addKey(t, store)
				errs := make([]error, 20)
				var group sync.WaitGroup
				for i := range errs {
					group.Go(func() {
						next, err := apikey.Regenerate("acme", g.ID)
						assert.NoError(t, err)
						errs[i] = store.Rotate(t.Context(), apikey.Rotation{ID: g.ID, Old: g.SHA256, New: next.SHA256, OldExpires: noon})
					})
				}
				group.Wait()
				rotated := 0
				for _, err := range errs {
					if err == nil {
						rotated++
					} else {
						assert.ErrorIs(t, err, apikey.ErrChanged)
					}
				}
				assert.Equal(t, 1, rotated)
				for range 2 {
					require.NoError(t, store.Revoke(t.Context(), g.ID, noon))
				}
				err := store.Rotate(t.Context(), apikey.Rotation{ID: g.ID, Old: g.SHA256, New: apikey.DigestOf("x"), OldExpires: noon})
				require.ErrorIs(t, err, runtime.ErrRevoked)
			})
		}
	})
}

// What is no id or owner is unknown, even where the database would call it an error.
func TestKeysOfNobodyOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		store := newKeyStore(t, db, "")
		g := addKey(t, store)
		for _, id := range []string{"\x00", g.ID[:15] + "\x00", g.ID[:15] + "\xff", "\xff", `\x41`, g.ID + " "} {
			_, err := store.Lookup(t.Context(), id)
			require.ErrorIs(t, err, apikey.ErrUnknown, "%q", id)
			require.ErrorIs(t, store.Revoke(t.Context(), id, noon), apikey.ErrUnknown, "%q", id)
			by := apikey.Rotation{ID: id, Old: g.SHA256, New: apikey.DigestOf("x"), OldExpires: noon}
			require.ErrorIs(t, store.Rotate(t.Context(), by), apikey.ErrUnknown, "%q", id)
			require.NoError(t, store.SaveUses(t.Context(), []apikey.Use{{ID: id, SHA256: g.SHA256, At: noon}}), "%q", id)
			for range store.List(t.Context(), id) {
				require.Fail(t, "a key", "%q", id)
			}
		}
		r, err := store.Lookup(t.Context(), g.ID)
		require.NoError(t, err)
		require.True(t, r.Used.IsZero() && r.Revoked.IsZero())
	})
}

// Processes that save uses of the same keys, in whatever order they have them, wait for
// each other, and none is refused for the other's sake.
func TestUsesInAnyOrderOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, where source, db *sql.DB) {
		store := newKeyStore(t, db, "")
		var uses []apikey.Use
		for range 100 {
			g := addKey(t, store)
			uses = append(uses, apikey.Use{ID: g.ID, SHA256: g.SHA256})
		}
		before := deadlocks(t, where, db)
		var group sync.WaitGroup
		for i := range 5 {
			mine := slices.Clone(uses)
			elsewhere := openSource(t, where.driver, where.name)
			other := newKeyStore(t, elsewhere, "")
			group.Go(func() {
				defer elsewhere.Close() // so that PostgreSQL counts what has happened there
				for j := range 3 {
					rand.Shuffle(len(mine), func(a, b int) { mine[a], mine[b] = mine[b], mine[a] })
					for k := range mine {
						mine[k].At = noon.Add(time.Duration(10*j+i) * time.Second)
					}
					assert.NoError(t, other.SaveUses(t.Context(), mine))
				}
			})
		}
		group.Wait()
		for r, err := range store.List(t.Context(), "7") {
			require.NoError(t, err)
			require.True(t, r.Used.Equal(noon.Add(24*time.Second)), r.Used)
		}
		assert.Zero(t, deadlocks(t, where, db)-before, "somebody had to be tried again")
	})
}

// deadlocks returns how often the server has ended a transaction in favour of another.
func deadlocks(t *testing.T, where source, db *sql.DB) (n int) {
	t.Helper()
	query := `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`
	if where.driver == "mysql" {
		query = `SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Innodb_deadlocks'`
	}
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}
