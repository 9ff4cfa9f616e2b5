package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/revoked"
	"github.com/boltauthgen/boltauthgen/internal/strictjson"
	"github.com/boltauthgen/boltauthgen/runtime"
)

const name = "jwt"

// clockSkew is by how much an issuer's clock may be ahead before its tokens
// count as issued in the future, besides the leeway.
const clockSkew = 60 * time.Second

// A Backend is a [runtime.Authenticator] that accepts JSON Web Tokens. It is
// safe for concurrent use. The zero Backend and a nil one refuse
// every request.
type Backend struct {
	trusts      []*trust // one for each issuer
	source      source
	leeway      time.Duration
	needID      bool
	revocations *revoked.Asker // nil if there are none
	cache       *cache         // nil if no token is remembered
	check       func(context.Context, *runtime.Principal) error
	now         func() time.Time
	otherClock  bool                        // now is not time.Now
	known       atomic.Pointer[knownHeader] // nil at first
}

var _ runtime.Authenticator = (*Backend)(nil)

// Name implements [runtime.Authenticator]. It is "jwt".
func (b *Backend) Name() string { return name }

// Authenticate implements [runtime.Authenticator]. In this order it looks at
// the token's shape, the header, the types of claims, the signature, the values
// of claims, revocations, and asks Check. The principal's user id, permissions
// and flags are the claims that [ClaimNames] name. Numbers among its claims are
// json.Number, since a float64 cannot hold all of them.
//
// Errors for invalid tokens have a text that says why and holds nothing of the
// token; clients get the same answer for all of them.
func (b *Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if b == nil || len(b.trusts) == 0 {
		return nil, errNotMade
	}
	text, ambient, err := b.source.read(r)
	if err != nil {
		return nil, err
	}
	var now time.Time // by the system's clock; zero: not read
	v := b.cache.find(text, ambient)
	if v == nil || !v.current() {
		if v, err = b.verify(r.Context(), text, ambient); err != nil {
			return nil, err
		}
	} else if now, err = b.judgeNow(v); err != nil {
		return nil, err
	}
	if b.revocations != nil {
		if err := b.revocations.CheckAt(r.Context(), now, v.claims.revocationToken(v.trust)); err != nil {
			return nil, err
		}
	}
	if b.check != nil {
		if err := b.check(r.Context(), v.principal); err != nil {
			return nil, checkError(err)
		}
	}
	return v.principal, nil
}

// judgeNow judges a token whose signature has been verified before. It returns the time
// unless it is one of [Config.Now], by which nobody can tell how long ago something was.
func (b *Backend) judgeNow(v *verified) (now time.Time, err error) {
	now = b.now()
	if err := b.judge(&v.claims, v.trust, now); err != nil || b.otherClock {
		return time.Time{}, err
	}
	return now, nil
}

// A verified is a token whose signature and claims held at some time.
type verified struct {
	trust     *trust
	keys      *keys // that the signature was verified with
	principal *runtime.Principal
	claims    claims
}

// current reports whether the keys are still those that are trusted.
func (v *verified) current() bool {
	k, err := v.trust.keys.current()
	return err == nil && k == v.keys
}

// verify returns the token if it holds, revocations aside, and remembers it.
func (b *Backend) verify(ctx context.Context, text string, ambient bool) (*verified, error) {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	var t token
	known := b.known.Load()
	trust, err := b.parse(s, text, known, &t)
	if err != nil {
		return nil, err
	}
	keys, err := trust.verify(ctx, &t.header, text[:s.last], s)
	if err != nil {
		return nil, err
	}
	if known == nil || known.header != t.header { // only now: a forged token must not push it out
		encoded, _, _ := strings.Cut(text, ".")
		b.known.Store(&knownHeader{encoded: strings.Clone(encoded), header: t.header})
	}
	if err := b.judge(&t.claims, trust, b.now()); err != nil {
		return nil, err
	}
	entry := &cached{verified: verified{claims: t.claims, trust: trust, keys: keys, principal: t.claims.principal(trust, ambient)}}
	b.cache.add(text, ambient, entry)
	return &entry.verified, nil
}

// parse makes the strict pass over the token, which sets t, and returns the
// issuer that it is from by its own word.
func (b *Backend) parse(s *scratch, text string, known *knownHeader, t *token) (*trust, error) {
	if err := s.open(text, known, t); err != nil {
		return nil, err
	}
	payload, err := s.payload()
	if err != nil {
		return nil, err
	}
	trust := b.trusts[0]
	if len(b.trusts) > 1 {
		if trust = b.trusted(issuerOf(payload)); trust == nil {
			return nil, errIssuer
		}
	}
	if err := t.claims.parse(payload, &trust.names); err != nil {
		return nil, err
	}
	return trust, s.signature()
}

// trusted returns nil for an issuer that is not trusted.
func (b *Backend) trusted(issuer string) *trust {
	for _, t := range b.trusts {
		if t.issuer == issuer {
			return t
		}
	}
	return nil
}

