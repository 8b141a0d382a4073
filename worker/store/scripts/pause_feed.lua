-- Pause a feed: it stays in the due set, at +inf; or resume one that is paused: it is due at once.
-- args: {feed, 1 to pause it, 1 where its file no longer lists it}
local feed, is_paused, is_dropped = args[1], args[2], args[3]
local key, due = base .. 'f:' .. feed, base .. 'due'
if not redis.call('ZSCORE', due, feed) then return 0 end
if is_paused == 1 then
  redis.call('HSET', key, 'paused', '1')
  if is_dropped == 1 then redis.call('HSET', key, 'dropped', '1') end
  redis.call('ZADD', due, '+inf', feed)
elseif redis.call('HDEL', key, 'paused', 'dropped') > 0 then
  redis.call('ZADD', due, '0', feed)
end
return 1
