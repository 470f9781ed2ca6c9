"""The post-mortem of a rehearsed season: the report of its seals, and what a rehearsal is not."""

from __future__ import annotations

from dataclasses import replace

from bench.audit.sealed_scores import SealedScores
from bench.core.language import _
from bench.core.settings import Experiment
from bench.report.comparison import outside_sentences
from bench.report.context import title_of
from bench.report.report import Report
from bench.report.sealed import sealed_on, sealed_report
from bench.report.tables import table
from bench.runner.results import Results


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables, figures and page of a rehearsal."""
    tables = results.tables
    found = SealedScores(
        scores=tables["scores"], forecasts=tables["forecasts"], seals=tables["seals"]
    )
    base = sealed_report(found)
    n = len(found.seals)
    early = results.facts["too_early"]
    more = []
    if "audit" in tables:
        more.append(
            table(
                "audit",
                tables["audit"],
                title=_("Look-ahead: everything later poisoned, every seal made again"),
                of="rehearsal",
                show=["predictor", "vote", "verdict", "data_used_until", "findings"],
                terminal=False,
            )
        )
    outside = [one.told() for one in outside_sentences(results.facts.get("barred", {}))]
    words = _(
        "A rehearsal, not foresight: {n} seals, each made of what was public at its moment and of "
        "the slate that polls had tested most by then. The methods and their settings are those of "
        "today, chosen by people who know how these votes ended.",
        n=n,
    )
    if early:
        words += " " + _("Moments before the first poll: {n}.", n=len(early))
    return replace(
        base,
        title=title_of(experiment),
        kicker=sealed_on(found.seals, as_if=True),
        # the first says of real records when they were sealed, the last that the vote was known
        findings=(base.findings[1], words, *base.findings[2:-1], *outside),
        tables=(*base.tables, *more),
    )
