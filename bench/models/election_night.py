"""Election night: final shares from polling stations sampled, or counted so far."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Self

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray

N_STRATA = 10
N_COVARIATES = 3
CLOSE = 0.05  # distance below which two sets of stations count as alike
OLDEST, NEWEST = 0.125, 0.85  # earlier counts that are checked, as parts of this one
UNCHECKED = 0.10  # error before any check, as a part of sqrt(p (1 - p))
GRID = np.array([0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
"""Shares of the registered counted at which `SharedBias` is kept."""

_LEAST = 1e-8  # of a mean square, so that it has a logarithm
_BUMPS = np.linspace(2.0, 14.0, 9)  # centres on the scale log(registered of the commune)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NightFrame:
    """The stations of a night, U of them.

    Attributes
    ----------
    registered : people on the roll, [U].
    past : votes of an earlier ballot in the station's area, as shares of the registered, [U, P].
    area : number of the département, [U], 0 and up.
    place_size : people on the roll of the station's commune, [U].
    late : whether the station closes later than the others, [U].
    """

    registered: FloatArray
    past: FloatArray
    area: npt.NDArray[np.intp]
    place_size: FloatArray
    late: npt.NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of stations."""
        return len(self.registered)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NightEstimate:
    """Shares of the valid votes of all stations, and their covariance.

    Attributes
    ----------
    share : [C], sums to 1.
    covariance : [C, C], of the shares; the squared scale where `degrees` are finite.
    degrees : of freedom of the t that the errors follow; infinite for a normal.
    """

    share: FloatArray
    covariance: FloatArray
    degrees: float = np.inf

    def interval(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Central interval of every share, cut at 0 and 1.

        Examples
        --------
        >>> even = NightEstimate(share=np.array([0.5, 0.5]), covariance=1e-4 * np.eye(2))
        >>> [bound.round(4).tolist() for bound in even.interval(0.95)]
        [[0.4804, 0.4804], [0.5196, 0.5196]]
        """
        from scipy.stats import t

        reach = t.ppf((1 + level) / 2, self.degrees) * np.sqrt(np.diag(self.covariance).clip(min=0))
        return np.clip(self.share - reach, 0, 1), np.clip(self.share + reach, 0, 1)

    def leaders(self, n: int) -> frozenset[int]:
        """Who has the `n` largest shares."""
        return frozenset(np.argsort(-self.share, kind="stable")[:n].tolist())

    def probability(self, leaders: frozenset[int], rng: np.random.Generator) -> float:
        """Chance that these, and nobody else, have the largest shares (2,000 draws)."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.share)))
        noise = rng.standard_normal((2000, len(self.share))) @ root.T
        if np.isfinite(self.degrees):
            noise *= np.sqrt(self.degrees / rng.chisquare(self.degrees, (2000, 1)))
        draws = self.share + noise
        inside = np.isin(np.arange(len(self.share)), sorted(leaders))
        return float((draws[:, inside].min(axis=1) > draws[:, ~inside].max(axis=1)).mean())

    def with_prior(self, prior: Self) -> Self:
        """The same, combined with an independent estimate, such as one from polls, as normals.

        Examples
        --------
        >>> one = np.array([[1.0, -1.0], [-1.0, 1.0]]) * 1e-4
        >>> a = NightEstimate(share=np.array([0.4, 0.6]), covariance=one)
        >>> b = NightEstimate(share=np.array([0.5, 0.5]), covariance=one)
        >>> a.with_prior(b).share.round(3).tolist()
        [0.45, 0.55]
        """
        k = len(self.share) - 1  # the last share follows from the others
        tiny = 1e-12 * np.eye(k)
        ours = np.linalg.inv(self.covariance[:k, :k] + tiny)
        theirs = np.linalg.inv(prior.covariance[:k, :k] + tiny)
        both = np.linalg.inv(ours + theirs)
        mean = both @ (ours @ self.share[:k] + theirs @ prior.share[:k])
        turn = np.vstack([np.eye(k), -np.ones(k)])
        share = np.append(mean, 1 - mean.sum())
        return dataclasses.replace(
            self, share=share, covariance=turn @ both @ turn.T, degrees=np.inf
        )


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Extrapolation:
    """A normal linear model of votes per registered voter, fitted to the counted stations.

        y_i / r_i = z_i B + e_i,   z_i = (1, past vote, bumps of log commune size, département)
        Var(e_i) = φ M / w_i,      w_i = r_i / (1 + r_i ρ),   M = diag(p) - p p'

    Past votes have wide priors; every bump and every département has the prior variance
    κ² M. The error of the outstanding stations is not read off the model: see
    `RunningCount`.

    Attributes
    ----------
    spread : κ, how far swings differ between kinds of places, as a part of sqrt(p (1 - p)).
    overdispersion : ρ, between stations, 0 to 1.
    width : of the bumps, on the log scale.
    """

    spread: float
    overdispersion: float
    width: float

    def weight(self, registered: FloatArray) -> FloatArray:
        """w_i, [U].

        Examples
        --------
        >>> model = Extrapolation(spread=0.03, overdispersion=0.01, width=2)
        >>> model.weight(np.array([100.0])).tolist()
        [50.0]
        """
        return np.asarray(registered / (1 + registered * self.overdispersion))

    def features(self, frame: NightFrame) -> tuple[FloatArray, FloatArray]:
        """Z [U, F] and the prior standard deviation of each coefficient, [F], in units of κ."""
        past = (frame.past - frame.past.mean(axis=0)) / np.maximum(frame.past.std(axis=0), 1e-9)
        size = np.log(np.maximum(frame.place_size, 1.0))[:, None]
        bumps = np.exp(-0.5 * ((size - _BUMPS) / self.width) ** 2)
        bumps /= np.sqrt((bumps**2).sum(axis=1, keepdims=True))
        areas = np.eye(int(frame.area.max()) + 1)[frame.area]
        parts = [np.ones((frame.n, 1)), past, bumps, areas]
        wide = (100.0, 10.0, 1.0, 1.0)
        scale = [np.full(part.shape[1], s) for part, s in zip(parts, wide, strict=True)]
        return np.hstack(parts), np.concatenate(scale)


def kinds(frame: NightFrame) -> FloatArray:
    """What tells stations that report early from those that report late, standardised, [U, 3].

    Log size of the station and of its commune, and whether it closes late; mean 0 and
    variance 1 over registered voters.
    """
    values = np.column_stack(
        [np.log(frame.registered), np.log(np.maximum(frame.place_size, 1.0)), frame.late * 1.0]
    )
    mean = np.average(values, axis=0, weights=frame.registered)
    variance = np.average((values - mean) ** 2, axis=0, weights=frame.registered)
    return np.asarray((values - mean) / np.sqrt(np.maximum(variance, 1e-12)))


@dataclasses.dataclass(frozen=True, kw_only=True)
class SharedBias:
    """How far the stations outstanding were off together on other evenings.

        τ²(s) = (1/E) Σ_e mean over orders and candidates of b²,
        b_c = (said_c - final_c) / ((1 - s) sqrt(p_c (1 - p_c)))

    with p the shares said, to first order in their errors, and s the share of the registered
    voters counted. A village
    that reports early cannot show what cities do beyond their past vote, and the next village
    cannot either: what the night itself shows of this error is about independent of its size
    until a tenth of the registered are counted, and other evenings have to say it.

    Attributes
    ----------
    registered : shares of the registered voters counted, ascending, [M].
    square : τ² there, [M].
    """

    registered: FloatArray
    square: FloatArray

    @classmethod
    def of(cls, evenings: Iterable[Iterable[tuple[FloatArray, FloatArray]]]) -> Self:
        """Mean over evenings, each a mean over its orders of reporting.

        Parameters
        ----------
        evenings : per evening and order, the shares counted and the mean b² of the candidates,
            [M] each; shares ascend.

        Examples
        --------
        >>> one = (np.array([0.01, 0.1]), np.array([0.04, 0.01]))
        >>> other = (np.array([0.01, 0.1]), np.array([0.02, 0.01]))
        >>> bias = SharedBias.of([[one], [other]])
        >>> [round(bias.at(s), 4) for s in (0.001, 0.01, 0.1, 1)]
        [0.03, 0.03, 0.01, 0.01]
        """
        by_evening = [
            np.mean([_on_grid(counted, square) for counted, square in orders], axis=0)
            for orders in evenings
        ]
        return cls(registered=GRID, square=np.asarray(np.mean(by_evening, axis=0)))

    def at(self, registered: float) -> float:
        """τ² when this share of the registered is counted; constant beyond the ends."""
        where = np.log(max(registered, 1e-9))
        return float(np.exp(np.interp(where, np.log(self.registered), np.log(self.square))))


def _on_grid(counted: FloatArray, square: FloatArray) -> FloatArray:
    logs = np.interp(np.log(GRID), np.log(counted), np.log(np.maximum(square, _LEAST)))
    return np.asarray(np.exp(logs))


@dataclasses.dataclass(frozen=True)
class Moment:
    """What was known when fewer stations were counted."""

    n: int
    slopes: FloatArray
    outstanding: FloatArray
    votes: FloatArray
    kind: FloatArray
    registered: float


class RunningCount:
    """The count of a night, station by station, with an estimate at any moment.

    The error of the stations still outstanding is learned from the night itself: at earlier
    moments the same model was fitted to the stations counted by then, and what it said of those
    counted since is compared with their votes. Such an error, per registered voter, is stretched
    by how much further the outstanding stations are from the counted ones than the checked ones
    were from theirs (`kinds`: size of station and commune, hour of closing), and by `caution`.
    It is a forward validation, not a guarantee: outstanding stations may differ in ways that
    neither past votes nor sizes show. How far they did so on other evenings, `SharedBias` says.

    Parameters
    ----------
    frame : the stations.
    model : settings.
    n_candidates : C.
    caution : factor on the standard errors.

    References
    ----------
    Dawid (1984), Statistical theory: the prequential approach, doi:10.2307/2981683.
    """

    def __init__(
        self, frame: NightFrame, model: Extrapolation, n_candidates: int, caution: float
    ) -> None:
        """Start with nothing counted."""
        self.frame, self.model, self.caution = frame, model, caution
        self.features, self.scale = model.features(frame)
        self.kinds = kinds(frame)
        self.weight = model.weight(frame.registered)
        n = self.features.shape[1]
        self.total = float(frame.registered.sum())
        self.gram: FloatArray = np.zeros((n, n))
        self.cross: FloatArray = np.zeros((n, n_candidates))
        self.square: FloatArray = np.zeros(n_candidates)
        self.votes: FloatArray = np.zeros(n_candidates)
        self.kind: FloatArray = np.zeros(self.kinds.shape[1])
        self.outstanding: FloatArray = self.features.T @ frame.registered
        self.noise = float((frame.registered**2 / self.weight).sum())
        self.registered, self.n_counted = 0.0, 0
        self.past: list[Moment] = []
        self._fitted: tuple[FloatArray, float, FloatArray] | None = None

    def add(self, stations: npt.NDArray[np.intp], votes: FloatArray) -> None:
        """Count stations.

        Parameters
        ----------
        stations : numbers of the newly counted stations.
        votes : [len(stations), C].
        """
        if self._fitted is not None:  # remembered for later checks
            then = (self._fitted[0], self.outstanding, self.votes, self.kind, self.registered)
            self.past.append(Moment(self.n_counted, *then))
            self._fitted = None
        z, reg, w = self.features[stations], self.frame.registered[stations], self.weight[stations]
        rate = votes / reg[:, None]
        weighted = z * w[:, None]
        self.gram += weighted.T @ z
        self.cross += weighted.T @ rate
        self.square += w @ rate**2
        self.votes = self.votes + votes.sum(axis=0)
        self.kind = self.kind + reg @ self.kinds[stations]
        self.outstanding = self.outstanding - reg @ z
        self.noise -= float((reg**2 / w).sum())
        self.registered += float(reg.sum())
        self.n_counted += len(stations)

    def estimate(self) -> NightEstimate:
        """Final shares from the stations counted so far."""
        slopes, phi, solve = self._fit()
        total = self._total(slopes)
        rate = np.clip(total / self.total, 1e-6, 1)
        model = phi * (self.outstanding @ solve @ self.outstanding + max(self.noise, 0.0))
        of_total = model * (np.diag(rate) - np.outer(rate, rate))
        square = _pooled(self._checked_errors(), rate * (1 - rate))
        reach = np.sqrt(square) * (self.total - self.registered) * self.caution
        of_total += np.outer(reach, reach) * _as_multinomial(rate)
        share = total / total.sum()
        turn = (np.eye(len(share)) - share[:, None]) / total.sum()
        return NightEstimate(share=share, covariance=turn @ of_total @ turn.T)

    def calibrated(self, shared: SharedBias) -> NightEstimate:
        """The same shares, and how far they were off on other evenings.

        The variance of a share p is the squared share of the registered voters outstanding times
        the mean of τ² p (1 - p) and of what the night's own checks say, without `caution`.

        Parameters
        ----------
        shared : what outstanding stations shared on other evenings.
        """
        total = self._total(self._fit()[0])
        share = total / total.sum()
        unit = np.clip(share * (1 - share), 1e-6, None)
        left = 1 - self.registered / self.total
        own = _pooled([self._of_shares(error, total) for error in self._checked_errors()], unit)
        reach = left * np.sqrt((own + shared.at(1 - left) * unit) / 2)
        covariance = np.outer(reach, reach) * _as_multinomial(share)
        centre = np.eye(len(share)) - share[:, None]
        return NightEstimate(share=share, covariance=centre @ covariance @ centre.T)

    def bias(self, votes: FloatArray) -> FloatArray:
        """Error of the outstanding stations in the end, b of `SharedBias`, [C].

        Parameters
        ----------
        votes : final votes, [C].
        """
        total = self._total(self._fit()[0])
        share = total / total.sum()
        left = max(self.total - self.registered, 1.0)
        error = self._of_shares((total - votes) / left, total)
        return np.asarray(error / np.sqrt(np.clip(share * (1 - share), 1e-6, None)))

    def _total(self, slopes: FloatArray) -> FloatArray:
        return np.asarray(self.votes + np.maximum(self.outstanding @ slopes, 0))

    def _of_shares(self, error: FloatArray, total: FloatArray) -> FloatArray:
        """Errors of votes per registered voter as errors of shares: turnout drops out."""
        return np.asarray((error - total / total.sum() * error.sum()) / (total.sum() / self.total))

    def _fit(self) -> tuple[FloatArray, float, FloatArray]:
        """Coefficients [F, C], φ and the inverse of the penalised Gram matrix."""
        if self._fitted is not None:
            return self._fitted
        counted = self.votes / max(self.registered, 1.0)
        units = float((counted * (1 - counted)).sum())
        phi = 1.0
        slopes: FloatArray = self.cross
        solve: FloatArray = self.gram
        for _ in range(3):
            prior = np.diag(phi / (self.model.spread * self.scale) ** 2)
            solve = np.asarray(np.linalg.inv(self.gram + prior), dtype=np.float64)
            slopes = solve @ self.cross
            unexplained = float(
                np.maximum(self.square - (slopes * self.cross).sum(axis=0), 0).sum()
            )
            phi = max(unexplained / max(units * self.n_counted, 1e-12), 1e-9)
        self._fitted = slopes, phi, solve
        return self._fitted

    def _checked_errors(self) -> list[FloatArray]:
        """Errors per registered voter since earlier moments, stretched to those outstanding."""
        errors = []
        far = self._distance(-self.kind, self.total - self.registered, self.kind, self.registered)
        for then in self.past:
            if not OLDEST * self.n_counted <= then.n <= NEWEST * self.n_counted:
                continue
            since = self.registered - then.registered
            said = (then.outstanding - self.outstanding) @ then.slopes
            error = (said - (self.votes - then.votes)) / since
            near = self._distance(self.kind - then.kind, since, then.kind, then.registered)
            errors.append(error * max(1.0, far / near))
        return errors

    @staticmethod
    def _distance(kind: FloatArray, registered: float, other: FloatArray, counted: float) -> float:
        gap = kind / max(registered, 1.0) - other / max(counted, 1.0)
        return float(np.sqrt((gap**2).sum() + CLOSE**2))


def _pooled(errors: list[FloatArray], unit: FloatArray) -> FloatArray:
    """Mean squares, half each candidate's own and half in proportion to `unit`, [C]."""
    if not errors:
        return np.asarray(UNCHECKED**2 * unit)
    own = np.mean(np.square(errors), axis=0)
    return np.asarray((own + own.sum() / unit.sum() * unit) / 2)


def _as_multinomial(p: FloatArray) -> FloatArray:
    """Correlations of the counts of a multinomial, [C, C]."""
    found = -np.sqrt(np.outer(p, p) / np.outer(1 - p, 1 - p))
    np.fill_diagonal(found, 1.0)
    return found
