"""Extra accounts change the figures that they rate, and no others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core.evidence import BatchTable
from bench.simulation.accounts import add_posts, add_ratings


def ratings() -> BatchTable:
    """Half of 100 like each of two candidates, 30 do not, and 20 do not say."""
    rows = pd.DataFrame({"source": "app", "candidate": ["ash", "birch"], "day": pd.Timestamp(0)})
    values = {"favourable": 0.5, "unfavourable": 0.3, "n": 100.0}
    return BatchTable(rows=rows, values={k: np.full((1, 2), v) for k, v in values.items()})


def test_ratings_are_counted_with_those_that_were_there() -> None:
    value = add_ratings(ratings(), {"ash": 50.0}, {"ash": 50.0}, 1000.0).values
    assert value["favourable"][0, 0] == pytest.approx((50 + 50) / 200)
    assert value["unfavourable"][0, 0] == pytest.approx((30 + 50) / 200)
    assert value["n"].tolist() == [[200.0, 100.0]]


def test_whom_nobody_rates_anew_keeps_the_ratings_that_are_neither() -> None:
    value = add_ratings(ratings(), {"ash": 50.0}, {}, 1000.0).values
    assert [value[name][0, 1] for name in ("favourable", "unfavourable")] == [0.5, 0.3]


def test_posts_go_to_counts_of_their_tone_and_source_alone() -> None:
    measures = ["mentions", "positive", "negative", "authors", "authors_negative", "share"]
    rows = pd.DataFrame({"source": "a", "measure": measures, "candidate": "ash"})
    rows = pd.concat([rows, rows.assign(source="b")], ignore_index=True)
    table = BatchTable(rows=rows, values={"value": np.ones((1, len(rows)))})
    value = add_posts(table, ("a",), "ash", "negative", 6.0, 2.0).values["value"]
    assert value.tolist() == [[7.0, 1.0, 7.0, 3.0, 3.0, 1.0, *np.ones(6)]]
