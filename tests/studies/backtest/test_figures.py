"""Every figure: draws at every size, no colliding labels, same bytes twice."""

import io
import itertools
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import ConfigError, DataError
from bench.core.options import label
from bench.data.country import family_colours
from bench.metrics.calibration import MIN_EVENTS
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.vega import chart_of
from bench.studies.backtest.findings import claim
from bench.studies.backtest.plots import area_map, errors, forecasts
from bench.studies.backtest.plots.over_dates import coverage_by_level
from bench.studies.backtest.view import figures_of
from tests.report.plotting.collisions import collisions, labels

NAMES = [
    *("horizon", "closest", "polls", "signed_errors", "shares", "qualify", "calibration"),
    "area_map",
]


@pytest.fixture(scope="module")
def drawers(run_with_areas: Any) -> Any:
    """Every figure of the made-up run as a function of the size."""
    return figures_of(run_with_areas.vote(), run_with_areas.headline())


@pytest.fixture(scope="module")
def drawn(drawers: Any) -> Any:
    """A figure by name and size, drawn once for whoever only looks at it."""
    return cache(lambda name, size: drawers[name](size))


def test_the_made_up_run_allows_every_figure(drawers: Any) -> None:
    assert list(drawers) == NAMES


@pytest.mark.parametrize("size", list(style.WIDTHS_IN))
@pytest.mark.parametrize("name", NAMES)
def test_no_two_labels_collide_and_none_leaves_the_sheet(name: str, size: str, drawn: Any) -> None:
    figure = drawn(name, size)
    assert len(list(labels(figure))) > 5
    assert collisions(figure, slanted=size == "single" and name == "qualify") == []


@pytest.mark.parametrize("name", NAMES)
def test_the_same_figure_gives_the_same_bytes(name: str, drawers: Any, drawn: Any) -> None:
    both = drawn(name, "single"), drawers[name]("single")
    first, again = (canvas.render(one, ("svg", "pdf", "png")) for one in both)
    assert list(first.files) == ["svg", "pdf", "png"]
    assert first == again


@pytest.mark.parametrize("name", NAMES)
def test_every_caption_names_its_source(name: str, drawn: Any) -> None:
    title, caption = canvas.words_of(drawn(name, "double"))
    assert "Made-up presidential election" in f"{title} {caption}"
    assert "figures made up for tests" in caption


def test_curves_over_dates_are_on_one_ballot(run: Any) -> None:
    def caption() -> str:
        figures = figures_of(run.vote(), run.headline())
        return canvas.words_of(figures["horizon"]("single"))[1]

    assert "differ by date" not in caption()
    # on the first date the set is the whole ballot, which has no rows of its own
    first = run.errors["as_of"].eq(run.errors["as_of"].min())
    run.errors = run.errors[~(first & run.errors["ballot"].eq("common"))]
    assert "the whole ballot, since the candidates ranked on differ by date" in caption()


def test_whoever_came_closest_stands_first_and_the_title_says_it(run: Any) -> None:
    vote, table = run.vote(), run.headline()
    figure = figures_of(vote, table)["closest"]("double")
    assert canvas.words_of(figure)[0] == claim(table, vote)
    axis = figure.axes[0]
    widths = [bar.get_width() for bar in sorted(axis.patches, key=lambda bar: bar.get_y())]
    ranked = table[table["block"].eq("ranked") & table["same_as"].eq("")]
    assert widths == sorted(ranked["mae_pp"])
    names = [tick.get_text() for tick in axis.get_yticklabels()]
    best = ranked.loc[ranked["mae_pp"].idxmin(), "predictor"]
    assert names[0] == label("predictor", best)


