package integration

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
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
	tried atomic.Bool               // somebody has begun to log out with it
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
	variables []string // of the environment
	store     *fleetStore
	client    *http.Client
	instances []*instance
	stopped   atomic.Pointer[time.Time] // since when the store stands still

	mu     sync.Mutex
	logins []*login
}

// Three processes that share a store, and are asked all the time, keep what the Fleet
// promises: whatever happens to the store and to them, a request that begins more than
// the bound after a logout was acknowledged, by whichever process, is not served.
func TestFleetOfProcesses(t *testing.T) {
	program := filepath.Join(t.TempDir(), "annotated")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "examples", "annotated")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, s := range fleetStores {
		t.Run(s.name, func(t *testing.T) {
			f := startFleet(t, program, s.start(t))
			f.keepAsking(t)
			t.Run("logouts become known", f.testLogouts)
			t.Run("the store stands still", f.testStoppedStore)
			t.Run("the store is killed", f.testKilledStore)
			t.Run("a process is killed", f.testKilledInstance)
		})
	}
}

// startFleet starts the processes, until the test ends.
func startFleet(t *testing.T, program string, store *fleetStore) *fleet {
	t.Helper()
	f := &fleet{program: program, store: store, variables: []string{
		"SECRET_KEY=" + rand.Text() + rand.Text() + rand.Text(), "DATABASE=" + filepath.Join(t.TempDir(), "blog.db"), "REVOCATION=" + store.url,
	}}
	transport := &http.Transport{MaxIdleConnsPerHost: 30}
	f.client = &http.Client{Transport: transport, Timeout: patience}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(func() { f.stop(t) })
	for i := range 3 {
		f.start(t, fmt.Sprint("process ", i+1))
	}
	f.logIn(t, 10)
	return f
}

// start starts one more process.
func (f *fleet) start(t *testing.T, name string) *instance {
	t.Helper()
	p, err := startInstance(f.program, name, t.TempDir(), f.variables...)
	require.NoError(t, err)
	f.instances = append(f.instances, p)
	return p
}

// stop stops all processes. What they and the store have logged is of interest if
// something went wrong.
func (f *fleet) stop(t *testing.T) {
	var group sync.WaitGroup
	for _, p := range f.instances {
		log := p.log()
		assert.NotContains(t, log, "panic", "%s", p.name)
		if t.Failed() {
			t.Logf("%s:\n%s", p.name, log)
		}
		group.Go(func() { assert.NoError(t, p.stop(), p.name) })
	}
	if t.Failed() {
		t.Logf("store:\n%s", f.store.log())
	}
	group.Wait()
}

