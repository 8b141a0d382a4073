-- Renew what a worker holds: item {message id, consumer, article or '', lease_ms, the token of its claim}; answer: kept or lost.
local out = {}
for i, item in ipairs(args) do
  local row = redis.call('XPENDING', base .. 'entries', 'workers', item[1], item[1], 1)
  if #row == 0 or row[1][2] ~= item[2] then
    out[i] = 'lost'
  else
    redis.call('XCLAIM', base .. 'entries', 'workers', item[2], 0, item[1], 'JUSTID')
    if item[3] ~= '' and redis.call('GET', base .. 'l:' .. item[3]) == (item[5] or item[1]) then
      redis.call('PEXPIRE', base .. 'l:' .. item[3], num(item[4]))
    end
    out[i] = 'kept'
  end
end
return out
