-- Write a feed's WebSub subscription over the one it was made from. args: {feed, before ('': none), payload, due_ms (0: never)}
-- answer: ok, changed (somebody else was faster), removed. A resent call finds its own payload.
local feed, before, payload, due = args[1], args[2], args[3], args[4]
local key = base .. 'f:' .. feed
local stored = redis.call('HGET', key, 'push') or ''
if not redis.call('ZSCORE', base .. 'due', feed) then
  redis.call('ZREM', base .. 'subs', feed)
  return 'removed'
end
if stored ~= payload then
  if stored ~= before then return 'changed' end
  redis.call('HSET', key, 'push', payload)
end
if due > 0 then redis.call('ZADD', base .. 'subs', num(due), feed) else redis.call('ZREM', base .. 'subs', feed) end
return 'ok'
