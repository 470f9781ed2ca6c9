"""What the intervals of a ratio of errors allow one to say."""

from __future__ import annotations

from typing import Literal

EQUIVALENT = (0.90, 1 / 0.90)

Verdict = Literal["equivalent", "better", "worse", "not_enough"]


def verdict(low90: float, high90: float, low95: float, high95: float) -> Verdict:
    """Judge a ratio of errors by its confidence intervals, equivalence first.

    Two one-sided tests at 5 % each show equivalence: they reject "the ratio is outside
    `EQUIVALENT`" if and only if the 90 % interval lies inside it. A ratio that differs from 1 by
    less than anybody need mind is equivalent even where its 95 % interval excludes 1; an interval
    that holds 1 and reaches beyond the margin shows neither.

    Parameters
    ----------
    low90, high90, low95, high95 : float
        Bounds of the 90 % and 95 % intervals of the ratio (below 1: the method errs less than
        its reference); NaN where there is none.

    Returns
    -------
    {"equivalent", "better", "worse", "not_enough"}

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power
    approach for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics
    and Biopharmaceutics 15, 657-680, doi:10.1007/BF01068419.

    Examples
    --------
    >>> verdict(0.93, 0.98, 0.92, 0.99)
    'equivalent'
    >>> verdict(0.72, 0.88, 0.70, 0.90), verdict(1.3, 1.5, 1.28, 1.52)
    ('better', 'worse')
    >>> verdict(0.75, 1.20, 0.71, 1.30), verdict(*[float("nan")] * 4)
    ('not_enough', 'not_enough')
    """
    if EQUIVALENT[0] <= low90 and high90 <= EQUIVALENT[1]:
        return "equivalent"
    if high95 < 1:
        return "better"
    if low95 > 1:
        return "worse"
    return "not_enough"
