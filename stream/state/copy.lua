-- One shard as it is into another namespace, in place of what is there, and open.
-- KEYS: the seven of the one, the seven of the other.
for i = 1, 7 do
  redis.call('DEL', KEYS[7 + i])
  redis.call('COPY', KEYS[i], KEYS[7 + i])
end
redis.call('HDEL', KEYS[8], 'closed')
return 1
