-- Cornea in Neovim: ghost text (0.12 and newer), completion, and lists of places (0.11 and newer).
if vim.g.loaded_cornea or vim.fn.has('nvim-0.11') == 0 then
  return
end
vim.g.loaded_cornea = true

local function warn(text)
  vim.notify('cornea: ' .. text, vim.log.levels.WARN)
end

-- The server of this buffer, or any: where several repositories are open, each has its own.
local function client()
  local found = vim.lsp.get_clients({ name = 'cornea', bufnr = 0 })[1] or vim.lsp.get_clients({ name = 'cornea' })[1]
  if found then
    return found
  end
  local cmd = vim.lsp.config.cornea.cmd
  if type(cmd) == 'table' and vim.fn.executable(cmd[1]) == 0 then
    warn(cmd[1] .. ' is not on your PATH; install it, or name the whole path in vim.lsp.config')
  elseif #vim.lsp.get_clients({ name = 'cornea', _uninitialized = true }) > 0 then
    warn('the server is starting; ask again in a moment')
  else
    warn('no server; open a file of a repository first')
  end
end

-- Answers of the server as a quickfix list: where, what, and why.
local function list(title, found)
  local items = {}
  for _, one in ipairs(found) do
    local why = #one.why > 0 and ('  (' .. table.concat(one.why, '; ') .. ')') or ''
    items[#items + 1] = {
      filename = vim.uri_to_fname(one.uri),
      lnum = one.range.start.line + 1,
      end_lnum = one.range['end'].line,
      text = (one.symbol ~= '' and one.symbol or vim.split(one.text or '', '\n')[1]) .. why,
    }
  end
  vim.fn.setqflist({}, ' ', { title = title, items = items })
  if #items > 0 then -- if not, the server says so
    vim.cmd('copen')
  end
end

-- Runs a command of the server; `done` takes its answer.
local function run(command, argument, done)
  local server = client()
  if not server then
    return
  end
  local params = { command = command, arguments = { argument } }
  server:request('workspace/executeCommand', params, function(err, answer)
    if err then
      vim.notify('cornea: ' .. err.message, vim.log.levels.ERROR)
    else
      done(answer)
    end
  end)
end

local function lines(first, last)
  return table.concat(vim.api.nvim_buf_get_lines(0, first - 1, last, false), '\n')
end

local command = vim.api.nvim_create_user_command

command('CorneaSearch', function(opts)
  run('cornea.search', { query = opts.args }, function(found)
    list('Cornea: ' .. opts.args, found)
  end)
end, { nargs = '+', desc = 'Find code by what it does, or by name' })

command('CorneaSimilar', function()
  if vim.bo.buftype ~= '' or vim.api.nvim_buf_get_name(0) == '' then
    return warn('this buffer has no file, so nothing can be similar to it; go to a file of the repository')
  end
  local argument = {
    uri = vim.uri_from_bufnr(0),
    position = { line = vim.fn.line('.') - 1, character = 0 },
  }
  run('cornea.similar', argument, function(found)
    list('Cornea: similar code', found)
  end)
end, { desc = 'Find code that resembles the code here' })

command('CorneaLocate', function(opts)
  local text = opts.args ~= '' and opts.args or lines(opts.line1, opts.line2)
  run('cornea.locate', { text = text }, function(found)
    list('Cornea: where the issue is', found)
  end)
end, { nargs = '*', range = '%', desc = 'Find the functions that an issue is about: words, or these lines' })

command('CorneaReindex', function(opts)
  run('cornea.reindex', { rebuild = opts.bang }, function()
    vim.notify('cornea: the index is up to date')
  end)
end, { bang = true, desc = 'Bring the index up to date (with !: make it anew)' })

command('CorneaStatus', function()
  run('cornea.status', vim.empty_dict(), function(status)
    vim.notify(vim.inspect(status))
  end)
end, { desc = 'Show what is indexed' })

-- Code actions come here: the list is ours, so the server need not ask which one to open.
local function through_list(name, title)
  vim.lsp.commands[name] = function(action)
    local argument = vim.tbl_extend('force', action.arguments[1], { show = false })
    run(name, argument, function(found)
      list(title, found)
    end)
  end
end
through_list('cornea.similar', 'Cornea: similar code')
through_list('cornea.locate', 'Cornea: where the issue is')

vim.api.nvim_create_autocmd('LspAttach', {
  callback = function(event)
    local server = vim.lsp.get_client_by_id(event.data.client_id)
    if not server or server.name ~= 'cornea' or not vim.lsp.inline_completion then
      return
    end
    vim.lsp.inline_completion.enable(true, { bufnr = event.buf })
    require('cornea.accept').map(event.buf, vim.g.cornea_accept_key or '<Tab>')
  end,
})

vim.api.nvim_create_autocmd('LspDetach', {
  callback = function(event)
    local server = vim.lsp.get_client_by_id(event.data.client_id)
    local left = vim.tbl_filter(function(one)
      return one.id ~= event.data.client_id
    end, vim.lsp.get_clients({ name = 'cornea', bufnr = event.buf }))
    if server and server.name == 'cornea' and #left == 0 then
      require('cornea.accept').unmap(event.buf, vim.g.cornea_accept_key or '<Tab>')
    end
  end,
})

vim.lsp.enable('cornea')
