-- Claim one feed that need not be due. args: {feed, lease_ms, token}; answer: its fields, or nothing while another holds it, it is
-- paused or gone. `next` says when it was due.
local id, lease_ms, token = args[1], args[2], args[3]
local key = base .. 'f:' .. id
local state = redis.call('HMGET', key, 'paused', 'lease')
local due = tonumber(redis.call('ZSCORE', base .. 'due', id) or nil)
if not due or state[1] == '1' or (state[2] and state[2] ~= token and due > now) then return {} end
redis.call('ZADD', base .. 'due', num(now + lease_ms), id)
redis.call('HSETNX', key, 'next', num(due))
redis.call('HSET', key, 'lease', token)
return redis.call('HGETALL', key)
