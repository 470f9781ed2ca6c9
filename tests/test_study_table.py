"""The table of studies by elections in the docs is the one that the code gives."""

from __future__ import annotations

import pytest

from tools.pages import stands
from tools.study_table import NO, PAGE, PARTLY, QUICK, WITHOUT_ELECTION, YES, decided, outcome


def rows() -> dict[str, dict[str, str]]:
    """Cell by study and election."""
    head, _, *lines = [
        line for line in stands(PAGE, "studies").splitlines() if line.startswith("|")
    ]
    elections = [cell.strip(" `") for cell in head.split("|")[2:-1]]
    found = {}
    for line in lines:
        study, *cells = (cell.strip(" `") for cell in line.split("|")[1:-1])
        found[study] = dict(zip(elections, cells, strict=True))
    return found


def test_every_study_and_every_shipped_election_is_there() -> None:
    table = rows()
    assert set(table) == set(QUICK)
    assert all(list(cells) == decided() for cells in table.values())
    assert all(study in stands(PAGE, "studies") for study in WITHOUT_ELECTION)
    assert {cells["toy"] for cells in table.values()} <= {YES, PARTLY}


@pytest.mark.parametrize(
    ("study", "election"),
    [
        ("distortions, merged candidates", "toy_prior1"),
        ("runoff_by_station", "fr1995"),
        ("election_night", "fr2012"),
        ("vote_transfers", "fr1965"),
    ],
)
def test_a_cell_is_what_the_study_does(study: str, election: str) -> None:
    verdict, said = outcome(study, election)
    assert rows()[study][election] == verdict
    assert bool(said) == (verdict in (PARTLY, NO))
