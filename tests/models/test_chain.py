from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from bench.models.chain import chain, pair_of
from bench.models.transfers import distances, learn_transfers

NAMES = ("ash", "birch", "cedar")
FIRST = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.5, 0.2, 0.3], [0.2, 0.5, 0.3]])


def runoff(pair: tuple[int, int], first: np.ndarray) -> np.ndarray:
    return np.full(len(first), 0.6 if pair == (0, 1) else 0.4)


def test_pairs_have_the_frequency_of_the_draws_and_sum_to_one() -> None:
    both = chain(FIRST, NAMES, runoff)
    table = both.pairs().set_index(["first", "second"])
    assert pair_of(FIRST).tolist() == [[0, 1], [0, 1], [0, 2], [1, 2]]
    assert table["probability"].to_dict() == {
        ("ash", "birch"): 0.5,
        ("ash", "cedar"): 0.25,
        ("birch", "cedar"): 0.25,
    }
    # ash wins against birch only, cedar against both others
    assert both.elected().to_dict() == {"ash": 0.5, "birch": 0.0, "cedar": 0.5}


def test_rounds_that_err_alike_elect_whom_errors_drawn_together_elect() -> None:
    """Errors of both rounds drawn from one normal, against independent draws put in order."""
    rng, n = np.random.default_rng(5), 40_000
    level, sd = np.log([0.24, 0.23, 0.22, 0.31]), np.array([0.15, 0.2, 0.2, 0.1])
    lead = {(0, 1): 0.0, (0, 2): 0.1, (0, 3): 0.05, (1, 2): -0.2, (1, 3): -0.1, (2, 3): 0.15}

    def first_round() -> np.ndarray:
        weight = np.exp(level + sd * rng.standard_normal((n, 4)))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def independent(pair: tuple[int, int], first: np.ndarray) -> np.ndarray:
        return np.asarray(expit(lead[pair] + 0.2 * rng.standard_normal(len(first))))

    both = chain(first_round(), "abcd", independent)
    np.testing.assert_allclose(both.correlated(1e-12).share, both.share)
    for correlation in (0.5, 0.9):
        first = first_round()
        pair = pair_of(first)
        a, b = pair.T
        row = np.arange(n)
        score = np.log(first[row, a] / first[row, b]) - level[a] + level[b]
        score /= np.hypot(sd[a], sd[b])
        noise = np.sqrt(1 - correlation**2) * rng.standard_normal(n)
        odds = [lead[int(i), int(j)] for i, j in pair] + 0.2 * (correlation * score + noise)
        winners = np.bincount(np.where(odds > 0, a, b), minlength=4) / n
        chances = both.correlated(correlation).elected()
        np.testing.assert_allclose(chances, winners, atol=0.015)
        assert chances["d"] < both.elected()["d"] - 0.08  # who always gets through has most to lose


def past_runoffs() -> tuple[pd.DataFrame, pd.DataFrame]:
    families = {"ash": "socialist", "birch": "right", "cedar": "communist"}
    rows, people = [], []
    for k in range(8):
        for name, share in zip(NAMES, (0.3, 0.4, 0.3), strict=True):
            rows.append((f"old{k}", 1, "national", name, share))
        for name, share in (("ash", 0.56), ("birch", 0.44)):
            rows.append((f"old{k}", 2, "national", name, share))
        people += [(f"old{k}", 1, name, family) for name, family in families.items()]
    outcomes = pd.DataFrame(rows, columns=["election", "round", "level", "candidate", "share"])
    return outcomes, pd.DataFrame(people, columns=["election", "round", "candidate", "family"])


def test_votes_go_to_the_nearer_family_as_much_as_they_did() -> None:
    model = learn_transfers(*past_runoffs())
    assert model.n_elections == 8
    first = np.tile([0.3, 0.4, 0.3], (4000, 1))
    families = ["socialist", "right", "communist"]
    share = model.draws(first, families, (0, 1), np.random.default_rng(2))
    assert np.median(share) == pytest.approx(0.56, abs=0.02)
    swapped = model.draws(first, families, (1, 0), np.random.default_rng(2))
    assert np.median(swapped) == pytest.approx(0.44, abs=0.02)
    assert distances(families, (1, 0)).tolist() == (-distances(families, (0, 1))).tolist()
