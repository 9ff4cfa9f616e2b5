package integration

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests of this module run real servers: each in a folder of its own, on a free
// port of the loopback interface. They are started and stopped by their process ids,
// never by name.

// A server is a process that serves on a port, in a folder that goes with it.
type server struct {
	dir   string
	port  int
	pid   int
	owner account // of the process

	keeper *exec.Cmd
	life   io.Closer // the server lives until this is closed
}

// newServerDir returns an empty folder that a user owns.
func newServerDir(owner account) (string, error) {
	dir, err := os.MkdirTemp("", "server-")
	if err != nil {
		return "", err
	}
	return dir, owner.own(dir)
}

// keep runs a server, and ends it when its input ends, which is at the latest when
// the test binary does, however that ends. Then it removes the folders it is told.
// To the server, a file that may not grow is an error, as a full disk is, and no end.
const keep = `
trap "" XFSZ
remove=$1; shift
"$@" >"$remove/log" 2>&1 &
server=$!
echo $server
read -r order
pkill -CONT -P $server 2>/dev/null
kill -CONT $server 2>/dev/null
kill -QUIT $server 2>/dev/null
sleep 0.3
kill -KILL $server 2>/dev/null
wait
if [ "$order" != keep ]; then rm -rf "$remove"; fi
`

// start starts a server in its folder.
func (s *server) start(owner account, command ...string) error {
	s.owner = owner
	s.keeper = exec.Command("sh", append([]string{"-c", keep, "sh", s.dir}, owner.as(command)...)...)
	s.keeper.Stderr = os.Stderr
	s.keeper.Dir = "/"
	s.keeper.Env = append(os.Environ(), "HOME="+s.dir, "TMPDIR="+s.dir)
	in, err := s.keeper.StdinPipe()
	if err != nil {
		return err
	}
	out, err := s.keeper.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.keeper.Start(); err != nil {
		return err
	}
	s.life = in
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}
	s.pid, err = strconv.Atoi(strings.TrimSpace(line))
	return err
}

// stop ends the server and removes its folder.
func (s *server) stop() error {
	if s.keeper == nil { // it was killed
		return os.RemoveAll(s.dir)
	}
	_ = s.life.Close()
	return s.keeper.Wait()
}

// kill ends the server as a crash does, so that nothing is written any more, and
// leaves its folder.
func (s *server) kill(t *testing.T) {
	t.Helper()
	for _, pid := range s.processes(t) {
		err := syscall.Kill(pid, syscall.SIGKILL)
		require.True(t, err == nil || err == syscall.ESRCH, "%v", err)
	}
	_, err := fmt.Fprintln(s.life.(io.Writer), "keep")
	require.NoError(t, err)
	require.NoError(t, s.keeper.Wait())
	s.keeper = nil
}

// signal sends a signal to all processes of the server. If it is SIGSTOP, they stand
// still when it returns.
func (s *server) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	for _, pid := range s.processes(t) {
		err := syscall.Kill(pid, signal)
		require.True(t, err == nil || err == syscall.ESRCH, "%v", err)
		if signal == syscall.SIGSTOP {
			require.NoError(t, within(10*time.Second, func() error { return standsStill(pid) }))
		}
	}
}

// standsStill is an error while a thread of a process that was stopped still runs: each
// is stopped when it is next scheduled.
func standsStill(pid int) error {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		return err
	}
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if state := fieldsOf(stat)[0]; err == nil && state != "T" && state != "Z" {
			return fmt.Errorf("a thread of process %d is in state %s", pid, state)
		}
	}
	return nil
}

// fieldsOf returns the fields of a stat file in /proc from the state on. The name before
// it, in parentheses, may have anything in it.
func fieldsOf(stat []byte) []string {
	if fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])); len(fields) > 1 {
		return fields
	}
	return []string{"", ""} // it has ended meanwhile
}

// limitFiles has every write of the server to a file fail from some size on, -1 for
// none. Those that it is about to start have the limit of the server.
func (s *server) limitFiles(t *testing.T, size int) {
	t.Helper()
	limit := map[bool]string{true: "unlimited", false: fmt.Sprint(size)}[size < 0]
	for range 2 {
		for _, pid := range s.processes(t) {
			// The hard limit stays, so that the owner may lift this one.
			err := s.owner.run("/", "prlimit", fmt.Sprint("--pid=", pid), "--fsize="+limit+":")
			require.True(t, err == nil || !alive(pid), "%v", err)
		}
	}
}

// alive reports whether a process runs.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && fieldsOf(stat)[0] != "Z"
}

// processes returns the server's process and those that it has started.
func (s *server) processes(t *testing.T) []int {
	t.Helper()
	all := []int{s.pid}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, file := range files {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		if parent, _ := strconv.Atoi(fieldsOf(stat)[1]); parent == s.pid {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			require.NoError(t, err)
			all = append(all, pid)
		}
	}
	return all
}

// log returns what the server has written.
func (s *server) log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text)
}

// within calls f until it succeeds or the time is over.
func within(limit time.Duration, f func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := f()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// An account is the user as whom a server runs. Databases refuse to run as root.
type account struct{ uid, gid int }

// accountOf returns the account of a name, or of nobody if there is none of it; and
// that of who runs the tests, unless that is root.
func accountOf(name string) (account, error) {
	if os.Getuid() != 0 {
		return account{os.Getuid(), os.Getgid()}, nil
	}
	found, err := user.Lookup(name)
	if err != nil {
		found, err = user.Lookup("nobody")
	}
	if err != nil {
		return account{}, err
	}
	uid, _ := strconv.Atoi(found.Uid)
	gid, err := strconv.Atoi(found.Gid)
	return account{uid, gid}, err
}

func (a account) own(dir string) error { return os.Chown(dir, a.uid, a.gid) }

// as returns the command that runs a command with this account.
func (a account) as(command []string) []string {
	if os.Getuid() != 0 {
		return command
	}
	return append([]string{"setpriv", fmt.Sprintf("--reuid=%d", a.uid), fmt.Sprintf("--regid=%d", a.gid), "--clear-groups"}, command...)
}

// run runs a command to its end.
func (a account) run(dir string, command ...string) error {
	command = a.as(command)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "TMPDIR="+dir)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, output)
	}
	return nil
}

// program returns the path of a program that is in the PATH or in one of the places
// that a pattern matches, the last of them.
func program(name, pattern string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	places, err := filepath.Glob(pattern)
	if err != nil || len(places) == 0 {
		return "", fmt.Errorf("%s is not here: integration/install installs it", name)
	}
	return places[len(places)-1], nil
}
