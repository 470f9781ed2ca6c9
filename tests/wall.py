"""Whether tests of the wall around a foreign method can run here, or must."""

from __future__ import annotations

import os

import pytest

from bench.runner import process

LACKS_WALL = os.environ.get("ELECTION_BENCH_WALL") != "required" and not (
    process._bubblewrap_works()
)
"""True where no bubblewrap works; never where `.ci/wall` had one that does, so that tests fail."""
NO_WALL = "no bubblewrap that works here"
needs_wall = pytest.mark.skipif(LACKS_WALL, reason=NO_WALL)
