"""Search: finds code by a question in words or by a symbol."""
