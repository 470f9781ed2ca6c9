"""The study of confounding on a few made-up stations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError
from bench.core.compose import compose
from bench.core.settings import Experiment
from bench.studies.ecological_inference.analysis import confounding_of
from bench.studies.ecological_inference.confounding import (
    WITHOUT,
    ConfoundingSettings,
    distortion_of,
    drawn_tables,
    errors_at,
    made_up_elections,
    rows_and_profile,
    summary,
)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return compose("+experiment=ecological_truth", "execution=serial", "results=")


@pytest.fixture(scope="module")
def few(experiment: Experiment) -> ConfoundingSettings:
    settings = confounding_of(experiment)
    assert settings is not None
    small = {"election": "toy", "replicates": 2, "n_units": 60, "n_draws": 40}
    return replace(settings, methods=("likelihood",), **small)


@pytest.fixture(scope="module")
def errors(experiment: Experiment, few: ConfoundingSettings) -> pd.DataFrame:
    by_dose = [errors_at(experiment, few, dose, []) for dose in (0.0, 3.0)]
    return pd.concat(by_dose, ignore_index=True)


def test_a_distortion_that_is_no_matter_of_transfers_is_refused(few: ConfoundingSettings) -> None:
    herded = compose("+experiment=ecological_truth", "distortion=[herding]")
    with pytest.raises(ConfigError, match="does not act on transfers"):
        distortion_of(herded, few)
    herded.distortions = {}
    with pytest.raises(ConfigError, match="accepted: one that acts on transfers"):
        distortion_of(herded, few)


def test_a_misspelt_setting_of_the_section_is_refused(experiment: Experiment) -> None:
    section = {**experiment.settings["confounding"], "n_unit": 5}
    misspelt = replace(experiment, settings={**experiment.settings, "confounding": section})
    with pytest.raises(ConfigError, match=r"settings\.confounding has no setting 'n_unit'"):
        confounding_of(misspelt)


def test_the_same_stations_stand_at_every_dose_and_the_true_table_hardly_moves(
    experiment: Experiment, few: ConfoundingSettings
) -> None:
    ground = rows_and_profile("toy")
    for calm, distorted in zip(
        made_up_elections(experiment, few, ground, 0.0),
        made_up_elections(experiment, few, ground, 3.0),
        strict=True,
    ):
        assert np.array_equal(calm.row_votes, distorted.row_votes)
        calm_share = calm.true_table / calm.true_table.sum()
        distorted_share = distorted.true_table / distorted.true_table.sum()
        assert np.abs(calm_share - distorted_share).max() < 0.01


def test_more_areas_than_there_are_means_all_of_them(
    experiment: Experiment, few: ConfoundingSettings
) -> None:
    ground = rows_and_profile("toy")
    for election in made_up_elections(experiment, replace(few, n_units=10_000), ground, 0.0):
        assert np.array_equal(election.row_votes, ground[0])


def test_an_election_without_stations_is_known_by_coarser_areas() -> None:
    rows, profile = rows_and_profile("fr2007")
    assert len(rows) > 90  # départements
    assert np.allclose(profile.sum(axis=1), 1)


def test_the_margins_are_those_of_the_true_table(
    experiment: Experiment, few: ConfoundingSettings
) -> None:
    for election in made_up_elections(experiment, few, rows_and_profile("toy"), 3.0):
        assert np.array_equal(election.row_votes.sum(axis=0), election.true_table.sum(axis=1))
        assert np.array_equal(election.column_votes.sum(axis=0), election.true_table.sum(axis=0))
        assert np.array_equal(election.row_votes.sum(axis=1), election.column_votes.sum(axis=1))


def test_every_dose_and_method_is_summed_up_and_added_error_starts_at_nothing(
    errors: pd.DataFrame,
) -> None:
    table = summary(errors)
    assert len(errors) == 2 * 2 * 2
    assert set(table["method"]) == {"likelihood", WITHOUT}
    assert (table.loc[table["dose"] == 0, "added"] == 0).all()
    assert (table["low"] <= table["error_index"]).all()
    assert table.loc[table["method"] == "likelihood", "covered"].between(0, 1).all()


def test_tables_are_drawn_around_their_profiles() -> None:
    rng = np.random.default_rng(1)
    profiles = np.tile([[0.7, 0.2, 0.1], [0.05, 0.05, 0.9]], (2000, 1, 1))
    tables = drawn_tables(np.full((2000, 2), 200), profiles, 0.05, rng)
    share = tables / 200
    assert np.allclose(share.mean(axis=0), profiles[0], atol=0.005)
    # variance of a Dirichlet-multinomial share: p (1 - p) (1 + (n - 1) rho) / n
    expected = profiles[0] * (1 - profiles[0]) * (1 + 199 * 0.05) / 200
    assert np.allclose(share.var(axis=0), expected, rtol=0.15)
