"""The table of past errors: cut by the task, blind to what is scored, equal to its sources."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.audit.look_ahead import poison_for
from bench.data import past_errors
from bench.data.election import load_election
from bench.data.past_errors import COLUMNS, group_of, shipped
from bench.data.tables import replaced
from bench.data.task import Task
from predictors.last_poll import LastPoll
from tools.past_errors import past_errors_of
from tools.register import every_election

METHOD = LastPoll(window_days=8.0, n_draws=200)
SAMPLE = (
    "br2018/president",
    "fr1969",
    "fr2012",
    "de1994",
    "de2013",
    "de2012/landtag/nw",
    "us2012/president/oh",
)


def draws(task: Task) -> np.ndarray:
    forecast = METHOD.predict(task.assembled(), np.random.default_rng(0))
    assert forecast.draws is not None
    return np.asarray(forecast.draws)


def test_the_shipped_table_is_what_the_sources_give() -> None:
    computed = past_errors_of(SAMPLE)
    assert set(computed["election"]) == set(SAMPLE)
    rows = shipped()
    rows = rows[rows["election"].isin(SAMPLE)].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        rows.astype(dict.fromkeys(past_errors.CATEGORIES, "str")),
        computed.astype(dict.fromkeys(past_errors.CATEGORIES, "str")),
        check_dtype=False,
        rtol=1e-12,
    )


def test_every_country_with_polls_teaches_and_made_up_or_unranked_elections_do_not() -> None:
    register = every_election()
    real = register["ranked"] & ~register["country"].str.startswith("X")
    rows = shipped()
    assert set(rows["election"]) <= set(register.loc[real, "election"])
    assert set(rows["country"]) == set(register.loc[real, "country"])
    assert list(rows.columns) == list(COLUMNS.columns)


def test_shares_of_one_horizon_sum_to_one_and_horizons_lie_before_the_vote() -> None:
    rows = shipped()
    by_horizon = rows.groupby(["election", "round", "horizon_days"], observed=True)
    total = by_horizon[["polled", "share"]].sum()
    np.testing.assert_allclose(total, 1.0, atol=1e-9)
    assert (rows["days"] >= rows["horizon_days"]).all()
    assert (rows["published_on"] >= rows["vote_on"]).all()


def test_earlier_votes_only_are_learned_from() -> None:
    task = Task("de2005", 1, "2005-09-16 20:00")
    rows = task.evidence()["past_errors"]
    assert (rows["published_on"] <= task.as_of).all()
    assert rows["same_country"].any()
    assert rows["country"].nunique() > 1
    assert (rows.loc[rows["same_group"], "group"] == "mixed").all()
    # nor does a category name anybody who is known from a later vote alone
    for name in past_errors.CATEGORIES:
        assert set(rows[name].cat.categories) == set(rows[name])
    runoff = Task("fr2012", 2, "2012-05-04 20:00").evidence()["past_errors"]
    assert set(runoff.loc[runoff["election"] == "fr2012", "round"]) == {1}


def test_what_came_later_moves_no_forecast() -> None:
    task = Task("de2005", 1, "2005-09-16 20:00")
    before = draws(task)
    for kind in ("permuted", "shifted", "deleted", "missing", "scaled"):
        with replaced(poison_for(task, kind)):
            assert draws(task).tobytes() == before.tobytes(), kind


def test_votes_are_pooled_by_system_runoff_and_office() -> None:
    for name, number, group in (
        ("fr2012", 1, "two_round"),
        ("fr2012", 2, "runoff"),
        ("de2005", 1, "mixed"),
        ("us2012/senate/oh", 1, "two candidates, senate"),
    ):
        assert group_of(load_election(name), number) == group
