-- Articles that a feed still shows do not age. item: {article}; answer: its text's fingerprint, or ''
local out = {}
for i, item in ipairs(args) do
  local key = base .. 'a:' .. item[1]
  local record = redis.call('GET', key)
  if record then redis.call('EXPIRE', key, memory_s) end
  out[i] = record and cmsgpack.unpack(record)[9] or ''
end
return out
