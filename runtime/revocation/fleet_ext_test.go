package revocation_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/revocation/revocationtest"
)

// A feed is the least that there can be.
type feed struct {
	*revocation.Memory
	mu  sync.Mutex
	log []revocation.Change
}

func (f *feed) write(err error, c revocation.Change) error {
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, c)
	return nil
}

func (f *feed) Revoke(ctx context.Context, t revocation.Token) error {
	return f.write(f.Memory.Revoke(ctx, t), revocation.Change{Issuer: t.Issuer, ID: t.ID, Until: t.Expires})
}

func (f *feed) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	return f.write(f.Memory.RevokeUser(ctx, issuer, userID, before), revocation.Change{Issuer: issuer, UserID: userID, Before: before})
}

func (f *feed) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	return f.write(f.Memory.RevokeFamily(ctx, issuer, family, until), revocation.Change{Issuer: issuer, Family: family, Until: until})
}

func (f *feed) Changes(_ context.Context, since int64, limit int) ([]revocation.Change, int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := min(since+int64(limit), int64(len(f.log)))
	return f.log[since:next:next], next, nil
}

func TestFleet(t *testing.T) {
	for name, config := range map[string]revocation.FleetConfig{
		"as it is":            {},
		"without room":        {MaxEntries: 1},
		"often stale":         {Staleness: 10 * time.Millisecond},
		"stale and in memory": {WhenStale: revocation.Refuse, Staleness: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			config.Feed = &feed{Memory: revocation.NewMemory()}
			config.OnPoll = func(error) {}
			fleet, err := revocation.NewFleet(t.Context(), config)
			require.NoError(t, err)
			revocationtest.Run(t, func(*testing.T) (revocation.Store, revocation.Store) { return fleet, fleet })
		})
	}
}

func TestBreaker(t *testing.T) {
	breaker, err := revocation.NewBreaker(revocation.NewMemory(), revocation.BreakerConfig{})
	require.NoError(t, err)
	revocationtest.Run(t, func(*testing.T) (revocation.Store, revocation.Store) { return breaker, breaker })
}
