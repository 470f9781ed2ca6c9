"""How the error of every method grows when the real evidence is spoilt, dose by dose."""

from __future__ import annotations

import numpy as np

from bench.experiment import Experiment

NOTES = (
    "mae_pp: mean absolute error over all candidates against the official votes, points; "
    "q05 and q95: 5 to 95 % of the replicates. Only methods that read what a scenario changes.",
)
FORMATS = {
    "mae_pp": ".2f", "mae_se_pp": ".3f", "mae_q05_pp": ".2f", "mae_q95_pp": ".2f",
    "p_winner_right": ".2f", "p_pair_right": ".2f", "p_most_often_first": ".2f",
}  # fmt: skip


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Spoil the real evidence of one vote and write how every method errs; the exit status."""
    from bench.report.figures.simulated import write_simulated_figures
    from bench.report.study import print_study_table, write_study_table
    from bench.report.write import write_parquet
    from bench.run.backtest import plan
    from bench.run.publish import run_folder
    from bench.run.simulation.real_study import make_real_study, run_real
    from bench.run.simulation.summaries import error_table, response_table, scored_against

    cell = plan(experiment)[0]
    study = make_real_study(experiment, cell)
    replicates = run_real(study)
    names, seats = study.evidence.candidates, study.evidence.seats
    truth = np.repeat(study.truth[None], study.replicates, axis=0)
    pieces = scored_against(truth, replicates, names, seats)
    response = response_table(names, study.scenarios, pieces)
    data = {cell.election.name: cell.election.folder}
    with run_folder(experiment, data, arguments) as run:
        write_parquet(run.path / "replicates.parquet", replicates)
        write_parquet(run.path / "errors.parquet", error_table(study.evidence, pieces))
        write_study_table(
            run.path / "tables", "dose_response", response, title=experiment.title, notes=NOTES,
            formats=FORMATS,
        )  # fmt: skip
        families = {name: one.family for name, one in study.predictors.items()}
        write_simulated_figures(run.path / "figures", response, families, experiment.title)
    ends = response.sort_values("dose").groupby(["scenario", "predictor"], sort=False).tail(1)
    shown = response.loc[ends.index.union(response.index[response["scenario"] == "none"])]
    print_study_table(shown, title=experiment.title, notes=NOTES, formats=FORMATS)
    return 0
