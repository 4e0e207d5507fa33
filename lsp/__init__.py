"""The language server: continuations, search and localization in the editor."""
