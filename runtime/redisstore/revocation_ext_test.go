package redisstore_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

const issuer = "https://issuer.example"

// token returns one that was issued a minute ago and is good for an hour.
func token(id string) revocation.Token {
	now := time.Now()
	return revocation.Token{
		Issuer: issuer, ID: id, UserID: "user of " + id, Family: "family of " + id,
		IssuedAt: now.Add(-time.Minute), Expires: now.Add(time.Hour),
	}
}

// expect asks a store.
func expect(t testing.TB, s revocation.Store, want bool, token revocation.Token, about ...any) {
	t.Helper()
	revoked, err := s.Revoked(t.Context(), token)
	require.NoError(t, err, about...)
	require.Equal(t, want, revoked, about...)
}

// long is a time for calls that is enough on a busy machine.
const long = 20 * time.Second

func TestConformance(t *testing.T) {
	for _, program := range programs(t) {
		for _, protocol := range []int{2, 3} {
			t.Run(fmt.Sprint(program, ", RESP", protocol), func(t *testing.T) {
				server := startServer(t, program)
				open := func(t *testing.T) *redisstore.Revocation {
					client := server.client(t, func(o *redis.Options) { o.Protocol = protocol })
					return newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
				}
				revocationtest.Run(t, func(t *testing.T) (one, other revocation.Store) { return open(t), open(t) })
				t.Run("feed", func(t *testing.T) {
					revocationtest.RunFeed(t, func(t *testing.T) (one, other revocation.Feed) { return open(t), open(t) })
				})
			})
		}
	}
}

// On one server, stores of different prefixes know nothing of each other.
func TestPrefixes(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	one := newStore(t, redisstore.RevocationConfig{Client: client, Prefix: "one", Timeout: long})
	other := newStore(t, redisstore.RevocationConfig{Client: client, Prefix: "other", Timeout: long})
	require.NoError(t, one.Revoke(t.Context(), token("it")))
	expect(t, one, true, token("it"))
	expect(t, other, false, token("it"))
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"{one}:entries", "{one}:feed", "{one}:ends", "{other}:entries"}, keys)
}

// Revoked is one round trip, however much there is to ask for.
func TestRoundTrips(t *testing.T) {
	server := startServer(t, redisServer)
	for _, django := range []string{"", ":1:"} {
		client := server.client(t)
		store := newStore(t, redisstore.RevocationConfig{Client: client, Django: django, Timeout: long})
		require.NoError(t, store.Revoke(t.Context(), token("first")))
		expect(t, store, false, token("it")) // there are connections now
		trips := new(tripHook)
		client.AddHook(trips)
		expect(t, store, false, token("it"))
		assert.Equal(t, 1, trips.n, "asked")
		require.NoError(t, store.Revoke(t.Context(), token("it")))
		require.NoError(t, store.RevokeUser(t.Context(), issuer, "it", time.Now()))
		require.NoError(t, store.RevokeFamily(t.Context(), issuer, "it", time.Now()))
		assert.Equal(t, 4, trips.n, "written")
		expect(t, store, false, revocation.Token{Issuer: issuer})
		assert.Equal(t, 4, trips.n, "nothing to ask for")
		require.NoError(t, client.FlushDB(t.Context()).Err())
	}
}

// A tripHook counts round trips.
type tripHook struct{ n int }

func (h *tripHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (h *tripHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.n++
		return next(ctx, cmd)
	}
}

func (h *tripHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		h.n++
		return next(ctx, cmds)
	}
}

const entriesKey, feedKey, endsKey = "{boltauthgen:revocation}:entries", "{boltauthgen:revocation}:feed", "{boltauthgen:revocation}:ends"

