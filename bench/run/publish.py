"""The folder of a run: written beside its place, moved there when it is whole."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import yaml

from bench.data.checksums import sums_of
from bench.experiment import Experiment
from bench.report.manifest import manifest
from bench.report.write import write_csv, write_parquet, write_text
from bench.run.backtest import Cell, Results
from bench.run.facts import facts_of


def publish(
    experiment: Experiment, cells: list[Cell], results: Results, arguments: list[str]
) -> Path:
    """Write and print everything a run has to show.

    Returns
    -------
    Path
        The folder: `errors.parquet`, `errors.csv`, `forecasts.parquet`, `methods.csv`,
        `timings.csv`, `tables/`, `figures/`, `report.html`, `manifest.json`, `.hydra/`.
    """
    place = free_folder(Path(experiment.results) / experiment.name)
    unfinished = place.with_name(f".{place.name}.unfinished")
    try:
        _write(unfinished, experiment, cells, results, arguments)
        unfinished.rename(place)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    print(f"\nresults: {place}", file=sys.stderr)
    return place


def _write(
    folder: Path,
    experiment: Experiment,
    cells: list[Cell],
    results: Results,
    arguments: list[str],
) -> None:
    from bench.report.vote import report_vote

    elections = {cell.election.name: cell.election for cell in cells}
    record = manifest(
        asdict(experiment), {name: sums_of(e.folder) for name, e in elections.items()}
    )
    write_long_tables(folder, results)
    write_text(folder / "manifest.json", json.dumps(record, indent=2, default=str) + "\n")
    write_text(folder / ".hydra" / "config.yaml", yaml.safe_dump(asdict(experiment)))
    write_text(folder / ".hydra" / "overrides.yaml", yaml.safe_dump(arguments))
    latest = {(cell.election.name, cell.round): cell for cell in cells}
    for (election, number), cell in latest.items():
        facts = facts_of(experiment, cell, record)
        label = "" if len(latest) == 1 else f"{election}_r{number}_"
        report_vote(folder, label, results.errors, results.forecasts, results.methods, facts)


def write_long_tables(folder: Path, results: Results) -> None:
    """Write the long tables; two runs of the same command give the same bytes, timings apart."""
    write_parquet(folder / "errors.parquet", results.errors)
    write_csv(folder / "errors.csv", results.errors)
    write_parquet(folder / "forecasts.parquet", results.forecasts)
    write_csv(folder / "methods.csv", results.methods.drop(columns="trace"))
    write_csv(folder / "timings.csv", results.timings)
    failed = results.methods[results.methods["status"] == "failed"]
    if len(failed):
        traces = [f"{row.predictor}\n{row.trace}" for row in failed.itertuples()]
        write_text(folder / "failures.txt", "\n".join(traces))


def free_folder(folder: Path) -> Path:
    """A name for a run that no other run has."""
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    place, number = folder / name, 1
    while place.exists() or place.with_name(f".{place.name}.unfinished").exists():
        number += 1
        place = folder / f"{name}_{number}"
    return place
