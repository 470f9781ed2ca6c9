"""Daily figures of an app that recruits by its figure, or moves voters by it, and tests of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import ConfigError
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.runner.results import Results, stacked
from bench.runner.runner import Part, run
from bench.studies.base import settings_of

MECHANISMS = ("recruits", "believers")
KEYS = ["mechanism", "dose", "lifetime_days"]
MIN_DAYS = 10  # of a series that is tested; its regressions have up to three coefficients
MAX_STEPS = 20_000  # of the iteration towards the level


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    users : float
        Who rate on a day when nothing is advertised.
    share, odds : float
        Of the candidate's voters in the electorate, 0 to 1; how many times likelier they are to
        join than others.
    push : float
        Supporters who join together on the day before the first, as a fraction of `users`.
    recruits, believers : tuple of float
        Doses: lifetime recruits of one user too many; fraction of the voters who believe.
    lifetimes_days : tuple of float
        How long a user stays on average.
    days : tuple of int
        Lengths of the series that are tested, `MIN_DAYS` at least.
    interviews : int
        Of the one poll a day.
    replicates, n_paths : int
        Of every dose; how many are kept to be shown.
    alpha : float
        Nominal size of the tests.
    """

    users: float
    share: float
    odds: float
    push: float
    recruits: tuple[float, ...]
    believers: tuple[float, ...]
    lifetimes_days: tuple[float, ...]
    days: tuple[int, ...]
    interviews: int
    replicates: int
    n_paths: int
    alpha: float


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """How a published figure comes back.

    Of those who use the app a fraction 1 / L leaves every day, and as many come as keep `users` of
    them: voters of the candidate, whose fraction of the electorate is v, with odds `odds`,

        p(v) = odds v / (1 - v + odds v).

    The figure x is the candidate's share of the users. Where it stood above p(share) yesterday,
    each point recruits further supporters today, and yesterday's figure moves a fraction
    `believers` of the voters, of whom it convinces as many as it says:

        recruits = reproduction (users / L) (x - p(share))+ / (1 - p(share))
        v = (1 - believers) share + believers x

    Attributes
    ----------
    users, share, odds : float
        As of `Settings`.
    reproduction : float
        Supporters whom one supporter too many recruits before leaving, while they are few.
    believers : float
        0 to 1.
    lifetime_days : float
        L, above 1.

    Raises
    ------
    ConfigError
        If a number lies outside its range.
    """

    users: float
    share: float
    odds: float
    reproduction: float
    believers: float
    lifetime_days: float

    def __post_init__(self) -> None:
        if not (0 < self.share < 1 and 0 <= self.believers <= 1):
            raise ConfigError(
                f"share {self.share}, believers {self.believers}; accepted: between 0 and 1"
            )
        if self.lifetime_days <= 1 or min(self.users, self.odds) <= 0 or self.reproduction < 0:
            raise ConfigError(
                f"users {self.users}, odds {self.odds}, reproduction {self.reproduction}, lifetime "
                f"{self.lifetime_days} days; accepted: above 0, at least 0 and more than 1 day"
            )

    def joins(self, voters: FloatArray | float) -> FloatArray:
        """The fraction of new users for the candidate whom `voters` of the electorate support."""
        weight = self.odds * np.asarray(voters, dtype=float)
        return np.asarray(weight / (1 - voters + weight))

    def believed(self, figure: FloatArray | float) -> FloatArray:
        """The fraction of the electorate for the candidate after a figure is out."""
        return np.asarray((1 - self.believers) * self.share + self.believers * np.asarray(figure))

    @property
    def level(self) -> float:
        """Where the figure ends without chance, coming from above.

        Without believers it is p(share) up to a reproduction number of 1, and
        ``1 - (1 - p(share)) / reproduction`` beyond.
        """
        start, figure = float(self.joins(self.share)), 1.0
        for _ in range(MAX_STEPS):
            extra = self.reproduction * max(figure - start, 0.0) / (1 - start)
            before, figure = figure, float(self.joins(self.believed(figure)) + extra) / (1 + extra)
            if abs(before - figure) < 1e-12:
                break
        return figure

    @property
    def total_reproduction(self) -> float:
        """How much of a small push comes back in all: below 1 it fades, above 1 it runs away.

            R = reproduction + believers p'(v),    p'(v) = odds / (1 - v + odds v)^2

        A push y decays by ``1 - (1 - R) / L`` a day: of the users the fraction 1 / L is new, and
        brings R y. Of believers alone v is taken where the figure ends.
        """
        figure = self.level if self.reproduction == 0 else float(self.joins(self.share))
        voters = float(self.believed(figure))
        slope = self.odds / (1 - voters + self.odds * voters) ** 2
        return self.reproduction + self.believers * slope

    @property
    def half_life_days(self) -> float:
        """When half of a small push is gone; NaN where it grows."""
        stays = 1 - (1 - self.total_reproduction) / self.lifetime_days
        return float(np.log(0.5) / np.log(stays)) if stays < 1 else np.nan

    def series(
        self, push: float, n_days: int, interviews: int, n: int, rng: np.random.Generator
    ) -> dict[str, FloatArray]:
        """Simulate n series of the days 0 to `n_days`.

        Parameters
        ----------
        push : float
            Supporters who join on day 0, as a fraction of `users`.
        n_days, interviews, n : int
        rng : numpy.random.Generator

        Returns
        -------
        dict of str to numpy.ndarray [n, n_days + 1]
            ``figure`` (fraction), ``users``, ``new_users`` (counts), ``poll`` (fraction); those of
            day 0 are before anything was published.
        """
        start, daily = float(self.joins(self.share)), self.users / self.lifetime_days
        ours = rng.poisson(self.users * start, n) + round(push * self.users)
        others, new = rng.poisson(self.users * (1 - start), n), np.zeros(n, dtype=np.int64)
        poll = rng.binomial(interviews, self.share, n) / interviews
        found = []
        for _ in range(n_days):
            figure = ours / (ours + others)
            found.append((figure, ours + others, new, poll))
            voters = self.believed(figure)
            joining, above = self.joins(voters), np.maximum(figure - start, 0) / (1 - start)
            came = rng.poisson(daily * (joining + self.reproduction * above))
            came_too = rng.poisson(daily * (1 - joining))
            ours = rng.binomial(ours, 1 - 1 / self.lifetime_days) + came
            others = rng.binomial(others, 1 - 1 / self.lifetime_days) + came_too
            new, poll = came + came_too, rng.binomial(interviews, voters) / interviews
        found.append((ours / (ours + others), ours + others, new, poll))
        names = ("figure", "users", "new_users", "poll")
        return {
            name: np.stack(each, axis=1).astype(float)
            for name, each in zip(names, zip(*found, strict=True), strict=True)
        }


