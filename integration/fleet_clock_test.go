package integration

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// skew is by how much the time of issue of a token may be ahead, as package jwtauth
	// says.
	skew = time.Minute

	// settling is how long after a clock has jumped it is no surprise that a process
	// cannot tell: it notices at once, and asks the store four times a second.
	settling = 3 * time.Second
)

// A clock is one that jumps: that of a process of the example, or of a store. How many
// seconds it is ahead is in a file that the process has mapped.
type clock struct {
	path string

	mu     sync.Mutex
	ahead  []time.Duration // what it was, one after the other
	jumped time.Time       // the last time
}

// newClock returns a clock that begins ahead by a time of whole seconds.
func newClock(t *testing.T, path string, ahead time.Duration) *clock {
	t.Helper()
	c := &clock{path: path}
	c.jump(t, ahead)
	return c
}

// jump sets the clock, for the process as soon as it returns.
func (c *clock) jump(t *testing.T, ahead time.Duration) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	file, err := os.OpenFile(c.path, os.O_WRONLY|os.O_CREATE, 0o644)
	require.NoError(t, err)
	defer file.Close()
	// In place and in one write: the eight bytes are never there in part.
	_, err = file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(ahead/time.Second)), 0)
	require.NoError(t, err)
	c.ahead, c.jumped = append(c.ahead, ahead), time.Now()
}

func (c *clock) variable() string { return "CLOCK_AHEAD=" + c.path }

// now returns by how much the clock is ahead.
func (c *clock) now() time.Duration {
	all, _ := c.since(0)
	return all[len(all)-1]
}

// since returns by how much the clock was ahead from some jump on, and the number of the
// last jump.
func (c *clock) since(first int) (ahead []time.Duration, last int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.ahead[first:]), len(c.ahead) - 1
}

func (c *clock) jumpedAfter(instant time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jumped.After(instant)
}

// buildWithClock builds the example with a clock that jumps.
//
// A program in Go asks the kernel for the time without a library that another one could
// be loaded before. So it is linked with another package time, which differs from that
// of this Go in where it has the time from: one function without a body has another
// name. Nothing that other packages know of it changes, so none of them has to be
// compiled again, which would take minutes; if it did, the linker would say so.
func buildWithClock(t *testing.T) (program string) {
	t.Helper()
	began := time.Now()
	dir, example := t.TempDir(), filepath.Join("..", "examples", "annotated")
	archives, main := archivesWithClock(t, dir, example)

	source := strings.TrimSpace(runGo(t, example, "list", "-f", "{{.Dir}}", "time")) + "/time.go"
	text, err := os.ReadFile(source)
	require.NoError(t, err)
	const before, after = "\n//go:linkname runtimeNow\n", "\n//go:linkname runtimeNow main.jumpingNow\n"
	require.Equal(t, 1, strings.Count(string(text), before), "%s is not as it was when this test was written", source)
	jumping := filepath.Join(dir, "time.go")
	require.NoError(t, os.WriteFile(jumping, []byte(strings.Replace(string(text), before, after, 1)), 0o600))

	files := strings.Fields(runGo(t, example, "list", "-f", "{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}", "time"))
	require.Contains(t, files, source)
	files[slices.Index(files, source)] = jumping
	imports, archive := filepath.Join(dir, "imports"), filepath.Join(dir, "time.a")
	require.NoError(t, os.WriteFile(imports, []byte(archives), 0o600))
	compile := []string{"tool", "compile", "-p", "time", "-std", "-pack", "-importcfg", imports, "-o", archive}
	// Where the source is said to be is among what other packages know.
	compile = append(compile, "-trimpath", jumping+"=>$GOROOT/src/time/time.go")
	runGo(t, example, append(compile, files...)...)

	require.NoError(t, os.WriteFile(imports, []byte(archives+"packagefile time="+archive+"\n"), 0o600))
	program = filepath.Join(dir, "annotated")
	runGo(t, example, "tool", "link", "-checklinkname=0", "-importcfg", imports, "-o", program, main)
	t.Logf("built in %s", time.Since(began))
	return program
}

