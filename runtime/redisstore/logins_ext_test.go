package redisstore_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/refresh/refreshtest"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/session"
	"github.com/boltauthgen/boltauthgen/runtime/session/sessiontest"
)

// loginStores are a store of families and one of sessions, on one client.
type loginStores struct {
	families *redisstore.Refresh
	sessions *redisstore.Session
}

func newLoginStores(t testing.TB, client redis.UniversalClient, timeout time.Duration, replicas int) loginStores {
	t.Helper()
	return loginStores{
		newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: timeout, Replicas: replicas}),
		newSession(t, redisstore.SessionConfig{Client: client, Timeout: timeout, Replicas: replicas}),
	}
}

// logIn starts a family and creates a session.
func (s loginStores) logIn(t testing.TB, name string) {
	t.Helper()
	require.NoError(t, s.families.Start(t.Context(), family(name)))
	require.NoError(t, s.sessions.Create(t.Context(), record(name)))
}

// writes are all calls that write, each in a way that would succeed if "it" was there and "new" was not.
func (s loginStores) writes() map[string]func(context.Context) error {
	calls := s.endings()
	calls["Start"] = func(ctx context.Context) error { return s.families.Start(ctx, family("new")) }
	calls["Rotate"] = func(ctx context.Context) error {
		_, err := s.families.Rotate(ctx, rotation("it", "0", "1"))
		return err
	}
	calls["Create"] = func(ctx context.Context) error { return s.sessions.Create(ctx, record("new")) }
	calls["Touch"] = func(ctx context.Context) error {
		return s.sessions.Touch(ctx, digest("it"), noon.Add(time.Minute), noon.Add(time.Hour))
	}
	calls["Update"] = func(ctx context.Context) error { return s.sessions.Update(ctx, record("it"), noon) }
	return calls
}

// endings are all calls that end something.
func (s loginStores) endings() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"End of a family":      func(ctx context.Context) error { return s.families.End(ctx, issuer, "it") },
		"EndUser for families": func(ctx context.Context) error { return s.families.EndUser(ctx, issuer, "7", noon) },
		"End of a session":     func(ctx context.Context) error { return s.sessions.End(ctx, digest("it")) },
		"EndUser for sessions": func(ctx context.Context) error { return s.sessions.EndUser(ctx, "7", session.Digest{}) },
	}
}

// calls are all.
func (s loginStores) calls() map[string]func(context.Context) error {
	calls := s.writes()
	calls["Load"] = func(ctx context.Context) error { _, err := s.sessions.Load(ctx, digest("it")); return err }
	calls["List"] = func(ctx context.Context) error { _, err := s.sessions.List(ctx, "7"); return err }
	return calls
}

// fail shows that calls end in time, with an error that is no answer.
func fail(t testing.TB, within time.Duration, calls map[string]func(context.Context) error) {
	t.Helper()
	for name, call := range calls {
		began := time.Now()
		err := call(t.Context())
		require.Error(t, err, name)
		require.NotErrorIs(t, err, session.ErrNotFound, name)
		require.NotErrorIs(t, err, session.ErrConflict, name)
		require.Less(t, time.Since(began), within+slack, name)
	}
}

// A server that has stopped is an error in time, and nothing more is needed when it goes on.
func TestRefreshAndSessionStopped(t *testing.T) { // HOSTILE 63
	t.Parallel()
	server := startServer(t, redisServer)
	stores := newLoginStores(t, server.client(t), short, 0)
	patient := newLoginStores(t, server.client(t), long, 0)
	stores.logIn(t, "other")
	server.signal(t, syscall.SIGSTOP)
	fail(t, short, stores.calls())
	patience, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	began := time.Now()
	require.Error(t, patient.families.End(patience, issuer, "it"))
	_, err := patient.sessions.Load(patience, digest("it"))
	require.Error(t, err)
	require.Less(t, time.Since(began), short+slack, "the context's time counts, if it is less")
	server.signal(t, syscall.SIGCONT)
	eventually(t, func() error { _, err := stores.sessions.List(t.Context(), "7"); return err })
	patient.logIn(t, "after")
	rotate(t, patient.families, rotation("after", "0", "1"), refresh.Rotated)
}

