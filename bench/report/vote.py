"""Everything shown about one vote: terminal, tables, figures, page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.report.area_table import has_areas, report_areas
from bench.report.drawings import drawings, write_drawings
from bench.report.facts import RunFacts
from bench.report.headline import headline
from bench.report.page.build import write_page
from bench.report.tables import write_tables
from bench.report.terminal import print_headline


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
    write_tables(folder / "tables", f"{label}headline", table, facts, ballot=ballot)
    if ballot == "common":
        tables["full"] = headline(errors, forecasts, mine, facts, ballot="full")
        write_tables(folder / "tables", f"{label}full_ballot", tables["full"], facts, ballot="full")
    local, answered = has_areas(errors), set(table.loc[table["block"].ne("none"), "predictor"])
    if local:
        about_areas = local == answered
        report_areas(folder / "tables", label, errors, facts, aloud=about_areas and not quietly)
    if not whole:
        return
    first = tables[facts.ballot_keys[0]]
    found = drawings(errors, forecasts, first, facts, keep=keep)
    write_drawings(folder / "figures", found, label=label)
    write_page(
        folder / f"{label}report.html", errors, forecasts, mine, facts, tables=tables, drawn=found
    )
