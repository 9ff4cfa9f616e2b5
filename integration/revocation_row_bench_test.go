package integration

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// What [BenchmarkRevocationRow] looks up, and where.
const (
	rowEntries = 1_000_000
	rowCallers = 64 // and as many connections to servers, so that nobody waits for one
	rowIssuer  = "https://issuer.example/realm-1"
)

// rowEnd is when the tokens that were revoked expire.
var rowEnd = time.Now().Add(10 * time.Hour)

func rowName(i int) string { return fmt.Sprintf("%026x", i*7919) }

// A rowStore is what knows a million revocations.
type rowStore struct {
	revoked func(context.Context, revocation.Token) (bool, error)
	bytes   int64 // that all entries take, in the memory of this process or in the store
}

// The time of a lookup among a million entries, with one caller and with 64, of a token that was revoked, and of one that
// was not: of that, the stores of boltauthgen look for the token, its family and its user, the others for the token alone.
// The entries of 4,096 tokens are in the cache of a processor after a while, those of 65,536 are not. The time with 64
// callers is that of all, divided by the number of their lookups: each of them waits 64 times as long. With B/entry is
// what an entry takes, in this process for what is held here, else in the store.
func BenchmarkRevocationRow(b *testing.B) {
	for _, of := range []struct {
		name string
		open func(testing.TB) rowStore
	}{
		{"map and RWMutex", openRowMap},
		{"Memory", openRowMemory},
		{"Fleet over SQLite", openRowFleetSQLite},
		{"Fleet over PostgreSQL", openRowFleetPostgres},
		{"Fleet over Redis", openRowFleetRedis},
		{"go-redis GET", openRowGet},
		{"redisstore", openRowRedis},
		{"pgx prepared SELECT", openRowSelect},
		{"SQL on PostgreSQL", openRowPostgres},
	} {
		b.Run(of.name, func(b *testing.B) {
			store := of.open(b)
			store.connect(b)
			for _, tokens := range []int{4096, 65536} {
				for _, revoked := range []bool{true, false} {
					for _, callers := range []int{1, rowCallers} {
						b.Run(fmt.Sprintf("tokens=%d/revoked=%v/callers=%d", tokens, revoked, callers), func(b *testing.B) {
							store.lookUp(b, rowTokens(tokens, revoked), revoked, callers)
						})
					}
				}
			}
		})
	}
}

// rowTokens returns some tokens that were revoked, or such that were not, in no order.
func rowTokens(n int, revoked bool) []revocation.Token {
	tokens := make([]revocation.Token, n)
	for i, entry := range rand.New(rand.NewPCG(1, 2)).Perm(rowEntries)[:n] {
		tokens[i] = revocation.Token{Issuer: rowIssuer, ID: rowName(entry), UserID: "42", Family: "43", IssuedAt: time.Now(), Expires: rowEnd}
		if !revoked {
			tokens[i].ID = "x" + tokens[i].ID[1:]
		}
	}
	return tokens
}

// connect has as many callers as there will be ask once, so that they have their connections.
func (s rowStore) connect(b *testing.B) {
	var callers sync.WaitGroup
	for range rowCallers {
		callers.Go(func() {
			for range 20 {
				_, err := s.revoked(context.Background(), revocation.Token{Issuer: rowIssuer, ID: rowName(0)})
				assert.NoError(b, err)
			}
		})
	}
	callers.Wait()
}

// lookUp has some callers look up tokens. A wrong answer is an error.
func (s rowStore) lookUp(b *testing.B, tokens []revocation.Token, want bool, callers int) {
	b.ReportAllocs()
	var caller atomic.Int64
	lookUp := func(more func() bool) {
		for i := int(caller.Add(1)) * 997; more(); i++ {
			if revoked, err := s.revoked(context.Background(), tokens[i%len(tokens)]); err != nil || revoked != want {
				b.Errorf("revoked: %v, %v", revoked, err)
				return
			}
		}
	}
	if callers == 1 {
		lookUp(b.Loop)
	} else {
		b.SetParallelism((callers + goruntime.GOMAXPROCS(0) - 1) / goruntime.GOMAXPROCS(0))
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) { lookUp(p.Next) })
	}
	b.ReportMetric(float64(s.bytes)/rowEntries, "B/entry") // after the loop, which forgets it
}

// inMemory returns a store that a function makes, and what that takes of the heap.
func inMemory(create func() rowStore) rowStore {
	var before, after goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&before)
	s := create()
	goruntime.GC()
	goruntime.ReadMemStats(&after)
	s.bytes = int64(after.HeapAlloc) - int64(before.HeapAlloc)
	return s
}

func openRowMap(testing.TB) rowStore {
	return inMemory(func() rowStore {
		type key struct{ issuer, name string }
		var mu sync.RWMutex
		entries := make(map[key]int64)
		for i := range rowEntries {
			entries[key{rowIssuer, rowName(i)}] = rowEnd.UnixMicro()
		}
		return rowStore{revoked: func(_ context.Context, t revocation.Token) (bool, error) {
			mu.RLock()
			defer mu.RUnlock()
			_, revoked := entries[key{t.Issuer, t.ID}]
			return revoked, nil
		}}
	})
}

