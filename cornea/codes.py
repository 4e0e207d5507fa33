"""What a command ends with. Scripts rely on it: something was found, nothing, an error, Ctrl-C."""

OK, NOTHING, ERROR, INTERRUPTED = 0, 1, 2, 130
