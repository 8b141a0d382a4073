-- A message is handed out again: count it. KEYS: the group's counts of tries (hash)
-- ARGV: stream id, 1 (0: it is counted already, only tell), age of the counts in seconds
-- answer: {tries, why it was not handled the last time, or ''}
local tries = redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return {tries, redis.call('HGET', KEYS[1], 'why:' .. ARGV[1]) or ''}
