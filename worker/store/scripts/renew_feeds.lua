-- Keep claimed feeds whose poll takes long. item: {feed, token, lease_ms}; answer: kept or lost
local out = {}
for i, item in ipairs(args) do
  if redis.call('HGET', base .. 'f:' .. item[1], 'lease') == item[2] then
    redis.call('ZADD', base .. 'due', 'XX', 'GT', num(now + item[3]), item[1])
    out[i] = 'kept'
  else
    out[i] = 'lost'
  end
end
return out
