package revocationtest

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// change returns the i-th of different changes: a token, a family and a user in turn.
func (s feedSubject) change(i int) revocation.Change {
	return changeOf(i, issuer, fmt.Sprint(s.name, " ", i), s.now.Add(time.Hour))
}

// changeOf returns a change of a token, a family or a user.
func changeOf(i int, issuer, name string, at time.Time) revocation.Change {
	switch i % 3 {
	case 0:
		return revocation.Change{Issuer: issuer, ID: name, Until: at}
	case 1:
		return revocation.Change{Issuer: issuer, Family: name, Until: at}
	}
	return revocation.Change{Issuer: issuer, UserID: name, Before: at}
}

// write makes n different changes, by both handles in turn.
func (s feedSubject) write(t *testing.T, n int) (written []revocation.Change) {
	t.Helper()
	for i := range n {
		c := s.change(i)
		apply(t, s.handles()[i/3%2], c)
		written = append(written, c)
	}
	return written
}

// testFromZero writes what is alive, of which some has ended, and then what is over, so
// that a feed that drops what is over does so.
func testFromZero(t *testing.T, s feedSubject) {
	var want []revocation.Change
	for about, end := range s.ends() {
		for i := range 2 {
			want = append(want, changeOf(i, issuer, s.name+about, end))
		}
	}
	for _, before := range []time.Time{time.Unix(-1e9, 0), s.now.AddDate(-20, 0, 0), s.now, s.now.AddDate(20, 0, 0)} {
		want = append(want, changeOf(2, issuer, s.name+before.String(), before))
	}
	for i, c := range want {
		apply(t, s.handles()[i%2], c)
	}
	s.flood(t, "from zero")
	for _, limit := range []int{many, 100} {
		for _, r := range s.readers(t) {
			got := r.from(0, limit).catchUp(t)
			requireStored(t, want, got, "Changes: zero stands for the beginning, from where all comes that is alive: %s was asked with a limit of %d", r.name, limit)
		}
	}
}

func testLimit(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	want := s.write(t, 10)
	for _, r := range readers {
		start := r.since
		for _, limit := range []int{1, 2, 3, 9, 10, 11, many} {
			got := r.from(start, limit).catchUp(t)
			requireStored(t, want, got, "Changes: an answer of fewer than the limit has everything that was acknowledged before: %s was asked with a limit of %d, until there were fewer", r.name, limit)
			if len(got) != len(want) {
				require.FailNow(t, fmt.Sprintf("Changes tells %d changes, and %d were written", len(got), len(want)), "what was written once is told once: %s was asked with a limit of %d", r.name, limit)
			}
		}
	}
}

func testNoLimit(t *testing.T, s feedSubject) {
	for _, r := range s.readers(t) {
		for i, since := range []int64{0, r.since, r.since} {
			if i == 2 {
				apply(t, r.handle, s.change(0)) // so that there is something
			}
			for _, limit := range []int{0, -1, math.MinInt} {
				changes, _, err := r.feed.Changes(t.Context(), since, limit)
				require.Error(t, err, "Changes: a limit that is not positive is an error, since no answer could tell whether there is more: Changes(ctx, %d, %d) of %s has returned %d changes and none",
					since, limit, r.name, len(changes))
			}
		}
	}
}

func testOrder(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	want := s.write(t, 12)
	for _, r := range readers {
		start := r.since
		for _, limit := range []int{1, 5, many} {
			requireOrder(t, want, r.from(start, limit).catchUp(t), "Changes: the oldest comes first: %s was asked with a limit of %d", r.name, limit)
		}
		for i := range want { // each number is a place to go on from, by both handles
			r.limit = 1
			r.read(t)
			for _, other := range readers {
				requireOrder(t, want[i+1:], other.from(r.since, many).catchUp(t),
					"Changes returns what was written since a call that returned since as its next one: %s has returned %d with number %d of %d, and %s was asked from there", r.name, r.since, i+1, len(want), other.name)
			}
		}
	}
}