// What is not over stays, whatever is written meanwhile; what is over goes, and writes do not let it pile up.
func TestRemoval(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	revoke := func(id string, expires time.Time) {
		t.Helper()
		require.NoError(t, store.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: id, Expires: expires}))
	}
	soon := time.Now().Add(-revocation.Grace + 1500*time.Millisecond)
	for i := range 150 {
		revoke(fmt.Sprint("soon ", i), soon)
	}
	revoke("for good", time.Time{})
	revoke("made longer", soon)
	revoke("made longer", time.Now())
	revoke("over", time.Now().Add(-revocation.Grace-time.Second)) // never stored
	require.NoError(t, store.RevokeUser(t.Context(), issuer, "user", time.Now()))
	require.NoError(t, store.RevokeFamily(t.Context(), issuer, "family", soon))
	sizes := func() [3]int64 {
		return [3]int64{client.HLen(t.Context(), entriesKey).Val() - 2, client.ZCard(t.Context(), feedKey).Val(), client.ZCard(t.Context(), endsKey).Val()}
	}
	require.Equal(t, [3]int64{154, 154, 152}, sizes())
	for i := range 150 {
		expect(t, store, true, revocation.Token{Issuer: issuer, ID: fmt.Sprint("soon ", i)})
	}
	require.True(t, time.Now().Before(soon.Add(revocation.Grace)), "this machine is too slow for the test")

	time.Sleep(time.Until(soon.Add(revocation.Grace + 10*time.Millisecond)))
	revoke("for good", time.Time{})
	require.Equal(t, [3]int64{54, 54, 52}, sizes(), "a hundred at once")
	revoke("for good", time.Time{})
	require.Equal(t, [3]int64{3, 3, 1}, sizes())
	expect(t, store, true, revocation.Token{Issuer: issuer, ID: "for good"})
	expect(t, store, true, revocation.Token{Issuer: issuer, ID: "made longer"})
	expect(t, store, true, revocation.Token{Issuer: issuer, UserID: "user"})
	expect(t, store, false, revocation.Token{Issuer: issuer, ID: "soon 1", Family: "family"})
	for key, ttl := range map[string]time.Duration{entriesKey: -1, feedKey: -1, endsKey: -1} {
		assert.Equal(t, ttl, client.PTTL(t.Context(), key).Val(), "volatile-* must not evict it: %s", key)
	}
}

// An instant that is the zero one once it is rounded would stop those who follow, so it is an error as that is, and nothing
// is written.
func TestRoundedInstant(t *testing.T) {
	store := newStore(t, redisstore.RevocationConfig{Client: startServer(t, redisServer).client(t), Timeout: long})
	for _, zero := range []time.Time{{}, time.Time{}.Add(500), time.Time{}.Add(999)} {
		require.ErrorContains(t, store.RevokeUser(t.Context(), issuer, "user", zero), "the instant is zero")
	}
	changes, _ := all(t, store, 0, 10)
	require.Empty(t, changes)
	for _, near := range []time.Time{time.Time{}.Add(-1), time.Time{}.Add(1000)} {
		require.NoError(t, store.RevokeUser(t.Context(), issuer, near.String(), near))
	}
	changes, _ = all(t, store, 0, 10)
	require.Len(t, changes, 2)
	for _, c := range changes {
		require.False(t, c.Before.IsZero())
	}
}

