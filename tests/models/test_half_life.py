"""The half-life that other votes teach, and what may teach it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence
from bench.core.registry import make_predictor
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.models.polls.national_polls import half_life, learned_half_life
from bench.models.polls.poll_table import HALF_LIVES_DAYS, half_life_errors, mae_of, poll_table
from tests.models.polls import NAMES, VOTE_ON, poll, share_of

SETTINGS = {
    "design_effect": 1.5,
    "n_draws": 50,
}
EARLY, LATE = (0.5, 0.3, 0.2), (0.4, 0.4, 0.2)
COLUMNS = [mae_of(each) for each in HALF_LIVES_DAYS]


def errors_of(came: tuple[float, ...]) -> np.ndarray:
    """Of a vote with one poll of 1,000 twelve days before and one two days before."""
    rows = [row for days, said in ((12, EARLY), (2, LATE)) for row in poll(days, share_of(*said))]
    return half_life_errors(poll_table(pd.DataFrame(rows), NAMES, VOTE_ON), np.array(came))


def table(
    n: int,
    errors: np.ndarray,
    horizons: tuple[int, ...] = (2,),
    same_country: bool = True,
    group: str = "mixed",
) -> pd.DataFrame:
    """The rows of `n` votes, each with the same errors at every horizon."""
    keys = [(f"old{k}", horizon) for k in range(n) for horizon in horizons]
    frame = pd.DataFrame(keys, columns=["election", "horizon_days"]).astype(
        {"election": "category"}
    )
    frame[COLUMNS] = errors
    frame = frame.assign(round=1, same_country=same_country, group=group, same_group=True)
    return categories(frame)


def categories(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype({"election": "category", "group": "category"})


def together(*rows: pd.DataFrame) -> pd.DataFrame:
    """Tables of several votes as one, the names of each set apart."""
    named = [
        one.assign(election=f"{k} " + one["election"].astype(str)) for k, one in enumerate(rows)
    ]
    return categories(pd.concat([one.astype({"group": str}) for one in named], ignore_index=True))


def learned(rows: pd.DataFrame, days: float = 2, number: int = 1) -> float:
    return learned_half_life(rows, number=number, days=days)


def test_a_number_is_used_as_it_is_and_no_other_word_is_known() -> None:
    evidence = load("fr2012")
    assert half_life(evidence, 3) == 3.0
    make_predictor("quota_poll", {**SETTINGS, "half_life_days": "learned"})
    with pytest.raises(ConfigError, match="'soon'; accepted: float, or learned"):
        make_predictor("quota_poll", {**SETTINGS, "half_life_days": "soon"})


def test_the_half_life_with_the_smallest_error_is_taken() -> None:
    assert learned(table(3, errors_of(LATE))) == 1.0  # the last poll alone was right
    assert learned(table(3, errors_of((0.45, 0.35, 0.2)))) == 30.0  # both alike were
    # weights 1 and 0.5^(10 / 10): 2/3 of the late poll
    assert learned(table(3, errors_of((0.4 + 0.1 / 3, 0.4 - 0.1 / 3, 0.2)))) == 10.0


def test_the_other_round_teaches_nothing() -> None:
    assert learned(table(5, errors_of(LATE)), number=2) == 7.0


def test_other_countries_teach_where_this_one_has_too_few() -> None:
    abroad = table(4, errors_of((0.45, 0.35, 0.2)), same_country=False)
    assert learned(together(table(2, errors_of(LATE)), abroad)) == 30.0
    assert learned(together(table(3, errors_of(LATE)), abroad)) == 1.0


def test_ballots_of_two_are_taught_by_ballots_of_two() -> None:
    two = table(4, errors_of(LATE), same_country=False, group="two candidates, senate")
    more = table(4, errors_of((0.45, 0.35, 0.2)), same_country=False)
    assert learned(together(two, more.assign(same_group=False))) == 1.0
    assert learned(together(two.assign(same_group=False), more)) == 30.0


def test_the_furthest_horizon_within_the_days_is_read_else_the_nearest() -> None:
    near, far = errors_of(LATE), errors_of((0.45, 0.35, 0.2))
    rows = table(3, near, (2, 14, 60))
    rows.loc[rows["horizon_days"] == 14, COLUMNS] = far
    assert [learned(rows, days) for days in (0, 2, 13, 14, 59, 60)] == [1, 1, 1, 30, 30, 1]


def load(name: str) -> Evidence:
    election = load_election(name)
    moment = election.round(1).vote_on - pd.Timedelta(hours=28)
    return evidence_for(election, 1, moment)
