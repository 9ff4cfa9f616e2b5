package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/revoked"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// Config configures a [Backend]. Only a key is needed: Secret, Keys, or the
// variable SECRET_KEY in the environment.
type Config struct {
	// Secret is the key of HMAC: at least 32 bytes (RFC 7518 section 3.2), best
	// random ones. Nil means the environment's SECRET_KEY if Keys is nil and all
	// algorithms are HMAC.
	Secret []byte

	// Keys are the keys that are trusted, instead of Secret.
	Keys KeySet

	// Algorithms are the values of alg that are accepted: HS256, HS384, HS512 with
	// secrets; RS, PS and ES with 256, 384, 512, and EdDSA with public keys. Nil
	// means HS256 with a Secret; with Keys they are required. Verifying ES512 takes
	// milliseconds, also of tokens that turn out to be forged.
	Algorithms []string

	// Header is the name of the header field that holds the token: "Bearer" and
	// the token, and in fields other than the default, Authorization, also the
	// token alone. It is looked at first; a token in another place counts only
	// where this one has none.
	Header string

	// HeaderIsAmbient says that a proxy writes the Header on account of a cookie, as
	// identity-aware proxies do. Principals from there are Ambient then: other sites
	// cannot use them.
	HeaderIsAmbient bool

	// WebSocketProtocol is the prefix of the subprotocol that may hold the token of
	// a request for a WebSocket: with "bearer", a page opens
	// new WebSocket(url, ["chat", "bearer." + token]), and the server answers with
	// the other one. Empty: none may.
	WebSocketProtocol string

	// Query is the name of the parameter in the URL that may hold the token (RFC
	// 6750 section 2.3). URLs are kept in logs and histories: it is for clients that
	// have no other way. Empty: none may.
	Query string

	// Cookie is the name of the cookie that may hold the token; it begins with
	// __Host-, so that nobody but the host can set it. A principal from there is
	// Ambient: other sites cannot use it. Empty: none may. [NewCookie] makes one.
	Cookie string

	// Audience are the values of aud that mean this service; a token needs one of
	// them. Nil: a token with aud is meant for somebody else, and refused (RFC
	// 7519 section 4.1.3).
	Audience []string

	// Issuer is the value that iss must have. Empty: iss is not looked at.
	Issuer string

	// Type is the value that typ in the header must have, at+jwt (RFC 9068) for
	// example. Empty: JWT, at+jwt or none at all.
	Type string

	// Leeway is by how much clocks may differ where exp and nbf are judged: 0 to an
	// hour, which is what stores of revocations allow for.
	Leeway time.Duration

	// Claims are the names of the claims that say who the user is and what they may
	// do, for tokens that others issue. The zero value is django-bolt's names.
	Claims ClaimNames

	// UserIDPrefix is put before the user's id that a token has, so that two
	// issuers cannot mean different users by one id. Empty: none is.
	UserIDPrefix string

	// Others are further issuers. Issuer is required then, and each issuer needs a
	// UserIDPrefix that no other has; it may be empty for one of them, whose
	// tokens with an id that begins with the prefix of another are refused.
	Others []TrustedIssuer

	// MaxAge is how long after iat a token is accepted at most; tokens without iat
	// are refused then. 0: until exp.
	MaxAge time.Duration

	// RequireJTI refuses tokens without jti. It is implied by Revocation.
	RequireJTI bool

	// Revocation is asked for every token that holds. If it fails, or does not
	// answer within two seconds, the request is refused with 503. Nil: tokens
	// cannot be revoked.
	Revocation revocation.Store

	// CacheSize is about how many verified tokens are remembered, so that their
	// signature need not be verified again. Everything else is judged again whenever
	// a token comes: times, issuer, audience, that its key is still trusted,
	// revocation, Check. There are places for up to twice as many. An entry takes
	// about six times the length of its token, and twice that once somebody has
	// asked for its claims; tokens of more than 4 KiB are not remembered. 0: 10,000.
	// Negative: none is.
	CacheSize int

	// Check has the last word on every request whose token holds. An error refuses
	// it: errors that are [runtime.ErrUnauthenticated], [runtime.ErrForbidden] or
	// [runtime.ErrRevoked] with 401, [runtime.ErrUnavailable] with 503, any other
	// with 500. After [runtime.ErrInvalidCredentials] or
	// [runtime.ErrNoCredentials], and only then, another backend may accept the
	// request. Check must be safe for concurrent use, and end when the context
	// does.
	Check func(context.Context, *runtime.Principal) error

	// Now is the time. Nil: [time.Now]. It must be safe for concurrent use.
	Now func() time.Time
}

// New returns a backend, or an error that names every setting that is wrong. An
// error never holds any of a secret.
func New(config Config) (*Backend, error) {
	b := &Backend{
		leeway: config.Leeway,
		needID: config.RequireJTI || config.Revocation != nil,
		check:  config.Check,
		now:    config.Now, otherClock: config.Now != nil,
	}
	if b.now == nil {
		b.now = time.Now
	}
	var problems []error
	note := func(err error) { problems = append(problems, err) }

	var err error
	b.trusts, err = config.trusts()
	note(err)
	b.source, err = config.source()
	note(err)
	b.revocations, err = revoked.NewAsker(config.Revocation)
	note(named("Revocation", err))
	b.cache, err = newCache(config.CacheSize)
	note(named("CacheSize", err))
	note(config.checkLeeway())

	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("jwtauth.New: %w", err)
	}
	return b, nil
}

func (c Config) checkLeeway() error {
	if c.Leeway < 0 || c.Leeway > revocation.Grace {
		return wrong("Leeway", "not between 0 and %s", revocation.Grace)
	}
	return nil
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// wrong returns an error that names the setting.
func wrong(setting, format string, args ...any) error {
	return named(setting, fmt.Errorf(format, args...))
}

func named(setting string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", setting, err)
}
