-- Which article do these names point to?
-- item: {article (10 bytes) or '', {alias, ...}, mode}; answer: {article or '' per alias}, as it is afterwards
-- mode: ask (change nothing), own (unknown names go to the article handed in), first (as own where no name is known, else
--   as ask), move (all names go to the one handed in: two articles turned out to be one)
-- A fourth part names another kind of name than n (aliases): p (fingerprints).
-- A hit in an older period is copied to the present one: a name in use does not age. An article's id is its first name: that one
-- stores nothing.
local out = {}
local function keep(kind, alias, value) remember(kind, alias, value == alias and '' or value) end
for i, item in ipairs(args) do
  local found, known, kind = {}, nil, item[4] or 'n'
  for j, alias in ipairs(item[2]) do
    local value
    for back = 0, periods - 1 do
      value = redis.call('HGET', bucket(kind, period - back, alias), field_of(alias))
      if value then
        if back > 0 then remember(kind, alias, value) end
        if value == '' then value = alias end
        break
      end
    end
    found[j] = value or ''
    known = known or value
  end
  for j, alias in ipairs(item[2]) do
    if item[3] == 'move' and found[j] ~= item[1] then
      found[j] = item[1]
      keep('n', alias, item[1])
    elseif found[j] == '' and (item[3] == 'own' or (item[3] == 'first' and not known)) then
      found[j] = item[1]
      keep('n', alias, found[j])
    end
  end
  out[i] = found
end
return out
