package integration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// The servers, for what files do not have.
var serverPlaces = []struct {
	name   string
	shared func() (*database, error)
	start  func(...string) (*database, error)
}{{"PostgreSQL", postgres, newPostgres}, {"MariaDB", mariadb, newMariaDB}}

// newRevocationDatabase creates a database with the table in it.
func (d *database) newRevocationDatabase(t testing.TB) (name string) {
	t.Helper()
	name = d.newDatabase(t)
	schema := place{name: map[string]string{"pgx": "PostgreSQL", "mysql": "MariaDB"}[d.driver]}.revocationSchema(t, "")
	run(t, d.open(t, name), schema)
	return name
}

// expectErrors wants each method to return an error within a time.
func expectErrors(t *testing.T, s *revocation.SQL, limit time.Duration) {
	t.Helper()
	token := revocation.Token{Issuer: "i", ID: "revoked", IssuedAt: noon}
	for name, call := range map[string]func() error{
		"Revoked": func() error {
			revoked, err := s.Revoked(t.Context(), token)
			assert.False(t, revoked)
			return err
		},
		"Revoke":       func() error { return s.Revoke(t.Context(), token) },
		"RevokeUser":   func() error { return s.RevokeUser(t.Context(), "i", "u", noon) },
		"RevokeFamily": func() error { return s.RevokeFamily(t.Context(), "i", "f", noon) },
		"Changes":      func() error { _, _, err := s.Changes(t.Context(), 0, 1); return err },
	} {
		asked := time.Now()
		require.Error(t, call(), name)
		assert.Less(t, time.Since(asked), limit, name)
	}
}

// expectRevoked wants the store to work, within a time, and to know a token.
func expectRevoked(t *testing.T, s revocation.Store, id string) {
	t.Helper()
	var revoked bool
	require.NoError(t, within(10*time.Second, func() (err error) {
		revoked, err = s.Revoked(t.Context(), revocation.Token{Issuer: "i", ID: id, IssuedAt: noon})
		return err
	}))
	require.True(t, revoked, id)
}

func revoke(t *testing.T, s revocation.Store, id string) error {
	return s.Revoke(t.Context(), revocation.Token{Issuer: "i", ID: id, Expires: time.Now().Add(time.Hour)})
}

// A server that is killed while it writes, and started again, has lost nothing
// that it has acknowledged, and the program goes on without a restart.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	for _, p := range serverPlaces {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := own(t, p.start)
			name := d.newRevocationDatabase(t)
			s := newRevocations(t, d.open(t, name), "")
			f := follower{newRevocations(t, d.open(t, name), ""), 0, make(map[string]revocation.Change)}
			var done acknowledged
			for round := range 3 {
				before := len(done.all())
				killWhileWriting(t, d, s, round, &done)
				require.NoError(t, d.begin())
				names := done.all()
				require.Greater(t, len(names), before)
				for _, name := range names {
					expectRevoked(t, s, name)
				}
				require.NoError(t, within(10*time.Second, func() error {
					_, _, err := f.store.Changes(t.Context(), f.next, 1)
					return err
				}))
				f.catchUp(t)
				for _, name := range names {
					require.Contains(t, f.seen, name)
				}
			}
		})
	}
}

// killWhileWriting writes by several callers until the server is gone.
func killWhileWriting(t *testing.T, d *database, s revocation.Store, round int, done *acknowledged) {
	t.Helper()
	var writers sync.WaitGroup
	var killed atomic.Bool
	for writer := range 4 {
		writers.Go(func() {
			for i := 0; !killed.Load(); i++ {
				name := fmt.Sprint(round, " ", writer, " ", i)
				if revoke(t, s, name) == nil {
					done.add(name)
				}
			}
		})
	}
	from := len(done.all())
	assert.NoError(t, within(10*time.Second, func() error {
		if len(done.all()) < from+20 {
			return errors.New("too few writes")
		}
		return nil
	}))
	d.kill(t)
	killed.Store(true)
	writers.Wait()
}

