"""Slates: the ballots that polls tested, whoever has withdrawn since, and the one most tested."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.core.errors import ConfigError, did_you_mean
from bench.core.read import MAX_BYTES_OF_YAML, read_csv
from bench.data.columns import KNOWN
from bench.data.election import POLLED, Election
from bench.data.evidence import MAX_MOMENTS, is_settled, public_polls
from bench.data.past_errors import shipped_table
from bench.data.readers import load_yaml, no_rows, read_table, remembered
from bench.data.tables import remembered_outside_audits

RECENT_DAYS = 90
"""Polls count for "most tested" if their interviews ended so many days before the latest of all."""

OFFICIAL = "official"
"""The name of the official list where no poll has tested it yet."""

SAMPLED = "sampled_people.csv"
"""In `datasets/past_errors`: whom samples of earlier seasons tested, and who stood."""

MAX_NAMED = 8  # slates in a refusal

OTHER = "other"
"""In place of a slate: the weight of every ballot that the file does not list."""

COLUMNS = ("slate", "weight", "reason")
SUM_TOLERANCE = 1e-6
YAML = (".yaml", ".yml")
FORM = (
    "a list of entries with 'slate' (a name, or the candidates), 'weight' (0 to 1) and 'reason', "
    "in YAML, or a CSV with these columns"
)


@dataclass(frozen=True, kw_only=True)
class Slate:
    """One ballot that polls tested, as it was known at a moment.

    Attributes
    ----------
    name : str
        As in `slates.csv`, else ``s1``, ``s2`` … in the order in which polls were published.
    candidates : tuple of str
        In alphabetical order.
    n_polls, n_recent : int
        Public polls of it; those of the last `RECENT_DAYS`.
    first_on, last_on : pandas.Timestamp
        When its first and its last poll became public.
    gone : tuple of str
        Who of them had withdrawn.
    lacks : tuple of str
        Who is not among them and on the official list, once that was public.
    """

    name: str
    candidates: tuple[str, ...]
    n_polls: int
    n_recent: int
    first_on: pd.Timestamp
    last_on: pd.Timestamp
    gone: tuple[str, ...]
    lacks: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its candidates in one cell, as `bench.data.task.Task.key` has them."""
        return " ".join(self.candidates)

    @property
    def stands(self) -> bool:
        """Whether it can still be the ballot."""
        return not (self.gone or self.lacks)


@dataclass(frozen=True, kw_only=True)
class WeighedSlate:
    """A slate with its stated weight.

    Attributes
    ----------
    slate : Slate or None
        None for `OTHER`.
    weight : float
        Probability that this is the ballot, 0 to 1, as whoever wrote the file holds; or its part
        of the votes of samples.
    reason : str
        Why.
    votes : float
        Of samples; NaN where a file states the weight.
    """

    slate: Slate | None
    weight: float
    reason: str = ""
    votes: float = math.nan


