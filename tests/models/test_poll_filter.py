from __future__ import annotations

import numpy as np
import pytest

from bench.core import ForecastError
from bench.models.log_ratio import FLOOR, closed, contrasts, softmax
from bench.models.polls.poll_filter import (
    MIN_SIZE,
    START_SD,
    Observation,
    _has_rest,
    _observed,
    _pieces,
    filter_polls,
)
from bench.models.polls.poll_table import PollTable, pattern, poll_table
from tests.models.polls import NAMES, VOTE_ON, poll, share_of, table_of


def arranged(*polls: list[dict[str, object]]) -> PollTable:
    return poll_table(table_of(*polls), NAMES, VOTE_ON)


def several() -> PollTable:
    return arranged(
        poll(20, share_of(0.50, 0.30, 0.20)),
        poll(12, share_of(0.46, 0.33, 0.21), institute="South", n=800),
        poll(9, share_of(0.48, 0.30), n=600),
        poll(4, share_of(0.44, 0.36, 0.20), institute="East"),
        poll(2, share_of(0.56, 0.44), institute="South"),
    )


def observation(share: np.ndarray, respondents: float, usual: np.ndarray) -> Observation:
    return _observed(share, respondents, _pieces(~np.isnan(share), _has_rest(share), usual))


def test_no_poll_is_refused() -> None:
    table = several()
    with pytest.raises(ForecastError, match="no poll"):
        filter_polls(table.take(np.zeros(len(table), dtype=bool)), [0.02], [0.05], [0.0])


def test_one_poll_has_the_variance_of_the_multinomial() -> None:
    share = np.array([0.5, 0.3, 0.2])
    seen = observation(share, 1000.0, share)
    # back to shares: J H' R H J must be the multinomial's (diag(p) - p p') / n, plus rounding
    jacobian = np.diag(share) - np.outer(share, share)
    basis = contrasts(3)
    back = np.linalg.inv(seen.matrix)
    log_noise = basis @ back @ seen.noise @ back.T @ basis.T
    rounding = jacobian @ np.diag(FLOOR**2 / 3.0 / share**2) @ jacobian
    np.testing.assert_allclose(jacobian @ log_noise @ jacobian, jacobian / 1000.0 + rounding)


def test_a_remainder_is_seen_as_the_sum_of_those_it_merges() -> None:
    usual = np.array([0.4, 0.3, 0.2, 0.1])
    seen = observation(np.array([0.4, 0.3, np.nan, np.nan]), 1000.0, usual)
    z = contrasts(4).T @ np.log(usual)
    np.testing.assert_allclose(seen.matrix @ z, seen.value, atol=1e-12)
    # the split between the two merged candidates is not seen
    assert seen.matrix.shape == (2, 3)


def test_the_filter_equals_dense_conditioning() -> None:
    table = several()
    walk, house, extra = 0.02, 0.05, 0.03
    state = filter_polls(table, [walk], [house], [extra])
    usual = closed(pattern(table))
    basis = contrasts(3)
    shape = basis.T @ np.diag(0.2 / np.maximum(usual, MIN_SIZE)) @ basis
    first = table.days[0]
    n, k = len(table), len(table.institutes)
    centre = np.eye(k) - 1.0 / k  # covariance of effects that sum to zero
    seen = [observation(table.share[j], table.respondents[j], usual) for j in range(n)]

    def prior(i: int, j: int) -> np.ndarray:
        elapsed = min(first - table.days[i], first - table.days[j])
        return basis.T @ basis * START_SD**2 + elapsed * walk**2 * shape

    def block(i: int, j: int) -> np.ndarray:
        between = centre[table.institute[i], table.institute[j]]
        signal = prior(i, j) + house**2 * between * shape
        if i == j:
            own = seen[i].matrix @ (signal + extra**2 * shape) @ seen[i].matrix.T
            return own + seen[i].noise
        return seen[i].matrix @ signal @ seen[j].matrix.T

    total = np.block([[block(i, j) for j in range(n)] for i in range(n)])
    start = basis.T @ np.log(usual)
    gap = np.concatenate([o.value - o.matrix @ start for o in seen])
    cross = np.hstack([prior(n - 1, j) @ seen[j].matrix.T for j in range(n)])
    gain = np.linalg.solve(total, cross.T).T
    mean = start + gain @ gap
    covariance = prior(n - 1, n - 1) - gain @ cross.T
    np.testing.assert_allclose(state.log_weight, basis @ mean, atol=1e-8)
    np.testing.assert_allclose(
        state.covariance, state.overdispersion * basis @ covariance @ basis.T, atol=1e-8
    )


def test_house_effects_sum_to_zero_and_point_the_right_way() -> None:
    polls = []
    for days in range(2, 42, 2):
        polls.append(poll(days, share_of(0.50, 0.30, 0.20)))
        polls.append(poll(days, share_of(0.44, 0.36, 0.20), institute="South"))
    state = filter_polls(arranged(*polls), [0.005], [0.05], [0.0])
    np.testing.assert_allclose(state.house.sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(state.house.sum(axis=1), 0.0, atol=1e-12)
    assert state.house[0, 0] > 0.03  # North is high on ash
    assert softmax(state.log_weight)[0] == pytest.approx(0.47, abs=0.003)
