"""The builder of candidacies: refusals, and days that stand in the shipped tables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from bench.core import DataError
from bench.data.election import load_election
from tools.build_datasets import candidacies
from tools.build_datasets.elections import Election


def built(name: str) -> Election:
    """What the builder reads of a shipped election."""
    shipped = load_election(name)
    known = SimpleNamespace(
        key=name,
        year=int(name[2:]),
        people=shipped.people,
        ballot=lambda number: list(shipped.round(number).candidates),
    )
    return cast("Election", known)


def test_whoever_stood_cannot_have_been_out_of_the_race(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict[int, Any] = {2017: {"2017-02-22 withdrew": ("macron",)}}
    monkeypatch.setattr(candidacies, "OUT", wrong)
    with pytest.raises(DataError, match=r"out, and on the ballot: .'macron'"):
        candidacies.build(built("fr2017"))


def test_whoever_no_poll_tested_has_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: dict[int, Any] = {2017: {"2016-11-20 primary": ("poisson",)}}
    monkeypatch.setattr(candidacies, "OUT", wrong)
    with pytest.raises(DataError, match=r"out, and never tested: .'poisson'"):
        candidacies.build(built("fr2017"))


@pytest.mark.parametrize("name", ["fr2017", "fr2022"])
def test_everybody_who_was_tested_stood_or_was_out_by_the_official_list(name: str) -> None:
    election = load_election(name)
    table = candidacies.build(built(name)).tables["candidacies.csv"]
    tested, ballot = set(election.people["candidate"]), set(election.round(1).candidates)
    assert set(table["candidate"]) == tested - ballot
    assert table["candidate"].is_unique
    assert (pd.to_datetime(table["published_on"]) <= election.round(1).listed_on).all()
