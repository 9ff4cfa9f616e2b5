package throttle_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	goruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

const window = 15 * time.Minute

// A clock is a time that stands still until it is moved.
type clock struct{ nanoseconds atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanoseconds.Store(time.Unix(1_750_000_000, 0).UnixNano())
	return c
}

func (c *clock) now() time.Time       { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) move(d time.Duration) { c.nanoseconds.Add(int64(d)) }

func newLimiter(t testing.TB, config throttle.Config) (*throttle.Limiter, *clock) {
	t.Helper()
	clock := newClock()
	config.Now = clock.now
	l, err := throttle.New(config)
	require.NoError(t, err)
	return l, clock
}

// from returns a request of a client.
func from(address string) *http.Request {
	return &http.Request{RemoteAddr: address, Header: http.Header{}}
}

// bot returns a request of the attacker's n-th address.
func bot(n int) *http.Request {
	return from(fmt.Sprintf("10.%d.%d.%d:4711", n>>16&255, n>>8&255, n&255))
}

// guess makes a guess that is wrong, and returns whether it was judged, or else
// how long to wait.
func guess(t testing.TB, l *throttle.Limiter, r *http.Request, account string) (bool, time.Duration) {
	t.Helper()
	attempt, err := l.Begin(r, account)
	if err == nil {
		require.NotNil(t, attempt)
		return true, 0
	}
	assert.Nil(t, attempt)
	assert.ErrorIs(t, err, runtime.ErrTooManyRequests)
	var answer *runtime.Error
	require.ErrorAs(t, err, &answer)
	require.Positive(t, answer.RetryAfter)
	return false, answer.RetryAfter
}

// guesses makes n guesses and returns how many were judged.
func guesses(t testing.TB, l *throttle.Limiter, r *http.Request, account string, n int) (judged int) {
	t.Helper()
	for range n {
		if ok, _ := guess(t, l, r, account); ok {
			judged++
		}
	}
	return judged
}

// logIn sends the right credential and returns whether it was judged.
func logIn(l *throttle.Limiter, r *http.Request, account string) bool {
	attempt, err := l.Begin(r, account)
	attempt.Succeeded()
	return err == nil
}

func TestByAddress(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	attacker := from("192.0.2.1:1")
	for i := range 50 {
		ok, _ := guess(t, l, attacker, fmt.Sprint("user", i))
		require.True(t, ok, i)
	}
	ok, wait := guess(t, l, attacker, "another")
	assert.False(t, ok)
	assert.Equal(t, 18*time.Second, wait)
	assert.False(t, logIn(l, attacker, "another"), "the right credential is not looked at, either")
	assert.True(t, logIn(l, from("192.0.2.2:1"), "another"), "another address")

	clock.move(wait - 1)
	ok, rest := guess(t, l, attacker, "another")
	assert.False(t, ok)
	assert.Equal(t, time.Duration(1), rest, "what is refused does not count")
	clock.move(rest)
	assert.Equal(t, 1, guesses(t, l, attacker, "another", 3), "it was worth waiting")
	clock.move(window)
	assert.Equal(t, 50, guesses(t, l, attacker, "", 100), "all came back")
}

func TestByAddressWithoutAccount(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{PerAccount: 1})
	assert.Equal(t, 50, guesses(t, l, from("192.0.2.1:1"), "", 100))
	assert.Equal(t, 50, guesses(t, l, from("192.0.2.2:1"), "", 100), "no account is no account that all share")
	assert.False(t, logIn(l, from("192.0.2.1:1"), ""))
}

func TestByAccount(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	home, cafe := from("198.51.100.7:1"), from("203.0.113.9:1")
	require.True(t, logIn(l, home, "alice"))

	attacker := from("192.0.2.1:1")
	assert.Equal(t, 10, guesses(t, l, attacker, "alice", 20))
	ok, wait := guess(t, l, attacker, "alice")
	assert.False(t, ok)
	assert.Equal(t, window, wait)
	assert.False(t, logIn(l, attacker, "alice"), "the attacker's right guess is not looked at")
	assert.True(t, logIn(l, attacker, "bob"), "another account")

	assert.True(t, logIn(l, cafe, "alice"), "the owner, at a new address")
	assert.Equal(t, 5, guesses(t, l, home, "alice", 5), "the owner mistypes, at an address that is known")
	assert.True(t, logIn(l, home, "alice"))
	assert.Equal(t, 5, guesses(t, l, cafe, "alice", 5), "it is known by now")

	train := from("203.0.113.10:1")
	assert.Equal(t, 1, guesses(t, l, train, "alice", 5), "mistyped at a new address")
	assert.False(t, logIn(l, train, "alice"))
	clock.move(window)
	assert.True(t, logIn(l, train, "alice"), "after a window")
}

