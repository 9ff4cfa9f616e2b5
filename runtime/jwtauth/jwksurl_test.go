package jwtauth

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const localAddress = "http://127.0.0.1/jwks.json"

// A publisher is a transport that answers by itself, so that time can be that of
// a bubble.
type publisher struct {
	mu           sync.Mutex
	status       int
	body         string
	err          error
	delay        time.Duration // before the answer, which is the one that was there before
	deaf         bool          // does not end with the request's context
	begun        []time.Time   // requests
	active, most int           // at once
}

func (p *publisher) set(change func(*publisher)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

func (p *publisher) publish(keys ...string) { p.set(func(p *publisher) { p.body = jwksText(keys...) }) }

func (p *publisher) fetches() (n int) {
	p.set(func(p *publisher) { n = len(p.begun) })
	return n
}

func (p *publisher) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	status, body, err, delay, deaf := p.status, p.body, p.err, p.delay, p.deaf
	p.begun = append(p.begun, time.Now())
	p.active++
	p.most = max(p.most, p.active)
	p.mu.Unlock()
	defer p.set(func(p *publisher) { p.active-- })

	ended := r.Context().Done()
	if deaf {
		ended = nil
	}
	select {
	case <-time.After(delay):
	case <-ended:
		return nil, r.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// reports are what an observer was told.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) observe(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// take returns what was told since the last time.
func (r *reports) take() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := r.errs
	r.errs = nil
	return errs
}

// Keys of sets from addresses.
func firstKey() string  { return jwkText(&rsaKey().PublicKey, "kid", `"1"`, "alg", `"RS256"`) }
func secondKey() string { return jwkText(&otherRSAKey().PublicKey, "kid", `"2"`, "alg", `"RS256"`) }

// inBubble runs a test with a publisher of firstKey, in time of its own.
func inBubble(t *testing.T, f func(t *testing.T, ctx context.Context, p *publisher)) {
	t.Helper()
	p := &publisher{status: http.StatusOK, body: jwksText(firstKey())}
	secondKey() // made outside
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		f(t, ctx, p)
	})
}

func ignoreFetch(error) {}

// fetchedKeys returns the set of a publisher.
func fetchedKeys(t *testing.T, ctx context.Context, p *publisher, options ...JWKSOption) KeySet {
	t.Helper()
	set, err := JWKSURL(ctx, localAddress, append([]JWKSOption{WithTransport(p), WithFetchObserver(ignoreFetch)}, options...)...)
	require.NoError(t, err)
	return set
}

func first(t testing.TB) string  { return signWithID(t, "RS256", rsaKey(), "1") }
func second(t testing.TB) string { return signWithID(t, "RS256", otherRSAKey(), "2") }

// HOSTILE 77: rotation.
func TestJWKSURLRotation(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		set := fetchedKeys(t, ctx, p)
		b := newKeysBackend(t, set, "RS256")
		requireAccepted(t, b, first(t))
		require.NotNil(t, b.cache.find(first(t), false), "it is remembered")
		initial := must(set.current())

		time.Sleep(defaultRefresh + time.Second)
		require.Equal(t, 2, p.fetches())
		assert.Same(t, initial, must(set.current()), "the same set: nothing is verified again")

		p.publish(firstKey(), secondKey()) // old and new
		time.Sleep(defaultRefresh)
		requireAccepted(t, b, first(t))
		requireAccepted(t, b, second(t))
		assert.Equal(t, 3, p.fetches())

		p.publish(secondKey()) // old one removed: it is trusted until the next time
		requireAccepted(t, b, first(t))
		time.Sleep(defaultRefresh)
		assert.NotNil(t, b.cache.find(first(t), false), "HOSTILE 72: it is remembered, but that does not count")
		requireRefused(t, b, first(t), errSignature)
		requireAccepted(t, b, second(t))

		p.publish(jwkText(&otherRSAKey().PublicKey, "kid", `"1"`)) // a new key of the same kid
		time.Sleep(defaultRefresh)
		requireRefused(t, b, first(t), errSignature)
		requireRefused(t, b, second(t), errSignature)
		requireAccepted(t, b, signWithID(t, "RS256", otherRSAKey(), "1"))
	})
}

// What an address can answer instead of a set: HOSTILE 75.
var badAnswers = []struct {
	name   string
	change func(*publisher)
	want   string
}{
	{"no answer", func(p *publisher) { p.err = errors.New("connection refused") }, "connection refused"},
	{"500", func(p *publisher) { p.status = 500 }, "the answer has the status 500"},
	{"404", func(p *publisher) { p.status = 404 }, "the answer has the status 404"},
	{"204", func(p *publisher) { p.status = 204 }, "the answer has the status 204"},
	{"304", func(p *publisher) { p.status = 304 }, "the answer has the status 304"},
	{"206", func(p *publisher) { p.status = 206 }, "the answer has the status 206"},
	{"nothing", func(p *publisher) { p.body = "" }, errJWKSShape.Error()},
	{"empty object", func(p *publisher) { p.body = "{}" }, errJWKSShape.Error()},
	{"no keys", func(p *publisher) { p.body = `{"keys":[]}` }, errJWKSEmpty.Error()},
	{"null", func(p *publisher) { p.body = "null" }, errJWKSShape.Error()},
	{"HTML", func(p *publisher) { p.body = "<html>sign in</html>" }, errJWKSShape.Error()},
	{"only other keys", func(p *publisher) { p.body = jwksText(jwkText(&otherRSAKey().PublicKey, "kid", `"1"`, "use", `"enc"`)) }, errJWKSEmpty.Error()},
	{"only keys that are wrong", func(p *publisher) { p.body = jwksText(jwkText(&otherRSAKey().PublicKey, "kid", `"1"`, "d", `"AQ"`)) }, "key 0: a private key"},
	{"trailing data", func(p *publisher) { p.body += "{}" }, errJWKSShape.Error()},
	{"too long", func(p *publisher) { p.body += strings.Repeat(" ", maxJWKS) }, errJWKSSize.Error()},
	{"too slow", func(p *publisher) { p.delay = fetchTimeout + time.Second }, "context deadline exceeded"},
}

