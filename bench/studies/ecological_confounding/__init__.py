"""The study of ecological inference where transfers go with the composition of the area."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import ConfigError
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.margins import margins_of_rounds
from bench.metrics.transition_tables import KnownElection, evaluate, summary_by_dataset
from bench.models.ecological_inference import LikelihoodSettings, estimate
from bench.report.report import Report
from bench.runner import Part, memoised, run
from bench.runner.results import Results
from bench.simulation.contextual_effects import drawn_tables
from bench.simulation.distortions import TransferDistortion, spoil_profiles
from bench.simulation.registry import make_distortion
from bench.studies.backtest.context import sources_of

FloatArray = NDArray[np.float64]
WITHOUT = "likelihood, context 0"


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
    parts = [{"dose": dose} for dose in distortion_of(experiment)[2]]
    made = run(experiment, one_dose, parts, _folders(experiment))
    return pd.concat([one.tables["errors"] for one in made], ignore_index=True)


def one_dose(experiment: Experiment, part: Part) -> Results:
    """Every replicate and method at one dose."""
    settings, dose = experiment.settings, float(part["dose"])
    name, distortion, _ = distortion_of(experiment)
    ground = memoised("ground", experiment, _folders(experiment), lambda: ground_of(experiment))
    print(f"{name} {dose:g}", file=sys.stderr)
    known, parts = list(elections(experiment, ground, distortion, dose)), []
    for method in settings["methods"]:
        own = method == settings["default"]
        found = evaluate(
            known, methods=[method], variants=["full"], seed=experiment.seed,
            n_draws=int(settings["n_draws"]) if own else 0, level=float(settings["level"]),
        )  # fmt: skip
        parts.append(found)
    bare = evaluate(known, variants=["full"], settings=LikelihoodSettings(context=0.0))
    parts.append(bare.assign(method=WITHOUT))
    table = pd.concat(parts, ignore_index=True).drop(columns=["tuned", "variant", "dataset"])
    return Results(tables={"errors": table.assign(dose=dose)})


def _folders(experiment: Experiment) -> list[Path]:
    return [load_election(name).folder for name in experiment.elections]


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
    """Print and write the error by dose, the figure and the page; the exit status."""
    from bench.core.write import write_csv, write_parquet
    from bench.report.report import print_table
    from bench.studies.ecological_confounding.report import by_dose
    from bench.studies.published import publish_study

    errors = compute(experiment)
    table, settings = summary(errors), experiment.settings
    facts = {
        "default": settings["default"],
        "level": float(settings["level"]),
        "unit": distortion_of(experiment)[1].unit,
    }
    shown = table[table["method"].isin([settings["default"], WITHOUT])]
    print_table(by_dose(shown, title=experiment.title, **facts))

    def long_tables(folder: Path) -> None:
        write_parquet(folder / "errors.parquet", errors)
        write_csv(folder / "errors.csv", errors)

    data = {folder.name: folder for folder in _folders(experiment)}
    kept = Results(tables={"by_dose": table}, facts=facts)
    publish_study(experiment, data, arguments, kept, report_of, also=long_tables)
    return 0


def report_of(experiment: Experiment, kept: Results) -> Report:
    """The errors by dose in words, a table and a figure."""
    from bench.studies.ecological_confounding.report import confounding_report

    return confounding_report(
        kept.tables["by_dose"],
        **kept.facts,
        title=experiment.title,
        source=sources_of(experiment.elections),
    )