def test_the_chart_of_forecasts_begins_with_the_method_that_its_title_names(run: Any) -> None:
    vote, table = run.vote(), run.headline()
    order = [str(name) for name in table.loc[table["block"].eq("ranked"), "predictor"]]
    second = vote.labels[order[1]]
    silent = run.forecasts["predictor"].eq(order[0])
    run.forecasts.loc[silent, ["q05", "q25", "q75", "q95"]] = float("nan")
    vote = run.vote()
    figure = forecasts.shares(vote, predictors=order)
    assert f"“{second}”" in canvas.words_of(figure())[0]
    assert figure.alone == second
    assert chart_of(figure).spec["usermeta"]["some"]["method"]["of"][0] == second


def test_every_poll_is_a_dot_and_the_vote_stands_at_the_right(run: Any) -> None:
    vote = run.vote()
    axis = figures_of(vote, run.headline())["polls"]("double").axes[0]
    outcome = vote.context.outcome
    drawn = [c for c in vote.context.by_votes if outcome[c] >= 0.05]
    dots = [line for line in axis.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [6] * len(drawn)
    marks = [line for line in axis.lines if line.get_marker() == "D"]
    assert [line.get_ydata()[0] for line in marks] == pytest.approx(
        [100 * outcome[c] for c in drawn]
    )
    assert "6 polls of Ask and Bell" in canvas.words_of(axis.figure)[1]


def test_without_polls_there_is_no_figure_of_them(run: Any) -> None:
    silent = replace(run.vote(), polls=pd.DataFrame())
    assert "polls" not in figures_of(silent, run.headline())


def test_one_national_forecast_has_one_panel_of_calibration(run: Any) -> None:
    table = run.headline()
    n = coverage_by_level(run.vote()).groupby("predictor")["n"].min()
    drawn = table["has_spread"].astype(bool) & table["predictor"].map(n).ge(MIN_EVENTS)
    first, second = table.loc[drawn, "predictor"][:2]
    table.loc[table["predictor"].eq(second), "same_as"] = first
    figures = figures_of(run.vote(), table)
    titles = [axis.get_title("left") for axis in figures["calibration"]("double").axes]
    assert label("predictor", first) in titles
    assert label("predictor", second) not in titles


def test_coverage_of_few_outcomes_is_not_drawn(run: Any) -> None:
    n = coverage_by_level(run.vote()).groupby("predictor")["n"].min()
    few = n.index[n < MIN_EVENTS]
    assert len(few) > 0
    figure = figures_of(run.vote(), run.headline())["calibration"]("double")
    titles = {axis.get_title("left") for axis in figure.axes}
    assert titles.isdisjoint(label("predictor", name) for name in few)
    run.errors = run.errors[run.errors["as_of"].eq(run.errors["as_of"].max())]
    assert "calibration" not in figures_of(run.vote(), run.headline())


def test_the_title_says_about_whom_most_methods_erred_the_same_way(run: Any) -> None:
    mine = run.errors["score"].eq("signed_error") & run.errors["candidate"].eq("delmas")
    run.errors.loc[mine, "value"] = 0.03
    vote = run.vote()
    names = [str(name) for name in run.headline()["predictor"]]
    title, _ = canvas.words_of(errors.signed_errors(vote, predictors=names)())
    assert title.endswith("methods expected too much of Delmas")


def test_coverage_is_counted_over_all_dates_and_named_candidates(run: Any) -> None:
    mine = run.errors["predictor"].eq("market_odds") & run.errors["score"].eq("inside_90")
    run.errors.loc[mine, "value"] = 0.0
    run.errors.loc[mine & run.errors["candidate"].eq("delmas"), "value"] = 1.0
    table = coverage_by_level(run.vote()).set_index(["predictor", "nominal"])
    held = table.loc[("market_odds", 0.9)]
    # it names 7 candidates on 6 dates, and one of the seven is inside
    assert held["n"] == 42
    assert held["observed"] == pytest.approx(1 / 7)


def test_files_carry_no_date(drawn: Any) -> None:
    files = canvas.render(drawn("qualify", "single"), ("svg", "pdf")).files
    assert b"<dc:date>" not in files["svg"]
    assert b"CreationDate" not in files["pdf"]


def test_an_unknown_size_is_refused_with_the_published_ones(drawers: Any) -> None:
    with pytest.raises(ConfigError, match="no figure size 'poster'; known: single, double, slide"):
        drawers["shares"]("poster")


def test_settings_of_the_machine_change_nothing(drawers: Any, drawn: Any) -> None:
    import matplotlib as mpl

    plain = canvas.render(drawn("qualify", "single"), ["svg"])
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        assert canvas.render(drawers["qualify"]("single"), ["svg"]) == plain


def test_a_map_without_outlines_is_refused(run: Any) -> None:
    with pytest.raises(DataError, match="no area outlines for xx2031"):
        area_map.area_map(run.vote(), predictor="uniform_swing")


@pytest.mark.parametrize(
    "content", ["", "{}", '{"features": [{"properties": {}, "geometry": {}}]}']
)
def test_a_broken_geojson_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.geojson"
    path.write_text(content)
    with pytest.raises(DataError, match=r"broken.geojson: no GeoJSON with outlines"):
        area_map.outlines(path)


def test_neighbours_keep_their_common_border(tmp_path: Path) -> None:
    squares = {"a": 0.0, "b": 1.013}
    features = [
        {
            "type": "Feature",
            "properties": {"area": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 45], [x + 1.013, 45], [x + 1.013, 46], [x, 46], [x, 45]]],
            },
        }
        for code, x in squares.items()
    ]
    path = tmp_path / "two.geojson"
    path.write_text(json.dumps({"features": features}))
    shapes = area_map.outlines(path)
    assert shapes["a"][0][:, 0].max() == shapes["b"][0][:, 0].min()


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


