"""Transfers estimated from both rounds, beside surveys."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.core.compose import compose
from bench.core.errors import DataError
from bench.data.election import load_election
from bench.studies.runoff_by_station.transfers import (
    CELL,
    beside_surveys,
    known_levels,
    stated_transfers,
    transfers_at,
)


def estimates(level: str, n_draws: int = 0) -> pd.DataFrame:
    experiment = compose("+experiment=stations_2017_r2")
    election = load_election("fr2017")
    return transfers_at(experiment, election, level, n_draws=n_draws, interval=0.9)


@pytest.fixture(scope="module")
def by_departement() -> pd.DataFrame:
    return estimates("departement", n_draws=60)


def test_rows_sum_to_one_and_columns_to_the_second_round(by_departement: pd.DataFrame) -> None:
    of_origin = by_departement.groupby("from_candidate")["share"].sum()
    assert of_origin.to_numpy() == pytest.approx(1, abs=1e-6)
    votes = by_departement.groupby("to")["votes"].sum()
    assert votes["macron"] == pytest.approx(20_743_128, rel=1e-3)


def test_estimates_lie_within_the_bounds_of_their_margins(by_departement: pd.DataFrame) -> None:
    share = by_departement["share"]
    assert (by_departement["least"] - 1e-9 <= share).all()
    assert (share <= by_departement["most"] + 1e-9).all()


def test_draws_move_no_estimate(by_departement: pd.DataFrame) -> None:
    bare = estimates("departement")
    assert list(bare) == [*CELL, "share"]
    pd.testing.assert_frame_equal(bare, by_departement[[*CELL, "share"]], rtol=1e-12)


def test_small_candidates_are_left_out_and_the_survey_stands_beside(
    by_departement: pd.DataFrame,
) -> None:
    stated = stated_transfers(load_election("fr2017"), 365)
    table = beside_surveys([by_departement], stated).set_index(CELL)
    origins = set(table.index.get_level_values("from_candidate"))
    assert {"macron", "le_pen", "fillon", "melenchon", "hamon", "no_candidate"} <= origins
    assert not {"arthaud", "cheminade", "lassalle", "poutou", "asselineau"} & origins
    fillon = table.loc[("fillon", "macron")]
    survey, published = fillon[["Ipsos survey", "Chataignon published estimate"]]
    assert (survey, published) == (pytest.approx(48), pytest.approx(56.5))


def test_the_range_holds_every_level_and_the_models_own_interval() -> None:
    cells = pd.DataFrame({"from_candidate": ["melenchon", "fillon"], "to": "macron"})
    station = cells.assign(
        share=[0.55, 0.62],
        lower=[0.54, 0.57],
        upper=[0.57, 0.69],
        origin_share=[0.2, 0.1],
        readable=True,
    )
    coarser = [cells.assign(share=[0.50, 0.63]), cells.assign(share=[0.59, 0.64])]
    stated = pd.DataFrame(
        {"source": ["Ipsos survey"], "from_candidate": "fillon", "to": "macron", "share": [0.48]}
    )
    table = beside_surveys([station, *coarser], stated)
    assert table["from_candidate"].tolist() == ["melenchon", "fillon"]
    # the range over levels is no excuse for an interval narrower than the model's own
    assert table["lower"].tolist() == pytest.approx([50, 57])
    assert table["upper"].tolist() == pytest.approx([59, 69])
    assert table["share"].tolist() == pytest.approx([55, 62])
    assert table["Ipsos survey"].tolist() == pytest.approx([float("nan"), 48], nan_ok=True)


def test_levels_that_are_all_unknown_are_refused_with_those_that_are() -> None:
    with pytest.raises(DataError, match=r"both rounds are known \(departement\)"):
        known_levels(load_election("fr1995"), ["station"])
