"""The study of transfers, at its coarsest levels."""

from __future__ import annotations

import pytest

from bench import hydra_setup
from bench.run.studies.transfers_2017 import Found, compute, side_by_side

LEVELS = ["circonscription", "departement"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    experiment = hydra_setup.compose("+experiment=transfers_2017", "execution=serial")
    experiment.results = str(tmp_path_factory.mktemp("results"))
    experiment.settings |= {"levels": LEVELS, "n_draws": 60}
    return compute(experiment)


def test_every_estimate_lies_within_the_bounds_and_finer_bounds_are_narrower(found: Found) -> None:
    rows = found.rounds
    assert ((rows["least"] - 1e-9 <= rows["share"]) & (rows["share"] <= rows["most"] + 1e-9)).all()
    width = (rows["most"] - rows["least"]).groupby([rows["electorate"], rows["level"]]).mean()
    for electorate in ("registered", "valid"):
        assert width[electorate, "circonscription"] < width[electorate, "departement"]


def test_rows_sum_to_one_and_columns_to_the_second_round(found: Found) -> None:
    keys = ["electorate", "level", "from_candidate"]
    assert found.rounds.groupby(keys)["share"].sum().to_numpy() == pytest.approx(1, abs=1e-6)
    rows = found.rounds[(found.rounds["electorate"] == "registered")]
    votes = rows[rows["level"] == "departement"].groupby("to")["votes"].sum()
    assert votes["macron"] == pytest.approx(found.margins.columns["macron"].sum(), rel=1e-6)


def test_small_candidates_are_marked_and_not_shown(found: Found) -> None:
    readable = found.rounds.groupby("from_candidate")["readable"].first()
    assert not readable[["arthaud", "cheminade", "lassalle", "poutou", "asselineau"]].any()
    assert readable[["macron", "le_pen", "fillon", "melenchon", "hamon"]].all()
    table = side_by_side(found, "registered", LEVELS)
    assert set(table["from_candidate"]) == set(readable.index[readable])
    assert table.set_index(["from_candidate", "to"]).loc[("fillon", "macron"), "Ipsos survey"] == 48


def test_most_voters_of_le_pen_in_2012_are_hers_again(found: Found) -> None:
    share = found.past_vote.set_index(["from_candidate", "to"])["share"]
    assert share["le_pen", "le_pen"] > 0.6
    assert share["sarkozy", "fillon"] > share["hollande", "fillon"]