func TestKnownAddressesAreForgotten(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	home := from("198.51.100.7:1")
	require.True(t, logIn(l, home, "alice"))
	clock.move(30*24*time.Hour - 1)
	assert.Equal(t, 20, guesses(t, l, home, "alice", 20))
	clock.move(1)
	assert.Zero(t, guesses(t, l, home, "alice", 20))
}

func TestKnownAddressIsKnownToOneAccount(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	attacker := from("192.0.2.1:1")
	judged := 0
	for range 100 { // logs in to an own account between any two guesses
		logIn(l, attacker, "mallory")
		judged += guesses(t, l, attacker, "alice", 1)
	}
	assert.Equal(t, 10, judged)
	for i := range 100 {
		logIn(l, attacker, "mallory")
		judged += guesses(t, l, attacker, fmt.Sprint("user", i), 1)
	}
	assert.Equal(t, 50, judged, "a success clears no failures of the address")
}

// A botnet guesses at one account as fast as it is let, for three hours. The owner logs in all the while, always from
// elsewhere.
func TestBotnet(t *testing.T) {
	const bots, windows = 100, 12
	l, clock := newLimiter(t, throttle.Config{})
	judged := 0
	for minute := range windows * 15 {
		for n := range bots {
			judged += guesses(t, l, bot(n), "alice", 1)
		}
		if minute%10 == 0 {
			require.True(t, logIn(l, from(fmt.Sprintf("198.51.%d.%d:1", minute>>8, minute&255)), "alice"), minute)
		}
		clock.move(time.Minute)
	}
	// At first the account has 10, and then one a window; each address has its own first.
	assert.LessOrEqual(t, judged, 10+windows*(bots+1))
	assert.GreaterOrEqual(t, judged, windows*bots/2, "the bots do their worst")
}

// HOSTILE 85
func TestManyGuesses(t *testing.T) {
	const perMinute = 100_000
	l, clock := newLimiter(t, throttle.Config{})
	honest := from("198.51.100.7:1")
	attacker := from("192.0.2.1:1")
	judged := 0
	for i := range perMinute {
		judged += guesses(t, l, attacker, fmt.Sprint("user", i%1000), 1)
		if i%10_000 == 0 {
			require.True(t, logIn(l, honest, "user7"))
		}
		clock.move(time.Minute / perMinute)
	}
	assert.Equal(t, 50+3, judged)
}

func TestMemoryIsBounded(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	long := strings.Repeat("x", 1000)
	heap := func() uint64 {
		goruntime.GC()
		var stats goruntime.MemStats
		goruntime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	for n := range 100_000 {
		attempt, err := l.Begin(bot(n), fmt.Sprint("user", n, long))
		require.NoError(t, err)
		if n%2 == 0 {
			attempt.Succeeded()
		}
		clock.move(time.Millisecond)
	}
	after := heap()
	assert.Less(t, int64(after)-int64(before), int64(1<<20))
	goruntime.KeepAlive(l)
}

// Whoever floods a table forgets more of what they did than of what others did.
func TestEviction(t *testing.T) {
	for seed := range uint64(3) {
		l, clock := newLimiter(t, throttle.Config{Size: 1024})
		random := rand.New(rand.NewPCG(seed, 0))
		attacker := bot(0)
		require.Equal(t, 10, guesses(t, l, attacker, "alice", 20))
		require.Equal(t, 50-10, guesses(t, l, attacker, "", 100))
		for range 30_000 { // from and at whatever there is, thirty times what a table holds
			_, _ = guess(t, l, bot(1+random.IntN(1<<20)), fmt.Sprint("user", random.IntN(1<<20)))
			clock.move(time.Microsecond)
		}
		ok, wait := guess(t, l, attacker, "alice")
		assert.False(t, ok, "the address")
		assert.Positive(t, wait)
		l.Begin(bot(1<<23), "alice") // it has not failed there
		ok, _ = guess(t, l, bot(1<<23), "alice")
		assert.False(t, ok, "the account")
	}
}

func TestSuccessesGiveWayToSuccessesOnly(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{Size: 1024})
	home := from("198.51.100.7:1")
	require.True(t, logIn(l, home, "alice"))
	for n := range 30_000 {
		_, _ = guess(t, l, bot(n), fmt.Sprint("user", n%1000))
		clock.move(time.Microsecond)
	}
	require.Equal(t, 10, guesses(t, l, bot(1<<23), "alice", 20))
	assert.Equal(t, 20, guesses(t, l, home, "alice", 20), "the owner mistypes")
}