def p_values(y: FloatArray, x: FloatArray, *controls: FloatArray) -> FloatArray:
    """One-sided p of the slope of y on x by least squares, against none; a regression per row.

    With an intercept, the controls, and Student's t.

    Parameters
    ----------
    y, x, *controls : numpy.ndarray [B, T]

    Returns
    -------
    numpy.ndarray [B]
    """
    from scipy.stats import t

    design = np.stack([x, *controls, np.ones_like(x)], axis=2)
    scale = np.abs(design).max(axis=1, keepdims=True)
    design = design / np.where(scale > 0, scale, 1.0)
    inverse = np.linalg.inv(np.einsum("btk,btl->bkl", design, design))
    slope = np.einsum("bkl,btl,bt->bk", inverse, design, y)
    left = y - np.einsum("btk,bk->bt", design, slope)
    free = y.shape[1] - design.shape[2]
    variance = np.square(left).sum(axis=1) / free * inverse[:, 0, 0]
    return np.asarray(t.sf(slope[:, 0] / np.sqrt(variance), free))


def p_by_test(series: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """One-sided p of every test of a reader [B]: is today higher where yesterday's figure was?

    ``figure``: today's figure on yesterday's; ``users``: users on yesterday's figure, given
    yesterday's users; ``new_users`` and ``poll`` on yesterday's figure.
    """
    figure, users = series["figure"][:, :-1], series["users"][:, :-1]
    return {
        "figure": p_values(series["figure"][:, 1:], figure),
        "users": p_values(series["users"][:, 1:], figure, users),
        "new_users": p_values(series["new_users"][:, 1:], figure),
        "poll": p_values(series["poll"][:, 1:], figure),
    }


def one_dose(experiment: Experiment, part: Part) -> Results:
    """Where one dose leads, how often every test finds it, and a few paths."""
    from statsmodels.stats.proportion import proportion_confint

    settings = settings_of(Settings, experiment)
    dose, is_recruits = float(part["dose"]), part["mechanism"] == "recruits"
    model = Feedback(
        users=settings.users,
        share=settings.share,
        odds=settings.odds,
        reproduction=dose if is_recruits else 0.0,
        believers=0.0 if is_recruits else dose,
        lifetime_days=float(part["lifetime_days"]),
    )
    rng = generator(experiment.seed, "feedback", *(str(part[name]) for name in KEYS))
    n, last = settings.replicates, max(settings.days)
    series = model.series(settings.push, last, settings.interviews, n, rng)
    power = []
    for days in settings.days:
        so_far = {name: value[:, : days + 1] for name, value in series.items()}
        for test, p in p_by_test(so_far).items():
            found = int((p < settings.alpha).sum())
            low, high = proportion_confint(found, n, method="wilson")
            row = {"days": days, "test": test, "power": found / n, "low": low, "high": high}
            power.append({**row, "replicates": n})
    final = series["figure"][:, -1]
    start = float(model.joins(settings.share))
    fate = {
        "reproduction": model.total_reproduction,
        "half_life_days": model.half_life_days,
        "per_point": model.reproduction * settings.users / model.lifetime_days / (1 - start) / 100,
        "start": start,
        "level": model.level,
        "final": float(final.mean()),
        "final_se": float(final.std() / np.sqrt(n)),
        "poll": float(model.believed(model.level)),
    }
    kept = series["figure"][: settings.n_paths]
    paths = pd.DataFrame(kept).rename_axis("path").reset_index()
    paths = paths.melt("path", var_name="day", value_name="figure")
    tables = {"power": pd.DataFrame(power), "fates": pd.DataFrame([fate]), "paths": paths}
    return Results(tables=tables)


def analyse(experiment: Experiment) -> Results:
    """Every dose of either mechanism at every lifetime.

    Errors as in `bench.runner.runner.run`.

    Raises
    ------
    ConfigError
        If a series is shorter than its tests need.
    """
    settings = settings_of(Settings, experiment)
    if min(settings.days) < MIN_DAYS:
        raise ConfigError(f"settings.days is {settings.days}; accepted: {MIN_DAYS} or more each")
    parts = [
        {"mechanism": mechanism, "dose": float(dose), "lifetime_days": float(lifetime)}
        for mechanism in MECHANISMS
        for dose in getattr(settings, mechanism)
        for lifetime in settings.lifetimes_days
    ]
    made = run(experiment, one_dose, parts, label="doses")
    tables = {name: stacked(made, name, parts) for name in ("power", "fates", "paths")}
    return Results(tables=tables, facts={"alpha": settings.alpha, "push": settings.push})
