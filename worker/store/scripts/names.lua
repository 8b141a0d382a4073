-- Which article do these names point to? Unknown names are given to the candidate.
-- item: {candidate article, {alias, ...}}; answer: {article per alias}
-- Aliases lie in hashes per period (so that they age) and bucket (so that small hashes stay packed). A hit in an older
-- period is copied to the present one: a name in use does not age.
local out = {}
for i, item in ipairs(args) do
  local found = {}
  for j, alias in ipairs(item[2]) do
    local value
    for back = 0, periods - 1 do
      value = redis.call('HGET', bucket('n', period - back, alias), alias)
      if value then
        if back > 0 then remember('n', alias, value) end
        break
      end
    end
    if not value then
      value = item[1]
      remember('n', alias, value)
    end
    found[j] = value
  end
  out[i] = found
end
return out
