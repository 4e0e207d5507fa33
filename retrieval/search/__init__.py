"""Search: finds the code that answers a question in words or has a symbol."""
