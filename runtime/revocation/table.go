package revocation

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// shardCount spreads the entries, so that dropping what is over never holds more
// than a small part of the table.
const shardCount = 64

// sweepSize is the least number of slots of a shard.
const sweepSize = 16

// Of a shard's slots, fullest/10 are taken at most, and emptiest/10 once it was
// made anew: a lookup looks at few of them, and an entry costs 34 to 60 bytes.
const (
	fullest  = 7
	emptiest = 4
)

// A table maps names to numbers that only grow, and drops those that are over. It
// is safe for concurrent use; who looks something up never waits.
//
// It holds no names but their digests.
type table struct {
	*digester

	size   atomic.Int64 // entries, those included that are over but not dropped
	shards [shardCount]shard
}

// A shard is a part of a table: slots that are probed one after the other.
type shard struct {
	slots atomic.Pointer[[]slot] // replaced as a whole, so that who has them can read on

	mu    sync.Mutex // held by who writes
	taken int        // slots that are not empty
}

// A slot holds an entry, or nothing if first is zero. An entry stays where it is for
// as long as the slots live; first is written last and read first.
type slot struct {
	first, second atomic.Uint64 // the digest
	value         atomic.Int64
}

func newTable(d *digester) *table {
	t := &table{digester: d}
	for i := range t.shards {
		slots := make([]slot, sweepSize)
		t.shards[i].slots.Store(&slots)
	}
	return t
}

func (t *table) shard(first uint64) *shard { return &t.shards[first%shardCount] }

// place returns the slot at which the search for an entry begins.
func place(first uint64, slots []slot) int {
	high, _ := bits.Mul64(first, uint64(len(slots)))
	return int(high)
}

// after returns the slot that is looked at after another one.
func after(i int, slots []slot) int {
	if i++; i < len(slots) {
		return i
	}
	return 0
}

// get does not allocate. It is told the digest of the issuer, which several entries
// share.
func (t *table) get(kind kind, k key, issuer uint64) (value int64, ok bool) {
	first := t.first(kind, k.name, issuer)
	slots := *t.shard(first).slots.Load()
	for i := place(first, slots); ; i = after(i, slots) {
		switch s := &slots[i]; s.first.Load() {
		case 0:
			return 0, false
		case first: // hardly ever that of another name, so who is not there costs one hash
			if s.second.Load() == t.second(kind, k) {
				return s.value.Load(), true
			}
		}
	}
}

// put stores a value, unless a greater one is there. Before it takes a slot of a
// shard that is full, it drops what is less than over: the work is constant per
// call over time, and what is kept is at most twice what is alive.
func (t *table) put(kind kind, k key, value, over int64) {
	first, second := t.first(kind, k.name, t.issuer(k.issuer)), t.second(kind, k)
	s := t.shard(first)
	s.mu.Lock()
	defer s.mu.Unlock()

	slots := *s.slots.Load()
	free, stored := find(slots, first, second)
	if stored {
		if value > free.value.Load() {
			free.value.Store(value)
		}
		return
	}
	if (s.taken+1)*10 > len(slots)*fullest {
		t.sweepShard(s, over)
		free, _ = find(*s.slots.Load(), first, second)
	}
	free.fill(first, second, value)
	s.taken++
	t.size.Add(1)
}

// find returns the slot of an entry, or the one that it would be put into.
func find(slots []slot, first, second uint64) (s *slot, stored bool) {
	for i := place(first, slots); ; i = after(i, slots) {
		s = &slots[i]
		switch {
		case s.first.Load() == 0:
			return s, false
		case s.first.Load() == first && s.second.Load() == second:
			return s, true
		}
	}
}

func (s *slot) fill(first, second uint64, value int64) {
	s.value.Store(value)
	s.second.Store(second)
	s.first.Store(first) // whoever sees it sees the others
}

// sweep drops all entries that are less than over.
func (t *table) sweep(over int64) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		t.sweepShard(s, over)
		s.mu.Unlock()
	}
}

// sweepShard moves what is alive into slots of their own, some of which stay free;
// s.mu must be held.
func (t *table) sweepShard(s *shard, over int64) {
	before, alive := *s.slots.Load(), 0
	for i := range before {
		if before[i].alive(over) {
			alive++
		}
	}
	slots := make([]slot, max(sweepSize, alive*10/emptiest+1))
	for i := range before {
		if b := &before[i]; b.alive(over) {
			free, _ := find(slots, b.first.Load(), b.second.Load())
			free.fill(b.first.Load(), b.second.Load(), b.value.Load())
		}
	}
	t.size.Add(int64(alive - s.taken))
	s.taken = alive
	s.slots.Store(&slots)
}

func (s *slot) alive(over int64) bool { return s.first.Load() != 0 && s.value.Load() >= over }
