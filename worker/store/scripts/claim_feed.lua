-- Claim one feed that need not be due. args: {feed, lease_ms, token}; answer: its fields, or nothing while another holds
-- it, it is paused or gone. `next`, when it was due, is left as it is: the commit puts it back.
local id, lease_ms, token = args[1], args[2], args[3]
local key = base .. 'f:' .. id
local state = redis.call('HMGET', key, 'url', 'paused', 'lease')
local due = tonumber(redis.call('ZSCORE', base .. 'due', id) or 0)
if not state[1] or state[2] == '1' or (state[3] and state[3] ~= token and due > now) then return {} end
redis.call('ZADD', base .. 'due', num(now + lease_ms), id)
redis.call('HSET', key, 'lease', token)
return redis.call('HGETALL', key)
