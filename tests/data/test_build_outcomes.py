"""Outcomes, elections and codes: totals that must agree, and names that must be understood."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets.codes import departement
from tools.build_datasets.elections import Election, elections, last_legal_day, person
from tools.build_datasets.outcomes import LONG, check_long, melt

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

HEADER = "election,round,date,registered,voters,valid,candidate,party,votes,source\n"


def write(folder: Path, second: int = 45, party: str = "Front national") -> Path:
    (folder / "results").mkdir()
    rows = (
        "2017,1,2017-04-23,200,150,100,Emmanuel Macron,En marche,55,x\n"
        f"2017,1,2017-04-23,200,150,100,Marine Le Pen,{party},{second},x\n"
    )
    path = folder / "results/national_outcomes_1965_2017.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return folder


@pytest.fixture
def election(tmp_path: Path) -> Election:
    return elections(write(tmp_path))[0]


def areas(macron: int = 30, valid: int = 60) -> pd.DataFrame:
    counts = {"registered": [100, 100], "voters": [80, 70], "valid": [valid, 40]}
    return pd.DataFrame(
        {"area": ["01", "02"], **counts, "macron": [macron, 25], "le_pen": [30, 15]}
    )


def test_outcomes_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    for number, (change, words) in enumerate(
        [({"second": 44}, "is 99 but must be 100"), ({"party": "X"}, "no family for 'X'")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(DataError, match=words):
            elections(write(folder, **change))


def test_areas_sum_to_the_nation_unless_overseas_is_missing(election: Election) -> None:
    long = melt(areas(), election, 1)
    assert list(long) == list(LONG)
    assert check_long(long, election, whole_country=True)
    short = melt(areas(macron=29, valid=59), election, 1)
    assert check_long(short, election, whole_country=False)
    with pytest.raises(DataError, match="areas sum to 54, nation 55"):
        check_long(short, election, whole_country=True)
    with pytest.raises(DataError, match="votes are not the valid votes"):
        check_long(melt(areas(macron=31), election, 1), election, whole_country=True)


def test_an_unknown_surname_is_refused(election: Election) -> None:
    assert election.slug_of("LEPEN") == "le_pen"
    assert person("Jean-Marie Le Pen") == "jm_le_pen"
    with pytest.raises(DataError, match="'Juppé' fits nobody"):
        election.slug_of("Juppé")


@pytest.mark.parametrize(
    ("vote", "last"),
    [("2002-04-21", "2002-04-19"), ("1981-04-26", "1981-04-18"), ("1974-05-05", None)],
)
def test_the_ban_on_publication_by_year(vote: str, last: str | None) -> None:
    expected = None if last is None else pd.Timestamp(last)
    assert last_legal_day(pd.Timestamp(vote)) == expected


def test_an_unknown_departement_is_refused() -> None:
    for code in ("96", "", "2C"):
        with pytest.raises(DataError, match="is no code"):
            departement(code)