// Of a server that has lost everything, nothing is served, and everybody logs in again.
func TestRefreshAndSessionFlushed(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	stores := newLoginStores(t, client, long, 0)
	stores.logIn(t, "it")
	r, err := stores.sessions.Load(t.Context(), digest("it"))
	require.NoError(t, err)
	require.NoError(t, client.FlushAll(t.Context()).Err())
	rotate(t, stores.families, rotation("it", "0", "1"), refresh.Unknown)
	_, err = stores.sessions.Load(t.Context(), digest("it"))
	require.ErrorIs(t, err, session.ErrNotFound)
	require.ErrorIs(t, stores.sessions.Touch(t.Context(), r.ID, noon.Add(time.Minute), noon.Add(time.Hour)), session.ErrNotFound)
	require.ErrorIs(t, stores.sessions.Update(t.Context(), r, noon), session.ErrNotFound)
	records, err := stores.sessions.List(t.Context(), "7")
	require.NoError(t, err)
	require.Empty(t, records)
	for name, end := range stores.endings() {
		require.NoError(t, end(t.Context()), name)
	}
	require.Zero(t, client.DBSize(t.Context()).Val())
	stores.logIn(t, "it")
	rotate(t, stores.families, rotation("it", "0", "1"), refresh.Rotated)
}

// A memory that is full is an error for what adds to it, and for nothing else.
func TestRefreshAndSessionFullMemory(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer, "maxmemory-policy noeviction").client(t)
	stores := newLoginStores(t, client, long, 0)
	stores.logIn(t, "it")
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1mb").Err())
	for name, call := range stores.calls() {
		switch name {
		case "Start", "Rotate", "Create", "Update":
			require.ErrorContains(t, call(t.Context()), "OOM", name)
		}
	}
	require.NoError(t, stores.sessions.Touch(t.Context(), digest("it"), noon.Add(time.Minute), noon.Add(time.Hour)))
	_, err := stores.sessions.Load(t.Context(), digest("it"))
	require.NoError(t, err)
	records, err := stores.sessions.List(t.Context(), "7")
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "0").Err())
	rotate(t, stores.families, rotation("it", "0", "1"), refresh.Rotated, "nothing was written by halves")

	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1mb").Err())
	rotate(t, stores.families, rotation("it", "0", "2"), refresh.Repeated)
	rotate(t, stores.families, rotation("it", "9", "2"), refresh.Reused, "a thief is thrown out")
	for name, end := range stores.endings() {
		require.NoError(t, end(t.Context()), name)
	}
	require.Zero(t, client.DBSize(t.Context()).Val())
}

// A write counts once the replicas have it. So does what finds that nothing is to be written: it may be because of a call
// that they have not acknowledged.
func TestRefreshAndSessionReplicas(t *testing.T) {
	t.Parallel()
	primary := startServer(t, redisServer)
	stores := newLoginStores(t, primary.client(t), long, 1)
	alone := newLoginStores(t, primary.client(t), long, 0)
	hasty := func() loginStores { return newLoginStores(t, primary.client(t), short, 1) } // on connections that have written nothing
	alone.logIn(t, "it")
	fail(t, short, hasty().writes())

	replica := startReplica(t, primary)
	synchronized(t, primary, 1)
	stores.logIn(t, "kept")
	stores.logIn(t, "ended")
	rotate(t, stores.families, rotation("kept", "0", "1"), refresh.Rotated)
	require.NoError(t, stores.sessions.Touch(t.Context(), digest("kept"), noon.Add(time.Minute), noon.Add(time.Hour)))
	require.NoError(t, stores.sessions.Update(t.Context(), record("kept"), noon))
	require.ErrorIs(t, stores.sessions.Update(t.Context(), record("kept"), noon), session.ErrConflict)
	require.NoError(t, stores.families.End(t.Context(), issuer, "ended"))
	require.NoError(t, stores.sessions.EndUser(t.Context(), "7", digest("kept")))

	// Servers differ in what WAIT is about after a command that has not written: so there is none.
	idle := map[string]func(s loginStores) error{
		"Repeated": func(s loginStores) error {
			_, err := s.families.Rotate(t.Context(), rotation("kept", "0", "2"))
			return err
		},
		"Unknown": func(s loginStores) error {
			_, err := s.families.Rotate(t.Context(), rotation("none", "0", "2"))
			return err
		},
		"End":     func(s loginStores) error { return s.families.End(t.Context(), issuer, "ended") },
		"EndUser": func(s loginStores) error { return s.families.EndUser(t.Context(), issuer, "nobody", noon) },
		"Touch": func(s loginStores) error {
			return s.sessions.Touch(t.Context(), digest("kept"), noon.Add(time.Minute), noon.Add(time.Hour))
		},
		"End of a session":     func(s loginStores) error { return s.sessions.End(t.Context(), digest("ended")) },
		"EndUser for sessions": func(s loginStores) error { return s.sessions.EndUser(t.Context(), "nobody", session.Digest{}) },
	}
	admin, asked := primary.client(t), []string{"{boltauthgen:refresh}:asked", "{boltauthgen:session}:asked"}
	for name, call := range idle {
		for _, key := range asked {
			require.NoError(t, admin.Del(t.Context(), key).Err())
		}
		require.NoError(t, call(stores), name)
		require.EqualValues(t, 1, admin.Exists(t.Context(), asked...).Val(), name)
	}
	replica.signal(t, syscall.SIGSTOP)
	for name, call := range idle {
		fail(t, short, map[string]func(context.Context) error{name: func(context.Context) error { return call(hasty()) }})
	}
	fail(t, short, map[string]func(context.Context) error{"Rotated": func(context.Context) error {
		_, err := hasty().families.Rotate(t.Context(), rotation("kept", "1", "2"))
		return err
	}})
	replica.signal(t, syscall.SIGCONT)
	require.NoError(t, stores.families.End(t.Context(), issuer, "none"))

	// The replica takes the primary's place.
	primary.signal(t, syscall.SIGKILL)
	client := replica.client(t)
	require.NoError(t, client.Do(t.Context(), "replicaof", "no", "one").Err())
	successor := newLoginStores(t, client, long, 0)
	rotate(t, successor.families, rotation("ended", "0", "1"), refresh.Unknown)
	_, err := successor.sessions.Load(t.Context(), digest("ended"))
	require.ErrorIs(t, err, session.ErrNotFound)
	r, err := successor.sessions.Load(t.Context(), digest("kept"))
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Version)
	require.NoError(t, successor.families.EndUser(t.Context(), issuer, "7", noon))
}

