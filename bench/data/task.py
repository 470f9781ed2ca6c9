"""A task: one vote at one moment, what all predictors are asked about, and who is ranked on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core import paths
from bench.core.errors import ConfigError, DataError, shortlist
from bench.core.evidence import Evidence
from bench.core.moments import NOW, local_moment
from bench.core.predictor import generator
from bench.core.settings import Experiment, least_polled
from bench.data.collection import collection_of
from bench.data.country import country_of
from bench.data.election import POLLED, Election, Round, folders_read, load_election
from bench.data.evidence import evidence_for
from bench.data.tables import Outcome, outcome_of, remembered_outside_audits

WINDOW_DAYS = 14
MAX_DAYS_BEFORE = 365  # of a moment that an experiment fixes, before a vote that is over
# streams of random numbers keep the name under which they were first drawn
SEED_NAMES = {"polls_30_days_ago": "previous_forecast"}
"""An institute counts if its last poll ended at most so many days before the latest of all."""


@dataclass(frozen=True, init=False, eq=False)
class Task:
    """One round of one election at one moment, under the rules of an experiment.

    Parameters
    ----------
    election : str, Path or Election
        A shipped election by name, any by its folder.
    round : int
        1 or 2.
    as_of : str, date or pandas.Timestamp, optional
        The moment of the forecast, local time; nothing that became public later is evidence. If
        left out, the last evening on which polls could appear before the round; while that and the
        outcome are still to come, the present minute.
    include_embargoed : collection of str
        Sources of which everything counts that somebody could have had by then;
        ``embargoed_ballot`` for the one that the election names.
    hindsight_of : collection of str
        Sources compiled after the vote that are given as if they had been public: what reads them
        knows what came later and is in no ranking.
    poll_lag_days : int, optional
        Date polls whose publication no source states that many days after the last interview.
    by_station : bool
        Whether earlier rounds of this election are also given by polling station.
    pair : (str, str), optional
        For round 2 before the first is counted: the two who are supposed to meet.
    slate : str or sequence of str, optional
        Who is supposed to be on the ballot: a slate that public polls tested, by its name, by its
        candidates, or ``polled`` for the one most tested. The official ballot if left out, and
        ``polled`` where there is none yet.
    seed : int
        Of the run; what `rng` depends on beside names.

    Raises
    ------
    ConfigError
        If the election, the round or the moment does not exist.

    Examples
    --------
    >>> task = Task("fr2017", round=1, as_of="2017-04-01 20:00")
    >>> task.label
    'fr2017 round 1 as of 2017-04-01T20:00'
    >>> len(task.evidence()["polls"]) > 0
    True
    >>> int(task.outcome().votes["macron"])
    8656346
    """

    election: Election
    round: int
    as_of: pd.Timestamp
    include_embargoed: tuple[str, ...]
    hindsight_of: tuple[str, ...]
    poll_lag_days: int | None
    by_station: bool
    pair: tuple[str, str] | None
    slate: tuple[str, ...] | None
    seed: int
    vote: Round = field(init=False, repr=False)
    _values: tuple[object, ...] = field(init=False, repr=False)

    def __init__(
        self,
        election: str | Path | Election,
        round: int = 1,  # noqa: A002 - the word of every table
        as_of: str | date | pd.Timestamp | None = None,
        *,
        include_embargoed: Iterable[str] = (),
        hindsight_of: Iterable[str] = (),
        poll_lag_days: int | None = None,
        by_station: bool = False,
        pair: tuple[str, str] | None = None,
        slate: str | Sequence[str] | None = None,
        seed: int = 0,
    ) -> None:
        loaded = election if isinstance(election, Election) else load_election(str(election))
        vote = loaded.rounds[round]
        moment = _usual_moment(loaded, round) if as_of is None else local_moment(as_of)
        if slate is None and pair is None and not vote.candidates:
            slate = POLLED
        if slate and pair:
            raise ConfigError("both slate and pair are given; accepted: one of them")
        if slate:
            from bench.data.slates import slate_of  # few ballots are supposed

            slate = slate_of(loaded, round, moment, slate, poll_lag_days).candidates
        fields: dict[str, object] = {
            "election": loaded,
            "round": round,
            "as_of": moment,
            "include_embargoed": loaded.owners(include_embargoed),
            "hindsight_of": tuple(hindsight_of),
            "poll_lag_days": poll_lag_days,
            "by_station": by_station,
            "pair": None if pair is None else tuple(map(str, pair)),
            "slate": slate,
            "seed": seed,
        }
        values = (loaded.address, *list(fields.values())[1:])
        vars(self).update(fields, vote=vote, _values=values)

    def evidence(self) -> Evidence:
        """All tables, cut at the moment, each assembled when it is first read.

        Once per process while no file changes.

        Details as in `bench.data.evidence.evidence_for`.
        """
        return _evidence(self)

    def outcome(self) -> Outcome:
        """The official votes.

        Raises
        ------
        DataError
            If the folder of the election holds none.
        """
        return _outcome(self.election, self.round)

    def rng(self, *names: object) -> np.random.Generator:
        """A generator of its own for everybody who asks by another name.

        Parameters
        ----------
        names : str
            Who asks, for example the name of a predictor.
        """
        seeds = [SEED_NAMES.get(str(name), name) for name in names]
        return generator(self.seed, *seeds, self.election.name, self.round, self.as_of)

    @property
    def label(self) -> str:
        """Election, round and moment, as part of a sentence."""
        return f"{self.election.name} round {self.round} as of {self.as_of:%Y-%m-%dT%H:%M}"

    @property
    def key(self) -> dict[str, Any]:
        """The columns that say in every long table which task a row belongs to."""
        key: dict[str, Any] = {
            "election": self.election.name,
            "round": self.round,
            "as_of": self.as_of,
        }
        return key if self.slate is None else {**key, "slate": " ".join(self.slate)}

    @property
    def vote_on(self) -> pd.Timestamp:
        """The day of the vote, midnight."""
        return self.vote.vote_on

    @property
    def ballot(self) -> tuple[str, ...]:
        """The slugs of the C candidates of the round, in alphabetical order."""
        supposed = self.slate or self.pair
        return tuple(sorted(supposed)) if supposed else self.vote.candidates

    @property
    def folders(self) -> list[Path]:
        """The folders of data that its evidence and outcome are read from."""
        return folders_read(self.election)

    @property
    def part(self) -> dict[str, Any]:
        """The task in plain values for a worker; `task_of` makes it whole again.

        Examples
        --------
        >>> Task("toy", 2, "2031-04-18T20:00").part
        {'election': 'toy', 'round': 2, 'as_of': '2031-04-18T20:00:00'}
        """
        values = {
            "election": portable(self.election.address),
            "round": self.round,
            "as_of": self.as_of.isoformat(),
        }
        return values if self.slate is None else {**values, "slate": list(self.slate)}

    def assembled(self) -> Evidence:
        """The same tables as `evidence`, all read and cut anew at once."""
        return _cut(self).assembled()

    def __repr__(self) -> str:
        """Three lines: the task, its vote, its candidates."""
        return (
            f"Task {self.label}\n"
            f"{self.election.title}, vote on {self.vote_on:%Y-%m-%d}\n"
            f"candidates: {shortlist(self.ballot)}"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self._values == other._values

    def __hash__(self) -> int:
        return hash(self._values)


def portable(address: Path) -> str:
    """The name of shipped data, which every worker has; the path of any other.

    Parameters
    ----------
    address : Path
        A folder of data, or the `address` of an election.

    Examples
    --------
    >>> portable(load_election("toy").address), portable(load_election("gb2015").address)
    ('toy', 'gb2015')
    """
    datasets = paths.datasets().resolve()
    if address.parent == datasets:
        return address.name
    inside = collection_of(address) if address.is_relative_to(datasets) else None
    return str(address) if inside is None else inside[1]


def _cut(task: Task) -> Evidence:
    return evidence_for(
        task.election,
        task.round,
        task.as_of,
        include_embargoed=task.include_embargoed,
        hindsight_of=task.hindsight_of,
        by_station=task.by_station,
        pair=task.pair,
        slate=task.slate,
        poll_lag_days=task.poll_lag_days,
    )


_evidence = remembered_outside_audits(16)(_cut)
_outcome = remembered_outside_audits()(outcome_of)


def refuse_known(election: Election, number: int, moment: pd.Timestamp) -> None:
    """Raise a ConfigError where a round would be forecast once its outcome was known."""
    known_at = election.rounds[number].known_at
    if moment >= known_at:
        raise ConfigError(
            f"as_of {moment} is not before the outcome of round {number} of {election.name} was "
            f"known ({known_at}); give an earlier moment"
        )


def refuse_long_before(election: Election, number: int, moment: pd.Timestamp) -> None:
    """Refuse a fixed moment more than a year before a vote that is over.

    Such a moment was chosen for another vote. Days counted from the vote are not refused, nor is
    the forecast of a vote to come.

    Raises
    ------
    ConfigError
        With the moment, the vote, the days between, and what to type.
    """
    vote_on = election.rounds[number].vote_on
    days = (vote_on - moment.normalize()).days
    if days > MAX_DAYS_BEFORE and is_over(election, number):
        raise ConfigError(
            f"as_of {moment:%Y-%m-%d %H:%M} is {days:,} days before round {number} of "
            f"{election.name} ({vote_on:%Y-%m-%d}), more than a year; accepted: days counted from "
            f"this vote, 'days_before=[2]', and if that moment is meant 'days_before=[{days}]' "
            f"'hour=\"{moment:%H:%M}\"'"
        )


def is_known(task: Task) -> bool:
    """Whether a vote is over, or its outcome is there."""
    return is_over(task.election, task.round)


def is_over(election: Election, number: int) -> bool:
    """Whether a round is over, or its outcome is there."""
    if datetime.now() >= election.rounds[number].known_at:
        return True
    try:
        return bool(_outcome(election, number).share.notna().any())
    except DataError:
        return False


def _usual_moment(election: Election, number: int) -> pd.Timestamp:
    """The last evening with polls; the present where that and the outcome are still to come."""
    evening = country_of(election).last_poll_evening(election.rounds[number])
    is_past = evening <= datetime.now() or is_over(election, number)
    return evening if is_past else local_moment(NOW)


def ranked_on(rule: str | list[str], evidence: Evidence) -> tuple[str, ...]:
    """The candidates on whom a ranking at one moment is made, in ballot order.

    Under ``polled_10`` those whom the public polls of the moment give 10 % or more: the mean, over
    institutes, of each institute's last poll. Nothing that came later is looked at. Without two
    such candidates, and without any poll, it is the whole ballot.

    Parameters
    ----------
    rule : str or list of str
        As of the setting `ranked_on`.
    evidence : Evidence
        Of the round, cut at the moment.

    Returns
    -------
    tuple of str
        Two or more of the ballot.
    """
    min_share = least_polled(rule)
    if min_share is None:
        return tuple(name for name in evidence.candidates if not rule or name in rule)
    mean = polled(evidence["polls"])
    chosen = tuple(name for name in evidence.candidates if mean.get(name, 0.0) > min_share - 1e-9)
    return chosen if len(chosen) > 1 else evidence.candidates


def ranked_on_task(experiment: Experiment, task: Task) -> tuple[str, ...]:
    """The candidates of `ranked_on` for a task; a rule is applied once per task."""
    rule = experiment.ranked_on
    if isinstance(rule, str):
        return _by_rule(rule, task)
    return ranked_on(rule, task.evidence())


@remembered_outside_audits(16)
def _by_rule(rule: str, task: Task) -> tuple[str, ...]:
    return ranked_on(rule, task.evidence())


def polled(polls: pd.DataFrame) -> pd.Series:
    """Mean share of every candidate over the last poll of each institute.

    Parameters
    ----------
    polls : pandas.DataFrame
        Rows of the table `polls`: institute, fieldwork_end, candidate, share.

    Returns
    -------
    pandas.Series
        Fractions by candidate, over the institutes that name him or her. Several polls of one
        institute on its last day count as one, by their mean.

    Examples
    --------
    >>> rows = pd.DataFrame({"institute": ["A", "A", "B"], "candidate": "ash",
    ...     "fieldwork_end": pd.to_datetime(["2031-04-01", "2031-04-09", "2031-04-08"]),
    ...     "share": [0.5, 0.1, 0.2]})
    >>> polled(rows).round(6).to_dict()
    {'ash': 0.15}
    """
    if polls.empty:
        return pd.Series(dtype=float)
    institute, names = pd.factorize(polls["institute"], use_na_sentinel=False)
    ended = polls["fieldwork_end"].to_numpy()
    last = np.full(len(names), ended.min())
    np.maximum.at(last, institute, ended)
    since = ended.max() - np.timedelta64(WINDOW_DAYS, "D")
    recent = (ended == last[institute]) & (ended >= since)
    candidate, candidates = pd.factorize(polls["candidate"][recent])
    cell = candidate * len(names) + institute[recent]
    n_cells = len(candidates) * len(names)
    n_rows = np.bincount(cell, minlength=n_cells)
    total = np.bincount(cell, polls["share"].to_numpy(float)[recent], minlength=n_cells)
    named = (n_rows > 0).reshape(len(candidates), len(names))
    each = (total / np.maximum(n_rows, 1)).reshape(named.shape)
    mean = each.sum(axis=1) / named.sum(axis=1)
    return pd.Series(mean, index=candidates)
