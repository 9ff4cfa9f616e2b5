package basic_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/basic"
)

func TestRemembers(t *testing.T) {
	b, users, clock := newBackend(t, basic.Config{})
	ask := func(username, password string) error {
		_, err := b.Authenticate(login(username, password))
		return err
	}
	for range 10 {
		require.NoError(t, ask("alice", secret))
		clock.move(5 * time.Second)
	}
	assert.EqualValues(t, 1, users.asked.Load())

	assert.Error(t, ask("alice", secret+"x"), "the whole credential is what counts")
	assert.Error(t, ask("alice", secret[:len(secret)-1]))
	assert.Error(t, ask("alice"+secret[:4], secret[4:]))
	assert.EqualValues(t, 4, users.asked.Load())
	assert.NoError(t, ask("bob", secret), "another user of the same password")
	assert.EqualValues(t, 5, users.asked.Load())

	clock.move(10*time.Second - 1)
	require.NoError(t, ask("alice", secret))
	assert.EqualValues(t, 5, users.asked.Load())
	clock.move(1)
	require.NoError(t, ask("alice", secret))
	assert.EqualValues(t, 6, users.asked.Load(), "a minute is over since it was judged, however often it came since")

	for range 10 {
		assert.Error(t, ask("alice", "wrong"))
	}
	assert.EqualValues(t, 16, users.asked.Load(), "nothing is remembered of what does not hold")
}

func TestRemembersNothing(t *testing.T) {
	b, users, _ := newBackend(t, basic.Config{Remember: -1})
	for range 10 {
		_, err := b.Authenticate(login("alice", secret))
		require.NoError(t, err)
	}
	assert.EqualValues(t, 10, users.asked.Load())
	assert.False(t, b.Holds("id of alice"))
}

func TestRemembersNotAcrossAClockSetBack(t *testing.T) {
	b, users, clock := newBackend(t, basic.Config{})
	_, err := b.Authenticate(login("alice", secret))
	require.NoError(t, err)
	clock.move(-time.Hour)
	_, err = b.Authenticate(login("alice", secret))
	require.NoError(t, err)
	assert.EqualValues(t, 2, users.asked.Load())
}

func TestRemembersSoMany(t *testing.T) {
	var asked atomic.Int64
	b, _, clock := newBackend(t, basic.Config{Size: 3, Check: func(_ context.Context, username, _ string) (runtime.Identity, error) {
		asked.Add(1)
		return runtime.Identity{UserID: username}, nil
	}})
	judged := func(username string) bool {
		before := asked.Load()
		_, err := b.Authenticate(login(username, secret))
		require.NoError(t, err)
		return asked.Load() > before
	}
	for _, username := range []string{"a", "b", "c"} {
		assert.True(t, judged(username))
	}
	assert.False(t, judged("a"))
	assert.True(t, judged("d"))
	assert.False(t, judged("b"))
	assert.False(t, judged("c"))
	assert.True(t, judged("a"), "the oldest was forgotten")
	assert.False(t, judged("d"))

	b.Forget("a")
	assert.True(t, judged("a"))
	assert.False(t, judged("a"))
	for _, username := range []string{"e", "f"} { // the place of the a that was forgotten is taken
		assert.True(t, judged(username))
	}
	assert.False(t, judged("a"), "and not that of the one that came anew")
	clock.move(time.Minute)
	for range 5 {
		for _, username := range []string{"a", "b", "c"} {
			judged(username)
		}
	}
	for _, username := range []string{"a", "b", "c"} {
		assert.False(t, judged(username))
	}
}

func TestForget(t *testing.T) {
	b, users, _ := newBackend(t, basic.Config{})
	ask := func(username string) int64 {
		_, err := b.Authenticate(login(username, secret))
		require.NoError(t, err)
		return users.asked.Load()
	}
	assert.EqualValues(t, 1, ask("alice"))
	assert.EqualValues(t, 2, ask("bob"))
	b.Forget("id of alice")
	assert.EqualValues(t, 2, ask("bob"), "another user")
	assert.EqualValues(t, 3, ask("alice"))
}

// gate is a Check that waits until it is opened.
type gate struct {
	asked atomic.Int64
	open  chan struct{}
	err   error
}

