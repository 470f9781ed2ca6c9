"""Polling stations: against the proclaimed totals, as evidence, and those of a runoff."""

from pathlib import Path

import pandas as pd
import pytest

from bench.core import ConfigError, DataError
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.stations import (
    levels_of,
    runoff_stations,
    station_outcomes_of,
    station_votes,
    votes_by,
)
from bench.data.tables import outcome_of


@pytest.mark.parametrize(("name", "more"), [("fr2017", ["national"]), ("fr2012", [])])
def test_every_level_sums_to_the_official_votes(name: str, more: list[str]) -> None:
    election = load_election(name)
    for number in (1, 2):
        official = outcome_of(election, number).votes
        for level in [*levels_of(election, number), *more]:
            counts = votes_by(election, number, level)[list(official.index)].sum()
            assert counts.to_dict() == official.to_dict(), level


@pytest.mark.parametrize("number", [1, 2])
def test_the_shipped_departements_are_those_of_the_stations(number: int) -> None:
    election = load_election("fr2017")
    derived = votes_by(election, number, "departement").set_index("departement")
    shipped = outcome_of(election, number).areas
    assert (derived[shipped.columns].loc[shipped.index] == shipped).all(axis=None)


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("fr2017", ["station", "commune", "canton", "circonscription", "departement"]),
        ("fr2012", ["commune", "canton", "circonscription", "departement"]),
        ("fr1995", ["departement"]),
        ("toy", ["station", "commune", "departement"]),
    ],
)
def test_the_levels_by_which_a_first_round_is_known(name: str, levels: list[str]) -> None:
    assert levels_of(load_election(name), 1) == levels


@pytest.mark.parametrize(
    ("name", "number", "level", "words"),
    [
        ("fr2017", 1, "comune", "did you mean 'commune'"),
        ("fr2002", 1, "station", "fr2002 has no polling stations"),
        ("de2021", 1, "station", "de2021 has no polling stations"),
        ("fr2012", 2, "commune", "not known by commune in round 2; accepted: canton"),
    ],
)
def test_a_level_that_is_not_known_is_refused(
    name: str, number: int, level: str, words: str
) -> None:
    with pytest.raises((ConfigError, DataError), match=words):
        votes_by(load_election(name), number, level)


TOY = load_election("toy")


def rows_of(as_of: str, number: int = 2) -> pd.DataFrame:
    evidence = evidence_for(TOY, number, pd.Timestamp(as_of), by_station=True)
    outcomes = evidence["outcomes"]
    return outcomes[outcomes["level"] == "station"]


def test_stations_are_evidence_from_noon_of_the_day_after_for_who_asks() -> None:
    assert rows_of("2031-04-07T11:59").empty
    assert len(rows_of("2031-04-07T12:00")) == 90 * 5
    assert set(rows_of("2031-05-30T12:00")["round"]) == {1}  # of no later round, however late
    assert rows_of("2031-05-30T12:00", number=1).empty
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
    runoff = runoff_stations(load_election("fr2017"), "macron")
    # 12 and 38 annulled, none in both rounds; 50 + 2 + 7 + 69,183 = 69,242
    assert list(runoff.left_out.values()) == [50, 2, 7]
    assert len(runoff.table) == 69_242 - 59
    assert runoff.table["votes"].sum() + runoff.valid_left_out == 31_381_603
    assert runoff.table[["before", "share"]].notna().all(axis=None)


@pytest.fixture
def altered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first station is annulled in round 2, in the second nobody had voted for a finalist."""
    first, second = station_votes(TOY, 1).copy(), station_votes(TOY, 2).copy()
    second.loc[0, "annulled"] = True
    second.loc[0, ["valid", "quill", "thorne"]] = 0
    first.loc[[0, 1], ["quill", "thorne"]] = 0
    tables = {1: first, 2: second}
    monkeypatch.setattr(
        "bench.data.stations.station_votes", lambda election, number: tables[number]
    )


@pytest.mark.usefixtures("altered")
def test_a_station_counts_under_the_first_reason_that_holds() -> None:
    runoff = runoff_stations(TOY, "quill")
    assert list(runoff.left_out.values()) == [1, 0, 1]
    assert len(runoff.table) == 88
    assert runoff.valid_left_out == 821  # of the second station in round 2


def test_other_stations_or_nobody_of_the_runoff_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(DataError, match="'ferrier' among them"):
        runoff_stations(TOY, "ferrier")
    monkeypatch.setattr(
        "bench.data.stations.station_votes",
        lambda election, number: station_votes(election, number).iloc[number:],
    )
    with pytest.raises(DataError, match="not the same"):
        runoff_stations(TOY, "quill")


@pytest.mark.parametrize("lacks", ["registered", "commune", "quill"])
def test_stations_without_a_column_are_refused(toy_folder: Path, lacks: str) -> None:
    path = toy_folder / "outcome" / "stations_r2.parquet"
    pd.read_parquet(path).drop(columns=lacks).to_parquet(path)
    with pytest.raises(DataError, match=f"the column '{lacks}' is missing"):
        station_votes(load_election(str(toy_folder)), 2)


def test_departements_that_nobody_counted_are_no_level(toy_folder: Path) -> None:
    """The file of an own election needs votes alone."""
    for path in (toy_folder / "outcome").glob("stations_*"):
        path.unlink()
    path = toy_folder / "outcome" / "departements.parquet"
    rows = pd.read_parquet(path)
    election = load_election(str(toy_folder))
    assert levels_of(election, 1) == ["departement"]
    rows[["round", "area", "candidate", "votes"]].to_parquet(path)
    assert levels_of(election, 1) == []
    with pytest.raises(DataError, match="is not known by region in round 1"):
        votes_by(election, 1, "departement")
