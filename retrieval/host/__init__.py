"""The host, the process that owns an index, and the clients that send it requests."""
