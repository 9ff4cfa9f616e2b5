package storeurl

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func init() { logging.Disable() } // it also logs what it returns as errors

// keep runs a server, and kills it when its input ends, which is at the latest when the test binary does, however that
// ends.
const keep = `
"$@" >>log 2>&1 &
echo $!
read -r _
kill -KILL $!
wait $!
`

// A server is a Redis in a folder of its own, on a free port of the loopback interface, with a password.
type server struct {
	addr, password string
}

// startServer starts one with further lines for its configuration, and waits until it answers.
func startServer(t *testing.T, password string, settings ...string) server {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	s := server{fmt.Sprint("127.0.0.1:", port), password}
	lines := append([]string{
		"bind 127.0.0.1", fmt.Sprint("port ", port), "dir " + dir, "save \"\"", "repl-diskless-sync-delay 0",
		"requirepass " + password, "masterauth " + password,
	}, settings...)
	config := filepath.Join(dir, "server.conf")
	require.NoError(t, os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	command := []string{"-c", keep, "sh", "redis-server", config}
	if strings.HasPrefix(settings[0], "sentinel ") {
		require.NoError(t, os.WriteFile(config, []byte(strings.Join(append(settings, lines[1], lines[2], lines[5]), "\n")+"\n"), 0o600))
		command = append(command, "--sentinel")
	}
	keeper := exec.Command("sh", command...)
	keeper.Dir = dir
	in, err := keeper.StdinPipe()
	require.NoError(t, err)
	out, err := keeper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, keeper.Start())
	t.Cleanup(func() { _ = in.Close(); _ = keeper.Wait() })
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	client := s.client(t)
	eventually(t, func() error { return client.Ping(t.Context()).Err() })
	return s
}

func (s server) client(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.addr, Password: s.password})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	return client
}

// port returns the port alone.
func (s server) port() string {
	_, port, _ := strings.Cut(s.addr, ":")
	return port
}

// eventually waits until f succeeds.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := f()
	for ; err != nil && ctx.Err() == nil; err = f() {
		time.Sleep(20 * time.Millisecond)
	}
	require.NoError(t, err)
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func newPassword() string { return "s3cr3t#" + rand.Text() }
