"""Approvals turned into votes: the power, against an independent fit and real places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain
from bench.data.task import Task
from bench.models.approval_votes import learn_conversion


def test_one_place_teaches_nothing() -> None:
    rows = pd.DataFrame(
        {
            "election": "past",
            "place": "here",
            "candidate": ["a", "b"],
            "approvals": [6, 3],
            "ballots": 10,
            "share": [0.8, 0.2],
        }
    )
    with pytest.raises(Abstain, match="in 1 places"):
        learn_conversion(rows)


def test_the_power_is_that_of_a_poisson_regression_with_an_intercept_for_each_place() -> None:
    import statsmodels.api as sm

    rows = Task("fr2022", 1, "2022-04-10").evidence()["past_approvals"]
    rows = rows[rows["approvals"] > 0]
    place = pd.get_dummies(rows["election"] + rows["place"], dtype=float)
    rate = np.log((rows["approvals"] / rows["ballots"]).to_numpy(dtype=float))
    fit = sm.GLM(rows["share"], place.assign(rate=rate), family=sm.families.Poisson()).fit()
    assert learn_conversion(rows).power == pytest.approx(fit.params["rate"], abs=1e-4)


def test_places_agree_that_many_approvals_are_more_votes_than_their_share() -> None:
    """Orsay 2002 by hand: Jospin 982 of 2,220 approve and 20.7 % vote, Hue 279 and 2.6 %."""
    found = learn_conversion(Task("fr2022", 1, "2022-04-10").evidence()["past_approvals"])
    assert len(found.place_powers) == 8
    assert found.place_powers.min() > 1.3
    assert np.log(20.7 / 2.6) / np.log(982 / 279) == pytest.approx(1.65, abs=0.01)
    assert found.power == pytest.approx(1.6, abs=0.1)