// archivesWithClock compiles the example and one more file of it, which has the clock.
// It returns where all packages are but main and time, as the compiler wants to know
// it, and where main is.
func archivesWithClock(t *testing.T, dir, example string) (others, main string) {
	t.Helper()
	added, err := filepath.Abs(filepath.Join("testdata", "jumping_clock.go"))
	require.NoError(t, err)
	place, err := filepath.Abs(filepath.Join(example, "jumping_clock.go"))
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{place: added}})
	require.NoError(t, err)
	path := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(path, overlay, 0o600))
	list := runGo(t, example, "list", "-overlay", path, "-export", "-deps", "-f", "{{.Name}} {{.ImportPath}} {{.Export}}", ".")
	for line := range strings.Lines(list) {
		switch words := strings.Fields(line); {
		case len(words) < 3 || words[1] == "time": // unsafe is nowhere
		case words[0] == "main":
			main = words[2]
		default:
			others += fmt.Sprintf("packagefile %s=%s\n", words[1], words[2])
		}
	}
	return others, main
}

// runGo runs the go command and returns what it says.
func runGo(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", arguments...)
	cmd.Dir = dir
	var problems bytes.Buffer
	cmd.Stderr = &problems
	output, err := cmd.Output()
	require.NoError(t, err, "go %s\n%s", strings.Join(arguments[:2], " "), &problems)
	return string(output)
}

// A clockStore is a store of revocations, and its clock if that counts.
type clockStore struct {
	url   string
	clock *clock
	log   func() string
}

var clockStores = []struct {
	name  string
	start func(t *testing.T) clockStore
}{
	{"PostgreSQL", func(t *testing.T) clockStore {
		d := shared(t, postgres)
		return clockStore{url: d.dsn(d.port, d.newDatabase(t)), log: d.log}
	}},
	{"MariaDB", func(t *testing.T) clockStore {
		d := shared(t, mariadb)
		return clockStore{url: fmt.Sprintf("mysql://app@127.0.0.1:%d/%s", d.port, d.newDatabase(t)), log: d.log}
	}},
	{"Redis", startRedisWithClock},
}

// startRedisWithClock starts a Redis whose clock jumps.
func startRedisWithClock(t *testing.T) clockStore {
	t.Helper()
	owner, err := accountOf("redis")
	require.NoError(t, err)
	path, err := program("redis-server", "/usr/bin/redis-server")
	require.NoError(t, err)
	s := &server{}
	s.dir, err = newServerDir(owner)
	require.NoError(t, err)
	s.port, err = freePort()
	require.NoError(t, err)
	library := filepath.Join(s.dir, "clock.so")
	output, err := exec.Command("cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, filepath.Join("testdata", "jumping_clock.c")).CombinedOutput()
	require.NoError(t, err, "%s", output)
	c := newClock(t, filepath.Join(s.dir, "ahead"), 0)
	err = s.start(owner, "env", "LD_PRELOAD="+library, c.variable(), path, "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port),
		"--dir", s.dir, "--save", "", "--appendonly", "yes")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.stop()) })
	require.NoError(t, within(30*time.Second, s.pingRedis), "%s", s.log())
	for _, ahead := range []time.Duration{-50 * time.Minute, 50 * time.Minute, 0} { // it has no entries yet
		c.jump(t, ahead)
		second, err := strconv.ParseInt(s.askRedis(t, "eval", "return redis.call('TIME')[1]", 0), 10, 64)
		require.NoError(t, err)
		require.WithinDuration(t, time.Now().Add(ahead), time.Unix(second, 0), 5*time.Second, "the clock of Redis does not jump")
	}
	return clockStore{fmt.Sprintf("redis://127.0.0.1:%d/0", s.port), c, s.log}
}