func (g *gate) check(ctx context.Context, username, _ string) (runtime.Identity, error) {
	g.asked.Add(1)
	select {
	case <-g.open:
		return runtime.Identity{UserID: username}, g.err
	case <-ctx.Done():
		return runtime.Identity{}, ctx.Err()
	}
}

func TestForgetWhileJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := &gate{open: make(chan struct{})}
		b, _, _ := newBackend(t, basic.Config{Check: old.check})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				_, err := b.Authenticate(login("alice", secret))
				assert.NoError(t, err, "it was judged by what was stored when it came")
			})
		}
		synctest.Wait()
		require.EqualValues(t, 1, old.asked.Load())

		b.Forget("alice")
		wg.Go(func() { _, _ = b.Authenticate(login("alice", secret)) })
		synctest.Wait()
		assert.EqualValues(t, 2, old.asked.Load(), "who comes later does not join those before")

		close(old.open)
		wg.Wait()
		b.Forget("alice")
		_, err := b.Authenticate(login("alice", secret))
		require.NoError(t, err)
		assert.EqualValues(t, 3, old.asked.Load())
	})
}

func TestForgottenWhileJudgedIsNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{open: make(chan struct{})}
		b, _, _ := newBackend(t, basic.Config{Check: gate.check})
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = b.Authenticate(login("alice", secret)) })
		synctest.Wait()
		b.Forget("alice")
		close(gate.open)
		wg.Wait()
		_, _ = b.Authenticate(login("alice", secret))
		assert.EqualValues(t, 2, gate.asked.Load())
	})
}

func TestAtOnce(t *testing.T) {
	for _, want := range []error{nil, runtime.ErrInvalidCredentials} {
		synctest.Test(t, func(t *testing.T) {
			gate := &gate{open: make(chan struct{}), err: want}
			b, _, _ := newBackend(t, basic.Config{Check: gate.check, Limiter: newLimiter(t)})
			var wg sync.WaitGroup
			for range 100 { // more than an address may fail
				wg.Go(func() {
					p, err := b.Authenticate(login("alice", secret))
					assert.ErrorIs(t, err, want)
					assert.Equal(t, want == nil, p.IsAuthenticated())
				})
			}
			synctest.Wait()
			close(gate.open)
			wg.Wait()
			assert.EqualValues(t, 1, gate.asked.Load())
		})
	}
}

func TestAnotherCredentialDoesNotJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{open: make(chan struct{})}
		b, _, _ := newBackend(t, basic.Config{Check: gate.check})
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				p, err := b.Authenticate(login("alice", fmt.Sprint(secret, i)))
				assert.NoError(t, err)
				assert.Equal(t, "alice", p.UserID())
			})
		}
		synctest.Wait()
		assert.EqualValues(t, 5, gate.asked.Load())
		close(gate.open)
		wg.Wait()
	})
}

// with returns the request with a context that ends as the test wants.
func with(r *http.Request) (*http.Request, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	return r.WithContext(ctx), cancel
}

func TestFirstOneGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{open: make(chan struct{})}
		b, _, _ := newBackend(t, basic.Config{Check: gate.check})
		var wg sync.WaitGroup
		r, cancel := with(login("alice", secret))
		wg.Go(func() { _, _ = b.Authenticate(r) })
		synctest.Wait()
		wg.Go(func() {
			_, err := b.Authenticate(login("alice", secret))
			assert.NoError(t, err, "the one who stays")
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(gate.open)
		wg.Wait()
		assert.EqualValues(t, 1, gate.asked.Load())
	})
}

func TestFollowerGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{open: make(chan struct{})}
		b, _, _ := newBackend(t, basic.Config{Check: gate.check})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := b.Authenticate(login("alice", secret))
			assert.NoError(t, err)
		})
		synctest.Wait()
		r, cancel := with(login("alice", secret))
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_, err := b.Authenticate(r)
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
			assert.ErrorIs(t, err, context.Canceled)
		}()
		synctest.Wait()
		cancel()
		<-gone // before Check is done
		close(gate.open)
		wg.Wait()
	})
}

func TestAllGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &gate{open: make(chan struct{})} // never opened
		b, _, _ := newBackend(t, basic.Config{Check: gate.check, Limiter: newLimiter(t)})
		for range 100 { // more than an address may fail: what nobody waited for is no failure
			var wg sync.WaitGroup
			var cancels []context.CancelFunc
			for range 3 {
				r, cancel := with(login("alice", secret))
				cancels = append(cancels, cancel)
				wg.Go(func() {
					_, err := b.Authenticate(r)
					assert.ErrorIs(t, err, context.Canceled)
					assert.NotErrorIs(t, err, runtime.ErrTooManyRequests)
				})
			}
			synctest.Wait()
			for _, cancel := range cancels {
				cancel()
			}
			wg.Wait()
		}
		assert.EqualValues(t, 100, gate.asked.Load())
	})
}

// A Check that does not end with its context holds up only those who wait for it.
func TestNobodyJoinsWhatAllHaveLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		open := make(chan struct{})
		b, _, _ := newBackend(t, basic.Config{Check: func(_ context.Context, username, _ string) (runtime.Identity, error) {
			if asked.Add(1) == 1 {
				<-open
			}
			return runtime.Identity{UserID: username}, nil
		}})
		var wg sync.WaitGroup
		r, cancel := with(login("alice", secret))
		wg.Go(func() { _, _ = b.Authenticate(r) })
		synctest.Wait()
		cancel()
		synctest.Wait()
		_, err := b.Authenticate(login("alice", secret))
		assert.NoError(t, err)
		assert.EqualValues(t, 2, asked.Load())
		close(open)
		wg.Wait()
	})
}

// What ends of before Forget does not take away what has begun since.
func TestForgetKeepsFlightsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		gates := []chan struct{}{make(chan struct{}), make(chan struct{})}
		b, _, _ := newBackend(t, basic.Config{Check: func(_ context.Context, username, _ string) (runtime.Identity, error) {
			<-gates[asked.Add(1)-1]
			return runtime.Identity{UserID: username}, nil
		}})
		var wg sync.WaitGroup
		ask := func() {
			wg.Go(func() {
				_, err := b.Authenticate(login("alice", secret))
				assert.NoError(t, err)
			})
			synctest.Wait()
		}
		ask()
		b.Forget("alice")
		ask()
		close(gates[0])
		synctest.Wait()
		ask() // joins the second
		close(gates[1])
		wg.Wait()
		assert.EqualValues(t, 2, asked.Load())
	})
}

func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		b, _, _ := newBackend(t, basic.Config{Check: func(context.Context, string, string) (runtime.Identity, error) {
			<-open
			panic(secret)
		}})
		var panicked, refused atomic.Int64
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				defer func() {
					if recover() != nil {
						panicked.Add(1)
					}
				}()
				p, err := b.Authenticate(login("alice", secret))
				assert.Nil(t, p)
				assert.Error(t, err)
				assert.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
				assert.NotContains(t, err.Error(), secret)
				refused.Add(1)
			})
		}
		synctest.Wait()
		close(open)
		wg.Wait()
		assert.EqualValues(t, 1, panicked.Load(), "the one that asked")
		assert.EqualValues(t, 9, refused.Load())
		assert.Panics(t, func() { _, _ = b.Authenticate(login("alice", secret)) }, "the next one asks again")
	})
}

func TestContextOfCheck(t *testing.T) {
	type key struct{}
	b, _, _ := newBackend(t, basic.Config{Check: func(ctx context.Context, _, _ string) (runtime.Identity, error) {
		if ctx.Value(key{}) != "value" {
			return runtime.Identity{}, errors.New("no value")
		}
		return runtime.Identity{UserID: "alice"}, nil
	}})
	r := login("alice", secret)
	_, err := b.Authenticate(r.WithContext(context.WithValue(r.Context(), key{}, "value")))
	assert.NoError(t, err)
}

// HOSTILE 112
func TestNothingPrintsThePassword(t *testing.T) {
	b, _, _ := newBackend(t, basic.Config{})
	p, err := b.Authenticate(login("alice", secret))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		assert.NotContains(t, fmt.Sprintf(verb, p), secret)
		assert.NotContains(t, fmt.Sprintf(verb, b), secret)
	}
	assert.False(t, b.Holds(secret))
	assert.True(t, b.Holds("id of alice"), "else the line above proves nothing")
}

func BenchmarkRemembered(b *testing.B) {
	backend, _, _ := newBackend(b, basic.Config{})
	r := login("alice", secret)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := backend.Authenticate(r); err != nil {
			b.Fatal(err)
		}
	}
}
