package integration

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/jwtauth"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// newPairFile is newFile without waiting for the disk at each write: an issuer of
// pairs waits for its store for some seconds only.
func newPairFile(t *testing.T) (string, *sql.DB) {
	t.Helper()
	path, _ := newFile(t)
	db, err := openFile(path, "synchronous(OFF)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return path, db
}

var pairSecret = []byte("a secret of tests, which is long enough")

// newPairs returns an issuer of pairs in a database, with so long a grace;
// negative: none. The revocations may be nil.
func newPairs(db *sql.DB, grace time.Duration, revocations revocation.Store) (*jwtauth.PairIssuer, error) {
	store, err := refresh.NewSQL(context.Background(), refresh.SQLConfig{DB: db})
	if err != nil {
		return nil, err
	}
	issuer, err := jwtauth.NewIssuer(jwtauth.IssuerConfig{Secret: pairSecret, Issuer: "https://login.example"})
	if err != nil {
		return nil, err
	}
	return jwtauth.NewPairIssuer(jwtauth.PairConfig{
		Issuer: issuer, Store: store, Grace: grace, Revocation: revocations,
		User: func(_ context.Context, id string) (jwtauth.Account, error) {
			return jwtauth.Account{User: jwtauth.User{ID: id}}, nil
		},
		OnReuse: func(context.Context, jwtauth.Reuse) {},
	})
}

func logIn(t *testing.T, pairs *jwtauth.PairIssuer) jwtauth.Pair {
	t.Helper()
	pair, err := pairs.LogIn(t.Context(), "42", jwtauth.LoginOptions{})
	require.NoError(t, err)
	return pair
}

// accessWith returns the error with which an access token is refused.
func accessWith(revocations revocation.Store, pair jwtauth.Pair) error {
	backend, err := jwtauth.New(jwtauth.Config{Secret: pairSecret, Issuer: "https://login.example", Revocation: revocations})
	if err != nil {
		return err
	}
	_, err = backend.Authenticate(&http.Request{Header: http.Header{"Authorization": {"Bearer " + pair.AccessToken}}})
	return err
}

func TestPairsOnSQLite(t *testing.T) {
	_, db := newPairFile(t)
	revocations := revocation.NewMemory()
	pairs, err := newPairs(db, grace, revocations)
	require.NoError(t, err)
	refreshed := func(pair jwtauth.Pair) jwtauth.Pair {
		t.Helper()
		next, err := pairs.Refresh(t.Context(), pair.RefreshToken, "")
		require.NoError(t, err)
		require.NoError(t, accessWith(revocations, next))
		return next
	}
	dead := func(pair jwtauth.Pair) {
		t.Helper()
		_, err := pairs.Refresh(t.Context(), pair.RefreshToken, "")
		require.ErrorIs(t, err, runtime.ErrUnauthenticated)
		require.ErrorIs(t, accessWith(revocations, pair), runtime.ErrRevoked)
	}

	first, other := logIn(t, pairs), logIn(t, pairs)
	second := refreshed(first)
	assert.Equal(t, second.RefreshToken, refreshed(first).RefreshToken, "HOSTILE 70")
	third := refreshed(second)
	_, err = pairs.Refresh(t.Context(), first.RefreshToken, "")
	require.ErrorIs(t, err, jwtauth.ErrReuse, "HOSTILE 68")
	dead(third)
	assert.Equal(t, 1, count(t, db))
	other = refreshed(other)
	require.NoError(t, pairs.LogOutUser(t.Context(), "42"))
	dead(other)
	assert.Zero(t, count(t, db))
}

func TestPairsWhenTheDatabaseFails(t *testing.T) { // HOSTILE 63
	_, db := newPairFile(t)
	pairs, err := newPairs(db, grace, nil)
	require.NoError(t, err)
	pair := logIn(t, pairs)
	_, err = db.ExecContext(t.Context(), `ALTER TABLE refresh_families RENAME TO away`)
	require.NoError(t, err)
	for name, err := range map[string]error{
		"LogIn":      second(pairs.LogIn(t.Context(), "42", jwtauth.LoginOptions{})),
		"Refresh":    second(pairs.Refresh(t.Context(), pair.RefreshToken, "")),
		"LogOut":     pairs.LogOut(t.Context(), revocation.Token{Issuer: "https://login.example", Family: "f"}),
		"LogOutUser": pairs.LogOutUser(t.Context(), "42"),
	} {
		assert.ErrorIs(t, err, runtime.ErrUnavailable, name)
		assert.NotErrorIs(t, err, runtime.ErrUnauthenticated, name)
	}
	_, err = db.ExecContext(t.Context(), `ALTER TABLE away RENAME TO refresh_families`)
	require.NoError(t, err)
	_, err = pairs.Refresh(t.Context(), pair.RefreshToken, "")
	assert.NoError(t, err, "nothing is lost")
}

func second(_ jwtauth.Pair, err error) error { return err }

// A try is what became of one refresh.
type try struct {
	Pair   jwtauth.Pair
	Reused bool   // the error is ErrReuse
	Error  string // empty if there is none
	Is401  bool
}

// tryTogether presents one refresh token n times at once.
func tryTogether(pairs *jwtauth.PairIssuer, text string, n int) []try {
	tries := make([]try, n)
	gate := make(chan struct{})
	var group sync.WaitGroup
	for i := range tries {
		group.Go(func() {
			<-gate
			pair, err := pairs.Refresh(context.Background(), text, "")
			if tries[i].Pair = pair; err != nil {
				tries[i].Error, tries[i].Reused, tries[i].Is401 = err.Error(), errors.Is(err, jwtauth.ErrReuse), errors.Is(err, runtime.ErrUnauthenticated)
			}
		})
	}
	close(gate)
	group.Wait()
	return tries
}

// requireOneSuccessor returns the successor that all tries have got.
func requireOneSuccessor(t *testing.T, tries []try) jwtauth.Pair {
	t.Helper()
	successors := map[string]bool{}
	for _, try := range tries {
		require.Empty(t, try.Error)
		require.NoError(t, accessWith(nil, try.Pair))
		successors[try.Pair.RefreshToken] = true
	}
	require.Len(t, successors, 1)
	return tries[0].Pair
}

// requireDead asserts that one try at most has got something, one has ended the
// family, and all others have come too late. It returns what the one has got.
func requireDead(t *testing.T, tries []try) jwtauth.Pair {
	t.Helper()
	var winners []jwtauth.Pair
	reuses := 0
	for _, try := range tries {
		if try.Error == "" {
			winners = append(winners, try.Pair)
			continue
		}
		require.True(t, try.Is401, try.Error)
		if try.Reused {
			reuses++
		}
	}
	require.Len(t, winners, 1)
	require.Equal(t, 1, reuses)
	return winners[0]
}

func TestConcurrentRefreshesOnSQLite(t *testing.T) { // HOSTILE 69
	_, db := newPairFile(t)
	for _, grace := range []time.Duration{grace, -1} {
		pairs, err := newPairs(db, grace, nil)
		require.NoError(t, err)
		for range 5 {
			tries := tryTogether(pairs, logIn(t, pairs).RefreshToken, 50)
			if grace > 0 {
				_, err := pairs.Refresh(t.Context(), requireOneSuccessor(t, tries).RefreshToken, "")
				require.NoError(t, err)
			} else {
				_, err := pairs.Refresh(t.Context(), requireDead(t, tries).RefreshToken, "")
				require.ErrorIs(t, err, runtime.ErrUnauthenticated)
			}
		}
	}
}

const (
	pairProcesses  = 4
	triesOfProcess = 13
)

// Processes of one service share a file only.
func TestConcurrentRefreshesOfProcesses(t *testing.T) { // HOSTILE 69
	path, db := newPairFile(t)
	for _, grace := range []time.Duration{grace, -1} {
		t.Run(fmt.Sprintf("grace %v", grace), func(t *testing.T) {
			pairs, err := newPairs(db, grace, nil)
			require.NoError(t, err)
			processes := make([]*pairProcess, pairProcesses)
			for i := range processes {
				processes[i] = startPairProcess(t, path, grace)
			}
			for range 6 {
				text := logIn(t, pairs).RefreshToken
				var tries []try
				for _, p := range processes {
					p.ask(t, text)
				}
				for _, p := range processes {
					tries = append(tries, p.answers(t)...)
				}
				require.Len(t, tries, pairProcesses*triesOfProcess)
				if grace > 0 {
					_, err := pairs.Refresh(t.Context(), requireOneSuccessor(t, tries).RefreshToken, "")
					require.NoError(t, err)
				} else {
					_, err := pairs.Refresh(t.Context(), requireDead(t, tries).RefreshToken, "")
					require.ErrorIs(t, err, runtime.ErrUnauthenticated)
				}
			}
			for _, p := range processes {
				p.stop(t)
			}
		})
	}
}

// A pairProcess is another process that refreshes what it is told to.
type pairProcess struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

const (
	pairFileVariable  = "BOLTAUTHGEN_TEST_PAIR_FILE"
	pairGraceVariable = "BOLTAUTHGEN_TEST_PAIR_GRACE"
)

// startPairProcess starts one. It is over at the end of the test at the latest.
func startPairProcess(t *testing.T, path string, grace time.Duration) *pairProcess {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	p := &pairProcess{command: exec.CommandContext(t.Context(), program)}
	p.command.Env = append(os.Environ(), pairFileVariable+"="+path, pairGraceVariable+"="+grace.String())
	p.command.Stderr = os.Stderr
	p.in, err = p.command.StdinPipe()
	require.NoError(t, err)
	out, err := p.command.StdoutPipe()
	require.NoError(t, err)
	p.out = bufio.NewReader(out)
	require.NoError(t, p.command.Start())
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	return p
}

func (p *pairProcess) ask(t *testing.T, text string) {
	t.Helper()
	_, err := fmt.Fprintln(p.in, text)
	require.NoError(t, err)
}

func (p *pairProcess) answers(t *testing.T) (tries []try) {
	t.Helper()
	line, err := p.out.ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &tries))
	return tries
}

