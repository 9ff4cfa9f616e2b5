package redisstore_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

const slots = 16384

// startCluster starts three nodes that have a third of the slots each.
func startCluster(t testing.TB) (nodes []*server) {
	t.Helper()
	password := rand.Text()
	for range 3 {
		nodes = append(nodes, startNode(t, password))
	}
	for i, node := range nodes {
		client := node.client(t)
		require.NoError(t, client.Do(t.Context(), "cluster", "set-config-epoch", i+1).Err())
		require.NoError(t, client.ClusterAddSlotsRange(t.Context(), i*slots/3, (i+1)*slots/3-1).Err())
		port := nodes[0].clusterPort(t)
		require.NoError(t, client.Do(t.Context(), "cluster", "meet", "127.0.0.1", nodes[0].port, port).Err())
	}
	for _, node := range nodes {
		client := node.client(t)
		eventually(t, func() error {
			text, err := client.ClusterInfo(t.Context()).Result()
			if err == nil && !(strings.Contains(text, "cluster_state:ok") && strings.Contains(text, "cluster_known_nodes:3")) {
				err = fmt.Errorf("not yet: %s", text)
			}
			return err
		}, node.log)
	}
	return nodes
}

func startNode(t testing.TB, password string) *server {
	t.Helper()
	return startWithPassword(t, redisServer, password,
		"cluster-enabled yes", fmt.Sprint("cluster-port ", freePort(t)), "cluster-node-timeout 2000")
}

func (s *server) clusterPort(t testing.TB) string {
	t.Helper()
	return s.client(t).ConfigGet(t.Context(), "cluster-port").Val()["cluster-port"]
}

func clusterClient(t testing.TB, nodes []*server) *redis.ClusterClient {
	t.Helper()
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].addr}, Password: nodes[0].password, ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

// owner returns the node that has a key's slot.
func owner(t testing.TB, client *redis.ClusterClient, nodes []*server, key string) *server {
	t.Helper()
	master, err := client.MasterForKey(t.Context(), key)
	require.NoError(t, err)
	for _, node := range nodes {
		if master.Options().Addr == node.addr {
			return node
		}
	}
	require.Fail(t, "no such node", master.Options().Addr)
	return nil
}

func TestCluster(t *testing.T) {
	t.Parallel()
	nodes := startCluster(t)
	client := clusterClient(t, nodes)
	t.Run("conformance", func(t *testing.T) {
		open := func(t *testing.T) (one, other *redisstore.Revocation) {
			return newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long}),
				newStore(t, redisstore.RevocationConfig{Client: clusterClient(t, nodes), Timeout: long})
		}
		revocationtest.Run(t, func(t *testing.T) (one, other revocation.Store) { return open(t) })
		t.Run("feed", func(t *testing.T) {
			revocationtest.RunFeed(t, func(t *testing.T) (one, other revocation.Feed) { return open(t) })
		})
	})
	t.Run("a policy of one node", func(t *testing.T) {
		for _, node := range nodes {
			require.NoError(t, node.client(t).ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
			_, err := redisstore.NewRevocation(t.Context(), redisstore.RevocationConfig{Client: client})
			require.ErrorContains(t, err, "allkeys-lru")
			require.NoError(t, node.client(t).ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err())
		}
	})
	t.Run("moved to another node", func(t *testing.T) { testMoved(t, nodes, client) })
	t.Run("replicas", func(t *testing.T) { testClusterReplicas(t, nodes, client) })
	t.Run("stopped", func(t *testing.T) { testClusterStopped(t, nodes, client) })
}

