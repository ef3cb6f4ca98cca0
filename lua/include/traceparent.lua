-- The trace that a step belongs to (docs/tracing.md).

-- W3C's name of a span, 00-<trace id>-<span id>-<flags> in lower-case hex; '' where nothing is traced.
local function a_traceparent(text)
  if text ~= '' and (#text ~= 55 or not string.find(text, '^00%-[0-9a-f]+%-[0-9a-f]+%-[0-9a-f][0-9a-f]$')
    or string.sub(text, 36, 36) ~= '-') then
    return nil, 'empty, or a traceparent of version 00'
  end
  return text
end
