"""A simulation: many replicates at once say what one at a time says, and errors add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core.evidence import BatchPredictor
from bench.metrics.replicates import bias_and_variance
from bench.simulation.simulate import KEY, Simulation, shares, simulate_block
from bench.simulation.summaries import decomposition, scored


def test_many_replicates_at_once_say_what_one_at_a_time_says(manipulation: Simulation) -> None:
    frames, batch = manipulation.clean(0)
    rng = np.random.default_rng(0)
    asked = [(batch, [*manipulation.predictors])]
    for name, one in manipulation.distortions.items():
        bad = manipulation.distorted(0, frames, batch, name, one.distortion, one.doses[4])
        asked.append((bad, one.readers(manipulation.predictors)))
    for given, names in asked:
        for name in names:
            predictor = manipulation.predictors[name]
            assert isinstance(predictor, BatchPredictor)
            slow = predictor.predict(given.replicate(3).only(predictor.needs), rng).share
            slow = slow.reindex(list(given.candidates)).to_numpy(float)
            fast = shares(manipulation, name, given)[3]
            assert np.allclose(fast, slow, rtol=0, atol=1e-9, equal_nan=True), name


def _replicates(study: Simulation) -> pd.DataFrame:
    failures: dict[str, str] = {}
    blocks = [simulate_block(study, block, failures) for block in range(study.n_blocks)]
    assert not failures
    table = pd.concat(blocks, ignore_index=True)
    return pd.DataFrame(table.sort_values(KEY, kind="stable", ignore_index=True))


def test_a_new_method_changes_nobodys_numbers(manipulation: Simulation) -> None:
    few = {"last_poll": manipulation.predictors["last_poll"]}
    alone = _replicates(replace(manipulation, predictors=few, distortions={}))
    both = _replicates(replace(manipulation, distortions={}))
    both = both[both["predictor"] == "last_poll"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, both, check_exact=True)


def test_bias_and_variance_add_up(manipulation: Simulation) -> None:
    table = _replicates(replace(manipulation, distortions={}))
    found = scored(manipulation, table)
    for one in found:
        total, bias, variance = bias_and_variance(one.scores.error, one.replicate // 6)
        assert total == pytest.approx(bias + variance, rel=1e-9)
    apart = decomposition(found, 6)
    assert (apart["electorates"] == 2).all()
    assert np.allclose(apart["rmse_pp"] ** 2, apart["bias_pp"] ** 2 + apart["sd_pp"] ** 2)
