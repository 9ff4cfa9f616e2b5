package apikey

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/credential"
	"github.com/boltauthgen/boltauthgen/internal/revoked"
	"github.com/boltauthgen/boltauthgen/runtime"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
	"github.com/boltauthgen/boltauthgen/runtime/throttle"
)

// A Key is one key of a configuration, and what it stands for.
type Key struct {
	ID          string    // names the key where the key itself must not be shown; required and unique
	Secret      string    // the key, of visible ASCII characters; or else:
	SHA256      string    // the SHA-256 digest of the key in hexadecimal, so that the configuration does not hold the key
	Owner       string    // user id of whose key it is; may be empty
	Permissions []string  // permissions of whoever sends the key
	Scopes      []string  // OAuth 2.0 scopes (RFC 6749 section 3.3), without spaces
	NotBefore   time.Time // until then the key is refused; zero: never
	Expires     time.Time // from then on the key is refused; zero: never
}

// Config configures a [Backend].
type Config struct {
	// Keys are the keys of the configuration. If they are empty and there is no
	// Lookup, no key is accepted.
	Keys []Key

	// Header is the name of the header field that holds the key, bare or behind
	// one of the schemes ApiKey and Bearer; in Authorization one of them is
	// required. Empty: X-API-Key.
	Header string

	// Lookup returns the record of the key with this id, for keys that [Generate]
	// has made and that are not in Keys. For an id that nobody has, the error is
	// [ErrUnknown], any other [runtime.ErrInvalidCredentials], or sql.ErrNoRows.
	// After any other error, after two seconds and after a panic the request is
	// refused as [runtime.ErrUnavailable]. Lookup must be safe for concurrent use,
	// and end when the context does. Nil: there are only Keys.
	Lookup func(ctx context.Context, id string) (Record, error)

	// Check has the last word on a key of Lookup that holds, and returns its record as
	// it counts now: with no more permissions than its owner has, say. Its errors and
	// its time are those of Lookup; an [ErrUnknown] is for a key whose owner is gone. It
	// is not asked about keys that do not hold: what it needs to find out about
	// an owner, Lookup should not, or the time that takes tells which ids there
	// are. It must be safe for concurrent use. Nil: the record counts as it is.
	Check func(ctx context.Context, record Record) (Record, error)

	// Prefix is the one that keys must have to be looked up; those of another
	// environment, say, are refused without. Empty: any.
	Prefix string

	// Remember is for how long a record that Lookup returned may serve again, for
	// the same key: a minute at most. That long after a key has been revoked where it
	// is kept, or its permissions have been changed, it may go on as before; a key that is
	// in Revocation may not. Up to 4,096 keys are remembered.
	// 0: nothing is, and Lookup is called for each request.
	Remember time.Duration

	// SaveUses is told which keys of Lookup were accepted, and when: each minute,
	// behind the requests, and by [Backend.Flush]. It may get 65,536 uses at once,
	// each of another key. If more keys are used within a minute, some of the uses
	// are lost; so are the last ones of a process that ends without Flush. After an
	// error, which is logged to slog.Default(), the same uses come again.
	// Nil: nobody takes note.
	SaveUses func(context.Context, []Use) error

	// Revocation is asked about each key that holds, those of Keys and remembered ones
	// included: see [TokenOf]. So one store can tell all instances at once, also of keys
	// that stand in a configuration. If it does not answer within two seconds, the
	// request is refused as [runtime.ErrUnavailable]. Nil: a key is revoked where it is
	// kept, and nowhere else.
	Revocation revocation.Store

	// Limiter holds guesses down. Every key that could be one counts as an attempt
	// at its id, or at none if it is of another form than [Generate]'s; but one that an
	// address sends many times at once counts once. What cannot be a key, since its
	// checksum, its form or its prefix is wrong, counts only if there are Keys. Nil:
	// nothing is limited.
	//
	// In a header field that holds other credentials, too, a token in
	// Authorization, say, those count as guesses at Keys. Put the backend behind
	// the one that accepts them.
	Limiter *throttle.Limiter

	Now func() time.Time // default time.Now; must be safe for concurrent use
}

const (
	name = "api_key"

	// userIDPrefix keeps the ids of keys apart from those of users.
	userIDPrefix = "apikey:"

	// maxKey is the length of the longest key that is looked at.
	maxKey = 4096
)

