-- Claim one feed that need not be due. args: {feed, lease_ms, token}; answer: its address and its fields, or nothing while another holds
-- it, it is paused or gone. `next`, when it was due, is left as it is: the commit puts it back.
local id, lease_ms, token = args[1], args[2], args[3]
local key = base .. 'f:' .. id
local url = redis.call('HGET', base .. 'feeds', id)
local state = redis.call('HMGET', key, 'paused', 'lease')
local due = tonumber(redis.call('ZSCORE', base .. 'due', id) or 0)
if not url or state[1] == '1' or (state[2] and state[2] ~= token and due > now) then return {} end
redis.call('ZADD', base .. 'due', num(now + lease_ms), id)
redis.call('HSET', key, 'lease', token)
return {url, redis.call('HGETALL', key)}
