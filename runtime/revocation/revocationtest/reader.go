package revocationtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A feedSubject is a subject that can be followed.
type feedSubject struct {
	subject
	feeds [2]revocation.Feed
}

// newFeedSubject fails if there is nothing to test.
func newFeedSubject(t *testing.T, one, other revocation.Feed) feedSubject {
	t.Helper()
	return feedSubject{newSubject(t, one, other), [2]revocation.Feed{one, other}}
}

// A reader follows one handle.
type reader struct {
	handle
	feed  revocation.Feed
	since int64
	limit int
}

// many is a limit as a [revocation.Fleet] has it.
const many = 1000

// readers returns one for each handle, at the end of what there is.
func (s feedSubject) readers(t *testing.T) [2]*reader {
	t.Helper()
	var readers [2]*reader
	for i, feed := range s.feeds {
		readers[i] = &reader{handle: s.handles()[i], feed: feed, limit: many}
		readers[i].catchUp(t)
	}
	return readers
}

// from returns a reader of the same handle that begins where it is told to.
func (r *reader) from(since int64, limit int) *reader {
	return &reader{handle: r.handle, feed: r.feed, since: since, limit: limit}
}

// patience is how long a call may take that need not wait for anything.
const patience = 30 * time.Second

// read calls Changes once. What must hold for every answer is checked here.
func (r *reader) read(t *testing.T) []revocation.Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	changes, next, err := r.feed.Changes(ctx, r.since, r.limit)
	call := fmt.Sprintf("Changes(ctx, %d, %d) of %s", r.since, r.limit, r.name)
	require.NoError(t, err, "%s must return what there is", call)
	switch {
	case len(changes) > r.limit:
		require.FailNow(t, "Changes must not return more than the limit", "%s has returned %d changes", call, len(changes))
	case next < r.since:
		require.FailNow(t, "a next that is less than since says that the store has lost what it had", "%s has returned %d as the next one, though nothing was lost", call, next)
	case len(changes) == 0 && next != r.since:
		require.FailNow(t, "the next one must be since if there is nothing", "%s has returned nothing, and %d as the next one", call, next)
	case len(changes) > 0 && next == r.since:
		require.FailNow(t, "the next one must be greater than since if there is something", "%s has returned %d changes, and since as the next one: whoever follows would read the same for ever", call, len(changes))
	}
	for _, c := range changes {
		requireOne(t, c, call)
	}
	r.since = next
	return changes
}

// catchUp reads until an answer is not full.
func (r *reader) catchUp(t *testing.T) (all []revocation.Change) {
	t.Helper()
	for {
		changes := r.read(t)
		all = append(all, changes...)
		if len(changes) < r.limit {
			return all
		}
	}
}

// requireOne fails if a change does not revoke exactly one thing.
func requireOne(t *testing.T, c revocation.Change, call string) {
	t.Helper()
	n := 0
	for _, name := range []string{c.ID, c.Family, c.UserID} {
		if name != "" {
			n++
		}
	}
	wrong := ""
	switch {
	case n != 1:
		wrong = "a change must have exactly one of ID, Family and UserID"
	case c.UserID != "" && (!c.Until.IsZero() || c.Before.IsZero()):
		wrong = "a change of a user must have Before, and no Until"
	case c.UserID == "" && !c.Before.IsZero():
		wrong = "a change of a token or a family must have no Before"
	default:
		return
	}
	require.FailNow(t, wrong, "%s has returned %s", call, describeChange(c))
}

func describeChange(c revocation.Change) string {
	return fmt.Sprintf("{Issuer: %s, ID: %s, Family: %s, UserID: %s, Until: %s, Before: %s}",
		short(c.Issuer), short(c.ID), short(c.Family), short(c.UserID), instantOrNone(c.Until), instantOrNone(c.Before))
}

// short quotes a name, and says how long it is if it is not shown in full.
func short(name string) string {
	const shown = 80
	if len(name) <= shown {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("%q... (%d bytes, and in the end %q)", name[:shown], len(name), name[len(name)-8:])
}

func instantOrNone(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// apply makes a change in a store.
func apply(t *testing.T, h handle, c revocation.Change) {
	t.Helper()
	require.NoError(t, c.Apply(t.Context(), h.Store), "%s must store %s: %s", h.name, describeChange(c), mayNotFail)
}

// subjectOf returns a change without its instant: what it is about.
func subjectOf(c revocation.Change) revocation.Change {
	c.Until, c.Before = time.Time{}, time.Time{}
	return c
}

// same reports whether changes are, in names and to the microsecond. An end that cannot be counted is
// none.
func same(a, b revocation.Change) bool {
	return subjectOf(a) == subjectOf(b) && instant.Micros(a.Before) == instant.Micros(b.Before) &&
		instant.End(a.Until, revocation.Grace) == instant.End(b.Until, revocation.Grace)
}

// requireStored fails unless among the changes are the wanted ones, whose last mention counts.
func requireStored(t *testing.T, want, got []revocation.Change, about string, args ...any) {
	t.Helper()
	last := make(map[revocation.Change]revocation.Change)
	for _, c := range got {
		last[subjectOf(c)] = c
	}
	promise := fmt.Sprintf(about, args...)
	for _, c := range want {
		stored, told := last[subjectOf(c)]
		switch {
		case !told:
			require.FailNow(t, "Changes has missed something", "%s\nmissing: %s", promise, describeChange(c))
		case !same(c, stored):
			require.FailNow(t, "Changes tells another instant than what is stored", "%s\nstored: %s\ntold:   %s", promise, describeChange(c), describeChange(stored))
		}
	}
}

// requireOnly fails unless all changes are about what is wanted.
func requireOnly(t *testing.T, want, got []revocation.Change, about string, args ...any) {
	t.Helper()
	wanted := make(map[revocation.Change]bool)
	for _, c := range want {
		wanted[subjectOf(c)] = true
	}
	for _, c := range got {
		if !wanted[subjectOf(c)] {
			require.FailNow(t, "Changes tells what it should not", "%s\ntold: %s", fmt.Sprintf(about, args...), describeChange(c))
		}
	}
}

// requireOrder fails unless the changes are the wanted ones, in their order.
func requireOrder(t *testing.T, want, got []revocation.Change, about string, args ...any) {
	t.Helper()
	promise := fmt.Sprintf(about, args...)
	for i := range min(len(want), len(got)) {
		if subjectOf(want[i]) != subjectOf(got[i]) {
			require.FailNow(t, "Changes does not tell what was written in its order", "%s\nnumber %d of %d was %s\nnumber %d of %d is  %s",
				promise, i+1, len(want), describeChange(want[i]), i+1, len(got), describeChange(got[i]))
		}
	}
	if len(want) != len(got) {
		require.FailNow(t, fmt.Sprintf("Changes tells %d changes, and %d were written", len(got), len(want)), promise)
	}
}

// returns waits for a call whose context is done, or is so in a moment, but not for long.
func returns(t *testing.T, about string, call func()) {
	t.Helper()
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		call()
	}()
	select {
	case <-returned:
	case <-time.After(soon):
		require.FailNow(t, "a call does not return soon after its context is done", "%s has not returned for %v", about, soon)
	}
}
