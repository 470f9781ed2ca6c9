"""Assumed settings and what else they might be."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, paths
from bench.core.settings import Experiment
from bench.studies.breaking_point.analysis import changed, every_prior, sensitivity
from bench.studies.breaking_point.priors import Prior, draws, priors_of


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


def test_another_value_leaves_the_experiment_alone(experiment: Experiment) -> None:
    before = experiment.instruments["opt_in_app"]["n_users"]
    other = changed(experiment, {"instruments.opt_in_app.n_users": 3})
    assert other.instruments["opt_in_app"]["n_users"] == 3
    assert experiment.instruments["opt_in_app"]["n_users"] == before


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


@pytest.mark.parametrize(
    "place",
    [
        *sorted((paths.configs() / "instrument").glob("*.yaml")),
        *(
            paths.configs() / "scenario" / f"{name}.yaml"
            for name in (
                "app_brigading",
                "app_brigading_adaptive",
                "astroturf",
                "bot_amplification",
                "fabricated_polls",
                "selective_publication",
                "sockpuppet_panelists",
                "vote_budget_farming",
            )
        ),
    ],
    ids=lambda place: place.stem,
)
def test_what_is_marked_an_assumption_has_a_prior(place: object) -> None:
    text = place.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    body, _, priors = text.partition("\npriors:\n")
    assumed = re.findall(r"^((?!assumed_)\w+): .*# .*assumption", body, flags=re.MULTILINE)
    known = re.findall(r"^  (\w+): ", priors, flags=re.MULTILINE)
    assert set(assumed) <= set(known)


def test_every_prior_names_a_setting_of_the_experiment(experiment: Experiment) -> None:
    priors = every_prior(experiment)
    assert len(priors) > 35
    ends = {one.path: [one.at(0.05), one.at(0.95)] for one in priors}
    assert all(low != high for low, high in ends.values())


def test_the_ends_of_a_prior_are_written_without_exponents() -> None:
    base = pd.DataFrame(
        [
            {
                "scenario": "bots",
                "beneficiary": "ash",
                "predictor": "tone",
                "event": "first",
                "dose": 80.0,
            }
        ]
    )
    ends = [
        base.assign(world=f"{end} posts.n", dose=dose)
        for end, dose in (("low", 20.0), ("high", 200.0))
    ]
    prior = Prior(path="posts.n", value=1e6, distribution="loguniform", low=1e5, high=1e7)
    (row,) = sensitivity(base, ends, [prior]).to_dict("records")
    # 10 ** 5.1 and 10 ** 6.9
    assert (row["at_low"], row["at_high"]) == ("130,000", "7,900,000")
    assert row["factor"] == pytest.approx(10)
