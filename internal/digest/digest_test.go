package digest

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What things are found by must stay what it is, or what is stored is lost, and names are not joined into one that can be
// read in two ways.
func TestOf(t *testing.T) { // HOSTILE 73
	known := Of(1, "i", "t")
	assert.Equal(t, "4fdd439fe8685b052a5b73a82b61f68468cf08b6aa8a50738b37cc55fa4ba1db", hex.EncodeToString(known[:]))
	seen := map[[32]byte]string{}
	for _, kind := range []byte{0, 1, 't'} {
		for _, pair := range [][2]string{{"", "a"}, {"a", ""}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"a", "bc"}, {"ab", "c"}, {"a", "\x00b"}, {"a\x00", "b"}} {
			d := Of(kind, pair[0], pair[1])
			assert.Empty(t, seen[d], "%d %q", kind, pair)
			seen[d] = "another one"
		}
	}
}
