-- The key that accepts the ghost text. Where none is shown, the key does what it did without us: the mapping of
-- the buffer that was there before, else the global one, be it made before or after, else the plain key.
local M = {}

local FALLBACK, PLAIN = '<Plug>(cornea-fallback)', '<Plug>(cornea-plain-key)'
local DESCRIPTION = 'Accept the ghost text'
local replaced = {} -- by buffer: the buffer's own mapping of the key that ours replaced

local function raw(keys)
  return vim.api.nvim_replace_termcodes(keys, true, true, true)
end

-- The mapping of a key among others, as maparg() gives it.
local function find(mappings, key)
  local wanted = raw(key)
  for _, mapping in ipairs(mappings) do
    if mapping.lhsraw == wanted or mapping.lhsrawalt == wanted or raw(mapping.lhs) == wanted then
      return mapping
    end
  end
end

-- A mapping that may be remapped must not come back to our key by the key itself: Vim takes a key at the start of
-- its own mapping as it is.
local function guarded(keys, key)
  local own = raw(key)
  return vim.startswith(keys, own) and raw(PLAIN) .. keys:sub(#own + 1) or keys
end

-- The keys that an expression mapping gives now.
local function evaluated(mapping)
  local keys
  if mapping.callback then
    keys = mapping.callback()
  else -- as it was written: with key names, and with <SID> for its script
    keys = vim.api.nvim_eval(raw((mapping.rhs:gsub('<[sS][iI][dD]>', '<SNR>' .. mapping.sid .. '_'))))
  end
  keys = type(keys) == 'string' and keys or ''
  return mapping.replace_keycodes == 1 and raw(keys) or keys
end

-- Makes the fallback do what a mapping does; without one, what the key does.
local function fall_back_to(mapping, key, buffer)
  local options = { buffer = buffer, desc = 'What ' .. key .. ' does without Cornea' }
  if not mapping then
    vim.keymap.set('i', FALLBACK, key, options)
  elseif mapping.noremap == 0 and mapping.expr == 1 then
    vim.keymap.set('i', FALLBACK, function()
      return guarded(evaluated(mapping), key)
    end, vim.tbl_extend('error', options, { expr = true, remap = true, replace_keycodes = false }))
  elseif mapping.noremap == 0 and mapping.rhs and vim.startswith(raw(mapping.rhs), raw(key)) then
    local rest = raw(mapping.rhs):sub(#raw(key) + 1)
    vim.keymap.set('i', FALLBACK, function()
      return raw(PLAIN) .. rest
    end, vim.tbl_extend('error', options, { expr = true, remap = true, replace_keycodes = false }))
  else
    local copy = vim.tbl_extend('force', mapping, { lhs = FALLBACK, lhsraw = raw(FALLBACK), buffer = 1 })
    copy.lhsrawalt = nil
    vim.fn.mapset('i', false, copy)
  end
end

function M.map(buffer, key)
  local own = find(vim.api.nvim_buf_get_keymap(buffer, 'i'), key)
  if own and own.desc == DESCRIPTION then
    return -- another server of this buffer has attached
  end
  replaced[buffer] = own
  vim.keymap.set('i', PLAIN, key, { buffer = buffer })
  vim.keymap.set('i', key, function()
    if vim.lsp.inline_completion.get() then
      return ''
    end
    fall_back_to(replaced[buffer] or find(vim.api.nvim_get_keymap('i'), key), key, buffer)
    return raw(FALLBACK)
  end, { buffer = buffer, expr = true, remap = true, replace_keycodes = false, desc = DESCRIPTION })
end

-- Gives the key back.
function M.unmap(buffer, key)
  local own = find(vim.api.nvim_buf_get_keymap(buffer, 'i'), key)
  if not own or own.desc ~= DESCRIPTION then
    return
  end
  vim.keymap.del('i', key, { buffer = buffer })
  if replaced[buffer] then
    vim.api.nvim_buf_call(buffer, function()
      vim.fn.mapset('i', false, replaced[buffer])
    end)
    replaced[buffer] = nil
  end
end

return M
