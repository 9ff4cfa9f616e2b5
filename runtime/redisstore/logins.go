package redisstore

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/redis/go-redis/v9"
)

// A login is a family of refresh tokens or a session: something that a user has and that is over at some time. It has a
// text, which begins with its place.

// A place is what a login is found by, and what it must be found by when it ends: its name, its user, and when it is over.
type place struct {
	expires int64 // Unix microseconds, as those below
	user    [32]byte
	started int64
	name    [32]byte
}

// The parts of a place have always the same length, so that whatever bytes are in it, it can be read in one way, and that
// places of a user compare as the instants do at which they started.
const placeLength = digits + 32 + digits + 32

func (p place) String() string {
	return padded(p.expires) + string(p.user[:]) + padded(p.started) + string(p.name[:])
}

// parsePlace is the inverse of String. It returns what follows, too.
func parsePlace(text string) (p place, rest string, err error) {
	if len(text) < placeLength {
		return place{}, "", errData
	}
	p.user = bytes32(text[digits:])
	p.name = bytes32(text[2*digits+32:])
	var problems [2]error
	p.expires, problems[0] = parsePadded(text[:digits])
	p.started, problems[1] = parsePadded(text[digits+32 : 2*digits+32])
	return p, text[placeLength:], errors.Join(problems[:]...)
}

// bytes32 returns the first 32 bytes of a text, which has them.
func bytes32(text string) [32]byte { return [32]byte([]byte(text[:32])) }

// before returns an instant that is a while before another.
func before(at int64, while time.Duration) int64 {
	return max(at, math.MinInt64+while.Microseconds()) - while.Microseconds()
}

// kept is how long a login is kept after it is over, for clocks that differ.
const kept = time.Hour

// loginConfig is what [RefreshConfig] and [SessionConfig] are.
type loginConfig struct {
	Client   redis.UniversalClient
	Prefix   string
	Timeout  time.Duration
	Replicas int
}

// logins are all logins of a store.
type logins struct {
	client   redis.UniversalClient
	timeout  time.Duration
	replicas int
	keys     []string
}

var (
	errEmptyUser   = errors.New("the user ID is empty")
	errEmptyFamily = errors.New("the family is empty")
	errZeroID      = errors.New("the ID is zero")
	errZeroInstant = errors.New("the instant is zero")
	errOver        = errors.New("it would be over already")
	errExists      = errors.New("it exists already")
	errIncomplete  = errors.New("the server has lost a part of what this store has written: remove the rest")
	errResult      = errors.New("the script has returned what it never does")
)

// newLogins returns those of a store with a name, which tells them from those of other stores with the same prefix.
func newLogins(ctx context.Context, config loginConfig, name string) (*logins, error) {
	if config.Prefix == "" {
		config.Prefix = "boltauthgen"
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	checked := RevocationConfig{Client: config.Client, Prefix: config.Prefix, Timeout: config.Timeout, Replicas: config.Replicas}
	if err := checked.check(); err != nil {
		return nil, err
	}
	if err := checkServers(ctx, config.Client, false); err != nil {
		return nil, err
	}
	tag := "{" + config.Prefix + ":" + name + "}"
	l := &logins{
		client: config.Client, timeout: config.Timeout, replicas: config.Replicas,
		keys: []string{tag + ":logins", tag + ":users", tag + ":expiries"},
	}
	if l.replicas > 0 {
		l.keys = append(l.keys, tag+":asked")
	}
	return l, nil
}

// ready returns why a call cannot be answered at all.
func (l *logins) ready(ctx context.Context) error {
	if l == nil {
		return errNotMade
	}
	return ctx.Err()
}

// within returns a context that is done when the call must be.
func (l *logins) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, l.timeout)
}

// change runs a script that returns a number.
func (l *logins) change(ctx context.Context, how sending, script *redis.Script, args ...any) (int64, error) {
	ctx, cancel := l.within(ctx)
	defer cancel()
	result, err := write{script, l.keys, args}.send(ctx, l.client, l.replicas, how)
	if err != nil {
		return 0, err
	}
	n, err := result.Int64()
	return n, errors.Join(err, failure(n))
}

// failure returns the error that a number stands for which any script may return.
func failure(n int64) error {
	switch n {
	case garbage:
		return errData
	case incomplete:
		return errIncomplete
	}
	return nil
}

// add adds a login with the rest of its text, and forgets some that have been over for a while, at the given instant and by
// the server's clock.
func (l *logins) add(ctx context.Context, p place, rest string, now int64) error {
	n, err := l.change(ctx, once, addScript, p.String()+rest, padded(before(now, kept)), kept.Microseconds())
	switch {
	case err != nil:
		return err
	case n == exists:
		return errExists
	case n != done:
		return errResult
	}
	return nil
}

// end removes a login, if it is there.
func (l *logins) end(ctx context.Context, name [32]byte) error {
	n, err := l.change(ctx, again, endScript, name[:])
	if err == nil && n != done {
		return errResult
	}
	return err
}

// endUser removes all logins of a user that started at or before an instant, but for the one of the name except. If anything
// is wrong with some, it removes the others.
func (l *logins) endUser(ctx context.Context, user string, started int64, except [32]byte) error {
	var problem error
	err := l.walk(ctx, l.replicas, endUserScript, user, []any{padded(started), except[:]}, func(n int64, _ []any) error {
		if problem == nil {
			problem = failure(n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return problem
}

// batch is how many logins of a user a script looks at. The server serves others before the next one.
const batch = 500

// walk runs a script for the logins of a user, a batch at a time, within the time of one call. The script's first arguments
// are the user, where a batch begins, and how many are in it. It returns where the next one begins, or nothing, and a
// number, which take gets with what else it returns. A login that is there all the time is in exactly one batch, since its
// place among those of its user never changes.
func (l *logins) walk(
	ctx context.Context, replicas int, script *redis.Script, user string, args []any, take func(n int64, found []any) error,
) error {
	ctx, cancel := l.within(ctx)
	defer cancel()
	for from := "[" + user; from != ""; {
		w := write{script, l.keys, append([]any{user, from, batch}, args...)}
		result, err := w.send(ctx, l.client, replicas, again)
		if err != nil {
			return err
		}
		answer, err := result.Slice()
		if err != nil || len(answer) < 2 {
			return errResult
		}
		following, isText := answer[0].(string)
		n, isNumber := answer[1].(int64)
		if !isText || !isNumber {
			return errResult
		}
		if err := take(n, answer[2:]); err != nil {
			return err
		}
		from = following
	}
	return nil
}
