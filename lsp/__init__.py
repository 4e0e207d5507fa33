"""The language server: suggestions, search and locate in the editor."""
