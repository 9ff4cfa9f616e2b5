package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// A Fleet that asks each quarter of an hour knows at once what it is told.
func TestFleetIsNotified(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	t.Run("single", func(t *testing.T) {
		testNotified(t, server.client(t), server.client(t), func() {
			require.NoError(t, server.client(t).ClientKillByFilter(t.Context(), "type", "pubsub").Err())
		})
	})
	nodes := startCluster(t)
	t.Run("cluster", func(t *testing.T) {
		testNotified(t, clusterClient(t, nodes), clusterClient(t, nodes), func() {
			for _, node := range nodes {
				require.NoError(t, node.client(t).ClientKillByFilter(t.Context(), "type", "pubsub").Err())
			}
		})
	})
}

func testNotified(t *testing.T, here, there redis.UniversalClient, cut func()) {
	writer := newStore(t, redisstore.RevocationConfig{Client: there, Timeout: long})
	feed := &listened{Revocation: newStore(t, redisstore.RevocationConfig{Client: here, Timeout: long})}
	fleet, err := revocation.NewFleet(t.Context(), revocation.FleetConfig{Feed: feed, Staleness: time.Hour})
	require.NoError(t, err)
	notified := func() {
		eventually(t, func() error {
			if !fleet.Status().Notified {
				return errors.New("not notified")
			}
			return nil
		})
	}
	known := func(id string) {
		require.NoError(t, writer.Revoke(t.Context(), token(id)))
		eventually(t, func() error {
			if revoked, known := fleet.Known(token(id)); !revoked || !known {
				return errors.New("not known")
			}
			return nil
		})
	}
	notified()
	known("one")
	known("two")
	cut()
	eventually(t, func() error {
		if feed.times.Load() < 2 {
			return errors.New("not listened to again")
		}
		return nil
	})
	notified()
	known("three")
}

// A listened counts how often it is listened to.
type listened struct {
	*redisstore.Revocation
	times atomic.Int64
}

func (l *listened) Notify(ctx context.Context, changed func()) error {
	l.times.Add(1)
	return l.Revocation.Notify(ctx, changed)
}

// Listening ends with the context, before there is anything to hear, and with an error when the server is gone or says nothing.
func TestNotifyEnds(t *testing.T) {
	t.Parallel()
	server := startServer(t, redisServer)
	store := newStore(t, redisstore.RevocationConfig{Client: server.client(t), Timeout: long})
	store.SetSilence(300 * time.Millisecond)
	listen := func(ctx context.Context) (begun chan struct{}, ended chan error) {
		begun, ended = make(chan struct{}, 100), make(chan error, 1)
		go func() { ended <- store.Notify(ctx, func() { begun <- struct{}{} }) }()
		select {
		case <-begun:
		case <-time.After(long):
			require.Fail(t, "not begun")
		}
		return begun, ended
	}
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := listen(ctx)
	time.Sleep(time.Second) // there is nothing to hear for longer than silence lasts
	require.Empty(t, ended)
	require.NoError(t, store.Revoke(t.Context(), token("it")))
	eventually(t, func() error {
		if len(told) != 1 {
			return errors.New("not told once")
		}
		return nil
	})
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	_, ended = listen(t.Context())
	server.signal(t, syscall.SIGSTOP)
	err := <-ended
	server.signal(t, syscall.SIGCONT)
	require.ErrorContains(t, err, "listen for revocations")
	_, ended = listen(t.Context())
	require.NoError(t, server.client(t).ClientKillByFilter(t.Context(), "type", "pubsub").Err())
	require.Error(t, <-ended)

	var none *redisstore.Revocation
	require.ErrorContains(t, none.Notify(t.Context(), func() {}), "constructor")
}

// Who may not tell writes all the same, and who may not listen is told so.
func TestNotifyUnderAccessList(t *testing.T) {
	server := startServer(t, redisServer)
	admin := server.client(t)
	rules := strings.Fields("reset on >secret +@all ~* resetchannels")
	user := func(name string, rules ...string) *redisstore.Revocation {
		require.NoError(t, admin.Do(t.Context(), append([]any{"acl", "setuser", name}, anys(rules)...)...).Err())
		client := server.client(t, func(o *redis.Options) { o.Username, o.Password = name, "secret" })
		return newStore(t, redisstore.RevocationConfig{Client: client, Timeout: long})
	}
	mute := user("mute", rules...)
	require.NoError(t, mute.Revoke(t.Context(), token("it")))
	require.ErrorContains(t, mute.Notify(t.Context(), func() {}), "NOPERM")

	may := user("may", append(rules, "&{boltauthgen:revocation}:changed")...)
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	err := may.Notify(ctx, func() {
		switch told++; told {
		case 1:
			assert.NoError(t, may.Revoke(t.Context(), token("another")))
		case 2:
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
}
