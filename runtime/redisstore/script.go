package redisstore

import "github.com/redis/go-redis/v9"

// The server runs one script after the other, and each as a whole, so nobody sees a part of what one writes. Each has the
// keys of the entries, the feed and the ends.

// What scripts return in place of a number that counts a write, which is greater.
const (
	lost    = 0
	garbage = -1
)

// beginScript marks the server where it has no mark, with the number that all writes exceed.
var beginScript = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'began') == 1 then
	return 1
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
local clock = redis.call('TIME')
local began = string.format('%.0f', clock[1] * 1000000 + clock[2])
redis.call('HSET', KEYS[1], 'began', began, 'last', began)
return 1
`)

// writeScript stores the entry with the digest and the text that are its first two arguments, and counts the write. The
// third argument is when the entry is over, in Unix milliseconds, or empty, and the fourth the channel of those who wait
// for changes. A fourth key is that of a Django site.
//
// It always writes, if only the number: WAIT waits for what its connection has written last, and would otherwise
// acknowledge at once what a replica need not have yet.
//
// It removes up to 100 entries that are over, and stores one at most: so there cannot be many of them. Numbers are below
// 2^53, which Lua has exactly, until the year 2255.
var writeScript = redis.NewScript(`
local entries, feed, ends, django = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local digest, text, over = ARGV[1], ARGV[2], tonumber(ARGV[3])

local last = redis.call('HGET', entries, 'last')
if not last then
	return 0
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local number = math.max(clock[1] * 1000000 + clock[2], last + 1)
redis.call('HSET', entries, 'last', string.format('%.0f', number))

local old = redis.call('ZRANGEBYSCORE', ends, '-inf', string.format('(%.0f', now), 'LIMIT', 0, 100)
if #old > 0 then
	redis.call('HDEL', entries, unpack(old))
	redis.call('ZREM', feed, unpack(old))
	redis.call('ZREM', ends, unpack(old))
end

local stored = redis.call('HGET', entries, digest)
if stored then
	local same = #stored == #text and string.sub(stored, 1, 1) == string.sub(text, 1, 1) and string.sub(stored, 22) == string.sub(text, 22)
	if not same or string.find(string.sub(stored, 2, 21), '%D') then
		return -1
	end
elseif over and over < now then
	return number
end
redis.call('ZADD', feed, string.format('%.0f', number), digest)
if not stored or string.sub(stored, 2, 21) < string.sub(text, 2, 21) then
	redis.call('HSET', entries, digest, text)
	if over then
		redis.call('ZADD', ends, ARGV[3], digest)
	else
		redis.call('ZREM', ends, digest)
	end
end

if django and not (over and over < now) then
	local ttl = redis.call('PTTL', django)
	if ttl == -2 then
		redis.call('SET', django, '1')
	end
	if not over then
		redis.call('PERSIST', django)
	elseif ttl ~= -1 and now + ttl < over then
		redis.call('PEXPIREAT', django, ARGV[3])
	end
end
redis.pcall('PUBLISH', ARGV[4], '') -- nobody relies on it, so it is no error if it is forbidden
return number
`)

// changesScript returns the mark, the number of the last write, and whether as many entries are in the feed as there are;
// then the numbers that exceed the first argument and their entries, as many of them as the second argument says. It begins
// as all reads do: see [read].
var changesScript = redis.NewScript(`
local entries, feed = KEYS[1], KEYS[2]
redis.call('HDEL', entries, '-')
local marks = redis.call('HMGET', entries, 'began', 'last')
local whole = redis.call('HLEN', entries) == redis.call('ZCARD', feed) + 2
local changes = {marks[1], marks[2], whole and 1 or 0}
local found = redis.call('ZRANGEBYSCORE', feed, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for i = 1, #found, 2 do
	table.insert(changes, found[i + 1])
	table.insert(changes, redis.call('HGET', entries, found[i]))
end
return changes
`)
