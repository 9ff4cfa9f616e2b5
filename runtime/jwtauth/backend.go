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

	"github.com/boltauthgen/boltauthgen/internal/credential"
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
	keys        KeySet
	algorithms  []string
	header      credential.Header
	issuer      string
	audience    []string
	typ         string
	leeway      time.Duration
	maxAge      time.Duration
	needID      bool
	revocations *revocations // nil if there are none
	check       func(context.Context, *runtime.Principal) error
	now         func() time.Time
	known       atomic.Pointer[knownHeader] // nil at first
}

var _ runtime.Authenticator = (*Backend)(nil)

// Name implements [runtime.Authenticator]. It is "jwt".
func (b *Backend) Name() string { return name }

// Authenticate implements [runtime.Authenticator]. In this order it looks at
// the token's shape, the header, the signature, the claims, revocations, and
// asks Check. The principal's user id is the claim sub, its permissions and
// flags are the claims permissions, is_staff and is_superuser. Numbers among
// its claims are json.Number, since a float64 cannot hold all of them.
//
// Errors for invalid tokens have a text that says why and holds nothing of the
// token; clients get the same answer for all of them.
func (b *Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if b == nil || b.keys == nil {
		return nil, errNotMade
	}
	text, err := b.header.Read(r)
	if err != nil {
		return nil, err
	}
	var t token
	if err := b.verify(text, &t); err != nil {
		return nil, err
	}
	if b.revocations != nil {
		if err := b.revocations.check(r.Context(), t.claims.revocationToken()); err != nil {
			return nil, err
		}
	}
	p := t.claims.principal()
	if b.check != nil {
		if err := b.check(r.Context(), p); err != nil {
			return nil, checkError(err)
		}
	}
	return p, nil
}

// verify returns nil if the token holds, revocations aside, and sets t, which
// must be zero, to what it says.
func (b *Backend) verify(text string, t *token) error {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	known := b.known.Load()
	if err := s.parse(text, known, t); err != nil {
		return err
	}
	if err := b.verifySignature(&t.header, text[:len(s.signed)], s); err != nil {
		return err
	}
	if known == nil || known.header != t.header { // only now: a forged token must not push it out
		encoded, _, _ := strings.Cut(text, ".")
		b.known.Store(&knownHeader{encoded: strings.Clone(encoded), header: t.header})
	}
	return b.judge(&t.claims, b.now())
}

// verifySignature returns nil if a trusted key that fits the header has signed
// the text.
func (b *Backend) verifySignature(h *header, signed string, s *scratch) error {
	if !slices.Contains(b.algorithms, h.alg) {
		return errAlgorithm
	}
	if !b.acceptsType(h.typ) {
		return errType
	}
	verifiers := b.keys.verifiers(h.alg, h.kid)
	for i := range verifiers {
		if verifiers[i].holds(signed, s.signed, s.decoded) {
			return nil
		}
	}
	return errSignature
}

func (b *Backend) acceptsType(typ string) bool {
	if b.typ != "" {
		return typ == b.typ
	}
	return typ == "" || typ == "jwt" || typ == "at+jwt"
}

// judge says whether claims of the right types have values that are accepted
// now.
func (b *Backend) judge(c *claims, now time.Time) error {
	switch {
	case c.subject == "":
		return errSubject
	case c.id == "" && b.needID:
		return errTokenID
	case b.issuer != "" && c.issuer != b.issuer:
		return errIssuer
	case b.audience == nil && c.audience != "":
		return errNoAudience
	case b.audience != nil && !c.isFor(b.audience):
		return errAudience
	}
	return b.judgeTimes(c, now)
}

func (b *Backend) judgeTimes(c *claims, now time.Time) error {
	switch {
	case c.expires.IsZero():
		return errExpiry
	case !now.Before(c.expires.Add(b.leeway)): // on or after: RFC 7519 section 4.1.4
		return errExpired
	case now.Add(b.leeway).Before(c.notBefore):
		return errEarly
	case b.maxAge > 0 && (c.issuedAt.IsZero() || now.Sub(c.issuedAt) > b.maxAge+b.leeway):
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
func (c *claims) principal() *runtime.Principal {
	return runtime.NewTokenPrincipal(runtime.Identity{
		UserID:      c.subject,
		Staff:       c.staff,
		Superuser:   c.superuser,
		Backend:     name,
		Permissions: c.permissions,
		AuthTime:    c.authTime,
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
