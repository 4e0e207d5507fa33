"""The exit codes, on which scripts rely: something found, nothing found, error, Ctrl-C, SIGTERM."""

OK, NOTHING, ERROR, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
