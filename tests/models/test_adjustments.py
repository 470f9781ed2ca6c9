"""What can be done to a mean of polls beyond averaging, redone by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.models.polls.national_polls import (
    Adjustments,
    squeezed,
    undecided_part,
    undecided_variance,
)
from bench.models.polls.poll_table import age_weights, poll_table
from predictors.quota_poll import QuotaPoll
from tests.models.polls import NAMES, VOTE_ON, poll, share_of, table_of
from tests.predictors.test_polls import QUOTA, evidence

WEEKS = table_of(
    poll(2, share_of(0.5, 0.3, 0.2)), poll(10, share_of(0.4, 0.4, 0.2), institute="South")
)


def test_weights_saturate_at_the_inverse_variance_of_the_institute() -> None:
    table = poll_table(
        table_of(
            poll(2, share_of(0.5, 0.3, 0.2), n=1000),
            poll(2, share_of(0.5, 0.3, 0.2), n=1e9, institute="South"),
        ),
        NAMES,
        VOTE_ON,
    )
    # 1 / (1 / 1000 + 0.1^2 * 0.2) and 1 / (0.1^2 * 0.2)
    np.testing.assert_allclose(age_weights(table, 7.0, 0.1), [1 / 0.003, 1 / 0.002], rtol=1e-5)
    np.testing.assert_allclose(age_weights(table, 7.0), [1e3, 1e9])


def test_momentum_carries_a_part_of_the_weeks_change_on() -> None:
    table = poll_table(WEEKS, NAMES, VOTE_ON)
    found = Adjustments(momentum=0.5).shares(table, np.array([0.5, 0.3, 0.2]))
    new = np.array([0.5, 0.3, 0.2]) * np.sqrt([5 / 4, 3 / 4, 1.0])
    np.testing.assert_allclose(found, new / new.sum())


def test_a_squeeze_takes_from_the_third_tier_and_not_from_the_remainder() -> None:
    share, others = np.array([0.5, 0.38, 0.06, 0.06]), np.array([False, False, False, True])
    found = squeezed(share, others, 0.1)
    np.testing.assert_allclose(found[2] / found[3], np.exp(-0.1))
    np.testing.assert_allclose(found[0] / found[3], 0.5 / 0.06)


def test_the_undecided_widen_in_proportion_and_where_nobody_says_not_at_all() -> None:
    rows = WEEKS.assign(sample_size=1000.0, sample_expressed=[700.0] * 3 + [900.0] * 3)
    assert undecided_part(rows) == pytest.approx(0.2)
    assert undecided_part(rows.assign(sample_expressed=np.nan)) == 0.0
    assert undecided_variance(0.2, 0.1) == pytest.approx(0.01)
    assert undecided_variance(0.4, 0.1) == pytest.approx(0.04)
    calm, wide = (
        QuotaPoll(**{**QUOTA, "undecided_sd": sd}).predict(evidence(rows), np.random.default_rng(1))
        for sd in (0.0, 0.3)
    )
    pd.testing.assert_series_equal(calm.share, wide.share)
    assert (np.std(np.asarray(wide.draws), axis=0) > np.std(np.asarray(calm.draws), axis=0)).all()


def test_replicates_get_what_each_would_get_alone() -> None:
    method = QuotaPoll(**{**QUOTA, "momentum": 0.5, "squeeze": 0.2, "institute_sd": 0.1})
    rng = np.random.default_rng(2)
    value = np.abs(WEEKS["share"].to_numpy() + 0.02 * rng.standard_normal((3, len(WEEKS))))
    value /= value.reshape(3, 2, 3).sum(axis=2).repeat(3, axis=1)
    given = evidence(WEEKS)
    batch = EvidenceBatch(
        evidence=given, size=3, tables={"polls": BatchTable(rows=WEEKS, values={"share": value})}
    )
    found = method.predict_batch(batch)
    alone = [method.predict(batch.replicate(b), np.random.default_rng(0)).share for b in range(3)]
    np.testing.assert_allclose(found, alone, atol=1e-12)
