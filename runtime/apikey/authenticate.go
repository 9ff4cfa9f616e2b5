package apikey

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/runtime"
)

// Authenticate implements [runtime.Authenticator]. Unknown and wrong keys cost
// the same, but for what [Config.Lookup] itself takes. A key that is revoked is a
// [runtime.ErrRevoked], so that no other backend accepts it.
func (b *Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if b == nil || b.now == nil {
		return nil, errNotMade
	}
	text, err := b.header.Read(r)
	if err != nil {
		return nil, err
	}
	prefix, id, err := Parse(text)
	kept := err == nil && b.source != nil && (b.prefix == "" || b.prefix == prefix)
	if !kept && len(b.digests) == 0 {
		return nil, ErrUnknown // it cannot be a key, so there is nothing to guess, and nothing to hold down
	}
	digest, now := DigestOf(text), b.now()
	attempt, err := b.limiter.BeginWith(r, id, digest)
	if err != nil {
		return nil, err
	}
	p, err := b.ofConfiguration(r.Context(), digest, now)
	if kept && err == ErrUnknown { // compared as ofConfiguration returns it
		p, err = b.ofSource(r.Context(), id, digest, now)
	}
	switch {
	case err == nil:
		attempt.Succeeded()
	case errors.Is(err, runtime.ErrUnavailable):
		attempt.Undecided()
	default:
		attempt.Failed()
	}
	return p, err
}

// ofConfiguration returns the principal of one of [Config.Keys].
func (b *Backend) ofConfiguration(ctx context.Context, digest Digest, now time.Time) (*runtime.Principal, error) {
	i := b.find(digest)
	if i < 0 {
		return nil, ErrUnknown
	}
	if err := b.grants[i].span.check(now); err != nil {
		return nil, err
	}
	if err := b.revoked.Check(ctx, b.grants[i].token); err != nil {
		return nil, err
	}
	return b.grants[i].principal, nil
}

// find returns the index of a digest, and -1 if it is not there. It goes over
// all of them whatever it finds.
func (b *Backend) find(digest Digest) int {
	found := -1
	for i := range b.digests {
		found = subtle.ConstantTimeSelect(b.equal(b.digests[i], digest), i, found)
	}
	return found
}

// ofSource returns the principal of a key that is looked up.
func (b *Backend) ofSource(ctx context.Context, id string, digest Digest, now time.Time) (*runtime.Principal, error) {
	f := b.known.get(digest, now)
	fresh := f == nil
	if fresh {
		record, err := b.source.find(ctx, id, func(r *Record) bool { return r.judge(digest, now, b.equal) == nil })
		if err != nil {
			return nil, err
		}
		f = &found{Record: record, at: now}
	}
	if err := f.judge(digest, now, b.equal); err != nil {
		return nil, err
	}
	if err := b.revoked.Check(ctx, TokenOf(f.Record)); err != nil {
		return nil, err
	}
	if fresh {
		f.principal = newPrincipal(id, f.Owner, f.Permissions, f.Scopes)
		b.known.put(digest, f)
	}
	b.uses.note(Use{ID: id, SHA256: digest, At: now})
	return f.principal, nil
}
