"""Whether any estimate from polls beats the mean of the last ones.

`python -m tools.error_calibration --estimates` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from bench.core.arrays import FloatArray
from bench.data.election import load_election
from bench.data.task import Task
from bench.metrics.comparison.ratios import holm
from bench.metrics.ensemble import crps
from bench.models.log_ratio import closed, softmax
from bench.models.polls.poll_filter import filter_polls
from bench.models.polls.poll_table import (
    HALF_LIVES_DAYS,
    LAST_WITHIN_DAYS,
    PollMean,
    PollTable,
    age_weights,
    last_polls,
    last_weights,
    poll_table,
    weighted,
)
from bench.models.polls.shared_error import SharedError, shared_error
from tools.pages import table
from tools.register import every_election

DAYS = (30, 14, 7, 2, 0)
SEED = 2026
N_DRAWS = 1000
DESIGN_EFFECT = 1.5
BASE = "last polls"
WEEK = HALF_LIVES_DAYS.index(7.0)  # the half-life while nothing teaches one

TRACKER = ((0.02, 0.035, 0.06, 0.1), (0.02, 0.07), (0.0, 0.06))


@dataclass(frozen=True)
class Case:
    """One vote at one moment."""

    election: str
    round: int
    cluster: str
    days: int
    table: PollTable
    official: FloatArray  # [C]
    error: SharedError

    @property
    def two(self) -> bool:
        """Whether it is a ballot of two."""
        return len(self.official) == 2


@dataclass(frozen=True)
class Estimate:
    """What is forecast around: shares, on what they rest, and the noise of their own."""

    mean: PollMean
    error: SharedError
    sampling: FloatArray  # [C] or [C, C]


def main(first: str, last: str, kept: Path | None = None) -> int:
    """Judge every estimate on the votes of some years, and print the tables.

    Parameters
    ----------
    first, last : str
        Days of the first and the last vote.
    kept : Path, optional
        Where to write a row per vote, moment and method (CSV).
    """
    rows = scored(list(cases(first, last)))
    if kept:
        rows.to_csv(kept, index=False)
    print("\n".join(report(rows)))
    return 0


def ranked_votes(first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The register of every ranked vote of some years, without those of made-up countries."""
    register = every_election()
    real = register["ranked"] & ~register["country"].str.startswith("X")
    return register[real & register["vote_on"].between(first, last)]


def cases(first: str, last: str) -> Iterator[Case]:
    """Every ranked vote with polls, and the errors of the votes before it."""
    asked = ranked_votes(pd.Timestamp(first), pd.Timestamp(last))
    for name, number in zip(asked["election"], asked["round"], strict=True):
        election = load_election(name)
        if not election.teaches:
            continue
        this = election.round(number)
        error: SharedError | None = None
        for days in DAYS:
            # on the day itself: what was public before the polling stations opened
            hour = 0 if days == 0 else 20
            moment = this.vote_on + pd.Timedelta(hours=hour) - pd.Timedelta(days=days)
            task = Task(election, number, moment)
            evidence = task.evidence()
            table = poll_table(evidence["polls"], task.ballot, this.vote_on)
            if len(table) == 0:
                continue
            error = error or shared_error(evidence)
            yield Case(
                name,
                number,
                f"{election.country} {this.vote_on:%Y-%m-%d}",
                days,
                table,
                task.outcome().share.to_numpy(dtype=float),
                error,
            )


def learned(loss: FloatArray, clusters: Sequence[str], default: int) -> list[int]:
    """For every case the choice [N] with the least mean loss over the clusters of earlier days.

    Parameters
    ----------
    loss : ndarray, shape [N, G]
        Of every case and choice.
    clusters : sequence of str
        Of the cases: country and day. Each counts the same.
    default : int
        The choice where there is none earlier.
    """
    by_cluster = pd.DataFrame(loss).groupby(list(clusters)).mean()
    by_day = by_cluster.groupby(by_cluster.index.str[-len("2017-04-23") :]).sum()
    before = (by_day.cumsum() - by_day).round(12)  # of the days before each
    best = before.to_numpy().argmin(axis=1)
    best[0] = default
    chosen = dict(zip(before.index, best, strict=True))
    return [int(chosen[one[-len("2017-04-23") :]]) for one in clusters]


def estimates(of: Sequence[Case]) -> dict[str, list[Estimate]]:
    """Every method's estimates of cases of one kind of ballot at one moment."""
    clusters = [case.cluster for case in of]
    base = [last_polls(case.table, LAST_WITHIN_DAYS) for case in of]

    def pick(options: Sequence[Sequence[PollMean]], default: int) -> list[PollMean]:
        """The option that served the earlier clusters best."""
        loss = np.array(
            [
                [np.abs(one.share - case.official).mean() for one in row]
                for case, row in zip(of, options, strict=True)
            ]
        )
        return [row[k] for row, k in zip(options, learned(loss, clusters, default), strict=True)]

    aged = [
        [weighted(case.table, age_weights(case.table, each)) for each in HALF_LIVES_DAYS]
        for case in of
    ]
    found = {
        BASE: _plain(of, base, 1.0),
        "half-life learned": _plain(of, pick(aged, WEEK), DESIGN_EFFECT),
        "half-life 7 days": _plain(of, [row[WEEK] for row in aged], DESIGN_EFFECT),
    }
    for window in (1.0, 3.0, 21.0):
        means = [weighted(case.table, last_weights(case.table, window)) for case in of]
        found[f"last polls, {window:g} days"] = _plain(of, means, 1.0)
    if not of[0].two:
        found["tracker"] = [_filtered(case) for case in of]
    return found


