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
//     more, which is the one that the account gets back. For this the addresses of
//     IPv6 that share the first 48 bits are one, since so many are had for
//     nothing;
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
// A [Limiter] never grows, but for what requests share that are under way. It has
// four tables of fixed size: failures by address, failures by account, which network
// has failed on which account, and which address has succeeded there. Account names and addresses are kept as keyed
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

	// Now is the time. Nil: that since the process was started, whatever the clock on the
	// wall is set to. It must be safe for concurrent use.
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

	mu        sync.Mutex         // of the tables
	addresses table              // failures of an address
	accounts  table              // failures on an account
	failed    table              // whether a network failed on an account within the last window
	known     table              // whether an address succeeded on an account
	shared    map[share]*Attempt // of requests that are under way
}

// A share is what requests have in common that are one attempt.
type share struct {
	pair       uint64
	credential [32]byte
}

// String returns the name of the type: what is in a Limiter is for nobody to read.
func (l *Limiter) String() string { return "throttle.Limiter" }

// GoString is String, for the verb %#v.
func (l *Limiter) GoString() string { return l.String() }

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
		shared:    map[share]*Attempt{},
	}
	if l.now == nil {
		// The monotonic clock: what is counted lives no longer than the process, and a
		// wall clock that was ahead for a while would leave entries that count as full.
		started := time.Now()
		l.now = func() time.Time { return started.Add(time.Since(started)) }
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
	c := l.claimOf(r, account)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begin(c)
}

// BeginWith is like Begin, but counts requests once that come from one address with
// the same credential at the same time: a client that sends many of them makes no
// more than one guess. The credential is any digest that stands for it alone. Each
// caller has to call one of Succeeded, Failed and Undecided.
func (l *Limiter) BeginWith(r *http.Request, account string, credential [32]byte) (*Attempt, error) {
	if l == nil {
		return nil, nil
	}
	if l.now == nil {
		return nil, errNotMade
	}
	c := l.claimOf(r, account)
	s := share{c.pair, credential}
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.shared[s]; a != nil {
		a.callers++
		return a, nil
	}
	a, err := l.begin(c)
	if err == nil {
		a.share = &s
		l.shared[s] = a
	}
	return a, err
}

// A claim is who a client says to be, and where it is, as hashes.
type claim struct {
	named   bool // there is an account
	address uint64
	account uint64
	pair    uint64 // of address and account
	network uint64 // of the address's network and the account
}

func (l *Limiter) claimOf(r *http.Request, account string) claim {
	address, account := l.clients.address(r), strings.ToLower(account)
	return claim{
		named:   account != "",
		address: l.hash(address, ""), account: l.hash(netip.Addr{}, account),
		pair: l.hash(address, account), network: l.hash(networkOf(address), account),
	}
}

// begin counts an attempt, or refuses it. The mutex is the caller's.
func (l *Limiter) begin(c claim) (*Attempt, error) {
	now := l.now().UnixNano()
	wait := l.addresses.wait(c.address, now)
	if wait == 0 && c.named && !l.known.full(c.pair, now) {
		wait = min(l.accounts.wait(c.account, now), l.failed.wait(c.network, now))
	}
	if wait > 0 {
		return nil, &runtime.Error{Status: http.StatusTooManyRequests, Detail: tooMany, RetryAfter: wait}
	}
	a := &Attempt{limiter: l, claim: c, callers: 1, address: l.addresses.add(c.address, now)}
	if c.named {
		a.account = l.accounts.add(c.account, now)
		a.failed = l.failed.add(c.network, now)
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
	claim   claim
	address charge
	account charge
	failed  charge

	// Guarded by the limiter's mutex:
	share   *share // nil if nobody shares it
	callers int    // that have not said how it ended
	judged  bool   // one of them knows whether the credential holds
}

// Succeeded takes the attempt back and remembers that the account's owner is at
// this address. Call it if and only if the credential held. Whoever has an attempt
// calls this method or one of the other two, once.
func (a *Attempt) Succeeded() { a.end(held) }

// Failed says that the credential did not hold. Attempts of [Limiter.Begin] count
// as failures without it.
func (a *Attempt) Failed() { a.end(refused) }

// Undecided takes the attempt back since nobody found out whether the
// credential holds: a store was down, or the client has gone. Call it only if
// the client cannot have learnt anything about the credential.
func (a *Attempt) Undecided() { a.end(unknown) }

// An ending is what a caller says of an attempt.
type ending int

const (
	unknown ending = iota
	refused
	held
)

func (a *Attempt) end(how ending) {
	if a == nil || a.limiter == nil {
		return
	}
	l := a.limiter
	now := l.now().UnixNano()
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.callers == 0 {
		return
	}
	a.callers--
	if a.callers == 0 && a.share != nil {
		delete(l.shared, *a.share)
	}
	if a.judged {
		return
	}
	a.judged = how != unknown
	if how == refused || how == unknown && a.callers > 0 {
		return
	}
	l.addresses.takeBack(a.address)
	if !a.claim.named {
		return
	}
	l.accounts.takeBack(a.account)
	l.failed.takeBack(a.failed)
	if how == held {
		l.known.add(a.claim.pair, now)
	}
}
