package password

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const (
	// share is how much memory there is for each processor, in KiB.
	share = 64 << 10

	// maxWaiting is how many passwords wait for each processor. At 50 ms each that is
	// five seconds.
	maxWaiting = 100

	// maxWait is how long a password waits, where those in front take longer.
	maxWait = 10 * time.Second
)

var errBusy = fmt.Errorf("%w: too many passwords wait to be hashed", runtime.ErrUnavailable)

// A line is where passwords wait for their turn, first come, first served.
type line struct {
	processors int64
	free       *semaphore.Weighted // processors, each with its share of memory
	waiting    atomic.Int64
}

// queue is that of the process: processors and memory are the process's, too.
var queue = newLine(goruntime.GOMAXPROCS(0))

func newLine(processors int) *line {
	return &line{processors: int64(processors), free: semaphore.NewWeighted(int64(processors))}
}

// enter waits until it is the caller's turn. Then release must be called.
func (l *line) enter(ctx context.Context, cost params) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", runtime.ErrUnavailable, err)
	}
	weight := l.weight(cost)
	if !l.free.TryAcquire(weight) {
		defer l.waiting.Add(-1)
		if l.waiting.Add(1) > maxWaiting*l.processors {
			return nil, errBusy
		}
		ctx, cancel := context.WithTimeout(ctx, maxWait)
		defer cancel()
		if err := l.free.Acquire(ctx, weight); err != nil {
			return nil, fmt.Errorf("%w: %w", runtime.ErrUnavailable, err)
		}
	}
	return func() { l.free.Release(weight) }, nil
}

// weight is how many processors a hash takes away from others, and at most all:
// who needs more works alone.
func (l *line) weight(cost params) int64 {
	shares := (int64(cost.memory) + share - 1) / share
	return min(max(int64(cost.lanes), shares, 1), l.processors)
}
