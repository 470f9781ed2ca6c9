"""What attention adds: the facts of the sentences, the tables by day, and the figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from bench.core.options import label
from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of, vote_words
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.attention.analysis import COUNT, Settings
from bench.studies.base import settings_of

ANSWERS = ["calibrated_days", "mae_pp", "mae_polled_10_pp", "crps_pp", "elasticity"]
ANSWERS += ["elasticity_se"]
text = Text("attention")


def report(experiment: Experiment, results: Results) -> Report:
    """What attention adds, from the settings and the results alone."""
    settings = settings_of(Settings, experiment)
    errors, summary = results.tables["errors"], results.tables["summary"]
    reading = set(errors.loc[errors["reads_count"], "predictor"]) - {settings.reference}
    early = summary[summary["predictor"].isin(reading) & ~summary["hindsight"]]
    wide = by_day(errors, settings)
    facts = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        "n_elections": errors["election"].nunique(),
        "main_day": settings.main_day,
        "late_readers": list(settings.polls_of),
        "days": [str(key).removeprefix("days_") for key in wide.filter(like="days_")],
        **facts_of(summary, early, reading, settings),
    }
    gained = gain_rows(early)
    is_compared = errors["reads_count"] | errors["predictor"].isin(settings.polls_of.values())
    answered = is_compared & errors["mae_pp"].notna()
    is_late = summary["hindsight"]
    frames = {
        "summary": summary[~is_late].drop(columns="hindsight"),
        "hindsight": summary[is_late].drop(columns="hindsight"),
        "by_day": wide,
        "answers": errors.loc[answered, [*COUNT, "predictor", *ANSWERS]],
    }
    votes = list(map(vote_words, wide["election"], wide["round"]))
    frames["by_day_shown"] = wide.assign(vote=votes)
    figures = {"gains": gains(gained, facts)} if len(gained) else {}
    return view_report("attention", facts, frames, figures)


def facts_of(
    summary: pd.DataFrame, early: pd.DataFrame, reading: Collection[str], settings: Settings
) -> dict[str, Any]:
    """How many uses of attention are better than the polls, and the best of them.

    Parameters
    ----------
    summary
        Of the study.
    early
        Its rows of methods that read attention, counted before the vote.
    reading
        Methods that read attention.
    settings
        Of the study.
    """
    others = summary[summary["predictor"].ne(settings.reference)]
    best = []
    order = others.dropna(subset="difference_pp").sort_values("difference_pp", kind="stable")
    for _late, rows in order.groupby("hindsight"):
        reads = rows["predictor"].isin(reading)
        if not reads.any():
            continue
        way = rows[reads].iloc[0]
        same = rows[["elections", "counts"]].eq(way[["elections", "counts"]]).all(axis=1)
        without = rows[~reads & same].head(1).to_dict("records")
        best.append(
            {
                **way,
                "has_interval": bool(pd.notna(way["low"])),
                "without": without[0] if without else None,
            }
        )
    return {
        "no_interval": bool(len(early) and early["high"].isna().all()),
        "n": max(early["elections"], default=0),
        "n_ways": len(early),
        "n_closer": int(early["difference_pp"].lt(0).sum()),
        "n_better": int(early["high"].lt(0).sum()),
        "best": best,
    }


def by_day(errors: pd.DataFrame, settings: Settings) -> pd.DataFrame:
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
    return wide.reset_index()


def gain_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The difference in error of every method from the polls that it reads, the best first.

    Parameters
    ----------
    rows
        As `early` of `facts_of`.

    Returns
    -------
    DataFrame
        method, value, low, high (percentage points; NaN without an interval), elections.
    """
    gained = pd.DataFrame(
        {
            "method": rows["predictor"].map(_label),
            "value": rows["difference_pp"].round(2),
            "low": rows["low"].round(2),
            "high": rows["high"].round(2),
            "elections": rows["elections"],
        }
    )
    return gained.sort_values("value", kind="stable", ignore_index=True)


def gains(rows: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """The difference in error of every method, with its interval over elections.

    Parameters
    ----------
    rows
        From `gain_rows`.
    facts
        Of the texts.
    """
    look = {"color": style.METHOD_COLOURS["buzz"]}
    return Figure(
        **text.figure("gains", **facts),
        claim=text.lines("findings", **facts)[0],
        x=Axis(label=text("gains_axis")),
        y=Axis(names=[str(name) for name in rows["method"]]),
        per_row=0.2,
        bands=True,
        marks=(
            Mark("at", x=0, look={"color": style.INK}),
            Mark("rule", rows, "low", "method", "high", look=look),
            Mark("dot", rows, "value", "method", look=look),
        ),
    )


def _label(name: str) -> str:
    return label("predictor", name) or name