func TestAtOnce(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	var judged atomic.Int64
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() {
			if attempt, err := l.Begin(from("192.0.2.1:1"), "alice"); err == nil {
				judged.Add(1)
				goruntime.KeepAlive(attempt) // nobody knows yet
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 10, judged.Load())
}

func TestSucceededAtOnce(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	home := from("198.51.100.7:1")
	require.True(t, logIn(l, home, "alice"))
	var wg sync.WaitGroup
	for range 40 { // not more than an address has at once
		wg.Go(func() {
			for range 100 {
				assert.True(t, logIn(l, home, "alice"))
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 50, guesses(t, l, home, "alice", 100), "none of them is left to count")
}

func TestEndsOnce(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	r := from("192.0.2.1:1")
	attempt, err := l.Begin(r, "alice")
	require.NoError(t, err)
	require.Equal(t, 9, guesses(t, l, r, "alice", 20))
	attempt.Undecided()
	for range 5 {
		attempt.Succeeded()
		attempt.Undecided()
	}
	assert.Equal(t, 1, guesses(t, l, r, "alice", 20), "one was taken back, once")
}

func TestUndecided(t *testing.T) {
	undecided := func(l *throttle.Limiter, r *http.Request, account string) bool {
		attempt, err := l.Begin(r, account)
		attempt.Undecided()
		return err == nil
	}
	t.Run("counts nothing", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{})
		for range 1000 {
			require.True(t, undecided(l, from("192.0.2.1:1"), "alice"))
		}
		assert.Equal(t, 10, guesses(t, l, from("192.0.2.1:1"), "alice", 20))
		assert.Equal(t, 1, guesses(t, l, from("192.0.2.2:1"), "alice", 20), "the address is not known by it")
	})
	t.Run("leaves the address new", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{})
		require.True(t, undecided(l, from("192.0.2.1:1"), "alice"))
		require.Equal(t, 10, guesses(t, l, from("192.0.2.2:1"), "alice", 20))
		assert.True(t, undecided(l, from("192.0.2.1:1"), "alice"), "during the attack")
		assert.Equal(t, 1, guesses(t, l, from("192.0.2.1:1"), "alice", 20))
	})
	t.Run("clears no failure that was before", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{})
		first := from("192.0.2.1:1")
		require.Equal(t, 1, guesses(t, l, first, "alice", 1))
		require.True(t, undecided(l, first, "alice"))
		require.Equal(t, 9, guesses(t, l, from("192.0.2.2:1"), "alice", 20))
		assert.Zero(t, guesses(t, l, first, "alice", 1))
	})
	t.Run("clears no failure that was meanwhile", func(t *testing.T) {
		l, clock := newLimiter(t, throttle.Config{})
		first := from("192.0.2.1:1")
		attempt, err := l.Begin(first, "alice")
		require.NoError(t, err)
		clock.move(time.Millisecond)
		require.Equal(t, 1, guesses(t, l, first, "alice", 1))
		attempt.Undecided()
		require.Equal(t, 9, guesses(t, l, from("192.0.2.2:1"), "alice", 20))
		assert.Zero(t, guesses(t, l, first, "alice", 1))
	})
	t.Run("does not end an attack", func(t *testing.T) {
		l, clock := newLimiter(t, throttle.Config{})
		attacker := from("192.0.2.1:1")
		require.Equal(t, 10, guesses(t, l, attacker, "alice", 20))
		clock.move(time.Second)
		for n := range 1000 {
			require.True(t, undecided(l, bot(n), "alice"))
		}
		assert.Zero(t, guesses(t, l, attacker, "alice", 20))
	})
	t.Run("nor do successes", func(t *testing.T) {
		l, clock := newLimiter(t, throttle.Config{})
		attacker := from("192.0.2.1:1")
		require.Equal(t, 10, guesses(t, l, attacker, "alice", 20))
		clock.move(time.Second)
		for n := range 1000 {
			require.True(t, logIn(l, bot(n), "alice"))
		}
		assert.Zero(t, guesses(t, l, attacker, "alice", 20))
	})
}

