"""The study of confounding on a few made-up stations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError
from bench.core.compose import compose
from bench.core.settings import Experiment
from bench.studies.ecological_confounding.analysis import (
    WITHOUT,
    analyse,
    distortion_of,
    drawn_tables,
    elections,
    setup_of,
    summary,
)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    made = compose("+experiment=ecological_confounding", "execution=serial", "results=")
    made.elections = ["toy"]
    made.settings |= {"replicates": 2, "n_units": 60, "methods": ["likelihood"], "n_draws": 40}
    made.distortions["ecological_confounding"]["doses"] = [0, 3]
    return made


@pytest.fixture(scope="module")
def errors(experiment: Experiment) -> pd.DataFrame:
    return analyse(experiment).tables["errors"]


def test_a_scenario_that_is_no_matter_of_transfers_is_refused() -> None:
    made = compose("+experiment=ecological_confounding", "distortion=[herding]")
    with pytest.raises(ConfigError, match="does not act on transfers"):
        distortion_of(made)
    made.distortions = {}
    with pytest.raises(ConfigError, match="accepted: one that acts on transfers"):
        distortion_of(made)


def test_the_same_stations_stand_at_every_dose_and_the_true_table_hardly_moves(
    experiment: Experiment,
) -> None:
    ground = setup_of(experiment)
    for calm, distorted in zip(
        elections(experiment, ground, 0.0), elections(experiment, ground, 3.0), strict=True
    ):
        assert np.array_equal(calm.row_votes, distorted.row_votes)
        share = [one.true_table / one.true_table.sum() for one in (calm, distorted)]
        assert np.abs(share[0] - share[1]).max() < 0.01


def test_more_areas_than_there_are_means_all_of_them(experiment: Experiment) -> None:
    many = replace(experiment, settings={**experiment.settings, "n_units": 10_000})
    everywhere = setup_of(many)[0]
    for one in elections(many, setup_of(many), 0.0):
        assert np.array_equal(one.row_votes, everywhere)


def test_an_election_without_stations_is_known_by_coarser_areas(experiment: Experiment) -> None:
    older = replace(experiment, elections=["fr2007"])
    rows, profile = setup_of(older)
    assert len(rows) > 90  # départements
    assert np.allclose(profile.sum(axis=1), 1)


def test_the_margins_are_those_of_the_true_table(experiment: Experiment) -> None:
    for one in elections(experiment, setup_of(experiment), 3.0):
        assert np.array_equal(one.row_votes.sum(axis=0), one.true_table.sum(axis=1))
        assert np.array_equal(one.column_votes.sum(axis=0), one.true_table.sum(axis=0))
        assert np.array_equal(one.row_votes.sum(axis=1), one.column_votes.sum(axis=1))


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
