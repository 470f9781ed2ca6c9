"""Simulation checks simulation: without bias every instrument is unbiased."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from bench.core import ConfigError
from bench.core.predictor import generator
from bench.simulation.distortions.house_effect import HouseEffect
from bench.simulation.frame import frame_of
from bench.simulation.simulate import Simulation, shares


def test_without_bias_the_mean_over_replicates_is_the_vote(unbiased: Simulation) -> None:
    truth = unbiased.electorate.share
    blocks = [unbiased.clean(block)[1] for block in range(unbiased.n_blocks)]
    for name in ("online_ballot", "app_raked", "quota_poll", "last_poll"):
        said = np.concatenate([shares(unbiased, name, batch) for batch in blocks])
        error = said.mean(axis=0) - truth
        # a ratio estimator has a bias of order 1 / n besides Monte-Carlo error, and the mean of
        # what polls let expect lies a little below their largest shares
        bias = 3e-3 if name in ("quota_poll", "last_poll") else 1e-4
        allowed = 4 * said.std(axis=0) / np.sqrt(len(said)) + bias
        assert (np.abs(error) < allowed).all(), name


def test_intervals_of_an_unbiased_ballot_cover_at_their_rate(unbiased: Simulation) -> None:
    truth = unbiased.electorate.share
    batch = unbiased.clean(0)[1]
    predictor = unbiased.predictors["online_ballot"]
    inside = []
    for b in range(60):
        forecast = predictor.predict(
            batch.replicate(b).only(predictor.needs), np.random.default_rng(b)
        )
        assert forecast.draws is not None
        low, high = np.quantile(forecast.draws, [0.1, 0.9], axis=0)
        inside.append((low <= truth) & (truth <= high))
    rate = np.mean(inside, axis=0)
    # 60 replicates: standard error of a rate of 0.8 is 0.052
    assert (np.abs(rate - 0.8) < 4.5 * 0.052).all()
    assert np.mean(inside) == pytest.approx(0.8, abs=0.045)


def test_quotas_make_a_poll_no_worse_than_a_random_sample(unbiased: Simulation) -> None:
    truth = unbiased.electorate.share
    said = shares(unbiased, "quota_poll", unbiased.clean(0)[1])
    n = unbiased.facts.calendar["respondents"].sum()
    random = np.sqrt(truth * (1 - truth) / n)
    big = truth > 0.1
    assert (said.std(axis=0)[big] < 1.15 * random[big]).all()


def test_a_random_poll_is_unbiased_too(unbiased: Simulation) -> None:
    from bench.simulation.instruments.random_poll import RandomPoll

    poll = RandomPoll(interest={}, rounding=0.0)
    frame = poll.frame(unbiased.electorate, unbiased.facts)
    table = poll.collect(frame, unbiased.facts, 300, np.random.default_rng(1))["polls"]
    found = table.values["share"].reshape(300, -1, 11).mean(axis=1)
    error = found.mean(axis=0) - unbiased.electorate.share
    assert (np.abs(error) < 4 * found.std(axis=0) / np.sqrt(300)).all()


def test_a_thousand_users_and_a_hundred_million_take_the_same_arrays(
    manipulation: Simulation,
) -> None:
    for n in (10**4, 10**8):
        frame = replace(manipulation.frames["opt_in_app"], n_respondents=float(n))
        rng = generator(1, "size")
        made = manipulation.instruments["opt_in_app"].collect(frame, manipulation.facts, 3, rng)
        users = made["app_support"].values["users"]
        assert users.sum(axis=1).tolist() == [n] * 3
        assert users.shape == (3, 6 * 2 * 7 * 11 * 6)


def test_merged_quota_groups_must_hold_every_group(manipulation: Simulation) -> None:
    with pytest.raises(Exception, match="each of"):
        frame_of(
            manipulation.electorate,
            "poll",
            ("age",),
            np.ones(1),
            n_respondents=10,
            coarse={"age": {"young": ["18-24"]}},
        )


def test_only_institutes_err_each_for_itself(manipulation: Simulation) -> None:
    app = manipulation.frames["opt_in_app"]
    for shared in (True, False):
        lean = HouseEffect(instruments=("opt_in_app",), shared=shared)
        refused = nullcontext() if shared else pytest.raises(ConfigError, match="makes no polls")
        with refused:
            lean.frame_at(1.0, app, 2, np.random.default_rng(1))
