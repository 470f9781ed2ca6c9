"""Slates supposed day by day: chances on the one polled most, and persons over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from bench.core.settings import Experiment
from bench.data.election import POLLED
from bench.data.slates import slate_of, standing_at
from bench.data.task import Task
from bench.metrics.by_person import scores_by_person
from bench.report.document import MakeTable, table_of
from bench.report.formatting import MISSING
from bench.runner.runner import run_predictors
from bench.studies.backtest.forecasts import ON_BOTH, drawn_shares
from bench.studies.backtest.headline import Vote, rankable

LEADING = 0.10  # share of the vote from which an error counts
MISSED = 0.05  # share of the vote from which whoever was not on the slate is named
PERSON_DRAWS = 1000  # of each slate; a share over several is then good to .1 points
ROW = ["as_of", "predictor"]


def chances_by_day(vote: Vote) -> pd.DataFrame:
    """The chances of those who got through, of every method that states some, day by day.

    Parameters
    ----------
    vote : Vote
        With forecasts on supposed slates.

    Returns
    -------
    pandas.DataFrame
        One row per predictor and moment, the earliest first: predictor, as_of, days_before,
        supposed (keys of those on the slate who did not stand), came_later (not on it, with
        `MISSED` of the votes or more), of each who got through ``chance_KEY`` (0 to 1; NaN: not on
        the slate), mae_leading (mean absolute error of candidates with `LEADING` of the votes or
        more, shares of those on both ballots divided by their sum, fraction).
    """
    answers = rankable(vote.slate_forecasts, vote.methods)
    stated = answers.dropna(subset="p_qualify")
    chances = stated.pivot(index=ROW, columns="candidate", values="p_qualify")
    rows = chances.reindex(columns=list(vote.context.qualifiers)).add_prefix("chance_")
    rows["mae_leading"] = _leading_errors(vote)
    rows = rows.reset_index()
    outcome = vote.context.outcome
    noted = [name for name in vote.context.by_votes if outcome[name] >= MISSED]
    for moment in vote.dates:
        names = set(answers.loc[answers["as_of"].eq(moment), "candidate"])
        is_then = rows["as_of"].eq(moment)
        left = sorted(names - set(outcome.index))
        rows.loc[is_then, "supposed"] = " ".join(left)
        rows.loc[is_then, "came_later"] = " ".join(name for name in noted if name not in names)
    rows.insert(2, "days_before", rows["as_of"].map(vote.days))
    places = {name: place for place, name in enumerate(vote.methods["predictor"].unique())}
    order = rows["predictor"].map(places).argsort(kind="stable")
    first = ["predictor", "as_of", "days_before", "supposed", "came_later"]
    return rows.iloc[order][[*first, *rows.columns.drop(first)]].reset_index(drop=True)


def _leading_errors(vote: Vote) -> pd.Series:
    """Mean absolute errors (fractions) of leading candidates who were on the slate, by `ROW`."""
    outcome = vote.context.outcome
    leading = outcome.index[outcome >= LEADING]
    errors = vote.national_errors
    errors = errors[errors["ballot"].eq(ON_BOTH) & errors["metric"].eq("absolute_error")]
    return errors[errors["candidate"].isin(leading)].groupby(ROW)["value"].mean()


def chances_table(vote: Vote) -> MakeTable | None:
    """The table of `chances_by_day`; none where no method states chances.

    Parameters
    ----------
    vote : Vote
        With forecasts on supposed slates.
    """
    rows = chances_by_day(vote)
    if rows.empty:
        return None
    names = vote.context.surnames
    candidates = {
        key: [", ".join(names[name] for name in cell.split()) for cell in rows[key]]
        for key in ("supposed", "came_later")
    }
    return table_of(
        rows,
        shown=rows.assign(as_of=rows["as_of"].dt.strftime("%Y-%m-%d"), **candidates),
        show=[
            *("predictor", "days_before", "as_of", "supposed", "came_later"),
            *("chance_*", "mae_leading"),
        ],
        columns={"chance_*": "<%", "days_before": "0", "mae_leading": "1pp"},
        filters=["predictor"],
        first={"predictor": str(rows["predictor"].iloc[0])},
        terminal=False,
    )


def people_scored(experiment: Experiment, tasks: Sequence[Task], name: str) -> pd.DataFrame:
    """What one method scores by person under three rules for who stands.

    Parameters
    ----------
    experiment : Experiment
        With the settings of the method.
    tasks : sequence of Task
        Of a first round; their slates are set here. Those without a tested slate are left out.
    name : str
        Of a method that draws.

    Returns
    -------
    pandas.DataFrame
        A row per task, rule and person, and one per rule with their means (`candidate` empty):
        election, round, as_of, days_before, rule (``learned``, ``samples``: the part of the
        samples, ``polled``: the ballot polled most), n_seasons (that taught) and the columns of
        `bench.metrics.by_person.scores_by_person`.
    """
    predictor = {**experiment.predictors[name], "n_draws": PERSON_DRAWS}
    asked = replace(experiment, predictors={name: predictor})
    tables = [pd.DataFrame()]
    for task in tasks:
        standing = standing_at(task.election, task.round, task.as_of, task.poll_lag_days)
        keys = [entry.slate.key for entry in standing.slates if entry.slate]
        if not keys:
            continue
        supposed = [replace(task, slate=tuple(key.split())) for key in keys]
        joint = run_predictors(asked, drawn_shares, supposed).tables["joint"]
        polled = slate_of(task.election, task.round, task.as_of, POLLED, task.poll_lag_days)
        weights = pd.DataFrame(
            {
                "learned": [entry.weight for entry in standing.slates],
                "samples": [entry.votes for entry in standing.slates],
                "polled": [float(key == polled.key) for key in keys],
            },
            index=keys,
        )
        outcome = task.outcome()
        for rule, column in (weights / weights.sum()).items():
            stands = standing.chances if rule == "learned" else None
            scores = scores_by_person(joint, dict(column), stands, outcome.share, outcome.n_advance)
            rows = pd.concat([scores.mean().to_frame("").T, scores]).rename_axis("candidate")
            days = task.evidence().days_to_vote
            rows = rows.reset_index().assign(**task.key, days_before=days, rule=str(rule))
            tables.append(rows.assign(n_seasons=len(standing.seasons)))
    return pd.concat(tables, ignore_index=True)


def people_table(vote: Vote, people: pd.DataFrame) -> MakeTable:
    """The means under each rule; person by person when asked for.

    Parameters
    ----------
    vote : Vote
    people : pandas.DataFrame
        As of `people_scored`.
    """
    columns = {
        **dict.fromkeys(("days_before", "n_seasons"), "0"),
        **dict.fromkeys(("p_runs", "p_qualify"), "<%"),
        **dict.fromkeys(("share", "outcome", "absolute_error", "crps"), "2pp"),
        **dict.fromkeys(("brier_runs", "brier_qualify"), "3"),
    }
    names = people["candidate"].map(vote.context.surnames).fillna(MISSING)
    return table_of(
        people,
        shown=people.assign(candidate=names),
        show=["candidate", "rule", *columns],
        columns=columns,
        filters=["candidate"],
        first={"candidate": MISSING},
        terminal=False,
    )
