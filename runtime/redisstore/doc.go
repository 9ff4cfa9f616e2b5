// Package redisstore keeps in Redis what instances of a program must know of each other: which tokens have been revoked
// before their time (package revocation), which refresh tokens are good (package refresh), and sessions (package session).
//
//	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addrs, ContextTimeoutEnabled: true})
//	revocations, err := redisstore.NewRevocation(ctx, redisstore.RevocationConfig{Client: client})
//	families, err := redisstore.NewRefresh(ctx, redisstore.RefreshConfig{Client: client})
//	sessions, err := redisstore.NewSession(ctx, redisstore.SessionConfig{Client: client})
//	…
//	backend, err := jwtauth.New(jwtauth.Config{Revocation: revocations, …})
//	pairs, err := jwtauth.NewPairIssuer(jwtauth.PairConfig{Store: families, Revocation: revocations, …})
//	site, err := session.New(session.Config{Store: sessions, …})
//
// # The server
//
// It is Redis 6 or later, or Valkey: one server, one that Sentinel watches over, or a Cluster. It is a database here, not
// a cache, so it must be run as one:
//
//   - It keeps what it has: appendonly yes. With appendfsync always, nothing is lost that was acknowledged, whatever
//     becomes of the process; with everysec, what was written in the last second or two may be. No store asks for that,
//     since not all servers tell it: of one that saves nothing, all is lost when it is started again.
//   - It does not evict: see [RevocationConfig]. When its memory is full, it is an error to revoke something, to log in, to
//     refresh and to change a session's values; to end something is not, nor to go on using a session.
//   - Its clock is right to within [revocation.Grace], since it decides when a revocation is over. Of families and sessions
//     it decides nothing but when those are forgotten that are over.
//   - When a replica takes its place, what it had acknowledged and the replica did not have is lost. Replicas, in the
//     configuration of each store, is about that.
//
// # Who may be asked
//
// Nothing is read from a server that would not be written to: each read begins with a write that does nothing, over the same
// connection. So a server that has become a replica after a store was made answers nothing but errors, and so does one that
// cannot save what it is told, as long as its stop-writes-on-bgsave-error is yes, or its append-only file cannot be
// written. Its replica-read-only must be yes. Both are so unless they are set otherwise.
//
// A primary that has lost touch with everybody else, and in whose place another one has been put meanwhile, does not know
// that. Until it is told, it goes on answering whoever reaches it, and what the other one has acknowledged is not in its
// answers. With its setting min-replicas-to-write, it does so for about its min-replicas-max-lag, which is ten seconds
// unless it is set: then its readers, too, get errors. A node of a Cluster does so for about its cluster-node-timeout.
//
// To ask in this way, Revoked and Load are pipelines. Their connections are those that the client keeps for pipelines,
// PipelinePoolSize of them, beside those of its PoolSize, which serve them when the others are taken.
//
// # Access
//
// Whoever can write to the server can take back revocations and log in as anybody, and whoever can read it sees the
// identifiers of those who were revoked and all that is in sessions, but no tokens and nothing to log in with: of those
// there are digests, and successors of refresh tokens that are sealed.
//
// Under an access list, a store's user needs the client's own commands, to read and write the keys that are named below, even
// if nothing is ever written but what does nothing, and
//
//   - for revocations: del, eval, evalsha, hdel, hexists, hget, hlen, hmget, hset, info, time, wait, zadd, zcard,
//     zrangebyscore and zrem; with a Django site, also exists, persist, pexpireat, pttl and set on the site's keys; to be
//     told at once, and not only when a Fleet asks, also publish, subscribe, unsubscribe, and the channel {PREFIX}:changed;
//   - for families and sessions: eval, evalsha, hdel, hexists, hget, hlen, hset, info, set, time, wait, zadd, zcard,
//     zrangebylex and zrem;
//   - with Replicas in a Cluster, also watch and unwatch.
//
// # What is lost
//
// A store of revocations marks the server when it is made and finds no mark. When the server has lost its data, after
// FLUSHALL or a restart without a file, the mark is gone as well, and each store that was made before returns errors for
// all that it is asked: what was revoked is not known any more, and no permission comes from that. One restart of any program
// that uses the store, without [RevocationConfig].Existing, makes a new mark, and ends that for all of them: from then on,
// what was revoked before counts as not revoked. Instances that have it in memory, as a revocation.Fleet has, still refuse
// it, and others do not. So revoke again what is known right after that, or have all log in again. A copy that lags behind has
// the mark, and cannot be noticed in this way.
//
// Families and sessions that are lost are over: nothing is served from them, and everybody logs in again. What is lost
// of what was written to them is noticed by nobody: after a failover to a replica that lagged behind, a restart from a file
// that lacks the end, or from an old copy, a family or session that had ended may be there again, and a refresh token or
// an id good again that was replaced. With Replicas and appendfsync always, that is bounded as said there. Access tokens
// and logins that must be over in any case are to be revoked, too, as jwtauth.PairIssuer does, or ended by its ValidAfter.
//
// # Keys
//
// All revocations of a store are in three keys, which exist as long as it is used. PREFIX is boltauthgen:revocation unless it
// is set:
//
//	{PREFIX}:entries  a hash: SHA-256 of kind, issuer and name to the revocation, and the mark
//	{PREFIX}:feed     a sorted set: SHA-256 to the number of the write, for those who follow
//	{PREFIX}:ends     a sorted set: SHA-256 to when it is over, in Unix milliseconds; not what stays for good
//
// All families of a store are in three keys, and so are all sessions of one, with session in place of refresh. They exist
// while there are any. PREFIX is boltauthgen unless it is set:
//
//	{PREFIX:refresh}:logins    a hash: SHA-256 of issuer and family, or a session's ID, to the family or session
//	{PREFIX:refresh}:users     a sorted set of texts that begin with the SHA-256 of the user: finds what a user has
//	{PREFIX:refresh}:expiries  a sorted set of texts that begin with an instant: finds what is over
//	{PREFIX:refresh}:asked     with Replicas: written where nothing else is to be written, so that replicas acknowledge that
//
// So stores of different kinds may have one prefix, and two of one kind may not, unless they are to be one.
//
// The braces put the keys of a store into one slot of a Cluster, and so on one of its nodes. None of them expires. They must
// be removed together or not at all: where the users are missing, and families or sessions are not, EndUser and List are
// errors.
//
// A family takes some 650 bytes of the server's memory until it is refreshed for the first time, and then 150 and the length
// of a sealed refresh token more; a session takes some 800 bytes and its values.
package redisstore
