// Package bounded calls what others have written, a store or a look-up, on behalf of
// requests, and returns in bounded time, whatever that does.
package bounded

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

const (
	// Timeout is how long a request waits.
	Timeout = 2 * time.Second

	// MaxCalls is how many calls may be under way at once. It is reached only if
	// what is called hangs.
	MaxCalls = 1024
)

// Why a call has no result. None is an answer of what was called.
var (
	ErrTimeout = errors.New("no answer in time")
	ErrBusy    = errors.New("too many requests wait for an answer")
	ErrPanic   = errors.New("it panicked")
)

// Calls counts those that are under way. The zero Calls is ready for use, and safe
// for concurrent use.
type Calls struct{ underWay atomic.Int64 }

// Call returns what f returns, or one of the errors above. The context of f is done
// after Timeout; one that does not heed it goes on alone, and counts until it ends.
// What it panics with is not shown: it may hold a credential.
func Call[T any](ctx context.Context, calls *Calls, f func(context.Context) (T, error)) (result T, err error) {
	if calls.underWay.Add(1) > MaxCalls {
		calls.underWay.Add(-1)
		return result, ErrBusy
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	type answer struct {
		result T
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		defer calls.underWay.Add(-1)
		defer func() {
			if recover() != nil {
				answered <- answer{err: ErrPanic}
			}
		}()
		result, err := f(ctx)
		answered <- answer{result, err}
	}()
	select {
	case a := <-answered:
		return a.result, a.err
	case <-ctx.Done():
		return result, ErrTimeout
	}
}
