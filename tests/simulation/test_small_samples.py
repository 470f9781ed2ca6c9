"""Fewer people, drawn without replacement: the textbook's mean and variance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.core import ConfigError, Evidence
from bench.core.evidence import one_replicate
from bench.simulation.distortions import Distortion, make_distortion
from bench.simulation.simulate import Simulation
from bench.studies.distortions.real import NUMBERS, distort_evidence

SETTINGS = {"assumed_interviews": 1000.0, "assumed_raters": 3000.0}


@pytest.fixture(scope="module")
def fewer() -> Distortion:
    return make_distortion("small_samples", SETTINGS)


def test_polls_have_the_mean_and_the_variance_of_the_textbook(
    fewer: Distortion, first_round_2017: Evidence
) -> None:
    polls = first_round_2017["polls"]
    poll = polls[polls["poll_id"] == polls["poll_id"].iloc[-1]].reset_index(drop=True)
    at = int(poll["share"].argmax())
    asked = int(poll["sample_expressed"].iloc[0])
    one = replace(first_round_2017, tables={"polls": poll})
    batch = one_replicate(one, NUMBERS)
    values = {k: np.repeat(v, 3000, axis=0) for k, v in batch["polls"].values.items()}
    many = replace(batch.with_tables(polls=batch["polls"].with_values(**values)), size=3000)
    drawn = fewer.evidence_at(0.8, many, np.random.default_rng(0))
    told = drawn["polls"].values["share"][:, at]
    p = round(poll["share"].iloc[at] * asked) / asked
    m = round(0.2 * asked)
    variance = p * (1 - p) / m * (asked - m) / (asked - 1)
    assert told.mean() == pytest.approx(p, abs=4 * np.sqrt(variance / 3000))
    assert told.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / 3000))
    bad = distort_evidence(one, fewer, 0.8, np.random.default_rng(1))["polls"]
    assert bad["sample_expressed"].eq(m).all()
    assert np.allclose(bad["share"] * m, (bad["share"] * m).round())


def test_of_apps_and_ballots_the_promised_part_is_left(
    fewer: Distortion, manipulation: Simulation
) -> None:
    batch = manipulation.clean(0)[1]
    bad = fewer.evidence_at(0.9, batch, np.random.default_rng(1))
    for name, column in (("app_support", "users"), ("online_ballot", "declared_votes")):
        before, after = batch[name].values[column], bad[name].values[column]
        assert (after <= before).all()
        assert after.sum(axis=1) == pytest.approx(np.round(0.1 * before.sum(axis=1)))
    was, now = (one["app_support"].values for one in (batch, bad))
    stayed = now["users"] > 0
    each = was["votes"][stayed] / was["users"][stayed]
    assert np.allclose(now["votes"][stayed] / now["users"][stayed], each)
    left = bad["ratings"].values["n"] - 0.1 * batch["ratings"].values["n"]
    assert np.abs(left).max() <= 0.5 + 1e-6
    ballots = bad["online_ballot"].values
    assert (ballots["approvals"] <= ballots["ballots"]).all()
    assert bad["buzz"] is batch["buzz"]


def test_nobody_at_all_is_refused(fewer: Distortion, first_round_2017: Evidence) -> None:
    with pytest.raises(ConfigError, match="accepted: below 1"):
        distort_evidence(first_round_2017, fewer, 1.0, np.random.default_rng(1))
