"""Pages of the made-up run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.report.context import ReportContext
from bench.report.html.page import page_text
from bench.report.report import draw_figures
from bench.report.tables import Table
from bench.studies.backtest.headline import Vote
from bench.studies.backtest.view import vote_report
from tests.made_up_run import CITE, MANIFEST, Run


def headline_table(vote: Vote) -> Table:
    """The table of errors, as files hold it."""
    return next(table for table in vote_report(vote).tables if table.name == "headline")


def context_of(
    outcome: pd.Series, as_of: pd.Timestamp, n_advance: int = 2, **changes: Any
) -> ReportContext:
    """A vote two days after the moment, of which these candidates are ranked by their names."""
    names = tuple(map(str, outcome.index))
    facts: dict[str, Any] = {
        "election": "tiny",
        "name": "Tiny",
        "round": 1,
        "as_of": as_of,
        "vote_on": as_of.normalize() + pd.Timedelta(days=2),
        "outcome": outcome,
        "names": {name: name.upper() for name in names},
        "families": dict.fromkeys(names, "other"),
        "qualifiers": names[:n_advance],
        "n_advance": n_advance,
        "title": "Tiny",
        "source": "none",
    }
    return ReportContext(**(facts | changes))


def page_of(
    run: Run,
    facts: ReportContext | None = None,
    *,
    figures: Sequence[str] | None = None,
    manifest: Mapping[str, Any] = MANIFEST,
    cite: str = CITE,
) -> str:
    """Text of the page, with all its figures or with some."""
    report = vote_report(run.vote(facts))
    chosen = report.figures if figures is None else {key: report.figures[key] for key in figures}
    drawn = draw_figures(replace(report, figures=chosen), on_file=False)
    return page_text(report, drawn, manifest, cite)
