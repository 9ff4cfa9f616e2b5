package throttle

import "time"

// A table counts for each of its keys, up to a limit, and forgets one each
// interval. It is of fixed size.
type table struct {
	limit    int64
	interval int64 // nanoseconds
	sets     [][ways]entry
}

// ways is how many places a key can have. They fill two cache lines.
const ways = 8

// An entry says until when something is counted for a key: what is left of that
// time, in intervals, is how much. The zero entry counts nothing.
type entry struct {
	key   uint64
	until int64 // Unix nanoseconds
}

// A charge is what was counted for a key, so that it can be taken back.
type charge struct {
	key           uint64
	before, after int64 // until
}

func newTable(size, limit int, interval time.Duration) table {
	sets := 1
	for sets*ways < size {
		sets *= 2
	}
	return table{limit: int64(limit), interval: int64(interval), sets: make([][ways]entry, sets)}
}

// place returns the entry of the key, or else the one that it may replace: the
// one with the least.
func (t *table) place(key uint64) *entry {
	set := &t.sets[key%uint64(len(t.sets))]
	least := &set[0]
	for i := range set {
		e := &set[i]
		if e.key == key && e.until != 0 {
			return e
		}
		if e.until < least.until {
			least = e
		}
	}
	return least
}

// until returns until when something is counted for the key. It is not before now, and
// not later than now can have made it: if the clock was set back, it counts down from
// there.
func (t *table) until(key uint64, now int64) int64 {
	e := t.place(key)
	if e.key != key {
		return now
	}
	e.until = min(e.until, now+t.limit*t.interval)
	return max(e.until, now)
}

// wait returns how long it takes until one more can be counted within the
// limit, and 0 if that is now.
func (t *table) wait(key uint64, now int64) time.Duration {
	return time.Duration(max(0, t.until(key, now)-now-(t.limit-1)*t.interval))
}

// full reports whether the limit is reached.
func (t *table) full(key uint64, now int64) bool { return t.wait(key, now) > 0 }

// add counts one more. What is beyond the limit is cut.
func (t *table) add(key uint64, now int64) charge {
	c := charge{key: key, before: t.until(key, now)}
	c.after = min(c.before+t.interval, now+t.limit*t.interval)
	*t.place(key) = entry{key: key, until: c.after}
	return c
}

// takeBack takes back what add has counted. Where only one is counted, it must
// still be that one: a later one counts for itself.
func (t *table) takeBack(c charge) {
	e := t.place(c.key)
	if e.key != c.key || t.limit == 1 && e.until != c.after {
		return
	}
	e.until -= c.after - c.before
}
