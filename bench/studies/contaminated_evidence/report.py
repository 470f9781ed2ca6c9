"""What a study of contaminated evidence shows: words, tables and figures."""

from __future__ import annotations

from dataclasses import replace

from bench.core.settings import Experiment
from bench.report.context import names_of, sources_of, title_of
from bench.report.doses import distorts_most, dose_table
from bench.report.plotting.doses import heat_map, simulated_doses
from bench.report.report import Report
from bench.runner.results import Results

ONE = (
    "The evidence is real but for what each scenario puts into it, and there is one vote: an error "
    "that falls here need not fall in the next."
)


def contamination_report(experiment: Experiment, results: Results) -> Report:
    """Error by scenario, dose and predictor on real evidence."""
    response, families = results.tables["response"], results.facts["families"]
    title, names = title_of(experiment), names_of(experiment.elections)
    distorted = response[response["scenario"].ne("none")]
    clean = response[response["scenario"].eq("none")].dropna(subset="mae_pp")
    errors = ", ".join(
        f"{row['predictor']} {row['mae_pp']:.2f}"
        for row in clean.sort_values("mae_pp").to_dict("records")
    )
    ends = distorted.sort_values("dose").groupby(["scenario", "predictor"], sort=False).tail(1)
    last = replace(
        dose_table(response.loc[ends.index.union(clean.index)], title, names),
        name="largest_doses",
        title=f"{title}: error at the largest dose",
        heading="Error at the largest dose",
        terminal=True,
    )
    return Report(
        title=title,
        findings=(
            f"Mean absolute error over all candidates, points, nothing distorted: {errors}."
            if errors
            else "No predictor says anything about the evidence as it is.",
            *distorts_most(distorted),
            ONE,
        ),
        tables=(dose_table(response, title, names), last),
        figures={
            "dose_response": lambda size: simulated_doses(distorted, families, title, size=size),
            "heat_map": lambda size: heat_map(distorted, families, title, size=size),
        }
        if distorted["mae_pp"].notna().any()
        else {},
        source=sources_of(experiment.elections),
        kicker="Real evidence, distorted on purpose",
        counts=(
            ("Replicates", f"{int(response['replicates'].max()):,}"),
            ("Methods", str(response["predictor"].nunique())),
            ("Scenarios", str(distorted["scenario"].nunique())),
        ),
    )
