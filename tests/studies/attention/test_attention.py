"""The study of attention beside the polls it is calibrated on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
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
        ("settings.reference=nobody", "no predictor of the experiment"),
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
    settings = Settings(counts={}, calibrated_days=(30, 7), main_day=30, reference="same")
    gaps = (-1.0, 0.0, 1.5, 0.0, 0.0, 0.5)
    rows = [row(name, "same", 3.0) for name in "abcdef"]
    rows += [row(name, "moved", 3.0 + gap) for name, gap in zip("abcdef", gaps, strict=True)]
    rows += [row("a", "moved", 99.0, day=7), row("g", "moved", 99.0)]  # no polls beside it
    table = summary(pd.DataFrame(rows), settings).set_index("predictor")
    moved = table.loc["moved"]
    assert (moved["elections"], moved["better"]) == (6, 1)
    assert moved["difference_pp"] == pytest.approx(1 / 6)
    # Student with 5 degrees of freedom: 2.571 times sd / sqrt(6)
    half = 2.5706 * np.std(gaps, ddof=1) / np.sqrt(6)
    assert (moved["low"], moved["high"]) == pytest.approx((1 / 6 - half, 1 / 6 + half), abs=1e-3)
    assert np.isnan(table.loc["same", "low"])


def test_five_elections_give_no_interval() -> None:
    settings = Settings(counts={}, calibrated_days=(30,), main_day=30, reference="same")
    rows = [
        row(name, each, 3.0 + (each == "moved")) for name in "abcde" for each in ("same", "moved")
    ]
    moved = summary(pd.DataFrame(rows), settings).set_index("predictor").loc["moved"]
    assert moved["difference_pp"] == 1
    assert np.isnan(moved["low"])
