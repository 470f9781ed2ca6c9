"""The one rule of a board: a contestant and ours, on what both stated, at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.data.board import ELECTED, MEDIAN, SHARE, STANDS, THROUGH
from bench.data.election import Election
from bench.data.tables import outcome_of, outcomes_of
from bench.metrics.ensemble import interval_score
from bench.metrics.probabilities import brier_score
from bench.metrics.shares import mean_absolute_error

ERROR, INTERVAL = "absolute_error", "interval_score"
EVENTS = (STANDS, THROUGH, ELECTED)  # whose measure is a Brier score
POINT = 0.0  # in place of a level: the single figure
BOTH = ["value", "ours"]
FACTS = ["days", "kind", "age_days"]
ABOUT = ["as_of", "source"]
COLUMNS = [*ABOUT, *FACTS, "measure", "level", "persons", *BOTH]


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

    ``absolute_error`` is the mean over leaders of the distance of share and outcome, fractions,
    of single figures, or else of medians; ``interval_score`` that of the widest central interval
    which the contestant states, ours at its level; a chance is scored by Brier. Lower is better.

    Parameters
    ----------
    newest : pandas.DataFrame
        Rows of a board with `as_of`, `days`, `kind` and `age_days`, one per contestant, person,
        quantity and level at a moment.
    headline : str
        The source that is ours.
    truth : Truth
    leaders : mapping
        By moment, of whom errors of shares count.

    Returns
    -------
    pandas.DataFrame
        These, `source`, `measure` (an event for its Brier score), `level` (of the interval),
        `persons` (how many), `value`, `ours` and `difference`.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "as_of": pd.Timestamp("2031-04-01"), "days": 5, "kind": "file", "age_days": 0,
    ...     "source": ["seer", "ours"], "person": "ash", "quantity": "elected",
    ...     "quantile": float("nan"), "value": [0.9, 0.6]})
    >>> truth = Truth(pd.Series({"ash": 0.6, "birch": 0.4}), frozenset({"ash"}), "ash")
    >>> scores = scores_of(rows, "ours", truth, {pd.Timestamp("2031-04-01"): ["ash", "birch"]})
    >>> scores[["source", "measure", "persons", "value", "ours"]].round(2).values.tolist()
    [['seer', 'elected', 1, 0.01, 0.16]]
    """
    rows = []
    dated = [*ABOUT, "quantity"]  # a source may state a chance on one day and shares on another
    about = newest.sort_values("age_days", kind="stable").drop_duplicates(dated).set_index(dated)
    wide = newest.assign(quantile=newest["quantile"].fillna(POINT)).pivot_table(
        index=["as_of", "quantity", "quantile", "person"], columns="source", values="value"
    )
    for moment, persons in leaders.items():
        of_moment = pd.DataFrame(wide.loc[moment]).dropna(axis="columns", how="all")
        if headline not in of_moment:
            continue
        for source in map(str, of_moment.columns.drop(headline)):
            both = of_moment[[source, headline]].set_axis(BOTH, axis=1).dropna()
            for score in _scores(both, truth, persons):
                quantity = score["measure"] if score["measure"] in EVENTS else SHARE
                facts = about.loc[(moment, source, quantity), FACTS]
                rows.append({"as_of": moment, "source": source, **facts, **score})
    scores = pd.DataFrame(rows, columns=COLUMNS)
    return scores.assign(difference=scores["value"] - scores["ours"])


def _scores(both: pd.DataFrame, truth: Truth, leaders: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Scores of rows by quantity, level and person, which both state."""
    is_leader = both.index.get_level_values("person").isin(list(leaders))
    by_level = _of(both[is_leader], SHARE).groupby(level="quantile")
    shares: dict[Any, pd.DataFrame] = {
        level: rows.droplevel(["quantity", "quantile"]) for level, rows in by_level
    }
    for level in (POINT, MEDIAN):
        if level in shares:
            official = truth.share[shares[level].index]
            errors = {who: float(mean_absolute_error(shares[level][who], official)) for who in BOTH}
            yield {"measure": ERROR, "persons": len(official), **errors}
            break
    lower = [level for level in shares if 0 < level < MEDIAN and round(1 - level, 6) in shares]
    if lower:
        level = 1 - 2 * min(lower)
        low, high = shares[min(lower)].align(shares[round(1 - min(lower), 6)], "inner", axis=0)
        official = truth.share[low.index]
        widths = {
            who: interval_score(low[who], high[who], official, level=level).mean() for who in BOTH
        }
        yield {"measure": INTERVAL, "level": level, "persons": len(low), **widths}
    for event in EVENTS:
        rows = _of(both, event)
        if len(rows) and not (event == ELECTED and truth.elected is None):
            came = truth.happened(event, list(rows.index.get_level_values("person")))
            briers = {who: brier_score(rows[who], came).mean() for who in BOTH}
            yield {"measure": event, "persons": len(rows), **briers}


def _of(rows: pd.DataFrame, quantity: str) -> pd.DataFrame:
    return rows[rows.index.get_level_values("quantity") == quantity]
