"""How a study is published: what it found is kept, and all that people see is made of that."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from bench.core import DataError
from bench.core.execution import Execution
from bench.core.settings import Experiment
from bench.core.write import write_text
from bench.report.report import Report, write_study
from bench.runner.results import Results
from bench.studies import current
from bench.studies.backtest.context import cite_of
from bench.studies.backtest.publish import run_folder

ADDED = {"save_draws": False}  # settings that the manifests of older runs lack

ReportOf = Callable[[Experiment, Results], Report]


def publish_study(
    experiment: Experiment,
    data: Mapping[str, Path],
    arguments: list[str],
    kept: Results,
    report_of: ReportOf,
    *,
    also: Callable[[Path], None] | None = None,
    failures: Mapping[str, str] | None = None,
) -> Path:
    """Write the folder of a study.

    Parameters
    ----------
    experiment : Experiment
        The settings of the run.
    data : mapping of str to Path
        Folders of `datasets/` that were read.
    arguments : list of str
        The command line, for the record.
    kept : Results
        What was found; everything `report_of` needs.
    report_of : function
        From settings and what was kept to words, tables and figures; a module of
        `bench/run/studies/` has it under this name, so that `bench report` finds it.
    also : function, optional
        Writes more into the folder, such as long tables.
    failures : mapping of str to str, optional
        Traceback by method that failed; written to `failures.txt`.

    Returns
    -------
    Path
        The folder: `kept/`, `tables/`, `figures/`, `report.html`, `manifest.json`, `.hydra/`.
    """
    with run_folder(experiment, data, arguments) as run:
        if also is not None:
            also(run.path)
        if failures:
            traces = [f"{name}\n{trace}" for name, trace in failures.items()]
            write_text(run.path / "failures.txt", "\n".join(traces))
            print(f"failed: {', '.join(failures)}; failures.txt says why", file=sys.stderr)
        kept.save(run.path)
        # read back, so that the page made again is the same
        report = report_of(experiment, Results.load(run.path))
        write_study(run.path, report, run.manifest, cite_of(experiment, run.manifest))
    return run.place


def show_study_again(run: Path, target: Path, sizes: list[str]) -> None:
    """Tables, figures and page of a kept study, made again without running it.

    Parameters
    ----------
    run : Path
        The folder of the run.
    target : Path
        Where to write.
    sizes : list of str
        Figures in these size presets as well.

    Raises
    ------
    DataError
        If the folder is not that of a whole study.
    """
    from bench.report.plotting.layout import save

    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    experiment = experiment_of(manifest["settings"], run)
    report = report_of_study(experiment.study, run)(experiment, Results.load(run))
    write_study(target, report, manifest, cite_of(experiment, manifest))
    for name, draw in report.figures.items():
        for size in sizes:
            ending = "" if size == "double" else f"_{size}"
            save(draw(size), target / "figures", f"{name}{ending}")


def report_of_study(study: str, run: Path) -> ReportOf:
    """What makes words, tables and figures of a study.

    Raises
    ------
    DataError
        If the study is unknown, or hands over nothing to show.
    """
    try:
        module = importlib.import_module(f"bench.studies.{current(study)}")
        made: ReportOf = module.report_of
    except (ImportError, AttributeError) as error:
        raise DataError(
            f"{run} is a run of the study '{study}', of which no page can be made ({error})"
        ) from error
    return made


def experiment_of(settings: Mapping[str, Any], run: Path) -> Experiment:
    """The settings that a manifest holds.

    Raises
    ------
    DataError
        If they are those of another version.
    """
    known = {entry.name for entry in fields(Experiment)}
    try:
        execution = Execution(**settings["execution"])
        given = {**ADDED, **settings}
        return Experiment(**{**{k: given[k] for k in known}, "execution": execution})
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{run / 'manifest.json'} holds settings of another version ({error}); "
            "run the experiment again"
        ) from error
