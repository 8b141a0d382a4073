-- Add gathered samples to publishers' decayed sums.
-- item: {hashed name, name, token, pages, {sums of now}, decay of now, {sums of the past}, decay of the past, keep_s, most}
-- answer: {now, past (packed), pages ever, bad metrics, since}. While a publisher is bad its past stands still.
-- A resent call finds its own token and adds nothing.
local out = {}
local function added(packed, sums, decay)
  local old = packed and cmsgpack.unpack(packed) or {}
  local new = {}
  for n = 1, #sums do new[n] = (old[n] or 0) * decay + sums[n] end
  return cmsgpack.pack(new)
end
for i, item in ipairs(args) do
  local id, name, token, pages = item[1], item[2], item[3], item[4]
  local key = base .. 'pub:' .. id
  local row = redis.call('HMGET', key, 'now', 'past', 'n', 'bad', 'since', 't')
  local fresh, past, seen, bad, since = row[1], row[2], tonumber(row[3] or '0'), row[4] or '', row[5] or '0'
  if row[6] ~= token then
    fresh = added(fresh, item[5], item[6])
    if bad == '' or not past then past = added(past, item[7], item[8]) end
    seen = seen + pages
    redis.call('HSET', key, 'name', name, 'now', fresh, 'past', past, 'n', num(seen), 't', token)
    redis.call('EXPIRE', key, item[9])
    redis.call('ZADD', base .. 'pubs', num(now), id)
    redis.call('EXPIRE', base .. 'pubs', item[9])
    redis.call('ZREMRANGEBYSCORE', base .. 'pubs', '-inf', num(now - item[9] * 1000))
    local over = redis.call('ZCARD', base .. 'pubs') - item[10]
    if over > 0 then
      for _, gone in ipairs(redis.call('ZRANGE', base .. 'pubs', 0, over - 1)) do
        redis.call('DEL', base .. 'pub:' .. gone)
        redis.call('ZREM', base .. 'pubs', gone)
      end
    end
  end
  out[i] = {fresh, past, num(seen), bad, since}
end
return out
