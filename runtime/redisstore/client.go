package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	errNoClient       = errors.New("the Client is nil")
	errUnknownClient  = errors.New("the Client is neither a *redis.Client nor a *redis.ClusterClient")
	errContextTimeout = errors.New("the Client does not heed contexts: set ContextTimeoutEnabled in its options")
	errReadsReplicas  = errors.New("the Client may ask replicas, which lag behind: ReadOnly, RouteByLatency and RouteRandomly must be off")
	errNoDeadlines    = errors.New("the Client's connections have no deadlines, so that its calls may never end: ReadTimeout and WriteTimeout must not be -2, or less")
	errCaches         = errors.New("the Client has a cache, which lags behind: ClientSideCacheConfig and ClientSideCache must be nil")
	errReplica        = errors.New("the server is a replica, which lags behind: the Client must lead to the primary")
	errNoPolicy       = errors.New("the server does not say what it evicts")
)

// checkOptions returns why a client cannot be used, as far as its options say.
func checkOptions(client redis.UniversalClient) error {
	var heedsContexts, readsReplicas, caches bool
	var timeouts [2]time.Duration
	switch c := client.(type) {
	case nil:
		return errNoClient
	case *redis.Client:
		if c == nil {
			return errNoClient
		}
		options := c.Options()
		heedsContexts, timeouts = options.ContextTimeoutEnabled, [...]time.Duration{options.ReadTimeout, options.WriteTimeout}
		caches = options.ClientSideCacheConfig != nil || options.ClientSideCache != nil
	case *redis.ClusterClient:
		if c == nil {
			return errNoClient
		}
		options := c.Options()
		heedsContexts, timeouts = options.ContextTimeoutEnabled, [...]time.Duration{options.ReadTimeout, options.WriteTimeout}
		readsReplicas = options.ReadOnly
	default: // a Ring forgets what is on a server that does not answer
		return errUnknownClient
	}
	switch {
	case !heedsContexts:
		return errContextTimeout
	case min(timeouts[0], timeouts[1]) < 0: // a client has made zero of -1, with which contexts are heeded
		return errNoDeadlines
	case readsReplicas:
		return errReadsReplicas
	case caches:
		return errCaches
	}
	return nil
}

// checkServers returns why the servers that a client leads to cannot be used. With expiring, there are keys that expire
// among those that they must keep.
func checkServers(ctx context.Context, client redis.UniversalClient, expiring bool) error {
	check := func(ctx context.Context, server *redis.Client) error { return checkServer(ctx, server, expiring) }
	switch c := client.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, check)
	case *redis.Client:
		return check(ctx, c)
	}
	return errUnknownClient
}

func checkServer(ctx context.Context, server *redis.Client, expiring bool) error {
	role, err := info(ctx, server, "replication", "role")
	if err != nil {
		return err
	}
	if role != "master" {
		return errReplica
	}
	// CONFIG would tell, too, but is forbidden in many places.
	policy, err := info(ctx, server, "memory", "maxmemory_policy")
	if err != nil {
		return err
	}
	switch {
	case policy == "":
		return errNoPolicy
	case policy == "noeviction", strings.HasPrefix(policy, "volatile-") && !expiring:
		return nil
	}
	return fmt.Errorf("the server evicts what must be kept: its maxmemory-policy is %.40s", policy)
}

// info returns what a server says of itself, or nothing if it does not say it.
func info(ctx context.Context, server *redis.Client, section, name string) (string, error) {
	text, err := server.Info(ctx, section).Result()
	if err != nil {
		return "", fmt.Errorf("ask for %s: %w", name, err)
	}
	for line := range strings.Lines(text) {
		if found, value, _ := strings.Cut(line, ":"); found == name {
			return strings.TrimSpace(value), nil
		}
	}
	return "", nil
}
