package redisstore_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// all reads changes from a number on, in steps.
func all(t testing.TB, s *redisstore.Revocation, since int64, limit int) (changes []revocation.Change, next int64) {
	t.Helper()
	for {
		some, next, err := s.Changes(t.Context(), since, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(some), limit)
		if len(some) == 0 {
			require.Equal(t, since, next)
			return changes, next
		}
		require.Greater(t, next, since)
		changes, since = append(changes, some...), next
	}
}

// What was written is told as it was said, in its order, and what was revoked once more is told once, where it is last.
func TestChanges(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	changes, next := all(t, store, 0, 10)
	require.Empty(t, changes)
	require.Zero(t, next)

	at := time.Now().Truncate(time.Microsecond)
	late := time.UnixMicro(9e18)
	strange := "\x00\xff:{}\r\n17:ab"
	require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: "first", Expires: at}))
	require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: strange, ID: strange}))
	require.NoError(t, store.RevokeFamily(t.Context(), "", "family", late))
	require.NoError(t, store.RevokeUser(t.Context(), issuer, "user", at))
	require.NoError(t, store.RevokeUser(t.Context(), issuer, "long ago", time.Unix(-1e9, 999_999_999)))
	want := []revocation.Change{
		{Issuer: issuer, ID: "first", Until: at},
		{Issuer: strange, ID: strange},
		{Family: "family", Until: late},
		{Issuer: issuer, UserID: "user", Before: at},
		{Issuer: issuer, UserID: "long ago", Before: time.Unix(-1e9, 999_999_000)},
	}
	for _, limit := range []int{1, 2, 5, 6, 1000} {
		changes, next = all(t, store, 0, limit)
		require.Equal(t, want, changes)
	}
	changes, _ = all(t, store, -5, 10)
	require.Equal(t, want, changes)

	require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: "first"}))
	changes, last := all(t, store, next, 10)
	require.Equal(t, []revocation.Change{{Issuer: issuer, ID: "first"}}, changes, "it was made longer")
	require.NoError(t, store.RevokeUser(t.Context(), issuer, "user", at.Add(-time.Hour)))
	changes, _ = all(t, store, last, 10)
	require.Equal(t, want[3:4], changes, "nothing has changed, but who asks may not know")
	changes, _ = all(t, store, 0, 10)
	require.Equal(t, append(append(want[1:3:3], want[4], revocation.Change{Issuer: issuer, ID: "first"}), want[3]), changes)

	copied := revocation.NewMemory()
	for _, c := range changes {
		require.NoError(t, c.Apply(t.Context(), copied))
	}
	expect(t, copied, true, revocation.Token{Issuer: strange, ID: strange})
	expect(t, copied, true, revocation.Token{Issuer: issuer, UserID: "user", IssuedAt: at})
	expect(t, copied, false, revocation.Token{Issuer: issuer, UserID: "user", IssuedAt: at.Add(time.Microsecond)})

	for _, limit := range []int{0, -1} {
		_, next, err := store.Changes(t.Context(), last, limit)
		require.ErrorContains(t, err, "limit is not positive")
		require.Equal(t, last, next)
	}
}

// Numbers rise though the server's clock stands at what it was when the last one was taken, or earlier.
func TestNumbersRise(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	ahead := time.Now().Add(time.Hour).UnixMicro()
	require.NoError(t, client.HSet(t.Context(), entriesKey, "last", ahead).Err())
	for i := range 3 {
		require.NoError(t, store.Revoke(t.Context(), token(fmt.Sprint(i))))
	}
	changes, next := all(t, store, ahead, 1)
	require.Len(t, changes, 3)
	require.Equal(t, ahead+3, next)
}

// Whatever there is to store, something is written: WAIT needs a write to wait for.
func TestAlwaysWritten(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	last := func() int64 {
		n, err := client.HGet(t.Context(), entriesKey, "last").Int64()
		require.NoError(t, err)
		return n
	}
	for _, expires := range []time.Time{time.Now().Add(time.Hour), time.Now(), time.Unix(1, 0)} {
		for _, id := range []string{"it", fmt.Sprint("new at ", expires)} {
			before := last()
			require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: id, Expires: expires}))
			require.Greater(t, last(), before)
		}
	}
}

// Who follows while eight goroutines write misses nothing.
func TestFollower(t *testing.T) {
	server := startServer(t, redisServer)
	store := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: long})
	follower := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: long})
	var writers sync.WaitGroup
	var done atomic.Bool
	const each = 200
	for i := range 8 {
		writers.Go(func() {
			for j := range each {
				assert.NoError(t, store.Revoke(t.Context(), token(fmt.Sprint(i, " ", j))))
			}
		})
	}
	go func() { writers.Wait(); done.Store(true) }()
	seen := map[string]int{}
	for since, over := int64(0), false; !over; {
		over = done.Load() // asked before the last look
		var changes []revocation.Change
		changes, since = all(t, follower, since, 7)
		for _, c := range changes {
			seen[c.ID]++
		}
	}
	require.Len(t, seen, 8*each)
	for id, n := range seen {
		require.Equal(t, 1, n, id)
	}
}

