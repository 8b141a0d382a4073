-- Claim due feeds: move their score to the lease's end and write the token that the commit must show again.
-- A lost reply costs one lease, nothing else.
local limit, lease_ms, token = args[1], args[2], args[3]
local due = redis.call('ZRANGEBYSCORE', base .. 'due', '-inf', now, 'LIMIT', 0, limit)
local out = {}
for _, id in ipairs(due) do
  local key = base .. 'f:' .. id
  local state = redis.call('HMGET', key, 'url', 'paused')
  if not state[1] or state[2] == '1' then
    redis.call('ZREM', base .. 'due', id)
  else
    local late = now - tonumber(redis.call('ZSCORE', base .. 'due', id))
    redis.call('ZADD', base .. 'due', num(now + lease_ms), id)
    redis.call('HSET', key, 'lease', token)
    out[#out + 1] = {id, num(late), redis.call('HGETALL', key)}
  end
end
return out
