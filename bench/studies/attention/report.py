"""The report of what attention adds: a summary, every day of calibration, every answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from bench.core.options import label
from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of
from bench.report.formatting import ColumnSpec, format_fixed
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner import Results
from bench.studies.attention.analysis import COUNT, Settings
from bench.studies.base import settings_of

COLUMNS = {
    "predictor": ColumnSpec("method", "how attention was turned into shares"),
    "elections": ColumnSpec("elections", "elections with a count and an answer", "0"),
    "counts": ColumnSpec("counts", "votes and measures", "0"),
    "mae_pp": ColumnSpec(
        "MAE",
        "mean absolute error over the candidates whom the count names, percentage points; lower "
        "is better",
        "2",
    ),
    "reference_pp": ColumnSpec("same polls", "error of the same polls, left as they are", "2"),
    "difference_pp": ColumnSpec(
        "difference", "MAE less that of the same polls; below 0 gains", "2"
    ),
    "low": ColumnSpec("low", "lower bound of 95 %, over elections", "2"),
    "high": ColumnSpec("high", "upper bound", "2"),
    "better": ColumnSpec("better in", "elections in which it erred less than the polls", "0"),
}
BY_DAY = {"vote": ColumnSpec("vote", "election and round"), "predictor": COLUMNS["predictor"]}


def report(experiment: Experiment, results: Results) -> Report:
    """Words and tables, from the settings and the results alone."""
    settings = settings_of(Settings, experiment)
    errors, summary = results.tables["errors"], results.tables["summary"]
    title = title_of(experiment)
    return Report(
        title=title,
        findings=tuple(_sentence(row, settings) for row in _rows(summary, settings.reference)),
        tables=(
            *(_summary(summary, settings, title, late) for late in (False, True)),
            by_day(errors, settings, title),
            answers(errors, title),
        ),
        source=sources_of(experiment.elections),
        kicker="Attention beside the polls it is calibrated on",
        counts=(("Elections", str(errors["election"].nunique())),),
    )


def by_day(errors: pd.DataFrame, settings: Settings, title: str) -> Table:
    """The error of every method, a column for each day of calibration."""
    keys = [*COUNT, "predictor"]
    answered = errors["reads_count"] & errors["mae_pp"].notna()
    errors = errors[answered.groupby([errors[key] for key in COUNT]).transform("any")]
    days = errors["calibrated_days"].fillna(settings.main_day).astype(int)
    wide = errors.assign(day=days).pivot_table(
        index=keys, columns="day", values="mae_pp", sort=False, dropna=False
    )
    wide = wide.dropna(how="all")
    wide = wide[sorted(wide.columns, reverse=True)].rename(columns=lambda day: f"days_{day}")
    rows = wide.reset_index()
    shown = rows.assign(
        vote=rows["election"] + " r" + rows["round"].astype(str),
        predictor=rows["predictor"].map(_label),
    )
    columns = BY_DAY | {
        name: ColumnSpec(
            f"{name.removeprefix('days_')} d",
            "MAE in points, calibrated that many days before the vote",
            "2",
        )
        for name in wide.columns
    }
    return table(
        "by_day",
        rows,
        shown=shown,
        show=["vote", "source", "measure", "predictor", *wide.columns],
        title=f"{title}: every day of calibration",
        notes=(f"Methods without a day of calibration stand under {settings.main_day} d.",),
        columns=columns,
        heading="Every day of calibration",
        terminal=False,
    )


def answers(errors: pd.DataFrame, title: str) -> Table:
    """Every answer: its errors, and the elasticity that was learned, with its standard error."""
    columns = {
        "calibrated_days": ColumnSpec("days", "calibrated that many days before the vote", "0"),
        "mae_pp": COLUMNS["mae_pp"],
        "mae_polled_10_pp": ColumnSpec(
            "MAE, large", "over those of them who are polled at 10 % or more, points", "2"
        ),
        "crps_pp": ColumnSpec(
            "CRPS", "continuous ranked probability score, points; lower is better", "2"
        ),
        "elasticity": ColumnSpec("elasticity", "log votes per log attention", "2"),
        "elasticity_se": ColumnSpec("SE", "standard error, by candidate or election", "2"),
    }
    rows = errors.loc[errors["reads_count"] & errors["mae_pp"].notna()]
    rows = rows[[*COUNT, "predictor", *columns]]
    return table(
        "answers",
        rows,
        shown=rows.assign(predictor=rows["predictor"].map(_label)),
        show=[*COUNT, "predictor", *columns],
        title=f"{title}: every answer",
        notes=("Elasticity 1: a share doubles with its attention; 0: attention says nothing.",),
        columns=columns,
        heading="Every answer, and how far votes follow attention",
        terminal=False,
    )


def _summary(summary: pd.DataFrame, settings: Settings, title: str, late: bool) -> Table:
    rows = summary[summary["hindsight"].eq(late)].drop(columns="hindsight")
    what = "compiled after the vote, hindsight" if late else "counted before the vote"
    return table(
        "hindsight" if late else "summary",
        rows,
        shown=rows.assign(predictor=rows["predictor"].map(_label)),
        show=list(COLUMNS),
        title=f"{title}: {what}",
        notes=(
            f"Calibrated {settings.main_day} days before the vote, a day fixed beforehand; every "
            "other day stands in the table of days.",
        ),
        columns=COLUMNS,
        heading=what[0].upper() + what[1:],
        terminal=True,
    )


def _rows(summary: pd.DataFrame, reference: str) -> list[dict[Hashable, Any]]:
    return summary[summary["predictor"].ne(reference)].to_dict("records")


def _sentence(row: Mapping[Hashable, Any], settings: Settings) -> str:
    """One method beside the polls, with its uncertainty."""
    low, high = row["low"], row["high"]
    chance = (
        f"95 % {format_fixed(low)} to {format_fixed(high)}"
        if pd.notna(low)
        else "too few elections for an interval"
    )
    when = "in hindsight" if row["hindsight"] else "counted before the vote"
    n = int(str(row["elections"]))
    return (
        f"{_label(str(row['predictor']))} ({when}): {format_fixed(row['mae_pp'])} points beside "
        f"{format_fixed(row['reference_pp'])} for the same polls left as they are, over {n} "
        f"election{'s' if n != 1 else ''} (difference {format_fixed(row['difference_pp'])}, "
        f"{chance})."
    )


def _label(name: str) -> str:
    return label("predictor", name) or name
