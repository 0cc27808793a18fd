-- Be sure that no switch ends whose shards are opened now. KEYS: switch, live.
-- ARGV: a token of nobody's, for how long (ms), the namespace of the shards ('first': no pointer).
-- Returns 1; 0 while somebody switches, or when another namespace is live.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if (redis.call('GET', KEYS[2]) or 'first') ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
