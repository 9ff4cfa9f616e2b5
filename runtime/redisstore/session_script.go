package redisstore

import "github.com/redis/go-redis/v9"

// soundSession is what scripts have in addition that read the text of a session: see [recordText].
const soundSession = `
-- How long a session's text is without its data; nil if it is none.
local function lengthOf(text, name)
	if not sound(text, name) or #text < 226 or string.find(string.sub(text, 105, 184) .. string.sub(text, 217, 226), '%D') then
		return nil
	end
	local length = 226 + tonumber(string.sub(text, 217, 226))
	return length <= #text and length or nil
end
`

// touchScript does what [session.Store] says of Touch. Its arguments are the session's name, the instant at which it is
// seen, and when it is over then. It can be run while the memory is full, since what it removes is as large as what it adds.
var touchScript = redis.NewScript(commonScript + soundSession + `
local name, seen, expires = unpack(ARGV)
local text = redis.call('HGET', logins, name)
if not text then
	return unchanged(3)
elseif not lengthOf(text, name) then
	return -1
elseif string.sub(text, 1, 20) <= seen then
	return unchanged(3)
elseif expires > string.sub(text, 125, 144) then
	return unchanged(5)
elseif string.sub(text, 105, 124) >= seen then
	return unchanged(1)
end
local place = expires .. string.sub(text, 21, 104)
redis.call('ZREM', expiries, string.sub(text, 1, 104))
redis.call('ZADD', expiries, 0, place)
redis.call('HSET', logins, name, place .. seen .. string.sub(text, 125))
return 1
`)

// updateScript does what [session.Store] says of Update. Its arguments are the session's name, the present, the version
// that it must be of, what changes beside its data, and its data.
var updateScript = redis.NewScript(commonScript + soundSession + `
local name, now, version, changing, data = unpack(ARGV)
local text = redis.call('HGET', logins, name)
if not text then
	return unchanged(3)
end
local length = lengthOf(text, name)
if not length then
	return -1
elseif string.sub(text, 1, 20) <= now then
	return unchanged(3)
elseif string.sub(text, 145, 164) ~= version then
	return unchanged(4)
end
redis.call('HSET', logins, name, string.sub(text, 1, 144) .. changing .. string.sub(text, 217, length) .. data)
return 1
`)

// listScript returns the texts of some of a user's sessions without their data, with nil for what is none, after where the
// next ones begin, or nothing, and a number. It begins as all reads do: see [read].
var listScript = redis.NewScript(commonScript + someScript + soundSession + `
redis.call('HDEL', logins, '-')
local places, following = some('(' .. user .. string.rep('\255', 53))
local answer = {following, whole()}
for i, place in ipairs(places) do
	local name = string.sub(place, 53, 84)
	local text = redis.call('HGET', logins, name)
	local length = text and lengthOf(text, name)
	answer[2 + i] = length and string.sub(text, 1, length) or false
end
return answer
`)
