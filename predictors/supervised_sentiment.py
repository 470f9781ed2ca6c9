"""Supervised aggregated sentiment: what posts express, estimated for all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.arrays import BoolArray
from bench.core.errors import ForecastError
from bench.models.category_proportions import bootstrap, cells_of, proportions, random_subsets


@dataclass(frozen=True, kw_only=True)
class SupervisedSentiment(Predictor):
    """Proportions of posts that express a vote for each candidate, divided by their sum.

    People label some posts by the vote they express, or none. How often profiles of words occur
    among the labelled of each category, and among all others, gives the proportions p of the
    categories: ``P(profile) = sum_j P(profile | j) p_j``. No post is classified by itself, and the
    labelled sample may hold the categories in any proportions. Posts that express no vote drop
    out. Counting authors instead of posts gives everybody one voice. Draws are bootstrap samples of
    both tables: they hold no error of who posts.

    References
    ----------
    Hopkins, D. J. & King, G. (2010). doi:10.1111/j.1540-5907.2009.00428.x. Applied to elections:
    Ceron, A., Curini, L. & Iacus, S. M. (2015). Using sentiment analysis to monitor electoral
    campaigns. doi:10.1177/0894439314521983.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"post_profiles"})

    source: str
    count: Literal["posts", "authors"]
    max_age_days: int
    words_per_subset: int
    n_subsets: int
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        table = evidence.rows("post_profiles", source=self.source)
        counted_rows = table[table[self.count].gt(0)]
        labelled = counted_rows[counted_rows["sample"].eq("labelled")]
        unlabelled = counted_rows[counted_rows["sample"].eq("unlabelled")]
        unlabelled = unlabelled[unlabelled["day"].eq(unlabelled["day"].max())]
        categories = sorted(labelled["category"].unique())
        named = [name for name in categories if name in evidence.candidates]
        age = (
            (evidence.as_of.normalize() - unlabelled["day"].max()).days
            if len(unlabelled)
            else np.inf
        )
        if len(named) < 2 or age > self.max_age_days:
            raise Abstain(
                f"{self.source} has no labelled {self.count} for two candidates, or no others of "
                f"the {self.max_age_days} days before {evidence.as_of:%d %B %Y}"
            )
        profiles = sorted({*labelled["profile"], *unlabelled["profile"]})
        by_category = labelled.pivot_table(
            index="category", columns="profile", values=self.count, aggfunc="sum", fill_value=0
        )
        by_category = by_category.reindex(index=categories, columns=profiles, fill_value=0)
        counted = by_category.to_numpy(dtype=float)
        rest = unlabelled.groupby("profile")[self.count].sum().reindex(profiles, fill_value=0)
        words = _words(profiles, self.source)
        texts = rest.to_numpy(dtype=float)
        subsets = random_subsets(words.shape[1], self.words_per_subset, self.n_subsets, rng)
        cells = cells_of(words, subsets)
        place = [categories.index(name) for name in named]
        estimated = proportions(counted, texts, cells)[place]
        if estimated.sum() <= 0:
            raise Abstain("by these profiles no post expresses a vote")
        draws = bootstrap(counted, texts, cells, rng, self.n_draws)[:, place]
        draws = draws[draws.sum(axis=1) > 0]
        return Forecast(
            share=pd.Series(estimated / estimated.sum(), index=named),
            draws=draws / draws.sum(axis=1, keepdims=True),
            converted=f"{self.count} that express a vote, estimated in the aggregate",
        )


def _words(profiles: list[str], source: str) -> BoolArray:
    """Which words [W, K] every profile holds."""
    lengths = {len(profile) for profile in profiles}
    letters = set("".join(profiles))
    if len(lengths) != 1 or letters - {"y", "n"}:
        raise ForecastError(
            f"profiles of {source} such as '{profiles[0]}' are not y or n for every word of one "
            "list; write each post's profile over the same words"
        )
    return np.array([[letter == "y" for letter in profile] for profile in profiles])
