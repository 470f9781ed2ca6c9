"""Every figure: draws at every size, no colliding labels, same bytes twice."""

import itertools
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.core.errors import DataError
from bench.core.options import label
from bench.data.country import family_colours
from bench.metrics.calibration import MIN_EVENTS
from bench.report.document import Words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest import area_map
from bench.studies.backtest.figures import coverage_by_level
from bench.studies.backtest.view import vote_report
from tests.report.plotting.collisions import collisions, labels

NAMES = [
    *("horizon", "closest", "polls", "signed_errors", "shares", "qualify", "calibration"),
    "area_map",
]


@pytest.fixture(scope="module")
def drawers(run_with_areas: Any) -> Any:
    """Every figure of the made-up run as a function of the size."""
    return vote_report(run_with_areas.vote()).figures


@pytest.fixture(scope="module")
def drawn(drawers: Any) -> Any:
    """A figure by name and size, drawn once for whoever only looks at it."""
    return cache(lambda name, size: drawers[name](size))


@pytest.mark.parametrize("size", ["single", pytest.param("double", marks=pytest.mark.golden)])
@pytest.mark.parametrize("name", NAMES)
def test_no_two_labels_collide_and_none_leaves_the_sheet(name: str, size: str, drawn: Any) -> None:
    figure = drawn(name, size)
    assert len(list(labels(figure))) > 5
    assert collisions(figure, slanted=size == "single" and name == "qualify") == []


def test_coverage_of_few_outcomes_is_not_drawn(run: Any) -> None:
    n = coverage_by_level(run.vote()).groupby("predictor")["n"].min()
    few = n.index[n < MIN_EVENTS]
    assert len(few) > 0
    figure = vote_report(run.vote()).figures["calibration"]("double")
    titles = {axis.get_title("left") for axis in figure.axes}
    assert titles.isdisjoint(label("predictor", name) for name in few)
    run.errors = run.errors[run.errors["as_of"].eq(run.errors["as_of"].max())]
    assert "calibration" not in vote_report(run.vote()).figures


def test_coverage_is_counted_over_all_dates_and_named_candidates(run: Any) -> None:
    mine = run.errors["predictor"].eq("market_odds") & run.errors["metric"].eq("inside_90")
    run.errors.loc[mine, "value"] = 0.0
    run.errors.loc[mine & run.errors["candidate"].eq("delmas"), "value"] = 1.0
    table = coverage_by_level(run.vote()).set_index(["predictor", "nominal"])
    held = table.loc[("market_odds", 0.9)]
    # it names 7 candidates on 6 dates, and one of the seven is inside
    assert held["n"] == 42
    assert held["observed"] == pytest.approx(1 / 7)


def test_settings_of_the_machine_change_nothing(drawers: Any, drawn: Any) -> None:
    import matplotlib as mpl

    plain = canvas.render(drawn("qualify", "single"), ["svg"])
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        assert canvas.render(drawers["qualify"]("single"), ["svg"]) == plain


def test_a_map_without_outlines_is_refused(run: Any) -> None:
    with pytest.raises(DataError, match="no area outlines for xx2031"):
        area_map.area_map(run.vote(), predictor="uniform_swing", words=Words(""))


@pytest.mark.parametrize("content", ["", '{"features": [{"properties": {}, "geometry": {}}]}'])
def test_a_broken_geojson_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.geojson"
    path.write_text(content)
    with pytest.raises(DataError, match=r"broken.geojson: no GeoJSON with outlines"):
        area_map.outlines(path)


def simulated(colour: str, matrix: np.ndarray) -> np.ndarray:
    """CIELAB of a colour as seen with a colour vision deficiency."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(matrix @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    ratio = (to_xyz @ seen) / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira, Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


@pytest.mark.parametrize("deficiency", list(DEFICIENCIES))
@pytest.mark.parametrize("palette", ["families", "methods"])
def test_colours_can_be_told_apart_with_any_colour_vision(palette: str, deficiency: str) -> None:
    colours = family_colours() if palette == "families" else style.METHOD_COLOURS
    seen = {n: simulated(c, DEFICIENCIES[deficiency]) for n, c in colours.items()}
    for one, two in itertools.combinations(seen, 2):
        distance = float(np.linalg.norm(seen[one] - seen[two]))
        assert distance > 10, f"{one} and {two}: {distance:.1f}"