// A lossy connection loses the answer to one script when it is told to.
type lossy struct {
	net.Conn
	lose  *atomic.Bool
	armed bool
}

func (c *lossy) Write(b []byte) (int, error) {
	c.armed = bytes.Contains(b, []byte("evalsha")) && c.lose.CompareAndSwap(true, false)
	return c.Conn.Write(b)
}

func (c *lossy) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.armed {
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

// An answer that was lost is an error, and what cannot be done twice is not done again.
func TestRefreshAndSessionLostAnswer(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	startReplica(t, server)
	synchronized(t, server, 1)
	known := newLoginStores(t, server.client(t), long, 0)
	for name, call := range known.writes() { // from now on the server knows the scripts
		if err := call(t.Context()); err != nil {
			require.ErrorIs(t, err, session.ErrNotFound, name)
		}
	}
	require.NoError(t, server.client(t).FlushAll(t.Context()).Err())
	for _, replicas := range []int{0, 1} {
		var lose atomic.Bool
		client := server.client(t, func(o *redis.Options) {
			o.Protocol, o.MaxRetries = 2, 5
			o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return &lossy{Conn: conn, lose: &lose}, err
			}
		})
		stores := newLoginStores(t, client, long, replicas)
		lost := func(call func() error) {
			t.Helper()
			lose.Store(true)
			err := call()
			require.ErrorIs(t, err, io.EOF)
			require.False(t, lose.Load())
		}
		stores.logIn(t, "it")
		lost(func() error { return stores.families.Start(t.Context(), family("new")) })
		lost(func() error {
			r := rotation("it", "0", "1")
			r.Grace = 0
			_, err := stores.families.Rotate(t.Context(), r)
			return err
		})
		rotate(t, stores.families, rotation("it", "1", "2"), refresh.Rotated, "it was done, and not taken for a thief's then")
		lost(func() error { return stores.sessions.Create(t.Context(), record("new")) })
		lost(func() error { return stores.sessions.Update(t.Context(), record("it"), noon) })
		r, err := stores.sessions.Load(t.Context(), digest("it"))
		require.NoError(t, err)
		require.EqualValues(t, 1, r.Version)

		lose.Store(true)
		require.NoError(t, stores.families.EndUser(t.Context(), issuer, "7", noon), "which does no harm twice")
		lose.Store(true)
		require.NoError(t, stores.sessions.EndUser(t.Context(), "7", session.Digest{}))
		require.False(t, lose.Load())
	}
}

