/**
 * The log is kept twice: its lines, and of each key what was written last. Whoever cuts one of these by hand, or restores one without the other, is found out
 * by their numbers. Then what either still says is brought into both again, in steps, since nobody else is served during one; until the last is done nothing
 * is answered but that.
 */
export const MENDING: string = `
local function head() return tonumber(redis.call('GET', HEAD) or '0') end

-- A log remembers where it ended, even if it is empty.
local function last_position()
  if redis.call('EXISTS', LOG) == 0 then return 0 end
  return tonumber(fields_of(redis.call('XINFO', 'STREAM', LOG))['last-generated-id']:match('^%d+'))
end

local function is_whole()
  local lines = redis.call('XLEN', LOG)
  return lines == redis.call('HLEN', ENTRIES)
    and lines == redis.call('ZCARD', EXPIRY)
    and head() >= last_position()
    and redis.call('EXISTS', MENDING) == 0
end

local function each_field(hash, cursor, visit)
  local page = redis.call('HSCAN', hash, cursor, 'COUNT', STEP)
  for index = 1, #page[2], 2 do visit(page[2][index], page[2][index + 1]) end
  return page[1] ~= '0' and page[1] or nil
end

-- A line that says something else than what is kept of its key is dropped, and the key has none until both are one.
local function learn_line(position, fields)
  if not (fields.kind and fields.issuer and fields.key and tonumber(fields.epoch) and tonumber(fields['until'])) then
    error({ err = 'ERR the log of revocations has a line that nobody here wrote, at ' .. whole(position) })
  end
  local entry, epoch, expires_at = name(fields.kind, fields.issuer, fields.key), tonumber(fields.epoch), tonumber(fields['until'])
  local known = known_entry(entry)
  if not known then return keep_entry(entry, position, epoch, expires_at) end
  if known.position == position and known.epoch == epoch and known.expires_at == expires_at then return end
  redis.call('XDEL', LOG, whole(position) .. '-0')
  if entry_at(known.position) == entry then redis.call('XDEL', LOG, whole(known.position) .. '-0') end
  keep_entry(entry, 0, math.max(epoch, known.epoch), math.max(expires_at, known.expires_at))
end

local function learn_entry(entry)
  local known = known_entry(entry)
  if not known then return redis.call('HDEL', ENTRIES, entry) end
  if entry_at(known.position) == entry then return redis.call('ZADD', EXPIRY, known.expires_at, entry) end
  local kind, issuer, key = unpack(parts_of(entry))
  write_line(kind, issuer, key, known.epoch, known.expires_at)
end

-- Each takes a cursor, and answers with the next until it is through.
local phases = {
  -- No position is given out twice, so the next is beyond all that anything remembers.
  function(cursor)
    local highest = math.max(head(), last_position())
    local rest = each_field(ENTRIES, cursor, function(_, kept)
      highest = math.max(highest, tonumber(kept:match('^%d+') or '0'))
    end)
    redis.call('SET', HEAD, whole(highest))
    redis.call('UNLINK', EXPIRY)
    return rest
  end,
  function(cursor)
    local page = redis.call('XRANGE', LOG, '(' .. cursor, '+', 'COUNT', STEP)
    for _, line in ipairs(page) do learn_line(position_of(line), fields_of(line[2])) end
    return #page == STEP and page[STEP][1] or nil
  end,
  function(cursor) return each_field(ENTRIES, cursor, learn_entry) end,
}

-- Takes a step, and says whether that was the last.
local function mend_log()
  local phase = tonumber(redis.call('HGET', MENDING, 'phase') or '1')
  local cursor = phases[phase](redis.call('HGET', MENDING, 'cursor') or '0')
  if not cursor and phase == #phases then
    redis.call('DEL', MENDING)
    return is_whole()
  end
  redis.call('HSET', MENDING, 'phase', cursor and phase or phase + 1, 'cursor', cursor or '0')
  return false
end

-- Rows without a time to go at would never go, and the other way round. No more is lost meanwhile, so this is done at once.
local function mend_sessions()
  if redis.call('HLEN', SESSIONS) == redis.call('ZCARD', SESSION_EXPIRY) then return end
  redis.call('UNLINK', SESSION_EXPIRY)
  local cursor = '0'
  repeat
    cursor = each_field(SESSIONS, cursor, function(session, row)
      redis.call('ZADD', SESSION_EXPIRY, cjson.decode(row).expiresAt, session)
    end)
  until not cursor
end
`
