package integration

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

func TestFeeds(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			open := p.create(t)
			one, other := open(), open()
			run(t, one, p.revocationSchema(t, ""))
			revocationtest.RunFeed(t, func(t *testing.T) (revocation.Feed, revocation.Feed) {
				return newRevocations(t, one, ""), newRevocations(t, other, "")
			})
		})
	}
}

// A follower keeps what it has read of a store's changes.
type follower struct {
	store *revocation.SQL
	next  int64
	seen  map[string]revocation.Change
}

// catchUp reads until there is nothing more, in small portions.
func (f *follower) catchUp(t *testing.T) {
	t.Helper()
	for {
		changes, next, err := f.store.Changes(t.Context(), f.next, 7)
		require.NoError(t, err)
		if len(changes) == 0 {
			require.Equal(t, f.next, next)
			return
		}
		require.Greater(t, next, f.next)
		f.next = next
		for _, c := range changes {
			f.seen[c.ID+c.Family+c.UserID] = c
		}
	}
}

// acknowledged are names whose revocation was acknowledged.
type acknowledged struct {
	mu    sync.Mutex
	names []string
}

func (a *acknowledged) add(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.names = append(a.names, name)
}

func (a *acknowledged) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.names[:len(a.names):len(a.names)]
}

// Whoever follows the changes while many write has seen, whenever there is nothing
// more to read, all that was acknowledged before it has begun to read.
func TestFollowersMissNothing(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			open := p.create(t)
			db := open()
			run(t, db, p.revocationSchema(t, ""))
			f := follower{newRevocations(t, open(), ""), 0, make(map[string]revocation.Change)}
			var done acknowledged
			var writers sync.WaitGroup
			for writer := range 6 {
				store := newRevocations(t, db, "")
				if writer%2 == 1 {
					store = newRevocations(t, open(), "")
				}
				writers.Go(func() {
					for i := range 60 {
						name := fmt.Sprint(writer, " ", i)
						assert.NoError(t, write(t, store, name, i))
						done.add(name)
						assert.NoError(t, write(t, store, fmt.Sprint("same ", i), i))
						done.add(fmt.Sprint("same ", i))
					}
				})
			}
			over := make(chan struct{})
			go func() { writers.Wait(); close(over) }()
			polls := 0
			for running := true; running; polls++ {
				select {
				case <-over:
					running = false
				default:
				}
				before := done.all()
				f.catchUp(t)
				for _, name := range before {
					require.Contains(t, f.seen, name)
				}
			}
			assert.Greater(t, polls, 5, "the follower was never in between")
			assert.Len(t, f.seen, 6*60+60)
			follow(t, f)
		})
	}
}

// write revokes something, a token, a user or a family.
func write(t *testing.T, s revocation.Store, name string, i int) error {
	switch i % 3 {
	case 0:
		return s.Revoke(t.Context(), revocation.Token{Issuer: "i", ID: name, Expires: time.Now().Add(time.Hour)})
	case 1:
		return s.RevokeUser(t.Context(), "i", name, noon)
	}
	return s.RevokeFamily(t.Context(), "i", name, time.Time{})
}

// follow applies what a follower has seen to a Memory, which then answers as the
// store does.
func follow(t *testing.T, f follower) {
	t.Helper()
	m := revocation.NewMemory()
	for _, c := range f.seen {
		require.NoError(t, c.Apply(t.Context(), m))
	}
	for name, c := range f.seen {
		token := revocation.Token{Issuer: c.Issuer, ID: c.ID, Family: c.Family, UserID: c.UserID, IssuedAt: noon}
		revoked, err := m.Revoked(t.Context(), token)
		require.NoError(t, err)
		require.True(t, revoked, name)
		token.Issuer = "another"
		revoked, err = m.Revoked(t.Context(), token)
		require.NoError(t, err)
		require.False(t, revoked, name)
	}
}

func TestChanges(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			db := p.create(t)()
			run(t, db, p.revocationSchema(t, ""))
			s := newRevocations(t, db, "")
			end := time.Now().Add(time.Hour).Truncate(time.Microsecond)
			name := "n\x00\xff:" + string(make([]byte, 70_000))
			require.NoError(t, s.Revoke(t.Context(), revocation.Token{Issuer: "\xfe", ID: name, Expires: end}))
			require.NoError(t, s.RevokeFamily(t.Context(), "", "f", time.Time{}))
			require.NoError(t, s.RevokeUser(t.Context(), "i", "u", noon))
			require.NoError(t, s.RevokeUser(t.Context(), "i", "u", noon.Add(-time.Hour)))

			changes, next, err := s.Changes(t.Context(), 0, 100)
			require.NoError(t, err)
			require.Len(t, changes, 3)
			assert.True(t, end.Equal(changes[0].Until))
			assert.True(t, noon.Equal(changes[2].Before), "what is stored, not what was asked for last")
			changes[0].Until, changes[2].Before = time.Time{}, time.Time{}
			assert.Equal(t, []revocation.Change{{Issuer: "\xfe", ID: name}, {Family: "f"}, {Issuer: "i", UserID: "u"}}, changes)
			assert.InDelta(t, time.Now().UnixMicro(), next, 60e6)

			require.NoError(t, s.RevokeFamily(t.Context(), "", "f", end))
			changes, later, err := s.Changes(t.Context(), next, 100)
			require.NoError(t, err)
			assert.Equal(t, []revocation.Change{{Family: "f"}}, changes, "once more, and still for good")
			assert.Greater(t, later, next)

			changes, last, err := s.Changes(t.Context(), later, 1)
			require.NoError(t, err)
			assert.Empty(t, changes)
			assert.Equal(t, later, last)
			_, _, err = s.Changes(t.Context(), later, 0)
			assert.Error(t, err)
			changes, _, err = s.Changes(t.Context(), next, math.MaxInt)
			require.NoError(t, err)
			assert.Len(t, changes, 1)

			// A row that cannot be understood is not passed over.
			_, err = db.ExecContext(t.Context(), `UPDATE revocations SET name = '' WHERE kind = 1`)
			if err != nil { // SQLite has texts and bytes
				_, err = db.ExecContext(t.Context(), `UPDATE revocations SET name = x'' WHERE kind = 1`)
			}
			require.NoError(t, err)
			_, next, err = s.Changes(t.Context(), 3, 100)
			require.Error(t, err)
			assert.EqualValues(t, 3, next)
		})
	}
}

