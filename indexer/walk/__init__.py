"""Which files are indexed, and what git says of them: nothing here reads code."""
