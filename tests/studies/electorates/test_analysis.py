"""Electorates around earlier elections: their own votes, the rest lent, conclusions by election."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.tables import outcome_of
from bench.runner.runner import tasks_of
from bench.simulation.borrowing import calibration_of
from bench.simulation.calibration import Facts, past_groups
from bench.simulation.electorate import Electorate
from bench.simulation.settings import PastVote, electorate_settings, simulation_settings
from bench.simulation.simulate import Simulation
from bench.studies.electorates.analysis import (
    SELF_SELECTED,
    analyse,
    random_sample,
    simulation_of,
)
from bench.studies.electorates.metrics import compared


@pytest.fixture(scope="module", params=["fr2002", "toy_prior1"])
def known(
    request: pytest.FixtureRequest, composed: Callable[..., Experiment]
) -> tuple[Electorate, Facts]:
    experiment = replace(composed("+experiment=electorates"), elections=[request.param])
    (task,) = tasks_of(experiment)
    calibration, assumed = calibration_of(experiment, task), electorate_settings(experiment)
    facts = calibration.facts(assumed, simulation_settings(experiment))
    return calibration.electorate(assumed), facts


def test_every_electorate_votes_as_its_country_did(known: tuple[Electorate, Facts]) -> None:
    electorate, facts = known
    official = outcome_of(load_election(electorate.election), 1)
    assert facts.lent == (electorate.election == "fr2002")  # which knows no survey
    assert electorate.levels["past_vote"][-1] == "nobody"
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


def test_groups_of_the_past_vote_hold_every_candidate_once() -> None:
    past = load_election("fr2012")
    names = list(past.round(1).candidates)
    for groups, odd in (
        ({"one": [name for name in names if name != "hollande"]}, "hollande"),
        ({"one": names, "two": ["joly"]}, "joly"),
    ):
        with pytest.raises(DataError, match=f"check '{odd}'"):
            past_groups(
                load_election("fr2017"), PastVote(past_election="fr2012", past_groups=groups)
            )


def test_without_groups_there_must_be_an_election_before() -> None:
    with pytest.raises(DataError, match="no election of XT before toy_prior2"):
        past_groups(load_election("toy_prior2"), PastVote(past_election="", past_groups={}))


def test_in_a_random_sample_the_ballot_and_the_app_are_unbiased(manipulation: Simulation) -> None:
    electorate, facts = manipulation.electorate, manipulation.facts
    for name in ("online_ballot", "opt_in_app"):
        frame = random_sample(manipulation.instruments[name]).frame(electorate, facts)
        assert np.allclose(frame.share.sum(axis=-2), electorate.share, atol=1e-12)
    poll = manipulation.instruments["quota_poll"]
    assert random_sample(poll) is poll


def test_a_method_compared_with_itself_is_one_and_nothing() -> None:
    error = np.array([0.01, 0.04, 0.02])
    same = compared(error, error, np.random.default_rng(1))
    assert (same["ratio"], same["ratio_low"], same["ratio_high"]) == (1.0, 1.0, 1.0)
    assert (same["difference"], same["difference_low"], same["difference_high"]) == (0, 0, 0)


def test_an_election_without_tables_needs_a_lender_of_its_country(
    composed: Callable[..., Experiment],
) -> None:
    for lender in ("", "fr2012", "toy"):
        experiment = replace(composed("+experiment=electorates"), elections=["fr2012"])
        experiment.simulation["lender"] = lender
        with pytest.raises(ConfigError, match=r"lacks inputs.*accepted: an"):
            simulation_of(experiment, "fr2012", SELF_SELECTED)


def test_a_misspelt_setting_is_corrected_before_anything_runs(
    composed: Callable[..., Experiment],
) -> None:
    experiment = composed("+experiment=electorates")
    experiment.simulation["swing_day"] = 3
    with pytest.raises(ConfigError, match="did you mean 'swing_days'"):
        analyse(experiment)
