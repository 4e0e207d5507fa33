"""`python -m cornea`."""

from .cli import main

main()
