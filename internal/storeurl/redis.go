package storeurl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
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
	errNoNumber    = errors.New("the path is no number of a database, as /0 is")
)

// redisURL is a URL of go-redis, and what it has beside that.
type redisURL struct {
	scheme   string // as it was
	location *url.URL
	query    url.Values
	replicas int
	prefix   string
}

// splitRedis reads a URL, whose scheme loses what stands behind a plus sign.
func splitRedis(text string) (u redisURL, err error) {
	u.location, u.query, err = split(text)
	if err != nil {
		return u, err
	}
	u.scheme = u.location.Scheme
	scheme, kind, _ := strings.Cut(u.scheme, "+")
	switch {
	case kind == "cluster" && strings.Trim(u.location.Path, "/") != "":
		return u, errNumber
	case kind == "" && u.query.Has("addr"):
		return u, errAddr
	}
	if u.replicas, err = replicasOf(u.query); err != nil {
		return u, err
	}
	if u.prefix, err = take(u.query, "prefix"); err != nil {
		return u, err
	}
	if strings.ContainsAny(u.prefix, "{}") {
		return u, errPrefix
	}
	u.prefix = cmp.Or(u.prefix, defaultPrefix)
	u.location.Scheme = scheme
	return u, nil
}

// text is the URL as go-redis knows it, with some parameters.
func (u redisURL) text(query url.Values) string {
	location := *u.location
	location.RawQuery = query.Encode()
	return location.String()
}

// parseOptions reads a URL by a function of go-redis, whose errors quote the URL.
func parseOptions[T any](u redisURL, parse func(string) (T, error)) (options T, err error) {
	options, err = parse(u.text(u.query))
	if err == nil {
		return options, nil
	}
	name, found := wrongParameter(u.query, func(query url.Values) bool {
		_, err := parse(u.text(query))
		return err == nil
	})
	switch {
	case !found:
		return options, errNoNumber
	case strings.Contains(err.Error(), "unexpected option"):
		return options, fmt.Errorf("%s is none that go-redis knows", name)
	}
	return options, fmt.Errorf("the value of %s is none that go-redis knows", name)
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

func parseRedis(text string) (place Place, open opener, err error) {
	u, err := splitRedis(text)
	if err != nil {
		return place, nil, err
	}
	options, err := parseOptions(u, redis.ParseURL)
	if err != nil {
		return place, nil, err
	}
	options.ContextTimeoutEnabled = true
	place = u.place([]string{options.Addr}, strconv.Itoa(options.DB))
	return place, u.opener(place, func() redis.UniversalClient { return redis.NewClient(options) }), nil
}

func parseCluster(text string) (place Place, open opener, err error) {
	u, err := splitRedis(text)
	if err != nil {
		return place, nil, err
	}
	options, err := parseOptions(u, redis.ParseClusterURL)
	switch {
	case err != nil:
		return place, nil, err
	case options.ReadOnly || options.RouteByLatency || options.RouteRandomly:
		return place, nil, errReadsOthers
	}
	options.ContextTimeoutEnabled = true
	place = u.place(options.Addrs, "")
	return place, u.opener(place, func() redis.UniversalClient { return redis.NewClusterClient(options) }), nil
}

func parseSentinel(text string) (place Place, open opener, err error) {
	u, err := splitRedis(text)
	if err != nil {
		return place, nil, err
	}
	options, err := parseOptions(u, redis.ParseFailoverURL)
	switch {
	case err != nil:
		return place, nil, err
	case options.MasterName == "":
		return place, nil, errMasterName
	case options.ReplicaOnly || options.RouteByLatency || options.RouteRandomly: // of which go-redis panics
		return place, nil, errReadsOthers
	}
	options.ContextTimeoutEnabled = true
	place = u.place(options.SentinelAddrs, strconv.Itoa(options.DB))
	return place, u.opener(place, func() redis.UniversalClient { return redis.NewFailoverClient(options) }), nil
}

func (u redisURL) place(hosts []string, number string) Place {
	return Place{Scheme: u.scheme, Hosts: slices.Clone(hosts), Database: number, Prefix: u.prefix}
}

func (u redisURL) opener(place Place, connect func() redis.UniversalClient) opener {
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
			return nil, place.noPrefix()
		}
		if err != nil {
			return nil, err
		}
		return &Store{store, client.Close}, nil
	}
}
