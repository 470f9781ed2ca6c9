"""How often outcomes lie in the intervals of poll methods: `python -m tools.error_calibration`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.compose import predictor_settings
from bench.core.registry import make_predictor
from bench.data.election import load_election
from bench.data.task import Task
from bench.metrics.ensemble import crps
from bench.models.polls.shared_error import FORM
from tools import pages, poll_estimates
from tools.poll_estimates import difference, interval, ranked_votes

DAYS = (2, 7, 14, 30, 60)
LEVELS = (0.5, 0.8, 0.9, 0.95)
SEED = 2015
EUROPEAN = frozenset(
    "AT BE BG CH CY CZ DK EE ES FI GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK".split()
)

EVERY, ABROAD, NONE = TAUGHT_BY = ("every vote", "other countries", "no vote")
"""Which earlier votes teach the error of all institutes."""
FEW = 2
"""Earlier votes of a country and kind up to which one is counted apart."""


def main(arguments: list[str] | None = None) -> int:
    """Forecast every ranked election of some years and print coverage and CRPS."""
    parser = argparse.ArgumentParser(prog="python -m tools.error_calibration", description=__doc__)
    parser.add_argument("--first", default="2015-01-01", help="first day of a vote")
    parser.add_argument("--last", default="2023-12-31", help="last day of a vote")
    parser.add_argument(
        "--method", default="poll_tracker", choices=("last_poll", "quota_poll", "poll_tracker")
    )
    parser.add_argument("--ballots", default="all", choices=("all", "two", "more"))
    parser.add_argument(
        "--lag-days", type=int, help="date polls by rule so many days after the last interview"
    )
    parser.add_argument("--rows", type=Path, help="where to write a row per candidate (CSV)")
    parser.add_argument(
        "--estimates",
        action="store_true",
        help="whether any estimate beats the mean of the last polls, by moment (8 minutes)",
    )
    asked = parser.parse_args(arguments)
    if asked.estimates:
        return poll_estimates.main(asked.first, asked.last, asked.rows)
    method = make_predictor(asked.method, predictor_settings(asked.method))
    first, last = pd.Timestamp(asked.first), pd.Timestamp(asked.last)
    rows = pd.DataFrame(scored(method, first, last, asked.ballots, asked.lag_days))
    if asked.rows:
        rows.to_csv(asked.rows, index=False)
    print(f"{asked.method}, {asked.first} to {asked.last}; form of the error {FORM.digest}")
    for title, kept in (
        ("ballots of three and more", rows["n_candidates"] > 2),
        ("ballots of two", rows["n_candidates"] == 2),
    ):
        if not kept.any():
            continue
        print(f"\n## {title}\n")
        print(table(rows[kept], "days"))
        print()
        print(table(rows[kept & rows["days"].between(7, 30)], "where"))
        print()
        print(table(rows[kept & rows["days"].between(7, 30)], "earlier votes"))
    return 0


def scored(
    method: Predictor,
    first: pd.Timestamp,
    last: pd.Timestamp,
    ballots: str,
    lag_days: int | None,
) -> Iterator[dict[str, object]]:
    """A row per election, round, days, method and candidate."""
    asked = ranked_votes(first, last)
    if ballots != "all":
        asked = asked[(asked["n_candidates"] == 2) == (ballots == "two")]
    for name, number, where in zip(
        asked["election"], asked["round"], map(_where, asked["country"], asked["kind"]), strict=True
    ):
        election = load_election(name)
        evening = election.round(number).vote_on + pd.Timedelta(hours=20)
        for days in DAYS:
            moment = evening - pd.Timedelta(days=days)
            task = Task(election, number, moment, poll_lag_days=lag_days, seed=SEED)
            yield from _of_task(method, task, days, where)


def _of_task(method: Predictor, task: Task, days: int, where: str) -> Iterator[dict[str, object]]:
    evidence, official = task.evidence(), task.outcome().share.to_numpy(dtype=float)
    earlier = _earlier_votes(evidence["past_errors"], task.election.kind)
    for taught_by in TAUGHT_BY:
        try:
            # common random numbers: answers differ by what was learned alone
            forecast = method.predict(taught(evidence, taught_by), task.rng())
        except Abstain:
            return
        inside, distance = judged(forecast, official)
        for k, candidate in enumerate(task.ballot):
            yield {
                "election": task.election.name,
                "round": task.round,
                "cluster": f"{task.election.country} {task.vote_on:%Y-%m-%d}",
                "where": where,
                "earlier votes": f"0 to {FEW}" if earlier <= FEW else f"more than {FEW}",
                "days": days,
                "n_candidates": len(task.ballot),
                "taught by": taught_by,
                "candidate": candidate,
                "crps_pp": 100.0 * distance[k],
                **{f"in_{100 * level:.0f}": inside[level][k] for level in LEVELS},
            }


def judged(forecast: Forecast, official: np.ndarray) -> tuple[dict[float, np.ndarray], np.ndarray]:
    """Whether every official share lies in the central intervals, and its CRPS [C]."""
    draws = forecast.draws
    assert draws is not None
    sample = np.asarray(draws, dtype=float)
    inside = {}
    for level in LEVELS:
        low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2], axis=0)
        inside[level] = (low <= official) & (official <= high)
    return inside, np.asarray(crps(sample, official))


def taught(evidence: Evidence, by: str) -> Evidence:
    """The same evidence with these earlier votes alone, of `TAUGHT_BY`."""
    rows = evidence["past_errors"]
    left = {EVERY: rows, ABROAD: rows[~rows["same_country"].to_numpy()], NONE: rows.iloc[:0]}
    return evidence.with_tables(past_errors=left[by])


def _earlier_votes(past_errors: pd.DataFrame, kind: str) -> int:
    """How many votes of the country, of one kind, were polled before."""
    alike = past_errors["same_country"].to_numpy() & past_errors["kind"].eq(kind).to_numpy()
    return len(past_errors.loc[alike, ["election", "round"]].drop_duplicates())


def table(rows: pd.DataFrame, by: str) -> str:
    """Markdown: coverage of each interval and mean CRPS, every cluster counting the same.

    A cluster holds the votes of one day in one country. Beside the coverage of 90 % stands its
    95 % t interval over clusters, cut at 0 and 1, and beside the CRPS that of the difference
    from `EVERY`.
    """
    lines = []
    scores = [*(f"in_{100 * level:.0f}" for level in LEVELS), "crps_pp"]
    by_vote = ["taught by", "cluster", "election", "round"]
    for value, part in [*rows.groupby(by), ("all", rows)]:
        means = part.groupby(by_vote)[scores].mean().groupby(level=["taught by", "cluster"]).mean()
        for name in TAUGHT_BY:
            mine = means.loc[name]
            middle = mine.mean()
            cells = [f"{middle[one]:.2f}" for one in scores[:-1]]
            low, high = np.clip(interval(mine["in_90"]), 0.0, 1.0)
            cells[2] += f" [{low:.2f}, {high:.2f}]"
            apart = mine["crps_pp"] - means.loc[EVERY]["crps_pp"]
            cells = [str(value), name, str(part["election"].nunique()), str(len(mine)), *cells]
            cells += [f"{middle['crps_pp']:.3f}", "" if name == EVERY else difference(apart)]
            lines.append(cells)
    head = "taught by | elections | clusters | 50 % | 80 % | 90 % | 95 % | CRPS, pp | difference"
    return pages.table(f"{by} | {head}", lines)


def _where(country: str, kind: str) -> str:
    if kind in ("european", "state_parliament"):
        return {"european": "European Parliament", "state_parliament": "German states"}[kind]
    named = {"FR": "France", "DE": "Germany", "GB": "Great Britain", "US": "United States"}
    return named.get(country, "rest of Europe" if country in EUROPEAN else "elsewhere")


if __name__ == "__main__":
    raise SystemExit(main())
