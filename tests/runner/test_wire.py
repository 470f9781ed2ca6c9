"""A prediction survives the way from one process to another."""

from __future__ import annotations

import pandas as pd

from bench.audit.conformance import same_forecast
from bench.core import Forecast, check_forecast
from bench.runner.prediction import Prediction
from bench.runner.wire import pack, unpack

NAMES = ("ash", "birch", "cedar")


def test_stated_chances_arrive_with_the_names_of_their_events() -> None:
    stated = {"qualify": {"ash": 0.9, "birch": 0.75}, "elected": {"cedar": 0.25}}
    share = pd.Series({"ash": 0.5, "birch": 0.25})
    for said in (Forecast(chances=stated), Forecast(chances=stated, share=share)):
        sent = check_forecast(said, NAMES, 2)
        arrived = unpack(pack(Prediction(status="ok", forecast=sent))).forecast
        assert arrived is not None
        assert arrived.chances is not None
        assert sent.chances is not None
        pd.testing.assert_frame_equal(arrived.chances, sent.chances, check_names=False)
        assert same_forecast(arrived, sent)


def test_chances_of_another_event_are_another_forecast() -> None:
    one, other = (
        check_forecast(Forecast(chances={event: {"ash": 0.5}}), NAMES, 2)
        for event in ("elected", "first")
    )
    assert not same_forecast(one, other)
    assert same_forecast(one, one)


def test_an_order_arrives_as_an_order() -> None:
    share = pd.Series({"ash": 0.5, "birch": 0.25})
    sent = check_forecast(Forecast(share=share, order_only=True), NAMES, 2)
    arrived = unpack(pack(Prediction(status="ok", forecast=sent))).forecast
    assert arrived is not None
    assert arrived.order_only
