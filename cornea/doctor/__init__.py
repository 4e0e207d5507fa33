"""The checks of `cornea doctor`: the installation, the machine, and the index of a root."""
