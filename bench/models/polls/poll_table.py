"""The polls of one vote as arrays, what is done with other slates, and means of polls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.core.errors import Abstain, DataError
from bench.core.evidence import Evidence, EvidenceBatch
from bench.models.log_ratio import FLOOR
from bench.models.memoize import Memory

COLUMNS = (
    "poll_id",
    "institute",
    "fieldwork_start",
    "fieldwork_end",
    "sample_size",
    "sample_expressed",
    "rolling",
    "candidate",
    "share",
)
"""What is read of a poll."""

CLOSED_TOTAL = 0.988
"""A poll whose listed shares reach this offered nobody else: the missing part is rounding."""

ROLLING_DAYS = 3
"""Fieldwork days of a rolling sample whose first day was not printed (Ifop and OpinionWay)."""

USUAL_SAMPLE = 1000.0
"""Respondents assumed where no poll of the vote states its sample."""

UNKNOWN = "unknown"
"""Institute of a poll that nobody can audit: such polls are left out if another poll is there."""

PATTERN_HALF_LIFE_DAYS = 14.0

MAX_OTHERS = 0.5
"""A slate whose others hold this share of the answers is not read."""

WORST = 1000
"""More people than any slate names: whom it lacks counts before whom it adds."""


@dataclass(frozen=True)
class PollTable:
    """Polls of one vote, J polls by C candidates, sorted by last fieldwork day.

    ``share`` is NaN where a poll does not list a candidate; ``respondents`` counts new
    interviews with an expressed vote; ``days`` runs from the last fieldwork day to the vote.
    """

    candidates: tuple[str, ...]
    poll_id: tuple[str, ...]
    institutes: tuple[str, ...]
    institute: IntArray  # [J], index into institutes
    days: FloatArray  # [J]
    respondents: FloatArray  # [J]
    share: FloatArray  # [J, C]

    def __len__(self) -> int:
        return len(self.poll_id)

    def take(self, rows: BoolArray) -> "PollTable":
        """Keep some polls; institutes without a poll are dropped."""
        codes, code = np.unique(self.institute[rows], return_inverse=True)
        return replace(
            self,
            poll_id=tuple(compress(self.poll_id, rows)),
            institutes=tuple(map(self.institutes.__getitem__, codes)),
            institute=code.astype(np.int64),
            days=self.days[rows],
            respondents=self.respondents[rows],
            share=self.share[rows],
        )


def poll_table(polls: pd.DataFrame, candidates: Sequence[str], vote_on: pd.Timestamp) -> PollTable:
    """Arrange the rows of ``polls`` (poll by candidate) as arrays over one ballot.

    Polls of other slates are mapped to the ballot by :func:`on_ballot`: of several questions put
    to one sample the nearest to the ballot is read, whoever is not on the ballot is dropped, and
    the shares and interviews of the others are those of the people who chose among them. No
    second choices enter: where somebody's voters would go is not assumed.

    Respondents are ``sample_expressed``; where that is missing, ``sample_size`` times the usual
    proportion of the two in these polls. A rolling sample counts its new fieldwork days only.

    Parameters
    ----------
    polls : DataFrame
        Columns poll_id, institute, fieldwork_start, fieldwork_end, sample_size,
        sample_expressed, rolling, candidate, share (fractions, 0 to 1).
    candidates : sequence of str
        The ballot; the order of the columns.
    vote_on : Timestamp
        Day of the vote.

    Raises
    ------
    DataError
        If a poll names somebody twice.
    """
    names = tuple(candidates)
    slates = _slates(polls, names)
    on_slate = slates.read[slates.poll] & (slates.column >= 0)
    place = np.cumsum(slates.read) - 1  # of the polls that are read, among themselves
    n = int(slates.read.sum())
    cell = place[slates.poll[on_slate]] * len(names) + slates.column[on_slate]
    if (np.bincount(cell) > 1).any():
        raise DataError("a poll lists a candidate twice; keep one row per poll and candidate")
    chosen = slates.chosen[slates.read]
    share = np.full((n, len(names)), np.nan)
    share.flat[cell] = slates.share[on_slate] / slates.chosen[slates.poll[on_slate]]

    vote_day = float((vote_on.normalize() - pd.Timestamp(0)).days)
    first = slates.first[slates.read]
    label = slates.label[slates.read].astype(str)
    end = _days(polls["fieldwork_end"])[first]
    start = _days(polls["fieldwork_start"])[first]
    rolling = polls["rolling"].to_numpy(dtype=object, na_value=False)[first].astype(bool)
    interviewed = _numbers(polls["sample_size"])[first]
    voted = _numbers(polls["sample_expressed"])[first]
    order = np.lexsort((np.arange(n), label, end))
    institutes, institute = np.unique(label[order], return_inverse=True)
    fresh = _fresh_share(start[order], end[order], institute, rolling[order])
    ids = slates.ids[slates.read]
    table = PollTable(
        candidates=names,
        poll_id=tuple(str(ids[i]) for i in order),
        institutes=tuple(str(i) for i in institutes),
        institute=institute.astype(np.int64),
        days=vote_day - end[order],
        respondents=(_expressed(interviewed, voted) * chosen)[order] * fresh,
        share=share[order],
    )
    counted = np.nansum(table.share, axis=1) > 0
    is_signed = counted & (np.array(institutes, dtype=str)[institute] != UNKNOWN)
    rows = is_signed if is_signed.any() else counted
    return table if rows.all() else table.take(rows)


def polls_of(evidence: Evidence, polls: pd.DataFrame | None = None) -> PollTable:
    """The polls of the vote that the evidence is about.

    Parameters
    ----------
    evidence : Evidence
    polls : DataFrame, optional
        Those that count; all of `evidence["polls"]` if left out.

    Returns
    -------
    PollTable
        Arranged once for a content and shared: nobody may change its arrays.

    Raises
    ------
    Abstain
        If there is none yet.
    """
    rows = evidence["polls"] if polls is None else polls
    vote = (evidence.candidates, evidence.vote_on)
    table = _TABLES.of(rows, COLUMNS, lambda: _shared(poll_table(rows, *vote)), *vote)
    if len(table) == 0:
        raise Abstain("no poll of this ballot was public yet")
    return table


_TABLES: Memory[PollTable] = Memory(
    max_answers=64
)  # many methods ask about the polls of one moment


def _shared(table: PollTable) -> PollTable:
    for array in (table.institute, table.days, table.respondents, table.share):
        array.setflags(write=False)
    return table


def on_ballot(polls: pd.DataFrame, candidates: Sequence[str]) -> tuple[pd.DataFrame, FloatArray]:
    """The rows of polls that speak of a ballot, and the part of their answers that chose from it.

    A sample that was asked about several slates (same institute, last day and number of people)
    is read once, on the slate that lacks the fewest of the ballot and, among these, names the
    fewest others. A slate with fewer than two of the ballot, or whose others hold half of the
    answers or more, says too little and is left out. Whoever is not on the ballot is dropped.

    Parameters
    ----------
    polls : DataFrame
        Columns poll_id, institute, fieldwork_end, sample_size, candidate, share (fractions).
    candidates : sequence of str
        The ballot.

    Returns
    -------
    tuple of DataFrame [N rows] and ndarray [N]
        Rows of candidates on the ballot, in their order, and one minus the share of the others
        in the row's poll, above 0.5.

    Examples
    --------
    >>> polls = pd.DataFrame({
    ...     "poll_id": ["p"] * 3, "institute": "Nord", "fieldwork_end": pd.Timestamp("2031-04-01"),
    ...     "sample_size": 1000, "candidate": ["ash", "birch", "sloe"], "share": [0.5, 0.3, 0.2]})
    >>> rows, chosen = on_ballot(polls, ["ash", "birch"])
    >>> (rows["share"] / chosen).round(3).tolist()
    [0.625, 0.375]
    """
    slates = _slates(polls, tuple(candidates))
    on_slate = slates.read[slates.poll] & (slates.column >= 0)
    return polls[on_slate], slates.chosen[slates.poll[on_slate]]


@dataclass(frozen=True)
class _Slates:
    """N rows of P polls, and which polls are read on a ballot."""

    ids: NDArray[np.object_]  # [P], sorted
    label: NDArray[np.object_]  # [P], institutes
    first: IntArray  # [P], its first row
    read: BoolArray  # [P]
    chosen: FloatArray  # [P], part of the answers that chose from the ballot
    poll: IntArray  # [N], place in ids
    column: IntArray  # [N], place on the ballot, -1 if not on it
    share: FloatArray  # [N]


def _slates(polls: pd.DataFrame, names: tuple[str, ...]) -> _Slates:
    poll, poll_ids = pd.factorize(polls["poll_id"], sort=True)
    ids = np.asarray(poll_ids, dtype=object)
    person, people = pd.factorize(polls["candidate"])
    place_of = {name: k for k, name in enumerate(names)}
    column = np.array([place_of.get(str(name), -1) for name in people] + [-1])[person]
    inside = column >= 0
    share = polls["share"].to_numpy(dtype=float)
    n_inside = np.bincount(poll, weights=inside, minlength=len(ids))
    n_others = np.bincount(poll, weights=~inside, minlength=len(ids))
    off_ballot = np.bincount(poll, weights=np.where(inside, 0.0, share), minlength=len(ids))
    fit = (n_inside >= 2) & (off_ballot < MAX_OTHERS)
    first = np.unique(poll, return_index=True)[1]
    label = polls["institute"].to_numpy(dtype=object, na_value=UNKNOWN)[first]
    # without a size nobody can tell one sample from another
    size = _numbers(polls["sample_size"])[first]
    sample = np.column_stack(
        [
            np.unique(label.astype(str), return_inverse=True)[1],
            np.nan_to_num(_days(polls["fieldwork_end"])[first], nan=-1.0),
            np.nan_to_num(size, nan=-1.0),
            np.where(np.isnan(size), np.arange(len(ids)), -1),
        ]
    )
    distance = np.where(fit, (len(names) - n_inside) * WORST + n_others, np.inf)
    order = np.lexsort((distance, *sample.T))
    starts = np.ones(len(ids), dtype=bool)
    starts[1:] = (np.diff(sample[order], axis=0) != 0).any(axis=1)
    nearest = np.empty(len(ids))
    nearest[order] = distance[order][starts][np.cumsum(starts) - 1]
    read = fit & (distance == nearest)
    chosen = np.asarray(1.0 - off_ballot, dtype=float)
    return _Slates(ids, label, first, read, chosen, poll, column, share)


def pattern(table: PollTable, half_life_days: float = PATTERN_HALF_LIFE_DAYS) -> FloatArray:
    """Usual share of every candidate among the polls that list him; NaN if none does.

    Parameters
    ----------
    table : PollTable
        At least one poll.
    half_life_days : float
        A poll this much older than the latest counts half.

    Returns
    -------
    ndarray, shape [C]
        Does not sum to one.
    """
    age = table.days - table.days.min()
    weight = (table.respondents * 0.5 ** (age / half_life_days))[:, None]
    listed = ~np.isnan(table.share)
    # an unlisted candidate is taken from the last polls that did list him, however old
    oldest = np.where(listed, age[:, None], np.inf).min(axis=0)
    weight = weight * 0.5 ** (-np.where(np.isfinite(oldest), oldest, 0.0) / half_life_days)
    total = np.where(listed, weight, 0.0).sum(axis=0)
    votes = np.where(listed, weight * table.share, 0.0).sum(axis=0)
    return np.asarray(np.divide(votes, total, out=np.full_like(total, np.nan), where=total > 0))


def whole_ballots(table: PollTable) -> FloatArray:
    """Shares of all candidates in every poll; listed ones keep theirs, the rest is filled.

    Where the listed shares leave a remainder, it goes to the unlisted in the proportions of
    :func:`pattern`. Where they leave none, the unlisted get the share of the pattern and the
    listed shrink in proportion. Somebody whom no poll lists stands at the floor of
    :mod:`bench.models.log_ratio` in the pattern.

    Returns
    -------
    ndarray, shape [J, C]
        Rows sum to one.
    """
    usual = pattern(table)
    usual = np.where(np.isnan(usual), FLOOR, np.maximum(usual, FLOOR))
    listed = ~np.isnan(table.share)
    share = np.where(listed, table.share, 0.0)
    total = share.sum(axis=1, keepdims=True)
    missing = np.where(listed, 0.0, usual)
    missing_total = missing.sum(axis=1, keepdims=True)
    is_open = (total < CLOSED_TOTAL) & (missing_total > 0)
    remainder = np.where(is_open, 1.0 - total, missing_total)
    ratio = np.divide(remainder, missing_total, out=np.zeros_like(total), where=missing_total > 0)
    scale = np.where(is_open, 1.0, (1.0 - remainder) / total)
    return np.asarray(share * scale + missing * ratio)


@dataclass(frozen=True)
class PollMean:
    """A mean of polls.

    ``days`` is the mean of the days from fieldwork to the vote; ``respondents`` and
    ``institutes`` are effective numbers: those of equal weights with the same sampling variance.
    """

    share: FloatArray  # [C]
    days: float
    respondents: float
    institutes: float


HALF_LIVES_DAYS = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0)


def mae_of(half_life_days: float) -> str:
    """The column of `past_errors` with the error of :func:`poll_mean` at one half-life.

    Examples
    --------
    >>> mae_of(7.0)
    'mae_7d'
    """
    return f"mae_{half_life_days:g}d"


MAE_COLUMNS = tuple(map(mae_of, HALF_LIVES_DAYS))


def half_life_errors(table: PollTable, official: FloatArray) -> FloatArray:
    """Mean absolute error [H] of every half-life; NaN if all polls are of one age.

    Parameters
    ----------
    table : PollTable
        At least one poll.
    official : ndarray, shape [C]
    """
    if len(np.unique(table.days)) < 2:
        return np.full(len(HALF_LIVES_DAYS), np.nan)
    weight = np.array([age_weights(table, each) for each in HALF_LIVES_DAYS])  # [H, J]
    share = weight @ whole_ballots(table) / weight.sum(axis=1, keepdims=True)
    return np.asarray(np.abs(share - official).mean(axis=1))


def poll_mean(table: PollTable, half_life_days: float) -> PollMean:
    """Mean of whole ballots, a poll of n new respondents and age a weighing ``n 0.5^(a / h)``.

    Parameters
    ----------
    table : PollTable
        At least one poll; age counts in days from the latest.
    half_life_days : float
        Age ``h`` at which a respondent counts half.
    """
    return weighted(table, age_weights(table, half_life_days))


def age_weights(table: PollTable, half_life_days: float) -> FloatArray:
    """Weights [J] of :func:`poll_mean`."""
    age = table.days - table.days.min()
    return np.asarray(table.respondents * 0.5 ** (age / half_life_days))


LAST_WITHIN_DAYS = 8.0
"""Institutes silent for longer before the latest poll do not count, where the error that all share
is learned and where it is divided by their number."""


def last_polls(table: PollTable, window_days: float) -> PollMean:
    """Plain mean of the last poll of each institute, every institute counting the same.

    Parameters
    ----------
    table : PollTable
        At least one poll.
    window_days : float
        Institutes whose last poll ended more days than this before the latest are left out.
    """
    return weighted(table, last_weights(table, window_days))


def last_weights(table: PollTable, window_days: float) -> FloatArray:
    """Weights [J] of :func:`last_polls`: 1 or 0."""
    weight = np.zeros(len(table))
    for k in range(len(table.institutes)):
        weight[np.flatnonzero(table.institute == k)[-1]] = 1.0
    weight[table.days > table.days.min() + window_days] = 0.0
    return weight


def weighted(table: PollTable, weight: FloatArray) -> PollMean:
    """Mean of whole ballots with these weights [J], which need not sum to 1."""
    total = weight.sum()
    by_institute = np.bincount(table.institute, weights=weight)
    return PollMean(
        share=weight @ whole_ballots(table) / total,
        days=float(weight @ table.days / total),
        respondents=float(total**2 / (weight**2 / table.respondents).sum()),
        institutes=float(total**2 / (by_institute**2).sum()),
    )


def _days(column: pd.Series) -> FloatArray:
    """Days since 1970, NaN where there is none."""
    moments = column if column.dtype.kind == "M" else pd.to_datetime(column)
    stamp = moments.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(stamp), np.nan, stamp.astype("int64").astype(float))


def _numbers(column: pd.Series) -> FloatArray:
    numbers = column if column.dtype.kind in "if" else pd.to_numeric(column)
    return numbers.to_numpy(dtype=float, na_value=np.nan)


def _expressed(interviewed: FloatArray, voted: FloatArray) -> FloatArray:
    both = ~np.isnan(interviewed) & ~np.isnan(voted)
    proportion = float(np.median(voted[both] / interviewed[both])) if both.any() else 1.0
    count = np.where(np.isnan(voted), interviewed * proportion, voted)
    is_number = ~np.isnan(count)
    usual = np.median(count[is_number]) if is_number.any() else USUAL_SAMPLE
    return np.where(is_number, count, usual)


def _fresh_share(
    start: FloatArray, end: FloatArray, institute: IntArray, rolling: BoolArray
) -> FloatArray:
    """Proportion of a poll's fieldwork days that its institute had not already reported."""
    order = np.argsort(institute, kind="stable")
    is_repeat = np.diff(institute[order]) == 0
    before = order[:-1][is_repeat]
    row = order[1:][is_repeat]
    gap = end[row] - end[before]
    no_start = np.isnan(start[row])
    length = np.where(no_start, ROLLING_DAYS, end[row] - start[row] + 1)
    # before 2017 rolling samples are not flagged: a poll a day after another is one
    rolled = rolling[row] | (no_start & (gap <= 1))
    fresh = np.ones(len(end))
    fresh[row[rolled]] = np.fmin(1.0, np.maximum(gap, 0.5) / length)[rolled]
    return fresh