func TestJWKSURLKeepsTheLastGoodSet(t *testing.T) {
	for _, answer := range badAnswers {
		t.Run(answer.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
				var told reports
				set := fetchedKeys(t, ctx, p, WithFetchObserver(told.observe))
				b := newKeysBackend(t, set, "RS256")
				before := must(set.current())
				require.Equal(t, []error{nil}, told.take())

				good := p.body
				p.set(answer.change)
				time.Sleep(defaultRefresh + fetchTimeout + time.Second)
				assert.Same(t, before, must(set.current()))
				requireAccepted(t, b, first(t))
				errs := told.take()
				require.Len(t, errs, 1, "it was told")
				assert.ErrorContains(t, errs[0], answer.want)
				assert.NotContains(t, errs[0].Error(), "jwks.json", "the address may hold a secret")

				time.Sleep(defaultInterval + fetchTimeout)
				assert.Len(t, told.take(), 1, "it is tried again after the interval")

				p.set(func(p *publisher) { p.status, p.body, p.err, p.delay = 200, good, nil, 0 })
				time.Sleep(defaultInterval + fetchTimeout)
				assert.Contains(t, told.take(), error(nil), "it recovers")
				assert.Same(t, before, must(set.current()))
			})
		})
		t.Run(answer.name+" at the start", func(t *testing.T) {
			inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
				p.set(answer.change)
				var told reports
				set, err := JWKSURL(ctx, localAddress, WithTransport(p), WithFetchObserver(told.observe))
				assert.Nil(t, set)
				require.ErrorContains(t, err, "jwtauth.JWKSURL: ")
				assert.ErrorContains(t, err, answer.want)
				assert.NotContains(t, err.Error(), "jwks.json")
				require.Len(t, told.take(), 1)
				time.Sleep(time.Hour)
				assert.Equal(t, 1, p.fetches(), "it is not tried again")
			})
		})
	}
}

// Keys that are wrong are left out of a set, and told of each time.
func TestJWKSURLTakesWhatIsGood(t *testing.T) {
	wrong := jwkText(&ecKey().PublicKey, "kid", `"3"`, "d", `"AQ"`)
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		var told reports
		b := newKeysBackend(t, fetchedKeys(t, ctx, p, WithFetchObserver(told.observe)), "RS256")
		told.take()
		p.publish(secondKey(), wrong)
		time.Sleep(defaultRefresh + time.Second)
		requireAccepted(t, b, second(t))
		requireRefused(t, b, first(t), errSignature)
		errs := told.take()
		require.Len(t, errs, 1)
		assert.ErrorContains(t, errs[0], "key 1: a private key")

		time.Sleep(defaultRefresh)
		errs = told.take()
		require.Len(t, errs, 1, "it is no reason to ask more often")
		assert.ErrorContains(t, errs[0], "key 1: a private key", "it is there still")
		requireAccepted(t, b, second(t))
	})
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		p.publish(firstKey(), wrong)
		_, err := JWKSURL(ctx, localAddress, WithTransport(p), WithFetchObserver(ignoreFetch))
		assert.ErrorContains(t, err, "key 1: a private key", "at the start, all of it must be good")
		set, err := JWKSURL(ctx, localAddress, WithTransport(p), WithFetchObserver(ignoreFetch), WithLateStart())
		require.NoError(t, err)
		requireAccepted(t, newKeysBackend(t, set, "RS256"), first(t))
	})
}

// HOSTILE 32: any number of unknown kids cause one fetch in an interval, and
// hold up nothing else.
func TestJWKSURLUnknownKids(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		b := newKeysBackend(t, fetchedKeys(t, ctx, p), "RS256")
		valid := first(t)
		signature := valid[strings.LastIndexByte(valid, '.'):]
		unknown := make([]string, 10_000)
		for i := range unknown {
			token := sign(t, "HS256", testSecret, fmt.Sprintf(`{"alg":"RS256","kid":"unknown-%d"}`, i), issuedByMe)
			unknown[i] = token[:strings.LastIndexByte(token, '.')] + signature
		}
		flood := func() {
			var done sync.WaitGroup
			for _, token := range unknown {
				done.Go(func() {
					_, err := authenticate(b, token)
					assert.ErrorIs(t, err, errSignature)
				})
			}
			begin := time.Now()
			requireAccepted(t, b, valid)
			assert.Zero(t, time.Since(begin), "a valid token is served at once")
			done.Wait()
			assert.LessOrEqual(t, time.Since(begin), newKeyTimeout)
		}
		flood()
		assert.Equal(t, 1, p.fetches(), "the one of the start was just now")
		time.Sleep(defaultInterval)
		flood()
		assert.Equal(t, 2, p.fetches())
		flood()
		assert.Equal(t, 2, p.fetches())
		for range 120 {
			time.Sleep(5 * time.Second)
			_, err := authenticate(b, unknown[0])
			assert.ErrorIs(t, err, errSignature)
		}
		assert.InDelta(t, 22, p.fetches(), 1, "ten minutes")
		for i := range p.begun[1:] {
			assert.GreaterOrEqual(t, p.begun[i+1].Sub(p.begun[i]), defaultInterval)
		}
	})
}

