-- Who printed this text first, and who printed something very like it?
-- item: {article, owner, fingerprint, {sketch elements}, least shared elements for a family, article
-- whose claim to the text is void or ''}; answer: {first article, near article, shared, owners (flat)}
-- The fingerprint is given to the first article that shows it; asking again gives the same answer.
-- An element remembers the families that have it, not each of their printings; one that eight have is a stock phrase and
-- proves nothing.
local full = 8 * 16
local out = {}
for i, item in ipairs(args) do
  local id, owner, print, sketch, least = item[1], item[2], item[3], item[4], item[5]
  local first
  for back = 0, periods - 1 do
    first = redis.call('HGET', bucket('p', period - back, print), print)
    if first then
      if back > 0 then remember('p', print, first) end
      break
    end
  end
  if not first or (item[6] ~= '' and first:sub(1, 16) == item[6]) then
    first = id .. owner
    remember('p', print, first)
  end
  local first_owner = first:sub(17) -- an article id has 16 characters
  first = first:sub(1, 16)
  local near, shared = '', 0
  if first == id and #sketch > 0 then
    local count = {}
    for _, element in ipairs(sketch) do
      for back = 0, 2 do
        local key = base .. 'k:' .. num(sketch_period - back) .. ':' .. num(crc(element) % buckets)
        local ids = redis.call('HGET', key, element)
        if ids then
          for at = 1, #ids < full and #ids or 0, 16 do
            local other = ids:sub(at, at + 15)
            if other ~= id then
              count[other] = (count[other] or 0) + 1
              if count[other] > shared then near, shared = other, count[other] end
            end
          end
          if back > 0 then break end
        end
      end
    end
  end
  local root = first
  if first == id and shared >= least then
    root = near
    -- Asked again: what joined our family meanwhile is not its root.
    if redis.call('HEXISTS', base .. 'fam:' .. id, near) == 1 then root = id end
    local record = redis.call('GET', base .. 'a:' .. near)
    if record then
      local r = cmsgpack.unpack(record)
      if r[7] and r[7] ~= '' then root = r[7] end
    end
  elseif first ~= id then
    local record = redis.call('GET', base .. 'a:' .. first)
    if record then
      local r = cmsgpack.unpack(record)
      if r[7] and r[7] ~= '' then root = r[7] end
    end
  end
  if first == id then
    for _, element in ipairs(sketch) do
      local key = base .. 'k:' .. num(sketch_period) .. ':' .. num(crc(element) % buckets)
      local ids = redis.call('HGET', key, element) or ''
      if not ids:find(root, 1, true) and #ids < full then
        redis.call('HSET', key, element, ids .. root)
        if ids == '' then redis.call('EXPIRE', key, sketch_s) end
      end
    end
  end
  local family = {}
  if root ~= id or redis.call('EXISTS', base .. 'fam:' .. id) == 1 then
    local key = base .. 'fam:' .. root
    if redis.call('HLEN', key) < 500 then redis.call('HSET', key, id, owner) end
    if root ~= id then
      local other = redis.call('GET', base .. 'a:' .. root)
      if root == first then
        redis.call('HSETNX', key, root, first_owner)
      elseif other then
        redis.call('HSETNX', key, root, cmsgpack.unpack(other)[8] or '')
      end
    end
    redis.call('EXPIRE', key, memory_s)
    family = redis.call('HGETALL', key)
  end
  out[i] = {first, near, shared, root, family}
end
return out
