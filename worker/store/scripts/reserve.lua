-- A place in an owner's budget. item: {owner, token, gap_ms, max_wait_ms, at_once, lease_ms, host, hop, longest queue_ms or 0, burst}
-- answer: {verdict, wait_ms}: go (wait so long, then ask), wait (all places taken: ask again), park (come back after wait_ms), queue
-- (entries of its pages wait for wait_ms already, more than the longest queue: what would bring more must not)
-- `next` is the next free slot. Whoever waited for one asks again before the request leaves: `free` counts from when the
-- last request really left, so that two of them keep their distance on a busy machine too.
-- `hop`: a redirect's next request in the place that the token holds already: a slot of its own, no second place.
-- `burst`: so many requests may go without spacing to an owner that was not asked for an hour; `used` counts them. A feed (burst < 0)
-- is only the first of them, so that the pages of the first feed come before the second feed; 0: none, as under a Crawl-delay.
-- The field `refused` holds what the owner refused (dateline.fetch.politeness.Refusals): {{ {scope, host, since, until} ... }}
local out = {}
for i, item in ipairs(args) do
  local owner, token, gap, max_wait, at_once, lease = item[1], item[2], item[3], item[4], item[5], item[6]
  local key = base .. 'o:' .. owner
  local state = redis.call('HMGET', key, 'next', 'park', 'refused', 'free', 'used')
  local next_at, park_at, block, longest = tonumber(state[1] or 0), tonumber(state[2] or 0), 0, 0
  if state[3] then
    for _, b in ipairs(cmsgpack.unpack(state[3])[1] or {}) do
      if b[1] == 'o' or b[1] == 'h:' .. item[7] then block = math.max(block, b[4] * 1000) end
      longest = math.max(longest, b[4] * 1000)
    end
  end
  redis.call('ZREMRANGEBYSCORE', key .. ':in', '-inf', num(now))
  local burst = item[10] or 0
  local used = tonumber(state[5] or (state[1] and 99 or 0))
  local bursting = not item[8] and used < math.abs(burst) and (burst > 0 or used == 0)
  local at = bursting and now or math.max(now, next_at)
  local held = redis.call('ZSCORE', key .. ':in', token)
  if (item[9] or 0) > 0 and park_at - now > item[9] then
    out[i] = {'queue', math.ceil(park_at - now)}
  elseif block - now > max_wait then
    -- Whoever waits for a refusal to end takes no slot: the owner's other hosts go on.
    out[i] = {'park', math.ceil(block - now + gap)}
  elseif held and not item[8] then
    -- Asked again when its slot has come: what was refused since then holds for it too, and where the request before it
    -- left late (a busy machine), it leaves later as well.
    local start = math.max(now, block, tonumber(state[4] or 0))
    if start <= now then redis.call('HSET', key, 'free', num(now + gap), 'next', num(math.max(next_at, now + gap))) end
    out[i] = {'go', math.ceil(start - now)}
  else
    at = math.max(at, block)
    if at - now > max_wait then
      local slot = math.max(at, park_at) + gap
      redis.call('HSET', key, 'park', num(slot))
      out[i] = {'park', math.ceil(slot - now)}
    elseif not held and redis.call('ZCARD', key .. ':in') >= at_once then
      out[i] = {'wait', math.max(100, math.min(gap, 1000))}
    else
      redis.call('HSET', key, 'next', num(math.max(next_at, at + gap)))
      if bursting then redis.call('HSET', key, 'used', num(used + 1)) end
      if at <= now then redis.call('HSET', key, 'free', num(now + gap)) end
      redis.call('ZADD', key .. ':in', num(at + lease), token)
      redis.call('PEXPIRE', key .. ':in', num(at - now + lease))
      out[i] = {'go', math.ceil(at - now)}
    end
  end
  redis.call('PEXPIRE', key, num(math.max(3600000, at - now + gap, longest - now + 3600000)))
end
return out
