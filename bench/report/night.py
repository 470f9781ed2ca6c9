"""What the study of an evening shows: tables, printed and written, and figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.report.figures import canvas
from bench.report.figures.night import night_figure, sample_figure
from bench.report.study import print_study_table, write_study_table
from bench.report.write import write_parquet

SHOWN = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.95)
KEYS = ["round", "order", "estimator", "counted"]
PERCENT = ("registered", "mae_leading", "half_width")


def by_moment(track: pd.DataFrame) -> pd.DataFrame:
    """Means over realisations: shares in percent, coverage and rightness as fractions."""
    numbers = [*PERCENT, "covered", "covered_leading", "leaders_right", "called", "called_wrongly"]
    table = track.groupby(KEYS, sort=False, as_index=False)[numbers].mean()
    table[list(PERCENT)] *= 100
    raw = table["estimator"].eq("counted")  # a raw share states no interval
    table.loc[raw, ["half_width", "covered", "covered_leading", "called", "called_wrongly"]] = None
    return table


def report_night(
    folder: Path,
    track: pd.DataFrame,
    called: pd.DataFrame,
    samples: pd.DataFrame,
    *,
    title: str,
    level: float,
) -> None:
    """Write and print everything.

    Parameters
    ----------
    folder : Path
        Of the run.
    track, called, samples : pandas.DataFrame
        From the study.
    title : str
        Heading.
    level : float
        Of the intervals.
    """
    write_parquet(folder / "track.parquet", track)
    moments = by_moment(track)
    notes = (
        "counted: share of the stations; registered: percent of the registered in them; "
        "mae_leading, half_width: percentage points, candidates with 5% or more; covered: share of "
        f"candidates within their {level:.0%} intervals; leaders_right: share of the realisations "
        "in which the leading candidates are those who got through.",
        "All realisations are orders of one election: their errors are not independent.",
    )
    forms = dict.fromkeys([*PERCENT], ".2f") | dict.fromkeys(
        ["covered", "covered_leading", "leaders_right", "called", "called_wrongly"], ".2f"
    )
    tables = folder / "tables"
    write_study_table(tables, "by_moment", moments, title=title, notes=notes, formats=forms)
    shown = moments[moments["counted"].round(4).isin(SHOWN)]
    for (number, order), part in shown.groupby(["round", "order"], sort=False):
        print_study_table(
            part.drop(columns=["round", "order"]), title=f"Round {number}, order: {order}",
            formats=forms,
        )  # fmt: skip
        print()
    for note in notes:
        print(note)
    call_forms = dict.fromkeys(
        ["ever_called", "wrong_first_call", "ever_called_wrongly", "counted_at_call"], ".2f"
    ) | {"minute_of_call": ".0f"}
    call_title = "When the leaders are called, and how often wrongly"
    write_study_table(tables, "calls", called, title=call_title, formats=call_forms)
    print()
    print_study_table(called, title=call_title, formats=call_forms)
    sample_table = samples.assign(
        mae_leading=100 * samples["mae_leading"], half_width=100 * samples["half_width"]
    )
    names = ["round", "allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered",
             "covered_leading", "leaders_right"]  # fmt: skip
    sample_title = "Samples of polling stations, means over samples"
    write_study_table(tables, "samples", sample_table[names], title=sample_title, formats=forms)
    print()
    print_study_table(sample_table[names], title=sample_title, formats=forms)
    first = moments[moments["round"].eq(moments["round"].min())]
    canvas.save(night_figure(first, title=title, level=level), folder / "figures", "night")
    some = sample_table[sample_table["round"].eq(sample_table["round"].min())]
    canvas.save(sample_figure(some, level=level), folder / "figures", "samples")
