"""Settings of the whole test suite."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure, and nothing is written into the folder where the tests are started.
settings.register_profile("cornea", deadline=None, database=None)
settings.load_profile("cornea")
