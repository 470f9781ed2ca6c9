"""The one rule of a board: a contestant and ours, on what both stated, at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.data.board import ELECTED, MEDIAN, SHARE, STANDS, THROUGH
from bench.data.election import Election
from bench.data.tables import outcome_of, outcomes_of
from bench.metrics.ensemble import interval_score
from bench.metrics.probabilities import brier_score
from bench.metrics.shares import mean_absolute_error

ERROR, INTERVAL = "absolute_error", "interval_score"
EVENTS = (STANDS, THROUGH, ELECTED)  # whose measure is a Brier score
COLUMNS = ["as_of", "source", "measure", "level", "persons", "value", "ours"]


@dataclass(frozen=True)
class Truth:
    """What came.

    Attributes
    ----------
    share : pandas.Series
        Of those who stood, fractions of the valid votes of the round.
    through : frozenset of str
        Who got through.
    elected : str or None
        None while a runoff has no result.
    """

    share: pd.Series
    through: frozenset[str]
    elected: str | None

    @classmethod
    def of(cls, election: Election, number: int) -> Truth | None:
        """The official outcome of a round, and of the last one where it is counted.

        None while the round has no outcome.
        """
        counted = set(outcomes_of(election)["round"])
        if number not in counted:
            return None
        outcome = outcome_of(election, number)
        through = outcome.share.nlargest(outcome.n_advance).index
        last = max(election.rounds)
        elected = None
        if election.rounds[last].n_advance == 1 and last in counted:
            elected = str(outcome_of(election, last).share.idxmax())
        return cls(outcome.share, frozenset(map(str, through)), elected)

    def happened(self, event: str, persons: Sequence[str]) -> list[float]:
        """1 or 0 for each person; 0 for who did not stand."""
        to_whom = {
            STANDS: set(self.share.index),
            THROUGH: self.through,
            ELECTED: {self.elected},
        }
        return [float(person in to_whom[event]) for person in persons]


def scores_of(
    newest: pd.DataFrame,
    headline: str,
    truth: Truth,
    leaders: Mapping[pd.Timestamp, Sequence[str]],
) -> pd.DataFrame:
    """Every contestant beside the headline at every moment, on the persons of whom both spoke.

    ``absolute_error`` is the mean over leaders of the distance of share and outcome, fractions;
    ``interval_score`` that of the widest central interval which the contestant states, ours at its
    level; a chance is scored by Brier. Lower is better in all.

    Parameters
    ----------
    newest : pandas.DataFrame
        Rows of a board with `as_of`, one per contestant, person, quantity and level at a moment.
    headline : str
        The source that is ours.
    truth : Truth
    leaders : mapping
        By moment, of whom errors of shares count.

    Returns
    -------
    pandas.DataFrame
        `as_of`, `source`, `measure` (an event for its Brier score), `level` (of the interval),
        `persons` (how many), `value` and `ours`.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "as_of": pd.Timestamp("2031-04-01"), "source": ["seer", "ours"], "person": "ash",
    ...     "quantity": "elected", "quantile": np.nan, "value": [0.9, 0.6]})
    >>> truth = Truth(pd.Series({"ash": 0.6, "birch": 0.4}), frozenset({"ash"}), "ash")
    >>> scores = scores_of(rows, "ours", truth, {pd.Timestamp("2031-04-01"): ["ash", "birch"]})
    >>> scores[["source", "measure", "persons", "value", "ours"]].round(2).values.tolist()
    [['seer', 'elected', 1, 0.01, 0.16]]
    """
    rows = []
    for moment, persons in leaders.items():
        of_moment = newest[newest["as_of"].eq(moment)]
        ours = of_moment[of_moment["source"].eq(headline)]
        rivals = of_moment[of_moment["source"].ne(headline)]
        for source, stated in rivals.groupby("source", sort=False):
            pairs = _pair(stated, ours, truth, persons)
            rows += [{"as_of": moment, "source": source, **score} for score in pairs]
    return pd.DataFrame(rows, columns=COLUMNS)


def _pair(
    stated: pd.DataFrame, ours: pd.DataFrame, truth: Truth, leaders: Sequence[str]
) -> Iterator[dict[str, Any]]:
    points = _common(_points(stated), _points(ours), leaders)
    if len(points):
        official = truth.share[points.index]
        yield _score(
            ERROR, points, *(float(mean_absolute_error(points[who], official)) for who in points)
        )
    level = widest_level(stated)
    if level is not None:
        bounds = [
            _common(_quantile(stated, bound), _quantile(ours, bound), leaders)
            for bound in ((1 - level) / 2, (1 + level) / 2)
        ]
        both = bounds[0].index.intersection(bounds[1].index)
        if len(both):
            low, high = (bound.loc[both] for bound in bounds)
            values = [
                float(interval_score(low[who], high[who], truth.share[both], level=level).mean())
                for who in low
            ]
            yield _score(INTERVAL, low.loc[both], *values) | {"level": level}
    for event in EVENTS:
        if event == ELECTED and truth.elected is None:
            continue
        chances = _common(_chances(stated, event), _chances(ours, event), None)
        if len(chances):
            happened = truth.happened(event, list(chances.index))
            yield _score(
                event,
                chances,
                *(float(brier_score(chances[who], happened).mean()) for who in chances),
            )


def _score(measure: str, common: pd.DataFrame, value: float, ours: float) -> dict[str, Any]:
    return {"measure": measure, "persons": len(common), "value": value, "ours": ours}


def _common(value: pd.Series, ours: pd.Series, persons: Sequence[str] | None) -> pd.DataFrame:
    """Both by person, of those of whom both say something."""
    both = pd.DataFrame({"value": value, "ours": ours}).dropna()
    return both if persons is None else both[both.index.isin(list(persons))]


def _points(rows: pd.DataFrame) -> pd.Series:
    """By person the single figure of the share, or else the median."""
    shares = rows[rows["quantity"].eq(SHARE)]
    single = shares[shares["quantile"].isna()].set_index("person")["value"]
    return single.combine_first(_quantile(rows, MEDIAN))


def _quantile(rows: pd.DataFrame, level: float) -> pd.Series:
    is_level = rows["quantity"].eq(SHARE) & np.isclose(rows["quantile"], level)
    return rows[is_level].set_index("person")["value"]


def _chances(rows: pd.DataFrame, event: str) -> pd.Series:
    return rows[rows["quantity"].eq(event)].set_index("person")["value"]


def widest_level(rows: pd.DataFrame) -> float | None:
    """The level of the widest central interval of a share that is stated; None without any.

    Examples
    --------
    >>> levels = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    >>> round(widest_level(pd.DataFrame({"quantity": "share", "quantile": levels})), 6)
    0.9
    """
    levels = rows.loc[rows["quantity"].eq(SHARE), "quantile"].dropna().unique()
    lower = [level for level in levels if level < MEDIAN and np.isclose(levels, 1 - level).any()]
    return 1 - 2 * float(min(lower)) if lower else None
