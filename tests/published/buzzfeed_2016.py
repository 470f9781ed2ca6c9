"""The published grades of those who gave chances of winning the states of America in 2016."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from bench.core.arrays import FloatArray
from bench.data.election import election_names
from bench.data.task import Task
from bench.metrics.events import came_true
from bench.metrics.probabilities import brier_score, log_score
from bench.models.quoted_chances import without_margin
from tests.published.figure import Figure

STATES = "us2016/president/"
AS_OF = "2016-11-08 23:00"
PRINTED = {
    "pec": ("0.0744", "0.2471"),
    "kremp": ("0.0766", "0.2595"),
    "predictwise_markets": ("0.0767", "0.2523"),
    "predictwise_overall": ("0.0783", "0.2705"),
    "nyt": ("0.0801", "0.2554"),
    "pollsavvy": ("0.0794", "0.2488"),
    "desart": ("0.0825", "0.2708"),
    "huffpost": ("0.0892", "0.3910"),
}
"""Publisher to the mean Brier score and the mean surprise, all states alike (`pres_brier_flat`,
`pres_log_flat` less its sign)."""
THIRD = {"predictwise_overall", "nyt"}
"""Publishers whose chances of a third candidate are part of the published score."""
_SOURCE = (
    "BuzzFeed News 2016, github.com/BuzzFeedNews/2016-11-grading-the-election-forecasts: "
    "notebooks/forecast-analysis.ipynb"
)
_REASON = "their chances of a third candidate (McMullin in Utah) count in the published score"


def figures() -> list[Figure]:
    """List the grades of the last forecasts by state, 50 states and the District of Columbia.

    Their Brier score is half the sum of squares over the candidates of a state: of two, the
    square of one.
    """
    found = []
    for publisher, printed in PRINTED.items():
        for place, what in enumerate(("Brier score", "log score")):
            found.append(
                Figure(
                    f"United States 2016 by state, {publisher}: mean {what}",
                    printed[place],
                    _SOURCE,
                    partial(_mean, publisher, what),
                    # probabilities are kept to four digits
                    tolerance=1e-4,
                    because=_REASON if publisher in THIRD else "",
                )
            )
    return found


def _mean(publisher: str, what: str) -> float:
    chance, won = chances()[publisher]
    score = brier_score if what == "Brier score" else log_score
    return float(score(chance, won).mean())


@cache
def chances() -> dict[str, tuple[FloatArray, FloatArray]]:
    """Chances and facts of the first candidate of every state, by publisher."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PRINTED}
    states = [name for name in election_names() if name.startswith(STATES)]
    for name in (one for one in states if len(one) == len(STATES) + 2):  # districts have a number
        task = Task(name, 1, AS_OF)
        claims, outcome = task.evidence()["claims"], task.outcome()
        won = came_true(outcome.share.to_numpy(), "elected", outcome.n_advance)[0]
        quoted = claims[claims["quantity"].eq("win_probability")]
        for publisher, rows in quoted.groupby("publisher"):
            newest = rows[rows["published_on"].eq(rows["published_on"].max())]
            said = newest.set_index("candidate")["share"]
            if publisher in found:
                chance = without_margin(said, "elected", task.ballot, outcome.n_advance)
                found[str(publisher)].append((float(chance[task.ballot[0]]), float(won)))
    arrays = {name: np.array(pairs, dtype=np.float64) for name, pairs in found.items()}
    return {name: (pairs[:, 0], pairs[:, 1]) for name, pairs in arrays.items()}
