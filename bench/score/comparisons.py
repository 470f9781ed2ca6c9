"""Methods compared over many votes or dates: only on identical sets, with resampling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.score.arrays import FloatArray
from bench.score.chance import chance_columns, relative_skills
from bench.score.draws import LEVELS
from bench.score.reliability import binomial_interval
from bench.score.resamples import block_counts, moving_block_counts, resampled_means
from bench.score.sets import KEY, answered, identical_sets, missing_in_words
from bench.score.significance import in_words, share_ranked_above

N_RESAMPLES = 2000
RUN_OF_DATES = 4


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Methods over the same votes.

    Attributes
    ----------
    summary : pandas.DataFrame
        One row per predictor: `group` (predictors that answered identical votes, dates and
        candidates share one; 1 is the largest), `rank` within it, `votes`, `mae_pp`, `crps_pp`
        with `low_pp` and `high_pp` (90 % of the resamples), `above_baseline` (fraction of
        resamples in which it beats the baseline), `relative_skill`, `in_mcs`, `dm_p_holm`,
        coverage of its 50 to 95 % intervals with exact bounds, Brier and log scores. The bounds
        take every interval for a draw of its own; candidates of one vote are not, so they are
        too narrow.
    by_vote : pandas.DataFrame
        Mean CRPS in points: one row per vote and date, one column per predictor, NaN where it
        did not answer: the mask.
    sentences : tuple of str
        The same in words, with what the numbers cannot say.
    """

    summary: pd.DataFrame
    by_vote: pd.DataFrame
    sentences: tuple[str, ...]


def compare(errors: pd.DataFrame, baseline: str, rng: np.random.Generator) -> Comparison:
    """Compare predictors over the votes and dates of a run.

    Resampled are whole elections; where there is only one, runs of neighbouring dates.
    Unit: points of the valid votes (`_pp`), fractions of the resamples or of the intervals.
    Lower is better, of `above_baseline` higher; coverage is best at its level.

    Parameters
    ----------
    errors : pandas.DataFrame
        Long error table.
    baseline : str
        The predictor to beat; must be among them for `above_baseline`.
    rng : numpy.random.Generator
        For the resamples.

    Returns
    -------
    Comparison

    Raises
    ------
    ForecastError
        If the table mixes scenarios, or holds a value twice.

    References
    ----------
    As the functions of `bench.score.significance`, `bench.score.confidence_set`,
    `bench.score.skill` and `bench.score.reliability` that it calls.
    """
    rows = errors[(errors["ballot"] == "full") & (errors["area"] == "national")]
    values = answered(rows, "crps")
    loss = values.groupby(level=KEY).mean()
    groups = identical_sets(values)
    parts, sentences = [], []
    for number, members in enumerate(groups, start=1):
        table = loss[members].dropna()
        counts = _resamples(table, rng)
        part = pd.DataFrame(index=pd.Index(members, name="predictor"))
        part["group"], part["votes"] = number, len(table)
        part["crps_pp"] = 100 * table.mean()
        part["rank"] = part["crps_pp"].round(10).rank(method="min").astype(int)
        if counts is not None:
            means = 100 * resampled_means(table.to_numpy(), counts)
            part["low_pp"], part["high_pp"] = np.quantile(means, [0.05, 0.95], axis=0)
            above = share_ranked_above(table.to_numpy(), counts)
            if baseline in members:
                part["above_baseline"] = above[:, members.index(baseline)]
            sentences += _said(table, above, number)
        columns, words = chance_columns(table, baseline, counts)
        sentences += [f"Set {number}: {sentence}" for sentence in words]
        parts.append(part.join(columns))
    summary = pd.concat(parts).join(_further(rows))
    summary["relative_skill"] = relative_skills(loss, baseline)
    summary = summary.rename_axis(index="predictor").reset_index()
    summary = summary.sort_values(["group", "crps_pp"], ignore_index=True)
    return Comparison(
        summary=summary,
        by_vote=(100 * loss).reset_index(),
        sentences=(_extent(loss), *missing_in_words(values, groups), *sentences),
    )


def _mean_of(rows: pd.DataFrame, score: str) -> pd.DataFrame:
    chosen = rows[rows["score"] == score]
    return chosen.pivot_table(index=KEY, columns="predictor", values="value", aggfunc="mean")


def _resamples(table: pd.DataFrame, rng: np.random.Generator) -> FloatArray | None:
    elections = table.index.get_level_values("election")
    if elections.nunique() >= 2:
        return block_counts(np.asarray(elections), N_RESAMPLES, rng)
    if len(table) > RUN_OF_DATES:
        return moving_block_counts(len(table), RUN_OF_DATES, N_RESAMPLES, rng)
    return None


def _said(table: pd.DataFrame, above: FloatArray, number: int) -> list[str]:
    order = np.argsort(table.mean().to_numpy(), kind="stable")
    names = [str(name) for name in table.columns]
    best = order[0]
    words = [in_words(float(above[best, k]), names[best], names[k]) for k in order[1:4]]
    return [f"Set {number}: {sentence}." for sentence in words]


def _extent(loss: pd.DataFrame) -> str:
    elections = loss.index.get_level_values("election").nunique()
    votes = len({key[:2] for key in loss.index})
    asked = (len(loss), "forecast"), (votes, "vote"), (elections, "election")
    text = "{} of {} in {}".format(*(f"{n} {what}{'s' * (n != 1)}" for n, what in asked))
    if elections == 1:
        return text + (
            "; dates of one election are one draw of history (n = 1), not many, so nothing is "
            "tested for chance."
        )
    return text + "; rounds and dates of one election are resampled together."


def _further(rows: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    columns["mae_pp"] = 100 * _over_votes(rows, "absolute_error")
    for level in LEVELS:
        held = rows[rows["score"] == f"inside_{100 * level:.0f}"].groupby("predictor")["value"]
        share = held.mean()
        name = f"coverage_{100 * level:.0f}"
        columns[name] = share
        bounds = [binomial_interval(int(held.sum()[p]), int(held.count()[p])) for p in share.index]
        columns[f"{name}_low"] = pd.Series([b[0] for b in bounds], index=share.index)
        columns[f"{name}_high"] = pd.Series([b[1] for b in bounds], index=share.index)
    for score in ("brier_first", "brier_qualify", "log_first", "log_qualify", "p_pair"):
        columns[score] = rows[rows["score"] == score].groupby("predictor")["value"].mean()
    return pd.DataFrame(columns)


def _over_votes(rows: pd.DataFrame, score: str) -> pd.Series:
    return _mean_of(rows, score).mean()
