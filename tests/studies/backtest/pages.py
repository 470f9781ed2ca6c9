"""Pages of the made-up run."""

from __future__ import annotations

from bench.report.context import ReportContext
from bench.report.figures import draw_figures
from bench.report.html.page import page_text
from bench.studies.backtest.report import vote_report
from tests.made_up_run import Run


def page_of(run: Run, facts: ReportContext | None = None, *, draw: bool = True) -> str:
    """Text of the page, with its figures or without."""
    context = facts or run.facts
    report = vote_report(run.vote(context))
    drawings = draw_figures(report.figures) if draw else []
    return page_text(report, drawings, context.manifest, context.cite)
