package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const fleetIssuer = "https://issuer.example"

// fleetFile returns a function that opens what an instance has: its own connections to
// one file.
func fleetFile(t *testing.T) (open func() *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	schema, err := revocation.SQLiteSchema("")
	require.NoError(t, err)
	run(t, openSQLite(t, path), schema)
	return func() *sql.DB { return openSQLite(t, path) }
}

// newFleet starts an instance that refuses what it does not know for sure, so that
// what it says comes from memory.
func newFleet(t *testing.T, ctx context.Context, db *sql.DB, bound time.Duration) *revocation.Fleet {
	t.Helper()
	fleet, err := revocation.NewFleet(ctx, revocation.FleetConfig{
		Feed: newRevocations(t, db, ""), Staleness: bound, WhenStale: revocation.Refuse, OnPoll: func(error) {},
	})
	require.NoError(t, err)
	return fleet
}

// What one instance revokes, the other never says to be good beyond the bound, a
// thousand times. On a busy machine an instance may be late, but then it must say so.
func TestFleetsOnOneSQLiteFile(t *testing.T) {
	const bound = 200 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	open := fleetFile(t)
	fleets := [2]*revocation.Fleet{newFleet(t, ctx, open(), bound), newFleet(t, ctx, open(), bound)}
	now := time.Now().Truncate(time.Second)
	var late, longest atomic.Int64
	var callers sync.WaitGroup
	for caller := range 10 {
		writer, reader := fleets[caller%2], fleets[1-caller%2]
		callers.Go(func() {
			for i := range 100 {
				name := fmt.Sprint(caller, "-", i)
				token := revocation.Token{Issuer: fleetIssuer, ID: name, Family: "f" + name, UserID: "u" + name, IssuedAt: now, Expires: now.Add(time.Hour)}
				var err error
				switch i % 3 {
				case 0:
					err = writer.Revoke(ctx, token)
				case 1:
					err = writer.RevokeFamily(ctx, fleetIssuer, token.Family, token.Expires)
				case 2:
					err = writer.RevokeUser(ctx, fleetIssuer, token.UserID, now)
				}
				if !assert.NoError(t, err) {
					return
				}
				acknowledged := time.Now()
				answer, known := writer.Known(token)
				assert.True(t, answer && known, "by who has revoked it, at once")
				for {
					began := time.Now()
					revoked, err := reader.Revoked(ctx, token)
					if err == nil && revoked {
						longest.Store(max(longest.Load(), int64(time.Since(acknowledged))))
						break
					}
					if began.Sub(acknowledged) > bound {
						if !assert.ErrorIs(t, err, runtime.ErrUnavailable, "good beyond the bound: %s", name) {
							return
						}
						late.Add(1)
					}
					if !assert.Less(t, time.Since(acknowledged), time.Minute, name) {
						return
					}
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	callers.Wait()
	t.Logf("the longest took %s; %d answers were errors, since it was too late to say no", time.Duration(longest.Load()), late.Load())
	assert.Equal(t, 1000, fleets[0].Status().Entries)
	assert.Equal(t, 1000, fleets[1].Status().Entries)
}

// A new instance knows all that was revoked before it was started, and goes on from there.
func TestFleetStartsWithWhatIsThere(t *testing.T) {
	const n = 2500 // more than two answers
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	open := fleetFile(t)
	store := newRevocations(t, open(), "")
	for i := range n {
		require.NoError(t, store.Revoke(ctx, revocation.Token{Issuer: fleetIssuer, ID: fmt.Sprint(i), Expires: time.Now().Add(time.Hour)}))
	}
	fleet := newFleet(t, ctx, open(), time.Minute)
	for i := range n {
		answer, known := fleet.Known(revocation.Token{Issuer: fleetIssuer, ID: fmt.Sprint(i)})
		require.True(t, answer && known)
	}
	answer, known := fleet.Known(revocation.Token{Issuer: fleetIssuer, ID: "other"})
	assert.True(t, known && !answer)
}

// Without its database an instance refuses what it does not know, at once, and knows
// what it knows.
func TestFleetWithoutItsDatabase(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	db := fleetFile(t)()
	errs := make(chan error, 1)
	fleet, err := revocation.NewFleet(ctx, revocation.FleetConfig{
		Feed: newRevocations(t, db, ""), Staleness: 100 * time.Millisecond, OnPoll: func(err error) {
			if err != nil {
				select {
				case errs <- err:
				default:
				}
			}
		},
	})
	require.NoError(t, err)
	revoked := revocation.Token{Issuer: fleetIssuer, ID: "revoked"}
	require.NoError(t, fleet.Revoke(ctx, revoked))
	require.NoError(t, db.Close())
	require.Error(t, <-errs)
	require.NoError(t, within(5*time.Second, func() error {
		if !fleet.Status().Stale {
			return errors.New("not stale")
		}
		return nil
	}))
	_, err = fleet.Revoked(ctx, revocation.Token{Issuer: fleetIssuer, ID: "other"})
	assert.ErrorIs(t, err, runtime.ErrUnavailable)
	answer, err := fleet.Revoked(ctx, revoked)
	assert.NoError(t, err)
	assert.True(t, answer)
	assert.Error(t, fleet.Revoke(ctx, revocation.Token{Issuer: fleetIssuer, ID: "other"}))
}
