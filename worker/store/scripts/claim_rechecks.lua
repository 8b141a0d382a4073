-- Articles whose page is to be looked at again: args {limit, lease_ms}; answer: {id, record} each.
local rows = redis.call('ZRANGEBYSCORE', base .. 'recheck', '-inf', num(now), 'LIMIT', 0, args[1])
local out = {}
for _, id in ipairs(rows) do
  local record = find_article(id)
  if record then
    redis.call('ZADD', base .. 'recheck', num(now + args[2]), id)
    out[#out + 1] = {id, record}
  else
    redis.call('ZREM', base .. 'recheck', id)
  end
end
return out
