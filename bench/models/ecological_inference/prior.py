"""This file holds what is believed of a transition table before its units are seen."""

import dataclasses

import numpy as np

from bench.models.ecological_inference.simplex_posterior import RowPosterior, contrasts
from bench.models.ecological_inference.types import Floats

_MIN_SHARE = 1e-3


@dataclasses.dataclass(frozen=True)
class RowPrior:
    """Gaussian prior of row profiles with the first two moments of a Dirichlet.

    Attributes
    ----------
    mean : [R, K], rows sum to one.
    votes : how many votes the prior is worth, per row; the variance of a cell is
        mean (1 - mean) / (1 + votes).
    """

    mean: Floats
    votes: float

    def blocks(self) -> Floats:
        """Inverse covariance of each row in contrasts, [R, K - 1, K - 1]."""
        basis = contrasts(self.mean.shape[1])
        # (diag p - p p')^-1 on the contrasts is H' diag(1 / p) H.
        inverse = basis.T @ (basis / self.mean[:, :, None])
        return np.asarray(inverse * (1 + self.votes))

    def precision(self) -> Floats:
        n_rows, n_columns = self.mean.shape
        size = n_columns - 1
        full = np.zeros((n_rows, size, n_rows, size))
        rows = np.arange(n_rows)
        full[rows, :, rows, :] = self.blocks()
        return full.reshape(n_rows * size, n_rows * size)

    def linear(self) -> Floats:
        mean = self.mean @ contrasts(self.mean.shape[1])
        return np.asarray(np.einsum("rkl,rl->rk", self.blocks(), mean).ravel())


def broad_prior(column_votes: Floats, n_rows: int, votes: float = 0.3) -> RowPrior:
    """Every row like the whole, worth `votes` votes."""
    total = column_votes + 0.5
    return RowPrior(np.tile(total / total.sum(), (n_rows, 1)), votes)


def pooled_prior(
    posterior: RowPosterior,
    row_votes: Floats,
    column_votes: Floats,
    *,
    least: float = 0.3,
    most: float = 200.0,
) -> RowPrior:
    """Quasi-independence: who leaves the largest cell of a row goes where the others go.

    The votes that the prior is worth are one less than the ratio of p (1 - p) to the
    expected squared distance of the cells from it (empirical Bayes).

    References
    ----------
    Goodman (1968), doi:10.1080/01621459.1968.11009335 (quasi-independence).
    """
    profile = posterior.profile
    mean = quasi_independence(profile, row_votes, column_votes)
    others = np.ones(profile.shape, dtype=bool)
    others[np.arange(profile.shape[0]), profile.argmax(axis=1)] = False
    distance = ((profile - mean) ** 2 + posterior.variance)[others].sum()
    votes = (mean * (1 - mean))[others].sum() / max(float(distance), 1e-12) - 1
    return RowPrior(mean, float(np.clip(votes, least, most)))


def quasi_independence(profile: Floats, row_votes: Floats, column_votes: Floats) -> Floats:
    """Row profiles that keep the largest cell of each row and share out the rest alike."""
    n_rows = profile.shape[0]
    weight = row_votes / row_votes.sum()
    others = np.ones(profile.shape)
    others[np.arange(n_rows), profile.argmax(axis=1)] = 0.0
    rest = profile * others
    missing = rest.sum(axis=1, keepdims=True)
    common = (column_votes + 0.5) / (column_votes + 0.5).sum()
    given = weight @ rest + 1e-4
    for _ in range(20):
        open_to = (others * common).sum(axis=1, keepdims=True)
        common = given / (weight @ (missing * others / open_to) + 1e-9)
        common = common / common.sum()
    mean = others * common
    mean = profile * (1 - others) + mean / mean.sum(axis=1, keepdims=True) * missing
    mean = np.maximum(mean, _MIN_SHARE)
    return np.asarray(mean / mean.sum(axis=1, keepdims=True))
