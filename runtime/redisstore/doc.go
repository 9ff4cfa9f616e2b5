// Package redisstore keeps in Redis what package revocation is about: which tokens have been revoked before their time.
//
//	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addrs, ContextTimeoutEnabled: true})
//	store, err := redisstore.NewRevocation(ctx, redisstore.RevocationConfig{Client: client})
//	…
//	backend, err := jwtauth.New(jwtauth.Config{Revocation: store, …})
//
// # The server
//
// It is Redis 6 or later, or Valkey: one server, one that Sentinel watches over, or a Cluster. It is a database here, not
// a cache, so it must be run as one:
//
//   - It keeps what it has: appendonly yes. With appendfsync always, no revocation is lost that was acknowledged, whatever
//     becomes of the process; with everysec, those of the last second or two may be.
//   - It does not evict: see [RevocationConfig]. When its memory is full, revoking something is an error.
//   - Its clock is right to within [revocation.Grace], since it decides when an entry is over.
//   - When a replica takes its place, what it had acknowledged and the replica did not have is lost. RevocationConfig's
//     Replicas is about that. A primary that has lost touch with its replicas goes on answering until it is told; its
//     setting min-replicas-to-write bounds for how long it acknowledges.
//
// Whoever can write to the server can take back revocations, and whoever can read it sees the identifiers of those who
// were revoked, but no tokens. Under an access list, a store's user needs the commands del, eval, evalsha, hdel, hexists, hget,
// hlen, hmget, hset, info, time, wait, zadd, zcard, zrangebyscore and zrem, the client's own ones, and the keys named below; with a Django site, also exists, persist, pexpireat, pttl and set on the site's keys.
//
// # What is lost is noticed
//
// A store marks the server when it is made and finds no mark. When the server has lost its data, after FLUSHALL or a restart
// without a file, the mark is gone as well, and each store that was made before returns errors for all that it is asked,
// until one is made again, by a restart of the program: what was revoked is not known any more, and no permission comes
// from that. A copy that lags behind has the mark, and cannot be noticed in this way.
//
// # Keys
//
// All revocations of a store are in three keys, which exist as long as it is used:
//
//	{PREFIX}:entries  a hash: SHA-256 of kind, issuer and name to the revocation, and the mark
//	{PREFIX}:feed     a sorted set: SHA-256 to the number of the write, for those who follow
//	{PREFIX}:ends     a sorted set: SHA-256 to when it is over, in Unix milliseconds; not what stays for good
//
// The braces put them into one slot of a Cluster, and so on one of its nodes. They must be removed together or not at all.
package redisstore
