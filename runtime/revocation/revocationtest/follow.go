package revocationtest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// each is how often a caller writes something of its own while others follow.
const each = 15

// acknowledged are changes that were acknowledged.
type acknowledged struct {
	mu      sync.Mutex
	changes []revocation.Change
}

func (a *acknowledged) add(c revocation.Change) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changes = append(a.changes, c)
}

func (a *acknowledged) all() []revocation.Change {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.changes[:len(a.changes):len(a.changes)]
}

// testFollowers has two follow while many write, in small portions and in large ones.
// Whenever an answer is not full, they must have all that was acknowledged before.
func testFollowers(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	readers[0].limit = 3
	var done acknowledged
	var looks atomic.Int64
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.together(func(i int, own handle) { s.writeMany(t, i, own, &looks, &done) })
	}()
	defer func() {
		looks.Store(each) // nobody waits for a test that has failed
		<-over
	}()
	var seen [2][]revocation.Change
	for running := true; running; looks.Add(1) {
		select {
		case <-over:
			running = false // and they look for a last time
		default:
		}
		for i, r := range readers {
			before := done.all()
			seen[i] = append(seen[i], r.catchUp(t)...)
			requireStored(t, before, seen[i],
				"Changes: whoever follows misses nothing: %s was read with a limit of %d while %d goroutines wrote, until an answer was not full, and does not have what was acknowledged before that", r.name, r.limit, callers)
		}
	}
}

// writeMany writes something of its own, and something that the others write, too. It does
// not write faster than others look, so that they look in between.
func (s feedSubject) writeMany(t *testing.T, caller int, own handle, looks *atomic.Int64, done *acknowledged) {
	for i := range each {
		for looks.Load() < int64(i) {
			time.Sleep(100 * time.Microsecond)
		}
		for _, name := range []string{fmt.Sprint(s.name, caller, " ", i), fmt.Sprint(s.name, "same ", i)} {
			c := changeOf(i, issuer, name, s.now.Add(time.Hour))
			if assert.NoError(t, c.Apply(t.Context(), own.Store), "a write must not fail because %d goroutines write at the same time", callers) {
				done.add(c)
			}
		}
	}
}
