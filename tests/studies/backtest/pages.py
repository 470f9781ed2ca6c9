"""Pages of the made-up run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.report.context import ReportContext
from bench.report.html.page import page_text
from bench.report.report import draw_figures
from bench.studies.backtest.view import vote_report
from tests.made_up_run import CITE, MANIFEST, Run


def page_of(
    run: Run,
    facts: ReportContext | None = None,
    *,
    draw: bool = True,
    manifest: Mapping[str, Any] = MANIFEST,
    cite: str = CITE,
) -> str:
    """Text of the page, with its figures or without."""
    report = vote_report(run.vote(facts))
    drawn = draw_figures(report, on_file=False) if draw else {}
    return page_text(report, drawn, manifest, cite)
