-- Keep what a step failed on, bounded in count, bytes, age, and in samples of one kind.
-- item: {id, signature, record, most, most bytes, age_ms, most of one signature}; an id begins with its signature.
-- answer: kept | known | enough. Asked again, nothing changes but the time of the record.
local out = {}
local order, held, seen = base .. 'failed', base .. 'failed:e', base .. 'failed:n'
for i, item in ipairs(args) do
  local id, signature, record, most, most_bytes, age_ms, samples = unpack(item)
  local known = redis.call('HEXISTS', held, id) == 1
  local ids, same, bytes = redis.call('ZRANGE', order, 0, -1), 0, 0
  for _, other in ipairs(ids) do
    bytes = bytes + redis.call('HSTRLEN', held, other)
    if other:sub(1, #signature) == signature then same = same + 1 end
  end
  redis.call('HINCRBY', seen, signature, 1)
  if known or same < samples then
    bytes = bytes + #record - (known and redis.call('HSTRLEN', held, id) or 0)
    redis.call('HSET', held, id, record)
    redis.call('ZADD', order, num(now), id)
    out[i] = known and 'known' or 'kept'
  else
    out[i] = 'enough'
  end
  local aged = redis.call('ZRANGE', order, 0, -1, 'WITHSCORES')
  local count = #aged / 2
  for n = 1, #aged, 2 do
    if count <= most and bytes <= most_bytes and tonumber(aged[n + 1]) > now - age_ms then break end
    count, bytes = count - 1, bytes - redis.call('HSTRLEN', held, aged[n])
    redis.call('ZREM', order, aged[n])
    redis.call('HDEL', held, aged[n])
  end
  if redis.call('HLEN', seen) > 4 * most then redis.call('DEL', seen) end
  for _, key in ipairs({order, held, seen}) do redis.call('PEXPIRE', key, num(age_ms)) end
end
return out
