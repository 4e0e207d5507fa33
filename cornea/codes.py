"""Exit codes, which scripts rely on: something was found, nothing was, an error, Ctrl-C, SIGTERM."""

OK, NOTHING, ERROR, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