func testNothingNew(t *testing.T, s feedSubject) {
	s.write(t, 3)
	for _, r := range s.readers(t) {
		for i, limit := range []int{1, many, 1} {
			got := r.from(r.since, limit).read(t)
			requireOnly(t, nil, got, "Changes returns what was written since: nothing was, and %s has been asked for the %d. time", r.name, i+1)
			s.expect(t, false, revocation.Token{Issuer: issuer, ID: s.name + "unknown"}, "Revoked: nobody has revoked it, and that it is asked for is no change")
			require.Error(t, s.Revoke(t.Context(), revocation.Token{Issuer: issuer}), "Revoke: an empty ID is an error, and no change")
		}
	}
}

// testChange stores all sorts of instants, in all sorts of places.
func testChange(t *testing.T, s feedSubject) {
	instants := map[string]time.Time{
		"whole seconds": s.now, "milliseconds": s.now.Add(345 * time.Millisecond), "microseconds": s.now.Add(123456 * time.Microsecond),
		"the last microsecond of a second": s.now.Add(999999 * time.Microsecond), "of another zone": s.now.Add(time.Minute).In(time.FixedZone("east", 9*60*60)),
		"after the year 9999": time.Unix(253402300800, 123456000),
	}
	ends := map[string]time.Time{"within Grace": s.now.Add(-revocation.Grace/2 + time.Microsecond), "no end": {}, "the last second": lastSecond}
	befores := map[string]time.Time{"long ago": time.Unix(-1e9, 123456000), "1969": time.UnixMicro(-1), "1970": time.Unix(0, 0)}
	readers := s.readers(t)
	var want []revocation.Change
	write := func(i int, about string, at time.Time) {
		c := changeOf(i, issuer, s.name+about, at)
		apply(t, s.handles()[len(want)%2], c)
		want = append(want, c)
	}
	for about, at := range instants {
		for i := range 3 {
			write(i, about, at)
		}
	}
	for about, at := range ends {
		write(0, about, at)
		write(1, about, at)
	}
	for about, at := range befores {
		write(2, about, at)
	}
	for _, r := range readers {
		got := r.catchUp(t)
		requireStored(t, want, got, "a Change says as what it was stored, to the microsecond: %s was asked", r.name)
		requireOnly(t, want, got, "a Change says as what it was stored: %s was asked", r.name)
	}
}

func testChangesOfHostileNames(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	var want []revocation.Change
	end := s.now.Add(time.Hour)
	for i, name := range s.hostileNames() {
		want = append(want, changeOf(i, "issuer", s.name+name, end), changeOf(i, s.name+name, s.name, end))
	}
	want = append(want, changeOf(0, "", s.name, end), changeOf(1, "", s.name, end), changeOf(2, "", s.name, end))
	for _, c := range want {
		apply(t, s.handles()[0], c)
	}
	for _, r := range readers {
		got := r.catchUp(t)
		requireStored(t, want, got, "a Change has issuer and name as they were given, byte by byte: %s was asked", r.name)
		requireOnly(t, want, got, "a Change has issuer and name as they were given, byte by byte: %s was asked", r.name)
	}
}

// testOnceMore revokes a token, a family and a user again and again, and follows. The
// stored end or instant is the last one that was given.
func testOnceMore(t *testing.T, s feedSubject) {
	hour := s.now.Add(time.Hour)
	start := s.readers(t)
	stored := s.write(t, 3)
	readers := s.readers(t)
	for _, step := range []struct {
		about string
		at    time.Time
		more  bool // it revokes more, or for longer
	}{
		{"as before", hour, false},
		{"for longer", hour.Add(time.Hour), true},
		{"for less", hour, false},
		{"for longer than ever", hour.Add(2 * time.Hour), true},
		{"as long ago", s.now.Add(-30 * time.Minute), false},
	} {
		for i := range stored {
			written := stored[i]
			c := changeOf(i, issuer, fmt.Sprint(s.name, " ", i), step.at)
			if step.more {
				stored[i] = c
			}
			apply(t, s.handles()[i%2], c)
			for _, r := range readers {
				got := r.catchUp(t)
				requireOnly(t, []revocation.Change{written}, got, "Changes returns what was written since: one thing was revoked once more, %s", step.about)
				if step.more {
					requireStored(t, stored[i:i+1], got, "Changes: what is revoked once more, %s, comes again, with what is stored now: %s was asked", step.about, r.name)
				}
			}
			for _, r := range start {
				requireStored(t, stored, r.from(r.since, many).catchUp(t), "Changes: what is revoked once more, %s, comes again or stays where it was, with what is stored now: %s was asked for all", step.about, r.name)
			}
		}
	}
	testForGood(t, s, stored, start, readers)
}

