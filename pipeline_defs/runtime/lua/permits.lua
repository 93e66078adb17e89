-- Counting permits with leases, a rate per minute and fair hand-over, atomically in Redis.
-- KEYS: holders (zset, score = lease end), waiters (zset, score = order of arrival),
--       alive (zset of waiters, score = end of their own lease), groups (hash), sequence (counter),
--       revoked (set of members that may not register themselves again),
--       granted (zset of what was granted within the last minute, score = when)
-- ARGV: operation, limit, rate per minute (0: none), lease in ms, group, channel prefix, then the
--       members concerned.
-- A member is "<process>:<number>". A grant is told to its process on "<prefix><process>", and by the
-- answer where that process has asked.
-- A group is its name, or "<name>\n<limits>" with limits by key as JSON: {"org acme": 3}.
local holders, waiters, alive, groups, sequence = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local revoked, granted = KEYS[6], KEYS[7]
local operation, limit, rate, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local group, prefix, member = ARGV[5], ARGV[6], ARGV[7]
local minute = 60000
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function process_of(member)
    return string.match(member, '^[^:]+')
end

local function forget(member)
    redis.call('ZREM', holders, member)
    redis.call('ZREM', waiters, member)
    redis.call('ZREM', alive, member)
    redis.call('HDEL', groups, member)
end

local function expire()
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', holders, '-inf', now)) do forget(member) end
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', alive, '-inf', now)) do forget(member) end
end

local without = {}
local function understood(group)
    local line = string.find(group, '\n', 1, true)
    if not line then return group, without end
    return string.sub(group, 1, line - 1), cjson.decode(string.sub(group, line + 1))
end

local function allowed(limits, used)
    for key, most in pairs(limits) do
        if (used[key] or 0) >= most then return false end
    end
    return true
end

-- How many permits may be given now.
local function free_permits()
    local free = limit - redis.call('ZCARD', holders)
    if rate == 0 or free <= 0 then return free end
    redis.call('ZREMRANGEBYSCORE', granted, '-inf', now - minute)
    redis.call('ZREMRANGEBYSCORE', granted, '(' .. now, '+inf') -- a clock was wrong
    return math.min(free, rate - redis.call('ZCARD', granted))
end

local answer = {} -- what was granted to the process `asking`
local function tell(member, asking)
    local process = process_of(member)
    if process == asking then
        answer[#answer + 1] = member
    else
        redis.call('PUBLISH', prefix .. process, member)
    end
end

-- Free permits go to the group that holds fewest, and within it to who came first; those whose keys
-- are used up are passed over.
local function grant(asking)
    local free = free_permits()
    if free <= 0 then return end
    local waiting = redis.call('ZRANGE', waiters, 0, 4999) -- unpack takes under 8000
    if #waiting == 0 then return end
    local held, used = {}, {}
    local function count(name, limits)
        held[name] = (held[name] or 0) + 1
        for key in pairs(limits) do used[key] = (used[key] or 0) + 1 end
    end
    for _, member in ipairs(redis.call('ZRANGE', holders, 0, -1)) do
        count(understood(redis.call('HGET', groups, member) or ''))
    end
    local names, limits = redis.call('HMGET', groups, unpack(waiting)), {}
    for i, group in ipairs(names) do names[i], limits[i] = understood(group or '') end
    while free > 0 do
        local best
        for i, name in ipairs(names) do
            if (not best or (held[name] or 0) < (held[names[best]] or 0)) and allowed(limits[i], used) then
                best = i
            end
        end
        if not best then return end
        local member = waiting[best]
        redis.call('ZREM', waiters, member)
        redis.call('ZREM', alive, member)
        redis.call('ZADD', holders, now + lease, member)
        if rate > 0 then
            redis.call('ZADD', granted, now, member)
            redis.call('PEXPIRE', granted, minute)
        end
        tell(member, asking)
        count(names[best], limits[best])
        table.remove(waiting, best)
        table.remove(names, best)
        table.remove(limits, best)
        free = free - 1
    end
end

expire()
if operation == 'acquire' then
    if redis.call('ZSCORE', holders, member) then
        answer[1] = member
    else
        if not redis.call('ZSCORE', waiters, member) then
            redis.call('ZADD', waiters, redis.call('INCR', sequence), member)
        end
        redis.call('ZADD', alive, now + lease, member)
        redis.call('HSET', groups, member, group)
    end
    grant(process_of(member))
    return answer
elseif operation == 'release' or operation == 'return' then -- 'return': no call was made with it
    forget(member)
    if operation == 'return' then redis.call('ZREM', granted, member) end
    grant(process_of(member))
    return answer
elseif operation == 'shorten' then -- no lease ends later than one that begins now: a clock was wrong
    local shortened = 0
    for _, leases in ipairs({holders, alive}) do
        local over = '(' .. (now + 2 * lease)
        for _, member in ipairs(redis.call('ZRANGEBYSCORE', leases, over, '+inf')) do
            redis.call('ZADD', leases, now + lease, member)
            shortened = shortened + 1
        end
    end
    return shortened
elseif operation == 'revoke' then -- ARGV[7]: for how many seconds; then the members
    for i = 8, #ARGV do
        forget(ARGV[i])
        redis.call('SADD', revoked, ARGV[i])
    end
    redis.call('EXPIRE', revoked, ARGV[7])
    grant()
    return #ARGV - 7
else -- 'hold': heartbeat of live holders; one that was forgotten (a flush) is registered again
    for i = 7, #ARGV, 2 do
        if redis.call('SISMEMBER', revoked, ARGV[i]) == 0 then
            redis.call('ZREM', waiters, ARGV[i]) -- a restart may have lost the grant but not the wish
            redis.call('ZREM', alive, ARGV[i])
            redis.call('ZADD', holders, now + lease, ARGV[i])
            redis.call('HSET', groups, ARGV[i], ARGV[i + 1])
        end
    end
    grant()
    return redis.call('ZCARD', holders)
end
