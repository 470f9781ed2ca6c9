"""Settings are composed of YAML files and of what people typed."""

from __future__ import annotations

from bench.core.compose import as_typed, compose


def test_predictors_that_were_not_chosen_leave_nothing_behind() -> None:
    typed = as_typed(
        ["+experiment=2017_r1_bias", "predictor=[quota_poll,app_ratings]", "baseline=quota_poll"]
    )
    predictors = compose(*typed).predictors
    assert set(predictors) == {"quota_poll", "app_ratings"}
    assert predictors["app_ratings"]["source"] == "app"
