"""Cantons by commune."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import ConfigError, DataError
from bench.data.country import country_of
from bench.data.election import load_election
from bench.data.margins import margins_of_rounds
from bench.data.stations import station_votes, votes_by
from tools.build_datasets import france


def test_communes_of_one_canton_share_it_and_others_stand_alone() -> None:
    communes = pd.Series(["01002", "01004", "01053", "75056", "69123", "98735"])
    cantons = country_of(load_election("fr2017")).areas_of("canton", communes, 2017)
    assert cantons is not None
    assert cantons.tolist() == ["0101", "0101", "0199", "75056", "69123", "98735"]


def test_all_stations_of_a_canton_lie_in_its_departement() -> None:
    election = load_election("fr2017")
    cantons = votes_by(election, 1, "canton")
    stations = station_votes(election, 1)
    assert len(cantons) < 2_700 < stations["commune"].nunique()
    assert cantons["valid"].sum() == stations["valid"].sum()
    assert not cantons.duplicated("canton").any()


def test_cantons_of_other_elections_are_not_known() -> None:
    toy = load_election("toy")
    assert country_of(toy).areas_of("canton", pd.Series(["x"]), 2031) is None
    assert country_of(load_election("fr2012")).areas_of("canton", pd.Series(["x"]), 2012) is None
    with pytest.raises(ConfigError, match="no level is called 'canton'"):
        votes_by(toy, 1, "canton")
    with pytest.raises(ConfigError, match="no level is called 'canton'"):
        margins_of_rounds(toy).at("canton")


def test_a_raw_file_that_is_missing_is_named_with_its_source(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Code officiel géographique"):
        france.cantons(tmp_path)
