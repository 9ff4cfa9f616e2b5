package integration

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// fleetBound is what revocation.FleetConfig says of the Staleness that
	// examples/annotated does not set.
	fleetBound = time.Second

	// patience is how long any request may take.
	patience = 5 * time.Second
)

// A login is a token that was given out, and what became of it.
type login struct {
	token string
	tried atomic.Pointer[time.Time] // when somebody began to log out with it
	ended atomic.Pointer[time.Time] // when the answer had been read that this is done
}

// An exchange is a request with the token of a login, and its answer.
type exchange struct {
	status  int
	began   time.Time  // before the request was sent
	ended   *time.Time // of the login, from before that
	tried   bool       // of the login, from after the answer
	stopped *time.Time // when the store stood still, if it did so from before the request until after the answer
}

// wrong says what is wrong with the answer, if anything is.
func (x exchange) wrong() string {
	after := func(instant *time.Time) bool { return instant != nil && x.began.Sub(*instant) > fleetBound }
	switch {
	case x.status == http.StatusOK && after(x.ended):
		return fmt.Sprintf("served %s after the logout was acknowledged", x.began.Sub(*x.ended))
	case x.status == http.StatusOK && after(x.stopped):
		return fmt.Sprintf("served %s after the store stood still", x.began.Sub(*x.stopped))
	case x.status == http.StatusUnauthorized && !x.tried:
		return "refused, and nobody logged out"
	case x.status != http.StatusOK && x.status != http.StatusUnauthorized && x.status != http.StatusServiceUnavailable:
		return fmt.Sprintf("status %d", x.status)
	}
	return ""
}

func TestWrongExchanges(t *testing.T) {
	now := time.Now()
	at := func(d time.Duration) *time.Time { then := now.Add(-d); return &then }
	for _, c := range []struct {
		exchange
		want string
	}{
		{exchange{status: 200, began: now}, ""},
		{exchange{status: 200, began: now, ended: at(fleetBound), tried: true}, ""},
		{exchange{status: 200, began: now, ended: at(fleetBound + 1), tried: true}, "served 1.000000001s after the logout was acknowledged"},
		{exchange{status: 200, began: now, stopped: at(fleetBound)}, ""},
		{exchange{status: 200, began: now, stopped: at(fleetBound + 1)}, "served 1.000000001s after the store stood still"},
		{exchange{status: 401, began: now, tried: true}, ""},
		{exchange{status: 401, began: now}, "refused, and nobody logged out"},
		{exchange{status: 503, began: now, ended: at(time.Hour), stopped: at(time.Hour), tried: true}, ""},
		{exchange{status: 500, began: now}, "status 500"},
	} {
		assert.Equal(t, c.want, c.wrong())
	}
}

// A fleet is some processes of examples/annotated that share a store of revocations,
// and those who are logged in there.
type fleet struct {
	program   string
	dir       string
	secret    []byte
	store     *fleetStore
	proxy     *proxy
	client    *http.Client
	instances []*instance
	started   int                       // processes, those included that were killed
	stopped   atomic.Pointer[time.Time] // since when the store stands still, or has nothing that counts
	slowest   atomic.Int64              // of all requests, in nanoseconds

	claims map[string]any // of tokens

	mu     sync.Mutex
	logins []*login
}

// Three processes that share a store, and are asked all the time, keep what the Fleet
// promises: whatever happens to the store and to them, a request that begins more than
// the bound after a logout was acknowledged, by whichever process, is not served.
func TestFleetOfProcesses(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "annotated")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "examples", "annotated")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, s := range fleetStores {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, program, s.start(t))
			t.Run("logouts become known", f.testLogouts)
			t.Run("the store stands still", f.testStoppedStore)
			t.Run("the store is killed", f.testKilledStore)
			t.Run("a process is killed", f.testKilledInstance)
			t.Run("answers are cut off", f.testCutAnswers)
			t.Run("the store takes no writes", f.testReadOnlyStore)
			t.Run("the disk is full", f.testFullDisk)
			if f.store.lose != nil {
				t.Run("the store loses all", f.testLostStore)
			}
		})
	}
	for _, s := range replicatedStores {
		t.Run(s.name+" and a replica", func(t *testing.T) {
			t.Parallel()
			startFleet(t, program, s.start(t)).testFailover(t)
		})
	}
}

