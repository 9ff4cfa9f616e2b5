package storeurl

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/boltauthgen/boltauthgen/runtime/redisstore"
)

var (
	errReplicas    = errors.New("replicas is not a number, or negative")
	errPrefix      = errors.New("prefix has braces")
	errNumber      = errors.New("a Cluster has no numbers of databases")
	errAddr        = errors.New("addr is for redis+cluster and redis+sentinel")
	errMasterName  = errors.New("master_name is missing")
	errReadsOthers = errors.New("what replicas answer lags behind: read_only, replica_only, route_by_latency and route_randomly are not possible")
	errNotRedis    = errors.New("the number of the database, or a parameter, is none that go-redis knows")
)

// redisURL is a URL of go-redis, and what it has beside that.
type redisURL struct {
	text     string
	replicas int
	prefix   string
}

// splitRedis reads a URL, whose scheme loses what stands behind a plus sign.
func splitRedis(text string) (u redisURL, err error) {
	location, query, err := split(text)
	if err != nil {
		return u, err
	}
	scheme, kind, _ := strings.Cut(location.Scheme, "+")
	switch {
	case kind == "cluster" && strings.Trim(location.Path, "/") != "":
		return u, errNumber
	case kind == "" && query.Has("addr"):
		return u, errAddr
	}
	if u.replicas, err = replicasOf(query); err != nil {
		return u, err
	}
	if u.prefix, err = take(query, "prefix"); err != nil {
		return u, err
	}
	if strings.ContainsAny(u.prefix, "{}") {
		return u, errPrefix
	}
	location.Scheme, location.RawQuery = scheme, query.Encode()
	u.text = location.String()
	return u, nil
}

func replicasOf(query url.Values) (int, error) {
	text, err := take(query, "replicas")
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, errReplicas
	}
	return n, nil
}

// Errors of go-redis may quote the URL.

func parseRedis(text string) (opener, error) {
	u, err := splitRedis(text)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseURL(u.text)
	if err != nil {
		return nil, errNotRedis
	}
	options.ContextTimeoutEnabled = true
	return u.opener(func() redis.UniversalClient { return redis.NewClient(options) }), nil
}

func parseCluster(text string) (opener, error) {
	u, err := splitRedis(text)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseClusterURL(u.text)
	switch {
	case err != nil:
		return nil, errNotRedis
	case options.ReadOnly || options.RouteByLatency || options.RouteRandomly:
		return nil, errReadsOthers
	}
	options.ContextTimeoutEnabled = true
	return u.opener(func() redis.UniversalClient { return redis.NewClusterClient(options) }), nil
}

func parseSentinel(text string) (opener, error) {
	u, err := splitRedis(text)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseFailoverURL(u.text)
	switch {
	case err != nil:
		return nil, errNotRedis
	case options.MasterName == "":
		return nil, errMasterName
	case options.ReplicaOnly || options.RouteByLatency || options.RouteRandomly: // of which go-redis panics
		return nil, errReadsOthers
	}
	options.ContextTimeoutEnabled = true
	return u.opener(func() redis.UniversalClient { return redis.NewFailoverClient(options) }), nil
}

func (u redisURL) opener(connect func() redis.UniversalClient) opener {
	return func(ctx context.Context, create bool) (_ *Store, err error) {
		client := connect()
		defer func() {
			if err != nil {
				client.Close()
			}
		}()
		store, err := redisstore.NewRevocation(ctx, redisstore.RevocationConfig{
			Client: client, Replicas: u.replicas, Prefix: u.prefix, Existing: !create,
		})
		if errors.Is(err, redisstore.ErrNoStore) {
			return nil, ErrNotThere
		}
		if err != nil {
			return nil, err
		}
		return &Store{store, client.Close}, nil
	}
}
