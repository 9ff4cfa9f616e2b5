package integration

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fleetStore is a server of its own whose data outlive it, and the URL by which
// instances share it.
type fleetStore struct {
	*server
	url     string
	restart func() error // after it was killed, on the same data
}

var fleetStores = []struct {
	name  string
	start func(t *testing.T) *fleetStore
}{
	{"PostgreSQL", func(t *testing.T) *fleetStore {
		d := own(t, newPostgres)
		return &fleetStore{&d.server, d.dsn(d.port, d.newDatabase(t)), func() error { return d.begin() }}
	}},
	{"MariaDB", func(t *testing.T) *fleetStore {
		d := own(t, newMariaDB)
		url := fmt.Sprintf("mysql://app@127.0.0.1:%d/%s", d.port, d.newDatabase(t))
		return &fleetStore{&d.server, url, func() error { return d.begin() }}
	}},
	{"Redis", startRedis},
}

// startRedis starts a Redis that has on disk what it acknowledges.
func startRedis(t *testing.T) *fleetStore {
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
	begin := func() error {
		err := s.start(owner, path, "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", s.dir,
			"--save", "", "--appendonly", "yes", "--appendfsync", "always")
		if err != nil {
			return err
		}
		return within(30*time.Second, s.pingRedis)
	}
	t.Cleanup(func() { assert.NoError(t, s.stop()) })
	require.NoError(t, begin())
	return &fleetStore{s, fmt.Sprintf("redis://127.0.0.1:%d/0", s.port), begin}
}

// pingRedis is an error while the server does not serve, or still reads what it has.
func (s *server) pingRedis() error {
	conn, err := net.DialTimeout("tcp", fmt.Sprint("127.0.0.1:", s.port), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "PING\r\nQUIT\r\n"); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err == nil && !strings.HasPrefix(string(answer), "+PONG") {
		err = fmt.Errorf("redis answers %q", answer)
	}
	return err
}

// An instance is a process of examples/annotated.
type instance struct {
	server
	name, url string
	dead      atomic.Bool // it is being killed
}

// startInstance starts the program with variables, and waits until it serves.
func startInstance(program, name, dir string, variables ...string) (*instance, error) {
	p := &instance{server: server{dir: dir}, name: name}
	owner := account{os.Getuid(), os.Getgid()}
	if err := p.start(owner, append(append([]string{"env", "ADDR=127.0.0.1:0"}, variables...), program)...); err != nil {
		return nil, err
	}
	err := within(30*time.Second, func() error {
		_, rest, listens := strings.Cut(p.log(), "Listening on ")
		url, _, whole := strings.Cut(rest, ". ")
		if !listens || !whole {
			return fmt.Errorf("%s does not listen:\n%s", name, p.log())
		}
		p.url = url
		return nil
	})
	return p, err
}
