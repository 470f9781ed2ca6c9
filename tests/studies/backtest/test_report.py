"""The report of a backtest in both languages, of one vote, of many dates, and of many votes."""

from __future__ import annotations

import pytest

from bench.studies import backtest
from tests.conftest import Compose
from tests.french import reported_in_both

METHODS = "predictor=[uniform,last_election,last_poll,poll_tracker,app_ratings,online_ballot]"


@pytest.mark.parametrize(
    "asked",
    [
        ("rounds=[1]", "days_before=[2]", "ranked_on=polled_10"),
        ("rounds=[2]", "days_before=[14,2]"),
        ("rounds=[1,2]", "days_before=[2]"),
    ],
)
def test_its_report_is_whole_in_french(composed: Compose, asked: tuple[str, ...]) -> None:
    settings = ("+experiment=quickstart", "as_of=[]", "n_draws=100", "results=''", METHODS, *asked)
    experiment = composed(*settings)
    report = reported_in_both(backtest.STUDY, experiment, backtest.STUDY.analyse(experiment))
    assert report.findings
