"""The study of ecological inference where transfers go with the composition of the area."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.contract import ConfigError
from bench.data.election import load_election
from bench.data.margins import margins_of_rounds
from bench.execution.seeds import generator
from bench.experiment import Experiment
from bench.kit.ecological_inference import LikelihoodSettings, estimate
from bench.score.ecological_summary import summary_by_dataset
from bench.score.ecological_truth import KnownElection, evaluate
from bench.simulate.by_name import make_distortion
from bench.simulate.contextual import drawn_tables
from bench.simulate.distortions import TransferDistortion, spoil_profiles

FloatArray = NDArray[np.float64]
WITHOUT = "likelihood, context 0"
FORMATS = {
    "error_index": ".2f", "low": ".2f", "high": ".2f", "covered": ".2f", "covered_votes": ".2f",
    "added": ".2f",
}  # fmt: skip


def distortion_of(experiment: Experiment) -> tuple[str, TransferDistortion, list[float]]:
    """Name, distortion and doses of the one scenario of the experiment.

    Raises
    ------
    ConfigError
        If there is not exactly one scenario, or it does not act on transfers.
    """
    if len(experiment.scenarios) != 1:
        raise ConfigError(
            f"scenarios holds {sorted(experiment.scenarios)}; accepted: one that acts on "
            "transfers, such as ecological_confounding"
        )
    ((name, settings),) = experiment.scenarios.items()
    distortion = make_distortion(name, settings)
    if not isinstance(distortion, TransferDistortion):
        raise ConfigError(
            f"scenario '{name}' does not act on transfers; accepted: ecological_confounding"
        )
    return name, distortion, [float(dose) for dose in settings["doses"]]


def ground_of(experiment: Experiment) -> tuple[FloatArray, FloatArray]:
    """Row votes of the real stations [U, R], and the estimated profile of every row [R, K]."""
    margins = margins_of_rounds(load_election(experiment.elections[0]))
    profile = estimate(margins.rows.to_numpy(), margins.columns.to_numpy()).profile
    rows = np.rint(margins.rows.to_numpy())
    return rows[rows.sum(axis=1) > 0], profile


def elections(
    experiment: Experiment,
    ground: tuple[FloatArray, FloatArray],
    distortion: TransferDistortion,
    dose: float,
) -> Iterator[KnownElection]:
    """Made-up elections at one dose: real stations' rows, votes drawn from the spoilt profiles.

    The stations and the numbers drawn do not depend on the dose.
    """
    settings = experiment.settings
    everywhere, profile = ground
    for replicate in range(int(settings["replicates"])):
        rng = generator(experiment.seed, "stations", replicate)
        chosen = rng.choice(len(everywhere), int(settings["n_units"]), replace=False)
        rows: FloatArray = everywhere[np.sort(chosen)]
        local = spoil_profiles(distortion, profile, rows, dose)
        tables = drawn_tables(rows, local, float(settings["overdispersion"]), rng)
        yield KnownElection(
            key=f"replicate {replicate}",
            dataset=str(dose),
            tuned=False,
            row_votes=rows,
            column_votes=tables.sum(axis=1),
            true_table=tables.sum(axis=0),
        )


def compute(experiment: Experiment) -> pd.DataFrame:
    """Errors by dose, replicate and method: the columns of `evaluate`, and `dose`."""
    settings = experiment.settings
    name, distortion, doses = distortion_of(experiment)
    ground, parts = ground_of(experiment), []
    for dose in doses:
        print(f"{name} {dose:g}", file=sys.stderr)
        known = list(elections(experiment, ground, distortion, dose))
        for method in settings["methods"]:
            own = method == settings["default"]
            found = evaluate(
                known, methods=[method], variants=["full"], seed=experiment.seed,
                n_draws=int(settings["n_draws"]) if own else 0, level=float(settings["level"]),
            )  # fmt: skip
            parts.append(found.assign(dose=dose))
        bare = evaluate(known, variants=["full"], settings=LikelihoodSettings(context=0.0))
        parts.append(bare.assign(dose=dose, method=WITHOUT))
    return pd.concat(parts, ignore_index=True).drop(columns=["tuned", "variant", "dataset"])


def summary(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean error index and coverage by dose and method, with 95 % bootstrap intervals.

    `added` is the mean error less that at dose 0, points of the error index.
    """
    rows = errors.assign(variant="full", tuned=False, dataset=errors["dose"])
    found = summary_by_dataset(rows).rename(columns={"dataset": "dose", "n": "replicates"})
    found = found.drop(columns=["variant", "tuned", "cpu_s"])
    nothing = found[found["dose"] == 0].set_index("method")["error_index"]
    found["added"] = found["error_index"] - found["method"].map(nothing)
    return found.sort_values(["method", "dose"], ignore_index=True)


def run_study(experiment: Experiment, arguments: list[str]) -> int:
    """Print and write the error by dose and the figure."""
    from bench.report.figures import canvas
    from bench.report.figures.confounding import confounding
    from bench.report.study import print_study_table, write_study_table
    from bench.report.write import write_csv, write_parquet
    from bench.run.publish import run_folder

    errors = compute(experiment)
    table = summary(errors)
    settings, unit = experiment.settings, distortion_of(experiment)[1].unit
    notes = [
        f"dose: {unit}. error_index: percent of the votes in the wrong cell, mean of the "
        f"replicates with 95 % bootstrap interval. covered: share of the true cells within the "
        f"{settings['level']:.0%} intervals of {settings['default']} (covered_votes: by votes).",
    ]
    folders = {name: load_election(name).folder for name in experiment.elections}
    with run_folder(experiment, folders, arguments) as run:
        write_parquet(run.path / "errors.parquet", errors)
        write_csv(run.path / "errors.csv", errors)
        write_study_table(
            run.path / "tables", "by_dose", table, title=experiment.title, notes=notes,
            formats=FORMATS,
        )  # fmt: skip
        figure = confounding(
            table, default=settings["default"], level=float(settings["level"]), unit=unit,
            title=experiment.title,
        )  # fmt: skip
        canvas.save(figure, run.path / "figures", "by_dose")
    shown = table[table["method"].isin([settings["default"], WITHOUT])]
    print_study_table(shown, title=experiment.title, notes=notes, formats=FORMATS)
    return 0