// The same while the address does not answer.
func TestJWKSURLUnknownKidsWhileItHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		set := fetchedKeys(t, ctx, p)
		b := newKeysBackend(t, set, "RS256")
		valid, unknown := first(t), second(t)
		time.Sleep(defaultInterval)
		p.set(func(p *publisher) { p.delay = time.Hour })

		var done sync.WaitGroup
		var atOnce atomic.Int64
		begin := time.Now()
		for range 5_000 {
			done.Go(func() {
				_, err := authenticate(b, unknown)
				assert.ErrorIs(t, err, errSignature)
				if time.Since(begin) == 0 {
					atOnce.Add(1)
				} else {
					assert.Equal(t, newKeyTimeout, time.Since(begin))
				}
			})
		}
		synctest.Wait()
		assert.Equal(t, int64(maxWaiting), set.(*remoteKeys).waiting.Load(), "the number that waits is bounded")
		requireAccepted(t, b, valid)
		assert.Zero(t, time.Since(begin), "a valid token is served at once")
		done.Wait()
		assert.Equal(t, newKeyTimeout, time.Since(begin))
		assert.Equal(t, int64(5_000-maxWaiting), atOnce.Load())
		assert.Zero(t, set.(*remoteKeys).waiting.Load())
		assert.Equal(t, 2, p.fetches())
	})
}

// A key that signs as soon as it is published.
func TestJWKSURLNewKey(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		b := newKeysBackend(t, fetchedKeys(t, ctx, p), "RS256")
		p.publish(firstKey(), secondKey())
		requireRefused(t, b, second(t), errSignature) // within the interval
		assert.Equal(t, 1, p.fetches())

		time.Sleep(defaultInterval)
		p.set(func(p *publisher) { p.delay = time.Second })
		begin := time.Now()
		var done sync.WaitGroup
		for range 50 { // they wait for one fetch
			done.Go(func() { requireAccepted(t, b, second(t)) })
		}
		done.Wait()
		assert.Equal(t, time.Second, time.Since(begin))
		assert.Equal(t, 2, p.fetches())
		requireAccepted(t, b, first(t))
	})
	t.Run("the wait is bounded", func(t *testing.T) {
		inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
			b := newKeysBackend(t, fetchedKeys(t, ctx, p), "RS256")
			time.Sleep(defaultInterval)
			p.publish(secondKey())
			p.set(func(p *publisher) { p.delay = 5 * time.Second })
			begin := time.Now()
			requireRefused(t, b, second(t), errSignature)
			assert.Equal(t, newKeyTimeout, time.Since(begin))
			time.Sleep(4 * time.Second)
			requireAccepted(t, b, second(t))
			assert.Equal(t, 2, p.fetches())
		})
	})
	t.Run("the request ends", func(t *testing.T) {
		inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
			b := newKeysBackend(t, fetchedKeys(t, ctx, p), "RS256")
			time.Sleep(defaultInterval)
			p.set(func(p *publisher) { p.delay = 5 * time.Second })
			short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			defer cancel()
			r := (&http.Request{Header: http.Header{"Authorization": {"Bearer " + second(t)}}}).WithContext(short)
			begin := time.Now()
			_, err := b.Authenticate(r)
			assert.ErrorIs(t, err, errSignature)
			assert.Equal(t, 100*time.Millisecond, time.Since(begin))
		})
	})
	t.Run("the key that was there is gone", func(t *testing.T) {
		inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
			b := newKeysBackend(t, fetchedKeys(t, ctx, p), "RS256")
			requireAccepted(t, b, first(t))
			time.Sleep(defaultInterval)
			p.publish(secondKey())
			requireAccepted(t, b, second(t))
			requireRefused(t, b, first(t), errSignature)
		})
	})
}

// Fetches never overlap, so that an older answer cannot replace a newer one.
func TestJWKSURLOneFetchAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		var observing atomic.Int64
		set := fetchedKeys(t, ctx, p, WithRefresh(2*time.Second), WithFetchInterval(time.Second), WithFetchObserver(func(error) {
			assert.Equal(t, int64(1), observing.Add(1))
			time.Sleep(10 * time.Millisecond)
			observing.Add(-1)
		}))
		b := newKeysBackend(t, set, "RS256")
		p.set(func(p *publisher) { p.delay = 1700 * time.Millisecond })
		p.publish(firstKey(), secondKey())
		time.Sleep(10 * time.Second)
		requireAccepted(t, b, first(t))

		var done sync.WaitGroup
		for i := range 100 {
			done.Go(func() {
				time.Sleep(time.Duration(i) * 77 * time.Millisecond)
				_, _ = authenticate(b, signWithID(t, "RS256", rsaKey(), "unknown"))
			})
		}
		time.Sleep(900 * time.Millisecond)
		p.publish(secondKey())              // answers that were on the way before have the first key
		time.Sleep(5400 * time.Millisecond) // one fetch that began before, and one whole one after it
		for range 100 {
			requireRefused(t, b, first(t), errSignature)
			time.Sleep(37 * time.Millisecond)
		}
		done.Wait()
		assert.Equal(t, 1, p.most)
		assert.Greater(t, p.fetches(), 4)
	})
}

func TestJWKSURLEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		ctx, cancel := context.WithCancel(ctx)
		set := fetchedKeys(t, ctx, p)
		b := newKeysBackend(t, set, "RS256")
		time.Sleep(defaultRefresh + time.Minute)
		require.Equal(t, 2, p.fetches())
		cancel()
		p.publish(firstKey(), secondKey())
		time.Sleep(defaultRefresh - time.Second)
		requireAccepted(t, b, first(t))
		requireRefused(t, b, second(t), errSignature)
		time.Sleep(2 * time.Second)
		for _, token := range []string{first(t), second(t)} { // the first one is remembered
			_, err := authenticate(b, token)
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
		}
		time.Sleep(time.Hour)
		assert.Equal(t, 2, p.fetches(), "no more fetches")
	})
	t.Run("during a fetch, of a transport that does not care", func(t *testing.T) {
		inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
			ctx, cancel := context.WithCancel(ctx)
			set := fetchedKeys(t, ctx, p, WithRefresh(time.Second), WithFetchInterval(time.Second))
			p.publish(secondKey())
			p.set(func(p *publisher) { p.delay, p.deaf = 5*time.Second, true })
			time.Sleep(2 * time.Second)
			cancel()
			time.Sleep(time.Minute)
			_, err := set.current()
			assert.ErrorIs(t, err, runtime.ErrUnavailable, "it does not come back")
			assert.Equal(t, 2, p.fetches())
		})
	})
	t.Run("before the start", func(t *testing.T) {
		inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := JWKSURL(ctx, localAddress, WithTransport(p), WithFetchObserver(ignoreFetch))
			assert.ErrorIs(t, err, context.Canceled)
			set, err := JWKSURL(ctx, localAddress, WithTransport(p), WithFetchObserver(ignoreFetch), WithLateStart())
			require.NoError(t, err)
			time.Sleep(time.Hour)
			_, err = set.current()
			assert.ErrorIs(t, err, runtime.ErrUnavailable)
			assert.LessOrEqual(t, p.fetches(), 2)
		})
	})
}

func TestJWKSURLLateStart(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		p.set(func(p *publisher) { p.status = 503 })
		var told reports
		set := fetchedKeys(t, ctx, p, WithLateStart(), WithFetchObserver(told.observe))
		b := newKeysBackend(t, set, "RS256") // keys that are not known are not judged
		for range 10 {
			_, err := authenticate(b, first(t))
			require.ErrorIs(t, err, runtime.ErrUnavailable, "503")
			require.NotErrorIs(t, err, runtime.ErrInvalidCredentials)
			time.Sleep(10 * time.Second)
		}
		assert.InDelta(t, 4, p.fetches(), 1)
		for _, err := range told.take() {
			assert.ErrorContains(t, err, "the status 503")
		}
		p.set(func(p *publisher) { p.status = 200 })
		time.Sleep(defaultInterval)
		requireAccepted(t, b, first(t))
		requireRefused(t, b, second(t), errSignature)
	})
}

// What panics takes nothing with it, and is told as an error.
func TestJWKSURLPanics(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		var told reports
		var panics atomic.Bool
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			if panics.Load() {
				panic("sesame")
			}
			return p.RoundTrip(r)
		})
		b := newKeysBackend(t, fetchedKeys(t, ctx, p, WithTransport(transport), WithFetchObserver(told.observe)), "RS256")
		told.take()
		panics.Store(true)
		time.Sleep(defaultRefresh + time.Second)
		errs := told.take()
		require.Len(t, errs, 1)
		assert.EqualError(t, errs[0], "panic with a value of type string")
		requireAccepted(t, b, first(t))
		panics.Store(false)
		p.publish(secondKey())
		time.Sleep(defaultInterval)
		requireAccepted(t, b, second(t))
	})
	t.Run("the observer", func(t *testing.T) {
		inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
			_, err := JWKSURL(ctx, localAddress, WithTransport(p), WithFetchObserver(func(error) { panic("sesame") }))
			assert.EqualError(t, err, "jwtauth.JWKSURL: panic with a value of type string")
			set := fetchedKeys(t, ctx, p, WithFetchObserver(func(error) { panic("sesame") }), WithLateStart())
			b := newKeysBackend(t, set, "RS256")
			requireAccepted(t, b, first(t))
			p.publish(secondKey())
			time.Sleep(defaultRefresh + time.Second)
			requireAccepted(t, b, second(t))
		})
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// An endless is a body that counts what is read of it.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, spaces)
	e.read.Add(int64(n))
	return n, nil
}

var spaces = bytes.Repeat([]byte(" "), 64<<10)

func (e *endless) Close() error { return nil }

// HOSTILE 75: no more is read than a set may have.
func TestJWKSURLReadsNoMoreThanItTakes(t *testing.T) {
	body := new(endless)
	_, err := JWKSURL(t.Context(), localAddress, WithFetchObserver(ignoreFetch), WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, Request: r}, nil
	})))
	assert.ErrorIs(t, err, errJWKSSize)
	assert.LessOrEqual(t, body.read.Load(), int64(maxJWKS+1))
}

// A pipeListener accepts connections within the process, so that they can be in
// a bubble.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.IPAddr{} }

func (l *pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	l.conns <- server
	return client, nil
}

