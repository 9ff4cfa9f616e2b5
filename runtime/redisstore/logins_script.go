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

-- Makes replicas acknowledge what was written before, where nothing is to be written: WAIT waits for what its connection
-- has written last, and would acknowledge at once what a replica need not have yet.
local function ask()
	if asked then
		redis.call('SET', asked, '1')
	end
end
`

// addScript stores the login with the text that is its first argument. It removes up to 100 logins that were over before
// the instant that is the second, and stores one at most: so there cannot be many of them.
var addScript = redis.NewScript(commonScript + `
local text, over = ARGV[1], ARGV[2]
local name = string.sub(text, 73, 104)
for _, place in ipairs(redis.call('ZRANGEBYLEX', expiries, '-', '(' .. over, 'LIMIT', 0, 100)) do
	remove(place)
end
if redis.call('HEXISTS', logins, name) == 1 then
	return 2
end
redis.call('ZADD', users, 0, string.sub(text, 21, 104)) -- first, since without it nobody could end the login
redis.call('ZADD', expiries, 0, string.sub(text, 1, 104))
redis.call('HSET', logins, name, text)
return 1
`)

// endScript removes the login with the name that is its argument.
var endScript = redis.NewScript(commonScript + `
local name = ARGV[1]
local text = redis.call('HGET', logins, name)
if not text then
	ask()
	return 1
end
if not sound(text, name) then
	return -1
end
remove(text)
return 1
`)

// endUserScript removes the logins of a user that started at or before an instant, but not the one with the name that is
// the third argument. If anything is wrong, it removes what it can.
var endUserScript = redis.NewScript(commonScript + `
local user, started, except = ARGV[1], ARGV[2], ARGV[3]
local result, removed = 1, false
if redis.call('HLEN', logins) ~= redis.call('ZCARD', users) then
	result = -2
end
for _, place in ipairs(redis.call('ZRANGEBYLEX', users, '[' .. user, '(' .. user .. started .. string.rep('\255', 33))) do
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
if not removed then
	ask()
end
return result
`)