def poll_batch(batch: EvidenceBatch) -> tuple[PollTable, FloatArray]:
    """The polls as `poll_table` arranges them, and the shares of every replicate.

    Returns
    -------
    tuple
        The table of the mean replicate, and shares [B, J, C], NaN where unlisted.
    """
    rows, value = batch["polls"].rows, batch["polls"].values["share"]
    table = poll_table(
        rows.assign(share=value.mean(axis=0)), batch.candidates, batch.evidence.vote_on
    )
    poll = pd.Index(table.poll_id).get_indexer(pd.Index(rows["poll_id"].astype(str)))
    person = pd.Index(batch.candidates).get_indexer(pd.Index(rows["candidate"]))
    listed = (poll >= 0) & (person >= 0)
    unlisted = (poll >= 0) & (person < 0)
    share = np.full((len(value), len(table), len(batch.candidates)), np.nan)
    share[:, poll[listed], person[listed]] = value[:, listed]
    if unlisted.any():
        dropped = np.zeros(share.shape[:2])
        np.add.at(dropped.T, poll[unlisted], value[:, unlisted].T)
        share /= (1.0 - dropped)[:, :, None]
    return table, share


def weighted_batch(table: PollTable, share: FloatArray, weight: FloatArray) -> FloatArray:
    """The shares [B, C] of `weighted` in every replicate, from shares [B, J, C]."""
    if np.isnan(share).any():
        whole = np.stack([whole_ballots(replace(table, share=replicate)) for replicate in share])
    else:
        whole = share / share.sum(axis=2, keepdims=True)
    return np.asarray(np.tensordot(whole, weight, axes=(1, 0)) / weight.sum())
