package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/credential"
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

	// Keys are the public keys that are trusted, instead of Secret.
	Keys KeySet

	// Algorithms are the values of alg that are accepted: HS256, HS384, HS512 with
	// a secret; RS, PS and ES with 256, 384, 512, and EdDSA with keys. Nil means
	// HS256 with a secret; with Keys they are required. Verifying ES512 takes
	// milliseconds, also of tokens that turn out to be forged.
	Algorithms []string

	// Header is the name of the header field that holds the token: "Bearer" and
	// the token, and in fields other than the default, Authorization, also the
	// token alone.
	Header string

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

	// MaxAge is how long after iat a token is accepted at most; tokens without iat
	// are refused then. 0: until exp.
	MaxAge time.Duration

	// RequireJTI refuses tokens without jti. It is implied by Revocation.
	RequireJTI bool

	// Revocation is asked for every token that holds. If it fails, or does not
	// answer within two seconds, the request is refused with 503. Nil: tokens
	// cannot be revoked.
	Revocation revocation.Store

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
		issuer:   config.Issuer,
		audience: slices.Clone(config.Audience),
		typ:      mediaType(config.Type),
		leeway:   config.Leeway,
		maxAge:   config.MaxAge,
		needID:   config.RequireJTI || config.Revocation != nil,
		check:    config.Check,
		now:      config.Now,
	}
	if b.now == nil {
		b.now = time.Now
	}
	var problems []error
	note := func(err error) { problems = append(problems, err) }

	var err error
	b.algorithms, b.keys, err = config.keys()
	note(err)
	b.header, err = credential.NewHeader(orDefault(config.Header, "Authorization"), maxToken, "Bearer")
	note(named("Header", err))
	b.revocations, err = newRevocations(config.Revocation)
	note(named("Revocation", err))
	note(config.checkTexts())
	note(config.checkDurations())

	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("jwtauth.New: %w", err)
	}
	return b, nil
}

// keys returns the algorithms by name and the keys for them.
func (c Config) keys() (names []string, keys KeySet, err error) {
	names = slices.Clone(c.Algorithms)
	if names == nil && c.Keys == nil {
		names = []string{"HS256"}
	}
	if err := checkAlgorithms(names, c.Keys != nil); err != nil {
		return nil, nil, err
	}
	keys = c.Keys
	if keys == nil {
		secret, err := secretOrDefault(c.Secret)
		if err != nil {
			return nil, nil, err
		}
		if keys, err = newStaticKeys(secret); err != nil {
			return nil, nil, err
		}
	} else if c.Secret != nil {
		return nil, nil, wrong("Secret", "set beside Keys")
	}
	for _, name := range names {
		if len(keys.verifiers(name, "")) == 0 {
			return nil, nil, wrong("Algorithms", "none of the Keys fits %s", name)
		}
	}
	return names, keys, nil
}

// checkAlgorithms finds names that are unknown, twice there, or of the wrong
// kind for what verifies: public keys or a secret.
func checkAlgorithms(names []string, public bool) error {
	if len(names) == 0 {
		return wrong("Algorithms", "empty: with Keys, name what they are used for")
	}
	for i, name := range names {
		a, setting := algorithmByName(name), fmt.Sprintf("Algorithms[%d]", i)
		switch {
		case a == nil:
			return wrong(setting, "%q is not supported", name)
		case slices.Contains(names[:i], name):
			return wrong(setting, "%s is there twice", name)
		case a.symmetric() && public:
			return wrong(setting, "%s needs a Secret, not Keys", name)
		case !a.symmetric() && !public:
			return wrong(setting, "%s needs Keys", name)
		}
	}
	return nil
}

// checkTexts finds values that no token can have, or that would switch a check
// off.
func (c Config) checkTexts() error {
	if c.Audience != nil && len(c.Audience) == 0 {
		return wrong("Audience", "empty: leave it nil to refuse tokens with aud")
	}
	for i, audience := range c.Audience {
		if audience == "" || strings.TrimSpace(audience) != audience {
			return wrong(fmt.Sprintf("Audience[%d]", i), "empty, or white space around it")
		}
	}
	if strings.TrimSpace(c.Issuer) != c.Issuer {
		return wrong("Issuer", "white space around it")
	}
	if strings.Trim(c.Type, typeCharacters) != "" {
		return wrong("Type", "not a media type without parameters")
	}
	return nil
}

// typeCharacters are those of RFC 6838 section 4.2, and the slash.
const typeCharacters = "/!#$&-^_.+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func (c Config) checkDurations() error {
	if c.Leeway < 0 || c.Leeway > revocation.Grace {
		return wrong("Leeway", "not between 0 and %s", revocation.Grace)
	}
	if c.MaxAge < 0 {
		return wrong("MaxAge", "negative")
	}
	return nil
}

// isNil reports whether an interface holds a nil pointer, map or slice.
func isNil(x any) bool {
	switch v := reflect.ValueOf(x); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
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
