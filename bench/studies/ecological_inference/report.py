"""What the study of known tables shows: words, tables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from bench.core.settings import Experiment
from bench.metrics.transition_tables import COVERED, LEAST_CELL, LEVELS
from bench.report.formatting import column
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.ecological_inference.plots import known_tables

if TYPE_CHECKING:
    from bench.studies.ecological_inference.analysis import Settings

FEW = 6  # elections below which a bootstrap says little
SOURCE = "Elections of New Zealand and Scotland: datasets/ei_truth/CARD.md (Pavía 2022), CC BY 4.0."
TWO = ("error_index", "peer_error_index", "difference", "difference_low", "difference_high")
COLUMNS = {key: column(key, form="2") for key in TWO} | {
    "low": column("low", form="2"),
    "high": column("high", form="2"),
    "cpu_s": column("cpu_s", in_files=False),  # differs from run to run
    "lower_share": column("lower_share", form="0%"),
}
COLUMNS |= {
    name: column(
        name,
        label=f"in {level:.0%}",
        meaning=f"share of the cells with at least {LEAST_CELL:.0%} of the votes whose true votes "
        f"lie in the {level:.0%} interval; best is {level:.0%}",
        form="%",
    )
    for name, level in zip(COVERED, LEVELS, strict=True)
}


def known_tables_report(experiment: Experiment, results: Results, settings: Settings) -> Report:
    """Errors where the answer is known, in words, tables and figures."""
    summary, against = results.tables["summary"], results.tables["against"]
    n = int(results.facts["n_elections"])
    return Report(
        title=experiment.title or experiment.name,
        findings=headline(summary, against, settings.default),
        tables=_tables(summary, against, experiment.title or experiment.name, settings),
        figures={
            "known_tables": lambda size: known_tables(
                summary, ours=settings.methods, n_elections=n, caption=SOURCE, size=size
            )
        },
        source=SOURCE,
        kicker="Ecological inference, measured",
        counts=(
            ("Elections", str(n)),
            ("Methods of this project", str(len(settings.methods))),
            ("Other systems", str(against["peer"].nunique())),
        ),
    )


def headline(summary: pd.DataFrame, against: pd.DataFrame, default: str) -> tuple[str, ...]:
    """The error of the default method, and of the best other system on the same elections."""
    mine = summary[summary["method"].eq(default)]
    fresh = mine[~mine["tuned"].astype(bool)]
    row = (fresh if len(fresh) else mine).sort_values("n").iloc[-1]
    where = "not tuned on them" if len(fresh) else "tuned on them"
    first = (
        f"{default} puts {row['error_index']:.1f}% of the votes into the wrong cell of the table "
        f"of transitions (mean of {int(row['n'])} elections of {row['dataset']}, {where}, variant "
        f"{row['variant']}; 95% bootstrap interval {row['low']:.1f} to {row['high']:.1f}%)."
    )
    same = against[
        against["dataset"].eq(row["dataset"])
        & against["variant"].eq(row["variant"])
        & against["tuned"].eq(row["tuned"])
    ]
    # a system that was run on a few elections only is no comparison
    same = same[same["n"].ge(max(2, 0.5 * row["n"]))]
    if same.empty:
        return (first,)
    best = same.sort_values("ratio").iloc[-1]
    return (
        first,
        f"The closest of the other systems there is {best['peer']}: on the same {int(best['n'])} "
        f"elections our error is {best['ratio']:.2f} of its (95% interval {best['ratio_low']:.2f} "
        f"to {best['ratio_high']:.2f}).",
    )


def _tables(
    summary: pd.DataFrame, against: pd.DataFrame, title: str, settings: Settings
) -> tuple[Table, ...]:
    default = settings.default
    few = f"No interval from fewer than {FEW} elections."
    notes = (
        "Percent of the votes in the wrong cell: mean of n elections, with 95% bootstrap interval "
        f"(from, to). Inside: share of the true cells within {default}'s "
        f"{settings.level:.0%} intervals, all cells (the many empty ones flatter); in 50% to in "
        f"95%: cells with at least {LEAST_CELL:.0%} of the votes alone. {few}",
        "Tuned: settings were chosen on these elections; other systems were not tuned by us.",
    )
    ratio = f"Ours: {default}, on the same elections; 95% bootstrap interval (from, to). {few}"
    return (
        table(
            "by_dataset",
            summary.drop(columns="cpu_s"),
            shown=_without_few(summary, "low", "high"),
            title=title,
            notes=notes,
            columns=COLUMNS,
            heading="The same in numbers: votes in the wrong cell",
            terminal=True,
        ),
        table(
            "against_peers",
            against,
            title=f"{default} beside other systems",
            shown=_without_few(against, "ratio_low", "ratio_high"),
            notes=(ratio,),
            columns=COLUMNS | {"error_index": column("error_index", label="ours, %", form="2")},
            heading=f"Our default, {default}, beside other systems",
        ),
    )


def _without_few(rows: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """The table without intervals that rest on a few elections only."""
    enough = rows["n"].ge(FEW)
    return rows.assign(**{key: rows[key].where(enough) for key in (low, high)})