// What nobody has written there, or what is of another type, is an error for whoever asks, and for whoever writes it.
func TestGarbage(t *testing.T) { // HOSTILE 63
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	require.NoError(t, store.RevokeUser(t.Context(), issuer, token("it").UserID, time.Now().Add(-time.Hour)))
	digests, err := client.ZRange(t.Context(), feedKey, 0, -1).Result()
	require.NoError(t, err)
	require.Len(t, digests, 1)
	expect(t, store, false, token("it"), "revoked, but issued later")
	good := client.HGet(t.Context(), entriesKey, digests[0]).Val()
	require.NotEmpty(t, good)

	fails := func(t *testing.T, about string) {
		t.Helper()
		revoked, err := store.Revoked(t.Context(), token("it"))
		require.Error(t, err, about)
		require.False(t, revoked)
		require.Error(t, store.RevokeUser(t.Context(), issuer, token("it").UserID, time.Now()), about)
		assert.NotContains(t, err.Error(), "user of it", "names are no matter of logs")
	}
	for _, bad := range []string{
		"", "1", "u", good[:21], good[:len(good)-1], good + "x", "t" + good[1:], "x" + good[1:], strings.ToUpper(good),
		"u" + strings.Repeat("x", 20) + good[21:], "u-0000000000000000001" + good[21:], "u99999999999999999999" + good[21:21], good[1:], " " + good,
		good[:21] + "0" + good[21:], good[:21] + "-1:x", good[:21] + "999999999999999999999:x", good[:21] + "1:x", good[:20] + good[21:],
	} {
		require.NoError(t, client.HSet(t.Context(), entriesKey, digests[0], bad).Err())
		fails(t, bad)
	}
	require.NoError(t, client.HSet(t.Context(), entriesKey, digests[0], good).Err())
	expect(t, store, false, token("it"))

	saved, err := client.Dump(t.Context(), entriesKey).Result()
	require.NoError(t, err)
	for name, set := range map[string]func() error{
		"text": func() error { return client.Set(t.Context(), entriesKey, "1", 0).Err() },
		"set":  func() error { return client.SAdd(t.Context(), entriesKey, "began", "last").Err() },
		"list": func() error { return client.RPush(t.Context(), entriesKey, "began", "last").Err() },
	} {
		require.NoError(t, client.Del(t.Context(), entriesKey).Err())
		require.NoError(t, set())
		fails(t, name)
		_, next, err := store.Changes(t.Context(), 7, 10)
		require.Error(t, err, name)
		require.EqualValues(t, 7, next)
		_, err = redisstore.NewRevocation(t.Context(), redisstore.RevocationConfig{Client: client})
		require.Error(t, err, name)
	}
	require.NoError(t, client.RestoreReplace(t.Context(), entriesKey, 0, saved).Err())
	expect(t, store, false, token("it"))

	for _, key := range []string{feedKey, endsKey} {
		saved, err := client.Dump(t.Context(), key).Result()
		if err != redis.Nil {
			require.NoError(t, err)
		}
		require.NoError(t, client.Set(t.Context(), key, "1", 0).Err())
		require.Error(t, store.Revoke(t.Context(), token("it")), "%s is a text", key)
		expect(t, store, false, token("it"), "nothing was written")
		require.NoError(t, client.Del(t.Context(), key).Err())
		if saved != "" {
			require.NoError(t, client.Restore(t.Context(), key, 0, saved).Err())
		}
	}
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	expect(t, store, true, token("it"))
}

// Of what is evicted, nothing comes from here: such a server is refused.
func TestPolicies(t *testing.T) { // HOSTILE 64
	client := startServer(t, redisServer).client(t)
	for policy, want := range map[string]struct{ plain, django bool }{
		"noeviction": {true, true}, "volatile-lru": {true, false}, "volatile-lfu": {true, false}, "volatile-random": {true, false},
		"volatile-ttl": {true, false}, "allkeys-lru": {}, "allkeys-lfu": {}, "allkeys-random": {},
	} {
		require.NoError(t, client.ConfigSet(t.Context(), "maxmemory-policy", policy).Err())
		for django, fine := range map[string]bool{"": want.plain, ":1:": want.django} {
			_, err := redisstore.NewRevocation(t.Context(), redisstore.RevocationConfig{Client: client, Django: django})
			if fine {
				require.NoError(t, err, policy)
				continue
			}
			require.ErrorContains(t, err, "maxmemory-policy is "+policy)
			require.ErrorContains(t, err, "redisstore.NewRevocation: ")
		}
	}
}

