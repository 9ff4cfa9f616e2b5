package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// A betweenHook is called before each script that a client runs, with how many it has run, and may fail that.
type betweenHook struct {
	tripHook
	before func(n int) error
}

func (h *betweenHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := h.before(h.n); err != nil {
			cmd.SetErr(err)
			return err
		}
		h.n++
		return next(ctx, cmd)
	}
}

// inParallel calls a function with many numbers.
func inParallel(t testing.TB, n int, call func(i int) error) {
	t.Helper()
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := worker; i < n; i += 8 {
				assert.NoError(t, call(i))
			}
		})
	}
	group.Wait()
}

const many = 1200 // logins of one user, who has three batches of them

// A user who has very many sessions does not keep the server from others: they are listed and ended in steps.
func TestManySessions(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newSession(t, redisstore.SessionConfig{Client: client, Timeout: long})
	name := func(i int) string { return fmt.Sprint("number ", i) }
	of := func(i int) session.Record {
		r := record(name(i))
		r.Created = noon.Add(time.Duration(i/10) * time.Millisecond) // some are of one instant
		return r
	}
	inParallel(t, many, func(i int) error { return store.Create(t.Context(), of(i)) })
	for _, user := range []string{"6", "8"} {
		r := record("of " + user)
		r.UserID = user
		require.NoError(t, store.Create(t.Context(), r))
	}
	list := func() map[session.Digest]bool {
		t.Helper()
		records, err := store.List(t.Context(), "7")
		require.NoError(t, err)
		found := make(map[session.Digest]bool)
		for _, r := range records {
			require.False(t, found[r.ID], "twice")
			found[r.ID] = true
		}
		return found
	}
	require.Equal(t, many, len(list())) // Len would print them
	require.NoError(t, store.EndUser(t.Context(), "nobody", session.Digest{}), "the server knows the script now")

	// Between the steps some end and some begin, before and after the place where the next step begins.
	other := newSession(t, redisstore.SessionConfig{Client: startedClient(t, client), Timeout: long})
	hook := &betweenHook{before: func(n int) error {
		if n == 1 {
			for _, i := range []int{1, 499, 501, 1199} {
				require.NoError(t, other.End(t.Context(), digest(name(i))))
			}
			for _, i := range []int{many, many + 1} {
				r := of(i)
				r.Created = noon.Add(time.Duration(i-many) * time.Hour / 2)
				require.NoError(t, other.Create(t.Context(), r))
			}
		}
		return nil
	}}
	client.AddHook(hook)
	found := list()
	require.Equal(t, 3, hook.n, "steps")
	for i := range many {
		switch i {
		case 1, 499, 501, 1199:
		default:
			require.True(t, found[digest(name(i))], i)
		}
	}

	// The second step fails, and what the first has ended stays ended.
	failed := errors.New("failed")
	hook.n, hook.before = 0, func(n int) error {
		if n == 1 {
			return failed
		}
		return nil
	}
	kept := digest(name(700))
	require.ErrorIs(t, store.EndUser(t.Context(), "7", kept), failed)
	hook.before = func(int) error { return nil }
	require.Equal(t, many-4+2-500, len(list()))
	hook.n = 0
	require.NoError(t, store.EndUser(t.Context(), "7", kept))
	require.Equal(t, 2, hook.n, "steps")
	require.Equal(t, 1, len(list()))
	_, err := store.Load(t.Context(), kept)
	require.NoError(t, err)
	for _, user := range []string{"6", "8"} {
		_, err := store.Load(t.Context(), digest("of "+user))
		require.NoError(t, err)
	}
}

// startedClient returns another client of the same server.
func startedClient(t testing.TB, client *redis.Client) *redis.Client {
	t.Helper()
	other := redis.NewClient(&redis.Options{Addr: client.Options().Addr, Password: client.Options().Password, ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, other.Close()) })
	return other
}

// So are families, whatever else is among them: what is wrong is an error, and the others are ended.
func TestManyFamilies(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long})
	other := newRefresh(t, redisstore.RefreshConfig{Client: startedClient(t, client), Timeout: long}) // whose scripts are not counted
	start := func(i int) error {
		f := family(fmt.Sprint(i))
		f.Started = noon.Add(time.Duration(i) * time.Millisecond)
		return other.Start(t.Context(), f)
	}
	require.NoError(t, store.EndUser(t.Context(), issuer, "nobody", noon), "the server knows the script now")
	hook := &betweenHook{before: func(int) error { return nil }}
	client.AddHook(hook)
	for _, n := range []int{499, 500, 1000, many} {
		inParallel(t, n, start)
		hook.n = 0
		require.NoError(t, store.EndUser(t.Context(), issuer, "7", noon.Add(time.Hour)))
		require.Equal(t, n/500+1, hook.n, "steps for %d", n)
		require.Zero(t, client.DBSize(t.Context()).Val())
	}

	inParallel(t, many, start)
	require.NoError(t, store.EndUser(t.Context(), issuer, "7", noon.Add(899*time.Millisecond)))
	rotate(t, store, rotation("899", "0", "1"), refresh.Unknown)
	rotate(t, store, rotation("900", "0", "1"), refresh.Rotated)
	require.EqualValues(t, 300, client.HLen(t.Context(), familiesKey).Val(), "those that started later")

	inParallel(t, 900, start)
	for _, name := range client.HKeys(t.Context(), familiesKey).Val()[:1] {
		require.NoError(t, client.HSet(t.Context(), familiesKey, name, "garbage").Err())
	}
	require.ErrorContains(t, store.EndUser(t.Context(), issuer, "7", noon.Add(time.Hour)), "an entry that this store has not written")
	require.EqualValues(t, 1, client.HLen(t.Context(), familiesKey).Val(), "the others have ended")

	require.NoError(t, client.FlushAll(t.Context()).Err())
	inParallel(t, many, start)
	require.NoError(t, client.ZRemRangeByRank(t.Context(), "{boltauthgen:refresh}:users", 0, 0).Err())
	require.ErrorContains(t, store.EndUser(t.Context(), issuer, "7", noon.Add(time.Hour)), "lost a part")
	require.EqualValues(t, 1, client.HLen(t.Context(), familiesKey).Val(), "the others have ended")
}

// Each step counts once the replicas have it.
func TestManyFamiliesReplicated(t *testing.T) {
	t.Parallel()
	primary := startServer(t, redisServer)
	replica := startReplica(t, primary)
	synchronized(t, primary, 1)
	stores := newLoginStores(t, primary.client(t), long, 1)
	alone := newLoginStores(t, primary.client(t), long, 0)
	inParallel(t, many, func(i int) error { return alone.families.Start(t.Context(), family(fmt.Sprint(i))) })
	require.NoError(t, stores.families.EndUser(t.Context(), issuer, "7", noon))
	require.Zero(t, replica.client(t).Exists(t.Context(), familiesKey).Val())
}
