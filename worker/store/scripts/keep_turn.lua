-- Keep a turn (`take_turn`) and what is in hand, or give it back. args: {group, worker, lease_ms; 0: give it back, pending ids}
-- answer: 1 where the turn was ours, else 0. A worker of an older version takes what was not claimed for a lease.
local group, worker, lease_ms, held = args[1], args[2], args[3], args[4]
local key = base .. 'turn:' .. group
if redis.call('GET', key) ~= worker then return 0 end
if lease_ms == 0 then
  redis.call('DEL', key)
else
  redis.call('PEXPIRE', key, num(lease_ms))
  for _, id in ipairs(held) do redis.call('XCLAIM', stream, group, worker, 0, id, 'JUSTID') end
end
return 1
