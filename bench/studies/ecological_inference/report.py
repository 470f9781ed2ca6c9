"""What the study of known tables shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from bench.core.language import N_, _
from bench.core.settings import Experiment
from bench.metrics.transition_tables import COVERED, LEAST_CELL, LEVELS
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.ecological_inference.analysis import Settings
from bench.studies.ecological_inference.plots import known_tables

FEW = 6  # elections below which a bootstrap says little
SOURCE = N_(
    "Elections of New Zealand and Scotland: datasets/ei_truth/CARD.md (Pavía 2022), CC BY 4.0."
)
TWO: tuple[str, ...] = (
    "error_index",
    "peer_error_index",
    "difference",
    "difference_low",
    "difference_high",
)
TWO += ("low", "high")


def _columns() -> dict[str, str | dict[str, Any]]:
    """How the columns of both tables are shown."""
    return {
        **dict.fromkeys(TWO, "2"),
        "cpu_s": {"in_files": False},  # differs from run to run
        "lower_share": "0%",
        **{
            name: {
                "label": _("in {level:.0%}", level=level),
                "meaning": _(
                    "share of the cells with at least {least:.0%} of the votes whose true votes "
                    "lie in the {level:.0%} interval; best is {level:.0%}",
                    least=LEAST_CELL,
                    level=level,
                ),
                "form": "%",
            }
            for name, level in zip(COVERED, LEVELS, strict=True)
        },
    }


def known_tables_report(experiment: Experiment, results: Results) -> Report:
    """Errors where the answer is known, in words, tables and figures."""
    settings = settings_of(Settings, experiment)
    summary, against = results.tables["summary"], results.tables["against"]
    n = int(results.facts["n_elections"])
    said = tuple(headline(summary, against, settings.default))
    return Report(
        title=_(experiment.title or experiment.name),
        findings=said,
        tables=_tables(summary, against, _(experiment.title or experiment.name), settings),
        figures={
            "known_tables": known_tables(
                summary,
                ours=settings.methods,
                n_elections=n,
                caption=_(SOURCE),
                claim=said[0],
            ).draw
        },
        source=_(SOURCE),
        kicker=_("Ecological inference, measured"),
        counts=(
            (_("Elections"), str(n)),
            (_("Methods of this project"), str(len(settings.methods))),
            (_("Other systems"), str(against["peer"].nunique())),
        ),
    )


def headline(summary: pd.DataFrame, against: pd.DataFrame, default: str) -> Iterator[str]:
    """The error of the default method, and of the best other system on the same elections."""
    mine = summary[summary["method"].eq(default)]
    fresh = mine[~mine["tuned"].astype(bool)]
    row = (fresh if len(fresh) else mine).sort_values("n").iloc[-1]
    where = _("which was not tuned on them") if len(fresh) else _("which was tuned on them")
    yield _(
        "Where the true transfers of votes are known, our estimates put {share:.1f}% of the votes "
        "in the wrong place (95% bootstrap interval {low:.1f} to {high:.1f}%).",
        share=row["error_index"],
        low=row["low"],
        high=row["high"],
    )
    yield _(
        "This is the mean of {n} elections of {dataset}, variant {variant}, by the method "
        "{default}, {where}.",
        default=default,
        n=int(row["n"]),
        dataset=row["dataset"],
        where=where,
        variant=row["variant"],
    )
    same = against[
        against["dataset"].eq(row["dataset"])
        & against["variant"].eq(row["variant"])
        & against["tuned"].eq(row["tuned"])
    ]
    # a system that was run on a few elections only is no comparison
    same = same[same["n"].ge(max(2, 0.5 * row["n"]))]
    if same.empty:
        return
    best = same.sort_values("ratio").iloc[-1]
    yield _(
        "The best of the other systems there is {peer}: on the same {n} elections our error is "
        "{ratio:.2f} times its error (95% interval {low:.2f} to {high:.2f}).",
        peer=best["peer"],
        n=int(best["n"]),
        ratio=best["ratio"],
        low=best["ratio_low"],
        high=best["ratio_high"],
    )


def _tables(
    summary: pd.DataFrame, against: pd.DataFrame, title: str, settings: Settings
) -> tuple[Table, ...]:
    default = settings.default
    few = _("No interval from fewer than {n} elections.", n=FEW)
    notes = (
        _(
            "Percent of the votes in the wrong cell: mean of n elections, with 95% "
            "bootstrap interval (from, to). Inside: share of the true cells within "
            "{default}'s {level:.0%} intervals, all cells (the many empty ones flatter); "
            "in 50% to in 95%: cells with at least {least:.0%} of the votes alone. "
            "{few}",
            default=default,
            level=settings.level,
            least=LEAST_CELL,
            few=few,
        ),
        _("Tuned: settings were chosen on these elections; other systems were not tuned by us."),
    )
    ratio = _(
        "Ours: {default}, on the same elections; 95% bootstrap interval (from, to). {few}",
        default=default,
        few=few,
    )
    return (
        table(
            "by_dataset",
            summary.drop(columns="cpu_s"),
            shown=_without_few(summary, "low", "high"),
            title=title,
            notes=notes,
            columns=_columns(),
            heading=_("The same in numbers: votes in the wrong cell"),
            terminal=True,
        ),
        table(
            "against_peers",
            against,
            title=_("{default} compared with other systems", default=default),
            shown=_without_few(against, "ratio_low", "ratio_high"),
            notes=(ratio,),
            columns=_columns() | {"error_index": {"label": _("ours, %"), "form": "2"}},
            heading=_("Our default, {default}, compared with other systems", default=default),
        ),
    )


def _without_few(rows: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """The table without intervals that rest on a few elections only."""
    enough = rows["n"].ge(FEW)
    return rows.assign(**{key: rows[key].where(enough) for key in (low, high)})