// A stay is a token that was given out by the clock of a process, and what became
// of it.
type stay struct {
	token           string
	issued, expires time.Time
	tried           atomic.Bool               // somebody has begun to log out with it
	ended           atomic.Pointer[time.Time] // when the answer had been read that this is done
}

// newStay reads the claims of a token.
func newStay(token string) (s *stay, claims map[string]any, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, errors.New("no token")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, nil, err
	}
	var times struct{ Iat, Exp int64 }
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber() // so that a copy has the same ones
	err = errors.Join(json.Unmarshal(payload, &times), decoder.Decode(&claims))
	return &stay{token: token, issued: time.Unix(times.Iat, 0), expires: time.Unix(times.Exp, 0)}, claims, err
}

// holds reports whether the token is good by a clock, unless it was revoked.
func (v *stay) holds(now time.Time) bool {
	return now.Before(v.expires) && !now.Add(skew).Before(v.issued)
}

// An inquiry is a request with a token, and its answer.
type inquiry struct {
	status       int
	began        time.Time  // before the request was sent
	ended        *time.Time // of the stay, from before that
	tried        bool       // of the stay, from after the answer
	holds, fails bool       // by the clock of the process the token may be good, and may not be; both are true only if that changed meanwhile
}

// wrong says what is wrong with the answer, if anything is.
func (q inquiry) wrong() string {
	switch {
	case q.status == http.StatusOK && q.ended != nil && q.began.Sub(*q.ended) > fleetBound:
		return fmt.Sprintf("served %s after the logout was acknowledged", q.began.Sub(*q.ended))
	case q.status == http.StatusOK && !q.holds:
		return "served, though by its clock the token is over or to come"
	case q.status == http.StatusUnauthorized && !q.tried && !q.fails:
		return "refused, though the token is good by its clock and nobody logged out"
	case q.status != http.StatusOK && q.status != http.StatusUnauthorized && q.status != http.StatusServiceUnavailable:
		return fmt.Sprintf("status %d", q.status)
	}
	return ""
}

func TestWrongInquiriesByClock(t *testing.T) {
	now := time.Now()
	at := func(d time.Duration) *time.Time { then := now.Add(-d); return &then }
	for _, c := range []struct {
		inquiry
		want string
	}{
		{inquiry{status: 200, began: now, holds: true}, ""},
		{inquiry{status: 200, began: now, holds: true, fails: true}, ""},
		{inquiry{status: 200, began: now, fails: true}, "served, though by its clock the token is over or to come"},
		{inquiry{status: 200, began: now, holds: true, tried: true, ended: at(fleetBound)}, ""},
		{inquiry{status: 200, began: now, holds: true, tried: true, ended: at(fleetBound + 1)}, "served 1.000000001s after the logout was acknowledged"},
		{inquiry{status: 401, began: now, holds: true, tried: true}, ""},
		{inquiry{status: 401, began: now, fails: true}, ""},
		{inquiry{status: 401, began: now, holds: true}, "refused, though the token is good by its clock and nobody logged out"},
		{inquiry{status: 503, began: now, holds: true}, ""},
		{inquiry{status: 500, began: now, holds: true}, "status 500"},
	} {
		assert.Equal(t, c.want, c.wrong())
	}
	v := &stay{issued: now, expires: now.Add(time.Hour)}
	assert.True(t, v.holds(now) && v.holds(now.Add(-skew)) && v.holds(now.Add(time.Hour-1)))
	assert.False(t, v.holds(now.Add(-skew-1)) || v.holds(now.Add(time.Hour)))
}

// A clockProcess is a process of the example whose clock jumps.
type clockProcess struct {
	*instance
	clock *clock
}

// A clockFleet is some of them that share a store, and all stays there.
type clockFleet struct {
	program   string
	dir       string
	secret    string
	store     clockStore
	client    *http.Client
	processes []*clockProcess

	mu    sync.Mutex
	stays []*stay

	asked, unavailable, surprises atomic.Int64 // surprises: unavailable, and no clock has just jumped
}