// All methods are one round trip, and what they use is what the package's documentation names for an access list.
func TestRefreshAndSessionAccessList(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	rules := strings.Fields("reset on >secret ~{boltauthgen:refresh}:* ~{boltauthgen:session}:* " +
		"+eval +evalsha +hdel +hexists +hget +hlen +hset +info +set +time +wait +zadd +zcard +zrangebylex +zrem +hello +client +ping")
	require.NoError(t, server.client(t).Do(t.Context(), append([]any{"acl", "setuser", "it"}, anys(rules)...)...).Err())
	client := server.client(t, func(o *redis.Options) { o.Username, o.Password = "it", "secret" })
	startReplica(t, server)
	synchronized(t, server, 1)
	for _, replicas := range []int{0, 1} {
		stores := newLoginStores(t, client, long, replicas)
		run := func() {
			t.Helper()
			for range 2 {
				stores.logIn(t, "it")
				rotate(t, stores.families, rotation("it", "0", "1"), refresh.Rotated)
				rotate(t, stores.families, rotation("it", "0", "1"), refresh.Repeated)
				require.NoError(t, stores.sessions.Touch(t.Context(), digest("it"), noon.Add(time.Minute), noon.Add(time.Hour)))
				require.NoError(t, stores.sessions.Update(t.Context(), record("it"), noon))
				_, err := stores.sessions.Load(t.Context(), digest("it"))
				require.NoError(t, err)
				_, err = stores.sessions.List(t.Context(), "7")
				require.NoError(t, err)
				for name, end := range stores.endings() {
					require.NoError(t, end(t.Context()), name)
				}
			}
		}
		run()
		trips := new(tripHook)
		client.AddHook(trips)
		run()
		require.Equal(t, 2*(2+2+2+2+4), trips.n)
		client = server.client(t, func(o *redis.Options) { o.Username, o.Password = "it", "secret" })
	}
}

// None of the keys expires, so none is evicted under volatile-*; and servers that evict what they like are refused.
func TestRefreshAndSessionConfig(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	client := server.client(t)
	for policy, fine := range map[string]bool{"noeviction": true, "volatile-ttl": true, "allkeys-lru": false, "allkeys-lfu": false} {
		require.NoError(t, client.ConfigSet(t.Context(), "maxmemory-policy", policy).Err())
		_, refreshErr := redisstore.NewRefresh(t.Context(), redisstore.RefreshConfig{Client: client})
		_, sessionErr := redisstore.NewSession(t.Context(), redisstore.SessionConfig{Client: client})
		if fine {
			require.NoError(t, refreshErr)
			require.NoError(t, sessionErr)
			continue
		}
		require.ErrorContains(t, refreshErr, "redisstore.NewRefresh: the server evicts what must be kept: its maxmemory-policy is "+policy)
		require.ErrorContains(t, sessionErr, "redisstore.NewSession: the server evicts what must be kept: its maxmemory-policy is "+policy)
	}
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err())
	newLoginStores(t, client, 0, 0).logIn(t, "it")
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Len(t, keys, 6)
	for _, key := range keys {
		require.EqualValues(t, -1, client.PTTL(t.Context(), key).Val(), key)
	}

	one := newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long, Prefix: "one"})
	rotate(t, one, rotation("it", "0", "1"), refresh.Unknown, "of another prefix")

	for want, config := range map[string]redisstore.RefreshConfig{
		"the Client is nil":     {},
		"ContextTimeoutEnabled": {Client: server.client(t, func(o *redis.Options) { o.ContextTimeoutEnabled = false })},
		"Timeout is negative":   {Client: client, Timeout: -1},
		"Replicas is negative":  {Client: client, Replicas: -1},
		"Prefix has braces":     {Client: client, Prefix: "a{b}"},
		"WRONGPASS":             {Client: server.client(t, func(o *redis.Options) { o.Password = "x" })},
	} {
		families, err := redisstore.NewRefresh(t.Context(), config)
		require.ErrorContains(t, err, want)
		require.Nil(t, families)
		sessions, err := redisstore.NewSession(t.Context(), redisstore.SessionConfig(config))
		require.ErrorContains(t, err, want)
		require.Nil(t, sessions)
	}
	for _, stores := range []loginStores{{}, {&redisstore.Refresh{}, &redisstore.Session{}}} {
		for name, call := range stores.calls() {
			require.ErrorContains(t, call(t.Context()), "constructor", name)
		}
	}
}