def test_members_of_a_family_differ_by_tint_and_marker(made_up: Any) -> None:
    facts = made_up()
    colours, markers = canvas.candidate_colours(facts), canvas.candidate_markers(facts)
    assert len({colours["arnoult"], colours["hubert"]}) == 2
    assert len({markers["arnoult"], markers["hubert"]}) == 2


def test_colours_do_not_move_with_the_votes(made_up: Any) -> None:
    facts = made_up()
    turned = made_up(outcome=pd.Series(facts.outcome.to_numpy()[::-1], index=facts.outcome.index))
    assert canvas.candidate_colours(facts) == canvas.candidate_colours(turned)


def test_hundreds_of_candidates_are_not_drawn_one_by_one(
    run_with_areas: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "PANEL_SHARE", 1.0)  # which nobody reaches
    monkeypatch.setattr(errors, "MOST_PANELS", 3)
    for module in (errors, forecasts):
        monkeypatch.setattr(module, "MOST_ROWS", 4)
    drawn = figures_of(run_with_areas.vote(), run_with_areas.headline())
    wrong, shares = (drawn[name]("double") for name in ("signed_errors", "shares"))
    assert len([axis for axis in wrong.axes if axis.get_visible()]) == 4
    assert "Faugère, Belkacem-Roy, Isambert and 4 more." in canvas.words_of(wrong)[1]
    assert len(shares.axes[0].get_yticklabels()) == 4
    assert "The 7 candidates with fewest votes are left out." in canvas.words_of(shares)[1]


@pytest.mark.parametrize("name", ["signed_errors", "qualify"])
@pytest.mark.parametrize("size", list(style.WIDTHS_IN))
def test_long_names_of_methods_keep_off_the_edge_of_the_file(
    name: str, size: str, run: Any
) -> None:
    import matplotlib.image

    long = {name: f"ecological_regression{i}" for i, name in enumerate(run.methods["predictor"])}
    for table in (run.errors, run.forecasts, run.methods):
        table["predictor"] = table["predictor"].map(long)
    figure = figures_of(run.vote(), run.headline())[name](size)
    pixels = matplotlib.image.imread(io.BytesIO(canvas.render(figure, ["png"]).files["png"]))
    assert (pixels[:, :3, :3] == 1).all()
