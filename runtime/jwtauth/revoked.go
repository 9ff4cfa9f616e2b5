package jwtauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/strictjson"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

const (
	// revocationTimeout is how long a request waits for a store.
	revocationTimeout = 2 * time.Second

	// maxAsking is how many requests wait for a store at once. It is reached only
	// if the store hangs.
	maxAsking = 1024
)

var (
	errStoreTimeout = fmt.Errorf("%w: the revocation store did not answer in time", runtime.ErrUnavailable)
	errStoreBusy    = fmt.Errorf("%w: too many requests wait for the revocation store", runtime.ErrUnavailable)
	errStorePanic   = fmt.Errorf("%w: the revocation store panicked", runtime.ErrUnavailable)
)

// revocations asks a store and answers in bounded time, whatever the store
// does. No answer in time is a refusal.
type revocations struct {
	store  revocation.Store
	knower knower // the store, if it is one of ours that are; else nil
	asking atomic.Int64
}

// A knower is a store that may have the answer in memory, as [revocation.Memory] and
// [revocation.Fleet] do.
type knower interface {
	Known(t revocation.Token) (revoked, known bool)
}

// newRevocations returns nil if there is no store.
func newRevocations(store revocation.Store) (*revocations, error) {
	if store == nil {
		return nil, nil
	}
	if isNil(store) {
		return nil, errors.New("it is nil")
	}
	r := &revocations{store: store}
	switch s := store.(type) { // not any knower: a store that embeds one of these has another Revoked
	case *revocation.Memory:
		r.knower = s
	case *revocation.Fleet:
		r.knower = s
	}
	return r, nil
}

// same reports whether both ask the same store, or none.
func (r *revocations) same(o *revocations) bool {
	if r == nil || o == nil {
		return r == o
	}
	return reflect.ValueOf(r.store).Comparable() && r.store == o.store
}

// check returns nil if the token is not revoked, ErrRevoked if it is, and
// ErrUnavailable if that cannot be found out.
func (r *revocations) check(ctx context.Context, t revocation.Token) error {
	if r.knower != nil {
		if revoked, known := r.knower.Known(t); known {
			return answer(revoked, nil)
		}
	}
	if r.asking.Add(1) > maxAsking {
		r.asking.Add(-1)
		return errStoreBusy
	}
	ctx, cancel := context.WithTimeout(ctx, revocationTimeout)
	defer cancel()
	answered := make(chan error, 1)
	go func() { // a store that ignores its context must not hold the request
		defer r.asking.Add(-1)
		defer func() {
			if recover() != nil {
				answered <- errStorePanic
			}
		}()
		answered <- answer(r.store.Revoked(ctx, t))
	}()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return errStoreTimeout
	}
}

func answer(revoked bool, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("%w: revocation store: %w", runtime.ErrUnavailable, err)
	case revoked:
		return errRevoked
	}
	return nil
}

// revocationToken returns what a store knows the token by.
func (c *claims) revocationToken(t *trust) revocation.Token {
	return revocation.Token{
		Issuer:   c.issuer,
		ID:       c.id,
		UserID:   t.prefix + c.subject,
		Family:   c.family,
		IssuedAt: c.issuedAt,
		Expires:  c.expires,
	}
}

// TokenOf returns what a store of revocations knows the token by that a
// principal came with, so that a handler can revoke it, all tokens of its user,
// or its family. The error says that the principal did not come with a token
// that has a jti.
func TokenOf(p *runtime.Principal) (revocation.Token, error) {
	if p.Backend() != name {
		return revocation.Token{}, errors.New("jwtauth.TokenOf: the principal did not come with a token")
	}
	t := revocation.Token{
		Issuer:   textClaim(p, "iss"),
		ID:       textClaim(p, "jti"),
		UserID:   p.UserID(),
		Family:   textClaim(p, "fam"),
		IssuedAt: dateClaim(p, "iat"),
		Expires:  dateClaim(p, "exp"),
	}
	if t.ID == "" {
		return revocation.Token{}, errors.New("jwtauth.TokenOf: the token has no jti")
	}
	return t, nil
}

func textClaim(p *runtime.Principal, name string) string {
	value, _ := p.Claim(name)
	text, _ := value.(string)
	return text
}

// dateClaim returns zero if there is no such claim, or it is no date.
func dateClaim(p *runtime.Principal, name string) time.Time {
	value, _ := p.Claim(name)
	number, _ := value.(json.Number)
	if date, ok := numericDate(strictjson.Value(number)); ok {
		return date
	}
	return time.Time{}
}
