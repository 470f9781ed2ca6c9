"""Settings: what is refused and accepted, bounds included."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from bench.core import ConfigError
from bench.core.settings import (
    Execution,
    Experiment,
    least_polled,
)


def experiment(**given: Any) -> Experiment:
    """Settings that a run can use, but for those given."""
    usable: dict[str, Any] = {
        "elections": ["toy"],
        "rounds": [1],
        "days_before": [2],
        "predictors": {"uniform": {}},
    }
    return Experiment(**{**usable, **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"engine": "dusk"}, "execution.engine is 'dusk' (did you mean 'dask'?"),
        ({"engine": "dask"}, "execution.address is ''"),
        ({"workers": 0}, "execution.workers is 0"),
        ({"memory_limit_mb": 0}, "execution.memory_limit_mb is 0"),
        ({"time_limit_s": 0.0}, "execution.time_limit_s is 0.0"),
        ({"time_limit_s": float("inf")}, "execution.time_limit_s is inf"),
    ],
)
def test_an_execution_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}"):
        experiment(execution=Execution(**given)).check()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"elections": []}, "the setting 'elections' is empty"),
        ({"rounds": []}, "the setting 'rounds' is empty"),
        ({"predictors": {}}, "the setting 'predictors' is empty"),
        ({"language": "fe"}, "the language is 'fe' (known: en, fr)"),
        ({"ranked_on": "polled"}, "ranked_on is 'polled'; accepted: polled_10"),
        ({"audit": "require"}, "audit is 'require'; accepted: false, true, required"),
        ({"elections": "toy"}, "elections is 'toy'; accepted: a list"),
        ({"rounds": 1}, "rounds is 1; accepted: a list"),
        ({"as_of": "now", "days_before": []}, "as_of is 'now'; accepted: a list"),
        ({"days_before": 2}, "days_before is 2; accepted: a list"),
        ({"include_embargoed": "app"}, "include_embargoed is 'app'; accepted: a list"),
        ({"hour": "8:00"}, "hour: '8:00' is not a moment"),
        ({"hour": "20:00Z"}, "hour: '20:00Z' is not a moment"),
        ({"hour": "25:00"}, "hour: '25:00' is not a moment"),
        ({"as_of": ["2017-04-21"]}, "as_of is ['2017-04-21'] and days_before is [2], and both"),
        ({"days_before": []}, "as_of and days_before are both empty"),
        ({"n_draws": 1}, "n_draws is 1; accepted: 2 and above"),
        ({"poll_half_life_days": 0}, "poll_half_life_days is 0; accepted: days above 0, or lear"),
        ({"poll_half_life_days": float("inf")}, "poll_half_life_days is inf"),
        ({"poll_half_life_days": "lerned"}, "poll_half_life_days is lerned"),
        ({"days_before": [2, -1]}, "days_before holds -1; accepted: 0 to 36500"),
        ({"days_before": [36501]}, "days_before holds 36501"),
        ({"poll_lag_days": -1}, "poll_lag_days is -1; accepted: 0 to 30, or null"),
        ({"poll_lag_days": 31}, "poll_lag_days is 31"),
        ({"seed": -1}, "seed is -1; accepted: 0 and above, below 2^63"),
        ({"seed": 2**63}, "seed is 9223372036854775808"),
        ({"name": "../x"}, "name is or holds '../x', which names files"),
        ({"name": ".x"}, "name is or holds '.x'"),
        ({"name": "x" * 101}, "name is or holds 'xxx"),
        ({"predictors": {"uniform": {}, "a b": {}}}, "predictors is or holds 'a b'"),
        ({"predictors": {"uniform": 3}}, "predictors.uniform is 3; accepted: its settings"),
        ({"title": "x" * 401}, "title has 401 letters"),
        ({"results": "x" * 1000}, "results has 1,000 letters"),
        *(
            (
                {"as_of": ["2017-04-21T20:00", moment], "days_before": []},
                f"as_of is '{moment}'; acc",
            )
            for moment in ("01/04/2017", "2017-04-21T20:00+02:00", "1677-12-31T20:00", "25:00")
        ),
    ],
)
def test_settings_that_no_run_can_use_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}"):
        experiment(**given).check()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"as_of": ["1678-01-01", "2261-12-31T23:59"], "days_before": []},
        {"days_before": [0, 36500], "hour": "00:00", "n_draws": 2, "poll_lag_days": 0, "seed": 0},
        {"audit": "required", "poll_half_life_days": "learned", "poll_lag_days": 30},
        {"audit": True, "poll_half_life_days": 0.5, "poll_lag_days": None, "seed": 2**63 - 1},
        {"name": "_a-b.c1", "title": "x" * 400, "ranked_on": [], "results": "../elsewhere/x"},
        {"name": "x" * 100, "title": "", "ranked_on": "polled_1"},
        {"name": "a", "ranked_on": "polled_99"},
    ],
)
def test_settings_on_the_bounds_are_accepted(given: dict[str, Any]) -> None:
    experiment(**given).check()


@pytest.mark.parametrize("needed", ["rounds", "predictors", "as_of"])
def test_a_study_is_asked_only_for_what_it_needs(needed: str) -> None:
    empty = Experiment()
    empty.check([], elections=False)
    with pytest.raises(ConfigError, match=f"{needed}.* empty"):
        empty.check([needed], elections=False)
    with pytest.raises(ConfigError, match="'elections' is empty"):
        empty.check([])


def test_moments_are_those_of_each_vote_once_and_in_order() -> None:
    vote_on = pd.Timestamp("2031-04-06")
    before = experiment(days_before=[2, 30, 2], hour="08:30").moments(vote_on)
    assert before == [pd.Timestamp("2031-03-07T08:30"), pd.Timestamp("2031-04-04T08:30")]
    stated = experiment(as_of=["2031-04-05T20:00", "2031-04-01"], days_before=[])
    assert stated.moments(vote_on) == [pd.Timestamp("2031-04-01"), pd.Timestamp("2031-04-05T20:00")]


@pytest.mark.parametrize(
    "given", ["polled_0", "polled_100", "polled_05", "x", [1], ["a"], ["a", "a"], None, 10]
)
def test_another_rule_of_ranking_is_refused(given: object) -> None:
    with pytest.raises(ConfigError, match=rf"^ranked_on is {re.escape(repr(given))}; accepted"):
        least_polled(given)