// startFleet starts the processes, and asks them all the time, until the test ends.
func startFleet(t *testing.T, program string, store *fleetStore) *fleet {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 30}
	f := &fleet{
		program: program, dir: t.TempDir(), secret: []byte(rand.Text() + rand.Text() + rand.Text()), store: store,
		proxy: newProxy(t, store.port), client: &http.Client{Transport: transport, Timeout: patience},
	}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(func() { f.stop(t) })
	for range 3 {
		f.start(t)
	}
	for _, p := range f.instances {
		f.logInWithPassword(t, p)
	}
	f.logIn(t, 10)
	for _, p := range f.instances {
		f.keepAsking(t, p)
	}
	return f
}

// start starts one more process. Every third one reaches the store without the proxy,
// unless something else will be behind that.
func (f *fleet) start(t *testing.T) *instance {
	t.Helper()
	f.started++
	url := f.store.urlAt(f.proxy.port())
	if f.started%3 == 0 && f.store.replace == nil {
		url = f.store.url
	}
	name := fmt.Sprint("process ", f.started)
	dir := filepath.Join(f.dir, name)
	require.NoError(t, os.Mkdir(dir, 0o700))
	p, err := startInstance(f.program, name, dir, "SECRET_KEY="+string(f.secret), "DATABASE="+filepath.Join(f.dir, "blog.db"), "REVOCATION="+url)
	require.NoError(t, err)
	f.instances = append(f.instances, p)
	return p
}

// end ends a process as a crash does.
func (f *fleet) end(t *testing.T, p *instance) {
	t.Helper()
	p.dead.Store(true)
	p.kill(t)
	f.instances = slices.DeleteFunc(slices.Clone(f.instances), func(other *instance) bool { return other == p })
}

// stop stops all processes. What they and the store have logged is of interest if
// something went wrong.
func (f *fleet) stop(t *testing.T) {
	var group sync.WaitGroup
	for _, p := range f.instances {
		log := p.log()
		assert.NotContains(t, log, "panic", "%s", p.name)
		if t.Failed() {
			t.Logf("%s:\n%s", p.name, end(log))
		}
		group.Go(func() { assert.NoError(t, p.stop(), p.name) })
	}
	if t.Failed() {
		t.Logf("store:\n%s", end(f.store.log()))
	}
	group.Wait()
}

// end returns the end of a log.
func end(log string) string { return log[max(0, len(log)-8000):] }

// send sends a request and reads the answer to its end.
func (f *fleet) send(method, url, token, body string) (status int, answer []byte, err error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	began := time.Now()
	defer func() {
		for took := int64(time.Since(began)); ; {
			if slowest := f.slowest.Load(); took <= slowest || f.slowest.CompareAndSwap(slowest, took) {
				return
			}
		}
	}()
	response, err := f.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// ask has a process say whether a token is good, and reports whether it may say that.
func (f *fleet) ask(t *testing.T, p *instance, l *login) (status int, right bool) {
	x := exchange{ended: l.ended.Load()}
	stopped := f.stopped.Load()
	x.began = time.Now()
	status, _, err := f.send(http.MethodGet, p.url+"/private", l.token, "")
	if err != nil && p.dead.Load() || !assert.NoError(t, err, p.name) {
		return 0, false
	}
	if f.stopped.Load() == stopped {
		x.stopped = stopped
	}
	x.status, x.tried = status, l.tried.Load() != nil
	return status, assert.Empty(t, x.wrong(), p.name)
}

// settled returns what a process says of a token as soon as it can tell.
func (f *fleet) settled(t *testing.T, p *instance, l *login) (status int) {
	assert.NoError(t, within(15*time.Second, func() error {
		var right bool
		if status, right = f.ask(t, p, l); right && status == http.StatusServiceUnavailable {
			return errors.New("still unavailable")
		}
		return nil
	}), p.name)
	return status
}

// logInWithPassword has a process give out a token.
func (f *fleet) logInWithPassword(t *testing.T, p *instance) {
	t.Helper()
	status, body, err := f.send(http.MethodPost, p.url+"/auth/token", "", `{"username":"alice","password":"alice-password"}`)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	var pair struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(t, json.Unmarshal(body, &pair))
	f.add(&login{token: pair.AccessToken})

	parts := strings.Split(pair.AccessToken, ".")
	require.Len(t, parts, 3)
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(claims))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&f.claims))
}

