"""What a study of contaminated evidence shows: words, tables and figures."""

from __future__ import annotations

from dataclasses import replace

from bench.core.language import N_, _, in_form
from bench.core.settings import Experiment
from bench.report.comparison import quoted
from bench.report.context import names_of, sources_of, title_of
from bench.report.doses import distorts_most, dose_table
from bench.report.formatting import format_fixed
from bench.report.plotting.doses import ADDED, dose_figures
from bench.report.report import Report
from bench.runner.results import Results

ONE = N_(
    "Only what each scenario puts into the evidence is made up. It is the evidence of one vote: "
    "an error that falls here need not fall in the next."
)


def contamination_report(experiment: Experiment, results: Results) -> Report:
    """Error by scenario, dose and predictor on real evidence."""
    response, families = results.tables["response"], results.facts["families"]
    title, names = title_of(experiment), names_of(experiment.elections)
    distorted = response[response["scenario"].ne("none")]
    clean = response[response["scenario"].eq("none")].dropna(subset="mae_pp")
    clean = clean.sort_values("mae_pp", kind="stable")
    errors = [
        _("{error} for {method}", error=format_fixed(error), method=method)
        for error, method in zip(clean["mae_pp"], quoted(clean["predictor"]), strict=True)
    ]
    ends = distorted.sort_values("dose").groupby(["scenario", "predictor"], sort=False).tail(1)
    last = replace(
        dose_table(response.loc[ends.index.union(clean.index)], title, names),
        name="largest_doses",
        title=_("{title}: error at the largest dose", title=title),
        heading=_("Error at the largest dose"),
        terminal=True,
    )
    return Report(
        title=title,
        findings=(
            *distorts_most(distorted, _("On real evidence")),
            _(
                "With nothing distorted, the points off per candidate were {errors}.",
                errors=errors,
            )
            if errors
            else _("No method says anything about the evidence as it is."),
            _(ONE),
        ),
        tables=(dose_table(response, title, names), last),
        figures=dose_figures(distorted, families, title),
        reading={"heat_map": _(ADDED)},
        source=sources_of(experiment.elections),
        kicker=_("Real evidence, distorted on purpose"),
        counts=(
            (_("Replicates"), in_form(f"{int(response['replicates'].max()):,}")),
            (_("Methods"), str(response["predictor"].nunique())),
            (_("Scenarios"), str(distorted["scenario"].nunique())),
        ),
    )
