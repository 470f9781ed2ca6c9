"""Shares of attention: how a count of posts or followers becomes one figure per candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.core.predictor import Predictor


def recent(
    evidence: Evidence,
    measures: Sequence[str],
    *,
    window_days: int,
    max_age_days: int,
    sources: Sequence[str] = (),
) -> pd.DataFrame:
    """Rows of `buzz` in the last `window_days` days for which each source and measure has data.

    Parameters
    ----------
    evidence : Evidence
        With the table `buzz`.
    measures : sequence of str
        Which measures, e.g. ``["tweets"]``.
    window_days : int
        Length of the window, which ends on the last day that the source covers.
    max_age_days : int
        A source whose last day is older than this at `as_of` is left out.
    sources : sequence of str
        Which sources; empty for all.

    Returns
    -------
    pandas.DataFrame
        Rows of the table; empty if nothing is recent enough.
    """
    buzz = evidence["buzz"]
    rows = buzz[buzz["measure"].isin(measures) & buzz["candidate"].isin(evidence.candidates)]
    if sources:
        rows = rows[rows["source"].isin(sources)]
    return latest(rows, evidence.as_of, window_days=window_days, max_age_days=max_age_days)


def latest(
    rows: pd.DataFrame, moment: pd.Timestamp, *, window_days: int, max_age_days: int
) -> pd.DataFrame:
    """Rows of the last `window_days` days before a moment on which each source has data.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of `buzz`; days that begin after `moment` are left out.
    moment : pandas.Timestamp
    window_days, max_age_days : int
        As of :func:`recent`.
    """
    rows = rows[rows["day"] <= moment]
    last = rows.groupby(["source", "measure"])["day"].transform("max")
    age = (moment.normalize() - last).dt.days
    fresh = (rows["day"] > last - pd.Timedelta(days=window_days)) & (age <= max_age_days)
    return pd.DataFrame(rows[fresh])


def share_of_attention(rows: pd.DataFrame) -> pd.Series:
    """Mean value per candidate, divided by the sum over candidates.

    Every day and community counts the same.

    Examples
    --------
    >>> rows = pd.DataFrame({"candidate": ["a", "a", "b"], "value": [2.0, 4.0, 1.0]})
    >>> share_of_attention(rows).tolist()
    [0.75, 0.25]
    """
    mean = rows.groupby("candidate")["value"].mean()
    return mean / mean.sum()


@dataclass(frozen=True, kw_only=True)
class AttentionPredictor(Predictor):
    """What every predictor is told that reads the counts of one source.

    Attributes
    ----------
    source : str
        Who counted.
    window_days : int
        Days that count, up to the last that the source covers.
    max_age_days : int
        Days after which what it measured is too old.
    """

    source: str
    window_days: int
    max_age_days: int

    def recent(self, evidence: Evidence, *measures: str) -> pd.DataFrame:
        """Rows of `buzz` of this source that count, as :func:`recent`."""
        return recent(
            evidence,
            measures,
            window_days=self.window_days,
            max_age_days=self.max_age_days,
            sources=[self.source],
        )

    def silent(self, evidence: Evidence, measure: str, of: str = "candidates") -> Abstain:
        """Why there is no forecast: the source did not measure two of them in time."""
        return Abstain(
            f"{self.source} measured no {measure.replace('_', ' ')} of two {of} "
            f"{self.days_searched(evidence)}"
        )

    def days_searched(self, evidence: Evidence) -> str:
        """The days that were searched, in words."""
        return f"in the {self.max_age_days} days before {evidence.as_of:%d %B %Y}"
