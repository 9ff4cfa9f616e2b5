package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/internal/instant"
	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// RevocationConfig configures a [Revocation].
type RevocationConfig struct {
	// Client is a *redis.Client, which may be one that asks Sentinel, or a *redis.ClusterClient. Required. It stays the
	// caller's to close. It must lead to the primary: a replica answers nothing but errors, and a cache of the client misses
	// what was revoked just now. Its option ContextTimeoutEnabled must be set, and its ReadTimeout and WriteTimeout must not
	// be -2: otherwise calls do not end when they should.
	//
	// The server's maxmemory-policy must be noeviction or, without Django, one of volatile-*: those evict nothing but
	// keys that expire, and of the store's own keys none does. NewRevocation asks for it, with INFO. That of the replicas,
	// and one that is set later, is not looked at.
	Client redis.UniversalClient

	// Prefix begins the names of all keys, and tells stores on one server apart: a [Refresh] and a [Session] may have the
	// same, since they have other keys. It has no braces. Empty means boltauthgen:revocation.
	Prefix string

	// Timeout is how long a call may take, the time included that it waits for a connection: then it ends with an error,
	// even if its context has time left. Zero means 500 ms; a negative one is an error.
	Timeout time.Duration

	// Replicas is how many replicas must have a revocation before it counts as stored: fewer are an error, though the
	// primary has it. They have it in their memory then, not yet on their disks. With zero, a revocation is lost if the
	// primary fails right after it has acknowledged it and a replica takes its place. With more, it is lost only if
	// one takes the place that is not among those that had acknowledged it, which is sure not to happen if the number is
	// that of all replicas; of several, Sentinel and Cluster prefer the one that has most.
	Replicas int

	// Existing has NewRevocation mark no server: one that has no mark yet is [ErrNoStore]. It is for programs that come
	// after the servers which revoke and ask, and must not have them forget that their server has lost something.
	Existing bool

	// Django is what Django puts before the names in its cache, KEY_PREFIX:VERSION: with its colons, such as ":1:". Then
	// a token is also revoked if the site's cache has an entry "revoked:" + ID, whatever its value, and Revoke makes one,
	// which Django reads as 1. Entries know no issuer: what the site revokes is revoked for all. The site's cache must be
	// Django's RedisCache or that of django-redis, in the database that Client leads to. Its clear() and FLUSHDB
	// remove what this store has, as well. [Revocation.Changes] does not see what the site writes.
	//
	// A Cluster is an error with it, since the site's keys are not where the store's are. Empty means that there is no site.
	Django string
}

const (
	defaultPrefix  = "boltauthgen:revocation"
	defaultTimeout = 500 * time.Millisecond
)

// Revocation is a [revocation.Store] in Redis, which any number of processes can share: what one has written, all others
// see as soon as the call has returned. Its methods are safe for concurrent use. The zero Revocation and a nil one do
// nothing but return errors: see [NewRevocation].
//
// Revoked is one round trip, and the others are one as well, but for Replicas in a Cluster, and when the server does
// not know the script yet. A call whose context is cancelled, rather than at its deadline, may take until Timeout is over.
// After an error it is not known whether something was written; to do it again does no harm.
//
// Each write removes up to 100 entries that have been over for [revocation.Grace], and never what is alive. Those of
// users stay for good, one for each user who was ever revoked, since it is not known how long tokens live that are about.
// Instants are kept in microseconds, rounded down, so a token that was issued within the same microsecond as RevokeUser
// was told is revoked, too.
type Revocation struct {
	client   redis.UniversalClient
	timeout  time.Duration
	replicas int
	django   string
	keys     []string      // of the entries, the feed and the ends
	channel  string        // tells of changes
	silence  time.Duration // see defaultSilence
}

var _ revocation.Store = (*Revocation)(nil)

// ErrNoStore is the error of NewRevocation with [RevocationConfig].Existing if no store has been made on the server, or
// if it has lost what it had.
var ErrNoStore = errors.New("there is no store")

var (
	errNotMade  = errors.New("the store was not made by its constructor")
	errTimeout  = errors.New("the Timeout is negative")
	errReplicas = errors.New("the number of Replicas is negative")
	errPrefix   = errors.New("the Prefix has braces")
	errDjango   = errors.New("there is no Django with a Cluster")
	errLost     = errors.New("the server has lost what was revoked: all is refused until one program that uses it is started again, and then no longer what was revoked before")

	errNoID      = errors.New("revoke token: it has no ID")
	errNoUser    = errors.New("revoke user: the user ID is empty")
	errNoInstant = errors.New("revoke user: the instant is zero")
	errNoFamily  = errors.New("revoke family: the family is empty")
)

// NewRevocation returns the store on the servers of a client. It asks them whether they are primaries and what they evict, and
// marks them where no store has done so yet: it fails if they do not answer. It does not ask whether they save to disk what
// they are told, which is not to be seen from outside everywhere: see the package's documentation. The context and the
// client's own timeouts bound how long that takes. There is nothing to close but the client.
func NewRevocation(ctx context.Context, config RevocationConfig) (*Revocation, error) {
	s, err := newRevocation(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("redisstore.NewRevocation: %w", err)
	}
	return s, nil
}

