"""The folder of a simulation: tables, figures, manifest, written beside its place and moved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.experiment import Experiment
from bench.report.figures.simulated import write_simulated_figures, write_worth
from bench.report.simulation import markdown_table
from bench.report.write import write_csv, write_parquet, write_text
from bench.run.backtest import Cell
from bench.run.pieces import Made
from bench.run.publish import run_folder
from bench.run.simulation.study import Study
from bench.run.simulation.summaries import (
    decomposition,
    dose_response,
    long_errors,
    scored,
    worth,
)


def publish_replicates(
    experiment: Experiment,
    cell: Cell,
    study: Study,
    made: Made,
    arguments: list[str],
) -> Path:
    """Write what a dose-response study or a study of electorates shows.

    Returns
    -------
    Path
        With `replicates.parquet` (shares), `errors.parquet`, `tables/`, `figures/`.
    """
    replicates = made.table
    pieces = scored(study, replicates)
    response, apart = dose_response(study, pieces), decomposition(study, pieces)

    def write(folder: Path) -> None:
        write_parquet(folder / "replicates.parquet", replicates)
        write_parquet(folder / "errors.parquet", long_errors(study, pieces))
        write_csv(folder / "tables" / "dose_response.csv", response)
        write_csv(folder / "tables" / "bias_variance.csv", apart)
        write_text(folder / "tables" / "bias_variance.md", markdown_table(apart))
        write_csv(folder / "tables" / "worth.csv", worth(study))
        write_text(folder / "tables" / "worth.md", markdown_table(worth(study)))
        if (response["dose"] > 0).any():
            families = {name: one.family for name, one in study.predictors.items()}
            write_simulated_figures(folder / "figures", response, families, experiment.title)
        write_worth(folder / "figures", worth(study), study.electorate.n_voters)

    print(markdown_table(apart))
    return _publish(experiment, cell, made.failures, arguments, write)


def publish_points(
    experiment: Experiment, cell: Cell, study: Study, made: Made, arguments: list[str]
) -> Path:
    """Write the breaking points.

    Returns
    -------
    Path
        With `tables/breaking_points.{csv,md}` and `tables/worth.{csv,md}`.
    """
    points = made.table
    shown = [
        "scenario",
        "beneficiary",
        "predictor",
        "event",
        "status",
        "dose",
        "low",
        "high",
        "unit",
        "share_of_honest_users",
        "price_in_polls",
    ]

    def write(folder: Path) -> None:
        write_csv(folder / "tables" / "breaking_points.csv", points)
        write_text(folder / "tables" / "breaking_points.md", markdown_table(points[shown]))
        write_csv(folder / "tables" / "worth.csv", worth(study))
        write_text(folder / "tables" / "worth.md", markdown_table(worth(study)))
        write_worth(folder / "figures", worth(study), study.electorate.n_voters)

    print(markdown_table(points[shown]))
    return _publish(experiment, cell, made.failures, arguments, write)


def _publish(
    experiment: Experiment,
    cell: Cell,
    failures: Mapping[str, str],
    arguments: list[str],
    write: Callable[[Path], None],
) -> Path:
    data = {cell.election.name: cell.election.folder}
    with run_folder(experiment, data, arguments) as unfinished:
        write(unfinished.path)
        if failures:
            traces = [f"{name}\n{trace}" for name, trace in failures.items()]
            write_text(unfinished.path / "failures.txt", "\n".join(traces))
            print(f"failed: {', '.join(failures)}; failures.txt says why", file=sys.stderr)
    return unfinished.place
