"""Merged candidates: small candidates merged before scoring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Forecast
from bench.core.settings import Experiment
from bench.studies.distortions.analysis import analyse
from bench.studies.distortions.categories import Categories
from tests.golden.reference import experiment_of

BALLOT = ("ash", "birch", "cedar", "elm")
TOY = ("elections=[toy]", "n_draws=200", "predictor=[last_poll,quota_poll]")


@pytest.fixture(scope="module")
def settings() -> Experiment:
    there = experiment_of("rival", *TOY)
    return replace(there, settings={"categories": {"toy": ["quill", "thorne"]}})


def test_an_election_without_categories_or_with_a_stranger_is_refused(
    settings: Experiment,
) -> None:
    with pytest.raises(ConfigError, match=r"settings\.categories has no 'toy'"):
        analyse(replace(settings, settings={"categories": {"fr2017": ["macron"]}}))
    with pytest.raises(ConfigError, match=r"'distortions' is .*leave it out"):
        analyse(replace(settings, distortions={"app_brigading": {}}))
    wrong = {"categories": {"toy": ["quil"]}}
    with pytest.raises(ConfigError, match=r"names 'quil', .* \(did you mean 'quill'"):
        analyse(replace(settings, settings=wrong))


def test_those_who_do_not_count_alone_are_one_category() -> None:
    merged = Categories(alone=("cedar", "ash"), ballot=BALLOT)
    shares = pd.Series({"ash": 0.4, "birch": 0.1, "cedar": 0.3, "elm": 0.2})
    assert merged.outcome(shares).round(9).to_dict() == {"cedar": 0.3, "ash": 0.4, "other": 0.3}


def test_what_a_method_leaves_to_candidates_it_does_not_name_is_the_rest() -> None:
    merged = Categories(alone=("ash", "cedar"), ballot=BALLOT)
    said = Forecast(
        share=pd.Series({"ash": 0.4, "birch": np.nan, "cedar": 0.3, "elm": np.nan}),
        draws=np.array([[0.5, np.nan, 0.3, np.nan]]),
    )
    found = merged.forecast(said)
    assert found is not None
    assert found.draws is not None
    np.testing.assert_allclose(found.share, [0.4, 0.3, 0.3])
    np.testing.assert_allclose(found.draws, [[0.5, 0.3, 0.2]])


def test_a_method_that_does_not_name_all_of_them_is_left_out() -> None:
    merged = Categories(alone=("ash", "birch"), ballot=BALLOT)
    share = pd.Series({"ash": 0.4, "birch": np.nan, "cedar": 0.3, "elm": np.nan})
    assert merged.forecast(Forecast(share=share)) is None


def test_a_whole_ballot_has_no_rest() -> None:
    assert Categories(alone=BALLOT, ballot=BALLOT).names == BALLOT
