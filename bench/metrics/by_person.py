"""Forecasts of persons over several ballots, and their scores: who is absent has no votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.models.chain import TOGETHER

LEVELS = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def joint_rows(
    draws: FloatArray,
    ballot: Sequence[str],
    qualifies: FloatArray,
    elected: Mapping[str, FloatArray],
) -> pd.DataFrame:
    """Draws on one ballot as `mixture` reads them, a row per draw and candidate.

    Parameters
    ----------
    draws, qualifies : array [S, C]
        Shares (fractions), and who gets through (0 or 1).
    ballot : sequence of str
        The candidates, in the order of the columns.
    elected : mapping of str to array [S, C]
        The chance of being elected, NaN: unknown, by a column of `TOGETHER`.

    Examples
    --------
    >>> through = np.array([[1, 0]])
    >>> rows = joint_rows(np.array([[0.6, 0.4]]), ["ash", "birch"], through, {"elected": through})
    >>> rows["share"].tolist()
    [0.6, 0.4]
    """
    n_draws, n_candidates = draws.shape
    return pd.DataFrame(
        {
            "draw": np.repeat(np.arange(n_draws), n_candidates),
            "candidate": np.tile(np.array(ballot, dtype=object), n_draws),
            "share": draws.ravel(),
            "qualifies": qualifies.ravel(),
            **{column: chance.ravel() for column, chance in elected.items()},
        }
    )


def mixture(
    joint: pd.DataFrame,
    weights: Mapping[str, float],
    stands: pd.Series | None = None,
    levels: Mapping[str, float] = LEVELS,
) -> pd.DataFrame:
    """What a candidate can expect given that he or she runs, and with the chance of running.

    With weights `w_s` of slates and draws of each, ``P(event | runs) = sum_s w_s P_s / sum_s w_s``
    over the slates that name the candidate, and ``P(event) = sum_s w_s P_s``: nobody gets through
    who does not run. Weights that sum to less than 1 leave the rest to slates that are not known,
    and every unconditional chance is then the least that it can be.

    Where chances of standing `P_c` are given, ``P(event) = P_c P(event | runs)``: whoever is on
    every ballot that has a weight may stand with less than certainty, and what is missing from the
    sum over people belongs to ballots without them, which nobody tested.

    Parameters
    ----------
    joint : pandas.DataFrame
        slate, draw, candidate, share (fractions), qualifies (0 or 1) and elected (a chance, 0 to
        1, or NaN: unknown); after a runoff the other columns of `TOGETHER`.
    weights : mapping of str to float
        By slate; at most 1 in sum.
    stands : pandas.Series, optional
        By candidate: chances of standing that take the place of the sums of weights.
    levels : mapping of str to float
        Columns of quantiles of the share, and the level of each.

    Returns
    -------
    pandas.DataFrame
        Per candidate, the likeliest to get through first: `p_runs`; `share`, the columns of
        `levels`, `p_qualify_if_runs` and `p_elected_if_runs`, given that he or she runs;
        `p_qualify` and `p_elected`; likewise of the other columns of `TOGETHER`; beside chances
        of standing `p_listed`, the sum of the weights.

    Examples
    --------
    Birch runs on one slate of two, and gets through in half of its draws:

    >>> joint = pd.DataFrame({
    ...     "slate": ["a", "a", "a", "a", "b", "b"], "draw": [0, 0, 1, 1, 0, 0],
    ...     "candidate": ["ash", "birch", "ash", "birch", "ash", "cedar"],
    ...     "share": [0.6, 0.4, 0.4, 0.6, 0.7, 0.3], "qualifies": [1, 0, 0, 1, 1, 0],
    ...     "elected": np.nan})
    >>> people = mixture(joint, {"a": 0.75, "b": 0.25}).set_index("candidate")
    >>> people.loc["birch", ["p_runs", "p_qualify_if_runs", "p_qualify"]].tolist()
    [0.75, 0.5, 0.375]
    >>> float(people.loc["ash", "p_qualify"])
    0.625
    """
    rows = _weighed(joint, weights)
    listed = rows.groupby("candidate")["weight"].sum()
    runs = listed if stands is None else stands
    people = pd.DataFrame(
        [
            {"candidate": name, **_of_candidate(part, float(runs[name]), levels)}
            for name, part in rows.groupby("candidate")
        ]
    )
    if stands is not None:
        people["p_listed"] = people["candidate"].map(listed)
    order = ["p_qualify", "share"]
    return people.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def _weighed(joint: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """The draws of slates that have a weight, with the part of it that falls to each."""
    n_draws = joint.groupby("slate")["draw"].nunique()
    weight_of_draw = pd.Series(dict(weights), dtype=float) / n_draws
    weight = joint["slate"].map(weight_of_draw)
    # texts that nobody reads cost more to move than all numbers
    numbers = joint.select_dtypes(["number", "bool"])
    return numbers.assign(candidate=joint["candidate"], weight=weight).dropna(subset="weight")


def _of_candidate(rows: pd.DataFrame, runs: float, levels: Mapping[str, float]) -> dict[str, float]:
    rows = rows.sort_values("share", kind="stable")
    weight = (rows["weight"] / rows["weight"].sum()).to_numpy(dtype=float)
    share = rows["share"].to_numpy(dtype=float)
    below = np.cumsum(weight)
    numbers = {"p_runs": runs, "share": float((share * weight).sum())}
    last = len(share) - 1
    numbers |= {
        name: float(share[min(int(np.searchsorted(below, level)), last)])
        for name, level in levels.items()
    }
    columns = {"p_qualify": "qualifies", **{f"p_{name}": name for name in TOGETHER if name in rows}}
    for event, column in columns.items():
        chance = float((rows[column].to_numpy(dtype=float) * weight).sum())
        numbers |= {event: runs * chance, f"{event}_if_runs": chance}
    return numbers


def scores_by_person(
    joint: pd.DataFrame,
    weights: Mapping[str, float],
    stands: pd.Series | None,
    outcome: pd.Series,
    n_advance: int,
) -> pd.DataFrame:
    """What forecasts of persons score where being absent is a share of 0.

        CRPS = E|X - y| - E|X - X'| / 2,  X = 0 with the chance of not standing

    Parameters
    ----------
    joint, weights, stands
        As of `mixture`.
    outcome : pandas.Series
        Official shares (fractions) of those who stood. Of whom nothing was forecast the forecast
        is 0.
    n_advance : int
        How many got through.

    Returns
    -------
    pandas.DataFrame
        By candidate, those of `outcome` first: p_runs, p_qualify, `share` (expected, 0 if
        absent), outcome, absolute_error, crps (fractions), brier_runs and brier_qualify (squared
        distances of the chances from what came, 0 to 1).

    Examples
    --------
    Birch was as likely as not to stand, with .4 of the votes, and did not:

    >>> joint = pd.DataFrame({"slate": "a", "draw": 0, "candidate": ["ash", "birch"],
    ...     "share": [0.6, 0.4], "qualifies": [1, 0], "elected": np.nan})
    >>> stands = pd.Series({"ash": 1.0, "birch": 0.5})
    >>> scores = scores_by_person(joint, {"a": 1.0}, stands, pd.Series({"ash": 1.0}), 1)
    >>> scores.loc["birch", ["share", "crps", "brier_runs"]].tolist()
    [0.2, 0.1, 0.25]
    """
    people = mixture(joint, weights, stands).set_index("candidate")
    everybody = outcome.index.union(people.index, sort=False)
    official = outcome.reindex(everybody, fill_value=0.0)
    scores = people[["p_runs", "p_qualify", "share"]].reindex(everybody).fillna(0.0)
    scores["share"] *= scores["p_runs"]
    crps = {
        name: _crps(part, scores["p_runs"][name], official[name])
        for name, part in _weighed(joint, weights).groupby("candidate")
    }
    through = everybody.isin(outcome.nlargest(n_advance).index)
    return scores.assign(
        outcome=official,
        absolute_error=(scores["share"] - official).abs(),
        crps=official.mask(everybody.isin(list(crps)), pd.Series(crps)),
        brier_runs=(scores["p_runs"] - (official > 0)) ** 2,
        brier_qualify=(scores["p_qualify"] - through) ** 2,
    )


def _crps(rows: pd.DataFrame, runs: float, outcome: float) -> float:
    """Of one person, whose share is 0 with the chance of not standing."""
    import scoringrules

    weight = (runs * rows["weight"] / rows["weight"].sum()).fillna(0.0)  # of no ballot at all
    shares, weights = np.append(rows["share"], 0.0), np.append(weight, 1 - runs)
    return float(scoringrules.crps_ensemble(outcome, shares, ens_w=weights, backend="numpy"))
