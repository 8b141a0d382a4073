-- A place in an owner's budget. item: {owner, token, gap_ms, max_wait_ms, at_once, lease_ms}
-- answer: {verdict, wait_ms}: go (wait so long, then ask), wait (all places taken: ask again), park (come back after wait_ms)
local out = {}
for i, item in ipairs(args) do
  local owner, token, gap, max_wait, at_once, lease = item[1], item[2], item[3], item[4], item[5], item[6]
  local key = base .. 'o:' .. owner
  local state = redis.call('HMGET', key, 'next', 'park', 'block')
  local next_at, park_at, block = tonumber(state[1] or 0), tonumber(state[2] or 0), tonumber(state[3] or 0)
  redis.call('ZREMRANGEBYSCORE', key .. ':in', '-inf', num(now))
  local at = math.max(now, next_at, block)
  if redis.call('ZSCORE', key .. ':in', token) then
    out[i] = {'go', 0}
  elseif at - now > max_wait then
    local slot = math.max(at, park_at) + gap
    redis.call('HSET', key, 'park', num(slot))
    out[i] = {'park', slot - now}
  elseif redis.call('ZCARD', key .. ':in') >= at_once then
    out[i] = {'wait', math.max(100, math.min(gap, 1000))}
  else
    redis.call('HSET', key, 'next', num(at + gap))
    redis.call('ZADD', key .. ':in', num(at + lease), token)
    redis.call('PEXPIRE', key .. ':in', num(at - now + lease))
    out[i] = {'go', at - now}
  end
  redis.call('PEXPIRE', key, num(math.max(3600000, at - now + gap)))
end
return out
