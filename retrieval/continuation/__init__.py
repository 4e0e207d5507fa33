"""Continue: suggests the code that comes next at a cursor, out of the repository's own code."""
