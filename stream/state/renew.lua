-- Hold on to a switch, if it is ours. KEYS: switch. ARGV: token, for how long (ms; 0: no more). Returns 1, or 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
