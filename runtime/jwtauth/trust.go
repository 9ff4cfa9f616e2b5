package jwtauth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/boltauthgen/boltauthgen/internal/nilable"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A TrustedIssuer is one of several issuers whose tokens a backend accepts, each
// under rules of its own. The fields mean what those of the same name in
// [Config] mean. A token belongs to the issuer that its claim iss names, and no
// key of another one is tried.
type TrustedIssuer struct {
	Issuer       string // required
	Secret       []byte // not taken from the environment
	Keys         KeySet
	Algorithms   []string
	Audience     []string
	Type         string
	MaxAge       time.Duration
	Claims       ClaimNames
	UserIDPrefix string
}

// A trust is an issuer as a backend trusts it.
type trust struct {
	issuer     string // empty: iss is not looked at, and there is no other
	audience   []string
	algorithms []string
	keys       KeySet
	typ        string
	maxAge     time.Duration
	names      claimNames
	prefix     string   // of user ids
	foreign    []string // what follows this prefix in those of other issuers that begin with it
}

// own returns the issuer that the configuration's own fields describe.
func (c Config) own() TrustedIssuer {
	return TrustedIssuer{
		Issuer: c.Issuer, Secret: c.Secret, Keys: c.Keys, Algorithms: c.Algorithms, Audience: c.Audience,
		Type: c.Type, MaxAge: c.MaxAge, Claims: c.Claims, UserIDPrefix: c.UserIDPrefix,
	}
}

// trusts returns all issuers of the configuration. The error names every setting
// that is wrong.
func (c Config) trusts() ([]*trust, error) {
	t, err := c.own().trust(secretFromEnvironment)
	trusts, problems := []*trust{t}, []error{err}
	if len(c.Others) > 0 && c.Issuer == "" {
		problems = append(problems, wrong("Issuer", "empty: with Others, tokens are told apart by it"))
	}
	for i, other := range c.Others {
		setting := fmt.Sprintf("Others[%d]", i)
		if other.Issuer == "" {
			problems = append(problems, wrong(setting+".Issuer", "empty"))
		}
		t, err := other.trust(noSecret)
		trusts, problems = append(trusts, t), append(problems, within(setting, err))
	}
	problems = append(problems, separate(trusts))
	return trusts, errors.Join(problems...)
}

// within puts a setting before all that an error names.
func within(setting string, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		problems := slices.Clone(joined.Unwrap())
		for i, problem := range problems {
			problems[i] = within(setting, problem)
		}
		return errors.Join(problems...)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s.%w", setting, err)
}

// trust returns the issuer, with a secret from elsewhere if it has no key. It is
// not nil even if there is an error.
func (i TrustedIssuer) trust(otherwise func() ([]byte, error)) (*trust, error) {
	t := &trust{
		issuer:   i.Issuer,
		audience: slices.Clone(i.Audience),
		typ:      mediaType(i.Type),
		maxAge:   i.MaxAge,
		prefix:   i.UserIDPrefix,
	}
	var keysError, namesError error
	t.algorithms, t.keys, keysError = i.keys(otherwise)
	t.names, namesError = i.Claims.resolve()
	var ageError error
	if i.MaxAge < 0 {
		ageError = wrong("MaxAge", "negative")
	}
	return t, errors.Join(keysError, checkTexts(i.Issuer, i.Audience, i.Type), ageError, namesError, checkPrefix(i.UserIDPrefix))
}

// keys returns the algorithms by name and the keys for them.
func (i TrustedIssuer) keys(otherwise func() ([]byte, error)) (names []string, set KeySet, err error) {
	names = slices.Clone(i.Algorithms)
	if names == nil && i.Keys == nil {
		names = []string{"HS256"}
	}
	set, err = i.keySet(otherwise)
	if err := errors.Join(checkAlgorithms(names), err); err != nil {
		return nil, nil, err
	}
	return names, set, i.checkFits(names, set)
}

func (i TrustedIssuer) keySet(otherwise func() ([]byte, error)) (KeySet, error) {
	switch _, remote := i.Keys.(*remoteKeys); {
	case i.Keys == nil:
		return secretKeys(i.Secret, otherwise)
	case nilable.IsNil(i.Keys):
		return nil, wrong("Keys", "nil")
	case i.Secret != nil:
		return nil, wrong("Secret", "set beside Keys")
	case remote && i.Issuer == "":
		return nil, wrong("Issuer", "empty: keys of a JWKS URL are those of one issuer")
	}
	return i.Keys, nil
}

