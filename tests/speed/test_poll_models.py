"""How long the poll models take; measured, never asserted in the normal suite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.kit.industry_error import learn
from bench.kit.poll_filter import filter_polls
from bench.kit.poll_table import PollTable, poll_table
from tests.kit.polls import VOTE_ON, past, poll

pytestmark = pytest.mark.speed

NAMES = tuple(f"candidate_{k:02d}" for k in range(11))


def many(n_polls: int) -> PollTable:
    rng = np.random.default_rng(1)
    rows = []
    for j in range(n_polls):
        share = rng.dirichlet(np.linspace(20, 240, 11))
        name = f"House {j % 9}"
        printed = dict(zip(NAMES, share, strict=True))
        more = {"poll_id": f"poll_{j:03d}"}
        rows += [row | more for row in poll(2 + j * 60 // n_polls, printed, institute=name)]
    return poll_table(pd.DataFrame(rows), NAMES, VOTE_ON)


def test_the_filter_on_200_polls_of_11_candidates(benchmark: Any) -> None:
    table = many(200)
    state = benchmark(filter_polls, table, [0.02, 0.035, 0.06, 0.1], [0.02, 0.07], [0.0, 0.06])
    assert state.log_weight.shape == (11,)


def test_the_industry_error_of_sixteen_votes(benchmark: Any) -> None:
    assert benchmark(learn, *past(16, 0.05)).n_votes == 16
