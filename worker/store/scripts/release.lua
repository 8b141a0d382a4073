-- Give a place back. item: {owner, token, refused (new; '': none), refused_before, age_ms}
-- The memory of refusals is written only over the one it was made from; else the answer is `changed`, and it is made again.
local out = {}
for i, item in ipairs(args) do
  local key = base .. 'o:' .. item[1]
  out[i] = 'ok'
  if item[2] ~= '' then redis.call('ZREM', key .. ':in', item[2]) end
  if item[3] ~= '' then
    local kept = redis.call('HGET', key, 'refused') or ''
    if kept == item[4] then
      redis.call('HSET', key, 'refused', item[3])
      redis.call('PEXPIRE', key, num(math.max(3600000, item[5])))
    elseif kept ~= item[3] then
      out[i] = 'changed'
    end
  end
end
return out