// logIn gives out tokens like those of the processes, but without the time that a
// password takes.
func (f *fleet) logIn(t *testing.T, n int) []*login {
	t.Helper()
	all := make([]*login, n)
	for i := range all {
		claims := maps.Clone(f.claims)
		claims["jti"], claims["fam"] = rand.Text(), rand.Text()
		payload, err := json.Marshal(claims)
		require.NoError(t, err)
		signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
		mac := hmac.New(sha256.New, f.secret)
		mac.Write([]byte(signed))
		all[i] = &login{token: signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))}
	}
	f.add(all...)
	return all
}

func (f *fleet) add(logins ...*login) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logins = append(f.logins, logins...)
}

// all returns all logins that there are by now.
func (f *fleet) all() []*login {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logins[:len(f.logins):len(f.logins)]
}

// logOut ends a login, and reports whether that is acknowledged.
func (f *fleet) logOut(t *testing.T, p *instance, l *login) bool {
	began := time.Now()
	l.tried.Store(&began)
	status, _, err := f.send(http.MethodPost, p.url+"/auth/logout", l.token, "")
	if !assert.NoError(t, err, p.name) {
		return false
	}
	if status != http.StatusNoContent {
		assert.Equal(t, http.StatusServiceUnavailable, status, p.name)
		return false
	}
	now := time.Now()
	l.ended.Store(&now)
	return true
}

// logOutSoon returns a login whose end a process has acknowledged. On a busy machine
// that may take more than one.
func (f *fleet) logOutSoon(t *testing.T, p *instance) (l *login) {
	assert.NoError(t, within(20*time.Second, func() error {
		if l = f.logIn(t, 1)[0]; !f.logOut(t, p, l) {
			return errors.New("not acknowledged")
		}
		return nil
	}), p.name)
	return l
}

// ended returns those whose logout was acknowledged.
func ended(logins []*login) (some []*login) {
	for _, l := range logins {
		if l.ended.Load() != nil {
			some = append(some, l)
		}
	}
	return some
}

// known returns some logins whose end all processes know.
func (f *fleet) known(t *testing.T) []*login {
	t.Helper()
	all := ended(f.all())
	require.NotEmpty(t, all)
	time.Sleep(fleetBound)
	return all[max(0, len(all)-20):]
}

// triedSince returns those whose logout began after an instant.
func triedSince(logins []*login, instant time.Time) (some []*login) {
	for _, l := range logins {
		if began := l.tried.Load(); began != nil && began.After(instant) {
			some = append(some, l)
		}
	}
	return some
}

// Writers log in and out, by all processes, until it is enough.
type writers struct {
	group sync.WaitGroup
	over  atomic.Bool

	mu     sync.Mutex
	logins []*login
}

// keepLoggingOut begins with that.
func (f *fleet) keepLoggingOut(t *testing.T) *writers {
	w := &writers{}
	for _, p := range f.instances {
		w.group.Go(func() {
			for !w.over.Load() && t.Context().Err() == nil {
				l := f.logIn(t, 1)[0]
				w.add(l)
				if !f.logOut(t, p, l) {
					time.Sleep(60 * time.Millisecond)
				}
				time.Sleep(40 * time.Millisecond)
			}
		})
	}
	t.Cleanup(func() { w.enough() })
	return w
}

