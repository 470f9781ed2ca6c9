"""Posts on social media: few authors write most of them, and a classifier reads their tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable
from bench.simulation.calibration import Facts
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame, frame_of
from bench.simulation.instruments import Instrument, draw

MEASURES = ("mentions", "positive", "negative", "authors_positive", "authors_negative")


@dataclass(frozen=True, kw_only=True)
class SocialPosts(Instrument):
    """Authors by vote, activity lognormal; whom they mention is the attention of communities.

    `n_authors` people post about the candidates at least once in `period_days` days. An author's
    posts *in that period* have median `median_posts` and logarithmic spread `sigma`, cut at
    `most_posts`; every day has its even part of them. Tables hold counts *per day measured*: posts
    (Poisson), and authors who posted at least once on that day, with probability
    ``1 - exp(-posts per day)``. A mention of one's own candidate is positive with probability
    `own_positive`, of another with `other_positive`, and the classifier reads either tone rightly
    with probability `accuracy`. The measure `community_share` is the fraction of a camp's
    posts that name each candidate on the day, for the camps that were measured in reality.
    """

    makes: ClassVar[frozenset[str]] = frozenset({"buzz"})

    source: str
    n_authors: float
    period_days: float
    interest: dict[str, float]
    age: dict[str, float]
    place: dict[str, float]
    sigma: float
    median_posts: float
    most_posts: float
    n_classes: int
    own_positive: float
    other_positive: float
    accuracy: float
    days_apart: int
    n_days: int

    @override
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        chance = electorate.on("interest", self.interest) * electorate.on("age", self.age)
        return frame_of(
            electorate,
            "social_posts",
            (),
            chance * electorate.on("place", self.place),
            n_respondents=self.n_authors,
            settings={"sigma": self.sigma},
        )

    @override
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        chance, posts = activity(
            frame.settings["sigma"], self.median_posts, self.most_posts, self.n_classes
        )
        by_vote = frame.share[..., 0, :] * np.exp(frame.tilt[:, 0, :])
        cells = by_vote[..., :, None] * chance
        flat = cells.reshape(*cells.shape[:-2], -1)
        if len(flat) == 1:
            flat = flat[0]
        authors = draw(rng, frame.n_respondents, flat, n_replicates)
        authors = authors.reshape(n_replicates, len(frame.candidates), len(chance))
        tone = self._tone(len(frame.candidates))
        daily = posts / self.period_days
        written = authors @ daily  # [B, vote]
        by_tone = []
        for part in (facts.attention * tone, facts.attention * (1 - tone)):
            once = -np.expm1(-daily[:, None, None] * part[None])  # [classes, vote, mentioned]
            speak = np.einsum("bvh,hvc->bc", authors, once)
            by_tone.append((written[:, :, None] * part, speak))
        return {"buzz": self._table(frame, facts, by_tone, rng)}

    def _tone(self, n_candidates: int) -> FloatArray:
        positive = np.full((n_candidates, n_candidates), self.other_positive)
        np.fill_diagonal(positive, self.own_positive)
        return positive * self.accuracy + (1 - positive) * (1 - self.accuracy)

    def _table(
        self,
        frame: Frame,
        facts: Facts,
        by_tone: list[tuple[FloatArray, FloatArray]],
        rng: np.random.Generator,
    ) -> BatchTable:
        (positive, speak_well), (negative, speak_ill) = by_tone  # [B, vote, mentioned], [B, C]
        columns = []
        camps = np.flatnonzero(facts.naming > 0)
        for _ in range(self.n_days):
            well, ill = rng.poisson(positive), rng.poisson(negative)
            both = (well + ill)[:, camps]
            within = both / np.maximum(both.sum(axis=2, keepdims=True), 1)
            within = within * facts.naming[camps, None]
            well, ill = well.sum(axis=1), ill.sum(axis=1)
            columns += [well + ill, well, ill, rng.poisson(speak_well), rng.poisson(speak_ill)]
            columns.append(within.reshape(len(within), -1))
        kinds = [(measure, "") for measure in MEASURES]
        kinds += [("community_share", frame.candidates[camp]) for camp in camps]
        days = [
            facts.counted["day"] - pd.Timedelta(days=self.days_apart * i)
            for i in range(self.n_days)
        ]
        table = (
            pd.DataFrame({"day": days})
            .merge(pd.DataFrame(kinds, columns=["measure", "community"]), how="cross")
            .merge(pd.DataFrame({"candidate": list(frame.candidates)}), how="cross")
            .assign(source=self.source, election="")
        )
        table["published_on"] = table["day"] + pd.Timedelta(days=1)
        table["available_on"] = table["day"]
        return BatchTable(
            rows=table, values={"value": np.concatenate(columns, axis=1).astype(float)}
        )


def activity(
    sigma: float, median: float, max_posts: float, n_classes: int
) -> tuple[FloatArray, FloatArray]:
    """Classes of authors by activity: their chances, and the posts of an author in each.

    Half of the classes share the upper two per cent of authors, who write most.

    Returns
    -------
    tuple of numpy.ndarray [n_classes]
        Chances summing to 1; mean posts, in the unit of `median`.

    Examples
    --------
    >>> chance, posts = activity(0.0, 2.0, 1000.0, 8)
    >>> float(chance @ posts)
    2.0
    """
    from scipy.special import ndtr, ndtri

    half = n_classes // 2
    edges = np.concatenate([np.linspace(0, 0.98, half + 1), 1 - 0.02 * 0.5 ** np.arange(1, half)])
    edges = np.append(edges, 1.0)
    z = ndtri(edges)
    chance = np.diff(edges)
    # mean of a lognormal between two quantiles
    inside = np.diff(ndtr(z - sigma)) / chance
    return chance, np.minimum(median * np.exp(sigma**2 / 2) * inside, max_posts)
