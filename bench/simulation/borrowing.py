"""What one election lends to another: who votes and who takes part, by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from typing_extensions import override

from bench.core import ConfigError, DataError, Evidence
from bench.core.arrays import FloatArray
from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import Election, load_election, same_country_elections
from bench.data.margins import margins_by_departement
from bench.data.task import Task
from bench.models.raking import fit_table
from bench.runner.cache import memoised
from bench.simulation.calibration import (
    NOBODY,
    Calibration,
    Facts,
    by_interest,
    by_past_vote,
    calendar_of,
    census_shares,
    missing_for_calibration,
    own_calibration,
    past_groups,
    vote_of,
    votes_by_area,
)
from bench.simulation.electorate import CalibrationTargets
from bench.simulation.settings import (
    ElectorateSettings,
    PastVote,
    SimulationSettings,
    electorate_settings,
    simulation_settings,
)

LENT = ("age", "sex", "occupation", "place")


@dataclass(frozen=True, kw_only=True, eq=False)
class BorrowedCalibration(Calibration):
    """Of an election of which no survey table and no app is known.

    Its own: votes, turnout, areas, past vote (by ecological inference over départements), dates
    and samples of the polls. Lent, family by family: who votes for whom by age, sex, occupation
    and place; who takes part in an app, whom they like and mention.

    Attributes
    ----------
    lender : Calibration
        Of the other election.
    ballot, lent_by : Ballot
        Of this election and of the lender, families included.
    groups : tuple of str
        Of the past vote.
    past_vote : numpy.ndarray [groups and nobody, C + 1]
    kin : mapping of str to str
        Families that the lender lacks, and which of its families stands in.
    ages : numpy.ndarray
        Fractions of the adults by age.
    """

    lender: Calibration
    ballot: Ballot
    lent_by: Sequence[str]
    groups: tuple[str, ...]
    past_vote: FloatArray
    kin: Mapping[str, str]
    ages: FloatArray

    @override
    def targets(self, assumed: ElectorateSettings) -> CalibrationTargets:
        electorate = self.lender.electorate(assumed)
        registered, vote = vote_of(self.election)
        weights = kinship(self.ballot, self._lent_by(assumed), self.kin)
        by_vote = {"past_vote": self.past_vote, "interest": by_interest(assumed, vote)}
        age_by_occupation = np.asarray(electorate.mass.sum(axis=(1, 3, 4, 5, 6)))
        for name in LENT:
            table = electorate.among((name,), electorate.mass)
            size = self.ages if name == "age" else table.sum(axis=1)
            lent = borrowed_groups(table, vote, weights)
            by_vote[name] = fit_table(lent, [((0,), size), ((1,), vote)])
        return CalibrationTargets(
            election=self.election.name,
            candidates=tuple(self.ballot.candidates),
            registered=registered,
            vote=vote,
            levels={**electorate.levels, "past_vote": (*self.groups, NOBODY)},
            share={},
            by_vote=by_vote,
            published={},
            seeds={("age", "occupation"): age_by_occupation},
            areas=votes_by_area(self.election),
        )

    @override
    def facts(self, assumed: ElectorateSettings, settings: SimulationSettings) -> Facts:
        lent = self.lender.facts(assumed, settings)
        lender_ballot = self._lent_by(assumed)
        weights = kinship(self.ballot, lender_ballot, self.kin)
        return replace(
            lent,
            round=self.evidence.round,
            as_of=self.evidence.as_of,
            calendar=calendar_of(self.evidence, settings.calendar_days),
            lent=True,
            ballot=lent.ballot,
            **borrowed_facts(lent, self.ballot, lender_ballot, weights),
        )

    def _lent_by(self, assumed: ElectorateSettings) -> Ballot:
        lent = self.lender.electorate(assumed)
        return Ballot(candidates=lent.candidates, family=self.lent_by, share=lent.share)


def lent_calibration(
    election: Election,
    evidence: Evidence,
    lender: Calibration,
    past: PastVote,
    settings: SimulationSettings,
) -> BorrowedCalibration:
    """Read what an election knows itself, the rest being lent.

    Parameters
    ----------
    election : Election
    evidence : Evidence
        Of its first round, for the calendar of polls.
    lender : Calibration
    past : PastVote
    settings : SimulationSettings
        Of which `kin` and `ages_of` count.

    Raises
    ------
    DataError
        If a file is missing, or a family has nobody to borrow from.
    """
    _, vote = vote_of(election)
    before, groups = past_groups(election, past)
    areas = margins_by_departement(before, election)
    return BorrowedCalibration(
        election=election,
        evidence=evidence,
        lender=lender,
        ballot=Ballot(
            candidates=election.round(1).candidates,
            family=_families(election),
            share=vote[:-1] / vote[:-1].sum(),
        ),
        lent_by=_families(lender.election),
        groups=tuple(groups),
        past_vote=by_past_vote(areas, groups, vote),
        kin=settings.kin,
        ages=census_shares(lender.election, "age", settings.ages_of).to_numpy(float),
    )


def _families(election: Election) -> list[str]:
    family = election.people.set_index("candidate")["family"]
    return [str(family[name]) for name in election.round(1).candidates]


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """Who stood, of which political family, and how many votes they had.

    Attributes
    ----------
    candidates : sequence of str
        C slugs.
    family : sequence of str
        Their families.
    share : numpy.ndarray [C]
        Fractions of the valid votes.
    """

    candidates: Sequence[str]
    family: Sequence[str]
    share: FloatArray


def kinship(borrower: Ballot, lender: Ballot, kin: Mapping[str, str]) -> FloatArray:
    """Whose voters stand in for whose: weights [C of the borrower, C of the lender].

    A candidate borrows from all of the same family, weighted by their votes; rows sum to 1.

    Parameters
    ----------
    borrower, lender : Ballot
    kin : mapping of str to str
        Families that the lender lacks, and which family stands in.

    Raises
    ------
    DataError
        If a family of the borrower has no candidate among the lender's.

    Examples
    --------
    >>> old = Ballot(candidates=["ash"], family=["left"], share=np.array([1.0]))
    >>> new = Ballot(
    ...     candidates=["birch", "cedar", "fir"], family=["left", "left", "right"],
    ...     share=np.array([0.3, 0.1, 0.6]),
    ... )
    >>> kinship(old, new, {}).round(6).tolist()
    [[0.75, 0.25, 0.0]]
    """
    weights = np.zeros((len(borrower.candidates), len(lender.candidates)))
    families = np.asarray(lender.family)
    for row, family in enumerate(borrower.family):
        is_kin = families == kin.get(family, family)
        if not is_kin.any():
            raise DataError(
                f"{borrower.candidates[row]} is '{family}', a family without a candidate to "
                f"borrow from; accepted: {', '.join(sorted(set(families)))}, or name one in `kin`"
            )
        weights[row, is_kin] = lender.share[is_kin] / lender.share[is_kin].sum()
    return weights


def borrowed_groups(group_by_vote: FloatArray, vote: FloatArray, weights: FloatArray) -> FloatArray:
    """Groups by vote [G, C + 1] with the lender's composition of every family's voters.

    Parameters
    ----------
    group_by_vote : numpy.ndarray [G, C of the lender + 1]
        The last column is everybody without a valid vote.
    vote : numpy.ndarray [C + 1]
        Of the borrower, fractions of those registered.
    weights : numpy.ndarray
        From `kinship`.
    """
    inside = group_by_vote / group_by_vote.sum(axis=0)
    return np.column_stack([inside[:, :-1] @ weights.T, inside[:, -1]]) * vote


def borrowed_facts(
    facts: Facts, borrower: Ballot, lender: Ballot, weights: FloatArray
) -> dict[str, FloatArray]:
    """Declared votes, approval and attention of the borrower's volunteers and authors.

    - A vote for a family is declared as many times more often than cast as in the lender's ballot.
    - One's own candidate is approved of, and mentioned, as in the lender's; another one as
      voters of that family spoke of candidates of the other's family. Where the lender has
      nobody else of the same family, the best-liked rival (approval) or the mean of the rivals
      (attention) stands in.
    - Attention within a family follows the votes.

    Returns
    -------
    dict
        ``declared_votes`` [C], ``approval`` [C, C], ``attention`` [C, C],
        ``naming`` [C]: fields of `Facts`.
    """
    family = (weights > 0).astype(float)
    rate = (family @ facts.declared_votes) / (family @ lender.share)
    declared = borrower.share * rate
    approval = _by_pairs(facts.approval, weights, _off(facts.approval).max(axis=1))
    among = _off(facts.attention)
    mentions = _by_pairs(among, weights, among.sum(axis=1) / (among.shape[1] - 1))
    families = np.asarray(borrower.family)
    alike = families[:, None] == families
    mentions = mentions * borrower.share / (alike @ borrower.share)
    np.fill_diagonal(mentions, 0.0)
    own = weights @ np.diag(facts.attention)
    attention = mentions * ((1 - own) / mentions.sum(axis=1))[:, None]
    np.fill_diagonal(approval, weights @ np.diag(facts.approval))
    np.fill_diagonal(attention, own)
    return {
        "declared_votes": declared / declared.sum() * facts.declared_votes.sum(),
        "approval": approval,
        "attention": attention,
        "naming": weights @ facts.naming,
    }


def _off(table: FloatArray) -> FloatArray:
    return np.where(np.eye(len(table), dtype=bool), 0.0, table)


def _by_pairs(table: FloatArray, weights: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Mean of the lender's table over pairs of different candidates of the two families."""
    pairs = weights @ _off(np.ones_like(table)) @ weights.T
    mean = weights @ _off(table) @ weights.T
    fallback = np.repeat((weights @ otherwise)[:, None], len(weights), axis=1)
    return np.divide(mean, pairs, out=fallback, where=pairs > 1e-12)


