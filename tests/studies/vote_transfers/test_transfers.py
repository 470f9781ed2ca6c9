"""The study of transfers: its coarsest levels on a real election, all of it on the made-up one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from bench.core.compose import compose
from bench.core.errors import DataError
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.vote_transfers import STUDY, analyse
from bench.studies.vote_transfers.view import origin_facts

LEVELS = ["circonscription", "departement"]


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    experiment = compose("+experiment=transfers_2017", "execution=serial")
    experiment.elections = ["fr2007", "fr2017"]  # of the first only the départements are known
    experiment.results = str(tmp_path_factory.mktemp("results"))
    experiment.settings |= {"levels": LEVELS, "n_draws": 60, "electorates": ["registered"]}
    return experiment


@pytest.fixture(scope="module")
def found(experiment: Experiment) -> Results:
    return analyse(experiment)


@pytest.fixture(scope="module")
def made_up(composed: Callable[..., Experiment]) -> Results:
    return run(composed, "toy", electorates=["registered", "valid"])


def test_estimates_lie_within_bounds_that_finer_areas_narrow(made_up: Results) -> None:
    rows = made_up.tables["transitions"]
    assert ((rows["least"] - 1e-9 <= rows["share"]) & (rows["share"] <= rows["most"] + 1e-9)).all()
    width = (rows["most"] - rows["least"]).groupby([rows["electorate"], rows["level"]]).mean()
    for electorate in ("registered", "valid"):
        assert width[electorate, "commune"] < width[electorate, "departement"]


def test_rows_sum_to_one_and_columns_to_the_second_round(found: Results) -> None:
    keys = ["electorate", "level", "from_candidate"]
    transitions = found.tables["transitions"]
    assert transitions.groupby(keys)["share"].sum().to_numpy() == pytest.approx(1, abs=1e-6)
    rows = transitions[transitions["electorate"] == "registered"]
    votes = rows[rows["level"] == "departement"].groupby("to")["votes"].sum()
    assert votes["macron"] == pytest.approx(20_743_128, rel=1e-3)


def test_small_candidates_are_marked_and_not_shown(found: Results) -> None:
    readable = found.tables["transitions"].groupby("from_candidate")["readable"].first()
    assert not readable[["arthaud", "cheminade", "lassalle", "poutou", "asselineau"]].any()
    assert readable[["macron", "le_pen", "fillon", "melenchon", "hamon"]].all()
    table = found.tables["levels_registered"]
    assert set(table["from_candidate"]) == set(readable.index[readable])
    assert table.set_index(["from_candidate", "to"]).loc[("fillon", "macron"), "Ipsos survey"] == 48


def test_the_range_holds_every_level_and_the_models_own_interval() -> None:
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
    facts: Any = SimpleNamespace(name_of=str.title)
    survey = pd.DataFrame(
        {"source": ["Ipsos survey"], "from_candidate": "fillon", "to": "macron", "share": [0.48]}
    )
    melenchon, fillon = (
        origin_facts(rows, survey, facts, name) for name in ("melenchon", "fillon")
    )
    assert (melenchon["n"], melenchon["goal"], melenchon["sources"]) == (3, "Macron", {})
    keys = ("low", "high", "share", "least", "most")
    assert [round(melenchon[key]) for key in keys] == [50, 59, 55, 50, 59]
    # the range over levels is no excuse for an interval narrower than the model's own
    assert [round(fillon[key]) for key in keys] == [62, 64, 62, 57, 69]
    assert fillon["sources"] == {"Ipsos survey": 48}


def test_the_findings_hold_the_numbers_of_the_table(experiment: Experiment, found: Results) -> None:
    report = STUDY.report(experiment, found)
    table = report.tables[0].data.set_index(["from_candidate", "to"])
    row = table.loc[("fillon", "macron")]
    first = report.findings[0]
    assert f"{row['lower']:.0f} to {row['upper']:.0f}% of the voters of François Fillon" in first
    # of the same voters, the sources of the table below
    assert "(Chataignon published estimate: 56.5%; Ipsos survey: 48.0%)" in first
    assert f"run from {row[LEVELS].min():.0f} to {row[LEVELS].max():.0f}%" in report.findings[1]


def test_voters_of_the_right_stay_on_the_right(found: Results) -> None:
    assert found.facts["past_level"] == "departement"
    share = found.tables["past_vote_transitions"].set_index(["from_candidate", "to"])["share"]
    assert share["sarkozy", "fillon"] > share["royal", "fillon"]


def run(composed: Callable[..., Experiment], *elections: str, **settings: Any) -> Results:
    """Few draws, no memory of other runs."""
    experiment = composed("+experiment=transfers_2017", "execution=serial")
    experiment.elections = list(elections)
    experiment.settings |= {"n_draws": 20, "electorates": ["registered"], **settings}
    return analyse(experiment)


def test_the_made_up_election_and_the_one_before_it(
    composed: Callable[..., Experiment], made_up: Results
) -> None:
    levels = ["station", "station_by_departement", "commune", "departement"]
    both = run(composed, "toy_prior1", "toy", levels=["departement"])
    for found, known in ((made_up, levels), (both, ["departement"])):
        assert found.facts["elections"] == ["toy", "toy_prior1"]
        assert found.facts["levels"] == known
        assert "past_vote_transitions" in found.tables
        assert found.facts["unknown"] == []  # the made-up country has no cantons


def test_an_election_without_an_earlier_one_has_no_past_vote(
    composed: Callable[..., Experiment],
) -> None:
    found = run(composed, "fr1965")
    assert "past_vote_transitions" not in found.tables
    assert found.facts["before"] == found.facts["past_level"] == ""


def test_levels_that_are_all_unknown_are_refused_with_those_that_are(
    composed: Callable[..., Experiment],
) -> None:
    with pytest.raises(DataError, match=r"both rounds are known \(departement\)"):
        run(composed, "fr1995", levels=["station"])
