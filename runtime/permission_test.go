package runtime

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Bits answer for the names that were there when the set was made, and the text for younger ones.
func TestNameSet(t *testing.T) {
	for _, n := range []int{1, 62, 63, 64, 126, 127, 128, 200} { // around the lengths at which storage changes
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var table nameTable
			var names []interned
			for i := range n {
				name := table.intern(fmt.Sprint(i))
				assert.Equal(t, uint32(i+1), name.id)
				assert.Equal(t, name, table.intern(fmt.Sprint(i)), "the number stays")
				names = append(names, name)
			}
			var even []string
			for i := 0; i <= 2*n; i += 2 { // half of which no guard mentions yet
				even = append(even, fmt.Sprint(i))
			}
			var set nameSet
			set.fill(even, &table)
			younger, odd := table.intern(fmt.Sprint(2*n)), table.intern("odd")
			for i, name := range names {
				require.Equal(t, i%2 == 0, set.has(name), name.text)
			}
			assert.True(t, set.has(younger))
			assert.False(t, set.has(odd))
			assert.False(t, set.has(interned{}))

			set.names = nil // from here on only bits can answer
			for i, name := range names {
				require.Equal(t, i%2 == 0, set.has(name), name.text)
			}
		})
	}
}

// A lookup copies the table once, and again only after an addition.
func TestNameTableSnapshot(t *testing.T) {
	var table nameTable
	assert.Empty(t, table.all())
	table.intern("a")
	before := table.all()
	assert.Equal(t, map[string]uint32{"a": 1}, before)
	assert.Zero(t, testing.AllocsPerRun(10, func() { table.all() }))
	table.intern("a")
	table.intern("")
	assert.Zero(t, testing.AllocsPerRun(10, func() { table.all() }))
	table.intern("b")
	assert.Equal(t, map[string]uint32{"a": 1, "b": 2}, table.all())
	assert.Equal(t, map[string]uint32{"a": 1}, before, "a snapshot stays as it is")
}
