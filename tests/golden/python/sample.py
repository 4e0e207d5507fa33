#!/usr/bin/env python3
# Copyright the authors of this file. Licensed under some licence.
"""A module about shapes."""

import functools
from typing import overload

LIMIT = 10


# Doubles a number.
#
# Slowly.
@functools.cache
@functools.wraps(
    LIMIT,
)
def double(x):
    return x * 2


@overload
def both(x: int) -> int: ...
@overload
def both(x: str) -> str: ...
def both(x):
    'One line.'
    return x


async def spaß(größe): return größe
def second(): pass


class Shape(object):
    """A shape.

    It has an area.
    """

    sides = 0
    scale = lambda self: 1

    def __init__(self, sides):
        # comment in front
        self.sides = sides

        # comment behind

    @property
    def area(self):
        """Area of the shape."""
        return 0

    @area.setter
    def area(self, value):
        raise AttributeError

    unit = "m"

    class Meta:
        ordering = ["area"]

    @staticmethod
    def make(): "".join("not a docstring")


class Empty:
    x = 1
    y = 2


def outer(items):
    """Does a lot, in many steps."""
    small = 0

    def tiny(x):
        return x + 1

    for item in items:
        small += tiny(item)
        if small > 100:
            break

    # A long one, nested.
    @functools.wraps(tiny)
    def long_inner(first, second):
        total = 0
        total += first * 1
        total += first * 2
        total += first * 3
        total += first * 4
        total += first * 5
        total += first * 6
        total += first * 7
        total += first * 8
        total += first * 9

        # the second half
        total += second * 1
        total += second * 2
        total += second * 3
        total += second * 4
        total += second * 5
        total += second * 6
        total += second * 7
        total += second * 8
        total += second * 9
        if total:
            total -= 1
        return total

    result = long_inner(small, 2)

    return result


if LIMIT:

    def conditional():
        return 1

else:
    conditional = None

TABLE = {
    "a": 1,
    "b": 2,
}


def broken(x:
    return x


def after():
    return 2
