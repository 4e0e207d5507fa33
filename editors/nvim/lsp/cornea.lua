-- Neovim's own configuration of the server, for vim.lsp.enable('cornea').
-- Change it in yours: vim.lsp.config('cornea', { settings = { cornea = { completion = { limit = 1 } } } })


-- How the buffer of a document is indented, which the server asks for as a setting.
local function indentation(uri)
  local buffer = uri and vim.fn.bufnr(vim.uri_to_fname(uri)) or -1
  if buffer < 0 then
    return vim.NIL
  end
  local options = vim.bo[buffer]
  local width = options.shiftwidth > 0 and options.shiftwidth or options.tabstop
  return { tabSize = width, insertSpaces = options.expandtab }
end

return {
  cmd = { 'cornea', 'lsp' },
  root_markers = { '.cornea.toml', '.git' },
  handlers = {
    ['workspace/configuration'] = function(err, params, context, config)
      local answers = vim.lsp.handlers['workspace/configuration'](err, params, context, config)
      for number, item in ipairs(params.items or {}) do
        if item.section == 'cornea.indentation' then
          answers[number] = indentation(item.scopeUri)
        end
      end
      return answers
    end,
  },
  settings = { cornea = vim.empty_dict() }, -- an empty table would be a list in JSON
}