func (w *writers) add(l *login) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logins = append(w.logins, l)
}

func (w *writers) all() []*login {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logins[:len(w.logins):len(w.logins)]
}

// waitFor waits until so many logouts were acknowledged that began from now on.
func (w *writers) waitFor(t *testing.T, n int) {
	t.Helper()
	now := time.Now()
	require.NoError(t, within(15*time.Second, func() error {
		if got := len(ended(triedSince(w.all(), now))); got < n {
			return fmt.Errorf("%d logouts acknowledged", got)
		}
		return nil
	}))
}

// enough ends it and returns all logins that there were.
func (w *writers) enough() []*login {
	w.over.Store(true)
	w.group.Wait()
	return w.all()
}

// keepAsking asks a process about tokens, every other time a late one, until it is
// killed, the test ends, or an answer is wrong.
func (f *fleet) keepAsking(t *testing.T, p *instance) {
	const callers, late = 2, 40
	var group sync.WaitGroup
	var asked, unavailable atomic.Int64
	for range callers {
		group.Go(func() {
			for t.Context().Err() == nil {
				logins := f.all()
				if mathrand.N(2) == 0 {
					logins = logins[max(0, len(logins)-late):]
				}
				status, right := f.ask(t, p, logins[mathrand.N(len(logins))])
				if !right {
					return
				}
				asked.Add(1)
				if status == http.StatusServiceUnavailable {
					unavailable.Add(1)
				}
				time.Sleep(30 * time.Millisecond)
			}
		})
	}
	t.Cleanup(func() {
		group.Wait()
		t.Logf("%s: asked %d times besides, %d times unavailable", p.name, asked.Load(), unavailable.Load())
	})
}

// testLogouts measures when the others know what one process has acknowledged.
func (f *fleet) testLogouts(t *testing.T) {
	const callers, each = 6, 6
	writer, readers := f.instances[0], f.instances[1:]
	logins := append(f.all()[:3], f.logIn(t, callers*each-3)...) // the first ones are those with passwords
	delays := make([]time.Duration, len(logins)*len(readers))
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := caller; i < len(logins); i += callers {
				l := logins[i]
				if !f.logOut(t, writer, l) {
					if l = f.logOutSoon(t, writer); t.Failed() {
						return
					}
				}
				var both sync.WaitGroup
				for j, reader := range readers {
					both.Go(func() { delays[i*len(readers)+j] = f.untilRefused(t, reader, l) })
				}
				both.Wait()
			}
		})
	}
	group.Wait()
	slices.Sort(delays)
	t.Logf("%d logouts were known to others after %s at half of them, %s at the latest", len(logins), delays[len(delays)/2], delays[len(delays)-1])
}

