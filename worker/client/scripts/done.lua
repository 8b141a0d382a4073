-- One entry was handled: remember its id and take it off the group's pending list, in one step. A repeat is harmless.
-- KEYS: stream, ids the group has handled (sorted set), the group's counts of tries (hash)
-- ARGV: group, id ('': do not remember), age in seconds, most ids, stream id, then ids of entries that are gone
if ARGV[2] ~= '' then
  local now = tonumber(redis.call('TIME')[1])
  redis.call('ZADD', KEYS[2], now, ARGV[2])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[3]))
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[4]))
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
redis.call('HDEL', KEYS[3], ARGV[5], 'why:' .. ARGV[5])
return redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 5))
