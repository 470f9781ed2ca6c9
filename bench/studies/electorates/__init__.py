"""Bias and variance of every method over many plausible elections, and which conclusions hold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core.settings import Experiment
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.backtest.context import sources_of


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Draw electorates around each outcome, write how every method errs; the exit status."""
    from bench.core.write import write_parquet
    from bench.report.report import print_table
    from bench.simulation.blocks import folders_of
    from bench.simulation.summaries import long_errors
    from bench.studies.electorates.analysis import (
        Squared,
        by_election,
        conclusions,
        squared,
        studies,
    )
    from bench.studies.electorates.report import claims_table
    from bench.studies.published import publish_study

    tables: list[pd.DataFrame] = []
    long: dict[str, pd.DataFrame] = {}
    errors: dict[str, Squared] = {}
    families: dict[str, str] = {}
    failures: dict[str, str] = {}
    for ran in studies(experiment):
        name = f"{ran.election}_{ran.volunteers.replace('-', '_').replace(' ', '_')}"
        long[f"replicates_{name}"] = ran.replicates
        long[f"errors_{name}"] = long_errors(ran.study, ran.pieces)
        tables.append(by_election(ran))
        errors[ran.election] = errors.get(ran.election, {}) | squared(ran)
        families |= {name: one.family for name, one in ran.study.predictors.items()}
        failures = {**ran.failures, **failures}
    claims = conclusions(experiment, errors)
    print_table(claims_table(claims, experiment.title))

    def long_tables(folder: Path) -> None:
        for name, table in long.items():
            write_parquet(folder / f"{name}.parquet", table)

    kept = Results(
        tables={"apart": pd.concat(tables, ignore_index=True), "claims": claims},
        facts={"families": families},
    )
    data = {folder.name: folder for folder in folders_of(experiment)}
    publish_study(experiment, data, arguments, kept, report_of, also=long_tables, failures=failures)
    return 3 if failures else 0


def report_of(experiment: Experiment, kept: Results) -> Report:
    """The conclusions and the errors in words, tables and a figure."""
    from bench.studies.electorates.report import electorates_report

    return electorates_report(
        kept.tables["apart"],
        kept.tables["claims"],
        families=kept.facts["families"],
        title=experiment.title,
        source=sources_of(experiment.elections),
    )
