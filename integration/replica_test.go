package integration

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/apikey"
	"github.com/boltauthgen/boltauthgen/runtime/refresh"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/session"
)

// expectReplica wants a store to say that it may lag behind, whatever it is asked.
func expectReplica(t *testing.T, s *revocation.SQL) {
	t.Helper()
	_, err := s.Revoked(t.Context(), revocation.Token{Issuer: "i", ID: "another"})
	assert.ErrorContains(t, err, "replica")
	_, next, err := s.Changes(t.Context(), 7, 10)
	assert.ErrorContains(t, err, "replica")
	assert.EqualValues(t, 7, next)
}

// Stores do not answer from a replica, though a pool of connections may lead to one after
// a failover. What it has may be old: here it has stopped to follow.
func TestReplicasDoNotAnswer(t *testing.T) {
	t.Parallel()
	primary := own(t, newPostgres)
	name := primary.newRevocationDatabase(t)
	db := primary.open(t, name)
	createTables(t, primary.driver, db, "")
	families, sessions, keys := newStore(t, db, ""), newSessionStore(t, db, ""), newKeyStore(t, db, "")
	start(t, families, "f", "token 0")
	require.NoError(t, sessions.Create(t.Context(), sessionRecord("a", noon)))
	key := addKey(t, keys)

	standby := own(t, func(...string) (*database, error) { return copyPostgres(primary) })
	standby.asRoot(t, "SELECT pg_wal_replay_pause()")
	require.NoError(t, revoke(t, newRevocations(t, db, ""), "another"))
	there := openSource(t, primary.driver, primary.dsn(standby.port, name))
	expectReplica(t, newRevocations(t, there, ""))
	fleet, err := revocation.NewFleet(t.Context(), revocation.FleetConfig{Feed: newRevocations(t, there, ""), OnPoll: func(error) {}})
	assert.ErrorContains(t, err, "replica")
	assert.Nil(t, fleet)

	_, err = newSessionStore(t, there, "").Load(t.Context(), sessionRecord("a", noon).ID)
	assert.ErrorContains(t, err, "replica")
	_, err = newSessionStore(t, there, "").List(t.Context(), sessionRecord("a", noon).UserID)
	assert.ErrorContains(t, err, "replica")
	lookup, err := newKeyStore(t, there, "").Lookup(t.Context(), key.ID)
	assert.ErrorContains(t, err, "replica")
	assert.NotErrorIs(t, err, apikey.ErrUnknown)
	assert.Zero(t, lookup)

	existing, err := revocation.NewSQLTable(t.Context(), revocation.TableConfig{DB: there, Table: "revocations", ID: "name"})
	require.NoError(t, err)
	_, err = existing.Revoked(t.Context(), revocation.Token{ID: "another"})
	assert.ErrorContains(t, err, "replica")

	standby.asRoot(t, "SELECT pg_wal_replay_resume()", "SELECT pg_promote()")
	standby.waitFor(t, "SELECT pg_is_in_recovery()", "false")
	expectRevoked(t, newRevocations(t, there, ""), "another")
}

// A process whose clock is far ahead deletes nothing that is alive by the clock of the
// database.
func TestClockAheadDeletesNothing(t *testing.T) {
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			db := p.create(t)()
			switch p.name {
			case "PostgreSQL":
				createTables(t, "pgx", db, "")
			case "MariaDB":
				createTables(t, "mysql", db, "")
			default:
				for _, schemaOf := range []func(string) (string, error){refresh.SQLiteSchema, session.SQLiteSchema} {
					schema, err := schemaOf("")
					require.NoError(t, err)
					run(t, db, schema)
				}
			}
			families, sessions := newStore(t, db, ""), newSessionStore(t, db, "")
			now := time.Now()
			require.NoError(t, families.Start(t.Context(), refresh.Family{
				ID: "alive", UserID: "u", Started: now, Expires: now.Add(time.Hour), Current: refresh.Digest{1},
			}))
			alive := sessionRecord("alive", now)
			require.NoError(t, sessions.Create(t.Context(), alive))

			ahead := now.Add(30 * 24 * time.Hour)
			require.NoError(t, families.Start(t.Context(), refresh.Family{
				ID: "ahead", UserID: "u", Started: ahead, Expires: ahead.Add(time.Hour), Current: refresh.Digest{2},
			}))
			require.NoError(t, sessions.Create(t.Context(), sessionRecord("ahead", ahead)))

			result, err := families.Rotate(t.Context(), refresh.Rotation{
				Family: "alive", Old: refresh.Digest{1}, New: refresh.Digest{3}, Now: now, Expires: now.Add(2 * time.Hour),
			})
			require.NoError(t, err)
			assert.Equal(t, refresh.Rotated, result.Outcome)
			_, err = sessions.Load(t.Context(), alive.ID)
			assert.NoError(t, err)
		})
	}
}