// send sends a request and reads the answer to its end.
func (f *fleet) send(method, url, token, body string) (status int, answer []byte, err error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
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
	x.status, x.tried = status, l.tried.Load()
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

// logIn gives out tokens, by all processes.
func (f *fleet) logIn(t *testing.T, n int) []*login {
	t.Helper()
	all := make([]*login, n)
	var group sync.WaitGroup
	for first, p := range f.instances {
		group.Go(func() {
			for i := first; i < n; i += len(f.instances) {
				status, body, err := f.send(http.MethodPost, p.url+"/auth/token", "", `{"username":"alice","password":"alice-password"}`)
				var pair struct {
					AccessToken string `json:"access_token"`
				}
				if err == nil {
					err = json.Unmarshal(body, &pair)
				}
				if !assert.NoError(t, err) || !assert.Equal(t, http.StatusOK, status) || !assert.NotEmpty(t, pair.AccessToken) {
					return
				}
				all[i] = &login{token: pair.AccessToken}
			}
		})
	}
	group.Wait()
	require.False(t, t.Failed())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logins = append(f.logins, all...)
	return all
}

// logOut ends a login, and reports whether that is acknowledged.
func (f *fleet) logOut(t *testing.T, p *instance, l *login) bool {
	l.tried.Store(true)
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

// logOutAll ends logins one after the other until a process does not acknowledge it.
func (f *fleet) logOutAll(t *testing.T, p *instance, logins []*login) {
	for _, l := range logins {
		if !f.logOut(t, p, l) {
			return
		}
	}
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

// waitForLogouts waits until some logouts are acknowledged.
func waitForLogouts(t *testing.T, logins []*login, n int) {
	t.Helper()
	require.NoError(t, within(10*time.Second, func() error {
		if got := len(ended(logins)); got < n {
			return fmt.Errorf("%d logouts acknowledged", got)
		}
		return nil
	}))
}

// keepAsking asks the processes that there are by now about tokens, every other time a
// late one, until the test ends or an answer is wrong.
func (f *fleet) keepAsking(t *testing.T) {
	const callers, late = 3, 40
	var group sync.WaitGroup
	var asked atomic.Int64
	for _, p := range f.instances {
		for range callers {
			group.Go(func() {
				for t.Context().Err() == nil {
					f.mu.Lock()
					logins := f.logins
					f.mu.Unlock()
					if mathrand.N(2) == 0 {
						logins = logins[max(0, len(logins)-late):]
					}
					if _, right := f.ask(t, p, logins[mathrand.N(len(logins))]); !right {
						return
					}
					asked.Add(1)
					time.Sleep(30 * time.Millisecond)
				}
			})
		}
	}
	t.Cleanup(func() {
		group.Wait()
		t.Logf("asked %d times besides", asked.Load())
	})
}

// testLogouts measures when the others know what one process has acknowledged.
func (f *fleet) testLogouts(t *testing.T) {
	const callers, each = 6, 6
	writer, readers := f.instances[0], f.instances[1:]
	logins := f.logIn(t, callers*each)
	delays := make([]time.Duration, len(logins)*len(readers))
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := caller; i < len(logins); i += callers {
				if !assert.True(t, f.logOut(t, writer, logins[i])) {
					return
				}
				var both sync.WaitGroup
				for j, reader := range readers {
					both.Go(func() { delays[i*len(readers)+j] = f.untilRefused(t, reader, logins[i]) })
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
	known, good := ended(f.logins), f.logIn(t, 3)
	logins := f.logIn(t, 36)
	var writers sync.WaitGroup
	defer writers.Wait()
	for writer := range 2 {
		writers.Go(func() { f.logOutAll(t, f.instances[0], logins[writer*18:][:18]) })
	}
	waitForLogouts(t, logins, 6)
	func() {
		f.stopStore(t)
		defer f.continueStore(t)
		begin := *f.stopped.Load()
		time.Sleep(time.Until(begin.Add(3 * fleetBound / 2)))
		late := ended(logins)
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
	writers.Wait()
	f.expectWell(t, good)
}

// stopStore has the store stand still.
func (f *fleet) stopStore(t *testing.T) {
	t.Helper()
	for range 2 { // once more for those that it was about to start
		f.store.signal(t, syscall.SIGSTOP)
	}
	time.Sleep(50 * time.Millisecond) // until the last thread has come to rest
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
// and to take further logouts. What was not acknowledged has ended everywhere or
// nowhere.
func (f *fleet) expectWell(t *testing.T, good []*login) {
	t.Helper()
	since := time.Now()
	for _, p := range f.instances {
		for _, l := range good {
			require.Equal(t, http.StatusOK, f.settled(t, p, l), p.name)
		}
	}
	t.Logf("all was well again after %s", time.Since(since))
	for _, p := range f.instances {
		last := f.logIn(t, 1)[0]
		require.True(t, f.logOut(t, p, last), p.name)
	}
	time.Sleep(fleetBound)
	lost, kept := 0, 0
	for _, l := range f.logins {
		first := f.settled(t, f.instances[0], l)
		if l.ended.Load() != nil {
			assert.Equal(t, http.StatusUnauthorized, first)
		} else if l.tried.Load() && first == http.StatusOK {
			lost++
		} else if l.tried.Load() {
			kept++
		}
		for _, p := range f.instances[1:] {
			assert.Equal(t, first, f.settled(t, p, l), p.name)
		}
	}
	t.Logf("%d logouts were acknowledged by now; of the others, %d were done and %d were not", len(ended(f.logins)), kept, lost)
}

// testKilledStore kills the store while all processes write to it, and starts it again.
func (f *fleet) testKilledStore(t *testing.T) {
	good := f.logIn(t, 3)
	const each = 16
	logins := f.logIn(t, each*len(f.instances))
	var writers sync.WaitGroup
	defer writers.Wait()
	for i, p := range f.instances {
		writers.Go(func() { f.logOutAll(t, p, logins[i*each:][:each]) })
	}
	waitForLogouts(t, logins, 8)
	f.store.kill(t)
	writers.Wait()
	require.NoError(t, f.store.restart())
	f.expectAll(t, f.start(t, "process 4"))
	f.expectWell(t, good)
}

// testKilledInstance kills a process that has just acknowledged logouts, and starts
// another one in its place.
func (f *fleet) testKilledInstance(t *testing.T) {
	good := f.logIn(t, 3)
	logins := f.logIn(t, 12)
	p := f.instances[2]
	f.logOutAll(t, p, logins)
	p.dead.Store(true)
	p.kill(t)
	require.Len(t, ended(logins), len(logins))
	f.instances = slices.Delete(slices.Clone(f.instances), 2, 3)
	f.expectAll(t, f.start(t, "process 5"))
	f.expectWell(t, good)
}

// expectAll wants a process that was just started to know all that has ended.
func (f *fleet) expectAll(t *testing.T, p *instance) {
	t.Helper()
	f.expect(t, p, http.StatusUnauthorized, ended(f.logins))
}