// HOSTILE 75: slow-loris, with net/http on both sides.
func TestJWKSURLSlowly(t *testing.T) {
	body := jwksText(firstKey())
	for name, handler := range map[string]http.HandlerFunc{
		"no header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"no body": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"a byte at a time": func(w http.ResponseWriter, r *http.Request) {
			for i := range body {
				_, _ = io.WriteString(w, body[i:i+1])
				w.(http.Flusher).Flush()
				select {
				case <-time.After(100 * time.Millisecond):
				case <-r.Context().Done():
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
				server := &http.Server{Handler: handler}
				go func() { _ = server.Serve(l) }()
				defer func() { _ = server.Close() }()
				begin := time.Now()
				_, err := JWKSURL(t.Context(), localAddress, WithTransport(&http.Transport{DialContext: l.dial}), WithFetchObserver(ignoreFetch))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, fetchTimeout, time.Since(begin))
			})
		})
	}
}

// An endpoint is a server whose answer can be changed.
type endpoint struct {
	*httptest.Server
	hits   atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
}

func newEndpoint(t *testing.T, start func(*httptest.Server), answer http.HandlerFunc) *endpoint {
	t.Helper()
	e := new(endpoint)
	e.answer.Store(&answer)
	e.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.hits.Add(1)
		(*e.answer.Load())(w, r)
	}))
	e.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	start(e.Server)
	t.Cleanup(e.CloseClientConnections)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) change(answer http.HandlerFunc) { e.answer.Store(&answer) }

func answerWith(keys ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = io.WriteString(w, jwksText(keys...))
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), what)
	}
}

// quick makes sets that are fetched often.
func quick(options ...JWKSOption) []JWKSOption {
	return append([]JWKSOption{WithRefresh(10 * time.Millisecond), WithFetchInterval(10 * time.Millisecond), WithFetchObserver(ignoreFetch)}, options...)
}

// HOSTILE 75, over the network.
func TestJWKSURLOfAServer(t *testing.T) {
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, err := io.Copy(zip, io.LimitReader(new(endless), 20<<20))
	require.NoError(t, errors.Join(err, zip.Close()))
	var streamed atomic.Int64
	cases := []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", 500) }, "the status 500"},
		{"200 without anything", func(http.ResponseWriter, *http.Request) {}, errJWKSShape.Error()},
		{"200 {}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }, errJWKSShape.Error()},
		{"no keys", answerWith(), errJWKSEmpty.Error()},
		{"HTML", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html></html>") }, errJWKSShape.Error()},
		{"100 MiB", func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				n, err := io.CopyN(w, new(endless), 1<<20)
				if streamed.Add(n); err != nil {
					return
				}
			}
		}, errJWKSSize.Error()},
		{"gzip bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, "content encoding"},
		{"long header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
			answerWith(firstKey())(w, nil)
		}, "server response headers exceeded"},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(c, "SSH-2.0\r\n")
			_ = c.Close()
		}, "malformed HTTP"},
		{"less than was said", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, jwksText(firstKey()))
		}, "unexpected EOF"},
		{"connection closed", func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.Close()
		}, "EOF"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			streamed.Store(0)
			e := newEndpoint(t, (*httptest.Server).Start, c.answer)
			_, err := JWKSURL(t.Context(), e.URL+"/?token=sesame", quick()...)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "sesame")

			e.change(answerWith(firstKey()))
			var told reports
			set, err := JWKSURL(t.Context(), e.URL, quick(WithFetchObserver(told.observe))...)
			require.NoError(t, err)
			b := newKeysBackend(t, set, "RS256")
			e.change(c.answer)
			told.take()
			eventually(t, "the bad answer is told", func() bool {
				for _, err := range told.take() {
					if err != nil && strings.Contains(err.Error(), c.want) {
						return true
					}
				}
				return false
			})
			requireAccepted(t, b, first(t))
			assert.Less(t, streamed.Load(), int64(60<<20), "of two answers or three, hardly more than buffers hold")
		})
	}
	t.Run("down at the start", func(t *testing.T) {
		e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
		e.Close()
		_, err := JWKSURL(t.Context(), e.URL, quick()...)
		assert.ErrorContains(t, err, "connection refused")
		set, err := JWKSURL(t.Context(), e.URL, quick(WithLateStart())...)
		require.NoError(t, err)
		_, err = authenticate(newKeysBackend(t, set, "RS256"), first(t))
		assert.ErrorIs(t, err, runtime.ErrUnavailable)
	})
	t.Run("hangs at the start", func(t *testing.T) {
		e := newEndpoint(t, (*httptest.Server).Start, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := JWKSURL(ctx, e.URL, quick()...)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("nothing is compressed, whatever the transport", func(t *testing.T) {
		e := newEndpoint(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				w.Header().Set("Content-Encoding", "gzip")
				zip := gzip.NewWriter(w)
				defer func() { _ = zip.Close() }()
				_, _ = io.WriteString(zip, jwksText(firstKey()))
				return
			}
			answerWith(firstKey())(w, r)
		})
		for _, options := range [][]JWKSOption{quick(), quick(WithTransport(http.DefaultTransport))} {
			_, err := JWKSURL(t.Context(), e.URL, options...)
			assert.NoError(t, err)
		}
	})
	t.Run("rotation", func(t *testing.T) {
		e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
		set, err := JWKSURL(t.Context(), e.URL, quick()...)
		require.NoError(t, err)
		b := newKeysBackend(t, set, "RS256")
		requireAccepted(t, b, first(t))
		e.change(answerWith(secondKey()))
		eventually(t, "the first one dies", func() bool { _, err := authenticate(b, first(t)); return err != nil })
		requireAccepted(t, b, second(t))
	})
}

