"""The builder of candidacies: refusals, and days that stand in the shipped tables."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

from bench.core import DataError
from bench.data.election import load_election
from tools.build_datasets import candidacies
from tools.build_datasets.elections import Election

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere


def built(name: str) -> Election:
    """What the builder reads of a shipped election."""
    shipped = load_election(name)
    election = SimpleNamespace(
        key=name,
        year=int(name[2:]),
        people=shipped.people,
        ballot=lambda number: list(shipped.round(number).candidates),
    )
    return cast("Election", election)


@pytest.mark.parametrize(
    ("who", "words"),
    [("macron", "out, and on the ballot: .'macron'"), ("poisson", "never tested: .'poisson'")],
)
def test_who_stood_or_was_never_tested_cannot_be_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, words: str
) -> None:
    wrong = tmp_path / "candidacies.csv"
    wrong.write_text(
        f"year,day,candidate,why,source\n2017,2017-02-22,{who},withdrew,none found\n", "utf-8"
    )
    monkeypatch.setattr(candidacies, "OUT", wrong)
    with pytest.raises(DataError, match=words):
        candidacies.build(built("fr2017"))


@pytest.mark.parametrize("name", ["fr2012", "fr2017", "fr2022"])
def test_everybody_who_was_tested_stood_or_was_out_by_the_official_list(name: str) -> None:
    election = load_election(name)
    table = candidacies.build(built(name)).tables["candidacies.csv"]
    tested, ballot = set(election.people["candidate"]), set(election.round(1).candidates)
    assert set(table["candidate"]) == tested - ballot
    assert table["candidate"].is_unique
    last_day = election.round(1).listed_on or pd.Timestamp("2012-03-19T23:59")
    assert (pd.to_datetime(table["published_on"]) <= last_day).all()
    assert table["source"].str.match("https?://").all()