// A server that does not answer is an error within the timeout, and is used again
// when it answers.
func TestFrozenServer(t *testing.T) {
	for _, p := range serverPlaces {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := own(t, p.start)
			db := d.open(t, d.newRevocationDatabase(t))
			s, err := revocation.NewSQL(t.Context(), revocation.SQLConfig{DB: db, Timeout: 300 * time.Millisecond})
			require.NoError(t, err)
			require.NoError(t, revoke(t, s, "revoked"))
			func() {
				d.signal(t, syscall.SIGSTOP)
				defer d.signal(t, syscall.SIGCONT)
				expectErrors(t, s, 1500*time.Millisecond)
			}()
			expectRevoked(t, s, "revoked")
			require.NoError(t, within(10*time.Second, func() error { return revoke(t, s, "afterwards") }))
			expectRevoked(t, s, "afterwards")
		})
	}
}

// A server that may only be read does not pretend to revoke anything. A PostgreSQL says
// what is revoked; a MariaDB cannot be told from a replica, which lags behind, and says
// nothing.
func TestReadOnlyServer(t *testing.T) {
	for _, p := range serverPlaces {
		t.Run(p.name, func(t *testing.T) {
			d := shared(t, p.shared)
			name := d.newRevocationDatabase(t)
			require.NoError(t, revoke(t, newRevocations(t, d.open(t, name), ""), "revoked"))
			if d.driver == "pgx" {
				d.asRoot(t, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
			} else {
				d.asRoot(t, "SET GLOBAL read_only = 1")
				defer d.asRoot(t, "SET GLOBAL read_only = 0")
			}
			s := newRevocations(t, d.open(t, name), "")
			require.Error(t, revoke(t, s, "another"))
			require.Error(t, s.RevokeUser(t.Context(), "i", "u", noon))
			require.Error(t, s.RevokeFamily(t.Context(), "i", "f", noon))
			if d.driver == "mysql" {
				expectReplica(t, s)
				return
			}
			expectRevoked(t, s, "revoked")
			revoked, err := s.Revoked(t.Context(), revocation.Token{Issuer: "i", ID: "another", UserID: "u", Family: "f", IssuedAt: noon})
			require.NoError(t, err)
			assert.False(t, revoked)
			changes, _, err := s.Changes(t.Context(), 0, 10)
			require.NoError(t, err)
			assert.Len(t, changes, 1)
		})
	}
}

// Whoever holds all connections makes nobody wait for longer than the timeout.
func TestExhaustedPool(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			db := p.create(t)()
			run(t, db, p.revocationSchema(t, ""))
			s, err := revocation.NewSQL(t.Context(), revocation.SQLConfig{DB: db, Timeout: 200 * time.Millisecond})
			require.NoError(t, err)
			require.NoError(t, within(10*time.Second, func() error { return revoke(t, s, "revoked") }))
			usual, err := revocation.NewSQL(t.Context(), revocation.SQLConfig{DB: db})
			require.NoError(t, err)

			db.SetMaxOpenConns(1)
			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			expectErrors(t, s, 2*time.Second)
			asked := time.Now()
			_, err = usual.Revoked(t.Context(), revocation.Token{ID: "revoked"})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.InDelta(t, 2, time.Since(asked).Seconds(), 0.9, "two seconds is what is usual")
			require.NoError(t, conn.Close())
			expectRevoked(t, s, "revoked")
		})
	}
}

// Whoever locks the table makes writers wait no longer than the timeout.
func TestLockedCounter(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			open := p.create(t)
			db := open()
			run(t, db, p.revocationSchema(t, ""))
			s, err := revocation.NewSQL(t.Context(), revocation.SQLConfig{DB: open(), Timeout: 300 * time.Millisecond})
			require.NoError(t, err)
			require.NoError(t, within(10*time.Second, func() error { return revoke(t, s, "revoked") }))

			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			_, err = tx.ExecContext(t.Context(), `UPDATE revocations SET sequence = sequence + 1 WHERE kind = 0`)
			require.NoError(t, err)
			asked := time.Now()
			require.Error(t, revoke(t, s, "another"))
			assert.Less(t, time.Since(asked), 2*time.Second)
			if p.name != "SQLite without WAL" { // where readers may have to wait, too
				expectRevoked(t, s, "revoked")
			}
			var writers sync.WaitGroup
			for range 4 * connections {
				writers.Go(func() { assert.Error(t, revoke(t, s, "another")) })
			}
			for p.name != "SQLite without WAL" && time.Since(asked) < time.Second { // those that write do not have all connections
				changes, _, err := s.Changes(t.Context(), 0, 10)
				require.NoError(t, err)
				require.Len(t, changes, 1)
			}
			writers.Wait()
			require.NoError(t, tx.Rollback())
			require.NoError(t, within(10*time.Second, func() error { return revoke(t, s, "another") }))
			expectRevoked(t, s, "another")
		})
	}
}

