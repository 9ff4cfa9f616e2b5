package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/session"
	"github.com/boltauthgen/boltauthgen/runtime/session/sessiontest"
)

func TestSessionsOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		sessiontest.Run(t, func(t *testing.T) session.Store { return newSessionStore(t, db, "") })
	})
}

// Whatever is set, the same calls are refused: a MySQL may count the rows that a
// statement finds, or those that it changes.
func TestSessionsAtOtherLevels(t *testing.T) {
	onServers(t, func(t *testing.T, where source, _ *sql.DB) {
		for _, level := range levels(where.driver) {
			t.Run(level, func(t *testing.T) {
				store := newSessionStore(t, openSource(t, where.driver, where.name+level), "")
				r := sessionRecord(level, noon)
				require.NoError(t, store.Create(t.Context(), r))
				minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
				for _, n := range []int{1, 1, 0, 2} { // once more, and backwards
					require.NoError(t, store.Touch(t.Context(), r.ID, minute(n), minute(n+60)), n)
				}
				got, err := store.Load(t.Context(), r.ID)
				require.NoError(t, err)
				require.True(t, got.Seen.Equal(minute(2)) && got.Expires.Equal(minute(62)), "%v %v", got.Seen, got.Expires)
				require.ErrorIs(t, store.Touch(t.Context(), r.ID, minute(62), minute(120)), session.ErrNotFound)
				require.NoError(t, store.Update(t.Context(), r, minute(2)))
				require.ErrorIs(t, store.Update(t.Context(), r, minute(2)), session.ErrConflict, "even if nothing differs")
				require.ErrorIs(t, store.Update(t.Context(), r, minute(62)), session.ErrNotFound)
				testConditionalUpdates(t, store, level)
				require.NoError(t, store.End(t.Context(), r.ID))
				require.ErrorIs(t, store.Touch(t.Context(), r.ID, minute(3), minute(63)), session.ErrNotFound)
				require.ErrorIs(t, store.Update(t.Context(), r, minute(3)), session.ErrNotFound)
			})
		}
	})
}

// testConditionalUpdates has many write the same version while the session is in use.
func testConditionalUpdates(t *testing.T, store *session.SQL, name string) {
	t.Helper()
	r := sessionRecord(name+" updated", noon)
	require.NoError(t, store.Create(t.Context(), r))
	var mu sync.Mutex
	saved := 0
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			at := noon.Add(time.Duration(i) * time.Second)
			assert.NoError(t, store.Touch(t.Context(), r.ID, at, at.Add(time.Hour)))
			mine := r
			mine.Data = fmt.Append(nil, i)
			if err := store.Update(t.Context(), mine, noon); err == nil {
				mu.Lock()
				defer mu.Unlock()
				saved++
			} else {
				assert.ErrorIs(t, err, session.ErrConflict)
			}
		})
	}
	group.Wait()
	assert.Equal(t, 1, saved)
	got, err := store.Load(t.Context(), r.ID)
	require.NoError(t, err)
	assert.EqualValues(t, 1, got.Version)
	assert.True(t, got.Seen.Equal(noon.Add(19*time.Second)), "the latest use counts: %v", got.Seen)
	require.NoError(t, store.EndUser(t.Context(), r.UserID, sessionRecord(name, noon).ID))
}

// User ids are bytes, and none of them is read as the notation of another. So is what a
// browser says of itself.
func TestSessionNamesOnServers(t *testing.T) {
	names := []string{"a", "A", "a ", "a\x00", "\xff", "\xfe", "\xc3", `\x61`, `\141`, `\\`, `\`, "é", "e\u0301"}
	onServers(t, func(t *testing.T, _ source, db *sql.DB) {
		store := newSessionStore(t, db, "")
		for _, name := range names {
			r := sessionRecord(name, noon)
			r.UserID, r.UserAgent, r.Address, r.Remembered = name, name, name, len(name) > 1
			require.NoError(t, store.Create(t.Context(), r), "%q", name)
		}
		for _, name := range names {
			records, err := store.List(t.Context(), name)
			require.NoError(t, err, "%q", name)
			require.Len(t, records, 1, "%q", name)
			got := records[0]
			require.Equal(t, []string{name, name, name}, []string{got.UserID, got.UserAgent, got.Address})
			require.Equal(t, len(name) > 1, got.Remembered)
			require.NoError(t, store.EndUser(t.Context(), name, session.Digest{}))
			records, err = store.List(t.Context(), name)
			require.NoError(t, err)
			require.Empty(t, records, "%q", name)
		}
	})
}

const visitsEach = 50

// workOnVisits adds to the number of visits in a session, as often as it is to.
func workOnVisits() error {
	db, err := given().open()
	if err != nil {
		return err
	}
	store, err := session.NewSQL(context.Background(), session.SQLConfig{DB: db})
	if err != nil {
		return err
	}
	for range visitsEach {
		if err := visit(store); err != nil {
			return err
		}
	}
	return nil
}

func visit(store *session.SQL) error {
	for {
		r, err := store.Load(context.Background(), sessionRecord("visited", noon).ID)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(r.Data))
		if err != nil {
			return err
		}
		r.Data = fmt.Append(nil, n+1)
		if err := store.Update(context.Background(), r, noon); !errors.Is(err, session.ErrConflict) {
			return err
		}
	}
}

// No visit is lost between processes.
func TestProcessesShareSessionsOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, where source, db *sql.DB) {
		store := newSessionStore(t, db, "")
		r := sessionRecord("visited", noon)
		r.Data = []byte("0")
		require.NoError(t, store.Create(t.Context(), r))
		one, other := startProcess(t, "visits", where), startProcess(t, "visits", where)
		require.NoError(t, one.Wait())
		require.NoError(t, other.Wait())
		got, err := store.Load(t.Context(), r.ID)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(2*visitsEach), string(got.Data))
		assert.EqualValues(t, 2*visitsEach, got.Version)
	})
}
