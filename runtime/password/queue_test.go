package password

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

func TestWeight(t *testing.T) {
	l := newLine(4)
	for _, c := range []struct {
		cost params
		want int64
	}{
		{params{lanes: 1}, 1},
		{params{}, 1},
		{advised, 1},
		{params{memory: 64 << 10, lanes: 1}, 1},
		{params{memory: 64<<10 + 1, lanes: 1}, 2},
		{params{memory: 128 << 10, lanes: 1}, 2},
		{params{memory: 64 << 10, lanes: 3}, 3},
		{params{memory: 64 << 10, lanes: 16}, 4},
	} {
		assert.Equal(t, c.want, l.weight(c.cost), c.cost)
	}
	assert.EqualValues(t, 1, newLine(1).weight(params{memory: maxMemory, lanes: maxLanes}), "who needs more works alone")
}

func TestAtMostAsManyAsProcessors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(3)
		var now, most atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				release, err := l.enter(t.Context(), advised)
				if !assert.NoError(t, err) {
					return
				}
				defer release()
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(time.Second / 4)
				now.Add(-1)
			})
		}
		wg.Wait()
		assert.EqualValues(t, 3, most.Load())
		assert.Zero(t, l.waiting.Load())
	})
}

func TestWaitingEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1)
		release, err := l.enter(t.Context(), advised)
		require.NoError(t, err)
		start := time.Now()
		_, err = l.enter(t.Context(), advised)
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		assert.Equal(t, maxWait, time.Since(start))
		assert.Zero(t, l.waiting.Load())
		release()
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1)
		release, err := l.enter(t.Context(), advised)
		require.NoError(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err = l.enter(ctx, advised)
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))

		release()
		release, err = l.enter(t.Context(), advised)
		require.NoError(t, err, "who gave up takes nothing away")
		release()
	})
}

func TestTooManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(2)
		var served, refused atomic.Int64
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				release, err := l.enter(t.Context(), advised)
				if err != nil {
					assert.ErrorIs(t, err, runtime.ErrUnavailable)
					refused.Add(1)
					return
				}
				time.Sleep(maxWait / (maxWaiting + 1))
				served.Add(1)
				release()
			})
		}
		wg.Wait()
		assert.EqualValues(t, 2+2*maxWaiting, served.Load())
		assert.EqualValues(t, 1000-2-2*maxWaiting, refused.Load())

		release, err := l.enter(t.Context(), advised)
		require.NoError(t, err, "it is over")
		release()
	})
}
