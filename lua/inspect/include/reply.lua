-- One document in three formats: text (lines for redis-cli), json (the values), view (cells for a terminal).

--- @include "integers"
--- @include "words"
--- @include "format"

local RIGHT = { [int] = true, [usd] = true, [cents] = true, [percent] = true }
local sections, values = {}, {}

local function shown(value, show)
  if value == nil or value == '' then return '-' end
  return clean(show and show(value) or value)
end

-- The rows as objects of the columns that have a key.
local function objects_of(columns, rows)
  local objects = {}
  for i, row in ipairs(rows) do
    local object = {}
    for at, column in ipairs(columns) do
      if column[2] then object[#object + 1] = { column[2], row[at] } end
    end
    objects[i] = object
  end
  return objects
end

-- columns: {HEAD, key, show, importance}; rows: lists of values. JSON has the values by key, text and view
-- have the columns with a HEAD as shown. importance: 1 to 9; where a terminal is too narrow, the columns with
-- the highest number are dropped first, and those of 1 never. more: how many rows the table leaves out.
local function add_table(key, title, columns, rows, more)
  -- The cells cost more than all the rest of a row, and JSON has none.
  if format == 'json' then
    if key then values[#values + 1] = { key, { list = objects_of(columns, rows) } } end
    return
  end
  local head, align, importance, cells = {}, '', {}, {}
  for _, column in ipairs(columns) do
    if column[1] then
      head[#head + 1], importance[#importance + 1] = column[1], column[4] or 5
      align = align .. (RIGHT[column[3]] and 'r' or 'l')
    end
  end
  for i, row in ipairs(rows) do
    cells[i] = {}
    for at, column in ipairs(columns) do
      if column[1] then cells[i][#cells[i] + 1] = shown(row[at], column[3]) end
    end
  end
  if #rows == 0 then head, align, importance, cells = {}, 'l', {}, { { '(none)' } } end
  sections[#sections + 1] = { title = title, head = head, align = align, rows = cells,
    importance = importance, more = more or 0 }
end

-- The same, but for people only where there are rows.
local function add_table_if_any(key, title, columns, rows, more)
  if #rows > 0 then return add_table(key, title, columns, rows, more) end
  values[#values + 1] = { key, { list = {} } }
end

-- For JSON alone.
local function add_value(key, value) values[#values + 1] = { key, value } end

-- A section without a head.
local function add_section(title, align, cells)
  sections[#sections + 1] = { title = title, head = {}, align = align, rows = cells, importance = {},
    more = 0 }
end

-- facts: {label, key, value, text}: value for JSON, text for people. JSON leaves out a fact without a key.
local function add_facts(title, facts)
  local cells = {}
  for _, fact in ipairs(facts) do
    cells[#cells + 1] = { fact[1], shown(fact[4] or fact[3]) }
    if fact[2] then values[#values + 1] = { fact[2], fact[3] } end
  end
  add_section(title, 'll', cells)
end

local function add_sentences(key, title, list)
  local cells, texts = {}, {}
  for i, sentence in ipairs(list) do cells[i], texts[i] = { clean(sentence) }, clean(sentence) end
  if #list > 0 then add_section(title, 'l', cells) end
  values[#values + 1] = { key, { list = texts } }
end

local encode
-- Key -> its text in JSON: the rows of a table have the same keys.
local encoded_keys = {}
local function encode_object(pairs_)
  local parts = {}
  for i, pair in ipairs(pairs_) do
    local key = pair[1]
    encoded_keys[key] = encoded_keys[key] or cjson.encode(key) .. ':'
    parts[i] = encoded_keys[key] .. encode(pair[2])
  end
  return '{' .. table.concat(parts, ',') .. '}'
end
encode = function(value)
  if value == nil or value == '' then return 'null' end
  if type(value) == 'number' then
    return string.format(value == math.floor(value) and '%.0f' or '%.9g', value)
  end
  if type(value) ~= 'table' then return cjson.encode(value) end
  if not value.list then return encode_object(value) end
  local parts = {}
  for i, one in ipairs(value.list) do parts[i] = encode(one) end
  return '[' .. table.concat(parts, ',') .. ']'
end

local function aligned(section)
  local lines, widths, all = {}, {}, {}
  if #section.head > 0 then all[1] = section.head end
  for _, row in ipairs(section.rows) do all[#all + 1] = row end
  for _, row in ipairs(all) do
    for at, cell in ipairs(row) do widths[at] = math.max(widths[at] or 0, #cell) end
  end
  for i, row in ipairs(all) do
    local line = {}
    for at, cell in ipairs(row) do
      local fill = string.rep(' ', widths[at] - #cell)
      line[at] = string.sub(section.align, at, at) == 'r' and fill .. cell or cell .. fill
    end
    lines[i] = (string.gsub(table.concat(line, '  '), '%s+$', ''))
  end
  if section.more > 0 then lines[#lines + 1] = '... ' .. int(section.more) .. ' more' end
  return lines
end

local function answer()
  if format == 'json' then return encode_object(values) end
  if format == 'view' then
    local list = {}
    for i, s in ipairs(sections) do
      local rows = {}
      for r, row in ipairs(s.rows) do rows[r] = { list = row } end
      list[i] = { { 'title', s.title }, { 'head', { list = s.head } }, { 'align', s.align },
        { 'rows', { list = rows } }, { 'importance', { list = s.importance } }, { 'more', s.more } }
    end
    return encode({ list = list })
  end
  local lines = {}
  for i, section in ipairs(sections) do
    if i > 1 then lines[#lines + 1] = { ok = '' } end
    if section.title then lines[#lines + 1] = { ok = section.title } end
    for _, line in ipairs(aligned(section)) do lines[#lines + 1] = { ok = line } end
  end
  return lines
end
