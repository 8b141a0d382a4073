-- Give claims on articles back. item: {article, token}; somebody else's claim is left alone.
local out = {}
for i, item in ipairs(args) do
  local mine = redis.call('GET', base .. 'l:' .. item[1]) == item[2]
  if mine then redis.call('DEL', base .. 'l:' .. item[1]) end
  out[i] = mine and 'ok' or 'already'
end
return out
