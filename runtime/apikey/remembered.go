package apikey

import (
	"sync"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const (
	// maxRemember is the longest time for which a revoked key may go on.
	maxRemember = time.Minute

	// maxRemembered is how many keys are remembered at once.
	maxRemembered = 4096
)

// remembered holds records of keys that have been accepted, for a short time. It
// finds them by the digest of the whole key, so a key that is wrong is never in
// it, and takes the way of one that is unknown.
type remembered struct {
	lasts   time.Duration // 0: nothing is remembered
	mu      sync.Mutex
	entries map[Digest]*found
}

// found is a record as it was at an instant, with its principal.
type found struct {
	Record
	principal *runtime.Principal
	at        time.Time
}

// get returns what is remembered of a key, and nil if there is nothing. An entry
// from the future is none: the clock was set back, and nobody knows its age.
func (m *remembered) get(digest Digest, now time.Time) *found {
	if m.lasts == 0 {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.entries[digest]
	if f == nil || m.over(f, now) {
		delete(m.entries, digest)
		return nil
	}
	return f
}

func (m *remembered) over(f *found, now time.Time) bool {
	age := now.Sub(f.at)
	return age < 0 || age >= m.lasts
}

// put remembers a key. Where there is no room, one that is over has to go, or
// else any.
func (m *remembered) put(digest Digest, f *found) {
	if m.lasts == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = make(map[Digest]*found)
	}
	if _, there := m.entries[digest]; !there && len(m.entries) >= maxRemembered {
		m.makeRoom(f.at)
	}
	m.entries[digest] = f
}

func (m *remembered) makeRoom(now time.Time) {
	const looks = 16 // more would hold up all others
	looked := 0
	for digest, f := range m.entries { // begins somewhere
		looked++
		if m.over(f, now) || looked == looks {
			delete(m.entries, digest)
			return
		}
	}
}
