"""Everything shown about one vote: terminal, tables, figures, page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.report.facts import RunFacts
from bench.report.figures import canvas
from bench.report.headline import headline
from bench.report.page.build import write_page
from bench.report.page.content import figures
from bench.report.tables import write_tables
from bench.report.terminal import print_headline


def report_vote(
    folder: Path,
    label: str,
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    methods: pd.DataFrame,
    facts: RunFacts,
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
    """
    mine = methods[
        (methods["election"] == facts.election)
        & (methods["round"] == facts.round)
        & (methods["as_of"] == facts.as_of)
    ]
    ballot = "common" if "common" in facts.ballots else "full"
    table = headline(errors, forecasts, mine, facts, ballot=ballot)
    print_headline(table, facts, ballot=ballot)
    write_tables(folder / "tables", f"{label}headline", table, facts, ballot=ballot)
    if ballot == "common":
        whole = headline(errors, forecasts, mine, facts, ballot="full")
        write_tables(folder / "tables", f"{label}full_ballot", whole, facts, ballot="full")
    for name, draw in figures(errors, forecasts, table, facts).items():
        canvas.save(draw("double"), folder / "figures", f"{label}{name}")
    write_page(folder / f"{label}report.html", errors, forecasts, mine, facts)
