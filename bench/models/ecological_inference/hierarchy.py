"""This file holds tables of groups of units that are drawn towards the table of all units."""

import numpy as np
import numpy.typing as npt

from bench.models.ecological_inference.prior import RowPrior
from bench.models.ecological_inference.two_way import LikelihoodSettings, TwoWayFit, fit_two_way
from bench.models.ecological_inference.types import Floats

_FIRST_VOTES = 20.0
_RANGE = (1.0, 500.0)


def fit_groups(
    row_votes: Floats,
    column_votes: Floats,
    parts: list[npt.NDArray[np.intp]],
    settings: LikelihoodSettings,
) -> list[TwoWayFit]:
    """One fit per group; with several, each has the table of all units as its prior.

    The votes that the prior is worth follow from how far the groups' profiles lie from the
    common one (empirical Bayes), in each direction.

    Parameters
    ----------
    row_votes, column_votes : [U, R], [U, K].
    parts : the units of every group.
    settings : see `LikelihoodSettings`.
    """
    whole = fit_two_way(row_votes, column_votes, settings)
    if len(parts) == 1:
        return [whole]
    centre = tuple(np.maximum(whole.members[k].posterior.profile, 1e-3) for k in (1, 3))
    centre = tuple(profile / profile.sum(axis=1, keepdims=True) for profile in centre)
    worth = (_FIRST_VOTES, _FIRST_VOTES)
    fits: list[TwoWayFit] = []
    for _ in range(2):
        priors = (RowPrior(centre[0], worth[0]), RowPrior(centre[1], worth[1]))
        fits = [
            fit_two_way(
                row_votes[part],
                column_votes[part],
                settings,
                wider=whole,
                priors=priors,
            )
            for part in parts
        ]
        worth = (_prior_votes(fits, 1, centre[0]), _prior_votes(fits, 3, centre[1]))
    return fits


def _prior_votes(fits: list[TwoWayFit], member: int, centre: Floats) -> float:
    posteriors = [fit.members[member].posterior for fit in fits]
    distance = np.mean([(p.profile - centre) ** 2 + p.variance for p in posteriors], axis=0)
    votes = (centre * (1 - centre)).sum() / max(float(distance.sum()), 1e-12) - 1
    return float(np.clip(votes, *_RANGE))
