"""One module per command, which defines `command` and is imported when the command runs."""
