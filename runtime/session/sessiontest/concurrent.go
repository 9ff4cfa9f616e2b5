package sessiontest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// callers do something at the same time, in each of some rounds.
const (
	callers = 20
	rounds  = 5
)

// together calls f for each of n numbers, as much at the same time as can be.
func together(n int, f func(i int)) {
	var group sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	group.Wait()
}

func testConcurrentCreations(t *testing.T, s subject) {
	for round := range rounds {
		records, errs := make([]session.Record, callers), make([]error, callers)
		together(callers, func(i int) {
			records[i] = s.record(fmt.Sprint(round))
			records[i].Secret = s.digest(fmt.Sprint("caller ", i))
			errs[i] = s.Create(t.Context(), records[i])
		})
		winner := -1
		for i, err := range errs {
			if err == nil {
				require.Equal(t, -1, winner, "two have created the same session")
				winner = i
			}
		}
		require.NotEqual(t, -1, winner, "nobody has created the session: %v", errs[0])
		s.expect(t, records[winner])
	}
}

// testConcurrentUpdates has callers add one to a number until each has succeeded. If
// an update were lost, the number would be less.
func testConcurrentUpdates(t *testing.T, s subject) {
	r := s.record("a")
	r.Data = []byte("0")
	require.NoError(t, s.Create(t.Context(), r))
	together(callers, func(int) {
		for {
			mine, err := s.Load(t.Context(), r.ID)
			if !assert.NoError(t, err) {
				return
			}
			n, err := strconv.Atoi(string(mine.Data))
			if !assert.NoError(t, err) {
				return
			}
			mine.Data = strconv.AppendInt(nil, int64(n+1), 10)
			err = s.Update(t.Context(), mine, s.now)
			if !errors.Is(err, session.ErrConflict) {
				assert.NoError(t, err)
				return
			}
		}
	})
	r.Data, r.Version = strconv.AppendInt(nil, callers, 10), callers
	s.expect(t, r)
}

// testTouchWhileUpdating shows that neither of the two takes back what the other has
// written.
func testTouchWhileUpdating(t *testing.T, s subject) {
	r := s.created(t, "a")
	together(2, func(i int) {
		for n := 1; n <= 50; n++ {
			if i == 0 {
				assert.NoError(t, s.Touch(t.Context(), r.ID, s.later(float64(n)), s.later(float64(n+60))))
				continue
			}
			mine := r
			mine.Data, mine.Version = []byte(strconv.Itoa(n)), int64(n-1)
			assert.NoError(t, s.Update(t.Context(), mine, s.now))
		}
	})
	r.Seen, r.Expires, r.Data, r.Version = s.later(50), s.later(110), []byte("50"), 50
	s.expect(t, r)
}

// testWriteWhileEnding ends sessions in the middle of writes. None of them may bring
// the session back, and once one has found it gone, so do all that follow.
func testWriteWhileEnding(t *testing.T, s subject) {
	for name, end := range map[string]func(session.Record) error{
		"end":      func(r session.Record) error { return s.End(t.Context(), r.ID) },
		"end user": func(r session.Record) error { return s.EndUser(t.Context(), r.UserID, session.Digest{}) },
	} {
		t.Run(name, func(t *testing.T) {
			for round := range 2 * rounds {
				r := s.record(fmt.Sprint(name, round))
				r.UserID += fmt.Sprint(name, round)
				require.NoError(t, s.Create(t.Context(), r))
				s.writeWhileEnding(t, r, round, end)
				s.expectNone(t, r)
			}
		})
	}
}

func (s subject) writeWhileEnding(t *testing.T, r session.Record, round int, end func(session.Record) error) {
	together(3, func(i int) {
		if i == 2 {
			for range round { // a little later each time
				_, err := s.Load(t.Context(), r.ID)
				assert.NoError(t, err)
			}
			assert.NoError(t, end(r))
			return
		}
		gone := false
		for n := range 30 {
			var err error
			if i == 0 {
				err = s.Touch(t.Context(), r.ID, s.later(float64(n+1)), s.later(float64(n+61)))
			} else {
				mine := r
				mine.Version = int64(n)
				err = s.Update(t.Context(), mine, s.now)
			}
			if gone || err != nil {
				assert.ErrorIs(t, err, session.ErrNotFound)
				gone = true
			}
		}
	})
}