// Under volatile-lru, other people's keys make room, and those of the store do not.
func TestEviction(t *testing.T) {
	client := startServer(t, redisServer, "maxmemory-policy volatile-lru", "maxmemory-samples 10").client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	for i := range 500 {
		require.NoError(t, store.Revoke(t.Context(), token(fmt.Sprint(i))))
	}
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "8mb").Err())
	value := strings.Repeat("x", 100_000)
	for i := range 200 {
		require.NoError(t, client.Set(t.Context(), fmt.Sprint(i), value, time.Hour).Err())
	}
	require.Less(t, client.DBSize(t.Context()).Val(), int64(200), "nothing was evicted")
	for i := range 500 {
		expect(t, store, true, token(fmt.Sprint(i)))
	}
}

func TestConfig(t *testing.T) {
	server := startServer(t, redisServer)
	client := server.client(t)
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.addr}, ContextTimeoutEnabled: true})
	laggard := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.addr}, ContextTimeoutEnabled: true, RouteRandomly: true})
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"one": server.addr}, ContextTimeoutEnabled: true})
	endless := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.addr}, ContextTimeoutEnabled: true, ReadTimeout: -2})
	defer endless.Close()
	defer cluster.Close()
	defer laggard.Close()
	defer ring.Close()
	for want, config := range map[string]redisstore.RevocationConfig{
		"the Client is nil":     {},
		"the Client is nil ":    {Client: (*redis.Client)(nil)},
		"the Client is nil  ":   {Client: (*redis.ClusterClient)(nil)},
		"ContextTimeoutEnabled": {Client: server.client(t, func(o *redis.Options) { o.ContextTimeoutEnabled = false })},
		"RouteRandomly":         {Client: laggard},
		"ReadTimeout":           {Client: server.client(t, func(o *redis.Options) { o.ReadTimeout = -2 })},
		"ReadTimeout ":          {Client: server.client(t, func(o *redis.Options) { o.ReadTimeout, o.WriteTimeout = time.Second, -time.Second })},
		"WriteTimeout":          {Client: server.client(t, func(o *redis.Options) { o.WriteTimeout = -2 })},
		"WriteTimeout ":         {Client: endless},
		"ClientSideCacheConfig": {Client: server.client(t, func(o *redis.Options) { o.Protocol, o.ClientSideCacheConfig = 3, new(redis.ClientSideCacheConfig) })},
		"neither":               {Client: ring},
		"Timeout is negative":   {Client: client, Timeout: -1},
		"Replicas is negative":  {Client: client, Replicas: -1},
		"Prefix has braces":     {Client: client, Prefix: "a{b}"},
		"no Django":             {Client: cluster, Django: ":1:"},
		"WRONGPASS":             {Client: server.client(t, func(o *redis.Options) { o.Password = "x" })},
	} {
		s, err := redisstore.NewRevocation(t.Context(), config)
		require.ErrorContains(t, err, strings.TrimSpace(want))
		require.Nil(t, s)
	}
}

// A store that was not made by its constructor does nothing but return errors.
func TestNotMade(t *testing.T) {
	for _, s := range []*redisstore.Revocation{nil, {}} {
		_, err := s.Revoked(t.Context(), token("it"))
		require.ErrorContains(t, err, "constructor")
		require.ErrorContains(t, s.Revoke(t.Context(), token("it")), "constructor")
		require.ErrorContains(t, s.RevokeUser(t.Context(), issuer, "user", time.Now()), "constructor")
		require.ErrorContains(t, s.RevokeFamily(t.Context(), issuer, "family", time.Now()), "constructor")
		_, _, err = s.Changes(t.Context(), 0, 1)
		require.ErrorContains(t, err, "constructor")
	}
}