func openRowMemory(t testing.TB) rowStore {
	return inMemory(func() rowStore {
		m := revocation.NewMemory()
		for i := range rowEntries {
			require.NoError(t, m.Revoke(t.Context(), revocation.Token{Issuer: rowIssuer, ID: rowName(i), Expires: rowEnd}))
		}
		return rowStore{revoked: m.Revoked}
	})
}

// A deafFeed is not asked for tokens, or the test fails: what is measured is what a Fleet answers from memory.
type deafFeed struct{ revocation.Feed }

func (deafFeed) Revoked(context.Context, revocation.Token) (bool, error) {
	return false, errors.New("the feed was asked")
}

// openRowFleet returns a Fleet. Its bound is longer than by default: 64 callers that do nothing but look up leave the
// goroutine that follows the feed so little of two processors that it may be late by a second.
func openRowFleet(t testing.TB, feed revocation.Feed) rowStore {
	return inMemory(func() rowStore {
		fleet, err := revocation.NewFleet(t.Context(), revocation.FleetConfig{Feed: deafFeed{feed}, Staleness: time.Minute})
		require.NoError(t, err)
		require.Equal(t, rowEntries, fleet.Status().Entries)
		return rowStore{revoked: fleet.Revoked}
	})
}

// A rowEntry is an entry as stores have it.
type rowEntry struct {
	name   string
	digest []byte
}

// rowEntriesByDigest returns all entries, in the order in which a tree is filled fast.
func rowEntriesByDigest() []rowEntry {
	entries := make([]rowEntry, rowEntries)
	for i := range entries {
		entries[i] = rowEntry{rowName(i), rowDigest(1, rowName(i))}
	}
	slices.SortFunc(entries, func(a, b rowEntry) int { return bytes.Compare(a.digest, b.digest) })
	return entries
}

// rowDigest returns what a store finds the token by whose name it is.
func rowDigest(kind byte, name string) []byte {
	text := binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(rowIssuer)))
	digest := sha256.Sum256(append(append(text, rowIssuer...), name...))
	return digest[:]
}

// rowOver is until when an entry must stay, in Unix microseconds.
var rowOver = rowEnd.Add(revocation.Grace).UnixMicro()

func openRowFleetSQLite(t testing.TB) rowStore {
	p := places[0]
	db := p.create(t)()
	run(t, db, p.revocationSchema(t, ""))
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	insert, err := tx.PrepareContext(t.Context(), `INSERT INTO revocations VALUES (?, 1, ?, ?, ?, NULL, ?)`)
	require.NoError(t, err)
	for i, e := range rowEntriesByDigest() {
		_, err := insert.ExecContext(t.Context(), e.digest, []byte(rowIssuer), []byte(e.name), rowOver, i+1)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	return openRowFleet(t, newRevocations(t, db, ""))
}

// newRowDatabase returns a new database in PostgreSQL, with a connection for each caller.
func newRowDatabase(t testing.TB) (d *database, name string, pool *pgxpool.Pool) {
	d = shared(t, postgres)
	name = d.newDatabase(t)
	config, err := pgxpool.ParseConfig(d.dsn(d.port, name))
	require.NoError(t, err)
	config.MaxConns = rowCallers
	pool, err = pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return d, name, pool
}

// fillRows fills a table in PostgreSQL with all entries, and returns what it takes.
func fillRows(t testing.TB, pool *pgxpool.Pool, table string, columns []string, row func(i int) []any) (size int64) {
	_, err := pool.CopyFrom(t.Context(), pgx.Identifier{table}, columns,
		pgx.CopyFromSlice(rowEntries, func(i int) ([]any, error) { return row(i), nil }))
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "VACUUM ANALYZE "+table)
	require.NoError(t, err)
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT pg_total_relation_size($1::text::regclass)", table).Scan(&size))
	return size
}

// newRowPostgres returns a store in PostgreSQL with all entries.
func newRowPostgres(t testing.TB) (store *revocation.SQL, size int64) {
	d, name, pool := newRowDatabase(t)
	db := d.open(t, name)
	db.SetMaxOpenConns(rowCallers)
	db.SetMaxIdleConns(rowCallers)
	schema, err := revocation.PostgreSQLSchema("")
	require.NoError(t, err)
	run(t, db, schema)
	entries := rowEntriesByDigest()
	columns := []string{"digest", "kind", "issuer", "name", "expires_at", "sequence"}
	size = fillRows(t, pool, "revocations", columns, func(i int) []any {
		return []any{entries[i].digest, 1, []byte(rowIssuer), []byte(entries[i].name), rowOver, i + 1}
	})
	return newRevocations(t, db, ""), size
}

func openRowFleetPostgres(t testing.TB) rowStore {
	feed, _ := newRowPostgres(t)
	return openRowFleet(t, feed)
}

