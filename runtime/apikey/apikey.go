// Package apikey authenticates requests by API keys from the configuration.
//
// A backend keeps the SHA-256 digests of its keys only, and compares digests
// without telling by its time how much of a key was right. A digest without
// salt and stretching protects keys that are random; give out keys of at least
// 128 random bits, as crypto/rand.Text makes them.
package apikey

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/boltauthgen/boltauthgen/internal/credential"
	"github.com/boltauthgen/boltauthgen/runtime"
)

// A Key is one key that is accepted, and what it stands for.
type Key struct {
	ID          string    // names the key where the key itself must not be shown; required and unique
	Secret      string    // the key, of visible ASCII characters; or else:
	SHA256      string    // the SHA-256 digest of the key in hexadecimal, so that the configuration does not hold the key
	Permissions []string  // permissions of whoever sends the key
	Expires     time.Time // from then on the key is refused; zero: never
}

// Config configures a [Backend].
type Config struct {
	Keys   []Key            // may be empty: then no key is accepted
	Header string           // default X-API-Key
	Now    func() time.Time // default time.Now; must be safe for concurrent use
}

const (
	name = "api_key"

	// userIDPrefix keeps the ids of keys apart from those of users.
	userIDPrefix = "apikey:"

	// maxKey is the length of the longest key that is looked at.
	maxKey = 4096
)

// The only ways in which a request is refused. No error holds the key.
var (
	errNotMade = errors.New("apikey: the backend was not made by New")
	errUnknown = fmt.Errorf("%w: unknown API key", runtime.ErrInvalidCredentials)
	errExpired = fmt.Errorf("%w: the API key has expired", runtime.ErrInvalidCredentials)
)

// A Backend is a [runtime.Authenticator] that accepts API keys. The principal's
// user id is "apikey:" and the key's ID, its backend "api_key". A Backend is
// safe for concurrent use. The zero Backend and a nil one refuse every request.
type Backend struct {
	header  credential.Header
	digests [][sha256.Size]byte
	grants  []grant // of the digest with the same index
	now     func() time.Time
}

// A grant is what a key stands for.
type grant struct {
	principal *runtime.Principal
	expires   time.Time
}

var _ runtime.Authenticator = (*Backend)(nil)

// New returns a backend, or an error that names every setting that is wrong. An
// error never holds a key.
func New(config Config) (*Backend, error) {
	b := &Backend{now: config.Now}
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
	keys := keyring{ids: map[string]int{}, digests: map[[sha256.Size]byte]int{}}
	for i, key := range config.Keys {
		digest, err := keys.add(i, key)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		b.digests = append(b.digests, digest)
		b.grants = append(b.grants, grant{principal: principal(key), expires: key.Expires})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("apikey.New: %w", err)
	}
	return b, nil
}

func principal(key Key) *runtime.Principal {
	return runtime.NewPrincipal(runtime.Identity{
		UserID:      userIDPrefix + key.ID,
		Backend:     name,
		Permissions: key.Permissions,
	})
}

// Name implements [runtime.Authenticator]. It is "api_key".
func (b *Backend) Name() string { return name }

// Authenticate implements [runtime.Authenticator]. It takes the same time for
// all keys of one length that are not accepted.
func (b *Backend) Authenticate(r *http.Request) (*runtime.Principal, error) {
	if b == nil || b.now == nil {
		return nil, errNotMade
	}
	key, err := b.header.Read(r)
	if err != nil {
		return nil, err
	}
	i := b.find(sha256.Sum256([]byte(key)))
	if i < 0 {
		return nil, errUnknown
	}
	grant := b.grants[i]
	if !grant.expires.IsZero() && !b.now().Before(grant.expires) {
		return nil, errExpired
	}
	return grant.principal, nil
}

// find returns the index of a digest, and -1 if it is not there. It goes over
// all of them whatever it finds.
func (b *Backend) find(digest [sha256.Size]byte) int {
	found := -1
	for i := range b.digests {
		equal := subtle.ConstantTimeCompare(b.digests[i][:], digest[:])
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	return found
}

// Challenge implements [runtime.Authenticator]. The scheme ApiKey is not
// registered; its parameters are those of RFC 6750 section 3. All keys that do
// not hold get the same answer.
func (b *Backend) Challenge(_ *http.Request, err error) string {
	if errors.Is(err, runtime.ErrInvalidCredentials) {
		return `ApiKey realm="api", error="invalid_token", error_description="The API key is unknown or has expired"`
	}
	return `ApiKey realm="api"`
}

// visible reports whether all characters are visible ones of ASCII.
func visible(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
