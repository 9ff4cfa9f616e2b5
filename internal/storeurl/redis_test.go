package storeurl

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A store is not there until one has been opened that makes it, and that is what all others with the URL see.
func testRedis(t *testing.T, text, prefix string, keys func() []string) {
	t.Helper()
	_, err := OpenExisting(t.Context(), text)
	require.ErrorIs(t, err, errNotThere)
	assert.Empty(t, keys(), "nothing is made")

	token := revocation.Token{Issuer: "i", ID: "1", Expires: time.Now().Add(time.Hour)}
	first := opened(t, Open, text)
	require.IsType(t, new(redisstore.Revocation), first.Feed)
	require.NoError(t, first.Feed.Revoke(t.Context(), token))
	for _, key := range keys() {
		assert.True(t, strings.HasPrefix(key, "{"+prefix+"}:"), key)
	}
	second := opened(t, OpenExisting, text)
	revoked, err := second.Feed.Revoked(t.Context(), token)
	require.NoError(t, err)
	assert.True(t, revoked)
}

func TestRedis(t *testing.T) {
	t.Parallel()
	server := startServer(t, newPassword(), "appendonly no")
	at := "redis://:" + url.QueryEscape(server.password) + "@" + server.addr
	keys := func(number int) func() []string {
		client := redis.NewClient(&redis.Options{Addr: server.addr, Password: server.password, DB: number})
		t.Cleanup(func() { assert.NoError(t, client.Close()) })
		return func() []string { return client.Keys(t.Context(), "*").Val() }
	}
	testRedis(t, at+"/3", "boltauthgen:revocation", keys(3))
	testRedis(t, at+"/4?prefix=mine&client_name=me", "mine", keys(4))

	lonely := opened(t, OpenExisting, at+"/3?replicas=1")
	require.ErrorContains(t, lonely.Feed.Revoke(t.Context(), revocation.Token{ID: "2"}), "0 replicas of 1")
	replica := startServer(t, server.password, fmt.Sprint("replicaof 127.0.0.1 ", server.port()))
	eventually(t, func() error { return lonely.Feed.Revoke(t.Context(), revocation.Token{ID: "2"}) })

	_, err := Open(t.Context(), strings.Replace(at, server.addr, replica.addr, 1)+"/3")
	require.ErrorContains(t, err, "the server is a replica")

	require.NoError(t, server.client(t).FlushAll(t.Context()).Err())
	_, err = OpenExisting(t.Context(), at+"/3")
	require.ErrorIs(t, err, errNotThere)
	_, err = lonely.Feed.Revoked(t.Context(), revocation.Token{ID: "2"})
	require.ErrorContains(t, err, "the server has lost what was revoked", "nor is a server told that all is well")
}

func TestCluster(t *testing.T) {
	t.Parallel()
	node := startServer(t, newPassword(), "cluster-enabled yes", fmt.Sprint("cluster-port ", freePort(t)))
	client := node.client(t)
	require.NoError(t, client.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	eventually(t, func() error {
		text, err := client.ClusterInfo(t.Context()).Result()
		if err == nil && !strings.Contains(text, "cluster_state:ok") {
			err = fmt.Errorf("not yet: %s", text)
		}
		return err
	})
	at := "redis+cluster://:" + url.QueryEscape(node.password) + "@"
	testRedis(t, at+"127.0.0.1:1?prefix=mine&addr="+node.addr, "mine", func() []string { return client.Keys(t.Context(), "*").Val() })

	lonely := opened(t, Open, at+node.addr+"/?replicas=1")
	require.ErrorContains(t, lonely.Feed.Revoke(t.Context(), revocation.Token{ID: "2"}), "0 replicas of 1")
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	server := startServer(t, newPassword(), "appendonly no")
	sentinel := startServer(t, newPassword(), // which is another one
		fmt.Sprintf("sentinel monitor it 127.0.0.1 %s 1", server.port()), "sentinel auth-pass it "+server.password)
	at := "redis+sentinel://:" + url.QueryEscape(sentinel.password) + "@"
	query := "?master_name=it&password=" + url.QueryEscape(server.password)
	client := server.client(t)
	keys := func() []string { return client.Keys(t.Context(), "*").Val() }
	testRedis(t, at+"127.0.0.1:1"+query+"&addr="+sentinel.addr, "boltauthgen:revocation", keys)

	lonely := opened(t, OpenExisting, at+sentinel.addr+"/0"+query+"&replicas=1")
	require.ErrorContains(t, lonely.Feed.Revoke(t.Context(), revocation.Token{ID: "2"}), "0 replicas of 1")
}

// With rediss, nothing is said but by TLS.
func TestRedisTLS(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"rediss://:hidden@%s/0", "rediss+cluster://:hidden@%s", "rediss+sentinel://:hidden@%s?master_name=it"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		said := make(chan byte, 1)
		go func() {
			defer cancel()
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
			first := make([]byte, 1)
			if _, err := connection.Read(first); err == nil {
				said <- first[0]
			}
		}()
		_, err = Open(ctx, fmt.Sprintf(text, listener.Addr()))
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hidden")
		assert.EqualValues(t, 22, <-said, "a handshake (RFC 8446 section 5.1): %s", text)
	}
}
