"""The error that all institutes share: how large other votes say it is, and draws of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.core.evidence import Evidence
from bench.core.forecast import Forecast
from bench.models.log_ratio import FLOOR, REFERENCE_SHARE, closed, normal_draws, softmax
from bench.models.memoize import Memory
from bench.models.polls.poll_table import PollMean

OTHERS = "others"
"""The candidate who stands for all parties that no source lists apart."""

COLUMNS = (
    "election",
    "round",
    "horizon_days",
    "candidate",
    "country",
    "vote_on",
    "days",
    "institutes",
    "respondents",
    "polled",
    "share",
)
"""What is read of `past_errors`, beside `same_country`."""

MONTH_DAYS = 30.0
EXPECTED_DRAWS = 2000
"""Pairs of errors of opposite sign over which an expected outcome is taken: good to .01 points on
the eve and .06 half a year before."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """The fixed part of the model, chosen on elections before 2015 and frozen.

    Spreads are standard deviations of a normal prior; scales are logarithms of a standard
    deviation.
    """

    growth_days: float = 80.0  # the variance grows like 1 - exp(-days / this)
    size_power: float = 0.84  # variance of a log share ~ (0.2 / share)^this
    smallest_size: float = 0.005
    others_variance: float = 1.5  # of the remainder, beside a candidate of its size
    tail_df: float = 8.0
    vote_weight: float = 2.0  # observations that a vote counts as: level and growth
    cluster_correlation: float = 0.25  # of squared errors of votes on one day in one country
    scale: tuple[float, float] = (-2.53, 1.0)  # log of 0.08, on the last day
    growth: tuple[float, float] = (0.0, 1.0)  # log of the variance that 30 days add, in last days
    house: tuple[float, float] = (-0.36, 0.7)  # log of 0.7, one institute beside the last day
    country_spread: float = 0.31  # of log scales, by marginal likelihood before 2015
    others_spread: float = 0.112  # of the mean log error of the remainder, of each country

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any of the numbers."""
        text = repr([(field.name, getattr(self, field.name)) for field in fields(self)])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def growth_by(self, days: FloatArray) -> FloatArray:
        """What has grown by that many days, as a multiple of what has by 30."""
        grown = -np.expm1(-np.maximum(days, 0.0) / self.growth_days)
        return np.asarray(grown / -np.expm1(-MONTH_DAYS / self.growth_days))

    def size(self, share: FloatArray, is_others: BoolArray) -> FloatArray:
        """Variance of log shares beside that of a candidate at 20 %."""
        by_size = (REFERENCE_SHARE / np.maximum(share, self.smallest_size)) ** self.size_power
        return np.asarray(by_size * np.where(is_others, self.others_variance, 1.0))


FORM = Form()


@dataclass(frozen=True)
class PastErrors:
    """What the likelihood needs of past errors: N polled votes at one horizon each.

    ``form`` is the quadratic form of the contrasts of the log errors at scale 1, linear and
    quadratic in the mean error of the remainder; the rest says what the scale depends on.
    """

    form: FloatArray  # [N]
    linear: FloatArray  # [N]
    quadratic: FloatArray  # [N]
    n_contrasts: FloatArray  # [N]
    sampling: FloatArray  # [N], variance of the polls' own sampling, at scale 1
    grown: FloatArray  # [N]
    institutes: FloatArray  # [N]
    weight: FloatArray  # [N]
    country: IntArray  # [N]
    n_votes: int

    def __len__(self) -> int:
        return len(self.form)


@dataclass(frozen=True)
class Fit:
    """Posterior of all scales: normal around its mode, with the inverse information."""

    mode: FloatArray  # [P]
    covariance: FloatArray  # [P, P]
    countries: IntArray
    form: Form
    n_votes: int

    def of(self, country: int | None) -> tuple[FloatArray, FloatArray]:
        """Mean [4] and covariance [4, 4] of log growth, log house, log scale and remainder.

        Parameters
        ----------
        country : int or None
            Code of the table; one that taught nothing has the spread of the prior.
        """
        n_countries = len(self.countries)
        pick = np.zeros((4, len(self.mode)))
        pick[[0, 1, 2], [0, 1, 2]] = 1.0
        at_country = np.flatnonzero(self.countries == (-1 if country is None else country))
        pick[2, 3 + at_country] = 1.0
        pick[3, 3 + n_countries + at_country] = 1.0
        unknown = np.zeros(4)
        if len(at_country) == 0:
            unknown[2] = self.form.country_spread**2
            unknown[3] = self.form.others_spread**2
        return pick @ self.mode, pick @ self.covariance @ pick.T + np.diag(unknown)


