"""Made-up elections in which transfers go with the composition of the area, estimated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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
from bench.simulation.distortions import TransferDistortion
from bench.simulation.dosed import DosedDistortion, make_distortions
from bench.studies.known_tables import COVERED, KnownElection, evaluate, summary_by_dataset

WITHOUT = "likelihood, context 0"


@dataclass(frozen=True, kw_only=True)
class ConfoundingSettings:
    """The section `confounding` of the settings.

    Attributes
    ----------
    election : str
        Its areas lend their composition, its estimated transfers the truth.
    methods : tuple of str
        Of `bench.models.ecological_inference.estimate`.
    default : str
        The one whose intervals are checked.
    replicates, n_units : int
        Made-up elections at every dose; areas drawn anew for each, all where there are fewer.
    overdispersion : float
        Of a row's votes within an area, between 0 and 1.
    n_draws : int
        Tables drawn for the intervals; 0 for none.
    level : float
        Of the intervals, between 0 and 1.
    """

    election: str
    methods: tuple[str, ...]
    default: str
    replicates: int
    n_units: int
    overdispersion: float
    n_draws: int = field(metadata={"least": 0})
    level: float


def distortion_of(experiment: Experiment, settings: ConfoundingSettings) -> DosedDistortion:
    """The one distortion of the experiment.

    Raises
    ------
    ConfigError
        If there is not exactly one distortion, or it does not act on transfers.
    """
    if len(experiment.distortions) != 1:
        raise ConfigError(
            f"distortions holds {sorted(experiment.distortions)}; accepted: one that acts on "
            "transfers, such as ecological_confounding"
        )
    election = load_election(settings.election)
    (dosed,) = make_distortions(experiment.distortions, election, 1).values()
    if not isinstance(dosed.distortion, TransferDistortion):
        raise ConfigError(
            f"distortion '{dosed.name}' does not act on transfers; accepted: ecological_confounding"
        )
    return dosed


def rows_and_profile(election: str) -> tuple[FloatArray, FloatArray]:
    """Row votes of the real areas [U, R], and the estimated profile of every row [R, K]."""
    margins = margins_of_rounds(load_election(election))
    profile = estimate(margins.rows.to_numpy(), margins.columns.to_numpy()).profile
    rows = np.rint(margins.rows.to_numpy())
    return rows[rows.sum(axis=1) > 0], profile


def made_up_elections(
    experiment: Experiment,
    settings: ConfoundingSettings,
    ground: tuple[FloatArray, FloatArray],
    dose: float,
) -> Iterator[KnownElection]:
    """Made-up elections at one dose: real areas' rows, votes drawn from the distorted profiles.

    The areas and the numbers drawn do not depend on the dose.
    """
    distortion = distortion_of(experiment, settings).distortion
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


def errors_at(
    experiment: Experiment, settings: ConfoundingSettings, dose: float, folders: Sequence[Path]
) -> pd.DataFrame:
    """Errors of every method on every made-up election of one dose."""

    def make() -> tuple[FloatArray, FloatArray]:
        return rows_and_profile(settings.election)

    ground = memoised("areas", experiment, list(folders), make)
    elections = list(made_up_elections(experiment, settings, ground, dose))
    by_method = [
        evaluate(
            elections,
            methods=[method],
            variants=["full"],
            seed=experiment.seed,
            n_draws=settings.n_draws if method == settings.default else 0,
            level=settings.level,
        )
        for method in settings.methods
    ]
    bare = evaluate(elections, variants=["full"], settings=LikelihoodSettings(context=0.0))
    errors = pd.concat([*by_method, bare.assign(method=WITHOUT)], ignore_index=True)
    return errors.drop(columns=["tuned", "variant", "dataset"]).assign(dose=dose)


def summary(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean error index and coverage by dose and method, with 95 % bootstrap intervals.

    `added` is the mean error less that at dose 0, points of the error index.
    """
    rows = errors.assign(variant="full", tuned=False, dataset=errors["dose"])
    means = summary_by_dataset(rows).rename(columns={"dataset": "dose", "n": "replicates"})
    means = means.drop(columns=["variant", "tuned", "cpu_s", *COVERED], errors="ignore")
    at_zero = means[means["dose"] == 0].set_index("method")["error_index"]
    means["added"] = means["error_index"] - means["method"].map(at_zero)
    return means.sort_values(["method", "dose"], ignore_index=True)


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
