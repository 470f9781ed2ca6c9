"""Predictors by a name they had before are found, and say so once."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from bench.cli import hydra_setup
from bench.core.registry import load_predictor, predictor_methods
from bench.core.settings import (
    FORMER_NAMES,
    Experiment,
    settings_under_present_names,
    under_present_names,
)


def warned(caught: list[warnings.WarningMessage]) -> list[str]:
    return [str(one.message).split("'")[1] for one in caught if one.category is FutureWarning]


@pytest.mark.parametrize(("former", "present"), FORMER_NAMES.items())
def test_a_former_name_loads_the_present_class(former: str, present: str) -> None:
    assert former not in predictor_methods()
    with pytest.warns(FutureWarning, match=f"'{former}' is called '{present}' now"):
        assert load_predictor(former) is load_predictor(present)


def test_arguments_that_name_predictors_are_renamed_with_one_warning_each() -> None:
    given = [
        "predictor=[buzz_volume,buzz_sentiment,my_buzz_volume]",
        "predictors.buzz_volume.window_days=7",
        "baseline=buzz_volume",
        "results=buzz_volume",
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = under_present_names(given)
    assert found == [
        "predictor=[attention_share,community_self_focus,my_buzz_volume]",
        "predictors.attention_share.window_days=7",
        "baseline=attention_share",
        "results=buzz_volume",
    ]
    assert warned(caught) == ["buzz_volume", "buzz_sentiment"]


def test_an_experiment_that_composes_a_former_name_gets_the_present_settings() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        former = hydra_setup.compose("+experiment=2017_r1", "predictor=[buzz_volume,uniform]")
    assert warned(caught) == ["buzz_volume"]
    present = hydra_setup.compose("+experiment=2017_r1", "predictor=[attention_share,uniform]")
    assert former.predictors == present.predictors


def test_settings_under_a_former_name_lie_over_the_present_ones() -> None:
    given = {"attention_share": {"source": "a", "window_days": 14}, "uniform": {}}
    with pytest.warns(FutureWarning):
        found = settings_under_present_names({**given, "buzz_volume": {"window_days": 7}})
    assert found == {"attention_share": {"source": "a", "window_days": 7}, "uniform": {}}


def test_a_baseline_by_its_former_name_is_found() -> None:
    with pytest.warns(FutureWarning, match="buzz_volume"):
        made = Experiment(predictors={"buzz_volume": {}}, baseline="buzz_volume")
    assert made.baseline == "attention_share"
    assert list(made.predictors) == ["attention_share"]


def test_settings_that_are_asked_for_by_a_former_name_are_those_of_the_present() -> None:
    with pytest.warns(FutureWarning):
        found = hydra_setup.predictor_settings("buzz_sentiment")
    assert found == hydra_setup.predictor_settings("community_self_focus")
    assert not Path("configs/predictor/buzz_sentiment.yaml").exists()
