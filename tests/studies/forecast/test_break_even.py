"""What new polls would have to show: they are added as evidence, and their threshold holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench import Task
from bench.cli.commands.forecast import experiment_of
from bench.metrics.events import event_probability
from bench.runner.prediction import predict_named
from bench.studies.forecast.break_even import (
    N_POLLS,
    break_even,
    moved,
    with_polls,
)

MOMENT = "2031-03-20T20:00"


def test_new_polls_are_the_only_thing_that_changes() -> None:
    evidence = Task("toy", 1, MOMENT).evidence()
    shares = np.array([0.1, 0.2, 0.2, 0.2, 0.3])
    more = with_polls(evidence, shares)
    new = more["polls"].iloc[len(evidence["polls"]) :]
    assert new["poll_id"].nunique() == new["institute"].nunique() == N_POLLS
    assert np.allclose(new.groupby("poll_id")["share"].sum(), 1)
    assert set(new["institute"]) <= set(evidence["polls"]["institute"])
    before = more["polls"].iloc[: len(evidence["polls"])]
    pd.testing.assert_frame_equal(before, evidence["polls"])
    assert more["past_polls"] is not None
    assert len(evidence["polls"]) == len(Task("toy", 1, MOMENT).evidence()["polls"])


def test_with_the_polls_that_are_needed_it_is_even_odds_and_with_fewer_it_is_not() -> None:
    experiment = experiment_of("toy", [f"as_of=['{MOMENT}']"])
    task = Task("toy", 1, MOMENT, seed=experiment.seed)
    part = {"predictor": "poll_tracker", "tasks": [task.part]}
    (row, *_) = break_even(experiment, part).tables["break_even"].to_dict("records")
    place = task.ballot.index(row["candidate"])
    forecast = predict_named(experiment, "poll_tracker", task).forecast
    assert forecast is not None
    shares = forecast.share.to_numpy(dtype=float)
    chances = {}
    for step in (-0.02, 0.0, 0.02):
        changed = with_polls(task.evidence(), moved(shares, place, row["needed"] + step))
        repeated = predict_named(experiment, "poll_tracker", task, changed).forecast
        assert repeated is not None
        assert repeated.draws is not None
        chances[step] = event_probability(repeated.draws, 2)[place]
    assert chances[-0.02] < chances[0.0] < chances[0.02]
    assert chances[0.0] == pytest.approx(0.5, abs=0.06)