// A server that has lost what it had says so: to who follows, and to who asks. Nobody gets a no from it.
func TestLost(t *testing.T) { // HOSTILE 64
	client := startServer(t, redisServer).client(t)
	config := redisstore.RevocationConfig{Client: client, Timeout: long}
	store := newStore(t, config)
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	_, since := all(t, store, 0, 10)

	require.NoError(t, client.FlushAll(t.Context()).Err())
	for range 2 {
		changes, next, err := store.Changes(t.Context(), since, 10)
		require.NoError(t, err)
		require.Empty(t, changes)
		require.Zero(t, next, "begin again")
		_, _, err = store.Changes(t.Context(), 0, 10)
		require.ErrorContains(t, err, "lost")
		_, err = store.Revoked(t.Context(), token("it"))
		require.ErrorContains(t, err, "lost")
		require.ErrorContains(t, store.Revoke(t.Context(), token("it")), "lost", "not even a write brings it back")
		require.ErrorContains(t, err, "until one program that uses it is started again, and then no longer")
	}

	// A program that starts anew begins anew, and who follows is told even if it has not looked meanwhile.
	again := newStore(t, config)
	for range 20 {
		require.NoError(t, again.Revoke(t.Context(), token("another")))
	}
	expect(t, store, true, token("another"))
	_, next, err := store.Changes(t.Context(), since, 10)
	require.NoError(t, err)
	require.Zero(t, next)
	changes, next := all(t, store, 0, 10)
	require.Len(t, changes, 1)
	changes, _ = all(t, store, next, 10)
	require.Empty(t, changes)
	newStore(t, config) // which takes nothing away
	expect(t, store, true, token("another"))
}

// A copy that lags behind has been asked for more than it knows.
func TestLaggingCopy(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	require.NoError(t, store.Revoke(t.Context(), token("early")))
	copied := map[string]string{}
	for _, key := range []string{entriesKey, feedKey, endsKey} {
		copied[key] = client.Dump(t.Context(), key).Val()
	}
	require.NoError(t, store.Revoke(t.Context(), token("late")))
	_, since := all(t, store, 0, 10)
	for key, value := range copied {
		require.NoError(t, client.RestoreReplace(t.Context(), key, 0, value).Err())
	}
	changes, next, err := store.Changes(t.Context(), since, 10)
	require.NoError(t, err)
	require.Empty(t, changes)
	require.Zero(t, next)
	changes, _ = all(t, store, 0, 10)
	require.Len(t, changes, 1)
}

// Keys that do not go together are an error for who follows, who would miss something.
func TestBroken(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	member := client.ZRange(t.Context(), feedKey, 0, 0).Val()[0]
	for name, spoil := range map[string]func(p redis.Pipeliner){
		"no feed":          func(p redis.Pipeliner) { p.Del(t.Context(), feedKey) },
		"more in the feed": func(p redis.Pipeliner) { p.ZAdd(t.Context(), feedKey, redis.Z{Score: 1e15, Member: "x"}) },
		"another in the feed": func(p redis.Pipeliner) {
			p.ZRem(t.Context(), feedKey, member)
			p.ZAdd(t.Context(), feedKey, redis.Z{Score: 1e15, Member: "x"})
		},
		"no number":             func(p redis.Pipeliner) { p.HDel(t.Context(), entriesKey, "last") },
		"no number, but a word": func(p redis.Pipeliner) { p.HSet(t.Context(), entriesKey, "last", "x") },
		"no mark, but a word":   func(p redis.Pipeliner) { p.HSet(t.Context(), entriesKey, "began", "x") },
		"no entry":              func(p redis.Pipeliner) { p.HSet(t.Context(), entriesKey, member, "x") },
		"a feed of fractions":   func(p redis.Pipeliner) { p.ZAdd(t.Context(), feedKey, redis.Z{Score: 1.5, Member: member}) },
	} {
		saved := map[string]string{}
		for _, key := range []string{entriesKey, feedKey} {
			saved[key] = client.Dump(t.Context(), key).Val()
		}
		_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error { spoil(p); return nil })
		require.NoError(t, err)
		changes, next, err := store.Changes(t.Context(), 0, 10)
		require.Error(t, err, name)
		require.Empty(t, changes)
		require.Zero(t, next)
		for key, value := range saved {
			require.NoError(t, client.RestoreReplace(t.Context(), key, 0, value).Err())
		}
		changes, _ = all(t, store, 0, 10)
		require.Len(t, changes, 1)
	}
}
