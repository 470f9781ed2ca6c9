"""Bradley–Terry against a published analysis, and where it has no answer."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core import Abstain
from bench.models.bradley_terry import strengths

# American League East, 1987, games won by the row against the column; Agresti (2002), table 10.10,
# as in `baseball` of the R package BradleyTerry2, home and away together
BASEBALL = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],  # Milwaukee
        [6, 0, 7, 5, 11, 9, 9],  # Detroit
        [4, 6, 0, 7, 7, 8, 12],  # Toronto
        [6, 8, 6, 0, 6, 7, 10],  # New York
        [6, 2, 6, 7, 0, 7, 12],  # Boston
        [4, 4, 5, 6, 6, 0, 6],  # Cleveland
        [2, 4, 1, 3, 1, 7, 0],  # Baltimore
    ],
    dtype=float,
)
PUBLISHED = (1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839)  # coefficients of BTm, Baltimore 0


def test_baseball_has_the_published_strengths() -> None:
    found = strengths(BASEBALL)
    assert found.sum() == pytest.approx(0, abs=1e-9)
    assert found[:-1] - found[-1] == pytest.approx(PUBLISHED, abs=5e-5)


def test_the_likeliest_strengths_expect_the_wins_that_were_seen() -> None:
    odds = np.exp(strengths(BASEBALL))
    played = BASEBALL + BASEBALL.T
    expected = (played * odds[:, None] / (odds[:, None] + odds)).sum(axis=1)
    assert expected == pytest.approx(BASEBALL.sum(axis=1), rel=1e-6)


def test_a_pair_that_never_met_is_known_by_the_others() -> None:
    chain = np.array([[0, 2, 0], [1, 0, 3], [0, 1, 0]], dtype=float)
    found = strengths(chain)
    assert found[0] - found[2] == pytest.approx(np.log(2) + np.log(3))


def test_who_never_lost_has_no_finite_strength() -> None:
    with pytest.raises(Abstain, match="no finite strength"):
        strengths(np.array([[0, 2, 1], [0, 0, 1], [0, 1, 0]], dtype=float))
