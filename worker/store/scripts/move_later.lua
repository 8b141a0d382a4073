-- Entries whose time has come go back into the entries stream. args: {limit}
local rows = redis.call('ZRANGEBYSCORE', base .. 'later', '-inf', num(now), 'LIMIT', 0, args[1])
for _, payload in ipairs(rows) do
  redis.call('XADD', base .. 'entries', '*', 'e', payload)
  redis.call('ZREM', base .. 'later', payload)
end
if #rows == 0 and redis.call('XLEN', base .. 'entries') == 0 and redis.call('ZCARD', base .. 'later') == 0 then
  redis.call('DEL', base .. 'wait', base .. 'wait:b') -- nothing waits: the counts begin anew
end
return #rows
