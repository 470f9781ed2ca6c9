"""Everything shown about one vote: terminal, tables, figures, page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.report.context import RunFacts
from bench.report.figure_export import KINDS, drawings, drawn, write_drawings
from bench.report.html.build import write_page
from bench.report.report import print_table
from bench.report.table import Table
from bench.report.tables import write_table
from bench.report.terminal import print_headline
from bench.studies.backtest.area_table import area_tables, has_areas
from bench.studies.backtest.headline import headline
from bench.studies.backtest.headline_table import headline_table
from bench.studies.backtest.page import backtest_page
from bench.studies.backtest.plots.coverage import coverage


def report_vote(
    folder: Path,
    label: str,
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
    *,
    quietly: bool = False,
    whole: bool = True,
    keep: Path | None = None,
    more: Sequence[Table] = (),
) -> None:
    """Print and write the tables and figures of one vote.

    Parameters
    ----------
    folder : Path
        Of the run.
    label : str
        Put before every file name; empty if the run has one vote only.
    errors, forecasts, methods : pandas.DataFrame
        Long tables of the run.
    facts : RunFacts
        The vote and the moment.
    quietly : bool
        Write, but print nothing.
    whole : bool
        With figures and page, which take seconds each.
    keep : Path, optional
        Folder of drawings that earlier runs made.
    more : sequence of Table
        Written elsewhere, shown on the page too.
    """
    mine = methods[
        (methods["election"] == facts.election)
        & (methods["round"] == facts.round)
        & (methods["as_of"] == facts.as_of)
    ]
    ballot = "common" if "common" in facts.ballots else "full"
    table = headline(errors, forecasts, mine, facts, ballot=ballot)
    tables = {ballot: table}
    if not quietly:
        print_headline(table, facts, ballot=ballot)
    written = [headline_table(table, facts, ballot=ballot, name=f"{label}headline")]
    if ballot == "common":
        tables["full"] = headline(errors, forecasts, mine, facts, ballot="full")
        name = f"{label}full_ballot"
        written.append(headline_table(tables["full"], facts, ballot="full", name=name))
    local, answered = has_areas(errors), set(table.loc[table["block"].ne("none"), "predictor"])
    by_area = area_tables(label, errors, facts) if local else []
    if by_area and local == answered and not quietly:
        print()
        print_table(by_area[0])
    for one in (*written, *by_area):
        write_table(folder / "tables", one)
    if not whole:
        return
    first = tables[facts.ballot_keys[0]]
    found = drawings(errors, forecasts, first, facts, keep=keep)
    asked = methods[methods["election"].eq(facts.election) & methods["round"].eq(facts.round)]
    if asked["as_of"].nunique() > 1:
        over = {"coverage": lambda size: coverage(asked, facts.title, facts.source, size=size)}
        found = [*found, *drawn(over, KINDS, prefix="c")]
    write_drawings(folder / "figures", found, label=label)
    page = backtest_page(
        errors,
        forecasts,
        mine,
        facts,
        tables=tables,
        drawn=found,
        more=(*more, *by_area),
        asked=asked,
    )
    write_page(folder / f"{label}report.html", page)