// HOSTILE 32, over the network.
func TestJWKSURLFloodOfAServer(t *testing.T) {
	e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
	set, err := JWKSURL(t.Context(), e.URL, WithFetchInterval(50*time.Millisecond), WithFetchObserver(ignoreFetch))
	require.NoError(t, err)
	b := newKeysBackend(t, set, "RS256")
	valid := first(t)
	signature := valid[strings.LastIndexByte(valid, '.'):]
	begin := time.Now()
	var done sync.WaitGroup
	for worker := range 8 {
		done.Go(func() {
			for i := range 1250 {
				token := sign(t, "HS256", testSecret, fmt.Sprintf(`{"alg":"RS256","kid":"%d-%d"}`, worker, i), issuedByMe)
				_, err := authenticate(b, token[:strings.LastIndexByte(token, '.')]+signature)
				assert.ErrorIs(t, err, errSignature)
				if i%50 == 0 {
					_, err = authenticate(b, valid)
					assert.NoError(t, err)
				}
			}
		})
	}
	done.Wait()
	assert.LessOrEqual(t, e.hits.Load(), 1+int64(time.Since(begin)/(50*time.Millisecond))+1)
}

// HOSTILE 75: redirects.
func TestJWKSURLRedirects(t *testing.T) {
	elsewhere := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
	port := elsewhere.URL[strings.LastIndexByte(elsewhere.URL, ':'):]
	for name, c := range map[string]struct{ location, want string }{
		"to another port":        {elsewhere.URL, errRedirect.Error()},
		"to another name":        {"http://localhost" + port, errRedirect.Error()},
		"without a scheme":       {"//127.0.0.1" + port + "/", errRedirect.Error()},
		"to the metadata server": {"http://169.254.169.254/latest/meta-data/", errRedirect.Error()},
		"to another scheme":      {"ftp://127.0.0.1/", errRedirect.Error()},
		"to a file":              {"file:///etc/passwd", errRedirect.Error()},
		"in a circle":            {"/", errRedirect.Error()},
		"to nowhere":             {"", "the status 302"},
		"once":                   {"/1", ""},
		"three times":            {"/3", ""},
		"four times":             {"/4", errRedirect.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
				var left int
				switch _, err := fmt.Sscanf(r.URL.Path, "/%d", &left); {
				case err != nil && c.location == "":
					w.WriteHeader(http.StatusFound)
				case err != nil:
					w.Header().Set("Location", c.location)
					w.WriteHeader(http.StatusFound)
				case left > 1:
					http.Redirect(w, r, fmt.Sprint("/", left-1), http.StatusTemporaryRedirect)
				default:
					answerWith(firstKey())(w, r)
				}
			})
			before := elsewhere.hits.Load()
			_, err := JWKSURL(t.Context(), e.URL, quick()...)
			if c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
			assert.Equal(t, before, elsewhere.hits.Load(), "nobody is sent there")
			assert.LessOrEqual(t, e.hits.Load(), int64(maxRedirects+2))
		})
	}
	t.Run("from HTTPS to HTTP", func(t *testing.T) {
		e := newEndpoint(t, (*httptest.Server).StartTLS, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+r.Host+"/", http.StatusFound)
		})
		_, err := JWKSURL(t.Context(), e.URL, quick(WithTransport(e.Client().Transport))...)
		assert.ErrorContains(t, err, errRedirect.Error())
		assert.Equal(t, int64(1), e.hits.Load())
	})
}

func TestJWKSURLOverTLS(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		e := newEndpoint(t, func(s *httptest.Server) { s.EnableHTTP2 = http2; s.StartTLS() }, answerWith(firstKey()))
		_, err := JWKSURL(t.Context(), e.URL, quick()...)
		assert.ErrorContains(t, err, "certificate", "of an authority that nobody knows")
		assert.Zero(t, e.hits.Load())

		set, err := JWKSURL(t.Context(), e.URL, quick(WithTransport(e.Client().Transport))...)
		require.NoError(t, err)
		b := newKeysBackend(t, set, "RS256")
		requireAccepted(t, b, first(t))
		e.change(answerWith(secondKey()))
		eventually(t, "the second one comes", func() bool { _, err := authenticate(b, second(t)); return err == nil })

		t.Run("with the settings of DefaultTransport", func(t *testing.T) {
			usual := http.DefaultTransport
			defer func() { http.DefaultTransport = usual }()
			http.DefaultTransport = e.Client().Transport
			_, err := JWKSURL(t.Context(), e.URL, quick()...)
			assert.NoError(t, err)
		})
	}
	t.Run("where DefaultTransport is something else", func(t *testing.T) {
		usual := http.DefaultTransport
		defer func() { http.DefaultTransport = usual }()
		http.DefaultTransport = roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("not this one") })
		e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
		_, err := JWKSURL(t.Context(), e.URL, quick()...)
		assert.NoError(t, err)
	})
}