// Clocks that jump are covered by revocation.Grace, whether it is that of a process or
// of the store, forward or back: no token is served more than the bound after its
// logout was acknowledged, by whichever process and clock, and no such logout is lost.
// By how much the clocks of two that are involved differ counts, so no two of them are
// wrong by 50 minutes in opposite directions at once.
func TestClocksThatJump(t *testing.T) {
	t.Parallel()
	program := buildWithClock(t)
	for _, s := range clockStores {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := startClockFleet(t, program, s.start(t))
			f.keepAsking(t)
			p := f.processes[0]
			for _, ahead := range []time.Duration{30 * time.Second, -30 * time.Second, 50 * time.Minute, -50 * time.Minute, 50 * time.Minute, 0} {
				t.Run(fmt.Sprint("a process by ", ahead), func(t *testing.T) { f.testJump(t, p.clock, ahead, p) })
			}
			if f.store.clock != nil {
				for _, ahead := range []time.Duration{50 * time.Minute, -50 * time.Minute, 50 * time.Minute, 0} {
					t.Run(fmt.Sprint("the store by ", ahead), func(t *testing.T) { f.testJump(t, f.store.clock, ahead, p) })
				}
			}
			for _, ahead := range []time.Duration{0, 50 * time.Minute, -50 * time.Minute} {
				t.Run(fmt.Sprint("a process that begins by ", ahead), func(t *testing.T) { f.testBeginning(t, ahead) })
			}
		})
	}
}

// startClockFleet starts three processes, until the test ends.
func startClockFleet(t *testing.T, program string, store clockStore) *clockFleet {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 30}
	f := &clockFleet{
		program: program, dir: t.TempDir(), secret: rand.Text() + rand.Text() + rand.Text(), store: store,
		client: &http.Client{Transport: transport, Timeout: patience},
	}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(func() { f.stop(t) })
	for range 3 {
		f.start(t, 0)
	}
	for _, p := range f.processes {
		f.logIn(t, p, 2)
	}
	return f
}

// start starts one more process, by whose clock it is another time.
func (f *clockFleet) start(t *testing.T, ahead time.Duration) *clockProcess {
	t.Helper()
	name := fmt.Sprint("process ", len(f.processes)+1)
	dir := filepath.Join(f.dir, name)
	require.NoError(t, os.Mkdir(dir, 0o700))
	c := newClock(t, filepath.Join(f.dir, name+".clock"), ahead)
	p, err := startInstance(f.program, name, dir,
		"SECRET_KEY="+f.secret, "DATABASE="+filepath.Join(f.dir, "blog.db"), "REVOCATION="+f.store.url, c.variable())
	require.NoError(t, err)
	f.processes = append(f.processes, &clockProcess{p, c})
	return f.processes[len(f.processes)-1]
}

// stop stops all processes.
func (f *clockFleet) stop(t *testing.T) {
	for _, p := range f.processes {
		log := p.log()
		assert.NotContains(t, log, "panic", p.name)
		if t.Failed() {
			t.Logf("%s:\n%s", p.name, log[max(0, len(log)-4000):])
		}
		assert.NoError(t, p.stop(), p.name)
	}
	if log := f.store.log(); t.Failed() {
		t.Logf("store:\n%s", log[max(0, len(log)-4000):])
	}
}