// testForGood revokes for good what had an end.
func testForGood(t *testing.T, s feedSubject, stored []revocation.Change, start, readers [2]*reader) {
	for i := range 2 {
		stored[i].Until = time.Time{}
		for _, c := range []revocation.Change{stored[i], s.change(i)} { // the second is for less
			apply(t, s.handles()[i%2], c)
			for _, r := range start {
				requireStored(t, stored, r.from(r.since, many).catchUp(t), "Changes: what is revoked once more, for good, has no end, and none that is given later: %s was asked for all", r.name)
			}
		}
		for _, r := range readers {
			requireStored(t, stored[i:i+1], r.catchUp(t), "Changes: what is revoked once more, for good, comes again: %s was asked", r.name)
		}
	}
}

// testApplied follows into a Memory, and asks that and the feed for the same.
func testApplied(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	var asked []revocation.Token
	for i := range 60 {
		c := changeOf(i, []string{issuer, "https://other.example"}[i/3%2], fmt.Sprint(s.name, i%20), s.now.Add(time.Duration(i%7-3)*time.Minute))
		apply(t, s.handles()[i%2], c)
		for _, issuer := range []string{issuer, "https://other.example", ""} {
			for _, after := range []time.Duration{-time.Microsecond, 0, time.Microsecond} {
				issued := c.Before
				if !issued.IsZero() {
					issued = issued.Add(after)
				}
				asked = append(asked, revocation.Token{Issuer: issuer, ID: c.ID, Family: c.Family, UserID: c.UserID, IssuedAt: issued})
			}
		}
	}
	for _, r := range readers {
		m := revocation.NewMemory()
		r.limit = 7
		for _, c := range r.catchUp(t) {
			require.NoError(t, c.Apply(t.Context(), m), "a Change can be applied to a Memory: %s has returned %s", r.name, describeChange(c))
		}
		for _, token := range asked {
			want, err := m.Revoked(t.Context(), token)
			require.NoError(t, err, "a Memory returns no error")
			r.expect(t, want, token, "a Memory to which all changes of %s were applied must answer as the store does", r.name)
		}
	}
}

// testChangesOfOther shows that what one handle has acknowledged is in the other's next
// answer, though that had nothing a moment before.
func testChangesOfOther(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	for i := range 20 {
		writer, r := s.handles()[i%2], readers[1-i%2]
		requireOnly(t, nil, r.catchUp(t), "Changes returns what was written since: nothing was, and %s was asked", r.name)
		c := s.change(i)
		apply(t, writer, c)
		requireStored(t, []revocation.Change{c}, r.catchUp(t),
			"Changes: an answer that is not full has everything that was acknowledged before the call began: %s has acknowledged this a moment before, and %s was asked", writer.name, r.name)
		requireStored(t, []revocation.Change{c}, readers[i%2].catchUp(t), "Changes: what was told once is told to everybody who asks: %s was asked after %s", readers[i%2].name, r.name)
	}
}

func testChangesDoneContext(t *testing.T, s feedSubject) {
	readers := s.readers(t)
	want := s.write(t, 6)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	for _, r := range readers {
		r.done(t, cancelled, r.since, want, "was cancelled before the call")
		r.done(t, late, r.since, want, "was over before the call")
		all := r.from(r.since, many)
		requireStored(t, want, all.catchUp(t), "calls whose contexts are done take nothing away: %s was asked afterwards", r.name)
		for _, left := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			r.done(t, ctx, r.since, want, fmt.Sprintf("had %v left", left))
			r.done(t, ctx, all.since, nil, fmt.Sprintf("had %v left, and there was nothing new", left))
			cancel()
		}
	}
}

// done calls Changes with a context that is done, or soon is.
func (r *reader) done(t *testing.T, ctx context.Context, since int64, want []revocation.Change, about string) {
	t.Helper()
	var changes []revocation.Change
	var err error
	returns(t, fmt.Sprintf("Changes of %s, whose context %s,", r.name, about), func() {
		changes, _, err = r.feed.Changes(ctx, since, many)
	})
	if err == nil {
		requireStored(t, want, changes, "Changes of %s, whose context %s, has returned no error, so its answer must be whole", r.name, about)
	}
}