func TestJWKSURLRefuses(t *testing.T) {
	never := WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
		t.Error("it is not asked")
		return nil, errors.New("asked")
	}))
	for address, want := range map[string]string{
		"":                                     "no host",
		"https://":                             "no host",
		"https://:443/":                        "no host",
		"https:issuer.example":                 "no host",
		"/jwks.json":                           "no host",
		"issuer.example/jwks.json":             "no host",
		"://sesame":                            "not a URL",
		"https://issuer.example/%zz?sesame":    "not a URL",
		"https://issuer.example:x/?sesame":     "not a URL",
		"https://issuer.example/\nsesame":      "not a URL",
		"https://user:sesame@issuer.example/":  "it has a user",
		"https://sesame@issuer.example/":       "it has a user",
		"http://user:sesame@127.0.0.1/":        "it has a user",
		"https://issuer.example/#sesame":       "a fragment",
		"ftp://issuer.example/sesame":          "neither HTTPS nor HTTP",
		"file://localhost/etc/sesame":          "neither HTTPS nor HTTP",
		"http://issuer.example/sesame":         "HTTP without TLS",
		"HTTP://issuer.example/sesame":         "HTTP without TLS",
		"http://10.0.0.1/sesame":               "HTTP without TLS",
		"http://0.0.0.0/sesame":                "HTTP without TLS",
		"http://[::]/sesame":                   "HTTP without TLS",
		"http://169.254.169.254/sesame":        "HTTP without TLS",
		"http://127.0.0.1.example/sesame":      "HTTP without TLS",
		"http://localhost.example/sesame":      "HTTP without TLS",
		"http://127.1/sesame":                  "HTTP without TLS",
		"http://2130706433/sesame":             "HTTP without TLS",
		"http://[::ffff:10.0.0.1]/?key=sesame": "HTTP without TLS",
	} {
		t.Run(address, func(t *testing.T) {
			set, err := JWKSURL(t.Context(), address, never)
			require.ErrorContains(t, err, "jwtauth.JWKSURL: ")
			assert.Nil(t, set)
			assert.ErrorContains(t, err, want)
			assert.NotContains(t, err.Error(), "sesame", "HOSTILE 112")
			_, err = JWKSURL(t.Context(), address, never, WithLateStart())
			assert.ErrorContains(t, err, want, "nothing makes that good")
		})
	}
	for setting, option := range map[string]JWKSOption{
		"WithFetchInterval: not positive":                            WithFetchInterval(0),
		"WithFetchInterval: not positive ":                           WithFetchInterval(-time.Second),
		"WithRefresh: less than the interval between fetches, 30s":   WithRefresh(29 * time.Second),
		"WithRefresh: less than the interval between fetches, 30s ":  WithRefresh(0),
		"WithRefresh: less than the interval between fetches, 16m0s": WithFetchInterval(16 * time.Minute),
		"WithFetchObserver: nil":                                     WithFetchObserver(nil),
	} {
		_, err := JWKSURL(t.Context(), localAddress, never, option)
		assert.ErrorContains(t, err, strings.TrimSpace(setting))
	}
	for _, host := range []string{"localhost", "127.0.0.1", "127.5.6.7", "[::1]", "localhost:8080"} {
		p := &publisher{status: 200, body: jwksText(firstKey())}
		_, err := JWKSURL(t.Context(), "http://"+host+"/", WithTransport(p), WithFetchObserver(ignoreFetch))
		assert.NoError(t, err, host)
	}
}

// Without TLS, only what is dialled counts.
func TestJWKSURLDialsLoopbackOnly(t *testing.T) {
	transport := newTransport(true)
	assert.Nil(t, transport.Proxy, "a proxy is no loopback interface")
	for _, address := range []string{"192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:80", "10.0.0.1:80"} {
		_, err := transport.DialContext(t.Context(), "tcp", address)
		assert.ErrorIs(t, err, errNotLocal, address)
	}
	e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
	c, err := transport.DialContext(t.Context(), "tcp", e.Listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, c.Close())

	// As if the name localhost had been made to stand for something else.
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dial(ctx, network, "192.0.2.1:80")
	}
	_, err = JWKSURL(t.Context(), "http://localhost/", WithTransport(transport), WithFetchObserver(ignoreFetch))
	assert.ErrorIs(t, err, errNotLocal)
	assert.NotNil(t, newTransport(false).Proxy)
}

// What is logged holds nothing of the address.
func TestJWKSURLLogs(t *testing.T) {
	var text bytes.Buffer
	usual := slog.Default()
	defer slog.SetDefault(usual)
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	e := newEndpoint(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "sesame", 500) })
	_, err := JWKSURL(t.Context(), e.URL+"/sesame?key=sesame")
	require.Error(t, err)
	assert.Contains(t, text.String(), "level=WARN")
	assert.Contains(t, text.String(), "the answer has the status 500")
	assert.NotContains(t, text.String(), "sesame", "HOSTILE 112")
	text.Reset()
	e.change(answerWith(firstKey()))
	_, err = JWKSURL(t.Context(), e.URL)
	require.NoError(t, err)
	assert.Empty(t, text.String())
	e.Close()
	_, err = JWKSURL(t.Context(), e.URL+"/?key=sesame")
	require.Error(t, err)
	assert.NotContains(t, text.String()+err.Error(), "sesame", "HOSTILE 112")
}

func TestJWKSURLLeavesNoGoroutines(t *testing.T) {
	e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
	before := goruntime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	for range 5 {
		_, err := JWKSURL(ctx, e.URL, quick()...)
		require.NoError(t, err)
		_, err = JWKSURL(ctx, e.URL, quick(WithRefresh(0))...)
		require.Error(t, err)
	}
	eventually(t, "fetches", func() bool { return e.hits.Load() > 50 })
	cancel()
	eventually(t, "goroutines end, and connections", func() bool { return goruntime.NumGoroutine() <= before })
	hits := e.hits.Load()
	time.Sleep(50 * time.Millisecond)
	assert.Equal(t, hits, e.hits.Load())
}

