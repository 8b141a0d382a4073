-- Keep places in owners' budgets for requests that take long. item: {owner, token, lease_ms}; answer: kept or lost
local out = {}
for i, item in ipairs(args) do
  local key = base .. 'o:' .. item[1] .. ':in'
  if redis.call('ZSCORE', key, item[2]) then
    redis.call('ZADD', key, num(now + item[3]), item[2])
    redis.call('PEXPIRE', key, num(math.max(redis.call('PTTL', key), item[3])))
    out[i] = 'kept'
  else
    out[i] = 'lost'
  end
end
return out
