"""One forecast over several slates, under weights that somebody states."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

LEVELS = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def mixture(joint: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """What a candidate can expect given that he or she runs, and with the chance of running.

    With weights `w_s` of slates and draws of each, ``P(event | runs) = sum_s w_s P_s / sum_s w_s``
    over the slates that name the candidate, and ``P(event) = sum_s w_s P_s``: nobody gets through
    who does not run. Weights that sum to less than 1 leave the rest to slates that are not known,
    and every unconditional chance is then the least that it can be.

    Parameters
    ----------
    joint : pandas.DataFrame
        slate, draw, candidate, share (fractions), qualifies (0 or 1) and elected (a chance, 0 to
        1, or NaN: unknown).
    weights : mapping of str to float
        By slate; at most 1 in sum.

    Returns
    -------
    pandas.DataFrame
        Per candidate, the likeliest to get through first: `p_runs`; `share`, `q05`, `q50`, `q95`,
        `p_qualify_if_runs` and `p_elected_if_runs`, given that he or she runs; `p_qualify` and
        `p_elected`.

    Examples
    --------
    Birch runs on one slate of two, and gets through in half of its draws:

    >>> joint = pd.DataFrame({
    ...     "slate": ["a", "a", "a", "a", "b", "b"], "draw": [0, 0, 1, 1, 0, 0],
    ...     "candidate": ["ash", "birch", "ash", "birch", "ash", "cedar"],
    ...     "share": [0.6, 0.4, 0.4, 0.6, 0.7, 0.3], "qualifies": [1, 0, 0, 1, 1, 0],
    ...     "elected": np.nan})
    >>> found = mixture(joint, {"a": 0.75, "b": 0.25}).set_index("candidate")
    >>> found.loc["birch", ["p_runs", "p_qualify_if_runs", "p_qualify"]].tolist()
    [0.75, 0.5, 0.375]
    >>> float(found.loc["ash", "p_qualify"])
    0.625
    """
    n_draws = joint.groupby("slate")["draw"].nunique()
    each = pd.Series(dict(weights), dtype=float) / n_draws
    rows = joint.assign(weight=joint["slate"].map(each)).dropna(subset="weight")
    return pd.DataFrame(
        [{"candidate": name, **_of_candidate(part)} for name, part in rows.groupby("candidate")]
    ).sort_values(["p_qualify", "share"], ascending=False, kind="stable", ignore_index=True)


def _of_candidate(rows: pd.DataFrame) -> dict[str, float]:
    rows = rows.sort_values("share", kind="stable")
    weight = rows["weight"].to_numpy(dtype=float)
    runs = float(weight.sum())
    share = rows["share"].to_numpy(dtype=float)
    below = np.cumsum(weight) / runs
    found = {"p_runs": runs, "share": float((share * weight).sum() / runs)}
    last = len(share) - 1
    found |= {
        name: float(share[min(int(np.searchsorted(below, level)), last)])
        for name, level in LEVELS.items()
    }
    for event, column in (("p_qualify", "qualifies"), ("p_elected", "elected")):
        chance = float((rows[column].to_numpy(dtype=float) * weight).sum())
        found |= {event: chance, f"{event}_if_runs": chance / runs}
    return found
