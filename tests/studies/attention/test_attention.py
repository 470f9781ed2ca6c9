"""The study of attention beside the polls it is calibrated on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, DataError
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.studies.attention import STUDY
from bench.studies.attention.analysis import Settings, summary

Compose = Callable[..., Experiment]
TOY = (
    "+experiment=attention",
    "execution=serial",
    "elections=[toy]",
    "rounds=[1]",
    "settings.calibrated_days=[30,14]",
    "++settings.counts.chirper=[tweets]",
    "n_draws=50",
)


def quick(composed: Compose, *overrides: str) -> Experiment:
    experiment = composed(*TOY, *overrides)
    experiment.results = ""
    return experiment


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("settings.main_day=9", "accepted: one of calibrated_days"),
        ("baseline=nobody", "baseline is 'nobody', which is not a predictor of the experiment"),
        ("settings.beside.polls_plus_buzz=nobody", r"settings\.beside\.polls_plus_buzz is"),
    ],
)
def test_a_setting_that_names_nothing_is_refused(
    override: str, message: str, composed: Compose
) -> None:
    with pytest.raises(ConfigError, match=message):
        STUDY.analyse(quick(composed, override))


def test_elections_without_a_count_are_refused(composed: Compose) -> None:
    experiment = quick(composed)
    del experiment.settings["counts"]["chirper"]
    with pytest.raises(DataError, match="toy has no count of"):
        STUDY.analyse(experiment)


def row(election: str, predictor: str, mae_pp: float, day: float = 30) -> dict[str, object]:
    return {
        "election": election,
        "round": 1,
        "source": "net",
        "measure": "tweets",
        "predictor": predictor,
        "calibrated_days": day,
        "hindsight": False,
        "mae_pp": mae_pp,
    }


def test_the_summary_counts_elections_and_takes_the_main_day_alone() -> None:
    settings = Settings(counts={}, calibrated_days=(30, 7), main_day=30)
    gaps = (-1.0, 0.0, 1.5, 0.0, 0.0, 0.5)
    rows = [row(name, "same", 3.0) for name in "abcdef"]
    rows += [row(name, "moved", 3.0 + gap) for name, gap in zip("abcdef", gaps, strict=True)]
    rows += [row("a", "moved", 99.0, day=7), row("g", "moved", 99.0)]  # no polls beside it
    table = summary(pd.DataFrame(rows), settings, "same").set_index("predictor")
    moved = table.loc["moved"]
    assert (moved["elections"], moved["better"]) == (6, 1)
    assert moved["difference_pp"] == pytest.approx(1 / 6)
    # Student with 5 degrees of freedom: 2.571 times sd / sqrt(6)
    half = 2.5706 * np.std(gaps, ddof=1) / np.sqrt(6)
    assert (moved["low"], moved["high"]) == pytest.approx((1 / 6 - half, 1 / 6 + half), abs=1e-3)
    assert np.isnan(table.loc["same", "low"])


def test_five_elections_give_no_interval() -> None:
    settings = Settings(counts={}, calibrated_days=(30,), main_day=30)
    rows = [
        row(name, each, 3.0 + (each == "moved")) for name in "abcde" for each in ("same", "moved")
    ]
    moved = summary(pd.DataFrame(rows), settings, "same").set_index("predictor").loc["moved"]
    assert moved["difference_pp"] == 1
    assert np.isnan(moved["low"])


def test_a_way_that_reads_newer_polls_is_compared_with_these() -> None:
    settings = Settings(counts={}, calibrated_days=(30,), main_day=30, beside={"moved": "new"})
    rows = [row("a", "old", 4.0), row("a", "new", 2.0), row("a", "moved", 2.5)]
    table = summary(pd.DataFrame(rows), settings, "old").set_index("predictor")
    assert table.loc["moved", ["reference_pp", "difference_pp", "better"]].tolist() == [2, 0.5, 0]
    assert table.loc["new", "reference_pp"] == 4


def test_the_polls_that_a_way_reads_are_what_it_says_without_attention(composed: Compose) -> None:
    experiment = composed("+experiment=attention")
    task = Task("fr2017", 1, "2017-04-22T23:59", include_embargoed=("politoscope",))
    evidence, rng = task.evidence(), np.random.default_rng(0)
    for name, polls in experiment.settings["beside"].items():
        unmoved = {**experiment.predictors[name], "elasticity": 0.0}
        share = make_predictor(name, unmoved).predict(evidence, rng).share
        alone = make_predictor(polls, experiment.predictors[polls]).predict(evidence, rng).share
        assert share[alone.index].to_numpy() == pytest.approx(alone.to_numpy())
