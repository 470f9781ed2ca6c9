"""What a study of doses shows: words, tables and figures."""

from __future__ import annotations

import pandas as pd

from bench.core.language import _, in_form
from bench.core.settings import Experiment
from bench.report.comparison import quoted
from bench.report.context import names_of, sources_of, title_of
from bench.report.doses import (
    SIMULATED,
    distorts_most,
    dose_table,
    failing,
    simulated_evidence,
    validation_table,
    verdicts_table,
    worth_table,
)
from bench.report.formatting import format_probability
from bench.report.plotting.doses import (
    ADDED,
    dose_figures,
    worth_figure,
)
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results


def dose_report(experiment: Experiment, results: Results) -> Report:
    """Error by dose, bias and variance, and what the instruments are worth."""
    found, title, names = results.tables, title_of(experiment), names_of(experiment.elections)
    response, families = found["response"], results.facts["families"]
    distorted = response[response["scenario"].ne("none")]
    with_doses = bool((distorted["dose"] > 0).any())
    drawn = distorted if with_doses else distorted.head(0)
    worth, n_voters = found["worth"], float(results.facts["n_voters"])
    where = simulated_evidence(found["verdicts"])
    return Report(
        title=title,
        findings=(
            *(distorts_most(distorted, where) if with_doses else ()),
            *_findings(response, found["apart"]),
            *failing(found["verdicts"]),
            _(SIMULATED),
        ),
        tables=(
            *([dose_table(response, title, names)] if with_doses else []),
            bias_table(found["apart"], title),
            verdicts_table(found["verdicts"]),
            validation_table(found["validation"], names),
            worth_table(worth, names),
        ),
        figures=dose_figures(drawn, families, title) | worth_figure(worth, n_voters, names),
        reading={"heat_map": _(ADDED)},
        source=sources_of(experiment.elections),
        kicker=_("Simulated evidence"),
        counts=(
            (_("Replicates"), in_form(f"{int(response['replicates'].max()):,}")),
            (_("Electorates"), in_form(f"{int(found['apart']['electorates'].max()):,}")),
            (_("Methods"), str(response["predictor"].nunique())),
            (_("Scenarios"), str(distorted["scenario"].nunique())),
        ),
    )


def bias_table(apart: pd.DataFrame, title: str) -> Table:
    """Bias and variance of every predictor on clean evidence."""
    return table(
        "bias_variance",
        apart,
        title=_("{title}: bias and variance without any scenario", title=title),
        heading=_("How much of the error is bias, which no larger sample removes?"),
        terminal=True,
    )


def _findings(response: pd.DataFrame, apart: pd.DataFrame) -> tuple[str, ...]:
    """The least and the largest error on clean evidence."""
    clean = response[response["scenario"].eq("none")].dropna(subset="mae_pp")
    if clean.empty:
        return (_("No method says anything, with a scenario or without one."),)
    clean = clean.sort_values("mae_pp")
    best, worst = clean.iloc[0], clean.iloc[-1]
    closest, farthest = quoted([best["predictor"], worst["predictor"]])
    bias = apart.set_index("predictor")["bias_share"][worst["predictor"]]
    return (
        _(
            "With nothing distorted, {closest} came closest, {best}, and {farthest} was farthest "
            "off, {worst}; {bias} of the latter's squared error is bias, which no larger sample "
            "removes.",
            closest=closest,
            best=_points(best),
            farthest=farthest,
            worst=_points(worst),
            bias=format_probability(bias),
        ),
    )


def _points(row: pd.Series) -> str:
    return _(
        "{mean:.1f} points on average (5 to 95% of {n:,} replicates: {low:.1f} to {high:.1f})",
        mean=row["mae_pp"],
        n=int(row["replicates"]),
        low=row["mae_q05_pp"],
        high=row["mae_q95_pp"],
    )
