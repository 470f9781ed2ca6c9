"""What the study of spoilt real evidence shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.report.report import Report
from bench.studies.backtest.plots.heat_map import heat_map
from bench.studies.dose_response.plots import simulated_doses
from bench.studies.dose_response.report import dose_table, spoils_most

ONE = (
    "The evidence is real but for what each scenario puts into it, and there is one vote: an error "
    "that falls here need not fall in the next."
)


def spoiled_report(
    response: pd.DataFrame,
    *,
    families: Mapping[str, str],
    title: str,
    source: str,
    names: Mapping[str, str] | None = None,
) -> Report:
    """Error by scenario, dose and method on real evidence.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, replicates, mae_pp and its spread.
    families
        Predictor to its family of methods.
    title, source
        Heading; where evidence and outcome come from.
    names
        Candidates' keys to their names.
    """
    spoilt = response[response["scenario"].ne("none")]
    clean = response[response["scenario"].eq("none")].dropna(subset="mae_pp")
    errors = ", ".join(
        f"{row['predictor']} {row['mae_pp']:.2f}"
        for row in clean.sort_values("mae_pp").to_dict("records")
    )
    return Report(
        title=title,
        findings=(
            f"Mean absolute error over all candidates, points, nothing spoilt: {errors}.",
            *spoils_most(spoilt),
            ONE,
        ),
        tables=(dose_table(response, title, names),),
        figures={
            "dose_response": lambda size: simulated_doses(spoilt, families, title, size=size),
            "heat_map": lambda size: heat_map(spoilt, families, title, size=size),
        },
        source=source,
        kicker="Real evidence, spoilt on purpose",
        counts=(
            ("Replicates", f"{int(response['replicates'].max()):,}"),
            ("Methods", str(response["predictor"].nunique())),
            ("Scenarios", str(spoilt["scenario"].nunique())),
        ),
    )