// The package's documentation names the commands that an access list must allow. These are all that it names, but for
// WAIT, which needs a replica.
func TestAccessList(t *testing.T) {
	server := startServer(t, redisServer)
	admin := server.client(t)
	rules := strings.Fields("+del +eval +evalsha +hdel +hexists +hget +hlen +hmget +hset +info +time +wait +zadd +zcard +zrangebyscore +zrem +hello +client +ping")
	user := func(t *testing.T, rules ...string) *redis.Client {
		name := strings.ReplaceAll(t.Name(), "/", "-")
		require.NoError(t, admin.Do(t.Context(), append([]any{"acl", "setuser", name, "reset", "on", ">secret"}, anys(rules)...)...).Err())
		return server.client(t, func(o *redis.Options) { o.Username, o.Password = name, "secret" })
	}
	t.Run("without a site", func(t *testing.T) {
		testAccess(t, redisstore.RevocationConfig{Client: user(t, append(rules, "~{boltauthgen:revocation}:*")...), Timeout: long})
	})
	t.Run("with a site", func(t *testing.T) {
		rules := append(rules, "~{boltauthgen:revocation}:*", "~:1:revoked:*", "+exists", "+persist", "+pexpireat", "+pttl", "+set")
		testAccess(t, redisstore.RevocationConfig{Client: user(t, rules...), Django: ":1:", Timeout: long})
	})
	t.Run("not told", func(t *testing.T) {
		_, err := redisstore.NewRevocation(t.Context(), redisstore.RevocationConfig{Client: user(t, append(rules, "-info", "~*")...)})
		require.ErrorContains(t, err, "NOPERM", "what the server evicts is not known")
	})
	t.Run("read only", func(t *testing.T) {
		client := user(t, append(rules, "~*")...)
		store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
		expect(t, store, false, token("read only"))
		user(t, append(rules, "%R~*")...)
		require.ErrorContains(t, store.Revoke(t.Context(), token("read only")), "permissions")
		_, err := store.Revoked(t.Context(), token("read only"))
		require.ErrorContains(t, err, "permissions", "who asks must be able to write")
	})
}

func anys(texts []string) (all []any) {
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

func testAccess(t *testing.T, config redisstore.RevocationConfig) {
	store := newStore(t, config)
	old := token("old")
	old.Expires = time.Now().Add(-revocation.Grace + 50*time.Millisecond)
	require.NoError(t, store.Revoke(t.Context(), old))
	time.Sleep(60 * time.Millisecond) // the next write removes it
	for _, expires := range []time.Time{time.Now(), {}} {
		it := token("it")
		it.Expires = expires
		require.NoError(t, store.Revoke(t.Context(), it))
	}
	expect(t, store, true, token("it"))
	changes, _, err := store.Changes(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, changes, 1)
}

// Eight goroutines write and ask, with the cache of scripts emptied again and again.
func TestConcurrent(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 100 {
				it := token(fmt.Sprint(i, " ", j))
				revoked, err := store.Revoked(t.Context(), it)
				assert.NoError(t, err)
				assert.False(t, revoked)
				assert.NoError(t, store.Revoke(t.Context(), it))
				revoked, err = store.Revoked(t.Context(), it)
				assert.NoError(t, err)
				assert.True(t, revoked)
				if j%10 == i {
					assert.NoError(t, client.ScriptFlush(t.Context()).Err())
				}
			}
		})
	}
	group.Wait()
	changes, _, err := store.Changes(t.Context(), 0, 10_000)
	require.NoError(t, err)
	require.Len(t, changes, 800)
}

// A store that must be there makes nothing, not even a mark.
func TestExisting(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	config := redisstore.RevocationConfig{Client: client, Timeout: long, Existing: true}
	for range 2 {
		_, err := redisstore.NewRevocation(t.Context(), config)
		require.ErrorIs(t, err, redisstore.ErrNoStore)
		require.Zero(t, client.DBSize(t.Context()).Val())
	}
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	require.NoError(t, newStore(t, config).Revoke(t.Context(), token("it")))
	expect(t, store, true, token("it"))

	require.NoError(t, client.FlushAll(t.Context()).Err())
	_, err := redisstore.NewRevocation(t.Context(), config)
	require.ErrorIs(t, err, redisstore.ErrNoStore)
	_, err = store.Revoked(t.Context(), token("it"))
	require.ErrorContains(t, err, "lost")
}
