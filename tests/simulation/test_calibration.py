"""Simulated instruments against the real figures of 2017."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.core import DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.margins import margins_of_first_rounds
from bench.runner.runner import tasks_of
from bench.simulation.borrowing import calibration_of
from bench.simulation.calibration import PastVote, by_past_vote, past_groups, vote_of
from bench.simulation.simulate import Simulation
from bench.simulation.validation import validation

# share of the declared votes and data defect correlation of the real ballot, 25,050 volunteers
REAL = {
    "arthaud": (0.0035, -0.000968),
    "asselineau": (0.0161, 0.001902),
    "cheminade": (0.0017, -0.000052),
    "dupont_aignan": (0.0109, -0.004498),
    "fillon": (0.0473, -0.010073),
    "hamon": (0.2040, 0.015169),
    "lassalle": (0.0059, -0.001493),
    "le_pen": (0.0168, -0.012635),
    "macron": (0.2343, -0.000359),
    "melenchon": (0.4364, 0.015991),
    "poutou": (0.0231, 0.003102),
}
N_USERS = 25050


def test_the_default_app_and_ballot_reproduce_raw_shares_and_rho(manipulation: Simulation) -> None:
    batch = manipulation.clean(0)[1]
    ballot = batch["online_ballot"].values["declared_votes"]
    support = batch["app_support"]
    app = np.stack(
        [
            support.values["users"][:, (support.rows["candidate"] == name).to_numpy()].sum(axis=1)
            for name in batch.candidates
        ],
        axis=1,
    )
    truth, population = manipulation.electorate.share, manipulation.electorate.n_voters
    real = np.array([REAL[name] for name in batch.candidates])
    f = N_USERS / population
    for counts in (ballot, app):
        assert (counts.sum(axis=1) == N_USERS).all()
        share = counts / N_USERS
        sampling = np.sqrt(real[:, 0] * (1 - real[:, 0]) / N_USERS)
        assert (np.abs(share - real[:, 0]) < 4 * sampling + 5e-5).all()
        rho = (share - truth) / np.sqrt(truth * (1 - truth) * (1 - f) / f)
        spread = sampling / np.sqrt(truth * (1 - truth) * (1 - f) / f)
        assert (np.abs(rho - real[:, 1]) < 4 * spread + 2e-5).all()


def test_melenchon_leads_the_app_without_any_attack(manipulation: Simulation) -> None:
    batch = manipulation.clean(0)[1]
    favourable = batch["ratings"].values["favourable"]
    assert (favourable.argmax(axis=1) == batch.candidates.index("melenchon")).all()


def test_a_candidate_whom_no_last_poll_names_stops_no_comparison(
    manipulation: Simulation, composed: Callable[..., Experiment]
) -> None:
    experiment = composed("+experiment=2017_r1_manipulation")
    known = calibration_of(experiment, tasks_of(experiment)[0])
    polls = known.evidence["polls"]
    fewer = known.evidence.with_tables(polls=polls[polls["candidate"].ne("cheminade")])
    table = validation(manipulation, replace(known, evidence=fewer))
    mine = table[table["instrument"].eq("quota_poll")]
    assert len(mine)
    assert mine["real"].notna().all()


def test_a_last_digit_of_the_votes_moves_no_cell_of_the_electorate() -> None:
    """Equal cells stand exactly where numpy's binomial jumps, and would draw another sample."""
    election = load_election("fr2017")
    before, groups = past_groups(election, PastVote(past_election="", past_groups={}))
    areas = margins_of_first_rounds(before, election).at("departement")
    noise = np.random.default_rng(5).uniform(-1e-12, 1e-12, areas.rows.shape)
    moved = replace(areas, rows=areas.rows * (1 + noise))
    _, vote = vote_of(election)
    first, second = (by_past_vote(margins, groups, vote) for margins in (areas, moved))
    assert (first == second).all()


def test_groups_of_the_past_vote_hold_every_candidate_once() -> None:
    candidates = list(load_election("fr2012").round(1).candidates)
    without_hollande = [name for name in candidates if name != "hollande"]
    for groups, odd in (
        ({"first": without_hollande}, "hollande"),
        ({"first": candidates, "second": ["joly"]}, "joly"),
    ):
        past = PastVote(past_election="fr2012", past_groups=groups)
        with pytest.raises(DataError, match=f"check '{odd}'"):
            past_groups(load_election("fr2017"), past)


def test_without_groups_there_must_be_an_election_before() -> None:
    with pytest.raises(DataError, match="no election of XT before toy_prior2"):
        past_groups(load_election("toy_prior2"), PastVote(past_election="", past_groups={}))
