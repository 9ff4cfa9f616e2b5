// Package cowmap has a map for what is looked up all the time and hardly ever added to: copy on write.
package cowmap

import (
	"maps"
	"sync"
	"sync/atomic"
)

// A Map is a map whose keys are few and stay. It is looked up without a lock, since what is looked up in is never
// changed: an addition replaces it with a copy. The zero Map is empty. It is safe for concurrent use.
type Map[K comparable, V any] struct {
	entries atomic.Pointer[map[K]V]
	mu      sync.Mutex // held while entries are replaced
}

// Get returns the value of a key, if there is one.
func (m *Map[K, V]) Get(key K) (value V, ok bool) {
	if entries := m.entries.Load(); entries != nil {
		value, ok = (*entries)[key]
	}
	return value, ok
}

// Add returns the value of a key, which is what create returns unless somebody was faster.
func (m *Map[K, V]) Add(key K, create func() V) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value, ok := m.Get(key); ok {
		return value
	}
	value, entries := create(), map[K]V{}
	if before := m.entries.Load(); before != nil {
		entries = maps.Clone(*before)
	}
	entries[key] = value
	m.entries.Store(&entries)
	return value
}
