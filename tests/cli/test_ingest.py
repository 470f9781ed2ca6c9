"""`bench ingest`: what is typed wrongly is refused before anything is read."""

from __future__ import annotations

import pytest

from bench.cli.commands import ingest
from bench.core import ConfigError


@pytest.mark.parametrize("day", ["soon", "", "2017-04-21T20:00+02:00"])
def test_a_day_that_is_none_is_refused_with_its_option(day: str) -> None:
    with pytest.raises(ConfigError, match=r"^--published-on is .*; accepted: a moment in local"):
        ingest.main(["posts", "counts.csv", "--source", "me", "--published-on", day])
