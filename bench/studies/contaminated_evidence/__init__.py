"""How the error of every method grows when the real evidence is spoilt, dose by dose."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.core.settings import Experiment
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.backtest.context import names_of, sources_of


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Spoil the real evidence of one vote and write how every method errs; the exit status."""
    from dataclasses import replace

    from bench.core.write import write_parquet
    from bench.report.report import print_table
    from bench.simulation.blocks import folders_of
    from bench.simulation.summaries import error_table, response_table, scored_against
    from bench.studies.contaminated_evidence.analysis import real_study_of, run_real
    from bench.studies.dose_response.report import dose_table
    from bench.studies.published import publish_study

    study, made = real_study_of(experiment), run_real(experiment)
    names, seats = study.evidence.candidates, study.evidence.seats
    truth = np.repeat(study.truth[None], study.replicates, axis=0)
    pieces = scored_against(truth, made.tables["replicates"], names, seats)
    response = response_table(names, study.scenarios, pieces)

    def long_tables(folder: Path) -> None:
        write_parquet(folder / "replicates.parquet", made.tables["replicates"])
        write_parquet(folder / "errors.parquet", error_table(study.evidence, pieces))

    ends = response.sort_values("dose").groupby(["scenario", "predictor"], sort=False).tail(1)
    shown = response.loc[ends.index.union(response.index[response["scenario"] == "none"])]
    print_table(replace(dose_table(shown, experiment.title), title=experiment.title))
    kept = Results(
        tables={"response": response},
        facts={
            "families": {name: one.family for name, one in study.predictors.items()},
            "names": names_of(experiment.elections),
        },
    )
    data = {folder.name: folder for folder in folders_of(experiment)}
    publish_study(
        experiment, data, arguments, kept, report_of, also=long_tables, failures=made.failures
    )
    return 3 if made.failures else 0


def report_of(experiment: Experiment, kept: Results) -> Report:
    """The errors by dose in words, a table and figures."""
    from bench.studies.contaminated_evidence.report import spoiled_report

    return spoiled_report(
        kept.tables["response"],
        families=kept.facts["families"],
        title=experiment.title,
        source=sources_of(experiment.elections),
        names=kept.facts.get("names"),
    )
