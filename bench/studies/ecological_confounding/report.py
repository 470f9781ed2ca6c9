"""What the study of confounded ecological inference shows: words, a table and a figure."""

from __future__ import annotations

import pandas as pd

from bench.core.language import N_, _
from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of
from bench.report.formatting import format_significant
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.ecological_confounding.plots import confounding

MADE_UP = N_(
    "Made-up elections at the composition of real areas; how much real voters "
    "follow their neighbours no margin can tell."
)


def confounding_report(experiment: Experiment, results: Results) -> Report:
    """Error index and coverage by dose."""
    found, title = results.tables["by_dose"], title_of(experiment)
    facts = results.facts
    about = {"default": facts["default"], "level": facts["level"], "unit": _(facts["unit"])}
    said = _findings(found, **about)
    return Report(
        title=title,
        findings=(*said, _(MADE_UP)),
        tables=(by_dose(found, title, **about),),
        figures={"by_dose": confounding(found, title=title, claim=said[0], **about).draw},
        source=sources_of(experiment.elections),
        kicker=_("Simulated areas"),
        counts=(
            (_("Elections per dose"), str(int(found["replicates"].max()))),
            (_("Methods"), str(found["method"].nunique())),
        ),
    )


def by_dose(found: pd.DataFrame, title: str, *, default: str, level: float, unit: str) -> Table:
    """Error and coverage by method and dose."""
    return table(
        "by_dose",
        found,
        title=_("{title}: by dose", title=title),
        filters=("method",),
        first={"method": default},
        columns={
            **dict.fromkeys(["error_index", "low", "high", "added"], "2"),
            "dose": {"meaning": _("how much confounding: {unit}", unit=unit)},
        },
        heading=_("The same in numbers: error and coverage by dose"),
        notes=(
            _(
                "Dose: {unit}. From, to: 95% bootstrap interval of the percent in the wrong "
                "cell. Inside: share of the true cells within the {level:.0%} intervals of "
                "{default}.",
                unit=unit,
                level=level,
                default=default,
            ),
        ),
    )


def _findings(found: pd.DataFrame, *, default: str, level: float, unit: str) -> tuple[str, ...]:
    """Error and coverage of the default without and with the largest dose."""
    mine = found[found["method"].eq(default)].sort_values("dose")
    calm, worst = mine.iloc[0], mine.iloc[-1]
    return (
        _(
            "Where simulated voters follow their neighbours most, the estimates put {worst} of the "
            "votes in the wrong place; where they do not, {calm}.",
            worst=_index(worst),
            calm=_index(calm),
        ),
        _(
            "At that dose ({unit}: {dose}) the {level:.0%} intervals of the method “{default}” "
            "hold {covered:.0%} of the true transfers, or {covered_votes:.0%} weighted by votes.",
            default=default,
            dose=format_significant(worst["dose"]),
            unit=unit,
            level=level,
            covered=worst["covered"],
            covered_votes=worst["covered_votes"],
        ),
    )


def _index(row: pd.Series) -> str:
    return _(
        "{share:.1f}% (95% interval {low:.1f} to {high:.1f})",
        share=row["error_index"],
        low=row["low"],
        high=row["high"],
    )
