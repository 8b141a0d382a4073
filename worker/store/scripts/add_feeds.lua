-- Add feeds, or bring what the operator said of known ones up to date; one that was removed before gets back what it showed.
-- item: {feed, address, fields to keep (flat), fields to delete, due_ms}; answer: 1 where it is new. Asked again, nothing changes.
local out = {}
for i, item in ipairs(args) do
  local key, kept = base .. 'f:' .. item[1], base .. 'fx:' .. item[1]
  local before = redis.call('HGETALL', kept)
  if #before > 0 then
    redis.call('HSET', key, unpack(before))
    redis.call('DEL', kept)
  end
  out[i] = redis.call('HSETNX', base .. 'feeds', item[1], item[2]) -- it may have moved since
  redis.call('HSET', key, unpack(item[3]))
  if #item[4] > 0 then redis.call('HDEL', key, unpack(item[4])) end
  redis.call('ZADD', base .. 'due', 'NX', num(item[5]), item[1])
end
return out
