package instant

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMicros(t *testing.T) {
	for at, want := range map[time.Time]int64{
		time.Unix(0, -1):            -1,
		time.Unix(1, 1999):          1_000_001,
		time.Unix(math.MaxInt64, 0): math.MaxInt64,
		time.Unix(math.MinInt64, 0): math.MinInt64,
		time.UnixMicro(-1e18):       -1e18,
		time.Unix(1e13, 0):          math.MaxInt64,
		time.Unix(-1e13, 0):         math.MinInt64,
	} {
		assert.Equal(t, want, Micros(at), at)
	}
}

func TestEnds(t *testing.T) {
	hour := time.Hour.Microseconds()
	for _, c := range []struct {
		over time.Time
		want int64
	}{
		{time.Time{}, Forever},
		{time.Unix(0, 0), hour},
		{time.Unix(-1, 999_999_999), hour - 1},
		{time.Unix(1, 1999), hour + 1_000_001},
		{time.Unix(math.MaxInt64, 0), Forever},
		{time.Unix(math.MaxInt64/1_000_000, 0), Forever},
		{time.UnixMicro(math.MaxInt64 - hour), Forever},
		{time.UnixMicro(math.MaxInt64 - hour - 1_000_000), Forever - 1_000_000},
		{time.Unix(math.MinInt64, 0), math.MinInt64 + hour},
		{time.Unix(-1e13, 0), math.MinInt64 + hour},
	} {
		assert.Equal(t, c.want, End(c.over, time.Hour), c.over)
		if c.want == Forever {
			assert.Zero(t, Over(c.want, time.Hour))
		} else {
			assert.Equal(t, c.want, End(Over(c.want, time.Hour), time.Hour))
		}
	}
}
