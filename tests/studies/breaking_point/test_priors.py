"""Assumed settings and what else they might be."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from bench.core import ConfigError, paths
from bench.core.settings import Experiment
from bench.studies.breaking_point.analysis import changed, every_prior
from bench.studies.breaking_point.priors import draws, priors_of


@pytest.fixture(scope="module")
def experiment(composed: Callable[..., Experiment]) -> Experiment:
    return composed("+experiment=2017_breaking_point")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n": {"distribution": "lognormla", "spread": 1}}, "did you mean 'lognormal'"),
        ({"n": {"distribution": "uniform", "low": 1}}, "accepted for uniform: distribution, high"),
        ({"m": {"distribution": "lognormal", "spread": 1}}, "no such setting"),
    ],
)
def test_a_prior_that_says_nothing_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        priors_of({"instruments.app": {"n": 10, "priors": given}})


def test_another_value_of_nothing_is_refused(experiment: Experiment) -> None:
    with pytest.raises(ConfigError, match=r"opt_in_app\.n_usres' is no setting"):
        changed(experiment, {"instruments.opt_in_app.n_usres": 3})


def test_draws_fill_every_quantile_and_do_not_depend_on_other_priors() -> None:
    section = {
        "n": 10.0,
        "p": 0.9,
        "priors": {
            "n": {"distribution": "uniform", "low": 0, "high": 1},
            "p": {"distribution": "logitnormal", "spread": 0.5},
        },
    }
    both = priors_of({"a": section})

    def rngs() -> dict[str, np.random.Generator]:
        return {one.path: np.random.default_rng(i) for i, one in enumerate(both)}

    drawn = draws(both, 20, rngs())
    assert sorted(int(20 * one["a.n"]) for one in drawn) == list(range(20))
    alone = draws(both[:1], 20, rngs())
    assert [one["a.n"] for one in alone] == [one["a.n"] for one in drawn]
    assert all(0 < one["a.p"] < 1 for one in drawn)


def test_what_is_marked_an_assumption_has_a_prior() -> None:
    attacks = (
        *("app_brigading", "app_brigading_adaptive", "astroturf", "bot_amplification"),
        *("fabricated_polls", "selective_publication", "sockpuppet_panelists"),
        "vote_budget_farming",
    )
    distortions = [paths.configs() / "distortion" / f"{name}.yaml" for name in attacks]
    for place in (*(paths.configs() / "instrument").glob("*.yaml"), *distortions):
        body, _, priors = place.read_text(encoding="utf-8").partition("\npriors:\n")
        assumed = re.findall(r"^((?!assumed_)\w+): .*# .*assumption", body, flags=re.MULTILINE)
        known = re.findall(r"^  (\w+): ", priors, flags=re.MULTILINE)
        assert set(assumed) <= set(known), place


def test_every_prior_names_a_setting_of_the_experiment(experiment: Experiment) -> None:
    priors = every_prior(experiment)
    assert len(priors) > 35
    ends = {one.path: [one.at(0.05), one.at(0.95)] for one in priors}
    assert all(low != high for low, high in ends.values())
