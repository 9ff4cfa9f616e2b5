// Package storeurl opens stores of revocations by URLs, for programs that have them as settings. It is a module of its
// own since it brings the drivers of all databases. The URLs are
//
//	sqlite:PATH?table=TABLE
//	postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?target_session_attrs=read-write&table=TABLE
//	mysql://USER:PASSWORD@HOST:PORT/DATABASE?tls=true&table=TABLE
//	redis://USER:PASSWORD@HOST:PORT/NUMBER?replicas=N&prefix=PREFIX
//	redis+cluster://USER:PASSWORD@HOST:PORT?addr=HOST:PORT&replicas=N&prefix=PREFIX
//	redis+sentinel://HOST:PORT/NUMBER?master_name=NAME&username=USER&password=PASSWORD&addr=HOST:PORT&replicas=N&prefix=PREFIX
//
// None of the parameters behind the question mark is required, but for master_name. A character that has a meaning in
// URLs is written with a percent sign, as %23 for #, but for the PATH, which is taken as it is.
//
// The table is that of [revocation.SQLConfig], and the prefix and the number of replicas are those of
// [redisstore.RevocationConfig]: they must be those of the servers that share the store.
//
// PostgreSQL has all parameters of pgx, but it is always a primary that is wanted, also where target_session_attrs is
// any. Of several hosts the first is used that answers and has the attributes that are wanted. The only other parameter of MySQL is tls, with the values of its driver: true, false, skip-verify and preferred.
//
// Redis has all parameters of go-redis; with rediss in place of redis it is spoken to by TLS, and all servers must have a
// certificate for the first HOST. Further servers of a Cluster, or further Sentinels, are named by addr, any number of
// times. The user and the password before Sentinel's HOST are those of the Sentinels.
package storeurl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/boltauthgen/boltauthgen/runtime/revocation"
)

// Forms are the URLs that Open knows, for help and errors.
const Forms = "sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://USER:PASSWORD@HOST:PORT/DATABASE, " +
	"redis://HOST:PORT/NUMBER, redis+cluster://HOST:PORT, redis+sentinel://HOST:PORT/NUMBER?master_name=NAME"

// A Store is one that was opened.
type Store struct {
	Feed  revocation.Feed
	close func() error
}

// Close closes the connections to the server.
func (s *Store) Close() error { return s.close() }

var (
	// ErrForm is the error of a URL that is of no kind that is known, and resembles none.
	ErrForm = errors.New("the URL of the store is none of " + Forms)

	// errNotThere is the error of [OpenExisting] if there is no store. It says what was looked for, and below, on further
	// lines, what to do.
	errNotThere = errors.New("the store is not there")
)

// Open opens the store that a URL names, and makes it where it is not there: a file, a table, the mark of
// [redisstore.NewRevocation]. Errors do not hold the URL: there may be a password in it. What they hold of it is no more
// than its [Place] does, and names of parameters.
func Open(ctx context.Context, text string) (*Store, error) { return open(ctx, text, true) }

// OpenExisting is like [Open], but makes nothing, and writes nothing.
func OpenExisting(ctx context.Context, text string) (*Store, error) { return open(ctx, text, false) }

// Locate returns what a URL names, or the error that [Open] returns for what is wrong with the URL itself. It opens nothing.
func Locate(text string) (Place, error) {
	place, _, err := parse(text)
	return place, err
}

// Check is [Locate] without the place.
func Check(text string) error {
	_, err := Locate(text)
	return err
}

func open(ctx context.Context, text string, create bool) (*Store, error) {
	_, open, err := parse(text)
	if err != nil {
		return nil, err
	}
	return open(ctx, create)
}

// An opener opens what a URL names, and makes it if it may.
type opener func(ctx context.Context, create bool) (*Store, error)

func parse(text string) (place Place, open opener, err error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case "sqlite":
		place, open, err = parseSQLite(rest)
	case "postgres", "postgresql":
		place, open, err = parsePostgreSQL(text)
	case "mysql":
		place, open, err = parseMySQL(text)
	case "redis", "rediss":
		place, open, err = parseRedis(text)
	case "redis+cluster", "rediss+cluster":
		place, open, err = parseCluster(text)
	case "redis+sentinel", "rediss+sentinel":
		place, open, err = parseSentinel(text)
	default:
		return Place{}, nil, unknown(text, scheme)
	}
	if err != nil {
		return Place{}, nil, fmt.Errorf("%s URL: %w", scheme, err)
	}
	return place, open, nil
}
