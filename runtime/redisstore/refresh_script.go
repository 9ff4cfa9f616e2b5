package redisstore

import "github.com/redis/go-redis/v9"

// A family's text is its place, the digest of the current token and, once that has replaced another one, the digest of the
// other one, when that was, and what it has left sealed.

// rotateScript does what [refresh.Store] says of Rotate, and returns the number of the outcome and what is sealed. Its
// arguments are the family's name, the old token's digest, the present, the earliest instant of a rotation that may be
// repeated, or nothing, when the new token expires, its digest, and what is to be sealed.
//
// A rotation that finds the memory full is an error before anything is written; to end a family is not.
var rotateScript = redis.NewScript(commonScript + `
local name, old, now, earliest, expires, new, sealed = unpack(ARGV)
local text = redis.call('HGET', logins, name)
if not text then
	return unchanged({4, ''})
end
local rotated = #text > 136
if not sound(text, name) or #text < 136 or rotated and (#text < 188 or string.find(string.sub(text, 169, 188), '%D')) then
	return {-1, ''}
end
if string.sub(text, 1, 20) <= now then
	return unchanged({4, ''})
end
if string.sub(text, 105, 136) == old then
	local place = expires .. string.sub(text, 21, 104)
	redis.call('HSET', logins, name, place .. new .. old .. now .. sealed)
	redis.call('ZREM', expiries, string.sub(text, 1, 104))
	redis.call('ZADD', expiries, 0, place)
	return {1, ''}
end
if rotated and #text > 188 and string.sub(text, 137, 168) == old and earliest ~= '' and earliest <= string.sub(text, 169, 188) then
	return unchanged({2, string.sub(text, 189)})
end
remove(text)
return {3, ''}
`)
