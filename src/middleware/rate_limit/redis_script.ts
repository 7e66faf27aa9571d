/**
 * The steps of `algorithms.ts` in the language of Redis, where they run as one:
 * no other command comes between reading a state and writing it.
 *
 * @module
 */

/** The line that asks the server for its time, in ms since September 2020. */
export const NOW_LINE =
  "local now = (time[1] - 1600000000) * 1000 + time[2] / 1000";

/**
 * Takes a cost from the state at `KEYS[1]`. `ARGV` is the algorithm, the
 * capacity, the period in ms, the cost and the groups of a sliding window. Gives
 * whether it was admitted (1 or 0), what remains, the ms until more remains, and
 * the ms after which to try again (-1: never).
 *
 * The time is the server's own, so the clocks of its clients need not agree.
 * Seconds are counted from 2020 because a double then tells nanoseconds apart
 * where it would tell quarters of a microsecond from 1970. A state is deleted
 * by the server when nothing of it counts any more.
 */
export const SCRIPT = `
local algorithm = ARGV[1]
local capacity, period = tonumber(ARGV[2]), tonumber(ARGV[3])
local cost = tonumber(ARGV[4])
local key = KEYS[1]
local time = redis.call('TIME')
${NOW_LINE}
local unit = period / capacity
local slack = 1e-9

local function whole(left)
  return math.max(0, math.floor(left + slack * math.max(1, left)))
end
local function missing(left)
  return math.max(0, math.min(whole(left) + 1, capacity) - left)
end
local function answer(admitted, left, reset, retry)
  return { admitted, whole(left), math.ceil(reset), math.ceil(retry) }
end
local function pack(a, b) return string.format('%.17g %.17g', a, b) end
local function future(time, tolerance) return time - now > tolerance end
local function over(since) return now - since >= period * (1 - slack) end
local function lifetime(free) return math.max(1, math.ceil(free - now)) end

if algorithm == 'sliding-window' then
  local size = math.ceil(capacity / tonumber(ARGV[5]))
  local count = redis.call('LLEN', key)
  local function group(index)
    local text = redis.call('LINDEX', key, index)
    local time, used = string.match(text, '^(%S+) (%S+)$')
    return tonumber(time), tonumber(used)
  end
  while count > 0 and over((group(0))) do
    redis.call('LPOP', key)
    count = count - 1
  end
  if count > 0 and future(group(-1), period) then
    redis.call('DEL', key)
    count = 0
  end
  local used = 0
  if count > 0 then
    local _, newest = group(-1)
    used = (count - 1) * size + newest
  end
  local left = capacity - used
  local function leaves(index) return group(index) + period - now end
  if cost > left + slack * capacity then
    local reset = count > 0 and leaves(0) or 0
    if cost > capacity then return answer(0, left, reset, -1) end
    local groups = math.max(1, math.ceil((cost - left) / size - slack))
    return answer(0, left, reset, leaves(math.min(count, groups) - 1))
  end
  local rest = cost
  if count > 0 then
    local _, newest = group(-1)
    local room = math.min(rest, size - newest)
    if room > 0 then
      redis.call('LSET', key, -1, pack(now, newest + room))
      rest = rest - room
    end
  end
  while rest > 0 do
    local part = math.min(rest, size)
    redis.call('RPUSH', key, pack(now, part))
    rest = rest - part
  end
  if cost > 0 then
    redis.call('PEXPIRE', key, lifetime(now + period))
  elseif count == 0 then
    return answer(1, left, 0, 0)
  end
  return answer(1, left - cost, leaves(0), 0)
end

local at, used, known = 0, 0, false
local state = redis.call('GET', key)
if state then
  local a, u = string.match(state, '^(%S+) (%S+)$')
  if a then at, used, known = tonumber(a), tonumber(u), true end
end
local function save(free)
  redis.call('SET', key, pack(at, used), 'PX', lifetime(free))
end

if algorithm == 'token-bucket' or algorithm == 'gcra' then
  local left
  local due, lag = now, 0
  if algorithm == 'gcra' then
    if not future(at, 2 * period) then due = math.max(now, at) end
    left = (period - (due - now)) / unit
  else
    if future(at, period) then used = 0 end
    lag = math.max(0, at - now)
    used = math.max(0, used - math.max(0, now - at) / unit)
    left = capacity - used
  end
  if cost > left + slack * capacity then
    local reset = missing(left) * unit
    if reset > 0 then reset = reset + lag end
    if cost > capacity then return answer(0, left, reset, -1) end
    return answer(0, left, reset, (cost - left) * unit + lag)
  end
  left = left - cost
  if algorithm == 'gcra' then
    at = due + cost * unit
    save(at)
  else
    at, used = now, used + cost
    save(now + used * unit)
  end
  return answer(1, left, missing(left) * unit, 0)
end

if not known or over(at) or future(at, period) then
  at, used = now, 0
end
local left, finish = capacity - used, at + period - now
if cost > left + slack * capacity then
  local reset = left < capacity and finish or 0
  return answer(0, left, reset, cost > capacity and -1 or finish)
end
used = used + cost
save(at + period)
return answer(1, left - cost, used > 0 and finish or 0, 0)
`;
