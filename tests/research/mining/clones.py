"""Toy repositories to mine, with functions that differ from each other."""

from __future__ import annotations

import random
from pathlib import Path

from ...repositories import repository

MIT = """MIT License

Copyright (c) 2024 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.
"""
GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007\n"

_WORDS = (
    "amber basin cedar delta ember fjord grove hazel inlet jetty knoll ledge maple notch orbit petal quill "
    "ridge slate thorn umber vault wharf yarrow zephyr bloom crest drift flint glade"
).split()


def function(name: str, *, document: bool = True, lines: int = 8) -> str:
    """A function in Python with words of its own; the same for the same name."""
    drawn = random.Random(name)
    row = [drawn.choice(_WORDS) for _ in range(3 * lines)]
    body = [
        f"    {a}_{n} = {b}({c}, {n})" for n, (a, b, c) in enumerate(zip(row, row[1:], row[2:], strict=False))
    ]
    docstring = f'    """Compute the {name} of an argument for the caller."""\n' if document else ""
    return f"def {name}(argument):\n{docstring}" + "\n".join(body[:lines]) + f"\n    return {row[0]}_0\n"


def module(names: str) -> str:
    """Functions with these names."""
    return "\n\n".join(function(name) for name in names.split())


def clone(folder: Path, names: str = "alpha beta gamma", **more: str) -> Path:
    """A repository under the MIT licence with a module of functions."""
    return repository(folder, {"LICENSE": MIT, "src/code.py": module(names), **more})
