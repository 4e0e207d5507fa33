#!/usr/bin/env lua
-- Copyright nobody.

local M = {}

--- Adds two numbers.
-- @param a number
function M.add(a, b)
  return a + b
end

function M:method(x)
  return self.x + x
end

local function hidden() return 1 end

-- Assigned.
M.assigned = function(x)
  return x
end

local arrow = function() return 2 end

M.handlers = {
  first = function()
    return 1
  end,
  ['second'] = function() return 2 end,
}

vim.keymap.set('n', 'x', function()
  local function inner() end
  inner()
end)

if M.debug then
  function M.conditional() end
end

function M.long_one(items)
  local count = 0
  for _, item in ipairs(items) do
    if item == 'a' then
      count = count + 1
    elseif item == 'b' then
      count = count + 2
    else
      count = count + 3
    end
  end

  --[[ then
       the rest ]]
  while count > 10 do
    count = count - 1
    print(count)
  end

  local function helper(x)
    return x + 1
  end

  repeat
    count = helper(count)
    print(count)
  until count > 100

  return count
end

return M
