"""What the study of feedback shows: its facts, two tables and a figure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.core.settings import Experiment
from bench.report.context import title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_significant
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results

READ_BY = {"recruits": "new_users", "believers": "poll"}  # the test of either mechanism
text = Text("feedback")


def report(experiment: Experiment, results: Results) -> Report:
    """Where every dose leads, and how often a reader finds it."""
    power, fates, paths = (results.tables[name] for name in ("power", "fates", "paths"))
    lifetimes = sorted(fates["lifetime_days"].unique())
    middle = lifetimes[len(lifetimes) // 2]
    shown = [one[one["lifetime_days"].eq(middle)] for one in (power, fates, paths)]
    facts = {
        **facts_of(*shown[:2]),
        "title": title_of(experiment),
        "source": "",
        "alpha": results.facts["alpha"],
        "push": results.facts["push"],
        "lifetime": float(middle),
        "n_lifetimes": len(lifetimes),
        "n": int(power["replicates"].max()),
        "sizes": sizes_of(power),
    }
    figures = {"power": figure_of(shown[0], shown[2], facts)}
    return view_report("feedback", facts, {"fates": fates, "power": power}, figures)


def sizes_of(power: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """The least and the largest power of every test without feedback: its size.

    Examples
    --------
    >>> rows = pd.DataFrame({"dose": [0, 0, 1], "test": "poll", "power": [0.04, 0.06, 0.9]})
    >>> sizes_of(rows)
    {'poll': (0.04, 0.06)}
    """
    by = power[power["dose"].eq(0)].groupby("test")["power"]
    return {str(test): (float(one.min()), float(one.max())) for test, one in by}


def facts_of(power: pd.DataFrame, fates: pd.DataFrame) -> dict[str, Any]:
    """The last dose that fades and the first that runs away, and how often each is found."""
    found: dict[str, Any] = {}
    longest = power[power["days"].eq(power["days"].max())]
    for mechanism, mine in fates.sort_values("dose", kind="stable").groupby("mechanism"):
        test = longest["test"].eq(READ_BY[str(mechanism)]) & longest["mechanism"].eq(mechanism)
        rows = mine.merge(longest[test].drop(columns="lifetime_days"), on=["mechanism", "dose"])
        fading, growing = (rows[rows["reproduction"].lt(1) == fades] for fades in (True, False))
        found[str(mechanism)] = {
            "fading": fading.iloc[-1].to_dict() if len(fading) else None,
            "growing": growing.iloc[0].to_dict() if len(growing) else None,
            "largest": rows.iloc[-1].to_dict(),
        }
    return found


def figure_of(power: pd.DataFrame, paths: pd.DataFrame, facts: dict[str, Any]) -> Figure:
    """A few paths of the figure, and the power of either test by dose and days.

    Parameters
    ----------
    power
        mechanism, dose, days, test, power, low, high; of one lifetime.
    paths
        mechanism, dose, path, day, figure.
    facts
        Of the texts.
    """
    mine = power[power["test"].eq(power["mechanism"].map(READ_BY))]
    tested = mine.assign(
        panel=mine["mechanism"], series=[text("n_days", n=n) for n in mine["days"]]
    ).sort_values(["days", "dose"])
    recruited = paths[paths["mechanism"].eq("recruits")].sort_values(["dose", "path", "day"])
    drawn = recruited.assign(
        panel="paths",
        pct=100 * recruited["figure"],
        series=[text("n_recruits", dose=dose) for dose in recruited["dose"]],
    )
    doses, days = drawn["series"].unique(), tested["series"].unique()
    looks = {
        name: {"color": style.SERIES[i % len(style.SERIES)], "linestyle": "-"}
        for i, name in enumerate(doses)
    } | {
        name: {"color": style.INK, "linestyle": style.DASHES[i], "marker": style.MARKERS[i]}
        for i, name in enumerate(days)
    }
    share = Axis(low=0, high=1.02, write=lambda value: f"{100 * value:.0f}")
    nominal = pd.DataFrame({"panel": list(READ_BY), "level": facts["alpha"]})
    return Figure(
        **text.figure("power", **facts),
        panels=text.words("panels", **facts),
        axes={
            "paths": (Axis(label=text("axis_days")), Axis(ticks=5)),
            "recruits": (Axis(label=text("axis_recruits"), write=format_significant), share),
            "believers": (Axis(label=text("axis_believers"), write=format_significant), share),
        },
        height=2.4,
        grid="y",
        looks=looks,
        legend=looks,
        legend_columns=5,
        marks=(
            Mark("at", nominal, y="level", look={"color": style.SOFT}),
            *(
                Mark("line", rows, "day", "pct", by="series")
                for _path, rows in drawn.groupby("path")
            ),
            Mark("band", tested, "dose", "low", "high", by="series"),
            Mark("line", tested, "dose", "power", by="series", look={"size": 0.33}),
        ),
    )
