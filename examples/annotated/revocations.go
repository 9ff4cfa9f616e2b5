package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/boltauthgen/boltauthgen/internal/storeurl"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// inMemory is the REVOCATION of a single instance, which forgets when it ends.
const inMemory = "memory:"

func (s *settings) readRevocation(value string) error {
	if value != inMemory {
		err := storeurl.Check(value) // which does not show the value: there may be a password in it
		if errors.Is(err, storeurl.ErrForm) {
			return errors.New("is none of " + inMemory + ", " + storeurl.Forms)
		}
		if err != nil {
			return err
		}
	}
	s.revocation = value
	return nil
}

// openRevocations opens the store of what has been revoked. Of one that instances share, all that is revoked is known here, and what
// others revoke within a second: until the context is done, it is followed. After that every question goes to the store itself. The
// store is to be closed when nobody asks any more.
func openRevocations(ctx context.Context, s settings) (store revocation.Store, closeStore func() error, err error) {
	if s.revocation == inMemory {
		return revocation.NewMemory(), func() error { return nil }, nil
	}
	feed, err := storeurl.Open(ctx, s.revocation)
	if err != nil {
		return nil, nil, fmt.Errorf("REVOCATION: %w", err)
	}
	fleet, err := revocation.NewFleet(ctx, revocation.FleetConfig{Feed: feed.Feed})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("REVOCATION: %w", err), feed.Close())
	}
	return fleet, feed.Close, nil
}
