"""Bias and variance of every method over many plausible elections."""

from __future__ import annotations

import pandas as pd

from bench.experiment import Experiment

FORMATS = {
    "rmse_pp": ".2f", "bias_pp": ".2f", "sd_pp": ".2f", "bias_share": ".3f",
    "p_winner_right": ".2f", "p_pair_right": ".2f", "value": ".2f", "low": ".2f", "high": ".2f",
}  # fmt: skip
NOTES = (
    "Root mean squared errors over electorates around each election, in points; bias and sd are "
    "its two parts within an electorate. by lot: the app and the ballot with as many people, drawn "
    "at random.",
)
CLAIM_NOTES = (
    "95 % intervals of a paired bootstrap over electorates. holds: yes where the whole interval "
    "says so. What an election does not know itself is lent by 2017: docs/simulation.md.",
)


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Draw electorates around each outcome, write how every method errs; the exit status."""
    from bench.data.election import load_election
    from bench.report.figures import canvas
    from bench.report.figures.electorates import electorates
    from bench.report.study import print_study_table, write_study_table
    from bench.report.write import write_parquet
    from bench.run.backtest import plan
    from bench.run.publish import run_folder
    from bench.run.simulation.elsewhere import Squared, by_election, conclusions, squared, studies
    from bench.run.simulation.summaries import long_errors

    before = [experiment.electorate, *experiment.simulation["earlier"].values()]
    read = [cell.election for cell in plan(experiment)]
    read += [load_election(str(one["past_election"])) for one in before]
    data = {election.name: election.folder for election in read}
    tables: list[pd.DataFrame] = []
    errors: dict[str, Squared] = {}
    with run_folder(experiment, data, arguments) as run:
        for ran in studies(experiment):
            name = f"{ran.election}_{ran.volunteers.replace('-', '_').replace(' ', '_')}"
            write_parquet(run.path / f"replicates_{name}.parquet", ran.replicates)
            write_parquet(run.path / f"errors_{name}.parquet", long_errors(ran.study, ran.pieces))
            tables.append(by_election(ran))
            errors[ran.election] = errors.get(ran.election, {}) | squared(ran)
            families = {name: one.family for name, one in ran.study.predictors.items()}
        apart = pd.concat(tables, ignore_index=True)
        claims = conclusions(experiment, errors)
        for name, table, notes in (
            ("bias_variance", apart, NOTES),
            ("conclusions", claims, CLAIM_NOTES),
        ):
            write_study_table(
                run.path / "tables", name, table, title=experiment.title, notes=notes,
                formats=FORMATS,
            )  # fmt: skip
        figure = electorates(apart, families, experiment.title)
        canvas.save(figure, run.path / "figures", "electorates")
    print_study_table(claims, title=experiment.title, notes=CLAIM_NOTES, formats=FORMATS)
    return 0
