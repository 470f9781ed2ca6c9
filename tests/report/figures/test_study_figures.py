"""The figures of the studies draw at every size, from made-up tables."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.report.figures import style
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