// untilRefused returns how long after the logout a process refused the token.
func (f *fleet) untilRefused(t *testing.T, p *instance, l *login) time.Duration {
	for {
		status, right := f.ask(t, p, l)
		since := time.Since(*l.ended.Load())
		if !right || status == http.StatusUnauthorized || !assert.Less(t, since, 15*time.Second, "%s answers %d", p.name, status) {
			return since
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// testStoppedStore has the store stand still while somebody logs out: nobody guesses
// what is revoked, and all is well again as soon as it goes on.
func (f *fleet) testStoppedStore(t *testing.T) {
	known, good := f.known(t), f.logIn(t, 3)
	w := f.keepLoggingOut(t)
	w.waitFor(t, 6)
	func() {
		f.stopStore(t)
		defer f.continueStore(t)
		begin := *f.stopped.Load()
		time.Sleep(time.Until(begin.Add(3 * fleetBound / 2)))
		late := ended(w.all())
		unavailable := 0
		for _, p := range f.instances {
			f.expect(t, p, http.StatusUnauthorized, known)
			f.expect(t, p, http.StatusServiceUnavailable, good)
			for _, l := range late {
				if status, _ := f.ask(t, p, l); status == http.StatusServiceUnavailable {
					unavailable++
				}
			}
		}
		t.Logf("%d logouts before the store stood still; %d times a process did not know one of them yet", len(late), unavailable)
		time.Sleep(time.Until(begin.Add(4 * time.Second)))
	}()
	f.expectWell(t, good, w.enough())
}

// stopStore has the store stand still.
func (f *fleet) stopStore(t *testing.T) {
	t.Helper()
	for range 2 { // once more for those that it was about to start
		f.store.signal(t, syscall.SIGSTOP)
	}
	now := time.Now()
	f.stopped.Store(&now)
}

func (f *fleet) continueStore(t *testing.T) {
	t.Helper()
	f.stopped.Store(nil)
	f.store.signal(t, syscall.SIGCONT)
}

// expect wants an answer for tokens.
func (f *fleet) expect(t *testing.T, p *instance, want int, logins []*login) {
	t.Helper()
	for _, l := range logins {
		status, _ := f.ask(t, p, l)
		assert.Equal(t, want, status, p.name)
	}
}

// expectWell wants all processes to serve what is good, to refuse all that has ended,
// and to take further logouts. Of these logins, those whose end was not acknowledged
// have ended everywhere or nowhere.
func (f *fleet) expectWell(t *testing.T, good, logins []*login) {
	t.Helper()
	since := time.Now()
	for _, p := range f.instances {
		for _, l := range good {
			require.Equal(t, http.StatusOK, f.settled(t, p, l), p.name)
		}
	}
	t.Logf("all was well again after %s", time.Since(since))
	for _, p := range f.instances {
		logins = append(logins, f.logOutSoon(t, p))
	}
	time.Sleep(fleetBound)
	answers := f.askAll(t, logins)
	lost, kept := 0, 0
	for i, l := range logins {
		first := answers[0][i]
		switch {
		case l.ended.Load() != nil:
			assert.Equal(t, http.StatusUnauthorized, first)
		case first == http.StatusOK:
			lost++
		default:
			kept++
		}
		for j, p := range f.instances {
			assert.Equal(t, first, answers[j][i], p.name)
		}
	}
	t.Logf("%d logouts were acknowledged; of the others, %d were done and %d were not; the longest request by now took %s",
		len(ended(logins)), kept, lost, time.Duration(f.slowest.Load()))
}

// askAll returns what each process says of each login.
func (f *fleet) askAll(t *testing.T, logins []*login) (answers [][]int) {
	var group sync.WaitGroup
	answers = make([][]int, len(f.instances))
	for i, p := range f.instances {
		group.Go(func() {
			for _, l := range logins {
				answers[i] = append(answers[i], f.settled(t, p, l))
			}
		})
	}
	group.Wait()
	return answers
}

// expectStored wants a process that was just started, and so has it from the store, to
// know all that has ended.
func (f *fleet) expectStored(t *testing.T) *instance {
	t.Helper()
	p := f.start(t)
	f.expect(t, p, http.StatusUnauthorized, ended(f.all()))
	return p
}

// testKilledStore kills the store while all processes write to it, and starts it again.
func (f *fleet) testKilledStore(t *testing.T) {
	good := f.logIn(t, 3)
	w := f.keepLoggingOut(t)
	w.waitFor(t, 8)
	f.store.kill(t)
	logins := w.enough()
	require.NoError(t, f.store.restart())
	f.keepAsking(t, f.expectStored(t))
	f.expectWell(t, good, logins)
}

// testKilledInstance kills a process that has just acknowledged logouts, and starts
// another one in its place.
func (f *fleet) testKilledInstance(t *testing.T) {
	good, logins := f.logIn(t, 3), make([]*login, 12)
	p := f.instances[1]
	for i := range logins {
		logins[i] = f.logOutSoon(t, p)
	}
	f.end(t, p)
	f.expectStored(t)
	f.expectWell(t, good, logins)
}