func openRowPostgres(t testing.TB) rowStore {
	store, size := newRowPostgres(t)
	return rowStore{store.Revoked, size}
}

// openRowSelect returns the least that asks PostgreSQL: for one name, without the database/sql package.
func openRowSelect(t testing.TB) rowStore {
	_, _, pool := newRowDatabase(t)
	_, err := pool.Exec(t.Context(), "CREATE TABLE revoked (name text PRIMARY KEY, expires_at bigint NOT NULL)")
	require.NoError(t, err)
	size := fillRows(t, pool, "revoked", []string{"name", "expires_at"}, func(i int) []any { return []any{rowName(i), rowOver} })
	return rowStore{func(ctx context.Context, token revocation.Token) (revoked bool, err error) {
		err = pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM revoked WHERE name = $1)", token.ID).Scan(&revoked)
		return revoked, err
	}, size}
}

// newRowRedis returns a client of a new Redis, with a connection for each caller.
func newRowRedis(t testing.TB) *redis.Client {
	owner, err := accountOf("redis")
	require.NoError(t, err)
	path, err := program("redis-server", "/usr/bin/redis-server")
	require.NoError(t, err)
	var s server
	s.dir, err = newServerDir(owner)
	require.NoError(t, err)
	s.port, err = freePort()
	require.NoError(t, err)
	require.NoError(t, s.start(owner, path, "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", s.dir, "--save", ""))
	t.Cleanup(func() { assert.NoError(t, s.stop()) })
	client := redis.NewClient(&redis.Options{
		Addr: fmt.Sprint("127.0.0.1:", s.port), ContextTimeoutEnabled: true, PoolSize: rowCallers,
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	require.NoError(t, within(30*time.Second, func() error { return client.Ping(t.Context()).Err() }), s.log())
	return client
}

// inPortions calls f for all entries, a thousand at a time.
func inPortions(t testing.TB, f func(first, last int) error) {
	const portion = 1000
	for first := 0; first < rowEntries; first += portion {
		require.NoError(t, f(first, first+portion))
	}
}

// usedBy returns what is added to the memory of a server.
func usedBy(t testing.TB, client *redis.Client, add func()) (size int64) {
	used := func() int64 {
		info := client.InfoMap(t.Context(), "memory")
		require.NoError(t, info.Err())
		n, err := strconv.ParseInt(info.Item("Memory", "used_memory"), 10, 64)
		require.NoError(t, err)
		return n
	}
	before := used()
	add()
	return used() - before
}

// newRowRedisStore returns a store in Redis with all entries, written as its script writes them.
func newRowRedisStore(t testing.TB) (store *redisstore.Revocation, size int64) {
	const prefix = "{row}:"
	client := newRowRedis(t)
	store, err := redisstore.NewRevocation(t.Context(), redisstore.RevocationConfig{Client: client, Prefix: "row", Timeout: 20 * time.Second})
	require.NoError(t, err)
	began, err := client.HGet(t.Context(), prefix+"entries", "began").Int64()
	require.NoError(t, err)
	size = usedBy(t, client, func() {
		inPortions(t, func(first, last int) error {
			var entries []any
			var feed, ends []redis.Z
			for i := first; i < last; i++ {
				digest := string(rowDigest('t', rowName(i)))
				text := fmt.Sprintf("t%020d%d:%s%s", uint64(rowOver)^1<<63, len(rowIssuer), rowIssuer, rowName(i))
				entries = append(entries, digest, text)
				feed = append(feed, redis.Z{Score: float64(began + int64(i) + 1), Member: digest})
				ends = append(ends, redis.Z{Score: float64(rowOver/1000 + 1), Member: digest})
			}
			_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
				p.HSet(t.Context(), prefix+"entries", entries...)
				p.HSet(t.Context(), prefix+"entries", "last", began+int64(last))
				p.ZAdd(t.Context(), prefix+"feed", feed...)
				p.ZAdd(t.Context(), prefix+"ends", ends...)
				return nil
			})
			return err
		})
	})
	return store, size
}

func openRowFleetRedis(t testing.TB) rowStore {
	feed, _ := newRowRedisStore(t)
	return openRowFleet(t, feed)
}

func openRowRedis(t testing.TB) rowStore {
	store, size := newRowRedisStore(t)
	return rowStore{store.Revoked, size}
}

// openRowGet returns the least that asks Redis: for one key.
func openRowGet(t testing.TB) rowStore {
	client := newRowRedis(t)
	size := usedBy(t, client, func() {
		inPortions(t, func(first, last int) error {
			_, err := client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
				for i := first; i < last; i++ {
					p.SetArgs(t.Context(), "revoked:"+rowName(i), "1", redis.SetArgs{ExpireAt: rowEnd})
				}
				return nil
			})
			return err
		})
	})
	return rowStore{func(ctx context.Context, token revocation.Token) (bool, error) {
		err := client.Get(ctx, "revoked:"+token.ID).Err()
		if errors.Is(err, redis.Nil) {
			return false, nil
		}
		return err == nil, err
	}, size}
}