// secretKeys returns the set of one secret, or of the one from elsewhere.
func secretKeys(secret []byte, otherwise func() ([]byte, error)) (KeySet, error) {
	if secret == nil {
		var err error
		if secret, err = otherwise(); err != nil {
			return nil, err
		}
	}
	if err := checkSecret(secret); err != nil {
		return nil, named("Secret", err)
	}
	return newFixedKeys([]Key{{Secret: secret}})
}

func noSecret() ([]byte, error) { return nil, wrong("Secret", "not set, and neither are Keys") }

// checkFits finds algorithms that no key fits. Keys that are not known yet are
// not judged.
func (i TrustedIssuer) checkFits(names []string, set KeySet) error {
	k, err := set.current()
	switch {
	case errors.Is(err, runtime.ErrUnavailable):
		return nil
	case err != nil:
		return named("Keys", err)
	}
	for at, name := range names {
		setting := fmt.Sprintf("Algorithms[%d]", at)
		switch {
		case k.fits(name):
		case i.Keys == nil:
			return wrong(setting, "%s needs Keys", name)
		case algorithmByName(name).symmetric():
			return wrong(setting, "%s needs a Secret", name)
		default:
			return wrong(setting, "none of the Keys fits %s", name)
		}
	}
	return nil
}

// checkAlgorithms finds names that are unknown or there twice.
func checkAlgorithms(names []string) error {
	if len(names) == 0 {
		return wrong("Algorithms", "empty: with Keys, name what they are used for")
	}
	for i, name := range names {
		switch setting := fmt.Sprintf("Algorithms[%d]", i); {
		case algorithmByName(name) == nil:
			return wrong(setting, "%q is not supported", name)
		case slices.Contains(names[:i], name):
			return wrong(setting, "%s is there twice", name)
		}
	}
	return nil
}

// checkTexts finds values that no token can have, or that would switch a check
// off.
func checkTexts(issuer string, audience []string, typ string) error {
	var problems []error
	if audience != nil && len(audience) == 0 {
		problems = append(problems, wrong("Audience", "empty: leave it nil to refuse tokens with aud"))
	}
	for i, one := range audience {
		if one == "" || strings.TrimSpace(one) != one {
			problems = append(problems, wrong(fmt.Sprintf("Audience[%d]", i), "empty, or white space around it"))
		}
	}
	if strings.TrimSpace(issuer) != issuer {
		problems = append(problems, wrong("Issuer", "white space around it"))
	}
	if strings.Trim(typ, typeCharacters) != "" {
		problems = append(problems, wrong("Type", "not a media type without parameters"))
	}
	return errors.Join(problems...)
}

// typeCharacters are those of RFC 6838 section 4.2, and the slash.
const typeCharacters = "/!#$&-^_.+0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// maxPrefix is the length of the longest prefix of user ids.
const maxPrefix = 64

func checkPrefix(prefix string) error {
	switch {
	case len(prefix) > maxPrefix || strings.TrimSpace(prefix) != prefix:
		return wrong("UserIDPrefix", "longer than %d bytes, or white space around it", maxPrefix)
	case strings.ContainsFunc(prefix, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }):
		return wrong("UserIDPrefix", "not made of printable characters")
	case isReserved(prefix):
		return wrong("UserIDPrefix", "begins with that of API keys, %q", keyPrefix)
	}
	return nil
}

// separate finds issuers that are there twice or whose users would have the same
// ids, and tells each which ids belong to others.
func separate(trusts []*trust) error {
	var problems []error
	for i, t := range trusts {
		for _, other := range trusts[:i] { // so it is Others[i-1] that comes second
			if t.issuer == other.issuer && t.issuer != "" {
				problems = append(problems, wrong(fmt.Sprintf("Others[%d].Issuer", i-1), "%q is there twice", t.issuer))
			}
			if t.prefix == other.prefix {
				problems = append(problems, wrong(fmt.Sprintf("Others[%d].UserIDPrefix", i-1),
					"that of %q, too: their users could have the same ids", other.issuer))
			}
		}
	}
	for _, t := range trusts {
		for _, other := range trusts {
			if len(other.prefix) > len(t.prefix) && strings.HasPrefix(other.prefix, t.prefix) {
				t.foreign = append(t.foreign, other.prefix[len(t.prefix):])
			}
		}
	}
	return errors.Join(problems...)
}
