package revocation

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A million live entries, beside what a map with a lock takes. What is looked up is as
// fresh as it is in a request: only what is held is cold.
func BenchmarkFleetRevoked(b *testing.B) {
	const entries, lookups = 1_000_000, 4096
	const issuer = "https://issuer.example/realm-1"
	name := func(i int) string { return fmt.Sprintf("%026x", i*7919) }
	feed := newFeed()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	ends := time.Now().Add(time.Hour)
	plain := plainMap{entries: map[key]int64{}}
	for i := range entries {
		feed.log = append(feed.log, Change{Issuer: issuer, ID: name(i), Until: ends})
		plain.entries[key{issuer, name(i)}] = 1
	}
	fleet, err := NewFleet(ctx, FleetConfig{Feed: feed, Staleness: time.Hour}) // the machine may be busy
	require.NoError(b, err)
	feed.log = feed.log[:0:0]
	for i := range 1000 { // some of each kind
		require.NoError(b, fleet.RevokeFamily(ctx, issuer, name(i), ends))
		require.NoError(b, fleet.RevokeUser(ctx, issuer, name(i), ends))
	}
	for _, hit := range []bool{false, true} {
		tokens := make([]Token, lookups)
		for i := range tokens {
			tokens[i] = Token{Issuer: issuer, ID: name(i * (entries / lookups)), UserID: "42", Family: "43", IssuedAt: ends}
			if !hit {
				tokens[i].ID += "x"
			}
		}
		for of, store := range map[string]Store{"fleet": fleet, "fleet,time=known": knownAt{fleet, time.Now()}, "map": &plain} {
			for _, callers := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/revoked=%v/callers=%d", of, hit, callers), func(b *testing.B) {
					lookUp(b, store, tokens, hit, callers)
				})
			}
		}
	}
	runtime.KeepAlive(&plain)
}

// lookUp has some callers look up tokens until they have done so b.N times.
func lookUp(b *testing.B, store Store, tokens []Token, want bool, callers int) {
	b.ReportAllocs()
	var group sync.WaitGroup
	var next atomic.Int64
	const share = 1000
	for caller := range callers {
		group.Go(func() {
			for i := caller; ; {
				first := next.Add(share) - share
				if first >= int64(b.N) {
					return
				}
				for range min(share, int64(b.N)-first) {
					if revoked, err := store.Revoked(context.Background(), tokens[i%len(tokens)]); err != nil || revoked != want {
						b.Error("wrong answer")
						return
					}
					i++
				}
			}
		})
	}
	group.Wait()
}

// A knownAt is a Fleet that is asked by who has looked at the clock already.
type knownAt struct {
	*Fleet
	now time.Time
}

func (k knownAt) Revoked(_ context.Context, t Token) (bool, error) {
	revoked, known := k.KnownAt(k.now, t)
	if !known {
		return false, errStale
	}
	return revoked, nil
}

// A plainMap is the simplest store there is.
type plainMap struct {
	Store
	mu      sync.RWMutex
	entries map[key]int64
}

func (m *plainMap) Revoked(_ context.Context, t Token) (bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, revoked := m.entries[key{t.Issuer, t.ID}]
	return revoked, nil
}
