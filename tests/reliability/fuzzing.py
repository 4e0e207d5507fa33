"""Any input, and how much of it: in the full form 100,000, or as many as ten minutes have."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

T = TypeVar("T")
Check = Callable[[T], Any]

FULL = 100_000
SECONDS = 600.0
_PART = 2_000
"""Inputs between two looks at the clock."""


def fuzzed(check: Check[T], inputs: st.SearchStrategy[T], seeds: Sequence[T], count: int) -> str:
    """Try the `seeds`, what was once found among them, then so many inputs, or as many as ten minutes have.

    How many these were, for the record; raises what `check` raises, with the smallest input that does.
    """
    for seed in seeds:
        check(seed)
    done, started = 0, time.monotonic()
    while done < count and time.monotonic() - started < SECONDS:

        @settings(max_examples=min(_PART, count - done), suppress_health_check=[HealthCheck.too_slow])
        @given(inputs)
        def tried(value: T) -> None:
            nonlocal done
            done += 1
            check(value)

        before = done
        tried()
        if done == before:  # there are no more than these
            break
    return f"{done:,} inputs in {time.monotonic() - started:.0f} s"