// issuerOf returns the claim iss of claims that need not be valid, and "" if
// there is none.
func issuerOf(payload string) string {
	var object strictjson.Object
	object.Open(payload)
	for object.Next() {
		if object.Name() == "iss" {
			issuer, _ := object.Value().String()
			return issuer
		}
	}
	return ""
}

// verify returns the keys among which is the one that has signed the text. If
// the token names one that is not known, it asks for newer ones.
func (t *trust) verify(ctx context.Context, h *header, signed string, s *scratch) (*keys, error) {
	if !slices.Contains(t.algorithms, h.alg) {
		return nil, errAlgorithm
	}
	if !t.acceptsType(h.typ) {
		return nil, errType
	}
	k, err := t.keys.current()
	if err != nil {
		return nil, err
	}
	if !k.knows(h.alg, h.kid) {
		if newer := t.keys.newer(ctx, k); newer != nil {
			k = newer
		}
	}
	for _, v := range k.verifiers(h.alg, h.kid) {
		if v.holds(signed, s.signed, s.decoded) {
			return k, nil
		}
	}
	return nil, errSignature
}

func (t *trust) acceptsType(typ string) bool {
	if t.typ != "" {
		return typ == t.typ
	}
	return typ == "" || typ == "jwt" || typ == "at+jwt"
}

// judge says whether claims of the right types have values that are accepted
// now.
func (b *Backend) judge(c *claims, t *trust, now time.Time) error {
	switch {
	case c.subject == "":
		return errSubject
	case t.isForeign(c.subject):
		return errReserved
	case c.id == "" && b.needID:
		return errTokenID
	case t.issuer != "" && c.issuer != t.issuer:
		return errIssuer
	case t.audience == nil && c.audience != "":
		return errNoAudience
	case t.audience != nil && !c.isFor(t.audience):
		return errAudience
	case t.names.refresh && !c.refreshes:
		return errPurpose
	}
	return b.judgeTimes(c, t, now)
}

// isForeign reports whether the subject would have the user id of another
// issuer's user, or of an API key.
func (t *trust) isForeign(subject string) bool {
	if t.prefix == "" && t.foreign == nil {
		return false // what a subject itself may not be has been seen
	}
	// The prefix alone is not reserved, and the beginning of both is short enough for
	// the stack.
	if len(t.prefix) < len(keyPrefix) && isReserved(t.prefix+subject[:min(len(subject), len(keyPrefix))]) {
		return true
	}
	return slices.ContainsFunc(t.foreign, func(rest string) bool { return strings.HasPrefix(subject, rest) })
}

func (b *Backend) judgeTimes(c *claims, t *trust, now time.Time) error {
	switch {
	case c.expires.IsZero():
		return errExpiry
	case !now.Before(c.expires.Add(b.leeway)): // on or after: RFC 7519 section 4.1.4
		return errExpired
	case now.Add(b.leeway).Before(c.notBefore):
		return errEarly
	case t.maxAge > 0 && (c.issuedAt.IsZero() || now.Sub(c.issuedAt) > t.maxAge+b.leeway):
		return errAge
	case now.Add(b.leeway + clockSkew).Before(c.issuedAt):
		return errFuture
	case !c.issuedAt.Before(c.expires):
		return errIssuedAt
	}
	return nil
}

// isFor reports whether the token names one of the audiences.
func (c *claims) isFor(audiences []string) bool {
	if one, ok := c.audience.String(); ok {
		return slices.Contains(audiences, one)
	}
	for element := range c.audience.Elements {
		if one, _ := element.String(); slices.Contains(audiences, one) {
			return true
		}
	}
	return false
}

// principal returns the principal of claims that hold.
func (c *claims) principal(t *trust, ambient bool) *runtime.Principal {
	return runtime.NewTokenPrincipal(runtime.Identity{
		UserID:      t.prefix + c.subject,
		Staff:       c.staff,
		Superuser:   c.superuser,
		Backend:     name,
		Permissions: c.permissions,
		AuthTime:    c.authTime,
		Ambient:     ambient,
	}, c.scope.Decode(), strictjson.Accepted(c.text))
}

// checkError makes an error of Check one of an authenticator. Guards refuse
// with ErrUnauthenticated and ErrForbidden, so whoever writes a Check may, too.
func checkError(err error) error {
	if errors.Is(err, runtime.ErrUnauthenticated) || errors.Is(err, runtime.ErrForbidden) {
		return fmt.Errorf("%w: refused by Check: %w", runtime.ErrRevoked, err)
	}
	return fmt.Errorf("refused by Check: %w", err)
}

// Challenge implements [runtime.Authenticator] as RFC 6750 section 3 has it.
// All tokens that do not hold get the same answer.
func (b *Backend) Challenge(_ *http.Request, err error) string {
	if errors.Is(err, runtime.ErrInvalidCredentials) || errors.Is(err, runtime.ErrRevoked) {
		return `Bearer realm="api", error="invalid_token", error_description="The access token is expired, revoked or otherwise invalid"`
	}
	return `Bearer realm="api"`
}
