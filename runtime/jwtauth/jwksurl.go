package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

const (
	defaultRefresh  = 15 * time.Minute
	defaultInterval = 30 * time.Second

	// fetchTimeout bounds one fetch, to the last byte of the answer.
	fetchTimeout = 10 * time.Second

	// newKeyTimeout is how long a token with an unknown kid waits for newer keys.
	newKeyTimeout = 2 * time.Second

	// maxWaiting is how many requests wait for newer keys at once.
	maxWaiting = 1024

	// maxRedirects on one host are followed.
	maxRedirects = 3
)

// A JWKSOption is an option of [JWKSURL].
type JWKSOption func(*remoteKeys)

// WithRefresh has the set fetched every d, instead of every 15 minutes. A key
// that was removed from the set is trusted for that long, and for as long as the
// address gives no good set after that. It is at least the interval of
// [WithFetchInterval].
func WithRefresh(d time.Duration) JWKSOption { return func(r *remoteKeys) { r.refresh = d } }

// WithFetchInterval sets how much time is between two fetches at least, whatever
// tokens ask for: 30 seconds by default. A key that is new in the set, and signs
// at once, is not trusted before.
func WithFetchInterval(d time.Duration) JWKSOption { return func(r *remoteKeys) { r.interval = d } }

// WithTransport has the set fetched by t, for the certificates of an authority
// of one's own, say, instead of by one with the settings of
// [http.DefaultTransport]. What is said of addresses that use HTTP is up to t
// then.
func WithTransport(t http.RoundTripper) JWKSOption { return func(r *remoteKeys) { r.transport = t } }

// WithLateStart has [JWKSURL] succeed even if the first fetch does not. Until
// one does, requests with a token are refused with 503.
func WithLateStart() JWKSOption { return func(r *remoteKeys) { r.lateStart = true } }

// WithFetchObserver has f told of every fetch, with nil if it brought keys, for
// metrics or a log. A fetch may bring keys and an error that says what of the
// set is refused. By default errors are logged to slog.Default() as warnings. f
// is called from one goroutine at a time.
func WithFetchObserver(f func(error)) JWKSOption { return func(r *remoteKeys) { r.observe = f } }

// JWKSURL returns the keys of the JWK set at an address, under the rules of
// [ParseJWKS], and keeps them up to date until the context is done. A backend
// with such keys needs an Issuer.
//
// The address uses HTTPS, or HTTP if it is on a loopback interface. Redirects
// are followed on the same host only. An answer is taken if it has the status
// 200, is at most 512 KiB long, arrives within ten seconds and without content
// encoding, and has a key that verifies tokens; keys that ParseJWKS calls an
// error are left out of it then, and reported. Otherwise the last good set
// stays. Keys that are not in the newest set are not trusted any more.
//
// A token whose kid is not in the set has it fetched, but never more often than
// the interval of [WithFetchInterval], whatever the number of such tokens, and
// waits for that for two seconds at most. Other tokens wait for nothing.
//
// Once the context is done, the set is used for as long as it is between two
// fetches. After that requests with a token are refused with 503.
//
// It is an error if the first fetch does not bring a set that ParseJWKS takes as
// a whole; see [WithLateStart].
func JWKSURL(ctx context.Context, address string, options ...JWKSOption) (KeySet, error) {
	r := &remoteKeys{refresh: defaultRefresh, interval: defaultInterval, observe: logFetch}
	for _, option := range options {
		option(r)
	}
	if err := r.setUp(ctx, address); err != nil {
		return nil, fmt.Errorf("jwtauth.JWKSURL: %w", err)
	}
	if err := r.start(); err != nil {
		return nil, fmt.Errorf("jwtauth.JWKSURL: %w", err)
	}
	return r, nil
}

// remoteKeys is the KeySet of an address.
type remoteKeys struct {
	address   string
	ctx       context.Context // of the whole life of the set
	client    *http.Client
	transport http.RoundTripper // of the options, or nil
	refresh   time.Duration
	interval  time.Duration
	lateStart bool
	observe   func(error)

	keys    atomic.Pointer[keys] // nil if there are none
	body    string               // that the keys come from; of the one goroutine that fetches
	refused error                // what of the body is, likewise
	waiting atomic.Int64         // tokens that wait for a fetch

	mu    sync.Mutex
	fetch *fetch    // under way, or nil
	last  time.Time // when the last one began
	due   time.Time // when the next one is to begin by itself
}

// A fetch is one that is under way.
type fetch struct {
	done chan struct{} // closed at its end
	err  error         // to be read after that
}

var (
	errNoKeysYet = fmt.Errorf("%w: the JWK set has not been fetched yet, or not been kept up to date", runtime.ErrUnavailable)
	errRedirect  = errors.New("redirected to another host, or too often")
	errNotLocal  = errors.New("HTTP without TLS is for loopback interfaces only")
)

func (r *remoteKeys) setUp(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("the address is not a URL") // err would quote what may hold a password
	case u.User != nil || u.Fragment != "" || u.Hostname() == "":
		return errors.New("the address has no host, or it has a user or a fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errNotLocal
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the address uses neither HTTPS nor HTTP")
	case r.interval <= 0:
		return wrong("WithFetchInterval", "not positive")
	case r.refresh < r.interval:
		return wrong("WithRefresh", "less than the interval between fetches, %s", r.interval)
	case r.observe == nil:
		return wrong("WithFetchObserver", "nil")
	}
	if r.transport == nil {
		r.transport = newTransport(u.Scheme == "http")
	}
	r.client = &http.Client{Transport: r.transport, CheckRedirect: sameHost, Timeout: fetchTimeout}
	r.address, r.ctx = address, ctx
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true // and what that means is checked when it is dialled
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// maxHeader is how long the header of an answer may be, in bytes.
const maxHeader = 64 << 10

func newTransport(local bool) *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if usual, ok := http.DefaultTransport.(*http.Transport); ok { // programs put their own there
		t = usual.Clone()
	}
	t.MaxResponseHeaderBytes = maxHeader
	t.DisableKeepAlives = true // there is none to keep for so long
	if local {
		dialer := &net.Dialer{Timeout: fetchTimeout, Control: func(_, address string, _ syscall.RawConn) error {
			if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
				return errNotLocal
			}
			return nil
		}}
		t.Proxy, t.DialContext = nil, dialer.DialContext
	}
	return t
}

