package revocation

import (
	"math"
	"time"
)

// A reading is what two clocks say at one instant, in nanoseconds: the wall clock
// since 1970, the monotonic clock since the process was started.
type reading struct{ wall, mono int64 }

var started = time.Now().Add(-1) // so that no monotonic reading is zero

func readClock() reading { return readingOf(time.Now()) }

// readingOf returns what [time.Now] has returned, with its monotonic reading.
func readingOf(now time.Time) reading {
	return reading{wall: now.UnixNano(), mono: int64(now.Sub(started))}
}

// lag returns how long ago r was, by the clock that says longer, and forever if one
// was set back: then nobody knows.
func (r reading) lag(now reading) time.Duration {
	wall, mono := now.wall-r.wall, now.mono-r.mono
	if wall < 0 || mono < 0 {
		return math.MaxInt64
	}
	return time.Duration(max(wall, mono))
}

// before reports whether r is a bit earlier than o by both clocks.
func (r reading) before(o reading) bool {
	const bit = int64(time.Second)
	wall, mono := o.wall-r.wall, o.mono-r.mono
	return 0 < wall && wall < bit && 0 < mono && mono < bit
}
