package refreshtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
)

// callers present one token at the same time, in each of some rounds. A chain is
// of so many rotations, one after the other: no more, since databases whose locks
// are not handed out in turn may let no one else in between.
const (
	callers = 50
	rounds  = 5
	chain   = 100
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

func testConcurrentRotations(t *testing.T, s subject) {
	for _, grace := range []time.Duration{grace, 0} {
		t.Run(fmt.Sprintf("grace %v", grace), func(t *testing.T) {
			for round := range rounds {
				f := s.started(t, fmt.Sprint(s.name, grace, round))
				results := make([]refresh.Result, callers)
				together(callers, func(i int) {
					r := s.rotation(f, 0, 1+i) // each has a successor of its own
					r.Grace = grace
					result, err := s.Rotate(t.Context(), r)
					assert.NoError(t, err)
					results[i] = result
				})
				if grace > 0 {
					s.expectOneSuccessor(t, f, results)
				} else {
					s.expectDead(t, f, results)
				}
			}
		})
	}
}

// expectOneSuccessor wants one caller to have rotated and the others to have got
// that one's successor, which is good.
func (s subject) expectOneSuccessor(t *testing.T, f refresh.Family, results []refresh.Result) {
	t.Helper()
	count, winners := tally(results)
	require.Equal(t, map[refresh.Outcome]int{refresh.Rotated: 1, refresh.Repeated: callers - 1}, count)
	successor := 1 + winners[0]
	for _, result := range results {
		if result.Outcome == refresh.Repeated {
			require.Equal(t, sealed(successor), result.Sealed)
		}
	}
	s.expect(t, refresh.Rotated, s.rotation(f, successor, 1000))
}

// expectDead wants one caller to have rotated, one to have ended the family, and
// the others to have come too late.
func (s subject) expectDead(t *testing.T, f refresh.Family, results []refresh.Result) {
	t.Helper()
	count, winners := tally(results)
	require.Equal(t, map[refresh.Outcome]int{refresh.Rotated: 1, refresh.Reused: 1, refresh.Unknown: callers - 2}, count)
	s.expect(t, refresh.Unknown, s.rotation(f, 1+winners[0], 1000))
}

// tally counts the outcomes and returns who has rotated.
func tally(results []refresh.Result) (count map[refresh.Outcome]int, winners []int) {
	count = make(map[refresh.Outcome]int)
	for i, result := range results {
		count[result.Outcome]++
		if result.Outcome == refresh.Rotated {
			winners = append(winners, i)
		}
	}
	return count, winners
}

func testConcurrentStarts(t *testing.T, s subject) {
	for round := range rounds {
		f := s.family()
		f.ID += fmt.Sprint(round)
		errs := make([]error, callers)
		together(callers, func(i int) {
			mine := f
			mine.Current = digest(i)
			errs[i] = s.Start(t.Context(), mine)
		})
		winner := -1
		for i, err := range errs {
			if err == nil {
				require.Equal(t, -1, winner, "two have started the same family")
				winner = i
			}
		}
		require.NotEqual(t, -1, winner, "nobody has started the family: %v", errs[0])
		s.expect(t, refresh.Rotated, s.rotation(f, winner, 1000))
	}
}

// testRotateWhileEnding ends families in the middle of a chain of rotations. None
// of them may bring the family back.
func testRotateWhileEnding(t *testing.T, s subject) {
	for name, end := range map[string]func(refresh.Family) error{
		"end":      func(f refresh.Family) error { return s.End(t.Context(), f.Issuer, f.ID) },
		"end user": func(f refresh.Family) error { return s.EndUser(t.Context(), f.Issuer, f.UserID, s.now) },
		"reuse": func(f refresh.Family) error {
			result, err := s.Rotate(t.Context(), s.rotation(f, 60_000, 60_001))
			assert.Equal(t, refresh.Reused, result.Outcome)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for round := range 2 * rounds {
				s.rotateWhileEnding(t, s.started(t, fmt.Sprint(s.name, name, round)), round, end)
			}
		})
	}
}

func (s subject) rotateWhileEnding(t *testing.T, f refresh.Family, round int, end func(refresh.Family) error) {
	var group sync.WaitGroup
	under := make(chan struct{})
	group.Go(func() {
		<-under
		assert.NoError(t, end(f))
	})
	current := 0
	for ; current < chain; current++ {
		if current == round {
			close(under)
		}
		result, err := s.Rotate(t.Context(), s.rotation(f, current, current+1))
		if !assert.NoError(t, err) || result.Outcome != refresh.Rotated {
			assert.Equal(t, refresh.Unknown, result.Outcome, "the chain has broken")
			break
		}
	}
	if current < round {
		close(under)
	}
	group.Wait()
	s.expect(t, refresh.Unknown, s.rotation(f, current, current+1), "the current token")
	if current > 0 {
		s.expect(t, refresh.Unknown, s.rotation(f, current-1, current), "the last token, within the grace")
	}
	f.Current = digest(0)
	require.NoError(t, s.Start(t.Context(), f), "the name is free")
	require.NoError(t, s.End(t.Context(), f.Issuer, f.ID))
}