@dataclass(frozen=True)
class SharedError:
    """The error of one vote, as other votes teach it.

    The outcome is ``softmax(log(share) + b + e)``; ``b`` is the mean log error of the remainder
    `others` and zero for candidates, the ``e_i`` are independent with variance
    ``scale^2 (1 + growth f(days) + house^2 / institutes) size(share_i)``, and one chi-square
    scales them all. `mean` and `covariance` are those of (log growth, log house, log scale, b).
    """

    mean: FloatArray  # [4]
    covariance: FloatArray  # [4, 4]
    others: BoolArray  # [C]
    form: Form
    n_votes: int

    def forecast(
        self,
        candidates: Sequence[str],
        mean: PollMean,
        rng: np.random.Generator,
        n: int,
        sampling: FloatArray | None = None,
    ) -> Forecast:
        """The outcomes of `draws` of these candidates, and as shares their mean, `expected`."""
        return Forecast(
            share=pd.Series(self.expected(mean, sampling), index=list(candidates)),
            draws=self.draws(mean, rng, n, sampling),
        )

    def draws(
        self,
        mean: PollMean,
        rng: np.random.Generator,
        n: int,
        sampling: FloatArray | None = None,
    ) -> FloatArray:
        """Draw outcomes given what the polls say.

        Parameters
        ----------
        mean : PollMean
            Polled shares, days from the fieldwork to the vote and effective number of institutes.
        rng : numpy.random.Generator
        n : int
            Number of draws S.
        sampling : ndarray, shape [C] or [C, C], optional
            Variances, or the covariance, of the log weights of the shares themselves.

        Returns
        -------
        ndarray, shape [S, C]
            Rows sum to one.
        """
        centre, error = self._errors(mean, rng, n, sampling)
        return softmax(centre + error)

    def expected(self, mean: PollMean, sampling: FloatArray | None = None) -> FloatArray:
        """The mean of all outcomes that `draws` draws from: the centre of the forecast.

        An error of the logarithms of shares takes more from a large share than it gives, the wider
        the more, so it is not what the polls say. It is taken over the same `EXPECTED_DRAWS` pairs
        ``e`` and ``-e`` whatever the seed of the draws.

        Parameters
        ----------
        mean, sampling
            As of `draws`.

        Returns
        -------
        ndarray, shape [C]
            Sums to one.
        """
        centre, error = self._errors(mean, np.random.default_rng(0), EXPECTED_DRAWS, sampling)
        pairs = softmax(centre + error) + softmax(centre - error)
        return np.asarray(pairs.mean(axis=0) / 2.0)

    def _errors(
        self, mean: PollMean, rng: np.random.Generator, n: int, sampling: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        """Log weights around which the outcomes lie, and errors of them, [S, C] each."""
        base = closed(mean.share)
        root = np.linalg.cholesky(self.covariance)
        numbers = self.mean + rng.standard_normal((n, 4)) @ root.T
        growth, house, scale, remainder = numbers.T
        variance = 1.0 + np.exp(growth) * self.form.growth_by(np.array(mean.days))
        variance = variance + np.exp(2.0 * house) / max(mean.institutes, 1.0)
        # one chi-square scales all errors of a vote
        variance = np.exp(2.0 * scale) * variance * self.form.tail_df
        variance = variance / rng.chisquare(self.form.tail_df, n)
        by_candidate = variance[:, None] * self.form.size(base, self.others)
        if sampling is not None and sampling.ndim == 1:
            by_candidate = by_candidate + sampling
        error = np.sqrt(by_candidate) * rng.standard_normal(by_candidate.shape)
        if sampling is not None and sampling.ndim == 2:
            error += normal_draws(sampling, rng, n)
        return np.log(base) + remainder[:, None] * self.others, error


def shared_error(evidence: Evidence, form: Form = FORM) -> SharedError:
    """The error that polls of this vote have to be expected to share.

    Votes of every country teach, those of the same one most.

    Parameters
    ----------
    evidence : Evidence
        With the table `past_errors`, cut by the task; what a cut teaches is remembered.
    form : Form
    """
    table = evidence["past_errors"]
    learned = partial(_learned, table, form)
    fit = _LEARNED.of(table, COLUMNS, learned, form.digest)
    own = table["country"].cat.codes[table["same_country"].to_numpy()]
    mean, covariance = fit.of(int(own.iloc[0]) if len(own) else None)
    is_others = np.array([name == OTHERS for name in evidence.candidates])
    return SharedError(mean, covariance, is_others, form, fit.n_votes)


def _learned(table: pd.DataFrame, form: Form) -> Fit:
    vote = ["election", "round", "horizon_days"]
    return learn_from(past_errors(table.sort_values(vote, kind="stable"), form), form)


# every moment of a horizon experiment asks about nearly the same cut
_LEARNED: Memory[Fit] = Memory(max_answers=64)


def past_errors(table: pd.DataFrame, form: Form = FORM) -> PastErrors:
    """Arrange the table `past_errors` for the likelihood.

    Parameters
    ----------
    table : DataFrame
        A row per (election, round, horizon, candidate), rows of one horizon together, with the
        columns `COLUMNS`: `polled` and `share` are fractions, texts are categories.
    """

    def codes(column: str) -> IntArray:
        return np.asarray(table[column].cat.codes, dtype=np.int64)

    vote = 2 * codes("election") + table["round"].to_numpy(dtype=np.int64)
    horizon = table["horizon_days"].to_numpy(dtype=np.int64)
    first = np.ones(len(table), dtype=bool)
    first[1:] = (np.diff(vote) != 0) | (np.diff(horizon) != 0)
    start, place = np.flatnonzero(first), np.cumsum(first) - 1

    def total(value: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(place, value, len(start)), dtype=float)

    def lifted(column: str) -> FloatArray:
        value = np.maximum(table[column].to_numpy(dtype=float), FLOOR)
        return np.asarray(value / total(value)[place])

    polled = lifted("polled")
    error = np.log(lifted("share")) - np.log(polled)
    is_others = (table["candidate"] == OTHERS).to_numpy(dtype=bool)
    size = form.size(polled, is_others)
    precision = 1.0 / size
    inside = total(precision)

    def centred(value: FloatArray) -> FloatArray:
        return np.asarray(value - (total(precision * value) / inside)[place])

    error, mark = centred(error), centred(is_others.astype(float))
    n = total(np.ones(len(table)))
    noise = 1.0 / (table["respondents"].to_numpy(dtype=float) * polled)
    noise += FLOOR**2 / 3.0 / polled**2
    vote, country = vote[start], codes("country")[start]
    day = table["vote_on"].to_numpy(dtype="datetime64[D]").astype(np.int64)[start]
    return PastErrors(
        form=total(precision * error**2),
        linear=total(precision * error * mark),
        quadratic=total(precision * mark**2),
        n_contrasts=n - 1.0,
        sampling=total(noise / size) / n,
        grown=form.growth_by(table["days"].to_numpy(dtype=float)[start]),
        institutes=np.maximum(table["institutes"].to_numpy(dtype=float)[start], 1.0),
        weight=_weights(vote, country, day, form),
        country=country,
        n_votes=len(np.unique(vote)),
    )


def _weights(vote: IntArray, country: IntArray, day: IntArray, form: Form) -> FloatArray:
    """A vote counts the same however often it was polled, votes of one day count for few.

    With a correlation r of their squared errors n votes are worth ``n / (1 + (n - 1) r)``.
    """
    _, first, of_vote, n_horizons = np.unique(
        vote, return_index=True, return_inverse=True, return_counts=True
    )
    vote_day = np.column_stack([country[first], day[first]])
    _, of_day, n_votes = np.unique(vote_day, axis=0, return_inverse=True, return_counts=True)
    together = n_votes[of_day.ravel()][of_vote]
    shared = 1.0 + (together - 1.0) * form.cluster_correlation
    return np.asarray(form.vote_weight / n_horizons[of_vote] / shared)


def learn_from(rows: PastErrors, form: Form = FORM, *, most_steps: int = 80) -> Fit:
    """The posterior of all scales given past errors, by Fisher scoring (Laplace's approximation).

    The contrasts of the log errors of one vote at one horizon have a multivariate t density of
    scale ``v = scale^2 (1 + growth f(days) + house^2 / K) + sampling``; ``log scale`` is the sum
    of a world level and a country, which is drawn towards zero, as is the mean of the remainder.

    Parameters
    ----------
    rows : PastErrors
        May be empty: the answer is the prior.
    form : Form
    most_steps : int
        Fisher steps at most; a dozen are usual.

    References
    ----------
    Lange, K. L., Little, R. J. A. and Taylor, J. M. G. (1989). Robust statistical modeling using
    the t distribution. doi:10.1080/01621459.1989.10478852
    """
    countries, country = np.unique(rows.country, return_inverse=True)
    model = _Likelihood(rows, form, country, len(countries))
    theta, spread = model.centre.copy(), model.spread
    value = model.value(theta)
    information = np.diag(spread**-2)
    for _ in range(most_steps):
        gradient, information = model.slope(theta)
        step = np.linalg.solve(information, gradient)
        better = model.value(theta + step)
        while better < value and np.abs(step).max() > 1e-6:
            step = step / 2.0
            better = model.value(theta + step)
        theta, value = theta + step, better
        if np.abs(step).max() < 1e-11:  # so that the path there leaves no trace
            break
    covariance = np.linalg.inv(information)
    for array in (theta, covariance):
        array.setflags(write=False)  # several tasks share it
    return Fit(theta, covariance, countries, form, rows.n_votes)


class _Likelihood:
    """Log posterior and its slope in (growth, house, world + countries, remainder by country)."""

    def __init__(
        self,
        rows: PastErrors,
        form: Form,
        country: NDArray[np.intp],
        n_countries: int,
    ) -> None:
        self.rows, self.df, self.country = rows, form.tail_df, country
        self.n_countries = n_countries
        self.scale_design = np.hstack([np.ones((n_countries, 1)), np.eye(n_countries)])
        self.at_scale = slice(2, 3 + n_countries)
        self.at_mean = slice(3 + n_countries, None)
        priors = (form.growth, form.house, form.scale)
        self.centre = np.array([prior[0] for prior in priors] + [0.0] * (2 * n_countries))
        self.spread = np.array(
            [prior[1] for prior in priors]
            + [form.country_spread] * n_countries
            + [form.others_spread] * n_countries
        )

    def _parts(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """What growth and houses add to v, v itself, and the mean of the remainder, [N] each."""
        scale2 = np.exp(2.0 * (self.scale_design @ theta[self.at_scale]))[self.country]
        grown = np.exp(theta[0]) * self.rows.grown
        house = np.exp(2.0 * theta[1]) / self.rows.institutes
        mean = theta[self.at_mean][self.country]
        grown, house = scale2 * grown, scale2 * house
        return grown, house, scale2 + grown + house + self.rows.sampling, mean

    def _form(self, mean: FloatArray) -> FloatArray:
        rows = self.rows
        form = rows.form - 2.0 * mean * rows.linear + mean**2 * rows.quadratic
        return np.maximum(form, 0.0)

    def value(self, theta: FloatArray) -> float:
        _, _, v, mean = self._parts(theta)
        rows, m = self.rows, self.rows.n_contrasts
        log_density = -m / 2.0 * np.log(v)
        log_density -= (self.df + m) / 2.0 * np.log1p(self._form(mean) / (self.df * v))
        prior = np.square((theta - self.centre) / self.spread).sum() / 2.0
        return float(rows.weight @ log_density - prior)

    def slope(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient [P] and Fisher information [P, P] of the log posterior."""
        grown, house, v, mean = self._parts(theta)
        rows = self.rows
        m = rows.n_contrasts
        form = self._form(mean)
        tail = (self.df + m) / (self.df * v + form)
        by_log_v = rows.weight * (tail * form - m) / 2.0
        scale_weight = rows.weight * m * self.df / (2.0 * (self.df + m + 2.0))
        # slopes of log v in log growth, log house and log scale
        a = grown / v
        b = 2.0 * house / v
        c = 2.0 * (1.0 - rows.sampling / v)
        gradient = (self.centre - theta) / self.spread**2
        information = np.diag(self.spread**-2)

        design, at = self.scale_design, self.at_scale

        def summed(value: FloatArray) -> FloatArray:
            return np.asarray(np.bincount(self.country, value, self.n_countries), dtype=float)

        for i, slope_i in enumerate((a, b)):
            gradient[i] += by_log_v @ slope_i
            cross = design.T @ summed(scale_weight * slope_i * c)
            information[i, at] += cross
            information[at, i] += cross
            for j, slope_j in enumerate((a, b)):
                information[i, j] += (scale_weight * slope_i) @ slope_j
        gradient[at] += design.T @ summed(by_log_v * c)
        information[at, at] += (design.T * summed(scale_weight * c**2)) @ design

        at = self.at_mean
        gradient[at] += summed(rows.weight * tail * (rows.linear - mean * rows.quadratic))
        mean_weight = rows.weight * (self.df + m) / (self.df + m + 2.0) / v
        information[at, at] += np.diag(summed(mean_weight * rows.quadratic))
        return gradient, information
