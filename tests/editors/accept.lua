-- Presses <Tab> in insert mode under one mapping after the other, with the plugin's key in front of it, and writes
-- what the buffer has then, as JSON, to the file that $RESULT names. The server is not needed for that.
local accept = require('cornea.accept')
local shown = false
vim.lsp.inline_completion.get = function()
  if shown then
    vim.schedule(function()
      vim.api.nvim_put({ 'ghost' }, 'c', true, true)
    end)
  end
  return shown
end

local function press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, true, true), 'tx', false)
end

-- What pressing the key behind an "a" leaves, where `prepare` has mapped it before or after the plugin.
local function typed(prepare, late)
  vim.cmd('enew!')
  vim.bo.expandtab = false
  local buffer = vim.api.nvim_get_current_buf()
  if prepare and not late then
    prepare(buffer)
  end
  accept.map(buffer, '<Tab>')
  accept.map(buffer, '<Tab>') -- a second server
  if prepare and late then
    prepare(buffer)
  end
  press('ia<Tab><Esc>')
  press('ab<Tab><Esc>')
  local with = vim.api.nvim_get_current_line()
  accept.unmap(buffer, '<Tab>')
  vim.api.nvim_set_current_line('')
  press('ia<Tab><Esc>')
  press('ab<Tab><Esc>')
  local without = vim.api.nvim_get_current_line()
  pcall(vim.keymap.del, 'i', '<Tab>')
  return { with, without }
end

local set = vim.keymap.set
local results = {}
pcall(vim.keymap.del, 'i', '<Tab>') -- Neovim's own
results.none = typed()
results.global_keys = typed(function()
  set('i', '<Tab>', 'K')
end)
results.buffer_keys = typed(function(buffer)
  set('i', '<Tab>', 'B', { buffer = buffer })
end)
results.late = typed(function()
  set('i', '<Tab>', 'L')
end, true)
results.expression = typed(function()
  set('i', '<Tab>', function()
    return 'E<Left>'
  end, { expr = true })
end)
results.plug = typed(function()
  set('i', '<Plug>(other)', 'P')
  set('i', '<Tab>', '<Plug>(other)', { remap = true })
end)
results.plug_or_tab = typed(function()
  vim.cmd([[imap <expr> <Tab> getline('.') =~ 'a' ? '<Plug>(other)' : '<Tab>']])
end)
results.script = typed(function()
  vim.cmd.source(vim.env.SCRIPT)
end)
results.itself = typed(function()
  vim.cmd('imap <Tab> <Tab>x')
end)
results.callback = typed(function()
  set('i', '<Tab>', function()
    vim.api.nvim_put({ 'C' }, 'c', false, true)
  end)
end)
results.command = typed(function()
  set('i', '<Tab>', '<Cmd>call nvim_put(["D"], "c", v:false, v:true)<CR>')
end)

vim.cmd('enew!')
shown = true
accept.map(0, '<Tab>')
press('ia<Tab><Esc>')
vim.wait(1000, function()
  return vim.api.nvim_get_current_line() ~= 'a'
end)
results.ghost = { vim.api.nvim_get_current_line() }
vim.fn.writefile({ vim.json.encode(results) }, vim.env.RESULT)
vim.cmd('qa!')