@remembered_outside_audits(MAX_MOMENTS)
def slates_at(
    election: Election, round_number: int, as_of: pd.Timestamp, lag_days: int | None = None
) -> list[Slate]:
    """The slates that public polls of a round had tested at a moment, the most tested first.

    The order is that of recent polls; of equal ones the slate comes first whose candidates recent
    polls tested more often, on whatever slate, then the one polled last. Nothing that became
    public later, and nothing of an outcome, is looked at. From the moment at which the official
    list was public (`listed_on` of the round) that is the one slate that stands, polled or not.

    Parameters
    ----------
    election : Election
    round_number : int
        1, or 2 for pairs.
    as_of : pandas.Timestamp
        Local time.
    lag_days : int, optional
        As `poll_lag_days` of `bench.data.task.Task`.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> first = slates_at(load_election("fr2017"), 1, pd.Timestamp("2016-09-30"))[0]
    >>> first.n_recent <= first.n_polls, len(first.candidates) > 5
    (True, True)
    """
    polls = _polls_of_round(election, round_number, as_of, lag_days)
    official = _listed(election, round_number, as_of)
    if polls.empty:
        return []
    withdrawals = withdrawn(election, as_of)
    times_tested = Counter(chain.from_iterable(polls.loc[polls["is_recent"], "slate"]))
    table = polls.groupby("slate").agg(
        n_polls=("is_recent", "size"),
        n_recent=("is_recent", "sum"),
        first_on=("published_on", "min"),
        last_on=("published_on", "max"),
    )
    tested = [sum(times_tested[name] for name in slate) / len(slate) for slate in table.index]
    table = table.assign(tested=tested).reset_index()
    called = _names(election)
    by_time = table.sort_values(["first_on", "slate"])["slate"]
    numbered = {slate: f"s{number}" for number, slate in enumerate(by_time, start=1)}
    order = ["n_recent", "tested", "last_on", "slate"]
    table = table.sort_values(order, ascending=[False, False, False, True], kind="stable")
    slates = [
        Slate(
            name=called.get(frozenset(row["slate"]), numbered[row["slate"]]),
            candidates=row["slate"],
            n_polls=int(row["n_polls"]),
            n_recent=int(row["n_recent"]),
            first_on=row["first_on"],
            last_on=row["last_on"],
            gone=tuple(name for name in row["slate"] if name in withdrawals),
            lacks=tuple(name for name in official if name not in row["slate"]),
        )
        for row in table.to_dict("records")
    ]
    if official and not any(slate.stands for slate in slates):
        listed_on = election.rounds[round_number].listed_on
        assert listed_on is not None
        slates.append(
            Slate(
                name=OFFICIAL,
                candidates=official,
                n_polls=0,
                n_recent=0,
                first_on=listed_on,
                last_on=listed_on,
                gone=(),
            )
        )
    return slates


def _polls_of_round(
    election: Election, round_number: int, as_of: pd.Timestamp, lag_days: int | None
) -> pd.DataFrame:
    """The public polls of a round, a row each with its `slate` and whether it `is_recent`.

    None while nobody could tell whether their lists hold whom the source knew to stand.
    """
    rows = public_polls(election, as_of, lag_days)
    rows = rows[(rows["round"] == round_number) & is_settled(election, round_number, as_of)]
    polls = rows.drop_duplicates("poll_id").set_index("poll_id")
    named: dict[str, list[str]] = {}
    for poll, name in zip(rows["poll_id"].tolist(), rows["candidate"].tolist(), strict=True):
        named.setdefault(poll, []).append(name)
    slates = {poll: tuple(sorted(names)) for poll, names in named.items()}
    latest = polls["fieldwork_end"].max()
    return polls.assign(
        slate=pd.Series(slates, dtype=object),
        is_recent=polls["fieldwork_end"] >= latest - pd.Timedelta(days=RECENT_DAYS),
    )


