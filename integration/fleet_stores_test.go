package integration

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fleetStore is a server of its own whose data outlive it, and the URL by which
// instances share it.
type fleetStore struct {
	*server
	url     string
	restart func() error // after it was killed, on the same data

	readOnly []readOnly // the ways in which it can be kept from taking writes

	lose func(t *testing.T) // makes it lose all that it has; nil: no command does that

	// replace has a replica take the place of the server, which was killed, and returns
	// its port; nil: there is no replica.
	replace func(t *testing.T) (port int)
}

// A readOnly keeps a store from taking writes, or lets it again.
type readOnly struct {
	set func(t *testing.T, only bool)

	// good is what is answered to a token that is good, meanwhile: a server that may be a
	// copy, which lags behind, is not believed.
	good int
}

// urlAt returns the URL by which instances share it through a proxy on a port.
func (s *fleetStore) urlAt(port int) string {
	return strings.Replace(s.url, fmt.Sprint(":", s.port), fmt.Sprint(":", port), 1)
}

var fleetStores = []struct {
	name  string
	start func(t *testing.T) *fleetStore
}{
	{"PostgreSQL", func(t *testing.T) *fleetStore { return postgresStore(t, own(t, newPostgres)) }},
	{"MariaDB", func(t *testing.T) *fleetStore { return mariadbStore(t, own(t, newMariaDB)) }},
	{"Redis", startRedis},
}

func postgresStore(t *testing.T, d *database) *fleetStore {
	t.Helper()
	return &fleetStore{
		server: &d.server, url: d.dsn(d.port, d.newDatabase(t)), restart: func() error { return d.begin() },
		readOnly: []readOnly{{func(t *testing.T, only bool) {
			d.asRoot(t, fmt.Sprint("ALTER SYSTEM SET default_transaction_read_only = ", only), "SELECT pg_reload_conf()")
			d.waitFor(t, "SHOW default_transaction_read_only", map[bool]string{true: "on", false: "off"}[only])
		}, http.StatusOK}},
	}
}

func mariadbStore(t *testing.T, d *database) *fleetStore {
	t.Helper()
	return &fleetStore{
		server: &d.server, url: fmt.Sprintf("mysql://app@127.0.0.1:%d/%s", d.port, d.newDatabase(t)), restart: func() error { return d.begin() },
		readOnly: []readOnly{{func(t *testing.T, only bool) {
			d.asRoot(t, fmt.Sprint("SET GLOBAL read_only = ", only)) // as replicas are
		}, http.StatusServiceUnavailable}},
	}
}

// waitFor waits until a question has an answer.
func (d *database) waitFor(t *testing.T, question, want string) {
	t.Helper()
	require.NoError(t, within(30*time.Second, func() error {
		db, err := sql.Open(d.driver, d.admin) // anew, as settings may be those of a connection
		if err != nil {
			return err
		}
		defer db.Close()
		var answer string
		if err := db.QueryRowContext(t.Context(), question).Scan(&answer); err != nil || answer == want {
			return err
		}
		return fmt.Errorf("%s: %s", question, answer)
	}))
}

// startRedis starts a Redis that has on disk what it acknowledges.
func startRedis(t *testing.T) *fleetStore {
	t.Helper()
	s, begin := newRedis(t)
	nobody, err := freePort()
	require.NoError(t, err)
	return &fleetStore{
		server: s, url: fmt.Sprintf("redis://127.0.0.1:%d/0", s.port), restart: begin,
		readOnly: []readOnly{
			{func(t *testing.T, only bool) {
				s.askRedis(t, "config", "set", "min-replicas-to-write", map[bool]string{true: "1", false: "0"}[only])
			}, http.StatusServiceUnavailable},
			{func(t *testing.T, only bool) {
				if only {
					s.askRedis(t, "replicaof", "127.0.0.1", fmt.Sprint(nobody))
				} else {
					s.askRedis(t, "replicaof", "no", "one")
				}
			}, http.StatusServiceUnavailable},
		},
		lose: func(t *testing.T) { s.askRedis(t, "flushall") },
	}
}

// newRedis starts a Redis, and returns a function that starts it again.
func newRedis(t *testing.T, settings ...string) (s *server, begin func() error) {
	t.Helper()
	owner, err := accountOf("redis")
	require.NoError(t, err)
	path, err := program("redis-server", "/usr/bin/redis-server")
	require.NoError(t, err)
	s = &server{}
	s.dir, err = newServerDir(owner)
	require.NoError(t, err)
	s.port, err = freePort()
	require.NoError(t, err)
	command := []string{path, "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--dir", s.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0"}
	command = append(command, settings...)
	begin = func() error {
		if err := s.start(owner, command...); err != nil {
			return err
		}
		return within(30*time.Second, s.pingRedis)
	}
	t.Cleanup(func() { assert.NoError(t, s.stop()) })
	require.NoError(t, begin())
	return s, begin
}

// askRedis sends a command to a Redis and returns the answer.
func (s *server) askRedis(t *testing.T, command ...any) string {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: fmt.Sprint("127.0.0.1:", s.port)})
	defer client.Close()
	answer, err := client.Do(t.Context(), command...).Text()
	require.NoError(t, err)
	return answer
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
