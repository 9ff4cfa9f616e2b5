package integration

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/refresh"
)

// The tests here run this test binary as further processes, which share a database
// with each other. What such a process does is in the environment.
const (
	workVariable   = "STORE_TEST_WORK"
	driverVariable = "STORE_TEST_DRIVER"
	sourceVariable = "STORE_TEST_SOURCE"
)

func TestMain(m *testing.M) {
	var err error
	switch work := os.Getenv(workVariable); work {
	case "":
		os.Exit(runTests(m))
	case "rounds":
		err = workInRounds()
	case "chain":
		err = workInAChain()
	case "visits":
		err = workOnVisits()
	default:
		err = fmt.Errorf("no such work: %s", work)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runTests runs the tests, more of them at once than there are processors, since they
// mostly wait. The flag -parallel still has the last word.
func runTests(m *testing.M) int {
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	return m.Run()
}

// A source is where a database is: the path of a file, or what a driver for a server
// takes.
type source struct{ driver, name string }

// open opens the database, for at most ten callers at a time.
func (s source) open() (*sql.DB, error) {
	if s.driver == "sqlite" {
		return openFile(s.name)
	}
	db, err := sql.Open(s.driver, s.name)
	if err == nil {
		db.SetMaxOpenConns(connections)
		db.SetMaxIdleConns(connections)
	}
	return db, err
}

// given returns the source that a process was started with.
func given() source { return source{os.Getenv(driverVariable), os.Getenv(sourceVariable)} }

// A process is one that works on the database, and takes orders and reports line by line.
type process struct {
	*exec.Cmd
	orders  io.WriteCloser
	reports *bufio.Reader
}

func startProcess(t *testing.T, work string, where source) *process {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	p := &process{Cmd: exec.CommandContext(t.Context(), executable)}
	p.Env = append(os.Environ(), workVariable+"="+work, driverVariable+"="+where.driver, sourceVariable+"="+where.name)
	p.Stderr = os.Stderr
	p.orders, err = p.StdinPipe()
	require.NoError(t, err)
	reports, err := p.StdoutPipe()
	require.NoError(t, err)
	p.reports = bufio.NewReader(reports)
	require.NoError(t, p.Start())
	return p
}

// openStore is how a process begins.
func openStore() (*refresh.SQL, error) {
	db, err := given().open()
	if err != nil {
		return nil, err
	}
	return refresh.NewSQL(context.Background(), refresh.SQLConfig{DB: db})
}

const (
	processes  = 5
	goroutines = connections // in each process
)

// A round is an order: to present one token, in all goroutines, at one instant.
type round struct {
	Family, Token string
	Grace         time.Duration
	At            time.Time
}

// A report is what became of it in one goroutine.
type report struct {
	Successor string // that this goroutine has made
	Outcome   refresh.Outcome
	Sealed    []byte
	Error     string
}

func workInRounds() error {
	store, err := openStore()
	if err != nil {
		return err
	}
	reports := json.NewEncoder(os.Stdout)
	orders := json.NewDecoder(os.Stdin)
	for {
		var order round
		if err := orders.Decode(&order); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := reports.Encode(order.work(store)); err != nil {
			return err
		}
	}
}

func (r round) work(store *refresh.SQL) []report {
	all := make([]report, goroutines)
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() {
			successor := newToken()
			rotation := rotation(r.Family, r.Token, successor, r.Grace)
			time.Sleep(time.Until(r.At))
			result, err := store.Rotate(context.Background(), rotation)
			all[i] = report{Successor: successor, Outcome: result.Outcome, Sealed: result.Sealed}
			if err != nil {
				all[i].Error = err.Error()
			}
		})
	}
	group.Wait()
	return all
}

// One token, presented fifty times at once by five processes, has one successor.
func TestProcessesShareAFile(t *testing.T) { // HOSTILE 69
	path, db := newFile(t)
	testProcesses(t, source{"sqlite", path}, newStore(t, db, ""), 24)
}

// testProcesses has processes present one token after the other at once.
func testProcesses(t *testing.T, where source, store *refresh.SQL, rounds int) {
	t.Helper()
	var all []*process
	for range processes {
		all = append(all, startProcess(t, "rounds", where))
	}
	first := make(map[int]int) // how often each process came first
	for i := range rounds {
		order := round{Family: fmt.Sprint("family ", i), Token: newToken()}
		if i%2 == 0 {
			order.Grace = grace
		}
		start(t, store, order.Family, order.Token)
		reports := inAllProcesses(t, all, order)
		winner := winnerOf(t, reports)
		if order.Grace > 0 {
			checkOneSuccessor(t, store, order, reports, winner)
		} else {
			checkDead(t, store, order, reports, winner)
		}
		first[winner/goroutines]++
	}
	assert.Greater(t, len(first), 1, "it was always the same process that came first, so there was no race: %v", first)
	for _, p := range all {
		require.NoError(t, p.orders.Close())
		require.NoError(t, p.Wait())
	}
}

