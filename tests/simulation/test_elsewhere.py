"""Electorates around earlier elections: their own votes, the rest lent, conclusions by election."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.outcome import outcome_of
from bench.runner import tasks_of
from bench.simulation.electorate import Electorate
from bench.simulation.facts import Facts
from bench.simulation.margins import past_groups
from bench.simulation.study import Study
from bench.studies.electorates.analysis import (
    BY_LOT,
    SELF_SELECTED,
    by_election,
    conclusions,
    drawn_by_lot,
    squared,
    studies,
)
from bench.studies.electorates.imputation import earlier
from bench.studies.electorates.metrics import compared


@pytest.fixture(scope="module", params=["fr2002", "fr2007", "fr2012"])
def known(
    request: pytest.FixtureRequest, composed: Callable[..., Experiment], manipulation: Study
) -> tuple[Electorate, Facts]:
    experiment = composed("+experiment=electorates")
    cell = next(one for one in tasks_of(experiment) if one.election.name == request.param)
    lender = (manipulation.electorate, manipulation.facts)
    evidence = evidence_for(cell.election, 1, cell.as_of)
    return earlier(cell.election, evidence, lender, experiment.electorate, experiment.simulation)


def test_every_electorate_votes_as_france_did(known: tuple[Electorate, Facts]) -> None:
    electorate, facts = known
    official = outcome_of(load_election(electorate.election), 1)
    assert np.allclose(electorate.share, official.share, atol=1e-7)
    assert electorate.n_voters == pytest.approx(official.votes.sum(), rel=1e-6)
    assert np.allclose(electorate.areas.sum(), 1)
    assert np.allclose(facts.attention.sum(axis=1), 1)
    assert facts.approval.min() >= 0
    assert facts.approval.max() <= 1


def test_its_polls_are_its_own_and_nothing_is_from_after_the_moment(
    known: tuple[Electorate, Facts],
) -> None:
    electorate, facts = known
    vote_on = load_election(electorate.election).round(1).vote_on
    assert (facts.calendar["published_on"] <= facts.as_of).all()
    assert (vote_on - facts.calendar["fieldwork_end"]).dt.days.max() <= 12


def test_the_far_right_is_older_voters_pattern_of_the_lender(
    known: tuple[Electorate, Facts], manipulation: Study
) -> None:
    electorate, _ = known
    name = "le_pen" if "le_pen" in electorate.candidates else "jm_le_pen"
    shares = []
    for one, who in ((electorate, name), (manipulation.electorate, "le_pen")):
        table = one.among(("age",), one.voters)
        column = table[:, one.candidates.index(who)]
        shares.append(column / column.sum())
    assert np.abs(shares[0] - shares[1]).max() < 0.03


def test_groups_of_the_past_vote_hold_every_candidate_once() -> None:
    past = load_election("fr2012")
    with pytest.raises(DataError, match="check 'hollande'"):
        past_groups(past, {"one": [c for c in past.round(1).candidates if c != "hollande"]})
    with pytest.raises(DataError, match="check 'joly'"):
        past_groups(past, {"one": list(past.round(1).candidates), "two": ["joly"]})


def test_by_lot_the_ballot_and_the_app_are_unbiased(manipulation: Study) -> None:
    electorate, facts = manipulation.electorate, manipulation.facts
    for name in ("online_ballot", "opt_in_app"):
        frame = drawn_by_lot(manipulation.instruments[name]).frame(electorate, facts)
        assert np.allclose(frame.share.sum(axis=-2), electorate.share, atol=1e-12)
    poll = manipulation.instruments["quota_poll"]
    assert drawn_by_lot(poll) is poll


def test_a_method_compared_with_itself_is_one_and_nothing() -> None:
    error = np.array([0.01, 0.04, 0.02])
    same = compared(error, error, np.random.default_rng(1))
    assert (same["ratio"], same["ratio_low"], same["ratio_high"]) == (1.0, 1.0, 1.0)
    assert (same["difference"], same["difference_low"], same["difference_high"]) == (0, 0, 0)


def test_the_table_says_per_election_whether_a_conclusion_holds(
    composed: Callable[..., Experiment], tmp_path: Path
) -> None:
    experiment = composed(
        "+experiment=electorates", f"results={tmp_path}", "elections=[fr2012,fr2017]",
        "simulation.replicates=12",
        "simulation.per_electorate=3", "simulation.block=6", "execution=serial",
    )  # fmt: skip
    found: dict = {}
    for ran in studies(experiment):
        table = by_election(ran)
        assert np.allclose(table["rmse_pp"] ** 2, table["bias_pp"] ** 2 + table["sd_pp"] ** 2)
        assert (table["electorates"] == 4).all()
        found[ran.election] = found.get(ran.election, {}) | squared(ran)
    told = conclusions(experiment, found)
    n_asked = len(experiment.simulation["claims"]) + 3
    assert len(told) == 2 * n_asked
    assert set(told["holds"]) <= {"yes", "undecided", "no, the reverse"}
    polls = found["fr2012"][SELF_SELECTED, "quota_poll"]
    assert np.array_equal(polls, found["fr2012"][BY_LOT, "quota_poll"])
    worse = told[told["conclusion"] == "app_ratings errs more than quota_poll"]
    by_hand = [
        np.sqrt(
            found[name][SELF_SELECTED, "app_ratings"].mean()
            / found[name][SELF_SELECTED, "quota_poll"].mean()
        )
        for name in worse["election"]
    ]
    assert worse["value"].tolist() == pytest.approx(by_hand)
    assert (worse["holds"] == "yes").all()


def test_a_lender_and_what_was_before_must_be_named(composed: Callable[..., Experiment]) -> None:
    with pytest.raises(ConfigError, match="lender is 'fr2017'"):
        next(studies(composed("+experiment=electorates", "elections=[fr2012]")))
    with pytest.raises(ConfigError, match="says nothing of 'fr1995'"):
        next(studies(composed("+experiment=electorates", "elections=[fr1995,fr2017]")))