func newRevocation(ctx context.Context, config RevocationConfig) (*Revocation, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	if config.Prefix == "" {
		config.Prefix = defaultPrefix
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if err := checkServers(ctx, config.Client, config.Django != ""); err != nil {
		return nil, err
	}
	tag := "{" + config.Prefix + "}"
	s := &Revocation{
		client: config.Client, timeout: config.Timeout, replicas: config.Replicas, django: config.Django,
		keys: []string{tag + ":entries", tag + ":feed", tag + ":ends"}, channel: tag + ":changed", silence: defaultSilence,
	}
	if err := s.begin(ctx, config.Existing); err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return s, nil
}

// begin marks the server where it has no mark, unless it must have one.
func (s *Revocation) begin(ctx context.Context, existing bool) error {
	if !existing {
		return beginScript.Run(ctx, s.client, s.keys).Err()
	}
	marked, err := s.client.HExists(ctx, s.keys[0], "began").Result()
	if err == nil && !marked {
		err = ErrNoStore
	}
	return err
}

func (c RevocationConfig) check() error {
	if err := checkOptions(c.Client); err != nil {
		return err
	}
	_, cluster := c.Client.(*redis.ClusterClient)
	switch {
	case c.Timeout < 0:
		return errTimeout
	case c.Replicas < 0:
		return errReplicas
	case strings.ContainsAny(c.Prefix, "{}"):
		return errPrefix
	case cluster && c.Django != "":
		return errDjango
	}
	return nil
}

// ready returns why a call cannot be answered at all.
func (s *Revocation) ready(ctx context.Context) error {
	if s == nil || s.client == nil {
		return errNotMade
	}
	return ctx.Err()
}

// Revoked implements [revocation.Store].
func (s *Revocation) Revoked(ctx context.Context, t revocation.Token) (bool, error) {
	if err := s.ready(ctx); err != nil {
		return false, fmt.Errorf("look up revocations: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	revoked, err := s.find(ctx, t)
	if err != nil {
		return false, fmt.Errorf("look up revocations: %w", err)
	}
	return revoked, nil
}

// find asks for the entries that revoke a token, in one round trip, and for the mark: a server that has none may have had
// entries.
func (s *Revocation) find(ctx context.Context, t revocation.Token) (bool, error) {
	var asked [3]entry
	wanted, fields := asked[:0], append(make([]string, 0, 4), "began")
	for _, e := range [...]entry{{tokens, t.Issuer, t.ID, 0}, {families, t.Issuer, t.Family, 0}, {users, t.Issuer, t.UserID, 0}} {
		if e.name != "" {
			wanted, fields = append(wanted, e), append(fields, e.kind.digest(e.issuer, e.name))
		}
	}
	if len(wanted) == 0 {
		return false, nil // it names nothing
	}
	found, inDjango, err := s.fetch(ctx, fields, t.ID)
	if err != nil {
		return false, err
	}
	if len(found) != len(fields) || found[0] == nil {
		return false, errLost
	}
	revoked := inDjango
	for i, e := range wanted {
		if found[i+1] == nil {
			continue
		}
		stored, err := e.stored(found[i+1])
		if err != nil {
			return false, err
		}
		if e.kind != users || t.IssuedAt.IsZero() || instant.Micros(t.IssuedAt) <= stored.order {
			revoked = true
		}
	}
	return revoked, nil
}

// fetch returns the fields of the entries' hash, and whether Django has an entry for the ID, if there is a site.
func (s *Revocation) fetch(ctx context.Context, fields []string, id string) (found []any, inDjango bool, err error) {
	var entries *redis.SliceCmd
	var exists *redis.IntCmd
	err = read(ctx, s.client, s.keys[0], func(p redis.Pipeliner) {
		entries = p.HMGet(ctx, s.keys[0], fields...)
		if s.django != "" && id != "" {
			exists = p.Exists(ctx, s.djangoKey(id))
		}
	})
	if err != nil {
		return nil, false, err
	}
	return entries.Val(), exists != nil && exists.Val() > 0, nil
}

func (s *Revocation) djangoKey(id string) string { return s.django + "revoked:" + id }

// stored returns what the server has for an entry. It must be of that entry.
func (e entry) stored(value any) (entry, error) {
	text, ok := value.(string)
	if !ok {
		return entry{}, errData
	}
	stored, err := parse(text)
	if err != nil {
		return entry{}, err
	}
	if e.order = stored.order; e != stored {
		return entry{}, errData
	}
	return stored, nil
}

// Revoke implements [revocation.Store].
func (s *Revocation) Revoke(ctx context.Context, t revocation.Token) error {
	if t.ID == "" {
		return errNoID
	}
	if err := s.write(ctx, entry{tokens, t.Issuer, t.ID, instant.End(t.Expires, revocation.Grace)}); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

// RevokeUser implements [revocation.Store].
func (s *Revocation) RevokeUser(ctx context.Context, issuer, userID string, before time.Time) error {
	if userID == "" {
		return errNoUser
	}
	if instant.IsZero(before) { // or would be, for those who are told of it
		return errNoInstant
	}
	if err := s.write(ctx, entry{users, issuer, userID, instant.Micros(before)}); err != nil {
		return fmt.Errorf("revoke user: %w", err)
	}
	return nil
}

// RevokeFamily implements [revocation.Store].
func (s *Revocation) RevokeFamily(ctx context.Context, issuer, family string, until time.Time) error {
	if family == "" {
		return errNoFamily
	}
	if err := s.write(ctx, entry{families, issuer, family, instant.End(until, revocation.Grace)}); err != nil {
		return fmt.Errorf("revoke family: %w", err)
	}
	return nil
}

func (s *Revocation) write(ctx context.Context, e entry) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	keys := s.keys
	if s.django != "" && e.kind == tokens {
		keys = append(keys[:len(keys):len(keys)], s.djangoKey(e.name))
	}
	w := write{writeScript, keys, []any{e.kind.digest(e.issuer, e.name), e.text(), e.over(), s.channel}}
	number, err := w.run(ctx, s.client, s.replicas)
	switch {
	case err != nil:
		return err
	case number == lost:
		return errLost
	case number == garbage:
		return errData
	}
	return nil
}