func TestAttackIsForgotten(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	require.Equal(t, 10, guesses(t, l, bot(0), "alice", 20))
	for n := range 1000 {
		require.Equal(t, 1, guesses(t, l, bot(1+n), "alice", 2))
	}
	clock.move(10*window - 1)
	assert.Equal(t, 9, guesses(t, l, bot(0), "alice", 20))
	clock.move(10 * window)
	assert.Equal(t, 10, guesses(t, l, bot(0), "alice", 20), "after ten windows, however many there were")
}

func TestAccountsAreOneInAnyCase(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	r := from("192.0.2.1:1")
	assert.Equal(t, 4, guesses(t, l, r, "Alice", 4))
	assert.Equal(t, 6, guesses(t, l, r, "aLICE", 20))
	assert.Equal(t, 10, guesses(t, l, r, "alice ", 20))
}

func TestClockSetBack(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	r := from("192.0.2.1:1")
	clock.move(1000 * time.Hour)
	require.Equal(t, 50, guesses(t, l, r, "", 100))
	clock.move(-1000 * time.Hour)
	ok, wait := guess(t, l, r, "")
	assert.False(t, ok)
	assert.LessOrEqual(t, wait, 18*time.Second, "not a thousand hours")
}

func TestNil(t *testing.T) {
	var l *throttle.Limiter
	for range 1000 {
		attempt, err := l.Begin(from("192.0.2.1:1"), "alice")
		require.NoError(t, err)
		attempt.Succeeded()
		attempt.Undecided()
	}
	new(throttle.Attempt).Succeeded()
}

func TestRefusesWhenNotMade(t *testing.T) { // HOSTILE 124
	_, err := new(throttle.Limiter).Begin(from("192.0.2.1:1"), "alice")
	require.Error(t, err)
	assert.NotErrorIs(t, err, runtime.ErrTooManyRequests, "that is the client's fault")
}

func TestRefusalIsTheSentinelsAnswer(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{PerAddress: 1})
	_, _ = l.Begin(from("192.0.2.1:1"), "alice")
	_, err := l.Begin(from("192.0.2.1:1"), "alice")
	var answer, sentinel *runtime.Error
	require.True(t, errors.As(err, &answer))
	require.True(t, errors.As(runtime.ErrTooManyRequests, &sentinel))
	assert.Equal(t, sentinel.Status, answer.Status)
	assert.Equal(t, sentinel.Detail, answer.Detail)
	assert.NotContains(t, err.Error(), "alice")
}

func TestSettings(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{PerAddress: 5, PerAccount: 2, Window: time.Minute})
	r := from("192.0.2.1:1")
	assert.Equal(t, 2, guesses(t, l, r, "alice", 10))
	_, wait := guess(t, l, r, "alice")
	assert.Equal(t, time.Minute, wait)
	assert.Equal(t, 3, guesses(t, l, r, "", 10))
	_, wait = guess(t, l, r, "")
	assert.Equal(t, 12*time.Second, wait)
}

