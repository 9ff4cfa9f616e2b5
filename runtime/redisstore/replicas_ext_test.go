package redisstore_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
)

// startReplica starts a replica of a server and waits until it has what that has.
func startReplica(t testing.TB, primary *server, settings ...string) *server {
	t.Helper()
	settings = append(settings, fmt.Sprint("replicaof 127.0.0.1 ", primary.port))
	return startWithPassword(t, redisServer, primary.password, settings...)
}

// synchronized waits until a server has so many replicas.
func synchronized(t testing.TB, primary *server, replicas int) {
	t.Helper()
	client := primary.client(t)
	eventually(t, func() error {
		text, err := client.Info(t.Context(), "replication").Result()
		if n := strings.Count(text, "state=online"); err == nil && n != replicas {
			err = fmt.Errorf("%d replicas", n)
		}
		return err
	}, primary.log)
}

// A replica is refused when the store is made; and a server that has become one, when something is written.
func TestReplicaIsRefused(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: short})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	require.NoError(t, client.ReplicaOf(t.Context(), "127.0.0.1", fmt.Sprint(freePort(t))).Err()) // that answers to nobody
	_, err := redisstore.NewRevocation(t.Context(), redisstore.RevocationConfig{Client: client})
	require.ErrorContains(t, err, "the server is a replica")
	require.ErrorContains(t, store.Revoke(t.Context(), token("another")), "READONLY")
	require.ErrorContains(t, store.RevokeUser(t.Context(), issuer, "user", time.Now()), "READONLY")
}

// A write counts as stored once the replicas have it, and is an error in time if they do not say so.
func TestReplicas(t *testing.T) {
	t.Parallel()
	primary := startServer(t, redisServer)
	client := primary.client(t)
	config := redisstore.RevocationConfig{Client: client, Timeout: long, Replicas: 1}
	store := newStore(t, config)
	config.Timeout = 2 * short
	hasty := newStore(t, config)
	err := hasty.Revoke(t.Context(), token("it"))
	require.Error(t, err)

	replica := startReplica(t, primary)
	synchronized(t, primary, 1)
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	config.Replicas, config.Timeout = 2, time.Second
	err = newStore(t, config).Revoke(t.Context(), token("it"))
	require.ErrorContains(t, err, "1 replicas of 2")

	// What is stored already is written again: an answer without waiting would be worth nothing.
	replica.signal(t, syscall.SIGSTOP)
	config.Replicas, config.Timeout = 1, 2*short
	for name, expires := range map[string]time.Time{"later": time.Now().Add(2 * time.Hour), "earlier": time.Now(), "over": time.Unix(1, 0)} {
		config.Client = primary.client(t) // whose connections have written nothing yet
		again, it := newStore(t, config), token("it")
		it.Expires = expires
		if name == "over" {
			it.ID += name
		}
		began := time.Now()
		require.Error(t, again.Revoke(t.Context(), it), name)
		require.Less(t, time.Since(began), 2*short+slack)
	}
	expect(t, store, true, token("it"))
	replica.signal(t, syscall.SIGCONT)
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	require.NoError(t, client.ScriptFlush(t.Context()).Err())
	require.NoError(t, store.Revoke(t.Context(), token("another")))

	// Both are sent over one connection, since they are sent as one.
	trips := new(tripHook)
	client.AddHook(trips)
	require.NoError(t, store.Revoke(t.Context(), token("another")))
	require.Equal(t, 1, trips.n)

	// The connection is cut between the answers to the script and to WAIT.
	p := newProxy(t, primary.addr)
	config.Client, config.Replicas, config.Timeout = primary.client(t, func(o *redis.Options) { o.Addr = p.Addr().String() }), 1, time.Second
	through := newStore(t, config)
	require.NoError(t, through.Revoke(t.Context(), token("through")))
	replica.signal(t, syscall.SIGSTOP)
	time.AfterFunc(short/4, p.cut)
	require.Error(t, through.Revoke(t.Context(), token("through")))
	replica.signal(t, syscall.SIGCONT)
	require.NoError(t, store.Revoke(t.Context(), token("it")))
}

// Sentinels put a replica into the place of a primary that was killed. What the replica had acknowledged is there, and
// whoever follows goes on.
func TestFailover(t *testing.T) { // HOSTILE 64
	t.Parallel()
	primary := startServer(t, redisServer)
	startReplica(t, primary)
	synchronized(t, primary, 1)
	var addrs []string
	for range 3 {
		sentinel := newServer(t, redisServer, primary.password)
		sentinel.configure(t, "sentinel sentinel-pass "+primary.password,
			fmt.Sprintf("sentinel monitor it 127.0.0.1 %d 2", primary.port), "sentinel auth-pass it "+primary.password,
			"sentinel down-after-milliseconds it 500", "sentinel failover-timeout it 3000")
		sentinel.start(t, "--sentinel")
		addrs = append(addrs, sentinel.addr)
	}
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: "it", SentinelAddrs: addrs, SentinelPassword: primary.password, Password: primary.password, ContextTimeoutEnabled: true,
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	eventually(t, func() error { // all know of each other and of the replica
		for _, addr := range addrs {
			sentinel := redis.NewSentinelClient(&redis.Options{Addr: addr, Password: primary.password})
			info, err := sentinel.Master(t.Context(), "it").Result()
			_ = sentinel.Close()
			if err != nil {
				return err
			}
			if info["num-other-sentinels"] != "2" || info["num-slaves"] != "1" {
				return fmt.Errorf("%s others, %s replicas", info["num-other-sentinels"], info["num-slaves"])
			}
		}
		return nil
	})
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: 2 * time.Second, Replicas: 1})
	alone := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: 2 * time.Second})

	var acknowledged []string
	for i := range 50 {
		id := fmt.Sprint(i)
		require.NoError(t, store.Revoke(t.Context(), token(id)))
		acknowledged = append(acknowledged, id)
	}
	_, since := all(t, store, 0, 10)
	last := token("last")
	require.NoError(t, store.Revoke(t.Context(), last))
	primary.signal(t, syscall.SIGKILL)

	hasty, done := context.WithTimeout(t.Context(), short) // no sentinel has noticed it by then
	defer done()
	_, err := store.Revoked(hasty, last)
	require.Error(t, err)
	eventually(t, func() error { return alone.Revoke(t.Context(), token("after")) })
	expect(t, store, true, last)
	for _, id := range acknowledged {
		expect(t, store, true, token(id))
	}
	changes, _ := all(t, store, since, 10)
	var told []string
	for _, c := range changes {
		told = append(told, c.ID)
	}
	require.Equal(t, []string{"last", "after"}, told)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.ErrorContains(t, store.Revoke(ctx, token("no replica is left")), "0 replicas of 1")
}