// The slot moves to another node while the client takes it to be where it was.
func testMoved(t *testing.T, nodes []*server, client *redis.ClusterClient) {
	store := newStore(t, redisstore.RevocationConfig{Client: client, Prefix: "moved", Timeout: long})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	_, since := all(t, store, 0, 10)
	key := "{moved}:entries"
	from := owner(t, client, nodes, key)
	to := nodes[0]
	if to == from {
		to = nodes[1]
	}
	move(t, nodes, from, to, int(client.ClusterKeySlot(t.Context(), key).Val()))
	expect(t, store, true, token("it"))
	require.NoError(t, store.Revoke(t.Context(), token("another")))
	expect(t, store, true, token("another"))
	changes, _ := all(t, store, since, 10)
	require.Len(t, changes, 1)
	require.EqualValues(t, 1, to.client(t).Exists(t.Context(), key).Val())
}

// move moves a slot from one node to another, with its keys.
func move(t *testing.T, nodes []*server, from, to *server, slot int) {
	t.Helper()
	source, target := from.client(t), to.client(t)
	sourceID, targetID := source.Do(t.Context(), "cluster", "myid").Val(), target.Do(t.Context(), "cluster", "myid").Val()
	require.NoError(t, target.Do(t.Context(), "cluster", "setslot", slot, "importing", sourceID).Err())
	require.NoError(t, source.Do(t.Context(), "cluster", "setslot", slot, "migrating", targetID).Err())
	keys, err := source.ClusterGetKeysInSlot(t.Context(), slot, 100).Result()
	require.NoError(t, err)
	require.NotEmpty(t, keys)
	migrate := []any{"migrate", "127.0.0.1", to.port, "", 0, 5000, "auth", to.password, "keys"}
	require.NoError(t, source.Do(t.Context(), append(migrate, anys(keys)...)...).Err())
	for _, node := range append([]*server{to, from}, nodes...) {
		require.NoError(t, node.client(t).Do(t.Context(), "cluster", "setslot", slot, "node", targetID).Err())
	}
}

// WAIT goes to the node that has written.
func testClusterReplicas(t *testing.T, nodes []*server, client *redis.ClusterClient) {
	config := redisstore.RevocationConfig{Client: client, Prefix: "replicated", Timeout: time.Second, Replicas: 1}
	store := newStore(t, config)
	require.ErrorContains(t, store.Revoke(t.Context(), token("it")), "0 replicas of 1")

	primary := owner(t, client, nodes, "{replicated}:entries")
	replica := startNode(t, primary.password)
	direct := replica.client(t)
	require.NoError(t, direct.Do(t.Context(), "cluster", "meet", "127.0.0.1", primary.port, primary.clusterPort(t)).Err())
	id := primary.client(t).Do(t.Context(), "cluster", "myid").Val()
	eventually(t, func() error { return direct.Do(t.Context(), "cluster", "replicate", id).Err() }, replica.log)
	synchronized(t, primary, 1)
	eventually(t, func() error { return store.Revoke(t.Context(), token("it")) })
	expect(t, store, true, token("it"))
	for range 20 {
		require.NoError(t, store.RevokeUser(t.Context(), issuer, "user", time.Now()))
	}
	replica.signal(t, syscall.SIGSTOP)
	for range 5 {
		require.ErrorContains(t, store.Revoke(t.Context(), token("it")), "0 replicas of 1")
	}
	replica.signal(t, syscall.SIGCONT)
	eventually(t, func() error { return store.Revoke(t.Context(), token("it")) })
}

func testClusterStopped(t *testing.T, nodes []*server, client *redis.ClusterClient) {
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: short})
	require.NoError(t, store.Revoke(t.Context(), token("before")))
	cold := clusterClient(t, nodes)
	dials := newStore(t, redisstore.RevocationConfig{Client: cold, Timeout: short})
	for _, node := range nodes {
		node.signal(t, syscall.SIGSTOP)
	}
	fails(t, store, "with connections")
	fails(t, dials, "with few connections")
	for _, node := range nodes {
		node.signal(t, syscall.SIGCONT)
	}
	eventually(t, func() error { _, err := store.Revoked(t.Context(), token("before")); return err })
	expect(t, store, true, token("before"))
	expect(t, store, false, token("never"))
}
