package apikey

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A saver keeps what it is given, or does what a test wants.
type saver struct {
	mu      sync.Mutex
	batches [][]Use
	fail    func() error
}

func (s *saver) save(_ context.Context, uses []Use) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(); err != nil {
			return err
		}
	}
	s.batches = append(s.batches, uses)
	return nil
}

func (s *saver) saved() [][]Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.batches
}

// failWith changes what happens to the next batches.
func (s *saver) failWith(fail func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

func newUses(s *saver) *uses { return &uses{save: s.save, saving: make(chan struct{}, 1)} }

func use(id string, at time.Time) Use { return Use{ID: id, SHA256: DigestOf(id), At: at} }

func TestUsesAreSavedEachMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(saver)
		u := newUses(s)
		start := time.Now()
		for i := range 100 {
			u.note(use("a", start.Add(time.Duration(i)*time.Millisecond)))
		}
		u.note(use("a", start.Add(-time.Hour)))
		time.Sleep(saveEvery - 1)
		synctest.Wait()
		assert.Empty(t, s.saved(), "not yet")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Equal(t, [][]Use{{use("a", start.Add(99*time.Millisecond))}}, s.saved(), "one use, the last")

		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Len(t, s.saved(), 1, "nothing was used, so nothing is saved")
		u.note(use("a", time.Now()))
		u.note(use("b", time.Now()))
		time.Sleep(saveEvery)
		synctest.Wait()
		require.Len(t, s.saved(), 2)
		assert.ElementsMatch(t, []Use{use("a", start.Add(time.Hour+saveEvery)), use("b", start.Add(time.Hour+saveEvery))}, s.saved()[1])
	})
}

func TestUsesThatCouldNotBeSaved(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	synctest.Test(t, func(t *testing.T) {
		s := &saver{fail: func() error { return errors.New("down") }}
		u := newUses(s)
		start := time.Now()
		u.note(use("a", start))
		time.Sleep(saveEvery)
		synctest.Wait()
		assert.Empty(t, s.saved())
		assert.Contains(t, log.String(), "last uses of API keys not saved")
		assert.Contains(t, log.String(), "down")

		s.failWith(func() error { panic("secret") })
		require.ErrorContains(t, u.flush(t.Context()), "panicked")
		assert.NotContains(t, log.String(), "secret")
		s.failWith(nil)
		time.Sleep(saveEvery)
		synctest.Wait()
		assert.Equal(t, [][]Use{{use("a", start)}}, s.saved(), "it has come again")
	})
}

func TestUsesWhileTheyAreSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		u := newUses(&saver{fail: func() error { <-release; return nil }})
		u.note(use("a", time.Now()))
		time.Sleep(saveEvery)
		synctest.Wait() // saving hangs
		start := time.Now()
		u.note(use("b", start))
		assert.Equal(t, start, time.Now(), "nobody waits")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, u.flush(ctx), context.DeadlineExceeded)
		close(release)
		synctest.Wait()
		assert.NoError(t, u.flush(t.Context()))
		u.mu.Lock()
		assert.Empty(t, u.pending)
		u.mu.Unlock()
		time.Sleep(time.Hour) // the timer ends
	})
}

func TestUsesAreBounded(t *testing.T) {
	s := new(saver)
	u := newUses(s)
	number := func(i int) Use {
		return Use{SHA256: Digest{byte(i), byte(i >> 8), byte(i >> 16)}, At: time.Unix(int64(i), 0)}
	}
	u.armed = true // no timer
	for i := range 2 * maxUses {
		u.note(number(i))
	}
	assert.Len(t, u.pending, maxUses)
	later := number(1)
	later.At = time.Unix(1<<33, 0)
	u.note(later)
	assert.Equal(t, later, u.pending[later.SHA256], "one that is there already")
	require.NoError(t, u.flush(t.Context()))
	assert.Len(t, s.saved()[0], maxUses)
	u.note(number(2 * maxUses))
	assert.Len(t, u.pending, 1)
}

func TestFlush(t *testing.T) {
	for name, b := range map[string]*Backend{"zero": {}, "nil": nil} {
		assert.Error(t, b.Flush(t.Context()), name)
	}
	b, err := New(Config{})
	require.NoError(t, err)
	assert.NoError(t, b.Flush(t.Context()), "there is nothing to save, and nobody to tell")

	s := &saver{fail: func() error { return errors.New("down") }}
	b, err = New(Config{Lookup: func(context.Context, string) (Record, error) { return Record{}, ErrUnknown }, SaveUses: s.save})
	require.NoError(t, err)
	b.uses.armed = true // no timer
	b.uses.note(use("a", time.Unix(1, 0)))
	assert.ErrorContains(t, b.Flush(t.Context()), "save uses of API keys: down")
	s.failWith(nil)
	assert.NoError(t, b.Flush(t.Context()))
	assert.Equal(t, [][]Use{{use("a", time.Unix(1, 0))}}, s.saved())
}