def calibration_of(experiment: Experiment, task: Task) -> Calibration:
    """What is known of a vote, its own tables or lent ones; read once per process.

    Raises
    ------
    ConfigError
        If it is no first round, or the folder of the election lacks tables and nobody lends them.
    DataError
        If a file is missing, or a family has nobody to borrow from.
    """
    if task.round != (first := min(task.election.rounds)):
        raise ConfigError(
            f"rounds holds {task.round}; accepted in a simulation: {first}, since what is known of "
            "electorates (surveys, volunteers, attention) is about first rounds"
        )
    folders = folders_of(experiment)
    return memoised(task.label, experiment, folders, lambda: _read(experiment, task))


def folders_of(experiment: Experiment) -> list[Path]:
    """The folders of data that a simulation may read: all of its country."""
    folders: dict[Path, None] = {}
    for name in experiment.elections:
        election = load_election(name)
        for neighbour in (election, *same_country_elections(election)):
            folders[neighbour.folder] = None
        if (profile := country_of(election).folder) is not None:
            folders[profile] = None
    return list(folders)


def _read(experiment: Experiment, task: Task) -> Calibration:
    election, evidence = task.election, task.evidence()
    settings = simulation_settings(experiment)
    past = settings.past_vote(election.name, electorate_settings(experiment))
    lacks = missing_for_calibration(election)
    if not lacks:
        return own_calibration(election, evidence, past)
    lender = load_election(settings.lender) if settings.lender else None
    if lender is None or lender.name == election.name or lender.country != election.country:
        raise ConfigError(
            f"elections holds '{election.name}', of which no electorate can be simulated: it lacks "
            f"{', '.join(lacks)}, and simulation.lender is '{settings.lender}'; accepted: an "
            "election that has these, such as fr2017 or toy, or a lender of the same country that "
            "has them"
        )
    moment = task.as_of + (lender.round(1).vote_on - election.round(1).vote_on)
    lent = calibration_of(experiment, replace(task, election=lender, as_of=moment))
    return lent_calibration(election, evidence, lent, past, settings)
