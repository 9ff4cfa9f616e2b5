package cowmap

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Of several that add a key at the same time, the first counts for all.
func TestMap(t *testing.T) {
	var m Map[string, int]
	_, ok := m.Get("a")
	assert.False(t, ok)
	assert.Equal(t, 1, m.Add("a", func() int { return 1 }))
	assert.Equal(t, 1, m.Add("a", func() int { panic("there is one") }))
	assert.Equal(t, 2, m.Add("b", func() int { return 2 }))
	assert.Panics(t, func() { m.Add("c", func() int { panic("no value") }) })
	_, ok = m.Get("c")
	assert.False(t, ok)
	value, ok := m.Get("a")
	assert.True(t, ok)
	assert.Equal(t, 1, value)
}
