// Package instant counts instants in Unix microseconds, as stores keep them.
package instant

import (
	"math"
	"time"
)

// Forever is the end of what never ends.
const Forever = math.MaxInt64

// Micros returns an instant in Unix microseconds, rounded down. What is too early or
// too late for that becomes the first or the last number.
func Micros(t time.Time) int64 {
	const last = math.MaxInt64 / 1_000_000
	switch second := t.Unix(); {
	case second >= last:
		return math.MaxInt64
	case second <= -last:
		return math.MinInt64
	}
	return t.UnixMicro()
}

// IsZero reports whether an instant is zero, or becomes so when it is counted.
func IsZero(t time.Time) bool { return time.UnixMicro(Micros(t)).IsZero() }

// End returns until when that must be kept which is over at an instant, and for a
// grace beyond it: for good if the instant is zero, or too late to be counted.
func End(over time.Time, grace time.Duration) int64 {
	if over.IsZero() {
		return Forever
	}
	at := Micros(over)
	if at > Forever-grace.Microseconds() {
		return Forever
	}
	return at + grace.Microseconds()
}

// Over is the inverse of End.
func Over(end int64, grace time.Duration) time.Time {
	if end == Forever {
		return time.Time{}
	}
	return time.UnixMicro(end - grace.Microseconds())
}
