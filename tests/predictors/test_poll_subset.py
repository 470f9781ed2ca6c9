from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain, Evidence
from predictors.last_poll import LastPoll
from predictors.poll_subset import PollSubset
from tests.evidence import evidence as made_up
from tests.models.polls import NAMES, past_errors, poll, share_of, table_of


def subset(modes: tuple[str, ...] = (), institutes: tuple[str, ...] = ()) -> PollSubset:
    return PollSubset(modes=modes, institutes=institutes, window_days=8.0, n_draws=200)


def evidence() -> Evidence:
    polls = table_of(
        poll(2, share_of(0.5, 0.3, 0.2)),
        poll(3, share_of(0.4, 0.4, 0.2), institute="South"),
        poll(30, share_of(0.2, 0.6, 0.2), institute="East"),
    )
    mode = polls["institute"].map({"North": "live phone", "South": "online", "East": "IVR"})
    return made_up(
        *NAMES,
        polls=polls.assign(mode=mode),
        past_errors=past_errors(4, {"AA": 0.05}),
    )


def test_without_such_a_poll_it_abstains_and_says_which_it_looked_for() -> None:
    with pytest.raises(Abstain, match="no poll by face to face or West"):
        subset(("face to face",), ("West",)).predict(evidence(), np.random.default_rng(1))


@pytest.mark.parametrize("chosen", [{"modes": ("online",)}, {"institutes": ("South",)}])
def test_only_the_polls_that_are_chosen_count(chosen: dict[str, tuple[str, ...]]) -> None:
    share = subset(**chosen).predict(evidence(), np.random.default_rng(1)).share
    given = evidence()
    alone = given.with_tables(polls=given["polls"][given["polls"]["institute"] == "South"])
    method = LastPoll(window_days=8.0, n_draws=200)
    np.testing.assert_allclose(share, method.predict(alone, np.random.default_rng(2)).share)
    assert share["ash"] == pytest.approx(share["birch"], abs=1e-3)


def test_with_everything_chosen_it_is_last_poll() -> None:
    one = subset().predict(evidence(), np.random.default_rng(1))
    other = LastPoll(window_days=8.0, n_draws=200).predict(evidence(), np.random.default_rng(1))
    pd.testing.assert_series_equal(one.share, other.share)
    np.testing.assert_array_equal(one.draws, other.draws)
