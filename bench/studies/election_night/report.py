"""What the study of an evening shows: words, tables and figures."""

from __future__ import annotations

import pandas as pd

from bench.report.plain_table import plain_table
from bench.report.report import Report, print_study_table, print_table
from bench.report.table import Table
from bench.studies.election_night.plots import night_figure, sample_figure

SHOWN = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.95)
TOLD = 0.05  # share of the stations of which the headline speaks
KEYS = ["round", "order", "estimator", "counted"]
PERCENT = ("registered", "mae_leading", "half_width")
FRACTIONS = ("covered", "covered_leading", "leaders_right", "called", "called_wrongly")
ONE = "All realisations are orders of one election: their errors are not independent."
TITLES = {
    "calls": "When the leaders are called, and how often wrongly",
    "samples": "Samples of polling stations, means over samples",
}


def by_moment(track: pd.DataFrame) -> pd.DataFrame:
    """Means over realisations: shares in percent, coverage and rightness as fractions."""
    numbers = [*PERCENT, "covered", "covered_leading", "leaders_right", "called", "called_wrongly"]
    table = track.groupby(KEYS, sort=False, as_index=False)[numbers].mean()
    table[list(PERCENT)] *= 100
    raw = table["estimator"].eq("counted")  # a raw share states no interval
    table.loc[raw, ["half_width", "covered", "covered_leading", "called", "called_wrongly"]] = None
    return table


def night_tables(
    moments: pd.DataFrame, called: pd.DataFrame, samples: pd.DataFrame, title: str, level: float
) -> list[Table]:
    """The tables of the study.

    Parameters
    ----------
    moments : pandas.DataFrame
        From `by_moment`.
    called, samples : pandas.DataFrame
        From the study.
    title : str
        Heading.
    level : float
        Of the intervals.
    """
    notes = (
        f"Errors and intervals ({level:.0%}) in percentage points; a dash: votes as counted state "
        "no interval.",
        ONE,
    )
    first = {"round": str(moments["round"].iloc[0]), "order": str(moments["order"].iloc[0])}
    in_points = samples.assign(
        mae_leading=100 * samples["mae_leading"], half_width=100 * samples["half_width"]
    )
    names = ["round", "allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered",
             "covered_leading", "leaders_right"]  # fmt: skip
    return [
        plain_table("by_moment", moments, title=title, notes=notes,
                    heading="How good was each estimate at every moment?", first=first),
        plain_table("calls", called, title=TITLES["calls"], notes=(ONE,),
                    heading="When can the leaders be called, and how often is that wrong?"),
        plain_table("samples", in_points[names], title=TITLES["samples"],
                    heading="The same in numbers: samples of polling stations"),
    ]  # fmt: skip


def print_night(tables: list[Table]) -> None:
    """Print the tables, of the moments some."""
    moments, calls, samples = tables
    shown = moments.data[moments.data["counted"].round(4).isin(SHOWN)]
    for (number, order), part in shown.groupby(["round", "order"], sort=False):
        print_study_table(
            part.drop(columns=["round", "order"]), title=f"Round {number}, order: {order}",
        )  # fmt: skip
        print()
    print(*moments.notes, "", sep="\n")
    print_table(calls)
    print()
    print_table(samples)


def night_report(tables: list[Table], *, title: str, level: float, source: str) -> Report:
    """Words, tables and figures.

    Parameters
    ----------
    tables : list of Table
        From `night_tables`.
    title, source : str
        Heading; where the counts come from.
    level : float
        Of the intervals.
    """
    moments, calls, samples = (table.data for table in tables)
    number = moments["round"].min()
    first = moments[moments["round"].eq(number)]
    some = samples[samples["round"].eq(number)]
    return Report(
        title=title,
        findings=(*told(first, calls[calls["round"].eq(number)], level), ONE),
        tables=tuple(tables),
        figures={
            "night": lambda size: night_figure(first, title=title, level=level, size=size),
            "samples": lambda size: sample_figure(some, level=level, size=size),
        },
        source=source,
        kicker="Election night, counted again",
        counts=(
            ("Orders of reporting", str(moments["order"].nunique())),
            ("Realisations", str(int(calls.drop_duplicates(["round", "order"])["n"].sum()))),
            ("Moments", str(moments["counted"].nunique())),
        ),
    )


def told(moments: pd.DataFrame, calls: pd.DataFrame, level: float) -> tuple[str, ...]:
    """Errors with few stations counted, and the first call, in the first order of the study."""
    order = str(moments["order"].iloc[0])
    nearest = float(moments["counted"].iloc[(moments["counted"] - TOLD).abs().argmin()])
    here = moments[moments["order"].eq(order) & moments["counted"].eq(nearest)]
    row = here.set_index("estimator")
    best, raw = row.loc["extrapolation"], row.loc["counted"]
    called = calls[calls["order"].eq(order) & calls["estimator"].eq("extrapolation")].iloc[0]
    words = order.replace("_", " ")
    return (
        f"With {nearest:.0%} of the stations counted, in the order '{words}', the extrapolation is "
        f"{best['mae_leading']:.1f} points off per leading candidate (half width of its "
        f"{level:.0%} intervals: {best['half_width']:.1f}; they hold "
        f"{best['covered_leading']:.0%} of the outcomes), the votes as counted "
        f"{raw['mae_leading']:.1f}.",
        f"The leaders are first called at {called['counted_at_call']:.0%} of the stations (median "
        f"of {int(called['n'])} realisations), wrongly in "
        f"{round(called['wrong_first_call'] * called['n'])} of the {int(called['n'])}.",
    )
