"""The margins of two votes in the same areas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import ConfigError, DataError
from bench.data.election import Election, load_election
from bench.data.margins import (
    NOBODY,
    _areas_of_both,
    margins_by_departement,
    margins_of_first_rounds,
    margins_of_rounds,
)
from bench.data.stations import station_votes


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda toy: margins_of_rounds(toy, "registred"), "did you mean 'registered'"),
        (lambda toy: margins_of_rounds(toy).at("comune"), "did you mean 'commune'"),
        (lambda toy: margins_of_rounds(toy, level="comune"), "did you mean 'commune'"),
        (
            lambda _: margins_of_rounds(load_election("fr2012"), level="comune"),  # no stations
            "did you mean 'commune'",
        ),
        (
            lambda _: margins_of_first_rounds(load_election("fr2007"), load_election("fr2017")),
            "not known by commune",
        ),
    ],
)
def test_an_unknown_electorate_or_level_is_refused(
    ask: Callable[[Election], object], words: str
) -> None:
    with pytest.raises((ConfigError, DataError), match=words):
        ask(load_election("toy"))


def test_two_elections_by_departement_share_their_areas_and_totals() -> None:
    before, after = load_election("fr2007"), load_election("fr2012")
    margins = margins_by_departement(before, after)
    assert len(margins.keys) == 96
    assert margins.n_left_out == 11  # overseas and abroad in 2012
    assert list(margins.rows)[-1] == list(margins.columns)[-1] == NOBODY
    assert np.allclose(margins.rows.sum(axis=1), margins.columns.sum(axis=1))
    share = margins.columns["hollande"].sum() / margins.columns.to_numpy().sum()
    assert share == pytest.approx(0.226, abs=0.005)  # 28.6 % of the valid votes, 79 % turnout


def test_every_area_has_one_total_and_coarser_areas_the_same_votes() -> None:
    margins = margins_of_rounds(load_election("toy"))
    assert list(margins.rows)[-1] == NOBODY
    assert list(margins.columns)[-2:] == ["blank_null", "abstention"]
    for level in ("station", "commune", "departement"):
        coarse = margins.at(level)
        assert np.allclose(coarse.rows.sum(axis=1), coarse.columns.sum(axis=1))
        assert np.allclose(coarse.rows.sum(), margins.rows.sum())
        assert not coarse.keys.duplicated().any()


def test_annulled_stations_are_left_out_and_hardly_any_votes_are_moved() -> None:
    election = load_election("fr2017")
    first, second = station_votes(election, 1), station_votes(election, 2)
    margins = margins_of_rounds(election)
    annulled = (first["annulled"] | second["annulled"]).sum()
    assert annulled <= margins.n_left_out <= annulled + 1
    assert len(margins.keys) + margins.n_left_out == len(first)
    official = first["macron"].sum()
    assert margins.rows["macron"].sum() == pytest.approx(official, rel=2e-3)
    assert margins.moved < 1e-3


def test_merged_communes_and_votes_abroad_form_one_area_each() -> None:
    def sizes(places: dict[tuple[str, str], int]) -> pd.Series:
        index = pd.MultiIndex.from_tuples(list(places), names=["departement", "commune"])
        return pd.Series(list(places.values()), index=index)

    old = sizes(
        {("01", "a"): 100, ("01", "b"): 80, ("01", "c"): 300, ("02", "d"): 50, ("ZZ", "e"): 10}
    )
    new = sizes({("01", "a"): 180, ("01", "c"): 310, ("02", "d"): 90, ("ZZ", "f"): 12})
    area = _areas_of_both(old, new, ["ZZ"])
    assert area["01"].to_dict() == {"a": "merged", "b": "merged", "c": "c"}
    assert area["02", "d"] == "d"  # grew, but no commune was lost there
    assert set(area["ZZ"]) == {"merged"}


def test_no_vote_of_2012_is_lost_between_the_communes() -> None:
    before, after = load_election("fr2012"), load_election("fr2017")
    margins = margins_of_first_rounds(before, after)
    assert margins.n_left_out == 0
    assert margins.moved < 0.05
    assert (margins.keys["commune"] == "merged").sum() < 107


def test_the_rounds_of_2012_by_every_level_that_ships() -> None:
    election = load_election("fr2012")
    assert list(margins_of_rounds(election).keys) == ["departement", "canton"]  # the finest
    for name, n_areas in (("canton", 4078), ("circonscription", 577), ("departement", 107)):
        margins = margins_of_rounds(election, level=name)
        assert len(margins.keys) + margins.n_left_out == n_areas
        assert margins.rows["hollande"].sum() == pytest.approx(10_272_705, rel=2e-3)
        assert np.allclose(margins.rows.sum(axis=1), margins.columns.sum(axis=1))


def test_first_rounds_known_by_stations_alone_are_summed_to_communes() -> None:
    margins = margins_of_first_rounds(load_election("toy_prior1"), load_election("toy"))
    assert set(margins.keys) == {"departement", "commune"}
    assert len(margins.keys) > 6
