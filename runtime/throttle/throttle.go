// Package throttle holds failed credentials down: guesses at passwords, keys
// and codes.
//
// Whoever judges a credential asks first and tells afterwards:
//
//	attempt, err := limiter.Begin(r, username)
//	if err != nil {
//		return nil, err // a 429 with Retry-After
//	}
//	if user, err := check(r.Context(), username, password); err != nil { … }
//	attempt.Succeeded()
//
// # The policy
//
// An attempt counts as a failure from when it begins; [Attempt.Succeeded] takes
// it back. So a thousand guesses at once are a thousand failures, and none slips
// through before the first is judged. What is refused does not count: it was not
// judged, and waiting helps.
//
// By address: a client address has PerAddress failures (50), on all accounts
// together. They come back evenly over Window (15 minutes): one every 18
// seconds. An address without any left is refused, whatever it sends; people who
// share one share its failures.
//
// By account: an account has PerAccount failures (10), from all addresses
// together, and gets back one each Window. An account without any left is under
// attack, and refuses the addresses that have failed on it within the last
// Window. Two kinds of addresses it goes on to serve, so that nobody can lock
// the owner out from elsewhere:
//
//   - an address that has not failed there: the owner who types the right
//     password is served, also on a new device in a new place. A guesser gets
//     one guess out of each address and Window, and all of them together one
//     more, which is the one that the account gets back;
//   - an address from which somebody succeeded on this account within the last
//     30 days: the owner at home may mistype. There only the limit by address
//     counts.
//
// An owner who mistypes during an attack, at an address that is new, waits for
// a Window at most. Whether an account exists makes no difference to any of
// this: names are counted as they are sent.
//
// A success never clears the failures that were before it: else a guesser who
// has an account would log in there between two guesses.
//
// # Addresses
//
// The client's address is that of the connection. Header fields that say
// something else are ignored, unless the connection comes from one of
// [Config.TrustedProxies]. Behind a proxy that is not named there all clients
// are one, and one of them can lock all others out: name it.
//
// The addresses of IPv6 that share the first 64 bits are one, since a client
// has at least as many; those of IPv4 in IPv6 are the ones of IPv4. Connections
// without an address, such as those of Unix sockets, count as one address
// together. Who holds a larger network of IPv6 holds as many addresses as it
// has /64s.
//
// # Memory
//
// A [Limiter] never grows. It has four tables of fixed size: failures by
// address, failures by account, which address has failed on which account, and
// which one has succeeded there. Account names and addresses are kept as keyed
// hashes of 64 bits, and cannot be read out of it. In a table that is full, a
// new entry takes the place of the one, among eight that the hash picks, that
// is worth least: the one with the fewest failures, or that ends first. So it
// takes more failures to push entries out than they hold, and all of them count:
//
//   - an address or account with n failures gives way only to eight others
//     with as many, in places that nobody can choose: forgetting 10 failures at
//     one account costs hundreds of thousands at others;
//   - who fails at tens of thousands of other accounts within a Window, which
//     takes more than a thousand addresses, may try the same account again from
//     the same address; what an address may at all stays the same;
//   - successes give way to successes only. Who loses theirs is treated as at a
//     new address.
//
// A process counts for itself: with n instances behind a load balancer the
// limits are up to n times as high, and a restart forgets.
package throttle

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Config configures a [Limiter]. The zero value is a good one where clients
// connect directly.
type Config struct {
	// PerAddress is how many failures an address has: 1 to 10,000. 0: 50.
	PerAddress int

	// PerAccount is how many failures an account has: 1 to 1,000. 0: 10.
	PerAccount int

	// Window is in which time an address gets all of its failures back, and an
	// account one: a second to 24 hours. 0: 15 minutes.
	Window time.Duration

	// TrustedProxies are the addresses of the proxies that write the header field
	// ForwardedFor as they should: they append the address from which the request
	// came to what was there, or overwrite it. Nil: no proxy is trusted, and the
	// header field is ignored.
	TrustedProxies []netip.Prefix

	// ForwardedFor is the name of the header field that trusted proxies write. Its
	// value is a list of addresses, of which the right-most that is not one of a
	// trusted proxy is the client's. If what stands there is no address, that of
	// the proxy that wrote it counts. Empty: X-Forwarded-For. Forwarded (RFC 7239)
	// has another syntax and is refused.
	ForwardedFor string

	// Size is how many entries each of the four tables has, rounded up to a power
	// of two: 1,024 to 4,194,304 of 16 bytes each. 0: 65,536, which makes 4 MiB in
	// all.
	Size int

	// Now is the time. Nil: [time.Now]. It must be safe for concurrent use.
	Now func() time.Time
}

const (
	defaultPerAddress = 50
	defaultPerAccount = 10
	defaultWindow     = 15 * time.Minute
	defaultSize       = 1 << 16

	maxPerAddress = 10_000
	maxPerAccount = 1_000
	minWindow     = time.Second
	maxWindow     = 24 * time.Hour
	minSize       = 1 << 10
	maxSize       = 1 << 22

	// remembered is how long an address is known to an account.
	remembered = 30 * 24 * time.Hour
)

