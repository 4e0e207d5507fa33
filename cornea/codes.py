"""What a command ends with. Scripts rely on it: something was found, nothing, an error, Ctrl-C, SIGTERM."""

OK, NOTHING, ERROR, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
