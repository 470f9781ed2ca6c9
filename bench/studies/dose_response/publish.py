"""The folder of a simulation: what it found, kept, and its tables, figures and page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.settings import Experiment
from bench.core.write import write_parquet
from bench.data.task import Task
from bench.report.report import Report, print_table
from bench.runner.results import Results
from bench.simulation.study import Study
from bench.simulation.summaries import (
    decomposition,
    dose_response,
    long_errors,
    scored,
    worth,
)
from bench.simulation.validation import validation, verdicts
from bench.studies.backtest.context import names_of, sources_of
from bench.studies.dose_response.report import (
    bias_table,
    points_report,
    points_table,
    replicates_report,
)
from bench.studies.published import ReportOf, publish_study

if TYPE_CHECKING:
    from bench.studies.breaking_point.worlds import Points


def publish_replicates(
    experiment: Experiment,
    cell: Task,
    study: Study,
    made: Results,
    arguments: list[str],
) -> Path:
    """Write what a dose-response study or a study of electorates shows.

    Returns
    -------
    Path
        With `replicates.parquet` (shares), `errors.parquet`, `tables/`, `figures/`, the page.
    """
    replicates = made.tables["replicates"]
    pieces = scored(study, replicates)
    response, apart = dose_response(study, pieces), decomposition(study, pieces)
    print_table(bias_table(apart, experiment.title))

    def long_tables(folder: Path) -> None:
        write_parquet(folder / "replicates.parquet", replicates)
        write_parquet(folder / "errors.parquet", long_errors(study, pieces))

    tables = {"response": response, "apart": apart}
    return _publish(
        experiment, cell, study, made, tables, arguments, report_of_replicates, long_tables
    )


def report_of_replicates(experiment: Experiment, kept: Results) -> Report:
    """A study of doses or of electorates in words, tables and figures."""
    return replicates_report(
        kept.tables["response"],
        kept.tables["apart"],
        kept.tables["worth"],
        validation=kept.tables["validation"],
        verdicts=kept.tables["verdicts"],
        families=kept.facts["families"],
        n_voters=float(kept.facts["n_voters"]),
        title=experiment.title,
        source=sources_of(experiment.elections),
        names=kept.facts.get("names"),
    )


def publish_points(
    experiment: Experiment, cell: Task, study: Study, found: Points, arguments: list[str]
) -> Path:
    """Write the breaking points, their range over the priors, and what they depend on.

    Returns
    -------
    Path
        With `tables/{breaking_points,sensitivity,alternatives,validation,worth}.*`, `figures/`,
        the page.
    """
    tables = {
        "points": found.points,
        "sensitivity": found.sensitivity,
        "alternatives": found.alternatives,
    }
    made = Results(failures=found.failures)
    attack = _crowd(found.points)
    place = _publish(
        experiment, cell, study, made, tables, arguments, report_of_points, attack=attack
    )
    print_table(points_table(found.points, experiment.title))
    return place


def _crowd(points: pd.DataFrame) -> tuple[str, float] | None:
    """The crowd that puts its candidate first in the app, as set."""
    mine = points["scenario"].eq("app_brigading") & points["predictor"].eq("app_ratings")
    mine &= points["event"].eq("first") & points["status"].eq("found")
    doses = points.loc[mine, "dose"]
    return ("app_brigading", float(doses.iloc[0])) if len(doses) else None


def report_of_points(experiment: Experiment, kept: Results) -> Report:
    """Breaking points in words, tables and figures."""
    return points_report(
        kept.tables["points"],
        kept.tables["worth"],
        sensitivity=kept.tables["sensitivity"],
        alternatives=kept.tables["alternatives"],
        validation=kept.tables["validation"],
        verdicts=kept.tables["verdicts"],
        stated=str(experiment.simulation["beneficiaries"][0]),
        n_voters=float(kept.facts["n_voters"]),
        title=experiment.title,
        source=sources_of(experiment.elections),
        names=kept.facts.get("names"),
    )


def _publish(
    experiment: Experiment,
    cell: Task,
    study: Study,
    made: Results,
    tables: dict[str, pd.DataFrame],
    arguments: list[str],
    report_of: ReportOf,
    long_tables: Callable[[Path], None] | None = None,
    attack: tuple[str, float] | None = None,
) -> Path:
    beside = validation(study, cell, attack, owners_of=experiment.owners_of)
    kept = Results(
        tables={
            **tables,
            "worth": worth(study),
            "validation": beside,
            "verdicts": verdicts(beside),
        },
        facts={
            "families": {name: one.family for name, one in study.predictors.items()},
            "n_voters": float(study.electorate.n_voters),
            "names": names_of(experiment.elections),
        },
    )

    data = {cell.election.name: cell.election.folder}
    return publish_study(
        experiment, data, arguments, kept, report_of, also=long_tables, failures=made.failures
    )
