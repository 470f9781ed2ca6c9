"""A hub about the made-up election, with one guest who writes files as R does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core import Forecast
from bench.data.election import load_election
from bench.report.hub.config import (
    HubFacts,
    hub_files,
    reference_days,
    slates_to_ask,
    tasks_json,
    write_hub,
)
from bench.report.hub.layout import Hub, open_hub
from bench.report.hub.own import model_output

DAY = "2031-04-04"
MODEL = "examples-average"
IN_TIME = datetime(2031, 4, 3, 12, 0, tzinfo=UTC)
TOO_LATE = datetime(2031, 4, 4, 22, 30, tzinfo=UTC)  # 00:30 of the next day in Paris
FACTS = HubFacts(repository="example/toy-hub", timezone="Europe/Paris")
METADATA = """team_name: Institute of Examples
team_abbr: examples
model_name: Polls, averaged
model_abbr: average
model_contributors: [{name: Jo Doe}]
license: CC-BY-4.0
methods: The mean of the last ten polls.
data_sources: Published polls.
"""


def made_hub(folder: Path, election: str = "toy", now: str = "2031-03-20") -> Hub:
    """A hub with its rounds before a vote."""
    this = load_election(election)
    slates = slates_to_ask(this, [1], pd.Timestamp(now), most=3)
    days = reference_days(this, 1, every=7, last=2)
    tasks = tasks_json(this, slates, days, None, pd.Timestamp(now))
    write_hub(folder, hub_files(this, FACTS, tasks, slates))
    (folder / "model-metadata" / f"{MODEL}.yml").write_text(METADATA, encoding="utf-8")
    return open_hub(folder)


def said(hub: Hub, *, slate: str = "official", n_draws: int = 100, day: str = DAY) -> pd.DataFrame:
    """A forecast with draws as rows of model output."""
    return model_output(
        forecast(hub, slate, n_draws, day),
        2,
        hub.rounds[day],
        {"reference_date": day, "round": "1", "slate": slate},
    )


def forecast(hub: Hub, slate: str = "official", n_draws: int = 100, day: str = DAY) -> Forecast:
    """Draws around shares that fall from the first candidate to the last."""
    ballot = list(hub.rounds[day].slates["1"][slate])
    alpha = 20.0 * np.arange(len(ballot), 0, -1)
    draws = np.random.default_rng(1).dirichlet(alpha, n_draws)
    return Forecast(share=pd.Series(draws.mean(axis=0), index=ballot), draws=draws)


def submitted(hub: Hub, rows: pd.DataFrame, day: str = DAY, model: str = MODEL) -> Path:
    """The file of a submission."""
    path = hub.folder / "model-output" / model / f"{day}-{model}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False)
    return path


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """Nobody has submitted yet."""
    return made_hub(tmp_path / "hub")
