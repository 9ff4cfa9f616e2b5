package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

var _ revocation.Notifier = (*Revocation)(nil)

// defaultSilence is how long nothing is heard before the server is asked whether it is there, and how long it may take to
// say so.
const defaultSilence = 5 * time.Second

// Notify implements [revocation.Notifier], on a connection of its own: the client's pool does not count it. It needs the
// right to subscribe to the store's channel. A failover, a connection that is cut, and a server that says nothing for ten
// seconds are errors: call it again. What Django writes is not told.
func (s *Revocation) Notify(ctx context.Context, changed func()) error {
	if err := s.ready(ctx); err != nil {
		return fmt.Errorf("listen for revocations: %w", err)
	}
	subscription := s.client.Subscribe(ctx, s.channel)
	defer subscription.Close()
	defer context.AfterFunc(ctx, func() { _ = subscription.Close() })() // a read does not heed the context
	if err := s.hear(ctx, subscription, changed); ctx.Err() == nil {
		return fmt.Errorf("listen for revocations: %w", err)
	}
	return ctx.Err()
}

// hear calls changed for whatever the server says but that it is there, which includes that it has begun to tell.
func (s *Revocation) hear(ctx context.Context, subscription *redis.PubSub, changed func()) error {
	for asked := false; ; {
		message, err := subscription.ReceiveTimeout(ctx, s.silence)
		var timeout net.Error
		switch {
		case err == nil:
			asked = false
			if _, pong := message.(*redis.Pong); !pong {
				changed()
			}
		case asked || !errors.As(err, &timeout) || !timeout.Timeout():
			return err
		default:
			asked = true
			if err := subscription.Ping(ctx); err != nil {
				return err
			}
		}
	}
}
