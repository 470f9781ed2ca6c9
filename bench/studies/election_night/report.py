"""What an election night shows: words, tables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.election_night.plots import night_figure, sample_figure

if TYPE_CHECKING:
    from bench.studies.election_night.analysis import Settings

ONE = "All realisations are orders of one election: their errors are not independent."


def night_report(experiment: Experiment, results: Results, settings: Settings) -> Report:
    """How the evening went, in words, tables and figures."""
    moments, calls, samples = (results.tables[key] for key in ("moments", "called", "samples"))
    elections = results.facts["elections"]
    title, source = title_of(experiment, elections[:1]), sources_of(elections)
    number = moments["round"].iloc[0]
    first = moments[moments["round"].eq(number)]
    in_points = samples.assign(
        mae_leading=100 * samples["mae_leading"], half_width=100 * samples["half_width"]
    )
    some = in_points[in_points["round"].eq(number)]
    said = headline(first, calls[calls["round"].eq(number)], settings)
    return Report(
        title=title,
        findings=(*said, ONE),
        tables=night_tables(moments, calls, in_points, title, settings.level),
        figures={
            "night": lambda size: night_figure(
                first, title=title, level=settings.level, source=source, size=size
            ),
            "samples": lambda size: sample_figure(
                some,
                level=settings.level,
                frames=results.facts["frames"],
                source=source,
                size=size,
            ),
        },
        source=source,
        kicker="Election night, counted again",
        counts=(
            ("Orders of reporting", str(moments["order"].nunique())),
            ("Realisations", str(int(calls.drop_duplicates(["round", "order"])["n"].sum()))),
            ("Moments", str(moments["counted"].nunique())),
        ),
    )


def night_tables(
    moments: pd.DataFrame, calls: pd.DataFrame, samples: pd.DataFrame, title: str, level: float
) -> tuple[Table, ...]:
    """The tables of the study, errors in percentage points."""
    notes = (
        f"Errors and intervals ({level:.0%}) in percentage points; a dash: votes as counted state "
        "no interval.",
        ONE,
    )
    names = ["round", "allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered"]
    return (
        table(
            "by_moment",
            moments,
            title=title,
            notes=notes,
            heading="How good was each estimate at every moment?",
            first={"round": str(moments["round"].iloc[0]), "order": str(moments["order"].iloc[0])},
            terminal=False,
        ),
        table(
            "calls",
            calls,
            title="When the leaders are called, and how often wrongly",
            notes=(ONE,),
            heading="When can the leaders be called, and how often is that wrong?",
            terminal=True,
        ),
        table(
            "samples",
            samples[[*names, "covered_leading", "leaders_right"]],
            title="Samples of polling stations, means over samples",
            heading="The same in numbers: samples of polling stations",
            terminal=True,
        ),
    )


def headline(moments: pd.DataFrame, calls: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """Errors with few stations counted, and the first call, in the first order of the study."""
    order = str(moments["order"].iloc[0])
    away = (moments["counted"] - settings.headline_at).abs()
    nearest = float(moments["counted"].iloc[away.argmin()])
    here = moments[moments["order"].eq(order) & moments["counted"].eq(nearest)]
    row = here.set_index("estimator")
    best, raw = row.loc["extrapolation"], row.loc["counted"]
    called = calls[calls["order"].eq(order) & calls["estimator"].eq("extrapolation")].iloc[0]
    words = order.replace("_", " ")
    first = (
        f"With {nearest:.0%} of the stations counted, in the order '{words}', the extrapolation is "
        f"{best['mae_leading']:.1f} points off per leading candidate (half width of its "
        f"{settings.level:.0%} intervals: {best['half_width']:.1f}; they hold "
        f"{best['covered_leading']:.0%} of the outcomes), the votes as counted "
        f"{raw['mae_leading']:.1f}."
    )
    n = int(called["n"])
    if not called["ever_called"] > 0:
        return first, f"The leaders are called in none of the {n} realisations."
    return (
        first,
        f"The leaders are first called at {called['counted_at_call']:.0%} of the stations (median "
        f"of {n} realisations), wrongly in {round(called['wrong_first_call'] * n)} of the {n}.",
    )
