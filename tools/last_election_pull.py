"""What a pull towards the last election gains: `python -m tools.last_election_pull`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import Abstain, Forecast, Predictor
from bench.core.compose import predictor_settings
from bench.core.registry import make_predictor
from bench.data.election import load_election
from bench.data.task import Task
from predictors.polls_and_last_election import PollsAndLastElection
from tools import pages
from tools.error_calibration import judged
from tools.poll_estimates import difference, ranked_votes

DAYS = (2, 7, 14, 30, 60, 100, 150)
SEED = 2015
CHOSEN_BEFORE = pd.Timestamp("2015-01-01")  # of votes before this day the weight was chosen
PERIODS = ("before 2015", "since 2015")
BASES = ("last_poll", "poll_tracker")


def main(arguments: list[str] | None = None) -> int:
    """Forecast every ranked ballot of three and more at every moment, and print differences."""
    parser = argparse.ArgumentParser(prog="python -m tools.last_election_pull", description=__doc__)
    parser.add_argument("--last", default="2023-06-30", help="last day of a vote")
    parser.add_argument("--rows", type=Path, help="where to write a row per forecast (CSV)")
    options = parser.parse_args(arguments)
    rows = pd.DataFrame(scored(pd.Timestamp(options.last)))
    if options.rows:
        rows.to_csv(options.rows, index=False)
    for base in BASES:
        print(f"\n{base}, with the pull minus without, CRPS in points\n")
        print(table(rows[rows["method"] == base]))
    return 0


def scored(last: pd.Timestamp) -> Iterator[dict[str, object]]:
    """A row per vote, moment and base, with and without the pull; none where it says nothing."""
    pull = _make("polls_and_last_election")
    assert isinstance(pull, PollsAndLastElection)
    bases = {name: _make(name) for name in BASES}
    votes = ranked_votes(pd.Timestamp.min, last)
    votes = votes[votes["n_candidates"] > 2]
    for name, number in zip(votes["election"], votes["round"], strict=True):
        election = load_election(name)
        evening = election.round(number).vote_on + pd.Timedelta(hours=20)
        for days in DAYS:
            task = Task(election, number, evening - pd.Timedelta(days=days), seed=SEED)
            evidence = task.evidence()
            official = task.outcome().share.to_numpy(dtype=float)
            for base, method in bases.items():
                try:
                    polled = method.predict(evidence, task.rng())
                    pulled = pull.pulled(evidence, polled)
                except Abstain:
                    break
                yield {
                    "election": name,
                    "cluster": f"{election.country} {task.vote_on:%Y-%m-%d}",
                    "period": PERIODS[int(task.vote_on >= CHOSEN_BEFORE)],
                    "days": days,
                    "method": base,
                    **scores(polled, official),
                    **scores(pulled, official).add_prefix("pulled_"),
                }


def scores(forecast: Forecast, official: np.ndarray) -> pd.Series:
    """Mean CRPS in points, and the part of the outcomes inside 90 %."""
    inside, distance = judged(forecast, official)
    return pd.Series({"crps": 100.0 * distance.mean(), "in_90": inside[0.9].mean()})


def table(rows: pd.DataFrame) -> str:
    """Markdown: mean differences with 95 % t intervals over the days of vote of a country."""
    lines = []
    for days in DAYS:
        cells = [str(days)]
        for period in PERIODS:
            part = rows[(rows["days"] == days) & (rows["period"] == period)]
            by_day = part.groupby("cluster")[["crps", "in_90", "pulled_crps", "pulled_in_90"]]
            mean = by_day.mean()
            cells += [
                f"{part['election'].nunique()}, {len(mean)}",
                f"{mean['crps'].mean():.3f}",
                difference(mean["pulled_crps"] - mean["crps"]),
                f"{mean['in_90'].mean():.2f} → {mean['pulled_in_90'].mean():.2f}",
            ]
        lines.append(cells)
    heads = ["days"]
    for period in PERIODS:
        heads += [f"{period}: votes, days of vote", "CRPS", "change", "in 90 %"]
    return pages.table(heads, lines)


def _make(name: str) -> Predictor:
    return make_predictor(name, predictor_settings(name))


if __name__ == "__main__":
    raise SystemExit(main())
