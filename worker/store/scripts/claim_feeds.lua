-- Claim due feeds: move their score to the lease's end, and write when they were due and the token that the commit must show.
-- A lost reply costs one lease, nothing else. `n:claims` counts claims that no commit followed: a feed that no worker survives
-- comes back ever later (2, 4 .. 256 leases, spread by its name and number), so that the others are polled between.
-- A feed of which too much waits (args[4] entries, args[5] bytes) is not polled before it is worked off: it comes again later.
-- answer: {{id, fields, entries waiting} each, ms until the next one is due, or ''}
local limit, lease_ms, token, most, most_bytes = args[1], args[2], args[3], args[4], args[5]
local due = redis.call('ZRANGEBYSCORE', base .. 'due', '-inf', now, 'LIMIT', 0, limit)
local out = {}
for _, id in ipairs(due) do
  local key = base .. 'f:' .. id
  local known = redis.call('HMGET', key, 'u', 'paused')
  local waiting = tonumber(redis.call('HGET', base .. 'wait', id) or 0)
  local bytes = waiting > 0 and tonumber(redis.call('HGET', base .. 'wait:b', id) or 0) or 0
  if not known[1] then
    redis.call('ZREM', base .. 'due', id)
  elseif known[2] == '1' then
    redis.call('ZADD', base .. 'due', '+inf', id)
  elseif waiting >= most or bytes >= most_bytes then
    local again = num(now + 300000)
    local why = waiting .. ' of its entries, ' .. math.ceil(bytes / 1048576) .. ' MiB, wait for their pages' -- short: see feed_state.py
    redis.call('ZADD', base .. 'due', again, id)
    redis.call('HSET', key, 'held', why)
    redis.call('HDEL', key, 'next')
  else
    local due_at = tonumber(redis.call('ZSCORE', base .. 'due', id))
    local claims, hold = redis.call('HINCRBY', key, 'n:claims', 1), lease_ms
    if claims > 3 then
      local spread = 0.75 + tonumber(redis.sha1hex(id .. claims):sub(1, 4), 16) / 131072
      hold = lease_ms * 2 ^ math.min(claims - 3, 8) * spread
    end
    redis.call('ZADD', base .. 'due', num(now + hold), id)
    redis.call('HSET', key, 'lease', token, 'next', num(due_at))
    out[#out + 1] = {id, redis.call('HGETALL', key), waiting}
  end
end
local next_one = redis.call('ZRANGE', base .. 'due', 0, 0, 'WITHSCORES')
return {out, next_one[2] and next_one[2] ~= 'inf' and num(tonumber(next_one[2]) - now) or ''}
