"""What new polls would have to show so that a candidate's chance becomes one half.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.arrays import FloatArray
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.events import event_probability
from bench.runner.prediction import predict_named
from bench.runner.results import Results
from bench.runner.runner import for_each_task

N_POLLS = 3
RESPONDENTS = 1000
EVENS = 0.5
MAX_SHARE = 0.6  # that is tried
STEPS = 8  # halvings: to a quarter of a point
MARGIN = 0.02  # whose chance of getting through is nearer to 0 or 1 is not asked about


@for_each_task
def break_even(experiment: Experiment, name: str, task: Task) -> Results:
    """The polls with which a place changes hands, by one predictor.

    Table `break_even`: a row for the last who gets through and for the first who does not.
    """
    n_advance = task.vote.n_advance
    evidence = task.evidence()
    forecast = predict_named(experiment, name, task).forecast
    if forecast is None or forecast.draws is None or evidence["polls"].empty:
        return Results()
    if forecast.share.isna().any():
        return Results()
    shares = forecast.share.to_numpy(dtype=float)
    chances = event_probability(forecast.draws, n_advance)
    order = np.argsort(-chances, kind="stable")
    rows = []
    for place in order[n_advance - 1 : n_advance + 1]:
        if not MARGIN < chances[place] < 1 - MARGIN:
            continue

        def chance(share: float, place: int = int(place)) -> float:
            changed = with_polls(evidence, moved(shares, place, share))
            answer = predict_named(experiment, name, task, changed).forecast
            if answer is None or answer.draws is None:
                return np.nan
            return float(event_probability(answer.draws, n_advance)[place])

        rows.append((task.ballot[place], chances[place], shares[place], _crossing(chance)))
    if not rows:
        return Results()
    columns = ["candidate", "p_qualify", "share", "needed"]
    return Results(tables={"break_even": pd.DataFrame(rows, columns=columns)})


def moved(shares: FloatArray, place: int, share: float) -> FloatArray:
    """Shares [C] with one of them set, the others in their proportions.

    Examples
    --------
    >>> moved(np.array([0.5, 0.3, 0.2]), 2, 0.6).round(2).tolist()
    [0.25, 0.15, 0.6]
    """
    changed = shares * (1 - share) / (1 - shares[place])
    changed[place] = share
    return np.asarray(changed / changed.sum())


def with_polls(evidence: Evidence, shares: FloatArray) -> Evidence:
    """Evidence with polls more: those who polled last, one each, public at the moment itself."""
    polls = evidence["polls"]
    last = polls.sort_values("fieldwork_end", kind="stable")["institute"].drop_duplicates(
        keep="last"
    )
    day = evidence.as_of.normalize()
    new = pd.DataFrame(
        [
            (f"supposed_{number}", institute, name, share)
            for number, institute in enumerate(last.tail(N_POLLS))
            for name, share in zip(evidence.candidates, shares, strict=True)
        ],
        columns=["poll_id", "institute", "candidate", "share"],
    ).assign(
        round=evidence.round,
        fieldwork_start=day,
        fieldwork_end=day,
        published_on=evidence.as_of,
        sample_size=RESPONDENTS,
        sample_expressed=RESPONDENTS,
        rolling=False,
    )
    if "election" in polls:
        new = new.assign(election=evidence.election)
    new = new.reindex(columns=polls.columns).astype(polls.dtypes.to_dict())
    all_polls = pd.concat([polls, new], ignore_index=True)
    return evidence.with_tables(polls=all_polls)


def _crossing(chance: Callable[[float], float]) -> float:
    """The share at which a chance that grows with it passes one half; NaN if none that is tried."""
    low, high = 0.0, MAX_SHARE
    if not chance(high) >= EVENS:
        return np.nan
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if chance(middle) >= EVENS else (middle, high)
    return (low + high) / 2