def sampled_slates(
    election: Election, round_number: int, as_of: pd.Timestamp, lag_days: int | None = None
) -> list[WeighedSlate]:
    """The slates that recent samples were asked about, weighed by samples; the heaviest first.

    Each sample (one survey of one institute: same institute, last day and number of people) has
    one vote, shared equally by the slates that it was asked about and that stand; one of which
    none stands has no vote. The weights sum to 1.

    Parameters
    ----------
    election, round_number, as_of, lag_days
        As of `slates_at`; recent are samples of the last `RECENT_DAYS` with polls.
    """
    slates = slates_at(election, round_number, as_of, lag_days)
    standing = {slate.candidates: slate for slate in slates if slate.stands}
    polls = _polls_of_round(election, round_number, as_of, lag_days).reset_index()
    polls = polls[polls["is_recent"] & polls["slate"].isin(list(standing))]
    # without a size nobody can tell one sample from another
    size = polls["sample_size"].astype(object).fillna(polls["poll_id"])
    sample = ["institute", "fieldwork_end", "sample_size"]
    polls = polls.assign(sample_size=size).drop_duplicates([*sample, "slate"])
    polls["vote"] = 1 / polls.groupby(sample, dropna=False)["slate"].transform("size")
    votes = polls.groupby("slate")["vote"].sum()
    votes = votes.round(9).sort_values(ascending=False, kind="stable")
    return [
        WeighedSlate(slate=standing[names], weight=vote / votes.sum(), votes=vote)
        for names, vote in zip(votes.index, votes, strict=True)
    ]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Chances of standing, and what taught them.

    Attributes
    ----------
    chances : pandas.Series
        By candidate; of whom no recent sample tests nothing is stated.
    slates : list of WeighedSlate
        Those of `sampled_slates`, the most tested first, with weights that have these chances as
        far as the ballots allow: whoever is on all of them stands in `part_of_samples`.
    seasons : list of int
        Years of the votes that taught them. Without any a chance is the part of the samples.
    """

    chances: pd.Series
    slates: list[WeighedSlate]
    seasons: list[int]

    def with_stated(self, stated: pd.Series) -> Standing:
        """The same with other chances for some of the people, and weights that follow."""
        from bench.models.standing import tilted

        chances = stated.reindex(self.chances.index).fillna(self.chances)
        weights = [entry.weight for entry in self.slates]
        tilt = zip(self.slates, tilted(weights, on_ballots(self.slates), chances), strict=True)
        slates = [replace(entry, weight=float(weight)) for entry, weight in tilt]
        return replace(self, chances=chances, slates=slates)


def standing_at(
    election: Election, round_number: int, as_of: pd.Timestamp, lag_days: int | None = None
) -> Standing:
    """Who stands, as `bench.models.standing` learns it from the samples of earlier seasons.

    A season of `SAMPLED` teaches if it is of the same country and kind, and its outcome was public
    by `as_of`. From the official list on, nothing is learned.

    Parameters
    ----------
    election, round_number, as_of, lag_days
        As of `sampled_slates`.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> standing = standing_at(load_election("fr2017"), 1, pd.Timestamp("2017-01-14T20:00"))
    >>> standing.seasons, round(float(standing.chances["valls"]), 1)
    ([2012], 0.4)
    """
    from bench.models.standing import chance_of_standing, fit_standing

    slates = sampled_slates(election, round_number, as_of, lag_days)
    counted = Standing(chances=part_of_samples(slates), slates=slates, seasons=[])
    rows = sampled_people()
    is_alike = rows["country"].eq(election.country) & rows["kind"].eq(election.kind)
    rows = rows[is_alike & rows["published_on"].le(as_of)]
    if rows.empty or not slates or _listed(election, round_number, as_of):
        return counted
    n_samples = math.fsum(entry.votes for entry in slates)
    days = (election.rounds[round_number].vote_on - as_of).days
    chances = chance_of_standing(fit_standing(rows), counted.chances, n_samples, days)
    learned = replace(counted, seasons=rows["season"].unique().tolist())
    return learned.with_stated(pd.Series(chances, counted.chances.index))


def sampled_people() -> pd.DataFrame:
    """The table `SAMPLED`, made anew by ``python -m tools.past_errors``."""
    return shipped_table(paths.datasets() / "past_errors" / SAMPLED, KNOWN["sampled_people"])


def on_ballots(slates: Sequence[WeighedSlate]) -> pd.DataFrame:
    """Who is on which slate, a row each: 1, or 0."""
    keys = pd.Series([entry.slate.key for entry in slates if entry.slate], dtype=object)
    return keys.str.get_dummies(" ")


def part_of_samples(slates: Sequence[WeighedSlate]) -> pd.Series:
    """By candidate the sum of the weights of slates, 0 to 1; all must be listed."""
    return on_ballots(slates).mul([entry.weight for entry in slates], axis=0).sum().clip(upper=1)


def slate_of(
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    requested: str | Sequence[str],
    lag_days: int | None = None,
) -> Slate:
    """The slate that a task asks about.

    Parameters
    ----------
    requested : str or sequence of str
        A name, `POLLED`, or the candidates.
    election, round_number, as_of, lag_days
        As of `slates_at`.

    Raises
    ------
    ConfigError
        If no public poll tested it, somebody on it has withdrawn, or it is not the official list
        where that was public.
    """
    slates = slates_at(election, round_number, as_of, lag_days)
    standing = [slate for slate in slates if slate.stands]
    vote = f"round {round_number} of {election.name} as of {as_of:%Y-%m-%d %H:%M}"
    if not standing:
        reason = _why_none(slates, settled=is_settled(election, round_number, as_of))
        raise ConfigError(
            f"no slate of {vote} can be supposed: {reason}; accepted: a moment with a public poll "
            "of candidates who stand"
        )
    if requested == POLLED:
        return standing[0]
    listed = ", ".join(slate.name for slate in standing[:MAX_NAMED])
    accepted = f"accepted: {listed}, or '{POLLED}' for the one most tested"
    by_name = {slate.name: slate for slate in slates}
    if isinstance(requested, str):
        match = by_name.get(requested)
        description = f"slate '{requested}'"
        near = f" ({did_you_mean(requested, by_name)})" if len(by_name) <= MAX_NAMED else ""
    else:
        people = sorted(election.people["candidate"])
        strangers = [name for name in requested if name not in people]
        if strangers:
            raise ConfigError(
                f"the slate names '{strangers[0]}', whom nobody tested for {election.name} "
                f"({did_you_mean(strangers[0], people)})"
            )
        by_people = {frozenset(slate.candidates): slate for slate in slates}
        match = by_people.get(frozenset(requested))
        description = f"a slate of {', '.join(sorted(requested))}"
        near = ""
    if match is None:
        raise ConfigError(f"{description} was in no public poll of {vote}{near}; {accepted}")
    if match.gone:
        names = election.people.set_index("candidate")["name"]
        days = withdrawn(election, as_of)
        departed = " and ".join(f"{names[name]} ({days[name]:%Y-%m-%d})" for name in match.gone)
        raise ConfigError(
            f"slate '{match.name}' of {vote} names who had withdrawn: {departed}; {accepted}"
        )
    if match.lacks:
        raise ConfigError(
            f"slate '{match.name}' of {vote} lacks {', '.join(match.lacks)} of the official list, "
            f"which was public by then; accepted: '{POLLED}', which is that list"
        )
    return match


def _why_none(slates: Sequence[Slate], *, settled: bool) -> str:
    if not settled:
        return "its polls were kept by who came to stand (selected_by in election.yaml)"
    return "every one names somebody who withdrew" if slates else "no poll was public"


def weighed_slates(
    file: Path | str,
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    lag_days: int | None = None,
) -> list[WeighedSlate]:
    """The slates of a file with their weights, as they stood at a moment; the heaviest first.

    Parameters
    ----------
    file : Path or str
        YAML or CSV: an entry per slate with its weight and a reason. `OTHER` may stand for
        every slate that is not listed.
    election, round_number, as_of, lag_days
        As of `bench.data.slates.slates_at`.

    Raises
    ------
    ConfigError
        If the file cannot be read as that, a slate was in no public poll or names somebody who
        had withdrawn, is named twice, or the weights do not sum to 1.
    """
    weighed = []
    path = Path(file).expanduser()
    for place, entry in enumerate(_entries(path), start=1):
        source = f"{path}, entry {place}"
        strange = [key for key in entry if key not in COLUMNS]
        if strange:
            raise ConfigError(
                f"{source}: '{strange[0]}' ({did_you_mean(str(strange[0]), COLUMNS)})"
            )
        missing = [key for key in COLUMNS if _is_blank(entry.get(key))]
        if missing:
            raise ConfigError(f"{source}: no {missing[0]}; accepted: {FORM}")
        weight = _weight(entry["weight"], source)
        requested = entry["slate"]
        if isinstance(requested, str) and " " in requested.strip():
            requested = requested.split()
        slate = None
        try:
            if requested != OTHER:
                slate = slate_of(election, round_number, as_of, requested, lag_days)
        except ConfigError as error:
            raise ConfigError(f"{source}: {error}") from error
        weighed.append(
            WeighedSlate(slate=slate, weight=weight, reason=str(entry["reason"]).strip())
        )
    _refuse_wrong_sums(weighed, path)
    # `OTHER` last: nothing is forecast of it
    return sorted(
        weighed, key=lambda weighed_slate: (weighed_slate.slate is None, -weighed_slate.weight)
    )


def _listed(election: Election, round_number: int, as_of: pd.Timestamp) -> tuple[str, ...]:
    """The official list, if it was public."""
    vote = election.rounds[round_number]
    is_public = vote.listed_on is not None and as_of >= vote.listed_on
    return vote.candidates if is_public else ()


def withdrawn(election: Election, as_of: pd.Timestamp) -> dict[str, pd.Timestamp]:
    """Who had withdrawn at a moment, and when; not whoever has declared again since."""
    rows = candidacies(election)
    rows = rows[rows["published_on"] <= as_of].sort_values("published_on", kind="stable")
    last = rows.drop_duplicates("candidate", keep="last")
    last = last[last["status"] == "withdrawn"]
    return dict(zip(last["candidate"], last["published_on"], strict=True))


def candidacies(election: Election) -> pd.DataFrame:
    """Who declared and who withdrew, and when; nothing cut, no rows where nobody says."""
    return _rows(election, "candidacies")


@remembered()
def _rows(election: Election, name: str) -> pd.DataFrame:
    """A table that the folder of an election need not hold; no rows without it."""
    path = election.folder / f"{name}.csv"
    if election.collection or not os.path.lexists(path):
        return no_rows(KNOWN[name])
    return read_table(path, KNOWN[name], candidates=election.people["candidate"].tolist())


def coming_events(election: Election, as_of: pd.Timestamp) -> pd.DataFrame:
    """What no poll can know and a moment did: judgements, primaries, decisions, by day.

    Parameters
    ----------
    election : Election
    as_of : pandas.Timestamp
        Local time; rows that became public later are left out.

    Returns
    -------
    pandas.DataFrame
        event, on, published_on, basis, words, words_fr, source; no rows where nobody says.
    """
    rows = _rows(election, "events")
    return rows[rows["published_on"] <= as_of].sort_values("on", kind="stable")


@remembered()
def _names(election: Election) -> dict[frozenset[str], str]:
    """The names that a folder gives to slates."""
    by_name = _rows(election, "slates").groupby("slate")["candidate"]
    return {frozenset(part): str(name) for name, part in by_name}


def _entries(path: Path) -> list[Mapping[str, Any]]:
    if not os.path.lexists(path):
        raise ConfigError(f"{path}: no such file of weights; accepted: {FORM}")
    if path.suffix in YAML:
        rows = load_yaml(path)
    else:
        limit = MAX_BYTES_OF_YAML
        rows = read_csv(path, max_bytes=limit, max_rows=limit).fillna("").to_dict("records")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f"{path}: holds no entries; accepted: {FORM}")
    return rows


def _is_blank(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _weight(stated: object, source: str) -> float:
    try:
        weight = float(str(stated))
    except ValueError:
        weight = math.nan
    if not 0 < weight <= 1:
        raise ConfigError(f"{source}: the weight is {stated}; accepted: above 0, at most 1")
    return weight


def _refuse_wrong_sums(weighed: list[WeighedSlate], path: Path) -> None:
    total = math.fsum(entry.weight for entry in weighed)
    if abs(total - 1) > SUM_TOLERANCE:
        raise ConfigError(
            f"{path}: the weights sum to {total:.6g}; accepted: 1. What you leave to slates that "
            f"are not listed is an entry of its own, '{OTHER}'"
        )
    listed: set[Slate | None] = set()
    for entry in weighed:
        if entry.slate in listed:
            name = entry.slate.name if entry.slate else OTHER
            raise ConfigError(f"{path}: slate '{name}' is there twice; give it one weight")
        listed.add(entry.slate)
    if listed == {None}:
        raise ConfigError(f"{path}: lists no slate but '{OTHER}'; accepted: one slate or more")
