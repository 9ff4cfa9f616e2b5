package redisstore

import "github.com/redis/go-redis/v9"

// The scripts of a store have the keys of all its logins, of what finds those of a user, and of what finds those that are
// over; and if replicas are to acknowledge what is written, a fourth. Instants and other numbers are compared as texts of
// the same length, since Lua's numbers have 53 bits.

// What scripts return.
const (
	done   = 1
	exists = 2
	none   = 3 // there is no such login, or it is over
	other  = 4 // it is of another version
	beyond = 5 // it would be over later than it may be

	incomplete = -2
)

// commonScript is what other scripts begin with.
const commonScript = `
local logins, users, expiries, asked = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

-- Whether a text is of a login with that name, as far as its place says.
local function sound(text, name)
	return string.sub(text, 73, 104) == name and not string.find(string.sub(text, 1, 20) .. string.sub(text, 53, 72), '%D')
end

-- Removes what has that place, or a text that begins with it.
local function remove(text)
	redis.call('ZREM', expiries, string.sub(text, 1, 104))
	redis.call('ZREM', users, string.sub(text, 21, 104))
	redis.call('HDEL', logins, string.sub(text, 73, 104))
end

-- Returns the result of a script that has found nothing to write, and writes all the same: first what changes nothing, but
-- is refused by a server that has become a replica, which may have found what is not so any more. Then, if replicas are to
-- acknowledge what was written before, what they are sent: WAIT waits for what its connection has written last, and would
-- acknowledge at once what a replica need not have yet. The server lets that pass when its memory is full, since the
-- first write of the script took none.
local function unchanged(result)
	redis.call('HDEL', logins, '-')
	if asked then
		redis.call('SET', asked, '1')
	end
	return result
end
`

// addScript stores the login with the text that is its first argument. It removes up to 100 logins that were over before
// the instant that is the second, and for a while by the server's clock as well, which is the third argument in microseconds:
// a caller whose clock is ahead must not end what is alive. It stores one at most: so there cannot be many of them.
var addScript = redis.NewScript(commonScript + `
local text, over, kept = ARGV[1], ARGV[2], ARGV[3]
local name = string.sub(text, 73, 104)
local clock = redis.call('TIME')
local here = string.format('%020.0f', 2 ^ 63 + (clock[1] * 1000000 + clock[2] - kept)) -- to within a millisecond
if here < over then
	over = here
end
for _, place in ipairs(redis.call('ZRANGEBYLEX', expiries, '-', '(' .. over, 'LIMIT', 0, 100)) do
	remove(place)
end
if redis.call('HEXISTS', logins, name) == 1 then
	return unchanged(2)
end
redis.call('ZADD', users, 0, string.sub(text, 21, 104)) -- first, since without it nobody could end the login
redis.call('ZADD', expiries, 0, string.sub(text, 1, 104))
redis.call('HSET', logins, name, text)
return 1
`)

// someScript is what scripts have in addition that look at some of a user's logins: see [logins.walk]. Their first arguments
// are the user, where they begin, and how many they look at.
const someScript = `
local user, from, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])

-- The number that says whether all logins are found by their users.
local function whole()
	return redis.call('HLEN', logins) == redis.call('ZCARD', users) and 1 or -2
end

-- Some places of the user, up to an end, and where the next ones begin: nowhere, if these are the last.
local function some(to)
	local places = redis.call('ZRANGEBYLEX', users, from, to, 'LIMIT', 0, limit)
	return places, #places == limit and '(' .. places[limit] or ''
end
`

// endScript removes the login with the name that is its argument.
var endScript = redis.NewScript(commonScript + `
local name = ARGV[1]
local text = redis.call('HGET', logins, name)
if not text then
	return unchanged(1)
end
if not sound(text, name) then
	return -1
end
remove(text)
return 1
`)

// endUserScript removes some of the logins of a user, from a place on, that started at or before an instant, but not the one
// with the name that is the last argument. It returns where the next ones begin, or nothing, and a number. If anything is
// wrong, it removes what it can.
var endUserScript = redis.NewScript(commonScript + someScript + `
local started, except = ARGV[4], ARGV[5]
local result, removed = whole(), false
local places, following = some('(' .. user .. started .. string.rep('\255', 33))
for _, place in ipairs(places) do
	local name = string.sub(place, 53, 84)
	if name ~= except then
		local text = redis.call('HGET', logins, name)
		if text and sound(text, name) and string.sub(text, 21, 104) == place then
			remove(text)
			removed = true
		elseif result == 1 then
			result = -1
		end
	end
end
local answer = {following, result}
return removed and answer or unchanged(answer)
`)
