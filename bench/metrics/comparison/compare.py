"""Methods compared over many votes or dates: only on identical sets, an election counting once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.comparison.ratios import LEVEL, log_ratios
from bench.metrics.comparison.significance import SERIAL, mean_interval, serial_correlation
from bench.metrics.comparison.tests import (
    MIN_ELECTIONS,
    chance_columns,
    has_interval,
    ratio_columns,
)
from bench.metrics.ensemble import LEVELS
from bench.metrics.summary import score_summary

KEY = ["election", "round", "as_of"]
VARIED = ["distortion", "dose", "replicate"]
EVENTS = ("brier_first", "brier_qualify", "log_first", "log_qualify", "p_pair")
DIFFERENCES = ["predictor", "elections", "better_in", "difference", "low", "high"]
ABSOLUTE = ["crps_pp", "low_pp", "high_pp", "mae_pp", *EVENTS]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Methods over the same votes.

    Attributes
    ----------
    summary : pandas.DataFrame
        One row per predictor: `group` (predictors that answered identical votes, dates and
        candidates share one; 1 is the largest), `rank` within it (by the geometric mean of the
        ratios of CRPS), `elections`, `votes` (and dates), the columns of
        `bench.metrics.comparison.tests.ratio_columns` and `chance_columns`, and the share of
        outcomes inside its 50 to 95 % intervals. Where all votes are of one round also the means
        over elections of `crps_pp` (with `low_pp` and `high_pp`, a 95 % t interval, NaN below
        `bench.metrics.comparison.tests.MIN_ELECTIONS`) and `mae_pp`, Brier and log scores: NaN
        for a mixture of first rounds and runoffs, of which the mean has no meaning.
    by_round : pandas.DataFrame
        The same for every round by itself, with `round`; sets are formed within a round. Empty
        where there is one round.
    by_vote : pandas.DataFrame
        Mean CRPS in points: one row per vote and date, one column per predictor, NaN where it
        did not answer: the mask.
    facts : dict
        As JSON holds it: `extent` (elections, votes, moments and what they allow), `missing` (by
        set of methods, what it did not answer) and `tests` (by set, see `chance_columns`).
    """

    summary: pd.DataFrame
    by_round: pd.DataFrame
    by_vote: pd.DataFrame
    facts: dict[str, Any]


def compare(
    errors: pd.DataFrame, baseline: str, rng: np.random.Generator, series: Mapping[str, str]
) -> Comparison:
    """Compare predictors over the votes and dates of a run.

    An election counts once: its rounds and dates are averaged before anything is tested.
    Unit: points of the valid votes (`_pp`), ratios, fractions of the intervals. Lower is better;
    coverage is best at its level.

    Parameters
    ----------
    errors : pandas.DataFrame
        Long error table.
    baseline : str
        The predictor to beat.
    rng : numpy.random.Generator
        For the random signs of tests over many elections.
    series : mapping of str to str
        By election the series that it belongs to, whose neighbours in time have errors that
        correlate; elections that are not named form one.

    Returns
    -------
    Comparison

    Raises
    ------
    ForecastError
        If the table mixes distortions, or holds a value twice.

    References
    ----------
    As the functions of `bench.metrics.comparison.significance` and `ratios` that it calls.
    """
    rows = errors[(errors["ballot"] == "all") & (errors["area"] == "national")]
    values = answered(rows, "crps")
    loss = values.groupby(level=KEY).mean()
    summary, tested_sets = _compared(rows, values, baseline, rng, series)
    tests = [{"round": None, **tested} for tested in tested_sets]
    rounds = sorted(set(loss.index.get_level_values("round")))
    parts = []
    if len(rounds) > 1:
        summary[ABSOLUTE] = np.nan
        for number in rounds:
            in_round = values[values.index.get_level_values("round") == number]
            in_round = in_round.dropna(axis=1, how="all")
            part, tested_sets = _compared(
                rows[rows["round"] == number], in_round, baseline, rng, series
            )
            part.insert(0, "round", number)
            parts.append(part)
            tests += [{"round": int(number), **tested} for tested in tested_sets]
    return Comparison(
        summary=summary,
        by_round=pd.concat(parts, ignore_index=True) if parts else summary.iloc[:0],
        by_vote=(100 * loss).reset_index(),
        facts={
            "extent": _extent(loss, series),
            "missing": unanswered(values, identical_sets(values)),
            "tests": tests,
        },
    )


