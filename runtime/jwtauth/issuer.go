package jwtauth

import (
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// IssuerConfig configures an [Issuer]. Only a key is needed: Keys, Secret,
// PrivateKey, or the variable SECRET_KEY in the environment.
type IssuerConfig struct {
	// Keys are keys that rotate: the newest signs. The other fields of keys must be
	// empty then.
	Keys *KeyRing

	// Secret is the key of HMAC, under the rules of [Config]. Nil means the
	// environment's SECRET_KEY if PrivateKey and Keys are nil.
	Secret []byte

	// PrivateKey signs instead of Secret: an *rsa.PrivateKey, *ecdsa.PrivateKey or
	// ed25519.PrivateKey.
	PrivateKey crypto.Signer

	// Algorithm is the value of alg. Empty means HS256 with a secret; with
	// PrivateKey it is required. With Keys it is that of each key.
	Algorithm string

	Issuer   string           // claim iss; empty: none
	Audience []string         // claim aud; nil: none
	Lifetime time.Duration    // from iat to exp where [TokenOptions] has none; 0: an hour
	Now      func() time.Time // nil: [time.Now]; must be safe for concurrent use
}

// defaultLifetime is that of django-bolt.
const defaultLifetime = time.Hour

// An Issuer makes tokens for users, which a [Backend] with the same key, issuer
// and audience accepts. It is immutable and safe for concurrent use. The zero
// Issuer and a nil one issue nothing but errors.
type Issuer struct {
	keys     signers // nil if it was not made by NewIssuer
	issuer   string
	audience []string
	lifetime time.Duration
	now      func() time.Time
}

// signers are keys of which one signs at a time.
type signers interface {
	KeySet
	signer(now time.Time) (signer, error)
}

// oneSigner is the one key of an issuer whose keys do not rotate. It has no id.
type oneSigner struct {
	fixedKeys
	one signer
}

func (o oneSigner) signer(time.Time) (signer, error) { return o.one, nil }

// A User is whom a token is about.
type User struct {
	ID        string // claim sub; required
	Username  string // claim username
	Email     string // claim email; empty: none
	Staff     bool   // claim is_staff
	Superuser bool   // claim is_superuser
}

// TokenOptions are what may differ from token to token.
type TokenOptions struct {
	// Lifetime is from now until exp; 0 means that of the issuer. It is cut to
	// whole seconds.
	Lifetime time.Duration

	// AuthTime is when the user proved who they are, cut to whole seconds. Zero:
	// no claim auth_time.
	AuthTime time.Time

	// Claims are further claims: permissions as a []string, for example, which are
	// never included by themselves. A name that belongs to the issuer is an error.
	Claims map[string]any
}

// reservedClaims are those that the issuer alone decides on.
var reservedClaims = append([]string{"username", "email", "oat", "client_id"}, slices.DeleteFunc(slices.Clone(knownClaims), func(name string) bool {
	return name == "permissions" || name == "scope" || name == "nbf"
})...)

// NewIssuer returns an issuer, or an error that names every setting that is
// wrong. An error never holds any of a key.
func NewIssuer(config IssuerConfig) (*Issuer, error) {
	i := &Issuer{
		issuer:   config.Issuer,
		audience: slices.Clone(config.Audience),
		lifetime: config.Lifetime,
		now:      config.Now,
	}
	if i.lifetime == 0 {
		i.lifetime = defaultLifetime
	}
	if i.now == nil {
		i.now = time.Now
	}
	var keyError error
	i.keys, keyError = config.keys()
	if err := errors.Join(keyError, checkTexts(config.Issuer, config.Audience, ""), checkLifetime(i.lifetime)); err != nil {
		return nil, fmt.Errorf("jwtauth.NewIssuer: %w", err)
	}
	return i, nil
}

// keys returns what signs.
func (c IssuerConfig) keys() (signers, error) {
	if c.Keys != nil {
		switch {
		case c.Secret != nil || c.PrivateKey != nil || c.Algorithm != "":
			return nil, wrong("Keys", "set beside Secret, PrivateKey or Algorithm")
		case c.Keys.load() == nil:
			return nil, named("Keys", errNoRing)
		}
		return c.Keys, nil
	}
	if c.PrivateKey == nil {
		if c.Algorithm == "" {
			c.Algorithm = "HS256"
		}
		if a := algorithmByName(c.Algorithm); c.Secret == nil && a != nil && a.symmetric() {
			var err error
			if c.Secret, err = secretFromEnvironment(); err != nil {
				return nil, err
			}
		}
	} else if c.Algorithm == "" {
		return nil, wrong("Algorithm", "empty: with PrivateKey, name what it is used for")
	}
	one, err := newSigner(c.Algorithm, c.Secret, c.PrivateKey)
	if err != nil {
		return nil, err
	}
	set, err := newFixedKeys([]Key{one.verifyingKey()})
	return oneSigner{set, one}, err
}

// Token returns a signed token with the claims sub, is_staff, is_superuser,
// username, email (unless empty), iat, exp and a random jti; iss and aud as
// configured; auth_time and further claims as the options have it.
//
// It is an error, which names the claim where there is one to name, if a further
// claim is one of those, could be mistaken for one, or is not to be encoded as
// JSON, or if a [Backend] would refuse the token.
func (i *Issuer) Token(user User, options TokenOptions) (string, error) {
	if i == nil || i.keys == nil {
		return "", errNoIssuer
	}
	claims, err := i.claims(user, options)
	if err != nil {
		return "", fmt.Errorf("issue token: %w", err)
	}
	text, err := i.sign(claims, "")
	if err != nil {
		return "", fmt.Errorf("issue token: %w", err)
	}
	return text, nil
}

var errNoIssuer = errors.New("jwtauth: the issuer was not made by NewIssuer")

// sign returns a token with these claims that is sure to be read as what it is:
// one to be refreshed if typ says so, and one for access otherwise.
func (i *Issuer) sign(claims jwt.MapClaims, typ string) (string, error) {
	signer, err := i.keys.signer(i.now())
	if err != nil {
		return "", err
	}
	text, err := signer.sign(claims, typ)
	if err != nil {
		return "", err
	}
	names := usualNames
	names.refresh = typ == refreshType
	if err := new(scratch).parse(text, new(token), &names); err != nil {
		return "", fmt.Errorf("it would not be accepted: %w", err)
	}
	return text, nil
}

func (i *Issuer) claims(user User, options TokenOptions) (jwt.MapClaims, error) {
	lifetime := i.lifetime
	if options.Lifetime != 0 {
		lifetime = options.Lifetime
	}
	if err := checkLifetime(lifetime); err != nil {
		return nil, err
	}
	if err := checkUser(user); err != nil {
		return nil, err
	}
	if err := checkExtra(options.Claims); err != nil {
		return nil, err
	}
	claims := make(jwt.MapClaims, len(options.Claims)+11)
	maps.Copy(claims, options.Claims)

	now := i.now().Unix()
	claims["sub"] = user.ID
	claims["username"] = user.Username
	claims["is_staff"] = user.Staff
	claims["is_superuser"] = user.Superuser
	claims["iat"] = now
	claims["exp"] = now + int64(lifetime/time.Second)
	claims["jti"] = rand.Text() // at least 128 bits
	if user.Email != "" {
		claims["email"] = user.Email
	}
	i.address(claims)
	if !options.AuthTime.IsZero() {
		claims["auth_time"] = options.AuthTime.Unix()
	}
	return claims, nil
}

// address adds who issues the token, and for whom.
func (i *Issuer) address(claims jwt.MapClaims) {
	if i.issuer != "" {
		claims["iss"] = i.issuer
	}
	switch len(i.audience) {
	case 0:
	case 1:
		claims["aud"] = i.audience[0]
	default:
		claims["aud"] = i.audience
	}
}

func checkLifetime(lifetime time.Duration) error {
	if lifetime < time.Second {
		return wrong("Lifetime", "less than a second")
	}
	return nil
}

// checkUser finds texts that encoding/json would not keep as they are.
func checkUser(user User) error {
	for _, text := range []string{user.ID, user.Username, user.Email} {
		if !utf8.ValidString(text) {
			return wrong("User", "a text that is not valid UTF-8")
		}
	}
	return nil
}

func checkExtra(extra map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if slices.ContainsFunc(reservedClaims, func(reserved string) bool { return strings.EqualFold(name, reserved) }) {
			return fmt.Errorf("claim %q belongs to the issuer", name)
		}
		if name == "" || !utf8.ValidString(name) {
			return fmt.Errorf("claim %q is empty or not valid UTF-8", name)
		}
	}
	return nil
}
