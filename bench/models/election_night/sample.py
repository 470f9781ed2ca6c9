"""Final shares from a stratified sample of polling stations, as made when the last ones close."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray
from bench.models.election_night.night import NightEstimate, NightFrame

N_STRATA = 10
N_COVARIATES = 3


def strata_of(frame: NightFrame, *, n_strata: int = N_STRATA) -> npt.NDArray[np.intp]:
    """Stratum of every station, [U]: equal numbers of registered, by size of the commune."""
    order = np.argsort(frame.place_size, kind="stable")
    reached = np.cumsum(frame.registered[order]) / frame.registered.sum()
    strata = np.empty(frame.n, dtype=np.intp)
    strata[order] = np.minimum((reached * n_strata).astype(int), n_strata - 1)
    return strata


def draw_sample(
    frame: NightFrame,
    strata: npt.NDArray[np.intp],
    n: int,
    rng: np.random.Generator,
    *,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.intp]:
    """A stratified sample without replacement, as many stations from every stratum.

    Strata in which fewer than two stations are allowed are left out.
    """
    can = np.ones(frame.n, dtype=bool) if allowed is None else allowed
    groups = [np.flatnonzero((strata == h) & can) for h in np.unique(strata)]
    groups = [group for group in groups if len(group) >= 2]
    each = np.full(len(groups), n // len(groups))
    each[: n % len(groups)] += 1
    return np.concatenate(
        [
            rng.choice(group, min(max(k, 2), len(group)), replace=False)
            for group, k in zip(groups, each, strict=True)
        ]
    )


def polling_station_sample(
    frame: NightFrame,
    strata: npt.NDArray[np.intp],
    chosen: npt.NDArray[np.intp],
    votes: FloatArray,
    *,
    allowed: npt.NDArray[np.bool_] | None = None,
    covariates: FloatArray | None = None,
) -> NightEstimate:
    """Final shares from a stratified sample of stations, with design-based errors.

    The generalised regression estimator,
    T = Σ_U r_i z_i B + Σ_h (N_h / n_h) Σ_{i in s_h} (y_i - r_i z_i B),
    with z the covariates; the share's variance is that of the linearised residuals within strata,
    each times its g-weight, with a correction for the fitted coefficients; intervals follow a t
    with as many degrees of freedom as stations are left after strata and coefficients. Without z:
    the expansion estimator.

    Parameters
    ----------
    frame : the stations.
    strata : [U], from `strata_of`.
    chosen : numbers of the sampled stations.
    votes : [len(chosen), C], of the sampled stations.
    allowed : stations that could be sampled, [U]; the rest is reached by the regression alone,
        which no design-based error can vouch for. All if None.
    covariates : z, [U, F], from `covariates_of`; None for the expansion estimator.

    References
    ----------
    Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling,
    doi:10.1007/978-1-4612-4378-6, ch. 6 (6.6.4 for the g-weights).
    """
    can = np.ones(frame.n, dtype=bool) if allowed is None else allowed
    size = np.bincount(strata[can], minlength=strata.max() + 1)
    taken = np.bincount(strata[chosen], minlength=len(size))
    weight = size[strata[chosen]] / taken[strata[chosen]]
    reg = frame.registered
    n_fitted = 0
    known, fitted = np.zeros(votes.shape[1]), np.zeros_like(votes)
    g = np.ones(len(chosen))
    if covariates is not None:
        z = covariates
        n_fitted = z.shape[1]
        w = weight * reg[chosen]
        rate = votes / reg[chosen][:, None]
        gram = (z[chosen].T * w) @ z[chosen] + 1e-6 * w.sum() * np.eye(n_fitted)
        slopes = np.linalg.solve(gram, (z[chosen].T * w) @ rate)
        known = (reg @ z) @ slopes
        fitted = reg[chosen][:, None] * (z[chosen] @ slopes)
        g += z[chosen] @ np.linalg.solve(gram, reg @ z - w @ z[chosen])
    rest = votes - fitted
    total = np.maximum(known + weight @ rest, 1e-9)
    share = total / total.sum()
    linear = g[:, None] * (rest - share * rest.sum(axis=1, keepdims=True)) / total.sum()
    covariance = np.zeros((len(share), len(share)))
    for h in np.flatnonzero(taken >= 2):
        part = linear[strata[chosen] == h]
        left = 1 - taken[h] / size[h]
        covariance += size[h] ** 2 * left / taken[h] * np.cov(part.T)
    used = n_fitted + int((taken > 0).sum())
    degrees = max(len(chosen) - used, 1)
    covariance *= 1 + n_fitted / degrees  # np.cov has allowed for the strata
    return NightEstimate(share=share, covariance=covariance, degrees=float(degrees))


def covariates_of(frame: NightFrame) -> FloatArray:
    """A constant, the leading components of the past vote, log size of the commune, [U, F]."""
    centred = frame.past - np.average(frame.past, axis=0, weights=frame.registered)
    past = centred * np.sqrt(frame.registered / frame.registered.mean())[:, None]
    _, _, axes = np.linalg.svd(past.T @ past)
    parts = centred @ axes[: min(N_COVARIATES, frame.past.shape[1])].T
    size = np.log(np.maximum(frame.place_size, 1.0))
    spread = np.maximum(np.append(parts.std(axis=0), size.std()), 1e-12)
    columns = np.column_stack([parts, size - size.mean()]) / spread
    return np.hstack([np.ones((frame.n, 1)), columns])