// A Backend is a [runtime.Authenticator] that accepts API keys. The principal's
// user id is "apikey:" and the key's ID, its backend "api_key". Its claim "owner"
// is the key's owner and its claim "scope" the scopes, separated by spaces, if there
// are any. A Backend is safe for concurrent use. The zero Backend and a nil one
// refuse every request.
type Backend struct {
	header  credential.Header
	digests []Digest
	grants  []grant // of the digest with the same index
	prefix  string
	source  *source // nil: there is no Lookup
	known   remembered
	revoked *revoked.Asker // nil: there is no Revocation
	uses    uses
	limiter *throttle.Limiter
	equal   comparison
	now     func() time.Time
}

// A grant is what a key of the configuration stands for.
type grant struct {
	principal *runtime.Principal
	span      span
	token     revocation.Token
}

var _ runtime.Authenticator = (*Backend)(nil)

// New returns a backend, or an error that names every setting that is wrong. An
// error never holds a key.
func New(config Config) (*Backend, error) {
	b := &Backend{prefix: config.Prefix, limiter: config.Limiter, equal: constantTime, now: config.Now}
	if b.now == nil {
		b.now = time.Now
	}
	if config.Header == "" {
		config.Header = "X-API-Key"
	}
	var err error
	var problems []error
	if b.header, err = credential.NewHeader(config.Header, maxKey, "ApiKey", "Bearer"); err != nil {
		problems = append(problems, wrong("Header", "%w", err))
	}
	if b.revoked, err = revoked.NewAsker(config.Revocation); err != nil {
		problems = append(problems, wrong("Revocation", "%w", err))
	}
	problems = append(problems, b.setLookup(config), b.addKeys(config.Keys))
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("apikey.New: %w", err)
	}
	return b, nil
}

// setLookup takes over the settings around Lookup.
func (b *Backend) setLookup(config Config) error {
	var problems []error
	if config.Lookup == nil {
		for setting, set := range map[string]bool{
			"Check": config.Check != nil, "Prefix": config.Prefix != "", "Remember": config.Remember != 0, "SaveUses": config.SaveUses != nil,
		} {
			if set {
				problems = append(problems, wrong(setting, "set without Lookup"))
			}
		}
		return errors.Join(problems...)
	}
	if config.Prefix != "" && !isPrefix(config.Prefix) {
		problems = append(problems, wrong("Prefix", "%w", errPrefix))
	}
	if config.Remember < 0 || config.Remember > maxRemember {
		problems = append(problems, wrong("Remember", "not between 0 and %s", maxRemember))
	}
	b.source = &source{lookup: config.Lookup, check: config.Check}
	b.known.lasts = config.Remember
	b.uses.save, b.uses.saving = config.SaveUses, make(chan struct{}, 1)
	return errors.Join(problems...)
}

func (b *Backend) addKeys(keys []Key) error {
	var problems []error
	ring := keyring{ids: map[string]int{}, digests: map[Digest]int{}}
	for i, key := range keys {
		digest, err := ring.add(i, key)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		b.digests = append(b.digests, digest)
		b.grants = append(b.grants, grant{
			principal: newPrincipal(key.ID, key.Owner, key.Permissions, key.Scopes),
			span:      span{key.NotBefore, key.Expires},
			token:     TokenOf(Record{ID: key.ID, Owner: key.Owner, Expires: key.Expires}),
		})
	}
	return errors.Join(problems...)
}

// Flush saves the uses that have not been saved yet. Call it when the server has
// shut down. It returns the error of [Config.SaveUses].
func (b *Backend) Flush(ctx context.Context) error {
	if b == nil || b.now == nil {
		return errNotMade
	}
	if err := b.uses.flush(ctx); err != nil {
		return fmt.Errorf("save uses of API keys: %w", err)
	}
	return nil
}

// Name implements [runtime.Authenticator]. It is "api_key".
func (b *Backend) Name() string { return name }

// Challenge implements [runtime.Authenticator]. The scheme ApiKey is not
// registered; its parameters are those of RFC 6750 section 3. All keys that do
// not hold get the same answer.
func (b *Backend) Challenge(_ *http.Request, err error) string {
	if errors.Is(err, runtime.ErrInvalidCredentials) || errors.Is(err, runtime.ErrRevoked) {
		return `ApiKey realm="api", error="invalid_token", error_description="The API key is unknown or has expired"`
	}
	return `ApiKey realm="api"`
}