// Numbers rise even if the clock of who writes is behind the one of who wrote last,
// or the row that counts is gone.
func TestNumbersRise(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			db := p.create(t)()
			run(t, db, p.revocationSchema(t, ""))
			s := newRevocations(t, db, "")
			f := follower{s, 0, make(map[string]revocation.Change)}
			require.NoError(t, write(t, s, "a", 0))
			ahead := time.Now().Add(24 * time.Hour).UnixMicro()
			_, err := db.ExecContext(t.Context(), fmt.Sprint(`UPDATE revocations SET sequence = `, ahead, ` WHERE kind = 0`))
			require.NoError(t, err)
			require.NoError(t, write(t, s, "b", 0))
			f.catchUp(t)
			assert.Equal(t, ahead+1, f.next)
			require.NoError(t, write(t, s, "c", 0))
			f.catchUp(t)
			assert.Equal(t, ahead+2, f.next)

			_, err = db.ExecContext(t.Context(), `DELETE FROM revocations WHERE kind = 0 OR sequence > 0`)
			require.NoError(t, err)
			f.next = time.Now().UnixMicro()
			require.NoError(t, write(t, s, "d", 0))
			f.catchUp(t)
			assert.Contains(t, f.seen, "d", "as after a crash that took the last writes along")
		})
	}
}

// A database that has lost what was read says so: an older copy, a table that was emptied.
func TestLostWrites(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			db := p.create(t)()
			run(t, db, p.revocationSchema(t, ""))
			s := newRevocations(t, db, "")
			changesAfter := func(since int64) ([]revocation.Change, int64) {
				changes, next, err := s.Changes(t.Context(), since, 2)
				require.NoError(t, err)
				return changes, next
			}
			exec := func(statement string) {
				_, err := db.ExecContext(t.Context(), statement)
				require.NoError(t, err)
			}
			require.NoError(t, s.Revoke(t.Context(), revocation.Token{ID: "kept"}))
			_, first := changesAfter(0)
			require.NoError(t, s.Revoke(t.Context(), revocation.Token{ID: "lost"}))
			changes, second := changesAfter(first)
			require.Equal(t, []revocation.Change{{ID: "lost"}}, changes)

			exec(fmt.Sprint(`DELETE FROM revocations WHERE kind > 0 AND sequence > `, first))
			changes, next := changesAfter(second)
			require.Empty(t, changes)
			require.Equal(t, second, next, "as when it is over")
			exec(fmt.Sprint(`UPDATE revocations SET sequence = `, first, ` WHERE kind = 0`))
			changes, next = changesAfter(second)
			require.Empty(t, changes)
			require.Zero(t, next, "begin again")
			changes, next = changesAfter(0)
			require.Equal(t, []revocation.Change{{ID: "kept"}}, changes)
			require.Equal(t, first, next)

			exec(`DELETE FROM revocations`)
			for _, since := range []int64{first, 0} {
				changes, next = changesAfter(since)
				require.Empty(t, changes)
				require.Zero(t, next)
			}
		})
	}
}

// Writes delete what is over for longer than the grace, and nothing else.
func TestWritesDeleteWhatIsOver(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			db := p.create(t)()
			run(t, db, p.revocationSchema(t, ""))
			s := newRevocations(t, db, "")
			count := func() (n int) {
				require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM revocations WHERE kind > 0`).Scan(&n))
				return n
			}
			alive := time.Now().Add(time.Hour)
			require.NoError(t, s.RevokeUser(t.Context(), "", "user", time.Unix(0, 0)))
			for i := range 230 {
				require.NoError(t, s.Revoke(t.Context(), revocation.Token{ID: fmt.Sprint(i), Expires: alive}))
			}
			_, err := db.ExecContext(t.Context(), `UPDATE revocations SET expires_at = 1 WHERE kind = 1`)
			require.NoError(t, err)
			require.Equal(t, 231, count())
			for i, want := range []int{132, 33, 4, 5} { // 100 fewer and one more, as long as there are so many
				require.NoError(t, s.Revoke(t.Context(), revocation.Token{ID: fmt.Sprint("new ", i), Expires: time.Now().Add(-revocation.Grace + time.Minute)}))
				require.Equal(t, want, count())
			}
			require.NoError(t, s.Revoke(t.Context(), revocation.Token{ID: "over", Expires: time.Now().Add(-revocation.Grace - time.Second)}))
			require.Equal(t, 5, count(), "gone at once")
		})
	}
}
