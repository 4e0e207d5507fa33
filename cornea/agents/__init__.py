"""Makes Cornea known to coding agents: their configuration files, and the entries in them."""
