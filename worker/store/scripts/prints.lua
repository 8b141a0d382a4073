-- Who printed this text first, and who printed something very like it?
-- item: {article, owner, fingerprint, {sketch elements; the first 16 are stored}, least shared elements for a family, article
-- whose claim to the text is void or '', the first one's 10 bytes}; answer: {first article, near article, shared, owners (flat)}
-- The fingerprint is given to the first article that shows it; asking again gives the same answer.
-- An element remembers the families that have it, not each of their printings; one that eight have is a stock phrase and
-- proves nothing.
local full = 8 * 10
-- Whether one of two texts is mostly in the other. stored: the 16 smallest hashes of the one, query: the 64 smallest of the
-- other; both are complete up to the smaller of their largest hashes, and only so far are they compared, stock phrases apart.
local function is_near(stored, query, shared, stock)
  if not stored or #stored < 64 or #query == 0 then return shared >= 5 end
  local limit = crc(stored:sub(-4))
  if #query >= 64 then limit = math.min(limit, crc(query[#query])) end
  local has, ours, theirs, both = {}, 0, 0, 0
  for at = 1, #stored, 4 do
    local element = stored:sub(at, at + 3)
    if crc(element) <= limit and not stock[element] then
      has[element] = true
      theirs = theirs + 1
    end
  end
  for _, element in ipairs(query) do
    if crc(element) <= limit and not stock[element] then
      ours = ours + 1
      if has[element] then both = both + 1 end
    end
  end
  return both >= 3 and both * 100 >= 40 * math.min(ours, theirs)
end
local function article_bytes(name)
  local out = {}
  for half = 0, 1 do
    local value = 0
    for at = 8 * half + 1, 8 * half + 8 do value = value * 32 + signs:find(name:sub(at, at), 1, true) - 1 end
    for at = 5, 1, -1 do
      local rest = value % 256
      out[5 * half + at] = string.char(rest)
      value = (value - rest) / 256
    end
  end
  return table.concat(out)
end
local function has_id(ids, id)
  for at = 1, #ids, 10 do
    if ids:sub(at, at + 9) == id then return true end
  end
  return false
end
local places = {}
for back = 0, 2 do places[back] = base .. 'k:' .. num(sketch_period - back) .. ':' end
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
  if not first or (item[6] ~= '' and article_name(first:sub(1, 10)) == item[6]) then
    first = item[7] .. owner
    remember('p', print, first)
  end
  local first_owner = first:sub(11)
  first = article_name(first:sub(1, 10))
  local near, shared = '', 0
  if first == id and #sketch > 0 then
    local count, stock = {}, {}
    for _, element in ipairs(sketch) do
      local at_bucket = crc(element) % sketch_buckets
      for back = 0, 2 do
        local ids = redis.call('HGET', places[back] .. at_bucket, element)
        if ids then
          if #ids >= full then stock[element] = true end
          for at = 1, #ids < full and #ids or 0, 10 do
            local other = ids:sub(at, at + 9)
            if other ~= item[7] then count[other] = (count[other] or 0) + 1 end
          end
          if back > 0 then break end
        end
      end
    end
    for stored, n in pairs(count) do
      if n >= least and n > shared then
        local other = article_name(stored)
        local record = redis.call('GET', base .. 'a:' .. other)
        if is_near(record and cmsgpack.unpack(record)[10], sketch, n, stock) then near, shared = other, n end
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
      if r[7] and r[7] ~= '' then root = article_name(r[7]) end
    end
  elseif first ~= id then
    local record = redis.call('GET', base .. 'a:' .. first)
    if record then
      local r = cmsgpack.unpack(record)
      if r[7] and r[7] ~= '' then root = article_name(r[7]) end
    end
  end
  if first == id then
    local stored = root == id and item[7] or article_bytes(root)
    for n = 1, math.min(16, #sketch) do
      local element = sketch[n]
      local key = places[0] .. crc(element) % sketch_buckets
      local ids = redis.call('HGET', key, element) or ''
      if not has_id(ids, stored) and #ids < full then
        redis.call('HSET', key, element, ids .. stored)
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
