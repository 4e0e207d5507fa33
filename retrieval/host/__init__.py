"""The host: one process that owns an index, and how others ask it."""
