"""A study: the fast path is the slow path, and workers change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bench.simulation.replicates import bias_and_variance
from bench.simulation.study import KEY, Study, honest, run_block, shares, spoilt
from bench.simulation.threshold import threshold

from bench.core.batch import BatchPredictor
from bench.simulation.summaries import decomposition, long_errors, scored
from bench.studies.breaking_point.analysis import points, reached


def test_many_replicates_at_once_say_what_one_at_a_time_says(manipulation: Study) -> None:
    frames, batch = honest(manipulation, 0)
    spoilt_too = [
        spoilt(manipulation, 0, frames, batch, name, distortion, manipulation.doses[name][4])
        for name, distortion in manipulation.scenarios.items()
    ]
    for name, predictor in manipulation.predictors.items():
        assert isinstance(predictor, BatchPredictor)
        for one in (batch, *spoilt_too):
            fast = shares(manipulation, name, one)
            for b in (0, 3):
                evidence = one.replicate(b).only(predictor.needs)
                slow = predictor.predict(evidence, np.random.default_rng(0)).share
                slow = slow.reindex(list(one.candidates)).to_numpy(float)
                assert np.allclose(fast[b], slow, rtol=0, atol=1e-9, equal_nan=True), name


def _replicates(study: Study) -> pd.DataFrame:
    failures: dict[str, str] = {}
    blocks = [run_block(study, block, failures) for block in range(study.n_blocks)]
    assert not failures
    table = pd.concat(blocks, ignore_index=True)
    return pd.DataFrame(table.sort_values(KEY, kind="stable", ignore_index=True))


def test_a_new_method_changes_nobodys_numbers(manipulation: Study) -> None:
    few = {"last_poll": manipulation.predictors["last_poll"]}
    alone = _replicates(replace(manipulation, predictors=few, scenarios={}, doses={}))
    both = _replicates(replace(manipulation, scenarios={}, doses={}))
    both = both[both["predictor"] == "last_poll"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, both, check_exact=True)


def test_bias_and_variance_add_up(manipulation: Study) -> None:
    table = _replicates(replace(manipulation, scenarios={}, doses={}))
    pieces = scored(manipulation, table)
    for *_, rows, scores in pieces:
        group = rows["replicate"].to_numpy() // 6
        total, bias, variance = bias_and_variance(scores.error, group)
        assert total == pytest.approx(bias + variance, rel=1e-9)
    apart = decomposition(manipulation, pieces)
    assert np.allclose(apart["rmse_pp"] ** 2, apart["bias_pp"] ** 2 + apart["sd_pp"] ** 2)


def test_the_long_table_holds_every_error_once(manipulation: Study) -> None:
    table = _replicates(replace(manipulation, scenarios={}, doses={}))
    errors = long_errors(manipulation, scored(manipulation, table))
    key = ["scenario", "dose", "replicate", "predictor", "candidate", "score"]
    assert not errors.duplicated(key).any()
    assert len(errors) == len(table) * (11 + 3)
    signed = errors[errors["score"] == "signed_error"]
    assert (
        signed["value"]
        .groupby([signed["predictor"].astype(str), signed["replicate"]])
        .sum()
        .abs()
        .max()
        < 1e-9
    )


def test_first_and_pair_are_told_apart(manipulation: Study) -> None:
    said = np.full((1, 11), 0.05)
    said[0, [4, 8]] = 0.3, 0.4  # fillon second, macron first
    assert not reached(manipulation, "fillon", "first", said)[0]
    assert reached(manipulation, "fillon", "pair", said)[0]


def test_coming_first_never_takes_less_than_getting_into_the_runoff(manipulation: Study) -> None:
    settings = {
        **manipulation.settings,
        "down_rating_for": "fillon",
        "price_of_a_poll": 8000,
        "search": {
            name: {"smallest": 1, "largest": 3e6, "price_per_unit": 1}
            for name in ("app_brigading", "app_brigading_adaptive", "coordinated_down_rating")
        },
    }
    failures: dict[str, str] = {}
    found = points(
        replace(manipulation, settings=settings), 0, failures, scenarios=list(settings["search"]),
        beneficiaries=["fillon", "melenchon", "le_pen"], steps=8,
        predictors=["app_ratings", "app_raked", "app_robust", "online_ballot"],
    )  # fmt: skip
    assert not failures
    wide = found.pivot(
        index=["scenario", "beneficiary", "predictor"], columns="event", values="dose"
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
