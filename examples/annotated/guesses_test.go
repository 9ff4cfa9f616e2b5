package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/internal/leak"
	"github.com/boltauthgen/boltauthgen/runtime/apikey"
)

const (
	maxGrowth = 32 << 20         // of the heap, in bytes
	window    = 15 * time.Minute // that the limits are for

	owner   = "127.0.0.2" // where alice is
	another = "127.0.0.4" // where nobody has been before
)

// A request is what a visitor sends. The header fields are names and values in turn.
type request struct {
	method, path, body string
	header             []string
}

func withKey(text string) request {
	return request{"GET", "/internal", "", []string{"X-API-Key", text}}
}

func withPassword(path, username, text string) request {
	return request{"POST", path, fmt.Sprintf(`{"username":%q,"password":%q}`, username, text), nil}
}

// A visitor sends requests from an address of their own, over connections that stay open until they leave.
type visitor struct {
	url       string
	transport *http.Transport
}

// visitor returns one at an address of the loopback network.
func (b *blog) visitor(address string) visitor {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return visitor{b.url, &http.Transport{DialContext: dialer.DialContext}}
}

func (v visitor) leave() { v.transport.CloseIdleConnections() }

// send ends no test, so that it can be called from any goroutine.
func (v visitor) send(ctx context.Context, q request) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, v.url+q.path, strings.NewReader(q.body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(q.header); i += 2 {
		r.Header.Set(q.header[i], q.header[i+1])
	}
	response, err := v.transport.RoundTrip(r) // follows no redirect
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

// A tally is how guesses were answered.
type tally struct {
	judged, refused atomic.Int64
	took            time.Duration
}

// count returns an error for an answer that no guess may get: it must be 401, or 429 with when to try again.
func (c *tally) count(a answer) error {
	wait, err := strconv.Atoi(a.header.Get("Retry-After"))
	switch {
	case a.status == http.StatusUnauthorized && a.header["Retry-After"] == nil:
		c.judged.Add(1)
	case a.status == http.StatusTooManyRequests && err == nil && 0 < wait && wait <= int(window.Seconds()):
		c.refused.Add(1)
	default:
		return fmt.Errorf("a guess got %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
	return nil
}

// attack sends so many guesses from each address. Each processor has a guesser of its own, who goes from address to address. They send
// what the function returns for numbers that are all different.
func (b *blog) attack(addresses []string, each int, guess func(i int64) request) (*tally, error) {
	guessers := runtime.GOMAXPROCS(0)
	began := time.Now()
	var counted tally
	var next atomic.Int64
	results := make(chan error)
	from := func(address string) error {
		v := b.visitor(address)
		defer v.leave()
		for range each / guessers {
			a, err := v.send(b.t.Context(), guess(next.Add(1)))
			if err := errors.Join(err, counted.count(a)); err != nil {
				return err
			}
		}
		return nil
	}
	for range guessers {
		go func() {
			var err error
			for i := 0; i < len(addresses) && err == nil; i++ {
				err = from(addresses[i])
			}
			results <- err
		}()
	}
	var err error
	for range guessers {
		err = errors.Join(err, <-results)
	}
	counted.took = time.Since(began)
	return &counted, err
}

// A victim is alice, whose key and password others guess. She has a token and a session from before.
type victim struct {
	*blog
	key            string
	token, session []string
}

const alicesPassword = "secret" // the one of hashOfDjango

func newVictim(t *testing.T) *victim {
	t.Helper()
	b := newBlog(t, nil)
	alice, err := b.server.users.ByName(t.Context(), "alice")
	require.NoError(t, err)
	key, err := b.server.keys.Create(t.Context(), alice, "laptop")
	require.NoError(t, err)
	leak.Secret(key)
	cookie, _ := b.logInSession("alice")
	v := &victim{blog: b, key: key, token: b.as("alice"), session: []string{"Cookie", cookie}}
	v.makePasswordCheap()
	return v
}

// makePasswordCheap keeps the test short: guesses that are judged cost little. Each login puts something better in its place.
func (v *victim) makePasswordCheap() {
	v.t.Helper()
	_, err := v.server.users.db.ExecContext(v.t.Context(), `UPDATE users SET password = ? WHERE username = 'alice'`, hashOfDjango)
	require.NoError(v.t, err)
}

// get returns what a request gets from an address.
func (v *victim) get(address string, q request) answer {
	v.t.Helper()
	at := v.visitor(address)
	defer at.leave()
	a, err := at.send(v.t.Context(), q)
	require.NoError(v.t, err)
	return a
}

// assertServed asserts that alice is served: with password and key where she has not failed, and with what she had before where the
// guesser is, too.
func (v *victim) assertServed(address, guesser string) {
	v.t.Helper()
	password := v.get(address, withPassword("/auth/token", "alice", alicesPassword))
	v.makePasswordCheap()
	for name, a := range map[string]answer{
		"password": password,
		"key":      v.get(address, withKey(v.key)),
		"token":    v.get(guesser, request{"GET", "/me", "", v.token}),
		"session":  v.get(guesser, request{"GET", "/me", "", v.session}),
	} {
		assert.Equal(v.t, http.StatusOK, a.status, "%s: %s", name, a.body)
	}
}

// resist has alice attacked, and asserts that she is served meanwhile, that memory does not grow, and that every guess is answered. It
// returns how many were judged.
func (v *victim) resist(addresses []string, each int, guess func(i int64) request) *tally {
	v.t.Helper()
	v.assertServed(owner, addresses[0]) // what is made once is there
	heap, tables := heapSize(), v.tables()
	attacked := make(chan error)
	var counted *tally
	go func() {
		var err error
		counted, err = v.attack(addresses, each, guess)
		attacked <- err
	}()
	rounds, slowest := 0, time.Duration(0)
	for over := false; !over; {
		select {
		case err := <-attacked:
			require.NoError(v.t, err)
			over = true
		case <-time.After(200 * time.Millisecond): // hashing alice's password again and again would take more than the guesses
			began := time.Now()
			v.assertServed(owner, addresses[0])
			rounds, slowest = rounds+1, max(slowest, time.Since(began))
		}
	}
	growth := heapSize() - heap
	v.t.Logf("%d guesses judged, %d refused in %s; the heap grew by %d KiB; the owner was served %d times, the slowest took %s",
		counted.judged.Load(), counted.refused.Load(), counted.took.Round(time.Millisecond), growth>>10, rounds, slowest.Round(time.Millisecond))
	assert.EqualValues(v.t, len(addresses)*each, counted.judged.Load()+counted.refused.Load())
	assert.Positive(v.t, rounds, "the owner came between guesses")
	assert.Less(v.t, growth, int64(maxGrowth))
	assert.Equal(v.t, tables, v.tables())
	v.assertServed(another, addresses[0])
	return counted
}

// heapSize returns how many bytes are in use.
func heapSize() int64 {
	runtime.GC()
	runtime.GC() // what pools held is gone only now
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// tables returns how much room there is in each table of the limiters. Nothing but the limiters themselves can tell.
func (v *victim) tables() []int {
	var rooms []int
	for _, limiter := range []reflect.Value{reflect.ValueOf(v.server.Keys).Elem().FieldByName("limiter"), reflect.ValueOf(v.server.logins)} {
		for _, table := range []string{"addresses", "accounts", "failed", "known"} {
			rooms = append(rooms, limiter.Elem().FieldByName(table).FieldByName("sets").Cap())
		}
	}
	return rooms
}

// assertHeldDown asserts that nothing is looked at any more, not even what is right: else the guesser would know.
func (v *victim) assertHeldDown(guesser string, requests ...request) {
	v.t.Helper()
	for _, q := range requests {
		assertProblem(v.t, http.StatusTooManyRequests, v.get(guesser, q))
	}
}

func TestGuessesFromOneAddress(t *testing.T) { // HOSTILE 85
	const guesser = "127.0.0.3"

	t.Run("at the secret of a key", func(t *testing.T) {
		v := newVictim(t)
		counted := v.resist([]string{guesser}, manyGuesses, v.guessSecret())
		assert.EqualValues(t, failuresPerAccount, counted.judged.Load())
		v.assertHeldDown(guesser, withKey(v.key))
	})
	t.Run("at keys", func(t *testing.T) {
		v := newVictim(t)
		counted := v.resist([]string{guesser}, manyGuesses, func(i int64) request {
			if i%2 == 0 {
				return withKey(rand.Text()) // of the form that API_KEYS may have
			}
			key, err := apikey.Generate(keyPrefix)
			assert.NoError(t, err)
			return withKey(key.Text)
		})
		assert.GreaterOrEqual(t, counted.judged.Load(), int64(failuresPerAddress))
		assert.LessOrEqual(t, counted.judged.Load(), failuresPerAddress+1+int64(counted.took*failuresPerAddress/window), "they come back evenly")
		v.assertHeldDown(guesser, withKey(v.key), withKey(v.apiKey))
	})
	t.Run("at a password", func(t *testing.T) {
		v := newVictim(t)
		counted := v.resist([]string{guesser}, manyGuesses, guessPassword)
		assert.EqualValues(t, failuresPerAccount, counted.judged.Load(), "all ways to log in together")
		for _, path := range loginPaths {
			v.assertHeldDown(guesser, withPassword(path, "alice", alicesPassword))
		}
	})
}

// A thousand addresses have a guess each besides those that the account has.
func TestGuessesFromManyAddresses(t *testing.T) { // HOSTILE 85
	const most = 1000
	var guessers []string
	for i := range most {
		guessers = append(guessers, fmt.Sprintf("127.0.%d.%d", 1+i/250, 1+i%250))
	}
	assertBounded := func(t *testing.T, judged int64) {
		assert.GreaterOrEqual(t, judged, int64(most))
		assert.Less(t, judged, int64(most+failuresPerAccount))
	}
	t.Run("at the secret of a key", func(t *testing.T) {
		v := newVictim(t)
		assertBounded(t, v.resist(guessers, manyGuesses/most, v.guessSecret()).judged.Load())
		for _, i := range []int{0, most / 2, most - 1} {
			v.assertHeldDown(guessers[i], withKey(v.key))
		}
	})
	t.Run("at a password", func(t *testing.T) {
		v := newVictim(t)
		assertBounded(t, v.resist(guessers, manyGuesses/most, guessPassword).judged.Load())
		for _, i := range []int{0, most / 2, most - 1} {
			v.assertHeldDown(guessers[i], withPassword("/auth/token", "alice", alicesPassword))
		}
	})
}

// guessSecret returns what makes keys with the id of alice's, which is no secret.
func (v *victim) guessSecret() func(int64) request {
	v.t.Helper()
	_, id, err := apikey.Parse(v.key)
	require.NoError(v.t, err)
	leak.Secret(keyPrefix + "_" + id + "_") // what all guesses begin with
	return func(int64) request {
		key, err := apikey.Regenerate(keyPrefix, id)
		assert.NoError(v.t, err)
		return withKey(key.Text)
	}
}

var loginPaths = []string{"/auth/token", "/auth/cookie", "/session/login"}

func guessPassword(i int64) request {
	const text = "guessed-password"
	leak.Secret(text)
	return withPassword(loginPaths[i%int64(len(loginPaths))], "alice", text+strconv.FormatInt(i, 10))
}