func (p *pairProcess) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, p.in.Close())
	require.NoError(t, p.command.Wait())
}

// The binary of the tests is such a process if the environment says so.
func init() {
	if path := os.Getenv(pairFileVariable); path != "" {
		if err := servePairs(path, os.Getenv(pairGraceVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// servePairs refreshes the token of each line that it reads, and writes a line
// with what became of that.
func servePairs(path, graceText string) error {
	grace, err := time.ParseDuration(graceText)
	if err != nil {
		return err
	}
	db, err := openFile(path, "synchronous(OFF)")
	if err != nil {
		return err
	}
	defer db.Close()
	pairs, err := newPairs(db, grace, nil)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := answers.Encode(tryTogether(pairs, lines.Text(), triesOfProcess)); err != nil {
			return err
		}
	}
	return lines.Err()
}

// Whoever is logged out everywhere is, even while tokens are being refreshed.
func TestLogOutUserInARaceOnSQLite(t *testing.T) { // HOSTILE 66
	_, db := newPairFile(t)
	faster, slower := 0, 0
	for range 25 {
		revocations := revocation.NewMemory()
		pairs, err := newPairs(db, grace, revocations)
		require.NoError(t, err)
		var mu sync.Mutex
		all := []jwtauth.Pair{logIn(t, pairs), logIn(t, pairs)}
		var group sync.WaitGroup
		for _, pair := range []jwtauth.Pair{all[0], all[0], all[1]} {
			group.Go(func() {
				for range 6 {
					next, err := pairs.Refresh(t.Context(), pair.RefreshToken, "")
					mu.Lock()
					if err == nil {
						all = append(all, next)
						faster++
					} else {
						slower++
						assert.ErrorIs(t, err, runtime.ErrUnauthenticated)
					}
					mu.Unlock()
					if err != nil {
						return
					}
					pair = next
				}
			})
		}
		group.Go(func() {
			time.Sleep(2 * time.Millisecond)
			assert.NoError(t, pairs.LogOutUser(t.Context(), "42"))
		})
		group.Wait()
		for _, pair := range all {
			require.ErrorIs(t, accessWith(revocations, pair), runtime.ErrRevoked)
			_, err := pairs.Refresh(t.Context(), pair.RefreshToken, "")
			require.ErrorIs(t, err, runtime.ErrUnauthenticated)
		}
		require.Zero(t, count(t, db))
	}
	assert.NotZero(t, faster)
	assert.NotZero(t, slower)
}

// Who reads the file can neither take a token nor make one up from it.
func TestTheFileHoldsNoPair(t *testing.T) { // HOSTILE 112
	path, db := newPairFile(t)
	pairs, err := newPairs(db, grace, nil)
	require.NoError(t, err)
	pair := logIn(t, pairs)
	tokens := []string{pair.AccessToken, pair.RefreshToken}
	for range 20 {
		pair, err = pairs.Refresh(t.Context(), pair.RefreshToken, "")
		require.NoError(t, err)
		tokens = append(tokens, pair.AccessToken, pair.RefreshToken)
	}
	check := func() {
		t.Helper()
		content := dump(t, path)
		require.Contains(t, content, pairClaims(t, pair.RefreshToken)["fam"], "this is where it would be found")
		var parts []string
		for _, token := range tokens {
			parts = append(parts, strings.Split(token, ".")[1:]...)
			parts = append(parts, pairClaims(t, token)["jti"].(string))
		}
		assertNoToken(t, content, parts)
	}
	check()
	_, err = db.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE); VACUUM`)
	require.NoError(t, err)
	check()
}

func pairClaims(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &claims))
	return claims
}
