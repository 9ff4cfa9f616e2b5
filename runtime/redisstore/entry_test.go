package redisstore

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// orders are in their order.
var orders = []int64{math.MinInt64, math.MinInt64 + 1, -1e15, -1, 0, 1, 1_764_000_000_000_000, 1 << 53, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64}

// Entries come back as they were, and texts of the same entry compare as their orders do.
func TestTexts(t *testing.T) {
	for _, kind := range []kind{tokens, families, users} {
		for _, names := range [][2]string{{"issuer", "name"}, {"", "name"}, {"1:", ":2"}, {"\x00", "\xff"}, {strings.Repeat("i", 1000), "7"}} {
			var last string
			for _, order := range orders {
				e := entry{kind, names[0], names[1], order}
				parsed, err := parse(e.text())
				require.NoError(t, err)
				require.Equal(t, e, parsed)
				require.Less(t, last, e.text())
				last = e.text()
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(entry{tokens, "issuer", "name", instant.Forever}.text())
	f.Add(entry{users, "", "name", -1}.text())
	f.Add("f099999999999999999990:x")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parse(text)
		if err != nil {
			return
		}
		require.Equal(t, text, e.text())
		require.NotEmpty(t, e.name)
		c := e.change()
		require.Equal(t, e.issuer, c.Issuer)
		require.Equal(t, e.name, c.ID+c.Family+c.UserID)
	})
}

// When an entry is over is rounded up.
func TestOver(t *testing.T) {
	at := time.UnixMicro(1_764_000_000_000_123)
	assert.Equal(t, "1764003600001", entry{kind: tokens, order: instant.End(at, revocation.Grace)}.over())
	assert.Equal(t, revocation.Grace, time.UnixMilli(1764003600001).Sub(at).Truncate(time.Millisecond))
	assert.Empty(t, entry{kind: families, order: instant.Forever}.over())
	assert.Empty(t, entry{kind: users, order: 1}.over())
}
