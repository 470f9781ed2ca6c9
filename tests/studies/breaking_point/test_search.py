"""Breaking points: events told apart, thresholds in order and found to the last halving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.core.settings import Experiment
from bench.simulation.simulate import Simulation
from bench.studies.breaking_point.analysis import settings_of_points
from bench.studies.breaking_point.search import points, reached, threshold


def test_first_and_pair_are_told_apart(manipulation: Simulation) -> None:
    said = np.full((1, 11), 0.05)
    said[0, [4, 8]] = 0.3, 0.4  # fillon second, macron first
    assert not reached(manipulation, "fillon", "first", said)[0]
    assert reached(manipulation, "fillon", "pair", said)[0]


def test_coming_first_never_takes_less_than_getting_into_the_runoff(
    manipulation: Simulation, composed: Callable[..., Experiment]
) -> None:
    names = ("app_brigading", "coordinated_down_rating")
    experiment = composed("+experiment=2017_breaking_point")
    search = {name: {"smallest": 1, "largest": 3e6, "price_per_unit": 1} for name in names}
    settings = replace(settings_of_points(experiment), search=search)
    failures: dict[str, str] = {}
    found = points(
        manipulation,
        settings,
        0,
        failures,
        distortions=names,
        beneficiaries=["fillon", "le_pen"],
        steps=6,
        predictors=["app_ratings", "online_ballot"],
    )
    assert not failures
    wide = found.pivot(
        index=["distortion", "beneficiary", "predictor"], columns="event", values="dose"
    )
    assert (wide["pair"] <= wide["first"]).all()
    assert (wide["pair"] < wide["first"]).any()


@pytest.mark.parametrize("seed", range(5))
def test_what_follows_from_something_else_has_no_larger_threshold(seed: int) -> None:
    # not even where neither grows with the dose
    noise = np.random.default_rng(seed).random(10_001)

    def rare(dose: float) -> float:
        return float(noise[int(dose)]) if 0 < dose < 10_000 else float(dose > 0)

    def often(dose: float) -> float:
        return min(rare(dose) + 0.2, 1.0)

    ends = [threshold(one, smallest=1, largest=1e4, steps=9).dose for one in (rare, often)]
    assert ends[1] <= ends[0]


def test_a_threshold_is_found_to_the_last_halving() -> None:
    found = threshold(lambda dose: float(dose >= 300), smallest=1, largest=1e5, steps=12)
    assert found.status == "found"
    assert 300 <= found.dose <= 300 * 1e5 ** (1 / 2**12)


def test_a_threshold_says_when_there_is_nothing_to_find() -> None:
    never = threshold(lambda dose: 0.0, smallest=1, largest=9, steps=3)
    always = threshold(lambda dose: 1.0, smallest=1, largest=9, steps=3)
    assert (never.status, never.dose) == ("beyond", np.inf)
    assert (always.status, always.dose) == ("at once", 0.0)