def paired_differences(
    losses: pd.DataFrame, baseline: str, series: Mapping[str, str]
) -> pd.DataFrame:
    """Mean difference of every method from a baseline, and how far chance alone may move it.

        d_e = mean of x - y over the rounds and dates of election e that both answered

    Every election counts once. Unit: that of the losses. Below 0 the method is better.

    Parameters
    ----------
    losses : pandas.DataFrame
        A column per predictor, a row per vote and date (levels `election` and `as_of` of its
        index); lower is better, NaN where a predictor did not answer.
    baseline : str
        The column to compare with.
    series : mapping of str to str
        As of `compare`.

    Returns
    -------
    pandas.DataFrame
        `predictor`, `elections` (that both answered), `better_in` (how many of them), `difference`
        and its 95 % t interval, `low` to `high` (NaN where
        `bench.metrics.comparison.tests.has_interval` says no).

    References
    ----------
    As `bench.metrics.comparison.significance.mean_interval`.

    Examples
    --------
    Half a point less in each of two elections, too few for an interval:

    >>> index = pd.MultiIndex.from_product([["a", "b"], ["t"]], names=["election", "as_of"])
    >>> losses = pd.DataFrame({"mine": [0.5, 0.7], "base": [1.0, 1.2]}, index=index)
    >>> paired_differences(losses, "base", {}).round(6).values.tolist()
    [['mine', 2, 2, -0.5, nan, nan]]
    """
    rows = []
    for name in losses.columns.drop(baseline):
        gap = (losses[name] - losses[baseline]).dropna()
        each = gap.groupby(level="election").mean()
        correlation = _correlation(gap.to_frame(), series)
        low, high = np.full((2, 1), np.nan)
        if has_interval(correlation):
            low, high = mean_interval(each.to_frame(), correlation=correlation)
        better_in = int((each < 0).sum())
        rows.append((name, len(each), better_in, each.mean(), low[0], high[0]))
    return pd.DataFrame(rows, columns=DIFFERENCES)


