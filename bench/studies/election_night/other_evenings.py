"""Other evenings of the same kind, counted again: what they teach, and how it did on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.data.country import country_of
from bench.data.election import Election, same_country_elections
from bench.data.night import finest_level
from bench.models.election_night import SharedBias

Curve = list[list[float]]
EDGES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
CONFIDENCE = 0.95  # of the upper limit of an error rate
LEARNED_AT = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, kw_only=True)
class OtherEvening:
    """A round of another election.

    Attributes
    ----------
    election : Election
    number : int
        Of the round.
    """

    election: Election
    number: int

    def level(self, not_below: str = "station") -> str:
        """As of `finest_level`."""
        return finest_level(self.election, self.number, not_below=not_below)


def other_evenings(election: Election, number: int) -> list[OtherEvening]:
    """First rounds for a first round, last rounds for a runoff, over before the day of the vote.

    Only those whose votes by area are known.

    Parameters
    ----------
    election : Election
    number : int
        Of the round.
    """
    first = number == min(election.rounds)
    found = []
    for other in same_country_elections(election, in_collections=False):
        same = min(other.rounds) if first else max(other.rounds)
        if other.is_open or (not first and len(other.rounds) < 2):
            continue
        known = other.rounds[same].known_at < election.rounds[number].vote_on
        if known and finest_level(other, same):
            found.append(OtherEvening(election=other, number=same))
    return found


def teachers(
    level: str, evenings: Sequence[OtherEvening], but: Election, least: int
) -> list[tuple[OtherEvening, str]]:
    """The evenings to learn from, with the level at which each is counted again.

    That is the finest level, no finer than `level`, by which at least so many evenings are
    known: a scale that was seen once or twice has no error rate. The level by which most are
    known, if there are fewer. Coarser areas foretell less, so that what they teach is cautious.

    Parameters
    ----------
    level : str
        Of the evening that is estimated.
    evenings : as of `other_evenings`.
    but : Election
        The one that is estimated.
    least : int
        Evenings.
    """
    order = list(country_of(but).levels)
    found: list[tuple[OtherEvening, str]] = []
    for coarsest in order[order.index(level) :]:
        known = [
            (one, coarsest)
            for one in evenings
            if one.election.name != but.name and one.level(not_below=coarsest) == coarsest
        ]
        if len(known) > len(found):
            found = known
        if len(found) >= least:
            break
    return found


def curve_of(biases: pd.DataFrame, learned_from: Sequence[tuple[OtherEvening, str]]) -> Curve:
    """Shares counted and τ² there, as plain values; empty without other evenings.

    Parameters
    ----------
    biases : election, round, level, order, realisation, registered, square; one row per moment.
    learned_from : as of `teachers`.
    """
    evenings = [
        [
            (rows["registered"].to_numpy(float), rows["square"].to_numpy(float))
            for _, rows in biases[
                biases["election"].eq(one.election.name)
                & biases["round"].eq(one.number)
                & biases["level"].eq(level)
            ].groupby(["order", "realisation"], sort=False)
        ]
        for one, level in learned_from
    ]
    if not evenings:
        return []
    bias = SharedBias.of(evenings)
    return [bias.registered.tolist(), bias.square.tolist()]


def shared_bias(curve: Curve) -> SharedBias | None:
    """What `curve_of` wrote down; None where it is empty."""
    if not curve:
        return None
    return SharedBias(registered=np.array(curve[0]), square=np.array(curve[1]))


def learned_table(
    curve: Curve, learned_from: Sequence[tuple[OtherEvening, str]], number: int
) -> pd.DataFrame:
    """The shared bias τ by share of the registered counted.

    `bias_pp` is what it means for a candidate with a fifth of the votes: the standard deviation
    of the error of the share among the voters outstanding, in percentage points.
    """
    bias = shared_bias(curve)
    if bias is None:
        return pd.DataFrame(columns=["round", "registered", "bias_pp", "level", "n_evenings"])
    rows = [
        {
            "round": number,
            "registered": 100 * at,
            "bias_pp": 100 * np.sqrt(bias.at(at) * 0.2 * 0.8),
            "level": learned_from[0][1],
            "n_evenings": len(learned_from),
        }
        for at in LEARNED_AT
    ]
    return pd.DataFrame(rows)


def coverage_on(checked: pd.DataFrame) -> pd.DataFrame:
    """Coverage on the other evenings by share of the registered counted, means over evenings.

    Parameters
    ----------
    checked : a track of every other evening, with election and level.
    """
    bins = pd.cut(checked["registered"], list(EDGES), labels=list(EDGES[1:]))
    rows = checked.assign(up_to=100 * bins.astype(float))
    keys = ["round", "level", "up_to", "estimator"]
    numbers = ["covered", "covered_leading", "half_width", "mae_leading"]
    by_evening = rows.groupby([*keys, "election"], sort=False, as_index=False)[numbers].mean()
    found = by_evening.groupby(keys, sort=False, as_index=False).agg(
        n_evenings=("election", "nunique"), **{name: (name, "mean") for name in numbers}
    )
    found[["half_width", "mae_leading"]] *= 100
    return found.sort_values(keys, kind="stable", ignore_index=True)


def rule_on(checked: pd.DataFrame, chances: Sequence[float]) -> pd.DataFrame:
    """Error rates of calling the leaders at a chance, on the other evenings.

    An evening counts as wrong if the first call is wrong in any of its orders. The upper limit
    (one-sided, 95 %) is that of Clopper & Pearson, as if evenings were independent.

    Parameters
    ----------
    checked : as of `coverage_on`, with the chance of the leaders and whether they are right.
    chances : from which the leaders are called.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.
    """
    from scipy.stats import beta

    whole = ["round", "election", "level"]
    found = []
    for (number, estimator), rows in checked.groupby(["round", "estimator"], sort=False):
        n = rows.groupby(whole).ngroups
        for chance in chances:
            called = rows[rows["chance"].ge(chance)]
            first = called.groupby([*whole, "order", "realisation"], sort=False).first()
            by_evening = first.groupby(whole)["leaders_right"].min()
            made, wrong = len(by_evening), int(by_evening.lt(1).sum())
            upper = beta.ppf(CONFIDENCE, wrong + 1, made - wrong) if wrong < made else 1.0
            found.append(
                {
                    "round": number,
                    "estimator": estimator,
                    "chance": chance,
                    "n_evenings": n,
                    "n_called": made,
                    "n_wrong": wrong,
                    "wrong_at_most": upper,
                    "registered_at_call": 100 * float(first["registered"].median()),
                }
            )
    return pd.DataFrame(found)
