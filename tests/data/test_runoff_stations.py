"""Stations as evidence for a runoff, and those on which it is scored."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.core import DataError
from bench.data import stations as station_room
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.outcome import outcome_of
from bench.data.runoff_stations import runoff_stations
from bench.data.stations import station_outcomes_of, station_votes

TOY = load_election("toy")


def rows_of(as_of: str, number: int = 2) -> pd.DataFrame:
    evidence = evidence_for(TOY, number, pd.Timestamp(as_of), by_station=True)
    outcomes = evidence["outcomes"]
    return outcomes[outcomes["level"] == "station"]


def test_stations_are_evidence_from_noon_of_the_day_after_and_not_before() -> None:
    assert rows_of("2031-04-07T11:59").empty
    assert len(rows_of("2031-04-07T12:00")) == 90 * 5


def test_no_later_round_is_among_them_however_late_it_is() -> None:
    rows = rows_of("2031-05-30T12:00")
    assert set(rows["round"]) == {1}
    assert rows_of("2031-05-30T12:00", number=1).empty


def test_nobody_gets_stations_who_does_not_ask() -> None:
    evidence = evidence_for(TOY, 2, pd.Timestamp("2031-04-18T20:00"))
    assert "station" not in set(evidence["outcomes"]["level"])


def test_stations_add_up_to_the_national_votes() -> None:
    rows = station_outcomes_of(TOY)
    for number in (1, 2):
        votes = rows[rows["round"] == number].groupby("candidate")["votes"].sum()
        official = outcome_of(TOY, number).votes
        assert votes[official.index].tolist() == official.tolist()
    shares = rows.groupby(["round", "area"])["share"].sum()
    assert shares.to_numpy() == pytest.approx(1)


def test_stations_of_2017_that_were_not_counted_twice_are_left_out_with_the_reason() -> None:
    found = runoff_stations(load_election("fr2017"), "macron")
    # 12 and 38 annulled, none in both rounds; 50 + 2 + 7 + 69,183 = 69,242
    assert list(found.left_out.values()) == [50, 2, 7]
    assert len(found.table) == 69_242 - 59
    assert found.table["votes"].sum() + found.valid_left_out == 31_381_603
    assert found.table[["before", "share"]].notna().all(axis=None)


@pytest.fixture
def altered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first station is annulled in round 2, in the second nobody had voted for a finalist."""
    first, second = station_votes(TOY, 1).copy(), station_votes(TOY, 2).copy()
    second.loc[0, "annulled"] = True
    second.loc[0, ["valid", "quill", "thorne"]] = 0
    first.loc[[0, 1], ["quill", "thorne"]] = 0
    tables = {1: first, 2: second}
    monkeypatch.setattr(
        "bench.data.runoff_stations.station_votes", lambda election, number: tables[number]
    )


@pytest.mark.usefixtures("altered")
def test_a_station_counts_under_the_first_reason_that_holds() -> None:
    found = runoff_stations(TOY, "quill")
    assert list(found.left_out.values()) == [1, 0, 1]
    assert len(found.table) == 88
    assert found.valid_left_out == 821  # of the second station in round 2


def test_another_candidate_than_a_finalist_is_refused() -> None:
    with pytest.raises(DataError, match="'ferrier' among them"):
        runoff_stations(TOY, "ferrier")


def test_rounds_with_other_stations_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "bench.data.runoff_stations.station_votes",
        lambda election, number: station_room.station_votes(election, number).iloc[number:],
    )
    with pytest.raises(DataError, match="not the same"):
        runoff_stations(TOY, "quill")