def _plain(of: Sequence[Case], means: Sequence[PollMean], design_effect: float) -> list[Estimate]:
    return [
        Estimate(mean, case.error, design_effect / (mean.respondents * closed(mean.share)))
        for case, mean in zip(of, means, strict=True)
    ]


def _filtered(case: Case) -> Estimate:
    table = case.table.take(case.table.days <= case.table.days.min() + 60.0)
    state = filter_polls(table, *TRACKER, {})
    last = last_polls(table, LAST_WITHIN_DAYS)
    mean = replace(last, share=softmax(state.log_weight), days=state.days)
    return Estimate(mean, case.error, state.covariance)


def draws(case: Case, one: Estimate) -> FloatArray:
    """Draws [S, C], with the same random numbers for every method."""
    rng = np.random.default_rng([SEED, case.days, len(case.table)])
    return one.error.draws(one.mean, rng, N_DRAWS, one.sampling)


def scored(of: Sequence[Case]) -> pd.DataFrame:
    """A row per case and method: mean CRPS and absolute error in points, outcomes inside 90 %."""
    rows = []
    for two in (False, True):
        for days in DAYS:
            here = [case for case in of if case.two == two and case.days == days]
            if not here:
                continue
            found = estimates(here)
            for name, made in found.items():
                rows += [
                    {**_score(case, one), "method": name}
                    for case, one in zip(here, made, strict=True)
                ]
    return pd.DataFrame(rows)


def _score(case: Case, one: Estimate) -> dict[str, object]:
    sample = draws(case, one)
    low, high = np.quantile(sample, [0.05, 0.95], axis=0)
    return {
        "election": case.election,
        "round": case.round,
        "cluster": case.cluster,
        "two": case.two,
        "days": case.days,
        "mae_pp": 100.0 * float(np.abs(one.mean.share - case.official).mean()),
        "crps_pp": 100.0 * float(crps(sample, case.official).mean()),
        "in_90": float(((low <= case.official) & (case.official <= high)).mean()),
    }


def compared(rows: pd.DataFrame) -> str:
    """Markdown: CRPS of the last polls and differences from it, by moment and over all.

    Every cluster, the votes of one country and day, counts the same; a cluster's mean over the
    moments that it has stands in the last column, with 95 % t intervals and p-values after Holm.
    """
    moments = [one for one in DAYS if (rows["days"] == one).any()]
    head = ["method", *(f"{one} days" for one in moments)]
    head += ["all moments", "p, Holm", "closer in", "in 90 %"]
    scores = rows.groupby(["method", "days", "cluster"])[["crps_pp", "in_90"]].mean()
    over = scores.groupby(level=["method", "cluster"]).mean()
    crps_of, base_over = scores["crps_pp"], over.xs(BASE, level="method")
    base = crps_of.xs(BASE, level="method")
    means = [base.xs(one, level="days").mean() for one in moments]
    first = [f"{one:.3f}" for one in (*means, base_over["crps_pp"].mean())]
    lines = [[f"{BASE}: CRPS, pp", *first, "", "", f"{base_over['in_90'].mean():.2f}"]]
    votes = rows[rows["method"] == BASE]
    counted = [votes[votes["days"] == one] for one in moments] + [votes]
    sizes = [
        f"{len(one.drop_duplicates(['election', 'round'])):,}, {one['cluster'].nunique()}"
        for one in counted
    ]
    lines.append(["votes, election days", *sizes, "", "", ""])
    names = [one for one in rows["method"].unique() if one != BASE]
    apart = {
        name: (over["crps_pp"].xs(name, level="method") - base_over["crps_pp"]).dropna()
        for name in names
    }
    adjusted = holm([_p_value(apart[name]) for name in names])
    for name, p in zip(names, adjusted, strict=True):
        mine = crps_of.xs(name, level="method") - base
        cells = [difference(mine.xs(one, level="days")) for one in moments]
        moved_by = apart[name]
        changed = moved_by[moved_by != 0]
        closer = f"{100 * (changed < 0).mean():.0f} %" if len(changed) else "–"
        cells += [
            difference(moved_by),
            f"{p:.3f}",
            closer,
            f"{over.loc[name]['in_90'].mean():.2f}",
        ]
        lines.append([name, *cells])
    return table(head, lines)


def difference(values: pd.Series) -> str:
    """A mean with its 95 % t interval."""
    low, high = interval(values)
    return f"{values.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def interval(values: pd.Series) -> tuple[float, float]:
    """The 95 % t interval of a mean; without end for a single value."""
    if len(values) < 2:
        return -np.inf, np.inf
    half = float(t.ppf(0.975, len(values) - 1) * values.std() / len(values) ** 0.5)
    return float(values.mean()) - half, float(values.mean()) + half


def _p_value(values: pd.Series) -> float:
    spread = float(values.std())
    if len(values) < 2 or spread == 0.0:
        return 1.0
    return float(2 * t.sf(abs(values.mean()) / (spread / len(values) ** 0.5), len(values) - 1))


def report(rows: pd.DataFrame) -> Iterator[str]:
    """The tables, one text after the other."""
    kinds: Mapping[str, pd.Series] = {
        "ballots of three and more": ~rows["two"],
        "those since 2015": ~rows["two"] & (rows["cluster"].str[3:7] >= "2015"),
        "France": ~rows["two"] & rows["cluster"].str.startswith("FR"),
        "ballots of two": rows["two"],
    }
    for title, kept in kinds.items():
        if kept.any():
            yield f"### {title[0].upper()}{title[1:]}\n\n{compared(rows[kept])}\n"