// A connection that ends in the middle of an answer is an error, or is made up for
// by another one; it is never an answer.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	for _, place := range serverPlaces {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			d := shared(t, place.shared)
			p := newProxy(t, d.port)
			db := openSource(t, d.driver, d.dsn(p.port(), d.newRevocationDatabase(t)))
			s := newRevocations(t, db, "")
			require.NoError(t, revoke(t, s, "revoked"))
			failed := 0
			for bytes := range int64(60) {
				p.cut.Store(bytes * 3)
				revoked, err := s.Revoked(t.Context(), revocation.Token{Issuer: "i", ID: "revoked", IssuedAt: noon})
				require.True(t, revoked || err != nil, "cut after %d bytes", bytes*3)
				if err != nil {
					failed++
				}
				p.cut.Store(bytes * 7)
				name := fmt.Sprint("cut after ", bytes*7)
				err = revoke(t, s, name)
				p.cut.Store(-1)
				if err == nil {
					expectRevoked(t, s, name)
				} else {
					failed++
				}
				expectRevoked(t, s, "revoked")
			}
			assert.Greater(t, failed, 10, "hardly any connection was cut in time")
		})
	}
}

// Connections that ended while nobody used them do not make a call fail.
func TestIdleConnectionsThatEnded(t *testing.T) {
	for _, place := range serverPlaces {
		t.Run(place.name, func(t *testing.T) {
			d := shared(t, place.shared)
			p := newProxy(t, d.port)
			db := openSource(t, d.driver, d.dsn(p.port(), d.newRevocationDatabase(t)))
			s := newRevocations(t, db, "")
			for i := range 5 {
				require.NoError(t, revoke(t, s, fmt.Sprint(i)))
				if d.driver == "pgx" {
					d.asRoot(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
				} else {
					d.asRoot(t, "KILL USER app@'127.0.0.1'")
				}
				expectOne(t, s, fmt.Sprint(i))
			}
		})
	}
}

// expectOne wants a token to be revoked, at the first attempt.
func expectOne(t *testing.T, s revocation.Store, id string) {
	t.Helper()
	revoked, err := s.Revoked(t.Context(), revocation.Token{Issuer: "i", ID: id})
	require.NoError(t, err)
	require.True(t, revoked)
}

func TestRevocationsRefuseToStart(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			db := p.create(t)()
			for name, config := range map[string]revocation.SQLConfig{
				"no DB": {}, "no table": {DB: db}, "no name": {DB: db, Table: "a b"}, "negative": {DB: db, Timeout: -1},
			} {
				s, err := revocation.NewSQL(t.Context(), config)
				assert.ErrorContains(t, err, "revocation.NewSQL: ", name)
				assert.Nil(t, s)
			}
			run(t, db, p.revocationSchema(t, ""))
			newRevocations(t, db, "")
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := revocation.NewSQL(cancelled, revocation.SQLConfig{DB: db})
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
	t.Run("MariaDB without autocommit", func(t *testing.T) {
		d := shared(t, mariadb)
		name := d.newRevocationDatabase(t)
		db := openSource(t, d.driver, d.dsn(d.port, name)+"?autocommit=0")
		_, err := revocation.NewSQL(t.Context(), revocation.SQLConfig{DB: db})
		assert.ErrorContains(t, err, "autocommit")
	})
	var none *revocation.SQL
	for _, s := range []*revocation.SQL{none, new(revocation.SQL)} {
		expectErrors(t, s, time.Second)
	}
}
