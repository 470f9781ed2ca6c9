"""The study of transfers, at its coarsest levels."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from bench.cli import hydra_setup
from bench.core.settings import Experiment
from bench.studies.vote_transfers import Found, compute, kept_of, report_of, side_by_side
from bench.studies.vote_transfers.report import CONTEXT, told

LEVELS = ["circonscription", "departement"]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    experiment = hydra_setup.compose("+experiment=transfers_2017", "execution=serial")
    experiment.results = str(tmp_path_factory.mktemp("results"))
    experiment.settings |= {"levels": LEVELS, "n_draws": 60}
    return experiment


@pytest.fixture(scope="module")
def found(experiment: Experiment) -> Found:
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


def test_the_interval_told_holds_the_range_over_levels_and_the_headline_names_context() -> None:
    rows = pd.DataFrame(
        {
            "level": ["station", "commune", "canton"] * 2,
            "from_candidate": ["melenchon"] * 3 + ["fillon"] * 3,
            "to": "macron",
            "share": [0.55, 0.50, 0.59, 0.62, 0.63, 0.64],
            "lower": [0.54, 0.49, 0.58, 0.57, 0.60, 0.60],
            "upper": [0.57, 0.51, 0.60, 0.69, 0.66, 0.66],
            "readable": True,
        }
    )
    names = {"melenchon": "Mélenchon", "fillon": "Fillon", "macron": "Macron"}
    facts: Any = SimpleNamespace(names=names, by_votes=["macron"], name_of=names.__getitem__)
    melenchon, fillon = told(rows, facts, pd.Series({"melenchon": 7.0, "fillon": 6.0}))
    assert "50 to 59% went to Macron: levels of areas say 50 to 59%, the finest 55%" in melenchon
    # the range over levels is no excuse for an interval narrower than the model's own
    assert "57 to 69% went to Macron: levels of areas say 62 to 64%" in fillon


def test_context_is_in_the_headline(experiment: Experiment, found: Found) -> None:
    sides = {one: side_by_side(found, one, LEVELS) for one in ("registered", "valid")}
    headline = report_of(experiment, kept_of(experiment, found, sides)).headline
    assert headline[0] == CONTEXT
    assert "levels of areas say" in headline[1]
    assert "context" in CONTEXT
    assert "no margin identifies it" in CONTEXT


def test_most_voters_of_le_pen_in_2012_are_hers_again(found: Found) -> None:
    share = found.past_vote.set_index(["from_candidate", "to"])["share"]
    assert share["le_pen", "le_pen"] > 0.6
    assert share["sarkozy", "fillon"] > share["hollande", "fillon"]