func TestRefreshAndSessionInCluster(t *testing.T) {
	t.Parallel()
	nodes := startCluster(t)
	client := clusterClient(t, nodes)
	t.Run("refresh", func(t *testing.T) {
		refreshtest.Run(t, func(t *testing.T) refresh.Store {
			return newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long})
		})
	})
	t.Run("session", func(t *testing.T) {
		sessiontest.Run(t, func(t *testing.T) session.Store {
			return newSession(t, redisstore.SessionConfig{Client: client, Timeout: long})
		})
	})
	t.Run("no replicas", func(t *testing.T) {
		newLoginStores(t, client, long, 0).logIn(t, "it")
		for name, call := range newLoginStores(t, client, 2*short, 1).writes() {
			require.ErrorContains(t, call(t.Context()), "0 replicas of 1", name)
		}
	})
	t.Run("moved to another node", func(t *testing.T) {
		stores := newLoginStores(t, client, long, 0)
		stores.logIn(t, "moved")
		from := owner(t, client, nodes, familiesKey)
		to := nodes[0]
		if to == from {
			to = nodes[1]
		}
		move(t, nodes, from, to, int(client.ClusterKeySlot(t.Context(), familiesKey).Val()))
		rotate(t, stores.families, rotation("moved", "0", "1"), refresh.Rotated)
		require.NoError(t, stores.families.EndUser(t.Context(), issuer, "7", noon))
		rotate(t, stores.families, rotation("moved", "1", "2"), refresh.Unknown)
	})
	t.Run("stopped", func(t *testing.T) {
		stores := newLoginStores(t, client, short, 0)
		for _, node := range nodes {
			node.signal(t, syscall.SIGSTOP)
		}
		fail(t, short, stores.calls())
		for _, node := range nodes {
			node.signal(t, syscall.SIGCONT)
		}
	})
}

// A client that asks a sentinel leads to the primary.
func TestRefreshAndSessionBySentinel(t *testing.T) {
	t.Parallel()
	primary := startServer(t, redisServer)
	sentinel := newServer(t, redisServer, primary.password)
	sentinel.configure(t, "sentinel monitor it 127.0.0.1 "+strings.TrimPrefix(primary.addr, "127.0.0.1:")+" 1", "sentinel auth-pass it "+primary.password)
	sentinel.start(t, "--sentinel")
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName: "it", SentinelAddrs: []string{sentinel.addr}, SentinelPassword: primary.password, Password: primary.password, ContextTimeoutEnabled: true,
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	stores := newLoginStores(t, client, long, 0)
	stores.logIn(t, "it")
	rotate(t, stores.families, rotation("it", "0", "1"), refresh.Rotated)
	for name, end := range stores.endings() {
		require.NoError(t, end(t.Context()), name)
	}
	rotate(t, stores.families, rotation("it", "1", "2"), refresh.Unknown)
}

// Whoever logs somebody in with a clock that is ahead of the server's ends nothing that is alive there, and what has been
// over for an hour by both clocks goes all the same.
func TestRefreshAndSessionClockAhead(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	stores := newLoginStores(t, client, long, 0)
	now := time.Now()
	logIn := func(name string, at, expires time.Time) {
		t.Helper()
		f, r := family(name), record(name)
		f.Started, f.Expires = at, expires
		r.Created, r.Seen, r.Expires, r.Deadline = at, at, expires, expires
		require.NoError(t, stores.families.Start(t.Context(), f))
		require.NoError(t, stores.sessions.Create(t.Context(), r))
	}
	logIn("alive", now.Add(-time.Hour), now.Add(time.Minute))
	logIn("over for less than an hour", now.Add(-2*time.Hour), now.Add(-59*time.Minute))
	logIn("over for more", now.Add(-2*time.Hour), now.Add(-61*time.Minute))
	logIn("of the past", now.AddDate(-20, 0, 0), now.AddDate(-20, 0, 0).Add(time.Hour))
	require.EqualValues(t, 4, client.HLen(t.Context(), sessionsKey).Val())
	logIn("by a clock that is ahead", now.AddDate(0, 0, 5), now.AddDate(0, 0, 6))

	for _, key := range []string{familiesKey, sessionsKey} {
		require.EqualValues(t, 3, client.HLen(t.Context(), key).Val(), key)
	}
	r := rotation("alive", "0", "1")
	r.Now, r.Expires = now, now.Add(time.Hour)
	rotate(t, stores.families, r, refresh.Rotated)
	for name, want := range map[string]error{"alive": nil, "over for less than an hour": nil, "over for more": session.ErrNotFound, "of the past": session.ErrNotFound} {
		_, err := stores.sessions.Load(t.Context(), digest(name))
		require.ErrorIs(t, err, want, name)
	}
}