def _compared(
    rows: pd.DataFrame,
    values: pd.DataFrame,
    baseline: str,
    rng: np.random.Generator,
    series: Mapping[str, str],
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Every set of methods: one row per method, and what was tested in each set."""
    loss = values.groupby(level=KEY).mean()
    names = [str(name) for name in loss.columns]
    ratios = log_ratios(loss.to_numpy(), loss.index.get_level_values("election"))
    correlation = _correlation(loss, series)
    parts, tests = [], []
    for number, members in enumerate(identical_sets(values), start=1):
        table = loss[members].dropna()
        by_election = 100 * table.groupby(level="election").mean()
        chosen = [names.index(name) for name in members]
        set_ratios = ratios[np.ix_(range(len(ratios)), chosen, chosen)]
        whole = ~np.isnan(set_ratios).any(axis=(1, 2))
        set_ratios, of = set_ratios[whole], correlation[np.ix_(whole, whole)]
        part = pd.DataFrame(index=members)
        part["group"], part["elections"], part["votes"] = number, len(by_election), len(table)
        place = pd.Series(set_ratios.mean(axis=(0, 2)), index=members)
        part["rank"] = place.round(10).rank(method="min").astype(int)
        part["crps_pp"] = by_election.mean()
        part["low_pp"], part["high_pp"] = np.nan, np.nan
        if len(by_election) >= MIN_ELECTIONS:
            low, part["high_pp"] = mean_interval(by_election, level=1 - LEVEL)
            part["low_pp"] = low.clip(min=0.0)  # a mean CRPS is not below 0
        columns, tested = chance_columns(set_ratios, members, baseline, rng, of)
        tests += [{"set": number, **tested}] if tested else []
        parts.append(part.join(columns))
    summary = pd.concat(parts).join(_further(rows))
    compared_with_baseline = ratio_columns(ratios, names, baseline, correlation)
    summary = summary.join(compared_with_baseline).rename_axis(index="predictor").reset_index()
    return summary.sort_values(["group", "rank"], ignore_index=True), tests


def _correlation(loss: pd.DataFrame, series: Mapping[str, str]) -> FloatArray:
    """Of the elections of a table of losses, in the order of their names."""
    rows = loss.index.to_frame(index=False)
    days = rows.groupby("election", sort=True)["as_of"].min()
    return serial_correlation([series.get(str(name), "") for name in days.index], list(days))


def _extent(loss: pd.DataFrame, series: Mapping[str, str]) -> dict[str, Any]:
    elections = loss.index.get_level_values("election").nunique()
    votes = len({key[:2] for key in loss.index})
    return {
        "elections": elections,
        "votes": votes,
        "moments": len(loss),
        "several_dates": len(loss) != votes,
        "tested": elections >= MIN_ELECTIONS,
        "correlated": bool((_correlation(loss, series) != np.eye(elections)).any()),
        "fewest": MIN_ELECTIONS,
        "level": LEVEL,
        "rho": SERIAL,
    }


def _further(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores by predictor: the error over elections, coverage over outcomes, events over votes."""
    by_election = score_summary(rows, ["predictor", "election"], ["mean_absolute_error"])
    inside = [f"inside_{100 * level:.0f}" for level in LEVELS]
    means = score_summary(rows, ["predictor"], [*inside, *EVENTS]).set_index("predictor")
    means.insert(0, "mae_pp", 100 * by_election.groupby("predictor")["mean_absolute_error"].mean())
    return means.rename(columns=lambda name: name.replace("inside", "coverage"))


def answered(rows: pd.DataFrame, score: str) -> pd.DataFrame:
    """Values of one score: a row per vote, date and candidate, a column per predictor.

    Parameters
    ----------
    rows : pandas.DataFrame
        Long error table of one ballot and one area.
    score : str

    Returns
    -------
    pandas.DataFrame
        NaN where a predictor did not answer: the mask.

    Raises
    ------
    ForecastError
        If the table mixes distortions, doses or replicates, or holds a value twice: means over
        such rows compare nothing.
    """
    chosen = rows[rows["metric"] == score]
    for column in VARIED:
        if column in chosen and chosen[column].nunique() > 1:
            values = sorted(map(str, chosen[column].unique()))
            raise ForecastError(
                f"the errors mix {len(values)} values of '{column}' ({', '.join(values[:5])}); "
                "methods are compared within one"
            )
    if chosen.duplicated([*KEY, "candidate", "predictor"]).any():
        raise ForecastError(f"the errors hold a value of '{score}' twice; give one run")
    return chosen.pivot(index=[*KEY, "candidate"], columns="predictor", values="value")


def identical_sets(values: pd.DataFrame) -> list[list[str]]:
    """Predictors that answered identical sets, largest set first.

    Examples
    --------
    >>> identical_sets(pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, None], "c": [3.0, 4.0]}))
    [['a', 'c'], ['b']]
    """
    sets: dict[tuple[bool, ...], list[str]] = {}
    for name in values.columns:
        sets.setdefault(tuple(values[name].notna()), []).append(str(name))
    return [sets[mask] for mask in sorted(sets, key=lambda m: (-sum(m), m))]


def unanswered(values: pd.DataFrame, sets: list[list[str]]) -> list[dict[str, Any]]:
    """What each set lacks of everything that somebody answered, with its members.

    Returns
    -------
    list of dict
        `set` (number), `methods`, `votes` (election, round; with `n` of `of` dates where the set
        answered some) and `candidates` (candidate, election) of votes that it answered.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples(
    ...     [("fr2017", 1, day, "ash") for day in "stu"], names=[*KEY, "candidate"])
    >>> table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [None, None, 1.0]}, index=index)
    >>> unanswered(table, [["a"], ["b"]])[0]["votes"]
    [{'election': 'fr2017', 'round': 1, 'n': 2, 'of': 3}]
    """
    moments = {key[:3] for key in values.index}
    dates = Counter(key[:2] for key in moments)
    lacks = []
    for number, members in enumerate(sets, start=1):
        unanswered_keys = values.index[values[members[0]].isna()]
        if not len(unanswered_keys):
            continue
        answered = {key[:3] for key in values.index[values[members[0]].notna()]}
        votes = []
        for vote, n in sorted(
            Counter(k[:2] for k in {k[:3] for k in unanswered_keys} - answered).items()
        ):
            dates_lacked = {"n": n, "of": dates[vote]} if n < dates[vote] else {"n": 0, "of": 0}
            votes.append({"election": vote[0], "round": int(vote[1]), **dates_lacked})
        pairs = dict.fromkeys((key[3], key[0]) for key in unanswered_keys if key[:3] in answered)
        candidates = [
            {"candidate": candidate, "election": election} for candidate, election in pairs
        ]
        lacks.append({"set": number, "methods": members, "votes": votes, "candidates": candidates})
    return lacks