func inAllProcesses(t *testing.T, all []*process, order round) (reports []report) {
	t.Helper()
	order.At = time.Now().Add(20 * time.Millisecond)
	for _, p := range all {
		require.NoError(t, json.NewEncoder(p.orders).Encode(order))
	}
	for _, p := range all {
		line, err := p.reports.ReadBytes('\n')
		require.NoError(t, err)
		var some []report
		require.NoError(t, json.Unmarshal(line, &some))
		reports = append(reports, some...)
	}
	require.Len(t, reports, processes*goroutines)
	return reports
}

func winnerOf(t *testing.T, reports []report) int {
	t.Helper()
	winner := -1
	for i, r := range reports {
		require.Empty(t, r.Error)
		if r.Outcome == refresh.Rotated {
			require.Equal(t, -1, winner, "two successors")
			winner = i
		}
	}
	require.NotEqual(t, -1, winner, "no successor")
	return winner
}

func checkOneSuccessor(t *testing.T, store *refresh.SQL, order round, reports []report, winner int) {
	t.Helper()
	successor := reports[winner].Successor
	for i, r := range reports {
		if i == winner {
			continue
		}
		require.Equal(t, refresh.Repeated, r.Outcome)
		unsealed, err := unseal(order.Token, r.Sealed)
		require.NoError(t, err)
		require.Equal(t, successor, unsealed)
	}
	require.Equal(t, refresh.Rotated, rotate(t, store, rotation(order.Family, successor, newToken(), grace)).Outcome)
}

func checkDead(t *testing.T, store *refresh.SQL, order round, reports []report, winner int) {
	t.Helper()
	count := make(map[refresh.Outcome]int)
	for _, r := range reports {
		count[r.Outcome]++
	}
	require.Equal(t, map[refresh.Outcome]int{refresh.Rotated: 1, refresh.Reused: 1, refresh.Unknown: len(reports) - 2}, count)
	require.Equal(t, refresh.Unknown, rotate(t, store, rotation(order.Family, reports[winner].Successor, newToken(), 0)).Outcome)
}

// chainToken returns a token that two processes know by its number.
func chainToken(number int) string { return fmt.Sprint("chain ", number) }

// workInAChain rotates the family "f" from the token whose number is the order,
// until the process is killed. It reports each number before it presents the token.
func workInAChain() error {
	store, err := openStore()
	if err != nil {
		return err
	}
	var number int
	if err := json.NewDecoder(os.Stdin).Decode(&number); err != nil {
		return err
	}
	for ; ; number++ {
		if _, err := fmt.Println(number); err != nil {
			return err
		}
		r := rotation("f", chainToken(number), chainToken(number+1), grace)
		result, err := store.Rotate(context.Background(), r)
		if err != nil {
			return err
		}
		if result.Outcome != refresh.Rotated {
			return fmt.Errorf("rotation %d: %v", number, result.Outcome)
		}
	}
}

// A process that is killed while it rotates leaves either the old token or its
// successor as the current one, and whoever repeats the rotation goes on.
func TestKilledProcess(t *testing.T) {
	path, db := newFile(t)
	store := newStore(t, db, "")
	start(t, store, "f", chainToken(0))
	next, rotated, repeated := 0, 0, 0
	for range 15 {
		number := killInAChain(t, path, next)

		r := rotation("f", chainToken(number), chainToken(number+1), grace)
		result := rotate(t, store, r)
		switch result.Outcome {
		case refresh.Rotated: // it had not happened
			rotated++
		case refresh.Repeated: // it had
			repeated++
			require.Equal(t, r.Sealed, result.Sealed)
		default:
			require.Fail(t, "neither is current", "%v", result.Outcome)
		}
		require.Equal(t, refresh.Repeated, rotate(t, store, r).Outcome, "in any case the successor is current now")
		next = number + 1

		var integrity string
		require.NoError(t, db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&integrity))
		require.Equal(t, "ok", integrity)
		require.Equal(t, 1, count(t, db))
	}
	t.Logf("killed before the rotation %d times, after it %d times, in a chain of %d", rotated, repeated, next)
	require.Equal(t, refresh.Rotated, rotate(t, store, rotation("f", chainToken(next), chainToken(next+1), grace)).Outcome)
}

// killInAChain runs the chain from a number in another process, kills it somewhere,
// and returns the number that it was at.
func killInAChain(t *testing.T, path string, from int) (number int) {
	t.Helper()
	p := startProcess(t, "chain", source{"sqlite", path})
	require.NoError(t, json.NewEncoder(p.orders).Encode(from))
	number = -1
	for i := 0; ; i++ {
		_, err := fmt.Fscanln(p.reports, &number)
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			break
		}
		if i == 5 { // it is under way
			time.AfterFunc(rand.N(20*time.Millisecond), func() { assert.NoError(t, p.Process.Kill()) })
		}
	}
	require.Error(t, p.Wait(), "killed")
	require.GreaterOrEqual(t, number, from+5)
	return number
}
