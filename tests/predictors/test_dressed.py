"""A dressed forecast: the shares of the bare one, and draws from its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from typing_extensions import override

from bench.core import Abstain, ConfigError, Evidence, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.data.task import Task
from predictors.dressed import Dressed
from predictors.last_election import LastElection


@dataclass(frozen=True, kw_only=True)
class ReadsTransfers(Predictor):
    family: ClassVar[str] = "made up"
    needs: ClassVar[frozenset[str]] = frozenset({"transfers"})

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        raise Abstain("never asked")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    task = Task("fr2017", 1, "2017-04-21 20:00")
    return task.evidence()


def test_a_method_without_its_like_at_other_votes_is_refused(evidence: Evidence) -> None:
    dressed = Dressed(of=ReadsTransfers(), most_votes=5, n_draws=10)
    with pytest.raises(ConfigError, match=r"ReadsTransfers reads \['transfers'\]"):
        dressed.predict(evidence, np.random.default_rng(0))


def test_a_method_inside_another_is_set_up_from_its_yaml() -> None:
    settings = {"of": {"method": "last_election"}, "most_votes": 5, "n_draws": 10}
    assert make_predictor("dressed", settings) == Dressed(
        of=LastElection(), most_votes=5, n_draws=10
    )
    with pytest.raises(ConfigError, match="no setting 'colour'"):
        make_predictor("dressed", {**settings, "of": {"method": "uniform", "colour": "red"}})


def test_shares_stay_and_the_record_is_what_was_known(evidence: Evidence) -> None:
    dressed = Dressed(of=LastElection(), most_votes=40, n_draws=500)
    said = dressed.predict(evidence, np.random.default_rng(0))
    bare = LastElection().predict(evidence, np.random.default_rng(0))
    pd.testing.assert_series_equal(
        said.share, bare.share.reindex(said.share.index), check_names=False
    )
    assert said.draws is not None
    np.testing.assert_allclose(said.draws.sum(axis=1), 1.0)
    # 1969 to 2012: of 1965 nothing came before
    assert dressed.dressing(evidence, np.random.default_rng(0)).n_votes == 8
