// Package revoked asks stores of revocations on behalf of backends.
package revoked

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/bounded"
	"github.com/boltauthgen/boltauthgen/internal/nilable"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// ErrRevoked is a [runtime.ErrRevoked].
var ErrRevoked = fmt.Errorf("%w: by the revocation store", runtime.ErrRevoked)

// An Asker asks a store and answers in bounded time, whatever the store does. No
// answer in time is a refusal. It is safe for concurrent use.
type Asker struct {
	store revocation.Store
	known known // nil if the store is none of ours that know
	calls bounded.Calls
}

// A known is what a store does that may have the answer in memory, as
// [revocation.Memory] and [revocation.Fleet] do.
type known func(now time.Time, t revocation.Token) (revoked, known bool)

// NewAsker returns nil if there is no store. One that is a nil pointer is an error.
func NewAsker(store revocation.Store) (*Asker, error) {
	if store == nil {
		return nil, nil
	}
	if nilable.IsNil(store) {
		return nil, errors.New("it is nil")
	}
	a := &Asker{store: store}
	switch s := store.(type) { // not any knower: a store that embeds one of these has another Revoked
	case *revocation.Memory:
		a.known = func(_ time.Time, t revocation.Token) (revoked, known bool) { return s.Known(t) }
	case *revocation.Fleet:
		a.known = s.KnownAt
	}
	return a, nil
}

// Same reports whether both ask the same store, or none.
func (a *Asker) Same(o *Asker) bool {
	if a == nil || o == nil {
		return a == o
	}
	return reflect.ValueOf(a.store).Comparable() && a.store == o.store
}

// Check returns nil if the token is not revoked, or if there is no store;
// [ErrRevoked] if it is; and a [runtime.ErrUnavailable] if that cannot be found out.
func (a *Asker) Check(ctx context.Context, t revocation.Token) error {
	return a.CheckAt(ctx, time.Time{}, t)
}

// CheckAt is like Check, and saves a look at the clock: [time.Now] has returned now just
// now, on behalf of the same request. Zero is as good.
func (a *Asker) CheckAt(ctx context.Context, now time.Time, t revocation.Token) error {
	if a == nil {
		return nil
	}
	if a.known != nil {
		if now.IsZero() {
			now = time.Now()
		}
		if revoked, known := a.known(now, t); known {
			return answer(revoked, nil)
		}
	}
	return answer(bounded.Call(ctx, &a.calls, func(ctx context.Context) (bool, error) { return a.store.Revoked(ctx, t) }))
}

func answer(revoked bool, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("%w: revocation store: %w", runtime.ErrUnavailable, err)
	case revoked:
		return ErrRevoked
	}
	return nil
}