// send sends a request and reads the answer to its end.
func (f *clockFleet) send(method, url, token, body string) (status int, answer []byte, err error) {
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

// logIn has a process give out a token, wants it to be of the time of its clock, and
// makes others like it, without the time that a password takes.
func (f *clockFleet) logIn(t *testing.T, p *clockProcess, n int) []*stay {
	t.Helper()
	began, ahead := time.Now(), p.clock.now()
	status, body, err := f.send(http.MethodPost, p.url+"/auth/token", "", `{"username":"alice","password":"alice-password"}`)
	require.NoError(t, err, p.name)
	require.Equal(t, http.StatusOK, status, "%s: %s", p.name, body)
	var pair struct {
		AccessToken string `json:"access_token"`
	}
	require.NoError(t, json.Unmarshal(body, &pair))
	first, claims, err := newStay(pair.AccessToken)
	require.NoError(t, err)
	earliest, latest := began.Add(ahead).Truncate(time.Second), time.Now().Add(ahead)
	require.False(t, first.issued.Before(earliest) || first.issued.After(latest), "%s: issued at %s, not between %s and %s", p.name, first.issued, earliest, latest)
	require.Equal(t, time.Hour, first.expires.Sub(first.issued))

	stays := []*stay{first}
	for len(stays) < n {
		claims["jti"], claims["fam"] = rand.Text(), rand.Text()
		payload, err := json.Marshal(claims)
		require.NoError(t, err)
		signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
		mac := hmac.New(sha256.New, []byte(f.secret))
		mac.Write([]byte(signed))
		token := signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		stays = append(stays, &stay{token: token, issued: first.issued, expires: first.expires})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stays = append(f.stays, stays...)
	return stays
}

// all returns all stays that there are by now.
func (f *clockFleet) all() []*stay {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stays[:len(f.stays):len(f.stays)]
}

// inquire sends a request with the token of a stay to a process.
func (f *clockFleet) inquire(t *testing.T, p *clockProcess, v *stay, method, path string) (q inquiry, ok bool) {
	_, jump := p.clock.since(0)
	q.ended, q.began = v.ended.Load(), time.Now()
	var err error
	q.status, _, err = f.send(method, p.url+path, v.token, "")
	answered := time.Now()
	if !assert.NoError(t, err, p.name) {
		return q, false
	}
	q.tried = v.tried.Load()
	all, _ := p.clock.since(jump)
	for _, ahead := range all {
		for _, now := range []time.Time{q.began.Add(ahead), answered.Add(ahead)} {
			q.holds = q.holds || v.holds(now)
			q.fails = q.fails || !v.holds(now)
		}
	}
	f.count(p, q)
	return q, true
}

// count counts a request. That a process cannot tell is a surprise unless a clock
// that it has to do with has just jumped.
func (f *clockFleet) count(p *clockProcess, q inquiry) {
	f.asked.Add(1)
	if q.status != http.StatusServiceUnavailable {
		return
	}
	f.unavailable.Add(1)
	recently := q.began.Add(-settling)
	if !p.clock.jumpedAfter(recently) && (f.store.clock == nil || !f.store.clock.jumpedAfter(recently)) {
		f.surprises.Add(1)
	}
}

// ask has a process say whether a token is good, and reports whether it may say that.
func (f *clockFleet) ask(t *testing.T, p *clockProcess, v *stay) (q inquiry, right bool) {
	q, ok := f.inquire(t, p, v, http.MethodGet, "/private")
	return q, ok && assert.Empty(t, q.wrong(), "%s, which is ahead by %s, of a token of %s until %s", p.name, p.clock.now(), v.issued, v.expires)
}

// keepAsking asks the processes that there are by now about stays, every other time
// about a late one, until the test ends or an answer is wrong.
func (f *clockFleet) keepAsking(t *testing.T) {
	const callers, late = 2, 12
	var group sync.WaitGroup
	for _, p := range f.processes {
		for range callers {
			group.Go(func() {
				for t.Context().Err() == nil {
					stays := f.all()
					if mathrand.N(2) == 0 {
						stays = stays[max(0, len(stays)-late):]
					}
					if _, right := f.ask(t, p, stays[mathrand.N(len(stays))]); !right {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			})
		}
	}
	t.Cleanup(func() {
		group.Wait()
		asked, surprises := f.asked.Load(), f.surprises.Load()
		t.Logf("asked %d times; %d times a process could not tell, %d of them long after a jump", asked, f.unavailable.Load(), surprises)
		assert.LessOrEqual(t, surprises*20, asked, "processes whose clocks stay as they are cannot tell")
	})
}

// logOut ends a stay, which a process must acknowledge, unless by its clock, or that
// of the store, it could not.
func (f *clockFleet) logOut(t *testing.T, p *clockProcess, v *stay) {
	v.tried.Store(true)
	q, ok := f.inquire(t, p, v, http.MethodPost, "/auth/logout")
	switch {
	case !ok:
	case q.status == http.StatusNoContent:
		assert.True(t, q.holds, "%s: logged out, though by its clock the token is over or to come", p.name)
		now := time.Now()
		v.ended.Store(&now)
	case q.status == http.StatusServiceUnavailable: // counted
	default:
		assert.True(t, q.status == http.StatusUnauthorized && q.fails, "%s: status %d", p.name, q.status)
	}
}

// testJump sets a clock while all log out, and has them log in and out by the new one.
// p is the process whose clock it is, or one whose clock is right.
func (f *clockFleet) testJump(t *testing.T, c *clock, ahead time.Duration, p *clockProcess) {
	before := len(f.all())
	other := f.processes[1]
	crossing := f.logIn(t, p, 3)
	crossing = append(crossing, f.logIn(t, other, 3)...)
	var group sync.WaitGroup
	defer group.Wait()
	for i, by := range []*clockProcess{p, other} {
		group.Go(func() {
			for j := i; j < len(crossing); j += 2 {
				f.logOut(t, by, crossing[j])
				time.Sleep(30 * time.Millisecond)
			}
		})
	}
	time.Sleep(45 * time.Millisecond)
	c.jump(t, ahead)
	group.Wait()

	// One of each is logged out by either, by whose clock it must be good for that, and
	// one stays.
	for _, by := range []*clockProcess{p, other} {
		stays := f.logIn(t, by, 3)
		for i, out := range []*clockProcess{p, other} {
			if !stays[i].holds(time.Now().Add(out.clock.now())) {
				out = by
			}
			f.logOut(t, out, stays[i])
		}
	}
	time.Sleep(fleetBound + time.Millisecond)
	for _, p := range f.processes {
		f.expect(t, p, f.all()[before:])
	}
	// What was acknowledged at any time before is still in force.
	for _, p := range f.processes {
		f.expect(t, p, f.all()[:before])
	}
}

// testBeginning starts a process by whose clock it is another time. All that it knows it
// has from the store.
func (f *clockFleet) testBeginning(t *testing.T, ahead time.Duration) {
	p := f.start(t, ahead)
	ended, good := f.expect(t, p, f.all())
	t.Logf("by this clock, %d tokens were good but for their logouts, and %d are", ended, good)
	assert.GreaterOrEqual(t, ended, 4)
	assert.Positive(t, good)
}

// expect wants a process to serve all stays that are good by its clock, and none that
// have ended for longer than the bound, as soon as it can tell. It returns how many it
// refused for no other reason, and how many it served.
func (f *clockFleet) expect(t *testing.T, p *clockProcess, stays []*stay) (ended, good int) {
	t.Helper()
	for _, v := range stays {
		q, right := f.settled(t, p, v)
		switch {
		case !right || q.fails:
		case q.ended != nil:
			assert.Equal(t, http.StatusUnauthorized, q.status, p.name)
			ended++
		case !q.tried:
			assert.Equal(t, http.StatusOK, q.status, p.name)
			good++
		}
	}
	return ended, good
}

// settled returns what a process says of a token as soon as it can tell.
func (f *clockFleet) settled(t *testing.T, p *clockProcess, v *stay) (q inquiry, right bool) {
	assert.NoError(t, within(patience, func() error {
		if q, right = f.ask(t, p, v); right && q.status == http.StatusServiceUnavailable {
			return errors.New("it still cannot tell")
		}
		return nil
	}), p.name)
	return q, right
}
