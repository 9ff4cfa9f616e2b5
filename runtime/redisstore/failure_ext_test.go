package redisstore_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
)

// short is a time for calls that end by it, and slack is what a busy machine may take in addition.
const (
	short = 200 * time.Millisecond
	slack = 2 * time.Second // less than what the client would take by itself
)

// fails shows that all calls of a store end in time, and with an error.
func fails(t testing.TB, s *redisstore.Revocation, about string) {
	t.Helper()
	for name, call := range map[string]func(context.Context) error{
		"Revoked": func(ctx context.Context) error {
			revoked, err := s.Revoked(ctx, token("it"))
			assert.False(t, revoked)
			return err
		},
		"Revoke":       func(ctx context.Context) error { return s.Revoke(ctx, token("it")) },
		"RevokeUser":   func(ctx context.Context) error { return s.RevokeUser(ctx, issuer, "user", time.Now()) },
		"RevokeFamily": func(ctx context.Context) error { return s.RevokeFamily(ctx, issuer, "family", time.Now()) },
		"Changes":      func(ctx context.Context) error { _, _, err := s.Changes(ctx, 0, 1); return err },
	} {
		began := time.Now()
		require.Error(t, call(t.Context()), "%s: %s", about, name)
		require.Less(t, time.Since(began), short+slack, "%s: %s", about, name)

		ctx, cancel := context.WithTimeout(t.Context(), short/4)
		began = time.Now()
		require.Error(t, call(ctx), "%s: %s", about, name)
		require.Less(t, time.Since(began), short/4+slack, "%s: %s", about, name)
		cancel()
	}
}

// A server that has stopped is an error in time, and nothing more is needed when it goes on.
func TestStopped(t *testing.T) { // HOSTILE 63
	t.Parallel()
	server := startServer(t, redisServer)
	warm := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: short})
	cold := server.client(t, func(o *redis.Options) { o.ConnMaxLifetime = time.Millisecond })
	dials := newStore(t, redisstore.RevocationConfig{Client: cold, Timeout: short})
	require.NoError(t, warm.Revoke(t.Context(), token("before")))

	server.signal(t, syscall.SIGSTOP)
	fails(t, warm, "with connections")
	fails(t, dials, "without connections")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			began := time.Now()
			_, err := warm.Revoked(t.Context(), token("before"))
			assert.Error(t, err)
			assert.Less(t, time.Since(began), short+slack)
		})
	}
	group.Wait()
	server.signal(t, syscall.SIGCONT)
	for _, s := range []*redisstore.Revocation{warm, dials} {
		eventually(t, func() error { _, err := s.Revoked(t.Context(), token("before")); return err })
		expect(t, s, true, token("before"))
		expect(t, s, false, token("never"), "what comes late is not taken for another answer")
		require.NoError(t, s.Revoke(t.Context(), token("after")))
		expect(t, s, true, token("after"))
	}
}

// A client whose own timeouts are off, as a URL can say, ends its calls when they should.
func TestNoTimeouts(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	for _, off := range []string{"0", "-1", "-2"} {
		options, err := redis.ParseURL(fmt.Sprintf("redis://:%s@%s?read_timeout=%s&write_timeout=%s", server.password, server.addr, off, off))
		require.NoError(t, err)
		options.ContextTimeoutEnabled = true
		client := redis.NewClient(options)
		t.Cleanup(func() { assert.NoError(t, client.Close()) })
		store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: short})
		expect(t, store, false, token("it"))
		server.signal(t, syscall.SIGSTOP)
		fails(t, store, off)
		server.signal(t, syscall.SIGCONT)
		eventually(t, func() error { _, err := store.Revoked(t.Context(), token("it")); return err })
	}
}

// A caller that has gone is not waited for longer than the timeout.
func TestCancelled(t *testing.T) {
	server := startServer(t, redisServer)
	store := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: short})
	server.signal(t, syscall.SIGSTOP)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(short/4, cancel)
	began := time.Now()
	_, err := store.Revoked(ctx, token("it"))
	require.Error(t, err)
	require.Less(t, time.Since(began), short+slack)
	server.signal(t, syscall.SIGCONT)
}

// No connection that is free is an error in time, too.
func TestExhaustedPool(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	client := server.client(t, func(o *redis.Options) { o.PoolSize, o.PipelinePoolSize, o.PoolTimeout = 1, -1, time.Hour })
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: short})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	busy := client.Conn()
	require.NoError(t, busy.Ping(t.Context()).Err())
	fails(t, store, "the pool is exhausted")
	require.NoError(t, busy.Close())
	expect(t, store, true, token("it"))
}

// A server that is not there is an error in time, and works again when it is.
func TestGone(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer, "appendonly yes", "appendfsync always")
	store := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: short})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	server.signal(t, syscall.SIGKILL)
	server.stop()
	fails(t, store, "nothing listens")
	server.start(t)
	eventually(t, func() error { _, err := store.Revoked(t.Context(), token("it")); return err })
	expect(t, store, true, token("it"))
}

