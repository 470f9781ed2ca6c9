"""The figures of the studies draw at every size, from made-up tables."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.report.figures import style
from bench.report.figures.confounding import confounding
from bench.report.figures.electorates import electorates
from bench.report.figures.known_tables import known_tables
from bench.report.figures.night import night_figure, sample_figure

SIZES = list(style.WIDTHS_IN)


@pytest.mark.parametrize("size", SIZES)
def test_known_tables_show_one_panel_per_variant(size: str) -> None:
    rows = [(v, "ei_XX_2000", True, m, 5, 8.0, 7.0, 9.0) for v in ("m3", "full") for m in "ab"]
    names = ["variant", "dataset", "tuned", "method", "n", "error_index", "low", "high"]
    table = pd.DataFrame(rows, columns=names)
    figure = known_tables(table, ours=["a"], n_elections=5, caption="Source.", size=size)
    assert [axis.get_title(loc="left")[:2] for axis in figure.axes] == ["m3", "fu"]


@pytest.mark.parametrize("size", SIZES)
def test_a_night_has_two_panels_per_order(size: str) -> None:
    rows = [
        (order, name, counted, 2.0, 3.0, 0.9, 1.0)
        for order in ("realistic", "at_random")
        for name in ("counted", "extrapolation", "extrapolation_and_polls")
        for counted in (0.01, 0.1, 1.0)
    ]
    names = ["order", "estimator", "counted", "mae_leading", "half_width", "covered_leading",
             "leaders_right"]  # fmt: skip
    figure = night_figure(pd.DataFrame(rows, columns=names), title="Night", level=0.9, size=size)
    assert sum(axis.get_visible() for axis in figure.axes) == 4


@pytest.mark.parametrize("size", SIZES)
def test_samples_have_two_panels_per_frame(size: str) -> None:
    rows = [
        (allowed, kind, n, 1.0, 2.0, 0.9)
        for allowed in ("all", "closed_at_19")
        for kind in ("expansion", "regression")
        for n in (50, 600)
    ]
    names = ["allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered_leading"]
    figure = sample_figure(pd.DataFrame(rows, columns=names), level=0.9, size=size)
    assert len(figure.axes) == 4


@pytest.mark.parametrize("size", SIZES)
def test_electorates_are_dots_and_what_a_lot_does_not_change_is_drawn_once(size: str) -> None:
    rows = [
        (election, kind, method, rmse)
        for election in ("fr2012", "fr2017")
        for kind, method, rmse in (
            ("self-selected", "app", 9.0), ("by lot", "app", 0.2),
            ("self-selected", "poll", 1.0), ("by lot", "poll", 1.0),
        )
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["election", "volunteers", "predictor", "rmse_pp"])
    (axis,) = electorates(table, {"app": "app ratings"}, "Many", size=size).axes
    assert len([line for line in axis.lines if line.get_marker() != "None"]) == 6


@pytest.mark.parametrize("size", SIZES)
def test_confounding_has_a_panel_of_errors_and_one_of_coverage(size: str) -> None:
    rows = [
        (dose, method, 12, 2.0 + dose, 1.5 + dose, 2.5 + dose, 0.9, 0.8)
        for dose in (0.0, 1.0)
        for method in ("likelihood", "goodman")
    ]
    names = ["dose", "method", "replicates", "error_index", "low", "high", "covered",
             "covered_votes"]  # fmt: skip
    figure = confounding(
        pd.DataFrame(rows, columns=names), default="likelihood", level=0.9, unit="points",
        title="Confounded", size=size,
    )  # fmt: skip
    left, right = figure.axes
    assert len(left.lines) == 2
    assert len(right.lines) == 3
