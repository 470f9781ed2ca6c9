"""The reliability diagram: who has a curve, and what stands on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.metrics.calibration import recalibrated, reliability
from bench.report.plotting.reliability import reliability_diagram

SIZES = {"market": 120, "poll_tracker": 60, "few": 49}


def stated() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(8)
    group = np.repeat(list(SIZES), list(SIZES.values()))
    p = rng.beta(0.6, 0.6, len(group))
    return p, (rng.random(len(group)) < p).astype(float), group


def drawn(size: str = "double", **more: Any) -> Any:
    return reliability_diagram(*stated(), title="Made up", source="Made up.", size=size, **more)


def test_groups_of_few_events_have_no_curve_and_are_named() -> None:
    figure = drawn()
    assert [axes._left_title.get_text() for axes in figure.axes] == ["market", "poll_tracker"]
    words = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    assert "Without a curve, as fewer than 50 events: few." in words
    p, y, group = stated()
    few = group == "few"
    with pytest.raises(ForecastError, match="no method states chances of 50 events"):
        reliability_diagram(p[few], y[few], group[few], title="Made up", source="")


def test_dots_and_steps_are_those_of_the_numbers() -> None:
    p, y, group = stated()
    rows = reliability(p, y, group)
    for axes, name in zip(drawn().axes, ("market", "poll_tracker"), strict=False):
        mine = rows[rows["group"].eq(name)]
        [dots] = [
            one for one in axes.collections if hasattr(one, "get_sizes") and len(one.get_sizes())
        ]
        np.testing.assert_allclose(dots.get_offsets()[:, 0], mine["mean_probability"])
        np.testing.assert_allclose(dots.get_offsets()[:, 1], mine["frequency"])
        curve = recalibrated(p[group == name], y[group == name])
        np.testing.assert_allclose(axes.lines[1].get_xdata(), curve.probability)
        np.testing.assert_allclose(axes.lines[1].get_ydata(), curve.recalibrated)
        assert f"{len(p[group == name])} events" in axes.texts[0].get_text()
