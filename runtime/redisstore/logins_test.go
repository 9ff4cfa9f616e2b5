package redisstore

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPadded(t *testing.T) {
	numbers := []int64{math.MinInt64, math.MinInt64 + 1, -1 << 53, -1<<53 + 1, -1, 0, 1, 9, 10, 1<<53 - 1, 1 << 53, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64}
	var texts []string
	for _, n := range numbers {
		text := padded(n)
		got, err := parsePadded(text)
		require.NoError(t, err)
		assert.Equal(t, n, got)
		assert.Len(t, text, digits)
		texts = append(texts, text)
	}
	assert.True(t, slices.IsSorted(texts))
	for _, bad := range []string{"", "1", "18446744073709551616", "000000000000000000001", "+0000000000000000001", "-0000000000000000001", " 0000000000000000001", "0x000000000000000001", "0000000000_000000001"} {
		_, err := parsePadded(bad)
		assert.Equal(t, errData, err, bad)
	}
}

func TestBefore(t *testing.T) {
	assert.EqualValues(t, -3_600_000_000, before(0, time.Hour))
	assert.EqualValues(t, 0, before(0, 999))
	assert.EqualValues(t, math.MinInt64, before(math.MinInt64, time.Hour), "it does not turn into the far future")
	assert.EqualValues(t, math.MinInt64, before(math.MinInt64+5, math.MaxInt64))
}

func TestPlace(t *testing.T) {
	p := place{expires: 1, started: -1, user: [32]byte{1, 2, 31: 3}, name: [32]byte{4, 31: 5}}
	require.Len(t, p.String(), placeLength)
	got, rest, err := parsePlace(p.String() + "rest")
	require.NoError(t, err)
	assert.Equal(t, p, got)
	assert.Equal(t, "rest", rest)
	for n := range placeLength {
		_, _, err := parsePlace(p.String()[:n])
		require.Error(t, err)
	}
}