// While the memory is full, what finds nothing to write is no error, with replicas either, and they acknowledge it.
func TestRefreshAndSessionFullMemoryReplicas(t *testing.T) {
	t.Parallel()
	primary := startServer(t, redisServer)
	replica := startReplica(t, primary)
	synchronized(t, primary, 1)
	stores := newLoginStores(t, primary.client(t), long, 1)
	stores.logIn(t, "it")
	rotate(t, stores.families, rotation("it", "0", "1"), refresh.Rotated)
	admin := primary.client(t)
	require.NoError(t, admin.ConfigSet(t.Context(), "maxmemory", "1mb").Err())
	require.ErrorContains(t, stores.sessions.Create(t.Context(), record("new")), "OOM")
	require.ErrorContains(t, stores.families.Start(t.Context(), family("new")), "OOM")

	calls := map[string]func() error{
		"End of a family that is none": func() error { return stores.families.End(t.Context(), issuer, "none") },
		"EndUser of nobody's families": func() error { return stores.families.EndUser(t.Context(), issuer, "nobody", noon) },
		"Rotate, Unknown": func() error {
			result, err := stores.families.Rotate(t.Context(), rotation("none", "0", "1"))
			assert.Equal(t, refresh.Unknown, result.Outcome)
			return err
		},
		"Rotate, Repeated": func() error {
			result, err := stores.families.Rotate(t.Context(), rotation("it", "0", "2"))
			assert.Equal(t, refresh.Repeated, result.Outcome)
			return err
		},
		"End of a session that is none": func() error { return stores.sessions.End(t.Context(), digest("none")) },
		"EndUser of nobody's sessions":  func() error { return stores.sessions.EndUser(t.Context(), "nobody", session.Digest{}) },
		"Touch, newer": func() error {
			return stores.sessions.Touch(t.Context(), digest("it"), noon.Add(time.Minute), noon.Add(time.Hour))
		},
		"Touch, not newer": func() error { return stores.sessions.Touch(t.Context(), digest("it"), noon, noon.Add(time.Hour)) },
	}
	asked := []string{"{boltauthgen:refresh}:asked", "{boltauthgen:session}:asked"}
	for range 2 { // the keys that are written for it are there, and are not
		for name, call := range calls {
			require.NoError(t, call(), name)
		}
		require.NoError(t, admin.Del(t.Context(), asked...).Err())
	}
	replica.signal(t, syscall.SIGSTOP)
	hasty := newLoginStores(t, primary.client(t), short, 1)
	require.Error(t, hasty.sessions.End(t.Context(), digest("none")), "no replica has acknowledged it")
	require.Error(t, hasty.families.End(t.Context(), issuer, "none"))
	replica.signal(t, syscall.SIGCONT)
	for name, end := range stores.endings() {
		require.NoError(t, end(t.Context()), name)
	}
}

// Stores of different kinds that have one prefix do not meet.
func TestOnePrefix(t *testing.T) {
	t.Parallel()
	client := startServer(t, redisServer).client(t)
	revocations := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long, Prefix: "app"})
	stores := loginStores{
		newRefresh(t, redisstore.RefreshConfig{Client: client, Timeout: long, Prefix: "app"}),
		newSession(t, redisstore.SessionConfig{Client: client, Timeout: long, Prefix: "app"}),
	}
	stores.logIn(t, "it")
	require.NoError(t, revocations.Revoke(t.Context(), revocation.Token{Issuer: issuer, ID: "it"}))
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"{app}:entries", "{app}:feed",
		"{app:refresh}:logins", "{app:refresh}:users", "{app:refresh}:expiries",
		"{app:session}:logins", "{app:session}:users", "{app:session}:expiries",
	}, keys)

	records, err := stores.sessions.List(t.Context(), "7")
	require.NoError(t, err)
	require.Len(t, records, 1)
	require.NoError(t, stores.sessions.EndUser(t.Context(), "7", session.Digest{}))
	rotate(t, stores.families, rotation("it", "0", "1"), refresh.Rotated)
	require.NoError(t, stores.sessions.Create(t.Context(), record("it")))
	require.NoError(t, stores.families.EndUser(t.Context(), issuer, "7", noon))
	_, err = stores.sessions.Load(t.Context(), digest("it"))
	require.NoError(t, err)
	expect(t, revocations, true, revocation.Token{Issuer: issuer, ID: "it"})
}
