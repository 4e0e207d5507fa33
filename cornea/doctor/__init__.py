"""What `cornea doctor` looks at: the installation, the machine, and the index of a root."""
