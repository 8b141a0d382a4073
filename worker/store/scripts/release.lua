-- Give a place back. item: {owner, token, block_ms (0: none)}
local out = {}
for i, item in ipairs(args) do
  local key = base .. 'o:' .. item[1]
  if item[2] ~= '' then redis.call('ZREM', key .. ':in', item[2]) end
  if item[3] > 0 then
    redis.call('HSET', key, 'block', num(now + item[3]))
    redis.call('PEXPIRE', key, num(math.max(3600000, item[3] + 60000)))
  end
  out[i] = 1
end
return out
