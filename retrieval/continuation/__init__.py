"""Continue: the code before a cursor to the code that comes next, out of the repository's own."""