// What a configuration with such keys must have.
func TestJWKSURLInAConfiguration(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		set := fetchedKeys(t, ctx, p)
		_, err := New(Config{Keys: set, Algorithms: []string{"RS256"}})
		assert.ErrorContains(t, err, "jwtauth.New: Issuer: empty")
		for _, alg := range []string{"ES256", "PS256", "HS256"} {
			_, err = New(Config{Keys: set, Algorithms: []string{"RS256", alg}, Issuer: "me"})
			assert.ErrorContains(t, err, "Algorithms[1]: ")
			assert.ErrorContains(t, err, alg)
		}
		_, err = New(Config{Keys: set, Issuer: "me"})
		assert.ErrorContains(t, err, "Algorithms: empty")

		p.set(func(p *publisher) { p.status = 500 })
		unknown := fetchedKeys(t, ctx, p, WithLateStart())
		_, err = New(Config{Keys: unknown, Algorithms: []string{"RS256"}})
		assert.ErrorContains(t, err, "jwtauth.New: Issuer: empty")
		b := newKeysBackend(t, unknown, "RS256", "ES256", "HS256") // not judged, but never accepted either
		p.set(func(p *publisher) { p.status = 200 })
		time.Sleep(defaultInterval + time.Second)
		requireAccepted(t, b, first(t))
		for name, secret := range map[string][]byte{"PEM": publicPEM(t, rsaKey()), "JWK": []byte(firstKey()), "secret": testSecret} {
			for _, id := range []string{"", "1"} {
				requireRefused(t, b, signWithID(t, "HS256", secret, id), errSignature)
			}
			requireRefused(t, b, sign(t, "HS256", secret, `{"alg":"RS256","kid":"1"}`, issuedByMe), errSignature)
			_ = name
		}
		requireRefused(t, b, signWithID(t, "ES256", ecKey(), "1"), errSignature)
	})
}

// HOSTILE 31: a kid that two issuers use. Keys of the one never verify tokens of
// the other, whatever is fetched.
func TestJWKSURLOfTwoIssuers(t *testing.T) {
	inBubble(t, func(t *testing.T, ctx context.Context, p *publisher) {
		q := &publisher{status: 200, body: jwksText(jwkText(&otherRSAKey().PublicKey, "kid", `"1"`))}
		b, err := New(Config{
			Issuer: "me", Keys: fetchedKeys(t, ctx, p), Algorithms: []string{"RS256"},
			Others: []TrustedIssuer{{Issuer: "other", Keys: fetchedKeys(t, ctx, q), Algorithms: []string{"RS256"}, UserIDPrefix: "other:"}},
			Now:    func() time.Time { return testNow },
		})
		require.NoError(t, err)
		token := func(id, issuer string, key any) string {
			return sign(t, "RS256", key, fmt.Sprintf(`{"alg":"RS256","kid":%q}`, id), with("iss", fmt.Sprintf("%q", issuer)))
		}
		requireAccepted(t, b, token("1", "me", rsaKey()))
		requireAccepted(t, b, token("1", "other", otherRSAKey()))
		requireRefused(t, b, token("1", "other", rsaKey()), errSignature)
		requireRefused(t, b, token("1", "me", otherRSAKey()), errSignature)
		time.Sleep(defaultInterval)
		requireRefused(t, b, token("2", "me", rsaKey()), errSignature)
		assert.Equal(t, 2, p.fetches())
		assert.Equal(t, 1, q.fetches(), "a token makes nobody ask but its own issuer")
		requireRefused(t, b, token("2", "third", rsaKey()), errIssuer)
		assert.Equal(t, []int{2, 1}, []int{p.fetches(), q.fetches()})
	})
}

// HOSTILE 30: what a token says about where its key is moves nobody.
func TestJWKSURLIgnoresAddressesOfTokens(t *testing.T) {
	attacker := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	evil := newEndpoint(t, (*httptest.Server).Start, answerWith(jwkText(&attacker.PublicKey, "kid", `"evil"`)))
	e := newEndpoint(t, (*httptest.Server).Start, answerWith(jwkText(&ecKey().PublicKey, "kid", `"1"`)))
	set, err := JWKSURL(t.Context(), e.URL, quick()...)
	require.NoError(t, err)
	b := newKeysBackend(t, set, "ES256")
	jwk := jwkText(&attacker.PublicKey, "kid", `"1"`)
	for _, header := range []string{
		`{"alg":"ES256","kid":"evil","jku":"` + evil.URL + `"}`,
		`{"alg":"ES256","kid":"` + evil.URL + `","x5u":"` + evil.URL + `"}`,
		`{"alg":"ES256","kid":"1","jwk":` + jwk + `}`,
		`{"alg":"ES256","jwk":` + jwk + `,"jku":"` + evil.URL + `"}`,
	} {
		requireRefused(t, b, sign(t, "ES256", attacker, header, issuedByMe), errSignature)
	}
	assert.Zero(t, evil.hits.Load())
	requireAccepted(t, b, sign(t, "ES256", ecKey(), `{"alg":"ES256","kid":"1","jku":"`+evil.URL+`"}`, issuedByMe))
}

// An observer that ends its goroutine, as a failed assertion does, must not leave a
// fetch under way for ever.
func TestJWKSURLObserverThatEnds(t *testing.T) {
	e := newEndpoint(t, (*httptest.Server).Start, answerWith(firstKey()))
	_, err := JWKSURL(t.Context(), e.URL, quick(WithLateStart(), WithFetchObserver(func(error) { goruntime.Goexit() }))...)
	require.NoError(t, err)
	eventually(t, "further fetches", func() bool { return e.hits.Load() > 3 })
}