func TestNewRefuses(t *testing.T) {
	prefixes := func(texts ...string) (list []netip.Prefix) {
		for _, text := range texts {
			list = append(list, netip.MustParsePrefix(text))
		}
		return list
	}
	cases := []struct {
		name   string
		config throttle.Config
		want   string
	}{
		{"no address ever", throttle.Config{PerAddress: -1}, "PerAddress: "},
		{"too many of an address", throttle.Config{PerAddress: 10_001}, "PerAddress: "},
		{"no account ever", throttle.Config{PerAccount: -1}, "PerAccount: "},
		{"too many of an account", throttle.Config{PerAccount: 1001}, "PerAccount: "},
		{"window of a nanosecond", throttle.Config{Window: 1}, "Window: "},
		{"negative window", throttle.Config{Window: -time.Hour}, "Window: "},
		{"window of days", throttle.Config{Window: 25 * time.Hour}, "Window: "},
		{"small tables", throttle.Config{Size: 1}, "Size: "},
		{"big tables", throttle.Config{Size: 1<<22 + 1}, "Size: "},
		{"no prefix", throttle.Config{TrustedProxies: []netip.Prefix{{}}}, "TrustedProxies[0]: "},
		{"everybody", throttle.Config{TrustedProxies: prefixes("10.0.0.0/8", "0.0.0.0/0")}, "TrustedProxies[1]: trusts everybody"},
		{"everybody by IPv6", throttle.Config{TrustedProxies: prefixes("::/0")}, "TrustedProxies[0]: trusts everybody"},
		{"IPv4 in IPv6", throttle.Config{TrustedProxies: []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr("::ffff:10.0.0.0"), 104)}}, "TrustedProxies[0]: "},
		{"header without proxies", throttle.Config{ForwardedFor: "X-Real-IP"}, "ForwardedFor: set without TrustedProxies"},
		{"Forwarded", throttle.Config{ForwardedFor: "forwarded", TrustedProxies: prefixes("10.0.0.0/8")}, "ForwardedFor: "},
		{"two headers", throttle.Config{ForwardedFor: "X-Real-IP, X-Forwarded-For", TrustedProxies: prefixes("10.0.0.0/8")}, "ForwardedFor: "},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l, err := throttle.New(c.config)
			require.Error(t, err)
			assert.Nil(t, l)
			assert.Contains(t, err.Error(), "throttle.New: ")
			assert.Contains(t, err.Error(), c.want)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := throttle.New(throttle.Config{PerAddress: -1, Size: 5, TrustedProxies: []netip.Prefix{{}}})
		for _, want := range []string{"PerAddress", "Size", "TrustedProxies[0]"} {
			assert.ErrorContains(t, err, want)
		}
	})
}

func TestPrintsNoAccount(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{Size: 1024})
	attempt, err := l.Begin(from("192.0.2.1:1"), "alice")
	require.NoError(t, err)
	text := fmt.Sprintf("%v %+v %#v %+v %#v", l, l, l, attempt, attempt)
	assert.NotContains(t, text, "alice")
	assert.Less(t, len(text), 2000, "no tables, and no seed of hashes")
}

func BenchmarkBegin(b *testing.B) {
	l, err := throttle.New(throttle.Config{})
	require.NoError(b, err)
	r := from("192.0.2.1:4711")
	b.ReportAllocs()
	for b.Loop() {
		attempt, err := l.Begin(r, "alice")
		if err != nil {
			b.Fatal(err)
		}
		attempt.Succeeded()
	}
}

