package redisstore_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
)

// The tests run real servers: each in a folder of its own, on a free port of the loopback interface, with a password.
// They are stopped by their process ids, never by name.

func init() { redis.SetLogger(silence{}) } // it also logs what it returns as errors

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// A server is a process that serves on a port, in a folder that goes with it.
type server struct {
	program, dir, config string
	addr                 string
	port                 int
	password             string

	pid    int
	keeper *exec.Cmd
	life   io.Closer // the server lives until this is closed
}

// keep runs a server, and kills it when its input ends, which is at the latest when the test binary does, however that
// ends.
const keep = `
"$@" >>log 2>&1 &
echo $!
read -r _
kill -KILL $!
wait $!
`

// startServer starts a server with further lines for its configuration.
func startServer(t testing.TB, program string, settings ...string) *server {
	t.Helper()
	return startWithPassword(t, program, rand.Text(), settings...)
}

// startWithPassword is for servers that talk to each other.
func startWithPassword(t testing.TB, program, password string, settings ...string) *server {
	t.Helper()
	s := newServer(t, program, password)
	s.configure(t, append([]string{"masterauth " + password, "save \"\"", "repl-diskless-sync-delay 0"}, settings...)...)
	s.start(t)
	return s
}

// newServer returns one that is not configured yet.
func newServer(t testing.TB, program, password string) *server {
	t.Helper()
	s := &server{program: program, dir: t.TempDir(), port: freePort(t), password: password}
	s.addr = fmt.Sprint("127.0.0.1:", s.port)
	s.config = filepath.Join(s.dir, "server.conf")
	return s
}

func (s *server) configure(t testing.TB, settings ...string) {
	t.Helper()
	lines := append([]string{
		"bind 127.0.0.1",
		"protected-mode yes",
		fmt.Sprint("port ", s.port),
		"daemonize no",
		"dir " + s.dir,
		"requirepass " + s.password,
	}, settings...)
	require.NoError(t, os.WriteFile(s.config, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
}

// start starts the server, or starts it again, and waits until it answers.
func (s *server) start(t testing.TB, arguments ...string) {
	t.Helper()
	s.keeper = exec.Command("sh", append([]string{"-c", keep, "sh", s.program, s.config}, arguments...)...)
	s.keeper.Dir = s.dir
	in, err := s.keeper.StdinPipe()
	require.NoError(t, err)
	out, err := s.keeper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, s.keeper.Start())
	s.life = in
	t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	s.pid, err = strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	client := s.client(t)
	eventually(t, func() error { return client.Ping(t.Context()).Err() }, s.log)
}

// stop kills the server. It may be called again.
func (s *server) stop() {
	_ = s.life.Close()
	_ = s.keeper.Wait()
}

func (s *server) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(s.pid, signal))
}

// log returns what the server has written.
func (s *server) log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text)
}

// client returns one whose options may be changed first.
func (s *server) client(t testing.TB, change ...func(*redis.Options)) *redis.Client {
	t.Helper()
	options := &redis.Options{Addr: s.addr, Password: s.password, ContextTimeoutEnabled: true}
	for _, f := range change {
		f(options)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

// eventually waits until f succeeds.
func eventually(t testing.TB, f func() error, log ...func() string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			for _, text := range log {
				t.Log(text())
			}
			require.NoError(t, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// programs returns the servers that are there: Redis, and Valkey where Debian has it.
func programs(t testing.TB) []string {
	t.Helper()
	all := []string{redisServer}
	_, err := exec.LookPath(redisServer)
	require.NoError(t, err, "the script install installs it")
	if _, err := exec.LookPath("valkey-server"); err == nil {
		all = append(all, "valkey-server")
	}
	return all
}

const redisServer = "redis-server"

// newStore returns a store on a client.
func newStore(t testing.TB, config redisstore.RevocationConfig) *redisstore.Revocation {
	t.Helper()
	s, err := redisstore.NewRevocation(t.Context(), config)
	require.NoError(t, err)
	return s
}
