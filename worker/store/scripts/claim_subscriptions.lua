-- Subscriptions that are to be asked for now: held back for a while, so that a worker that dies loses none.
-- args: {most, hold_ms}; answer: feed ids
local due = redis.call('ZRANGEBYSCORE', base .. 'subs', '-inf', now, 'LIMIT', 0, args[1])
for _, feed in ipairs(due) do redis.call('ZADD', base .. 'subs', num(now + args[2]), feed) end
return due
