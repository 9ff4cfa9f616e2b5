package revocation

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/instant"
)

// A table does what a map does.
func TestTableIsLikeAMap(t *testing.T) {
	type entry struct {
		kind kind
		key  key
	}
	random := rand.New(rand.NewPCG(1, 2))
	table, want := newTable(newDigester()), map[entry]int64{}
	over := int64(0)
	for range 50_000 {
		e := entry{kind(random.IntN(3) + 1), key{fmt.Sprint(random.IntN(3)), fmt.Sprint(random.IntN(10_000))}}
		value := random.Int64N(1000) + over
		table.put(e.kind, e.key, value, over)
		want[e] = max(value, want[e])
		if random.IntN(5_000) == 0 {
			over += 300
			table.sweep(over)
			for e, value := range want {
				if value < over {
					delete(want, e)
				}
			}
			require.Len(t, want, int(table.size.Load()))
		}
	}
	for k := range kind(4) {
		for issuer := range 4 {
			for name := range 10_001 {
				e := entry{k, key{fmt.Sprint(issuer), fmt.Sprint(name)}}
				value, ok := table.get(e.kind, e.key, table.issuer(e.key.issuer))
				stored, there := want[e]
				if there || ok {
					// What is over goes at any time.
					require.True(t, ok == there || stored < over || value < over, "%v", e)
					require.True(t, !ok || !there || value == stored, "%v", e)
				}
			}
		}
	}
}

// Names of which half of the digest is the same are told apart.
func TestTableComparesWholeDigests(t *testing.T) {
	table := newTable(newDigester())
	table.seconds[users] = table.seconds[tokens]
	table.firsts[families] = table.firsts[tokens]
	it := key{"a", "it"}
	table.put(tokens, it, 1, always)
	for _, k := range []kind{users, families} {
		_, ok := table.get(k, it, table.issuer("a"))
		assert.False(t, ok, k)
		table.put(k, it, 2, always)
	}
	value, ok := table.get(tokens, it, table.issuer("a"))
	assert.True(t, ok)
	assert.EqualValues(t, 1, value)
	assert.EqualValues(t, 3, table.size.Load())
}

// Two tables have nothing in common, so what crowds one place in one of them does
// not do so in another.
func TestTablesHaveSeedsOfTheirOwn(t *testing.T) {
	one, other := newTable(newDigester()), newTable(newDigester())
	seen := map[uint64]bool{}
	for _, table := range []*table{one, other} {
		seen[table.issuer("b")] = true
		for k := range kind(4) {
			seen[table.first(k, "b", 0)] = true
			seen[table.second(k, key{"", "b"})] = true
		}
	}
	assert.Len(t, seen, 18)
}

// Who looks up while others write, and slots are replaced, misses nothing.
func TestTableConcurrently(t *testing.T) {
	table := newTable(newDigester())
	const writers, each = 4, 5_000
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for i := range each {
				mine := func(i int) key { return key{fmt.Sprint(writer), fmt.Sprint(i)} }
				table.put(tokens, mine(i), 10, 5)
				table.put(tokens, key{"over", fmt.Sprint(writer, i)}, 1, 5)
				for _, look := range []int{i, i / 2, 0} {
					if value, ok := table.get(tokens, mine(look), table.issuer(fmt.Sprint(writer))); !ok || value != 10 {
						t.Errorf("%d, %d: %d, %v", writer, look, value, ok)
						return
					}
				}
				if i%1000 == 0 {
					table.sweep(5)
				}
			}
		})
	}
	group.Wait()
}

// What the documentation of Memory says of its size, and so 64 MiB for a million.
func TestTableTakesLittle(t *testing.T) {
	table := newTable(newDigester())
	for i := range 200_000 {
		table.put(tokens, key{"https://issuer.example/realm-1", fmt.Sprintf("%026x", i)}, instant.Forever, 0)
		if i%4000 != 0 || i < 50_000 { // shards are uneven while they are small
			continue
		}
		slots := 0
		for i := range table.shards {
			slots += len(*table.shards[i].slots.Load())
		}
		each := float64(slots) * float64(unsafe.Sizeof(slot{})) / float64(i+1)
		require.InDelta(t, 47, each, 14, i)
	}
}