// A Limiter counts failures and refuses what is too much. It is safe for
// concurrent use and does no I/O. A nil Limiter allows everything. The zero one
// refuses everything with an error that is not for clients: see [New].
type Limiter struct {
	clients clients
	now     func() time.Time
	seed    maphash.Seed

	mu        sync.Mutex // of the tables
	addresses table      // failures of an address
	accounts  table      // failures on an account
	failed    table      // whether an address failed on an account within the last window
	known     table      // whether an address succeeded on an account
}

var errNotMade = errors.New("throttle: the limiter was not made by New")

// New returns a limiter, or an error that names every setting that is wrong.
func New(config Config) (*Limiter, error) {
	var problems []error
	wrong := func(setting, format string, args ...any) {
		problems = append(problems, fmt.Errorf(setting+": "+format, args...))
	}
	number := func(setting string, value, otherwise, least, most int) int {
		if value == 0 {
			return otherwise
		}
		if value < least || value > most {
			wrong(setting, "not between %d and %d", least, most)
		}
		return value
	}
	perAddress := number("PerAddress", config.PerAddress, defaultPerAddress, 1, maxPerAddress)
	perAccount := number("PerAccount", config.PerAccount, defaultPerAccount, 1, maxPerAccount)
	size := number("Size", config.Size, defaultSize, minSize, maxSize)
	window := config.Window
	if window == 0 {
		window = defaultWindow
	}
	if window < minWindow || window > maxWindow {
		wrong("Window", "not between %s and %s", minWindow, maxWindow)
	}
	clients, err := newClients(config.TrustedProxies, config.ForwardedFor)
	problems = append(problems, err)
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("throttle.New: %w", err)
	}
	l := &Limiter{
		clients:   clients,
		now:       config.Now,
		seed:      maphash.MakeSeed(),
		addresses: newTable(size, perAddress, window/time.Duration(perAddress)),
		accounts:  newTable(size, perAccount, window),
		failed:    newTable(size, 1, window),
		known:     newTable(size, 1, remembered),
	}
	if l.now == nil {
		l.now = time.Now
	}
	return l, nil
}

// Begin counts an attempt to prove that the client is this account, or refuses
// it: then the error is a [*runtime.Error] that is [runtime.ErrTooManyRequests]
// and says when to try again, and the credential must not be judged.
//
// The account is a name as the client sent it, or whatever the credential
// claims to be for. Letters are taken in lower case; names that are different
// otherwise but find the same user, since a database ignores accents or spaces
// at the end, say, must be made the same before, or each has failures of its
// own. It is empty where a credential names no account, a key without an id: then
// only the address counts.
//
// A nil Limiter returns a nil Attempt, and no error.
func (l *Limiter) Begin(r *http.Request, account string) (*Attempt, error) {
	if l == nil {
		return nil, nil
	}
	if l.now == nil {
		return nil, errNotMade
	}
	address, account := l.clients.address(r), strings.ToLower(account)
	sender := l.hash(address, "")
	name, pair := l.hash(netip.Addr{}, account), l.hash(address, account)
	now := l.now().UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &Attempt{limiter: l, pair: pair, named: account != ""}
	wait := l.addresses.wait(sender, now)
	if wait == 0 && a.named && !l.known.full(pair, now) {
		wait = min(l.accounts.wait(name, now), l.failed.wait(pair, now))
	}
	if wait > 0 {
		return nil, &runtime.Error{Status: http.StatusTooManyRequests, Detail: tooMany, RetryAfter: wait}
	}
	a.address = l.addresses.add(sender, now)
	if a.named {
		a.account = l.accounts.add(name, now)
		a.failed = l.failed.add(pair, now)
	}
	return a, nil
}

// tooMany is the detail of [runtime.ErrTooManyRequests].
const tooMany = "Too many failed attempts"

// hash returns the key of an address, an account, or both.
func (l *Limiter) hash(address netip.Addr, account string) uint64 {
	return maphash.Comparable(l.seed, struct {
		address netip.Addr
		account string
	}{address, account})
}

// An Attempt is one that has begun. It counts as a failure until it is taken
// back. A nil Attempt is one that nobody counts. It is safe for concurrent use.
type Attempt struct {
	limiter *Limiter
	named   bool // there is an account
	pair    uint64
	address charge
	account charge
	failed  charge
	over    bool // guarded by the limiter's mutex
}

// Succeeded takes the attempt back and remembers that the account's owner is at
// this address. Call it if and only if the credential held. Only the first call
// of Succeeded or Undecided does anything.
func (a *Attempt) Succeeded() { a.end(true) }

// Undecided takes the attempt back since nobody found out whether the
// credential holds: a store was down, or the client has gone. Call it only if
// the client cannot have learnt anything about the credential.
func (a *Attempt) Undecided() { a.end(false) }

func (a *Attempt) end(succeeded bool) {
	if a == nil || a.limiter == nil {
		return
	}
	l := a.limiter
	now := l.now().UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.over {
		return
	}
	a.over = true
	l.addresses.takeBack(a.address)
	if !a.named {
		return
	}
	l.accounts.takeBack(a.account)
	l.failed.takeBack(a.failed)
	if succeeded {
		l.known.add(a.pair, now)
	}
}
