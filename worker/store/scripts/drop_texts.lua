-- The texts of the oldest dead letters go, their reasons stay. args: {bytes to free}; answer: {texts, bytes}
-- Nothing here needs memory: it runs on a full server. `dead:o` may name letters that went before their text's turn came.
local count, freed = 0, 0
while freed < args[1] or redis.call('LLEN', base .. 'dead:o') > dead_limit do
  local id = redis.call('LPOP', base .. 'dead:o')
  if not id then break end
  local size = redis.call('HSTRLEN', base .. 'dead:t', id)
  if size > 0 then
    redis.call('HDEL', base .. 'dead:t', id)
    count, freed = count + 1, freed + size
  end
end
return {count, freed}
