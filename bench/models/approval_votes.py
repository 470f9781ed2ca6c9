"""Approvals turned into votes by how votes went with approvals elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import Abstain
from bench.models.log_ratio import shares_of, softmax

MIN_PLACES = 2
MAX_POWER = 100.0


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """How votes go with approvals: ``P(vote c | approve c)`` is in proportion to
    ``approved_c ** (power - 1)``.

    Attributes
    ----------
    power : float
        1 divides approvals by their sum; above 1 those whom many approve get more of them as votes.
    place_powers : numpy.ndarray [J]
        The power of each place by itself.
    """

    power: float
    place_powers: FloatArray

    def votes(self, approved: FloatArray) -> FloatArray:
        """Shares of the vote [..., C] of approval rates, NaN where nobody was asked about them.

        Examples
        --------
        >>> squared = Conversion(power=2.0, place_powers=np.array([2.0, 2.0]))
        >>> squared.votes(np.array([0.6, 0.3])).tolist()
        [0.8, 0.2]
        """
        return shares_of(np.asarray(approved, dtype=float) ** self.power)


def learn_conversion(past_approvals: pd.DataFrame) -> Conversion:
    """The power under which the votes of other elections were likeliest, every place alike.

        maximise sum_j sum_c v_jc log p_jc,    p_jc = a_jc^b / sum_k a_jk^b

    with votes v and approval rates a of candidate c in place j. One number can be learned from the
    few places that there are; that some candidates are approved widely and chosen rarely, at equal
    approval, it does not see.

    Parameters
    ----------
    past_approvals : pandas.DataFrame
        Columns election, place, candidate, approvals, ballots, share.

    Raises
    ------
    Abstain
        If fewer than two places teach anything.

    References
    ----------
    Laslier, J.-F. and Van der Straeten, K. (2008). A live experiment on approval voting.
    Experimental Economics 11, 97-105, doi:10.1007/s10683-006-9149-6. Baujard, A., Igersheim, H.,
    Lebon, I., Gavrel, F. and Laslier, J.-F. (2014). Who's favored by evaluative voting? Electoral
    Studies 34, 131-145, doi:10.1016/j.electstud.2013.11.003.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "election": "past", "place": ["here", "here", "there", "there"],
    ...     "candidate": ["a", "b"] * 2, "approvals": [60, 30, 40, 20], "ballots": 100,
    ...     "share": [0.8, 0.2, 0.8, 0.2]})
    >>> round(learn_conversion(rows).power, 3)  # (60 / 30)^2 = 4 = 0.8 / 0.2
    2.0
    """
    by_place = past_approvals.groupby(["election", "place"], sort=True)
    places = [_logs(rows) for _, rows in by_place]
    places = [place for place in places if len(place[0]) > 1]
    if len(places) < MIN_PLACES:
        raise Abstain(
            f"approvals are known beside votes in {len(places)} places of other elections; "
            f"{MIN_PLACES} are needed to learn how the ones become the others"
        )
    return Conversion(
        power=_power(places),
        place_powers=np.array([_power([place]) for place in places]),
    )


def _logs(rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Log approval rates and votes of a place; who is approved by nobody tells nothing."""
    rows = rows[rows["approvals"] > 0]
    rate = rows["approvals"].to_numpy(float) / rows["ballots"].to_numpy(float)
    votes = rows["share"].to_numpy(float)
    return np.log(rate), votes / votes.sum()


def _power(places: list[tuple[FloatArray, FloatArray]]) -> float:
    """Where the slope of the log likelihood, which falls with the power, is 0."""
    from scipy.optimize import brentq  # which takes its time to import

    def slope(power: float) -> float:
        return sum(float((votes - softmax(power * rate)) @ rate) for rate, votes in places)

    return float(brentq(slope, -MAX_POWER, MAX_POWER, xtol=1e-12))
