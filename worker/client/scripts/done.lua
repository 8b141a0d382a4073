-- One entry was handled: remember its id and take it off the group's pending list, in one step. A repeat is harmless.
-- KEYS: stream, ids the group has handled (sorted set)
-- ARGV: group, stream id, id ('': do not remember), age in seconds, most ids
if ARGV[3] ~= '' then
  local now = tonumber(redis.call('TIME')[1])
  redis.call('ZADD', KEYS[2], now, ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[4]))
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[5]))
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
