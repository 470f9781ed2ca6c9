"""`bench ingest`: what is typed wrongly is refused before anything is read."""

from __future__ import annotations

import pytest

from bench.cli.commands import ingest


def test_a_day_that_is_none_is_refused_with_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ingest.main(["posts", "counts.csv", "--source", "me", "--published-on", "soon"])
    assert "argument --published-on: invalid Timestamp value: 'soon'" in capsys.readouterr().err
