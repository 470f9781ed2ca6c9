"""Duels of an app: what users answer, what they are read as, and what accounts add."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import add_duels
from bench.simulation.instruments.opt_in_app import OptInApp
from bench.simulation.simulate import Simulation
from predictors.app_duels import AppDuels
from tests.evidence import evidence

DUELS = AppDuels(source="app", max_age_days=45)
NAMES = ("ash", "birch", "cedar")


def duel(candidate: str, opponent: str, wins: float, n: float, day: str) -> dict[str, Any]:
    return {
        "source": "app",
        "round": 1,
        "day": day,
        "candidate": candidate,
        "opponent": opponent,
        "wins": wins,
        "n": n,
        "published_on": "2031-04-18",
        "available_on": day,
    }


def test_one_pair_has_the_odds_of_its_duel_on_the_last_day() -> None:
    rows = [duel("ash", "birch", 30, 40, "2031-04-17"), duel("ash", "birch", 1, 40, "2031-04-16")]
    share = DUELS.predict(evidence(*NAMES, duels=rows), np.random.default_rng(1)).share
    assert share.to_dict() == pytest.approx({"ash": 0.75, "birch": 0.25})  # cedar was not asked


def test_without_recent_duels_nothing_is_said() -> None:
    old = [duel("ash", "birch", 30, 40, "2031-01-17")]
    for given in (evidence(*NAMES), evidence(*NAMES, duels=old)):
        with pytest.raises(Abstain, match="no duels in time"):
            DUELS.predict(given, np.random.default_rng(1))


def three() -> BatchTable:
    rows = [("ash", "birch"), ("ash", "cedar"), ("birch", "cedar")]
    values = {"wins": np.full((1, 3), 50.0), "n": np.full((1, 3), 100.0)}
    return BatchTable(rows=pd.DataFrame(rows, columns=["candidate", "opponent"]), values=values)


@pytest.mark.parametrize(("by_lot", "each"), [(True, 10.0), (False, 15.0)])
def test_accounts_win_every_duel_that_their_candidate_is_in(by_lot: bool, each: float) -> None:
    value = add_duels(three(), "birch", 30.0, by_lot).values
    assert value["wins"].tolist() == [[50.0, 50.0, 50.0 + each]]
    assert value["n"].tolist() == [[100.0 + each, 100.0, 100.0 + each]]


def test_users_answer_as_their_approvals_say_and_other_tables_stay(
    manipulation: Simulation,
) -> None:
    app, frame, facts = (
        manipulation.instruments["opt_in_app"],
        manipulation.frames["opt_in_app"],
        manipulation.facts,
    )
    assert isinstance(app, OptInApp)
    made = {
        n: replace(app, duels=n).collect(frame, facts, 40, np.random.default_rng(1)) for n in (0, 5)
    }
    assert set(made[5]) - set(made[0]) == {"duels"}
    for name, table in made[0].items():
        for key, value in table.values.items():
            assert (made[5][name].values[key] == value).all()
    table = made[5]["duels"]
    assert (table.values["n"].sum(axis=1) == 5 * frame.n_respondents).all()
    users = frame.share.sum(axis=0)
    one, other = frame.column("fillon"), frame.column("macron")
    chance = 0.5 + (facts.approval[:, one] - facts.approval[:, other]) / 2
    chance[one], chance[other] = 1.0, 0.0
    at = table.rows["candidate"].eq("fillon") & table.rows["opponent"].eq("macron")
    found = (table.values["wins"] / table.values["n"])[:, at.to_numpy()].mean()
    n = table.values["n"][:, at.to_numpy()].sum()
    assert found == pytest.approx(float(users @ chance), abs=4 * 0.5 / np.sqrt(n))


def test_a_batch_says_what_one_replicate_does(manipulation: Simulation) -> None:
    app = manipulation.instruments["opt_in_app"]
    assert isinstance(app, OptInApp)
    app = replace(app, duels=5)
    frame, facts = manipulation.frames["opt_in_app"], manipulation.facts
    table = app.collect(frame, facts, 3, np.random.default_rng(1))["duels"]
    shared = replace(manipulation.shared.evidence, tables={})
    batch = EvidenceBatch(evidence=shared, tables={"duels": table}, size=3)
    many = replace(DUELS, source=app.source).predict_batch(batch)
    alone = (
        replace(DUELS, source=app.source)
        .predict(batch.replicate(2), np.random.default_rng(1))
        .share
    )
    assert many[2] == pytest.approx(alone.reindex(list(batch.candidates)).to_numpy())
