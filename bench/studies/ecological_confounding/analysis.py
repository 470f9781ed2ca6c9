"""Made-up elections in which transfers go with the composition of the area, estimated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core import ConfigError
from bench.core.arrays import FloatArray
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.margins import margins_of_rounds
from bench.models.ecological_inference import LikelihoodSettings, estimate
from bench.runner.cache import memoised
from bench.runner.results import Results
from bench.runner.runner import Part, refuse_several, run
from bench.simulation.distortions import TransferDistortion
from bench.simulation.dosed import DosedDistortion, make_distortions
from bench.studies.base import folders_of, settings_of
from bench.studies.known_tables import COVERED, KnownElection, evaluate, summary_by_dataset

WITHOUT = "likelihood, context 0"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    methods : tuple of str
        Of `bench.models.ecological_inference.estimate`.
    default : str
        The one whose intervals are checked.
    replicates, n_units : int
        Made-up elections at every dose; areas drawn anew for each, all where there are fewer.
    overdispersion : float
        Of a row's votes within an area, between 0 and 1.
    n_draws : int
        Tables drawn for the intervals.
    level : float
        Of the intervals, between 0 and 1.
    """

    methods: tuple[str, ...]
    default: str
    replicates: int
    n_units: int
    overdispersion: float
    n_draws: int
    level: float


def distortion_of(experiment: Experiment) -> DosedDistortion:
    """The one distortion of the experiment.

    Raises
    ------
    ConfigError
        If there is not exactly one distortion, it does not act on transfers, or several elections
        are named.
    """
    if len(experiment.distortions) != 1:
        raise ConfigError(
            f"distortions holds {sorted(experiment.distortions)}; accepted: one that acts on "
            "transfers, such as ecological_confounding"
        )
    refuse_several(experiment, experiment.elections, "one election")
    election = load_election(experiment.elections[0])
    (dosed,) = make_distortions(experiment.distortions, election, 1).values()
    if not isinstance(dosed.distortion, TransferDistortion):
        raise ConfigError(
            f"distortion '{dosed.name}' does not act on transfers; accepted: ecological_confounding"
        )
    return dosed


def setup_of(experiment: Experiment) -> tuple[FloatArray, FloatArray]:
    """Row votes of the real areas [U, R], and the estimated profile of every row [R, K]."""
    margins = margins_of_rounds(load_election(experiment.elections[0]))
    profile = estimate(margins.rows.to_numpy(), margins.columns.to_numpy()).profile
    rows = np.rint(margins.rows.to_numpy())
    return rows[rows.sum(axis=1) > 0], profile


def elections(
    experiment: Experiment, ground: tuple[FloatArray, FloatArray], dose: float
) -> Iterator[KnownElection]:
    """Made-up elections at one dose: real areas' rows, votes drawn from the distorted profiles.

    The areas and the numbers drawn do not depend on the dose.
    """
    settings, distortion = settings_of(Settings, experiment), distortion_of(experiment).distortion
    everywhere, profile = ground
    for replicate in range(settings.replicates):
        rng = generator(experiment.seed, "stations", replicate)
        n_units = min(settings.n_units, len(everywhere))
        chosen = rng.choice(len(everywhere), n_units, replace=False)
        rows: FloatArray = everywhere[np.sort(chosen)]
        local = distortion.profiles_at(dose, profile, rows)
        tables = drawn_tables(rows, local, settings.overdispersion, rng)
        yield KnownElection(
            key=f"replicate {replicate}",
            dataset=str(dose),
            tuned=False,
            row_votes=rows,
            column_votes=tables.sum(axis=1),
            true_table=tables.sum(axis=0),
        )


def analyse(experiment: Experiment) -> Results:
    """Errors by dose, replicate and method, and their means.

    Errors as in `bench.runner.runner.run`.
    """
    settings, dosed = settings_of(Settings, experiment), distortion_of(experiment)
    parts = [{"dose": dose} for dose in dosed.doses]
    made = run(experiment, one_dose, parts, list(folders_of(experiment).values()))
    errors = pd.concat([one.tables["errors"] for one in made], ignore_index=True)
    facts = {
        "default": settings.default,
        "level": settings.level,
        "unit": dosed.distortion.unit,
    }
    return Results(tables={"errors": errors, "by_dose": summary(errors)}, facts=facts)


def one_dose(experiment: Experiment, part: Part) -> Results:
    """Every replicate and method at one dose."""
    settings, dose = settings_of(Settings, experiment), float(part["dose"])
    folders = list(folders_of(experiment).values())
    ground = memoised("areas", experiment, folders, lambda: setup_of(experiment))
    known = list(elections(experiment, ground, dose))
    found = [
        evaluate(
            known,
            methods=[method],
            variants=["full"],
            seed=experiment.seed,
            n_draws=settings.n_draws if method == settings.default else 0,
            level=settings.level,
        )
        for method in settings.methods
    ]
    bare = evaluate(known, variants=["full"], settings=LikelihoodSettings(context=0.0))
    table = pd.concat([*found, bare.assign(method=WITHOUT)], ignore_index=True)
    table = table.drop(columns=["tuned", "variant", "dataset"]).assign(dose=dose)
    return Results(tables={"errors": table})


def summary(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean error index and coverage by dose and method, with 95 % bootstrap intervals.

    `added` is the mean error less that at dose 0, points of the error index.
    """
    rows = errors.assign(variant="full", tuned=False, dataset=errors["dose"])
    found = summary_by_dataset(rows).rename(columns={"dataset": "dose", "n": "replicates"})
    found = found.drop(columns=["variant", "tuned", "cpu_s", *COVERED], errors="ignore")
    nothing = found[found["dose"] == 0].set_index("method")["error_index"]
    found["added"] = found["error_index"] - found["method"].map(nothing)
    return found.sort_values(["method", "dose"], ignore_index=True)


def drawn_tables(
    rows: ArrayLike, profiles: FloatArray, overdispersion: float, rng: np.random.Generator
) -> FloatArray:
    """Tables [U, R, K] of areas whose rows vote by chance around their profiles.

    Every row's own profile is Dirichlet of size 1 / ρ - 1, its votes multinomial.

    Parameters
    ----------
    rows : [U, R] in votes, rounded to whole ones.
    profiles : [U, R, K], sums of 1 over K.
    overdispersion : ρ, 0 to 1, both excluded.
    rng : source of chance.

    Examples
    --------
    >>> table = drawn_tables([[5, 0]], np.array([[[1.0, 0.0], [0.0, 1.0]]]), 0.01,
    ...                      np.random.default_rng(1))
    >>> table.tolist()
    [[[5.0, 0.0], [0.0, 0.0]]]
    """
    own = rng.standard_gamma(profiles * (1 / overdispersion - 1))
    total = own.sum(axis=2, keepdims=True)
    # a gamma of a tiny shape may be 0 in every column
    own = np.divide(own, total, out=np.array(profiles, dtype=float), where=total > 0)
    return rng.multinomial(np.rint(rows).astype(np.int64), own).astype(np.float64)
