"""Scores of an election night: error, coverage and calls by share counted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.models.election_night import NightEstimate

KEYS = ["round", "order", "estimator", "counted"]
PERCENT = ["registered", "mae_leading", "half_width"]
STATED = ["half_width", "covered", "covered_leading", "called", "called_wrongly"]


def night_scores(
    estimate: NightEstimate,
    final: np.ndarray,
    n_advance: int,
    rng: np.random.Generator,
    *,
    level: float = 0.9,
    call_at: float = 0.99,
) -> dict[str, float]:
    """Scores of one estimate at one moment.

        mae = (1/C) sum_c |share_c - final_c|
        covered = #{c: low_c <= final_c <= high_c} / C

    Unit: fraction of the valid votes (mae, half_width), share of the candidates (covered), or
    yes and no. Lower is better of mae, half_width and called_wrongly, higher of leaders_right
    and called; covered is best at `level`. Candidates of one night are not independent.

    Parameters
    ----------
    estimate : shares and covariance.
    final : official shares, [C].
    n_advance : how many candidates are called.
    rng : for the chance of the leaders.
    level : of the intervals.
    call_at : chance from which the leaders are called.

    Returns
    -------
    dict
        mae and mae_leading (fractions; leading: those with 5 % or more), covered and
        covered_leading (share of candidates inside their intervals), half_width (mean of the
        leading), leaders_right (0 or 1), chance (of the leaders), called, called_wrongly (0 or
        1).

    References
    ----------
    Means and counts; no source needed.

    Examples
    --------
    90 % intervals reach 1.645 standard errors, 0.0164, and both candidates are off by 0.02;
    the lead of 0.2 is 14 standard errors:

    >>> estimate = NightEstimate(share=np.array([0.6, 0.4]), covariance=1e-4 * np.eye(2))
    >>> found = night_scores(estimate, np.array([0.58, 0.42]), 1, np.random.default_rng(1))
    >>> round(found["mae"], 4), found["covered"], found["called"], found["called_wrongly"]
    (0.02, 0.0, 1.0, 0.0)
    """
    error = np.abs(estimate.share - final)
    low, high = estimate.interval(level)
    inside = (low - 1e-12 <= final) & (final <= high + 1e-12)
    leading = final >= 0.05
    leaders = estimate.leaders(n_advance)
    right = leaders == frozenset(np.argsort(-final, kind="stable")[:n_advance].tolist())
    chance = estimate.probability(leaders, rng)
    called = chance >= call_at
    return {
        "mae": float(error.mean()),
        "mae_leading": float(error[leading].mean()),
        "covered": float(inside.mean()),
        "covered_leading": float(inside[leading].mean()),
        "half_width": float((high - low)[leading].mean() / 2),
        "leaders_right": float(right),
        "chance": chance,
        "called": float(called),
        "called_wrongly": float(called and not right),
    }


def calls(track: pd.DataFrame) -> pd.DataFrame:
    """When the leaders are called for the first time, and how often wrongly.

    Parameters
    ----------
    track : order, realisation, estimator, counted, minute, called, called_wrongly; one row per
        moment.

    Returns
    -------
    pandas.DataFrame
        Per order and estimator: n realisations, ever_called, wrong_first_call and
        ever_called_wrongly (shares of the realisations), and medians of counted and minute at
        the first call. A call is better early, and never wrong: `wrong_first_call` near
        1 - `call_at` is what was promised.

    References
    ----------
    Counting; no source needed.

    Examples
    --------
    One of two counts is called, at 30 %, and wrongly:

    >>> track = pd.DataFrame({
    ...     "order": "big", "estimator": "ours", "realisation": [1, 1, 2],
    ...     "counted": [0.1, 0.3, 0.3], "minute": [10, 30, 30], "called": [0.0, 1.0, 0.0],
    ...     "called_wrongly": [0.0, 1.0, 0.0]})
    >>> calls(track)[["ever_called", "wrong_first_call", "counted_at_call"]].iloc[0].tolist()
    [0.5, 0.5, 0.3]
    """
    rows = []
    for (order, estimator), part in track.groupby(["order", "estimator"], sort=False):
        n = part["realisation"].nunique()
        made = part[part["called"].gt(0)].sort_values("counted", kind="stable")
        first = made.groupby("realisation").first()
        wrongly = part.groupby("realisation")["called_wrongly"].max()
        rows.append(
            {
                "order": order,
                "estimator": estimator,
                "n": n,
                "ever_called": len(first) / n,
                "wrong_first_call": float(first["called_wrongly"].sum()) / n,
                "ever_called_wrongly": float(wrongly.mean()),
                "counted_at_call": float(first["counted"].median()),  # NaN where never called
                "minute_of_call": float(first["minute"].median()),
            }
        )
    return pd.DataFrame(rows)


def by_moment(track: pd.DataFrame) -> pd.DataFrame:
    """Means over realisations: shares in percent, coverage and rightness as fractions."""
    numbers = [*PERCENT, "covered", "covered_leading", "leaders_right", "called", "called_wrongly"]
    found = track.groupby(KEYS, sort=False, as_index=False)[numbers].mean()
    found[PERCENT] *= 100
    # a raw share states no interval
    found.loc[found["estimator"].eq("counted"), STATED] = None
    return found
