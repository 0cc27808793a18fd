-- A worker takes a shard: a new run, the next epoch.
-- KEYS[1] head. ARGV: run, where a new shard starts, rules, the offset that may be given up (or ''), where to go on from it.
-- Returns offset, seq, epoch, run, stream_time, counts, lost.
local head = KEYS[1]
local type_of = redis.call('TYPE', head)['ok']
if type_of ~= 'none' and type_of ~= 'hash' then
  return redis.error_reply('REFUSED ' .. head .. ' is a ' .. type_of)
end
if redis.call('HEXISTS', head, 'closed') == 1 then
  return redis.error_reply('CLOSED ' .. head)
end
local stored = redis.call('HGET', head, 'offset')
if not stored then
  redis.call('HSET', head, 'offset', ARGV[2], 'seq', '0', 'stream_time', '0')
elseif ARGV[4] ~= '' and stored == ARGV[4] then
  redis.call('HINCRBY', head, 'lost', string.format('%.0f', tonumber(ARGV[5]) - tonumber(stored)))
  redis.call('HSET', head, 'offset', ARGV[5])
end
redis.call('HINCRBY', head, 'epoch', 1)
redis.call('HSET', head, 'run', ARGV[1], 'rules', ARGV[3])
return redis.call('HMGET', head, 'offset', 'seq', 'epoch', 'run', 'stream_time', 'counts', 'lost')
