"""Settings of the whole test suite."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

from tests.support.marks import marks

# A busy machine is no failure, and nothing is written into the folder where the tests are started.
settings.register_profile("cornea", deadline=None, database=None)
settings.load_profile("cornea")

# A shell starts what it puts into the background with SIGINT ignored, and processes inherit that: the
# commands that tests interrupt would go on for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests before `-m` chooses among them."""
    for item in items:
        for mark in marks(item):
            item.add_marker(mark)
