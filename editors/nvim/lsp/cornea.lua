-- Neovim's own configuration of the server, for vim.lsp.enable('cornea').
-- Change it in yours: vim.lsp.config('cornea', { settings = { cornea = { completion = { limit = 1 } } } })
return {
  cmd = { 'cornea', 'lsp' },
  root_markers = { '.cornea.toml', '.git' },
  settings = { cornea = vim.empty_dict() }, -- an empty table would be a list in JSON
}
