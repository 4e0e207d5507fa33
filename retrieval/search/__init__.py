"""Search: a question in words, or a symbol, to the code that answers it."""
