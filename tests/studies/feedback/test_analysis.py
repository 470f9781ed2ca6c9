"""Feedback against its threshold, and its tests against another package and their size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.core import ConfigError
from bench.core.compose import compose
from bench.studies.feedback.analysis import Feedback, analyse, p_by_test, p_values

NONE = Feedback(users=3000, share=0.2, odds=2.0, reproduction=0.0, believers=0.0, lifetime_days=5.0)
CROWD = replace(NONE, users=1e15)  # chance is next to nothing


@pytest.mark.parametrize(
    ("recruits", "believers"), [(0.5, 0.0), (0.9, 0.0), (1.1, 0.0), (0.0, 0.4), (0.0, 0.7)]
)
def test_a_small_push_fades_below_one_and_grows_above(recruits: float, believers: float) -> None:
    model = replace(CROWD, reproduction=recruits, believers=believers)
    # believers move the figure without a push too: it is pushed from where it ends
    end = model.level if recruits == 0 else 1 / 3
    push = 0.001 + (end - 1 / 3) / (1 - end)
    figure = model.series(push, 60, 1000, 1, np.random.default_rng(1))["figure"][0]
    excess = figure - end
    daily = (excess[60] / excess[40]) ** 0.05
    r = model.total_reproduction
    assert daily == pytest.approx(1 - (1 - r) / 5, abs=2e-3)
    assert (daily > 1) == (r > 1)


def test_by_hand_where_it_ends_and_how_fast() -> None:
    # odds 2 of a fifth: (2 / 5) / (4 / 5 + 2 / 5) = 1 / 3
    assert float(NONE.joins(0.2)) == pytest.approx(1 / 3)
    assert replace(NONE, reproduction=0.9).level == pytest.approx(1 / 3)
    assert replace(NONE, reproduction=1.5).level == pytest.approx(1 - (2 / 3) / 1.5)
    assert replace(NONE, lifetime_days=2.0).half_life_days == pytest.approx(1.0)
    assert np.isnan(replace(NONE, reproduction=1.1).half_life_days)


def test_what_runs_away_stops_at_its_level() -> None:
    model = replace(NONE, reproduction=2.0)
    figure = model.series(0.1, 150, 1000, 200, np.random.default_rng(1))["figure"][:, -1]
    assert figure.mean() == pytest.approx(model.level, abs=4 * figure.std() / np.sqrt(200) + 1e-3)


def test_p_values_are_those_of_another_package() -> None:
    from statsmodels.api import OLS

    y, x, z = np.random.default_rng(1).normal(size=(3, 2, 12)) + 100
    found = p_values(y, x, z)
    for b in range(2):
        fit = OLS(y[b], np.column_stack([np.ones(12), x[b], z[b]])).fit()
        two_sided, above = fit.pvalues[1], fit.params[1] > 0
        assert found[b] == pytest.approx(two_sided / 2 if above else 1 - two_sided / 2, abs=1e-9)


def test_size_and_power_of_the_readers() -> None:
    n, rng = 2000, np.random.default_rng(1)
    rates = {
        r: {
            name: float((p < 0.05).mean())
            for name, p in p_by_test(
                replace(NONE, reproduction=r).series(0.1, 30, 1000, n, rng)
            ).items()
        }
        for r in (0.0, 1.5)
    }
    for test in ("new_users", "poll"):  # standard error of 5 %: 0.5 points
        assert rates[0.0][test] == pytest.approx(0.05, abs=0.02)
    assert rates[0.0]["figure"] > 0.9  # users stay: dependence without feedback
    assert rates[1.5]["new_users"] > 0.9
    assert rates[1.5]["poll"] == pytest.approx(0.05, abs=0.02)  # nobody believes


@pytest.mark.parametrize(
    "wrong", [{"share": 1.2}, {"believers": -0.1}, {"lifetime_days": 1.0}, {"reproduction": -1.0}]
)
def test_numbers_outside_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="accepted"):
        replace(NONE, **wrong)


def test_a_series_too_short_for_its_tests_is_refused() -> None:
    made = compose("+experiment=feedback", "settings.days=[5]", "results=")
    with pytest.raises(ConfigError, match="10 or more"):
        analyse(made)