// A server without a file that is started again has lost everything, and nobody gets a no from it.
func TestRestartWithoutFile(t *testing.T) {
	server := startServer(t, redisServer)
	store := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: long})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	server.stop()
	server.start(t)
	_, err := store.Revoked(t.Context(), token("it"))
	require.ErrorContains(t, err, "lost")
}

// With appendfsync always, a server that is killed at any time has what it has acknowledged.
func TestKilled(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer, "appendonly yes", "appendfsync always")
	var since int64
	for round := range 5 {
		store := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: long})
		var acknowledged []string
		var mu sync.Mutex
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				for j := 0; ; j++ {
					id := fmt.Sprint(round, " ", i, " ", j)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					err := store.Revoke(ctx, token(id))
					cancel()
					if err != nil {
						return
					}
					mu.Lock()
					acknowledged = append(acknowledged, id)
					mu.Unlock()
				}
			})
		}
		time.Sleep(rand.N(100*time.Millisecond) + 100*time.Millisecond)
		server.signal(t, syscall.SIGKILL)
		group.Wait()
		server.stop()
		server.start(t)
		require.NotEmpty(t, acknowledged)
		store = newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: long})
		changes, next := all(t, store, since, 100)
		told := map[string]bool{}
		for _, c := range changes {
			told[c.ID] = true
		}
		for _, id := range acknowledged {
			expect(t, store, true, token(id))
			require.True(t, told[id], id)
		}
		since = next
	}
}

// A proxy stands between a client and a server.
type proxy struct {
	net.Listener
	server string
	allow  atomic.Int64 // bytes of answers that pass before the connection is cut; negative: all
	delay  atomic.Int64 // of answers, a duration

	mu   sync.Mutex
	open []net.Conn
}

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: listener, server: server}
	p.allow.Store(-1)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.open = append(p.open, client)
			p.mu.Unlock()
			go p.serve(client)
		}
	}()
	return p
}

// cut ends all connections that there are.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, client := range p.open {
		_ = client.Close()
	}
	p.open = nil
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		time.Sleep(time.Duration(p.delay.Load()))
		if allow := p.allow.Load(); allow >= 0 && int64(n) > allow {
			_, _ = client.Write(buffer[:allow])
			return
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// A connection that is cut in the middle of an answer is an error, wherever that is, and never a no.
func TestCutConnection(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	p := newProxy(t, server.addr)
	client := server.client(t, func(o *redis.Options) { o.Addr = p.Addr().String() })
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	failed := 0
	for allow := range int64(150) {
		p.allow.Store(-1)
		expect(t, store, true, token("it"))
		p.allow.Store(allow)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		revoked, err := store.Revoked(ctx, token("it"))
		if err == nil {
			require.True(t, revoked, "after %d bytes", allow)
		} else {
			failed++
		}
		if err := store.Revoke(ctx, token("another")); err == nil {
			p.allow.Store(-1)
			expect(t, store, true, token("another"))
		}
		cancel()
	}
	require.Greater(t, failed, 50)
	require.Less(t, failed, 150)
}

// An answer that comes too late is not taken for that of the next call.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	p := newProxy(t, server.addr)
	client := server.client(t, func(o *redis.Options) { o.Addr = p.Addr().String() })
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: short})
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	for range 5 {
		p.delay.Store(int64(short + short/4))
		_, err := store.Revoked(t.Context(), token("never"))
		require.Error(t, err)
		p.delay.Store(0)
		expect(t, store, true, token("it"))
		expect(t, store, false, token("never"))
	}
}

// A memory that is full is an error for who writes, and does not matter to who asks.
func TestFullMemory(t *testing.T) {
	client := startServer(t, redisServer, "maxmemory-policy noeviction").client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	require.NoError(t, store.Revoke(t.Context(), token("before")))
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "1mb").Err())
	for range 3 {
		require.ErrorContains(t, store.Revoke(t.Context(), token("it")), "OOM")
		require.ErrorContains(t, store.RevokeUser(t.Context(), issuer, "user", time.Now()), "OOM")
	}
	expect(t, store, true, token("before"))
	expect(t, store, false, token("it"), "an error has said so")
	changes, _ := all(t, store, 0, 10)
	require.Len(t, changes, 1)
	require.NoError(t, client.ConfigSet(t.Context(), "maxmemory", "0").Err())
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	expect(t, store, true, token("it"))
	changes, _ = all(t, store, 0, 10)
	require.Len(t, changes, 2)
}

// A huge name is kept out of the way of others, and an answer as large as that is read.
func TestLargeNames(t *testing.T) {
	client := startServer(t, redisServer).client(t)
	store := newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	large := token(strings.Repeat("n", 1<<20))
	require.NoError(t, store.Revoke(t.Context(), large))
	expect(t, store, true, large)
	large.ID += "x"
	expect(t, store, false, large)
}
