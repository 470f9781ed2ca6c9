"""Shares of attention: how a count of posts or followers becomes one figure per candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import Abstain
from bench.core.evidence import Evidence, EvidenceBatch, by_candidate
from bench.core.predictor import Predictor


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


def mean_value(batch: EvidenceBatch, rows: pd.DataFrame) -> FloatArray:
    """Mean value of these rows of `buzz` by replicate and candidate [B, C]; NaN without a row."""
    table = batch["buzz"].take(rows.index.to_numpy())
    return by_candidate(table, "value", batch.candidates, np.mean)


@dataclass(frozen=True, kw_only=True)
class BuzzPredictor(Predictor):
    """What every predictor is told that reads counts.

    Attributes
    ----------
    window_days : int
        Days that count, up to the last that a source covers.
    max_age_days : int
        Days after which what it measured is too old.
    """

    window_days: int
    max_age_days: int

    def recent(self, evidence: Evidence, measures: Sequence[str], source: str = "") -> pd.DataFrame:
        """Rows of `buzz` that count; empty if nothing is recent enough.

        Parameters
        ----------
        evidence : Evidence
            With the table `buzz`.
        measures : sequence of str
            Which measures, e.g. ``["tweets"]``.
        source : str
            Whose; empty for all.
        """
        rows = evidence.rows("buzz", measure=measures, source=source or None)
        return self.latest(rows[rows["candidate"].isin(evidence.candidates)], evidence.as_of)

    def latest(self, rows: pd.DataFrame, moment: pd.Timestamp) -> pd.DataFrame:
        """Rows of the last `window_days` days before a moment on which each source has data."""
        source, measure = (pd.factorize(rows[name])[0] for name in ("source", "measure"))
        series = np.unique((source << 32) + measure, return_inverse=True)[1]
        day = rows["day"].to_numpy()
        is_past = day <= moment.to_datetime64()
        last = np.full(series.max(initial=-1) + 1, np.datetime64("NaT", "ns"))
        np.fmax.at(last, series[is_past], day[is_past])
        oldest = moment.normalize() - pd.Timedelta(days=self.max_age_days + 1)
        fresh = last > oldest.to_datetime64()
        begin = last - np.timedelta64(self.window_days, "D")
        return rows[is_past & fresh[series] & (day > begin[series])]

    def days_searched(self, evidence: Evidence) -> str:
        """The days that were searched, in words."""
        return f"in the {self.max_age_days} days before {evidence.as_of:%d %B %Y}"


@dataclass(frozen=True, kw_only=True)
class AttentionPredictor(BuzzPredictor):
    """What every predictor is told that reads the counts of one source.

    Attributes
    ----------
    source : str
        Who counted.
    """

    source: str

    def silent(self, evidence: Evidence, measure: str, of: str = "candidates") -> Abstain:
        """Why there is no forecast: the source did not measure two of them in time."""
        return Abstain(
            f"{self.source} measured no {measure.replace('_', ' ')} of two {of} "
            f"{self.days_searched(evidence)}"
        )
