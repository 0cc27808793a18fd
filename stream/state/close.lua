-- Close a shard: no owner commits any more, nor can one open it. KEYS: head. ARGV: by which switch. Returns the offset.
redis.call('HSET', KEYS[1], 'closed', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
return redis.call('HGET', KEYS[1], 'offset')
