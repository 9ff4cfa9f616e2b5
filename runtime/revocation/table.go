package revocation

import (
	"hash/maphash"
	"strings"
	"sync"
	"unique"
)

// key names an entry. As a struct of two strings it cannot be forged by moving
// characters from one to the other.
type key struct{ issuer, name string }

// shardCount spreads the entries, so that callers seldom wait for each other
// and dropping what is over never holds more than a small part of the table.
const shardCount = 64

// sweepSize is the number of entries below which a shard is not worth a sweep.
const sweepSize = 64

// A table maps keys to values and drops values whose time is over. It is safe
// for concurrent use.
type table[V any] struct {
	seed   maphash.Seed
	shards [shardCount]shard[V]
}

type shard[V any] struct {
	mu      sync.RWMutex
	entries map[key]V
	sweepAt int // number of entries at which the next sweep is due
}

func newTable[V any]() *table[V] {
	return &table[V]{seed: maphash.MakeSeed()}
}

func (t *table[V]) shard(k key) *shard[V] {
	return &t.shards[maphash.String(t.seed, k.name)%shardCount]
}

func (t *table[V]) get(k key) (V, bool) {
	s := t.shard(k)
	s.mu.RLock()
	v, ok := s.entries[k]
	s.mu.RUnlock()
	return v, ok
}

// put stores v, unless a value is there that v does not exceed. It drops
// entries that are over once the shard has doubled since the last time: the
// work is constant per call over time, and what is kept is at most twice what
// is alive.
func (t *table[V]) put(k key, v V, exceeds func(v, stored V) bool, over func(V) bool) {
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()

	if stored, ok := s.entries[k]; ok {
		if exceeds(v, stored) {
			s.entries[k] = v
		}
		return
	}
	if len(s.entries) >= max(s.sweepAt, sweepSize) || s.entries == nil {
		s.sweep(over)
	}
	// The caller's strings may be slices of a request that should not be kept.
	k = key{issuer: unique.Make(k.issuer).Value(), name: strings.Clone(k.name)}
	s.entries[k] = v
}

// sweep moves what is alive into a new map, since maps do not give memory back.
func (s *shard[V]) sweep(over func(V) bool) {
	alive := make(map[key]V)
	for k, v := range s.entries {
		if !over(v) {
			alive[k] = v
		}
	}
	s.entries, s.sweepAt = alive, 2*len(alive)
}

// size is the number of entries, those included that are over but not dropped.
func (t *table[V]) size() int {
	n := 0
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.RLock()
		n += len(s.entries)
		s.mu.RUnlock()
	}
	return n
}
