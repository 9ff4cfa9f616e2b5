package integration

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Stores that acknowledge only what a replica has as well.
var replicatedStores = []struct {
	name  string
	start func(t *testing.T) *fleetStore
}{
	{"PostgreSQL", startPostgresPair},
	{"MariaDB", startMariaDBPair},
	{"Redis", startRedisPair},
}

// testFailover kills the store while all processes write to it, and has its replica take
// its place, to which the proxy leads then.
func (f *fleet) testFailover(t *testing.T) {
	good := f.logIn(t, 3)
	w := f.keepLoggingOut(t)
	w.waitFor(t, 8)
	known := f.known(t)
	w.waitFor(t, 8)
	f.store.kill(t)
	killed := time.Now()
	f.stopped.Store(&killed)
	time.Sleep(3 * fleetBound / 2)
	for _, p := range f.instances {
		f.expect(t, p, http.StatusUnauthorized, known)
		f.expect(t, p, http.StatusServiceUnavailable, good)
	}
	w.expectRefused(t, killed)
	port := f.store.replace(t)
	f.stopped.Store(nil)
	f.proxy.to.Store(int64(port))
	since := time.Now()
	w.waitFor(t, 8)
	t.Logf("eight logouts were acknowledged within %s of the failover", time.Since(since))
	logins := w.enough()
	f.end(t, f.expectStored(t))
	f.expectWell(t, good, logins)
	f.logOutAgain(t, logins)
}

// startPostgresPair starts a PostgreSQL whose commits wait until they are on the disk of
// a replica, too.
func startPostgresPair(t *testing.T) *fleetStore {
	primary := own(t, newPostgres)
	s := postgresStore(t, primary)
	replica := own(t, func(...string) (*database, error) { return copyPostgres(primary) })
	primary.asRoot(t, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
	primary.waitFor(t, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")
	s.replace = func(t *testing.T) int {
		replica.asRoot(t, "SELECT pg_promote()")
		replica.waitFor(t, "SELECT pg_is_in_recovery()", "false")
		return replica.port
	}
	return s
}

// copyPostgres starts a replica of a PostgreSQL.
func copyPostgres(primary *database) (*database, error) {
	copied := &database{server: server{owner: primary.owner}, driver: primary.driver}
	var err error
	if copied.dir, err = newServerDir(copied.owner); err != nil {
		return nil, err
	}
	data := filepath.Join(copied.dir, "data")
	pgBasebackup, err := program("pg_basebackup", "/usr/lib/postgresql/*/bin/pg_basebackup")
	if err != nil {
		return nil, err
	}
	err = copied.owner.run(copied.dir, pgBasebackup, "-D", data, "-R", "-c", "fast", "-h", "127.0.0.1", "-p", fmt.Sprint(primary.port), "-U", "root")
	if err != nil {
		return nil, err
	}
	if copied.port, err = freePort(); err != nil {
		return nil, err
	}
	copied.command = postgresCommand(primary.command[0], data, copied.dir, copied.port)
	copied.admin = fmt.Sprintf("postgres://root@127.0.0.1:%d/postgres", copied.port)
	return copied, copied.begin()
}

// startMariaDBPair starts a MariaDB whose commits wait until they are in the log of a
// replica, too, before anybody sees them.
func startMariaDBPair(t *testing.T) *fleetStore {
	primary := own(t, newMariaDB, "--server-id=1", "--log-bin=binlog", "--gtid-strict-mode=1",
		"--rpl-semi-sync-master-wait-point=AFTER_SYNC", "--rpl-semi-sync-master-timeout=3600000")
	replica := own(t, newMariaDB, "--server-id=2", "--log-bin=binlog", "--log-slave-updates=1", "--gtid-strict-mode=1", "--rpl-semi-sync-slave-enabled=1")
	primary.asRoot(t, "RESET MASTER", "SET GLOBAL rpl_semi_sync_master_enabled = 1") // what was done by now, both have
	replica.asRoot(t, "RESET MASTER", "SET GLOBAL read_only = 1",
		fmt.Sprintf("CHANGE MASTER TO master_host='127.0.0.1', master_port=%d, master_user='root', master_use_gtid=slave_pos", primary.port), "START SLAVE")
	primary.waitFor(t, "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rpl_semi_sync_master_clients'", "1")
	s := mariadbStore(t, primary)
	s.replace = func(t *testing.T) int {
		replica.asRoot(t, "STOP SLAVE IO_THREAD")
		replica.waitFor(t, "SELECT count(*) FROM information_schema.processlist WHERE state LIKE 'Slave has read all relay log%'", "1")
		replica.asRoot(t, "STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL read_only = 0")
		return replica.port
	}
	return s
}

// startRedisPair starts a Redis with a replica, and asks instances to wait for that.
func startRedisPair(t *testing.T) *fleetStore {
	s := startRedis(t)
	s.url += "?replicas=1"
	replica, _ := newRedis(t, "--replicaof", "127.0.0.1", fmt.Sprint(s.port))
	s.waitForReplica(t)
	s.replace = func(t *testing.T) int {
		replica.askRedis(t, "replicaof", "no", "one")
		newRedis(t, "--replicaof", "127.0.0.1", fmt.Sprint(replica.port)) // what replicas=1 wants
		replica.waitForReplica(t)
		return replica.port
	}
	return s
}

// waitForReplica waits until a Redis has a replica.
func (s *server) waitForReplica(t *testing.T) {
	t.Helper()
	require.NoError(t, within(30*time.Second, func() error {
		if info := s.askRedis(t, "info", "replication"); !strings.Contains(info, "state=online") {
			return errors.New(info)
		}
		return nil
	}))
}
