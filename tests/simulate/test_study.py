"""A study: the fast path is the slow path, and workers change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.contract.batch import BatchPredictor
from bench.run.simulation.breaking_point import Question, reached
from bench.run.simulation.study import KEY, Study, honest, run_block, shares, spoilt
from bench.run.simulation.summaries import decomposition, long_errors, scored
from bench.score.replicates import bias_and_variance
from bench.simulate.staircase import breaking_point


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
    ask = Question(scenario="x", beneficiary="fillon", predictor="y", event="first")
    assert not reached(manipulation, ask, said)[0]
    assert reached(manipulation, replace(ask, event="pair"), said)[0]


def test_the_staircase_finds_a_known_threshold() -> None:
    rng = np.random.default_rng(4)

    def happens(dose: float, step: int) -> np.ndarray:
        chance = dose**2 / (dose**2 + 300.0**2)
        return rng.random(100) < chance

    found = breaking_point(happens, smallest=1, largest=1e5, steps=30)
    assert found.status == "found"
    assert found.low < 300 < found.high
    assert found.high / found.low < 1.4


def test_the_staircase_says_when_there_is_nothing_to_find() -> None:
    never = breaking_point(lambda d, s: np.zeros(5, bool), smallest=1, largest=9, steps=3)
    always = breaking_point(lambda d, s: np.ones(5, bool), smallest=1, largest=9, steps=3)
    assert (never.status, always.status, always.dose) == ("beyond", "at once", 0.0)
