/**
 * The log is kept twice: its lines, and of each key what was written last. Whoever cuts one of these by hand, or restores one without the other, is found out
 * by their numbers, and what either still says is in both again before anything is answered.
 */
export const MENDING: string = `
local function is_whole()
  local lines = redis.call('XLEN', LOG)
  return lines == redis.call('HLEN', ENTRIES)
    and lines == redis.call('ZCARD', EXPIRY)
    and (lines == 0 or redis.call('EXISTS', HEAD) == 1)
end

local function each_line(visit)
  local from = '-'
  repeat
    local page = redis.call('XRANGE', LOG, from, '+', 'COUNT', STEP)
    for _, line in ipairs(page) do
      visit(position_of(line), fields_of(line[2]))
      from = '(' .. line[1]
    end
  until #page < STEP
end

local function each_field(hash, visit)
  local cursor = '0'
  repeat
    local page = redis.call('HSCAN', hash, cursor, 'COUNT', STEP)
    for index = 1, #page[2], 2 do visit(page[2][index], page[2][index + 1]) end
    cursor = page[1]
  until cursor == '0'
end

-- No position is given out twice, so the next is beyond all that anything remembers.
local function mend_head()
  local head = math.max(tonumber(redis.call('GET', HEAD) or '0'), last_position())
  each_field(ENTRIES, function(_, kept) head = math.max(head, tonumber(kept:match('^%d+') or '0')) end)
  redis.call('SET', HEAD, whole(head))
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

local function mend_log()
  mend_head()
  redis.call('DEL', EXPIRY)
  each_line(learn_line)
  each_field(ENTRIES, function(entry)
    local known = known_entry(entry)
    if not known then
      redis.call('HDEL', ENTRIES, entry)
    elseif entry_at(known.position) == entry then
      redis.call('ZADD', EXPIRY, known.expires_at, entry)
    else
      local kind, issuer, key = unpack(parts_of(entry))
      write_line(kind, issuer, key, known.epoch, known.expires_at)
    end
  end)
end

-- Rows without a time to go at would never go, and the other way round.
local function mend_sessions()
  if redis.call('HLEN', SESSIONS) == redis.call('ZCARD', SESSION_EXPIRY) then return end
  redis.call('DEL', SESSION_EXPIRY)
  each_field(SESSIONS, function(session, row) redis.call('ZADD', SESSION_EXPIRY, cjson.decode(row).expiresAt, session) end)
end
`
