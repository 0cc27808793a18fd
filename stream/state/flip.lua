-- Make another namespace live. KEYS: switch, live. ARGV: token, which is live now ('first': no pointer), which shall be.
-- Returns 1; 0 when the switch is not ours any more, or another namespace was made live meanwhile.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if (redis.call('GET', KEYS[2]) or 'first') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('DEL', KEYS[1])
return 1
