-- Keep robots.txt records for a while, of each size so many, the newest. item: {origin's hash, record, seconds, size: s or b, most}
local out = {}
for i, item in ipairs(args) do
  local order = base .. 'robots_' .. item[4]
  redis.call('SET', base .. 'robots:' .. item[1], item[2], 'EX', item[3])
  redis.call('ZADD', order, num(now), item[1])
  for _, old in ipairs(redis.call('ZRANGE', order, 0, -1 - item[5])) do
    redis.call('DEL', base .. 'robots:' .. old)
    redis.call('ZREM', order, old)
  end
  redis.call('EXPIRE', order, 604800)
  out[i] = 'ok'
end
return out
