package redisstore_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
)

// What a look-up costs, beside the least that a round trip costs: a GET of a key that is not there.
func BenchmarkRevoked(b *testing.B) {
	server := startServer(b, redisServer)
	client := server.client(b)
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.Get(b.Context(), "revoked:it").Result(); err != redis.Nil {
				b.Fatal(err)
			}
		}
	})
	for name, django := range map[string]string{"store": "", "store with a site": ":1:"} {
		store := newStore(b, redisstore.RevocationConfig{Client: client, Django: django})
		it := token("it")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if revoked, err := store.Revoked(b.Context(), it); revoked || err != nil {
					b.Fatal(revoked, err)
				}
			}
		})
	}
}

// What a revocation costs, and the memory of one.
func BenchmarkRevoke(b *testing.B) {
	server := startServer(b, redisServer)
	client := server.client(b)
	store := newStore(b, redisstore.RevocationConfig{Client: client})
	expires := time.Now().Add(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		it := token(rand.Text())
		it.Expires = expires
		require.NoError(b, store.Revoke(b.Context(), it))
	}
	var size int64
	for _, key := range []string{entriesKey, feedKey, endsKey} {
		n, err := client.MemoryUsage(b.Context(), key, 0).Result()
		require.NoError(b, err)
		size += n
	}
	b.ReportMetric(float64(size)/float64(b.N), "B/entry")
}
