"""The shipped experiments still give the numbers that were reviewed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.golden.reference import (
    FOLDER,
    KEPT,
    LAGGED,
    LAGS,
    POLL_METHODS,
    QUICK,
    experiment_of,
    lags,
    policed,
    polled,
    run_of,
)
from tests.golden.studies import ASKED, differences, frames_of, held, moved_facts

KEYS = ["election", "round", "as_of", "predictor", "area", "ballot", "candidate", "metric"]


TELLING = ("2017_r1", "2017_chain")  # every method, and both rounds of the same vote


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in TELLING else pytest.mark.golden) for name in QUICK],
)
def test_the_numbers_are_those_under_review(name: str) -> None:
    run = run_of(name)
    now = policed(run.errors)
    then = pd.read_csv(FOLDER / name / "errors.csv", parse_dates=["as_of"])
    now = now[now["metric"].isin(then["metric"])]  # another one is new and has moved nothing
    columns = [*KEYS, "value"]
    then["candidate"] = then["candidate"].fillna("")
    pd.testing.assert_frame_equal(
        now[columns].sort_values(KEYS, ignore_index=True),
        then[columns].sort_values(KEYS, ignore_index=True),
        check_dtype=False,
        rtol=1e-5,
        atol=1e-6,
    )
    kept = {Path(file).stem for file in KEPT if file.endswith(".csv")}
    tables = {k: rows for k, rows in frames_of(run, figures=False).items() if k in kept}
    moved = differences(tables, {k: v for k, v in held(FOLDER / name).items() if k != "errors"})
    moved += moved_facts(name, run)
    assert not moved, f"{name}\n{moved}"


@pytest.mark.parametrize(
    ("name", "election"),
    [
        ("history", "fr1988"),
        pytest.param("history", "fr2017", marks=pytest.mark.golden),
        pytest.param("history_chain", "fr2017", marks=pytest.mark.golden),
    ],
)
def test_the_scores_of_one_election_are_those_under_review(name: str, election: str) -> None:
    then = pd.read_csv(FOLDER / name / "errors.csv")
    then = then[then["election"].eq(election)].reset_index(drop=True)
    run = run_of(name, *ASKED.get(name, ()), f"elections=[{election}]")
    _agree(polled(name, run), then)


@pytest.mark.golden
@pytest.mark.parametrize("name", LAGGED)
def test_what_publication_lags_cost_is_what_is_under_review(name: str) -> None:
    _agree(lags(name), pd.read_csv(FOLDER / "publication_lags" / f"{name}.csv"), atol=2e-3)


def _agree(now: pd.DataFrame, then: pd.DataFrame, atol: float = 2e-6) -> None:
    words = then.select_dtypes(exclude="number").columns
    now = now.assign(**{word: now[word].replace("", np.nan) for word in words})
    pd.testing.assert_frame_equal(
        now, then, check_dtype=False, check_names=False, rtol=1e-5, atol=atol
    )


def test_the_references_of_the_polls_hold_every_election_and_method() -> None:
    names = set(experiment_of("history").elections)
    scores = pd.read_csv(FOLDER / "history" / "errors.csv")
    first = scores[scores["round"].eq(1)]
    assert set(zip(first["election"], first["predictor"], strict=True)) == {
        (name, method) for name in names for method in POLL_METHODS
    }
    chains = pd.read_csv(FOLDER / "history_chain" / "errors.csv")
    assert len(chains) == 3 * len(names)
    # the sources hold several pairs of these two alone
    assert set(chains.loc[chains["basis"].eq("polls"), "election"]) == {"fr2017", "fr2022"}
    for name in LAGGED:
        rules = pd.read_csv(FOLDER / "publication_lags" / f"{name}.csv").groupby("lag").size()
        assert len(rules) == len(LAGS)
        assert rules.nunique() == 1
