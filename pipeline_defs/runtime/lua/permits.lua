-- Counting permits with leases and fair hand-over, atomically in Redis.
-- KEYS: holders (zset, score = lease end), waiters (zset, score = order of arrival),
--       alive (zset of waiters, score = end of their own lease), groups (hash), sequence (counter),
--       revoked (set of members that may not register themselves again)
-- ARGV: operation, limit, lease in ms, group, channel prefix, then the members concerned.
-- A member is "<process>:<number>"; a grant is told to its process on "<prefix><process>".
-- A group is its name, or "<name>\n<limits>" with limits by key as JSON: {"org acme": 3}.
local holders, waiters, alive, groups, sequence = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local revoked = KEYS[6]
local operation, limit, lease, group, prefix = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

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

-- Free permits go to the group that holds fewest, and within it to who came first; those whose keys
-- are used up are passed over.
local function grant()
    local free = limit - redis.call('ZCARD', holders)
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
        redis.call('PUBLISH', prefix .. string.match(member, '^[^:]+'), member)
        count(names[best], limits[best])
        table.remove(waiting, best)
        table.remove(names, best)
        table.remove(limits, best)
        free = free - 1
    end
end

expire()
if operation == 'acquire' then
    local member = ARGV[6]
    if not redis.call('ZSCORE', holders, member) then
        if not redis.call('ZSCORE', waiters, member) then
            redis.call('ZADD', waiters, redis.call('INCR', sequence), member)
        end
        redis.call('ZADD', alive, now + lease, member)
        redis.call('HSET', groups, member, group)
    end
    grant()
    return redis.call('ZSCORE', holders, member) and 1 or 0
elseif operation == 'release' then
    forget(ARGV[6])
    grant()
    return 1
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
elseif operation == 'revoke' then -- ARGV[6]: for how many seconds; then the members
    for i = 7, #ARGV do
        forget(ARGV[i])
        redis.call('SADD', revoked, ARGV[i])
    end
    redis.call('EXPIRE', revoked, ARGV[6])
    grant()
    return #ARGV - 6
else -- 'hold': heartbeat of live holders; one that was forgotten (a flush) is registered again
    for i = 6, #ARGV, 2 do
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