// A client that sends many requests at once with one credential makes one guess, whatever becomes of them.
func TestBeginWith(t *testing.T) {
	good, bad := [32]byte{1}, [32]byte{2}
	begin := func(l *throttle.Limiter, r *http.Request, credential [32]byte) (*throttle.Attempt, error) {
		return l.BeginWith(r, "alice", credential)
	}
	many := func(t *testing.T, l *throttle.Limiter, credential [32]byte) (attempts []*throttle.Attempt) {
		for range 200 {
			a, err := begin(l, bot(1), credential)
			require.NoError(t, err)
			attempts = append(attempts, a)
		}
		return attempts
	}
	judged := func(t *testing.T, l *throttle.Limiter) (n int) { // how many failures the address has left
		for {
			if _, err := l.Begin(bot(1), ""); err != nil {
				return n
			}
			n++
		}
	}
	t.Run("succeeded", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{})
		for _, a := range many(t, l, good) {
			a.Succeeded()
		}
		assert.Equal(t, 50, judged(t, l))
	})
	t.Run("failed", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{})
		for _, a := range many(t, l, bad) {
			a.Failed()
		}
		assert.Equal(t, 49, judged(t, l))
		_, err := begin(l, bot(1), bad)
		assert.ErrorIs(t, err, runtime.ErrTooManyRequests, "it was judged; now it is another guess")
	})
	t.Run("undecided, all of them", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{})
		for _, a := range many(t, l, bad) {
			a.Undecided()
		}
		assert.Equal(t, 50, judged(t, l))
	})
	t.Run("undecided, but for one that failed", func(t *testing.T) {
		for failed := range 3 {
			l, _ := newLimiter(t, throttle.Config{})
			attempts := many(t, l, bad)
			for i, a := range attempts {
				if i == failed*(len(attempts)-1)/2 { // the first, one in the middle, the last
					a.Failed()
				} else {
					a.Undecided()
				}
			}
			assert.Equal(t, 49, judged(t, l), failed)
		}
	})
	t.Run("other credentials, addresses and accounts are other guesses", func(t *testing.T) {
		l, _ := newLimiter(t, throttle.Config{PerAccount: 1})
		_, err := begin(l, bot(1), bad)
		require.NoError(t, err)
		_, err = begin(l, bot(1), good)
		require.ErrorIs(t, err, runtime.ErrTooManyRequests)
		_, err = begin(l, bot(1), bad)
		require.NoError(t, err, "the same one")
		for range 2 { // an address that has not failed there has one guess, and not a share in one of somebody else's
			_, err = l.BeginWith(bot(2), "alice", [32]byte{3})
			require.NoError(t, err)
			_, err = l.BeginWith(bot(2), "alice", bad)
			require.ErrorIs(t, err, runtime.ErrTooManyRequests)
		}
		_, err = l.BeginWith(bot(1), "bob", bad)
		require.NoError(t, err)
	})
	t.Run("nobody counts", func(t *testing.T) {
		var l *throttle.Limiter
		a, err := begin(l, bot(1), bad)
		require.NoError(t, err)
		a.Failed()
		_, err = begin(new(throttle.Limiter), bot(1), bad)
		require.Error(t, err)
	})
}

func TestSharedAtOnce(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	var clients sync.WaitGroup
	for client := range 16 {
		clients.Go(func() {
			for i := range 500 {
				a, err := l.BeginWith(from("192.0.2.1:1"), "alice", [32]byte{byte(i % 3)})
				if !assert.NoError(t, err) {
					return
				}
				if client%4 == 0 {
					a.Undecided()
				} else {
					a.Succeeded()
				}
			}
		})
	}
	clients.Wait()
	for i := range 50 {
		_, err := l.Begin(from("192.0.2.1:1"), "")
		require.NoError(t, err, i)
	}
}

// Networks of IPv6 that are had for nothing have one guess at an account that is under attack, not one for each of 65,536 addresses.
func TestNetworksOfIPv6(t *testing.T) {
	l, _ := newLimiter(t, throttle.Config{})
	judged := 0
	for i := range 10_000 {
		if ok, _ := guess(t, l, from(fmt.Sprintf("[2001:db8:1:%x::1]:1", i)), "alice"); ok {
			judged++
		}
	}
	assert.Equal(t, 10, judged)
	attempt, err := l.Begin(from("[2001:db8:2::1]:1"), "alice")
	require.NoError(t, err, "the owner, elsewhere")
	attempt.Succeeded()
	ok, _ := guess(t, l, from("[2001:db8:2:1::1]:1"), "alice")
	assert.True(t, ok, "another address of the owner's network, which has not failed")
	ok, _ = guess(t, l, from("[2001:db8:2:2::1]:1"), "alice")
	assert.False(t, ok)
	ok, _ = guess(t, l, from("[2001:db8:2::1]:1"), "alice")
	assert.True(t, ok, "known is the address that succeeded")
}

// A clock that was ahead for a while, and is put right, does not shut out for long who has never failed.
func TestClockAheadForAWhile(t *testing.T) {
	l, clock := newLimiter(t, throttle.Config{})
	r := from("192.0.2.1:1")
	a, err := l.Begin(r, "alice")
	require.NoError(t, err)
	a.Succeeded()
	clock.move(-50 * time.Minute)
	_, _ = l.Begin(r, "bob") // may be refused, for some seconds
	for range 4 {
		clock.move(10 * time.Minute)
		_, err = l.Begin(r, "bob")
		assert.NoError(t, err)
	}
}
