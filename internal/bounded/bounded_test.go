package bounded

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestCall(t *testing.T) {
	down := errors.New("down")
	for name, c := range map[string]struct {
		f     func(context.Context) (int, error)
		want  int
		err   error
		after time.Duration
	}{
		"answers":             {func(context.Context) (int, error) { return 7, nil }, 7, nil, 0},
		"fails":               {func(context.Context) (int, error) { return 7, down }, 7, down, 0},
		"panics":              {func(context.Context) (int, error) { panic("secret") }, 0, ErrPanic, 0},
		"ignores its context": {func(context.Context) (int, error) { time.Sleep(time.Hour); return 7, nil }, 0, ErrTimeout, Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var calls Calls
				got, err := Call(t.Context(), &calls, c.f)
				assert.Equal(t, c.want, got)
				assert.Equal(t, c.err, err)
				assert.Equal(t, c.after, time.Since(begin))
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				assert.Zero(t, calls.underWay.Load())
			})
		})
	}
}

func TestTooManyCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := func(context.Context) (int, error) { <-release; return 7, nil }
		var calls Calls
		for range MaxCalls {
			go func() { _, _ = Call(t.Context(), &calls, hang) }()
		}
		time.Sleep(2 * Timeout)
		_, err := Call(t.Context(), &calls, hang)
		assert.Equal(t, ErrBusy, err)
		close(release)
		synctest.Wait()
		got, err := Call(t.Context(), &calls, hang)
		assert.NoError(t, err)
		assert.Equal(t, 7, got)
	})
}
