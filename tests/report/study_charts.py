"""A chart of every study that has one, from the tables under review and made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.report.charts import Chart
from bench.report.context import ReportContext
from bench.report.plotting.doses import added_chart, dose_chart, effective_chart
from bench.report.plotting.season import moved_chart, scored_chart
from bench.studies.breaking_point.plots import breaking_chart
from bench.studies.ecological_confounding.plots import confounding_chart
from bench.studies.election_night.plots import night_chart, sample_chart
from bench.studies.electorates.plots import electorate_chart
from bench.studies.runoff_by_station.plots import group_chart, station_chart
from bench.studies.two_rounds.plots import pair_chart
from bench.studies.vote_transfers.plots import level_chart, transfer_chart
from tests.report.plotting import test_study_figures as made

FRAMES = {"closed_at_19": "from those closed at 19:00"}
SEALED = ("last_poll", "poll_tracker")


def season() -> pd.DataFrame:
    """What two methods said of three candidates on three days, one of them of everybody."""
    return pd.DataFrame(
        [
            {
                "predictor": method,
                "candidate": name,
                "days_before": days,
                "share": share + 0.001 * days,
                "q05": share - 0.05 if method == "poll_tracker" else np.nan,
                "q95": share + 0.05 if method == "poll_tracker" else np.nan,
                "outcome": share,
                "absolute_error": 0.001 * days,
            }
            for method in SEALED
            for name, share in (("quill", 0.5), ("thorne", 0.3), ("brook", 0.2))
            for days in (30, 7, 1)
            if (method, name, days) != ("last_poll", "brook", 30)
        ]
    )


def flows(facts: ReportContext) -> tuple[pd.DataFrame, pd.Series, ReportContext]:
    """Transfers at the finest level, votes behind each origin, and the names."""
    names = {**facts.names, "no_candidate": "No candidate"}
    rows = made.moved(facts)
    weights = pd.concat([facts.outcome * 0.77, pd.Series({"no_candidate": 0.23})])
    return rows[rows["level"].eq("station")], weights, replace(facts, names=names)


def levels(facts: ReportContext) -> Chart:
    """The levels of two origins beside another source."""
    others = pd.DataFrame(
        {"source": ["Ipsos survey"], "from_candidate": "delmas", "to": "chereau", "share": [0.4]}
    )
    return level_chart(
        made.moved(facts), others, facts, origins=["delmas", "faugere"], level=0.9, labels={}
    )


def transfers(facts: ReportContext) -> Chart:
    """The table of transfers."""
    rows, weights, named = flows(facts)
    return transfer_chart(rows, weights, named, 0.9)


CHARTS: dict[str, Callable[[ReportContext], Chart]] = {
    "night": lambda facts: night_chart(made.night(), 0.9),
    "samples": lambda facts: sample_chart(made.samples(), 0.9, FRAMES),
    "dose_response": lambda facts: dose_chart(made.doses(), made.FAMILIES),
    "heat_map": lambda facts: added_chart(made.doses(), made.FAMILIES),
    "worth": lambda facts: effective_chart(made.worth(), 3.6e7),
    "breaking_points": lambda facts: breaking_chart(made.broken(), "fillon"),
    "transfers": transfers,
    "transfer_levels": levels,
    "moved": lambda facts: moved_chart(season(), headline="poll_tracker", names={}),
    "scored": lambda facts: scored_chart(season(), headline="poll_tracker"),
    "stations": lambda facts: station_chart(*made.stations(), 50),
    "pairs": lambda facts: pair_chart(made.pairs()),
    "by_dose": lambda facts: confounding_chart(
        made.confounded(), default="likelihood", level=0.9, unit="points"
    ),
    "electorates": lambda facts: electorate_chart(made.electorate_errors(), made.FAMILIES),
    "groups": lambda facts: group_chart(
        made.kinds_of_station(), list(made.kinds_of_station()["method"].unique())
    ),
}
