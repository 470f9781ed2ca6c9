"""Supervised sentiment from a table of word profiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain, DataError, ForecastError
from bench.data.columns import TABLES
from bench.data.readers import read_table
from predictors.supervised_sentiment import SupervisedSentiment
from tests.evidence import evidence

METHOD = SupervisedSentiment(
    source="own_posts",
    count="posts",
    max_age_days=31,
    words_per_subset=2,
    n_subsets=1,
    n_draws=100,
)
WORDS = ("yy", "yn", "ny", "nn")
USED = {"ash": (400, 400, 100, 100), "birch": (100, 100, 400, 400), "none": (10, 90, 90, 810)}


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def row(
    sample: str, category: str | None, profile: str, posts: float, **other: Any
) -> dict[str, Any]:
    return {
        "source": "own_posts",
        "day": "2031-04-10",
        "sample": sample,
        "category": category,
        "profile": profile,
        "posts": posts,
        "authors": np.nan,
        "published_on": "2031-04-11",
        "available_on": "2031-04-11",
        **other,
    }


def table(ash: float, birch: float, none: float) -> list[dict[str, Any]]:
    """Posts of which these parts express a vote for ash, for birch, or none."""
    labelled = [
        row("labelled", name, profile, n)
        for name, counts in USED.items()
        for profile, n in zip(WORDS, counts, strict=True)
    ]
    mixed = np.array([ash, birch, none]) @ np.array(list(USED.values())) / 1000
    return labelled + [
        row("unlabelled", None, profile, round(n))
        for profile, n in zip(WORDS, 100_000 * mixed, strict=True)
    ]


def test_posts_that_express_no_vote_drop_out() -> None:
    given = evidence("ash", "birch", "cedar", post_profiles=table(0.3, 0.1, 0.6))
    said = METHOD.predict(given, rng())
    assert said.share.to_dict() == pytest.approx({"ash": 0.75, "birch": 0.25}, abs=5e-3)
    assert said.draws is not None
    assert said.draws.shape == (100, 2)
    low, high = np.quantile(said.draws[:, 0], [0.05, 0.95])
    assert low < 0.75 < high
    assert "estimated in the aggregate" in said.converted


def test_authors_count_once_where_they_are_counted() -> None:
    rows = table(0.3, 0.1, 0.6)
    authors = {"yy": 100, "yn": 100, "ny": 400, "nn": 400}  # those of birch
    rows = [
        {**one, "authors": one["posts"] if one["category"] else authors[one["profile"]]}
        for one in rows
    ]
    said = replace(METHOD, count="authors").predict(
        evidence("ash", "birch", post_profiles=rows), rng()
    )
    assert said.share["birch"] == pytest.approx(1.0, abs=5e-3)


def test_only_the_latest_posts_are_estimated_and_old_ones_are_none() -> None:
    old = [{**one, "day": "2031-03-25"} for one in table(0.0, 0.4, 0.6) if not one["category"]]
    both = evidence("ash", "birch", post_profiles=[*table(0.3, 0.1, 0.6), *old])
    assert METHOD.predict(both, rng()).share["ash"] == pytest.approx(0.75, abs=5e-3)
    rows = [{**one, "day": "2031-01-10"} for one in table(0.3, 0.1, 0.6)]
    with pytest.raises(Abstain, match="no others of the 31 days before"):
        METHOD.predict(evidence("ash", "birch", post_profiles=rows), rng())


def test_profiles_over_different_words_are_refused() -> None:
    rows = [*table(0.3, 0.1, 0.6), row("unlabelled", None, "yyy", 10)]
    with pytest.raises(ForecastError, match="y or n for every word of one list"):
        METHOD.predict(evidence("ash", "birch", post_profiles=rows), rng())


def test_the_table_is_read_from_a_file_and_single_posts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "post_profiles.csv"
    pd.DataFrame(table(0.3, 0.1, 0.6)).to_csv(path, index=False)
    found = read_table(path, TABLES["post_profiles"])
    assert set(found["category"].dropna()) == set(USED)
    single = [
        row("unlabelled", None, f"{n:05b}".translate({48: "n", 49: "y"}), 1) for n in range(30)
    ]
    pd.DataFrame(single).to_csv(path, index=False)
    with pytest.raises(DataError, match="accepted: opinions of 5 respondents or more"):
        read_table(path, TABLES["post_profiles"])