func sameHost(next *http.Request, via []*http.Request) error {
	if first := via[0].URL; len(via) > maxRedirects || next.URL.Host != first.Host || next.URL.Scheme != first.Scheme {
		return errRedirect
	}
	return nil
}

// start fetches the set for the first time, and has it kept up to date.
func (r *remoteKeys) start() error {
	r.mu.Lock()
	first := r.begin()
	r.mu.Unlock()
	<-first.done
	if first.err != nil && !r.lateStart {
		return first.err
	}
	go r.keepUpToDate()
	context.AfterFunc(r.ctx, func() {
		time.AfterFunc(r.refresh, func() { r.keys.Store(nil) })
	})
	return nil
}

// keepUpToDate fetches the set whenever it is due, until the context is done.
func (r *remoteKeys) keepUpToDate() {
	for r.ctx.Err() == nil {
		r.mu.Lock()
		wait := time.Until(r.due)
		f := r.fetch
		if f == nil && wait <= 0 {
			f = r.begin()
		}
		r.mu.Unlock()
		if f != nil {
			<-f.done
			continue
		}
		select {
		case <-r.ctx.Done():
		case <-time.After(wait):
		}
	}
}

// begin begins a fetch; none may be under way, and r.mu must be held.
func (r *remoteKeys) begin() *fetch {
	f := &fetch{done: make(chan struct{})}
	r.fetch, r.last = f, time.Now()
	go func() {
		taken, err := false, errNoEnd // which stays so if an observer ends the goroutine
		defer func() { r.finish(f, taken, err) }()
		taken, err = r.update()
	}()
	return f
}

var errNoEnd = errors.New("the fetch was given up")

// finish lets the next fetch begin when it is due.
func (r *remoteKeys) finish(f *fetch, taken bool, err error) {
	defer close(f.done)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fetch, f.err, r.due = nil, err, r.last.Add(r.refresh); !taken {
		r.due = time.Now().Add(r.interval)
	}
}

// update replaces the keys, and tells the observer.
func (r *remoteKeys) update() (taken bool, err error) {
	defer noPanic(&err) // of the observer
	taken, err = r.replace()
	r.observe(err)
	return taken, err
}

// replace fetches the set and puts it in place. A set is taken even if the error
// says that something of it is refused.
func (r *remoteKeys) replace() (taken bool, err error) {
	defer noPanic(&err) // of a transport
	body, err := r.get()
	if err != nil {
		return false, err
	}
	if r.keys.Load() != nil && body == r.body {
		return true, r.refused // the same pointer: what was verified with these keys stays so
	}
	k, refused, err := parseJWKS(body)
	if err != nil {
		return false, errors.Join(append(refused, err)...)
	}
	r.body, r.refused = body, errors.Join(refused...)
	r.keys.Store(k)
	return true, r.refused
}

// noPanic is deferred, and makes an error of a panic.
func noPanic(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("panic with a value of type %T", v)
	}
}

// get returns the body of the address. Errors hold nothing of it.
func (r *remoteKeys) get() (string, error) {
	request, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.address, nil)
	if err != nil {
		return "", errors.New("the address is not a URL")
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("Accept-Encoding", "identity") // so that the answer is as long as it looks
	response, err := r.client.Do(request)
	if err != nil {
		return "", withoutURL(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the answer has the status %d", response.StatusCode)
	}
	if response.Header.Get("Content-Encoding") != "" || response.Uncompressed {
		return "", errors.New("the answer has a content encoding, which nobody asked for")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxJWKS+1))
	if err != nil {
		return "", withoutURL(err)
	}
	return string(body), r.ctx.Err() // and parsing finds one that is too long
}

// withoutURL leaves the address out of an error: a query may hold a secret.
func withoutURL(err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// logFetch logs what went wrong with a fetch.
func logFetch(err error) {
	if err != nil {
		slog.Warn("JWK set not fetched, or parts of it refused", slog.Any("err", err))
	}
}

func (r *remoteKeys) current() (*keys, error) {
	if k := r.keys.Load(); k != nil {
		return k, nil
	}
	return nil, errNoKeysYet
}

// newer implements [KeySet]. It does not wait if the last fetch is not long ago.
func (r *remoteKeys) newer(ctx context.Context, than *keys) *keys {
	r.mu.Lock()
	if r.fetch == nil && (time.Since(r.last) < r.interval || r.ctx.Err() != nil) {
		r.mu.Unlock()
		return r.changed(than)
	}
	f := r.fetch
	if f == nil {
		f = r.begin()
	}
	r.mu.Unlock()

	if r.waiting.Add(1) > maxWaiting {
		r.waiting.Add(-1)
		return r.changed(than)
	}
	defer r.waiting.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, newKeyTimeout)
	defer cancel()
	select {
	case <-f.done:
	case <-ctx.Done():
	}
	return r.changed(than)
}

// changed returns the keys if they are not those any more.
func (r *remoteKeys) changed(than *keys) *keys {
	if k := r.keys.Load(); k != than {
		return k
	}
	return nil
}
