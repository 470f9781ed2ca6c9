"""The figures of the studies, from the tables under review and made-up ones: labels do not meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from bench.studies.ecological_confounding.plots import confounding
from bench.studies.ecological_inference.plots import known_tables
from bench.studies.election_night.plots import night_figure, sample_figure
from bench.studies.electorates.plots import electorates
from matplotlib.patches import PathPatch

from bench.report.context import ReportContext
from bench.report.figure import Figure
from bench.report.plotting import style
from bench.report.plotting.comparison import comparison, coverage
from bench.report.plotting.layout import settings, words_of
from bench.report.simulated import worth_figure
from bench.studies.breaking_point.plots import breaking_doses
from bench.studies.known_tables import summary_by_dataset
from bench.studies.runoff_by_station.plots import station_density, station_groups
from bench.studies.two_rounds.plots import likely_pairs
from bench.studies.vote_transfers.plots import transfer_levels, transfers
from tests.report.plotting.collisions import collisions, smallest_pt

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

REFERENCE = Path(__file__).resolve().parents[3] / "results" / "reference"
LEAST_PT = 5.0  # of letters, in print
SIZES = list(style.WIDTHS_IN)
LONG = "French presidential election of 2017 under organised manipulation (simulated evidence)"
SOURCE = "Evidence and official votes: CARD.md of the datasets fr2012, fr2017"
FAMILIES = {
    "app_ratings": "app ratings",
    "app_raked": "app ratings",
    "app_robust": "app ratings",
    "online_ballot": "app ratings",
    "buzz_volume": "buzz",
    "buzz_robust": "buzz",
    "buzz_sentiment": "buzz",
    "digital_weight": "buzz",
    "last_poll": "quota polls",
    "quota_poll": "quota polls",
    "polls_plus_buzz": "hybrids",
}
GOALS = ("chereau", "esteve", "abstention", "blank_null")
LEVELS = ("station", "station_by_departement", "commune", "circonscription", "departement")


def doses() -> pd.DataFrame:
    """Curves under review."""
    rows = pd.read_csv(REFERENCE / "2017_r1_manipulation" / "dose_response.csv")
    return rows[rows["scenario"].ne("none")]


def said() -> dict[str, Any]:
    """Facts of the texts of these figures."""
    return facts_of({"response": doses()}) | {"title": LONG}


def night(round_: int = 1) -> pd.DataFrame:
    """Moments under review."""
    rows = pd.read_csv(REFERENCE / "election_night_2017" / "by_moment.csv")
    return rows[rows["round"].eq(round_)]


def samples() -> pd.DataFrame:
    """Samples under review."""
    rows = pd.read_csv(REFERENCE / "election_night_2017" / "samples.csv")
    return rows[rows["round"].eq(1)]


def worth() -> pd.DataFrame:
    """What a ballot is worth for eleven names, some close together."""
    rho = [0.002, 0.0021, -0.0022, 0.0001, 0.01, -0.011, 0.012, 0.00002, 0.03, 0.031, 0.1]
    names = ["dupont_aignan", *(f"candidate_{i}" for i in range(10))]
    return pd.DataFrame(
        {"sample": "real ballot", "candidate": names, "n": 25_000.0, "rho": rho, "n_eff": 1.0}
    )


def moved(facts: ReportContext) -> pd.DataFrame:
    """Transfers of every origin at every level."""
    rng = np.random.default_rng(1)
    rows = []
    for level in LEVELS:
        for origin in (*facts.outcome.index, "no_candidate"):
            for goal, share in zip(GOALS, rng.dirichlet(np.ones(4)), strict=True):
                rows.append(
                    {
                        "level": level,
                        "from_candidate": origin,
                        "to": goal,
                        "share": share,
                        "lower": 0.8 * share,
                        "upper": min(1.0, 1.2 * share),
                        "least": 0.0,
                        "most": min(1.0, 2 * share),
                        "readable": origin != "no_candidate",
                    }
                )
    return pd.DataFrame(rows)


def flows(facts: ReportContext, size: str) -> Drawing:
    """The whole electorate as flows."""
    names = {**facts.names, "no_candidate": "No candidate"}
    mine = moved(facts)
    mine = mine[mine["level"].eq("station")]
    weights = pd.concat([facts.outcome * 0.77, pd.Series({"no_candidate": 0.23})])
    named = replace(facts, names=names)
    return transfers(mine, weights, named, whose="estimated by station", size=size)


def levels(facts: ReportContext, size: str) -> Drawing:
    """The levels of four origins beside other sources."""
    others = pd.DataFrame(
        {
            "source": ["Ipsos survey", "Chataignon published estimate"],
            "from_candidate": "delmas",
            "to": "chereau",
            "share": [0.4, 0.45],
        }
    )
    origins = ["delmas", "faugere", "gaillard_morin", "belkacem_roy"]
    return transfer_levels(moved(facts), others, facts, origins=origins, level=0.9, labels={}).draw(
        size
    )


def pairs() -> pd.DataFrame:
    """Pairs of three forecasts."""
    names = ["macron", "le_pen", "fillon", "melenchon", "dupont_aignan", "hamon"]
    rows = [
        {
            "election": "fr2017",
            "as_of": pd.Timestamp("2017-04-21 20:00"),
            "predictor": predictor,
            "first": names[i],
            "second": names[i + 1],
            "probability": 0.4 / (i + 1),
            "came": i == 0,
        }
        for predictor in ("last_poll", "quota_poll", "poll_tracker")
        for i in range(5)
    ]
    return pd.DataFrame(rows)


def summary() -> pd.DataFrame:
    """Methods in two sets."""
    names = [*FAMILIES, "ecological_regression"]
    return pd.DataFrame(
        {
            "group": [1] * 9 + [2] * 3,
            "predictor": names,
            "votes": [44] * 9 + [20] * 3,
            "relative_skill": np.linspace(1, 9, 12),
            "relative_low": np.linspace(0.8, 8, 12),
            "relative_high": np.linspace(1.5, 10, 12),
        }
    )


def confounded() -> pd.DataFrame:
    """Errors under review by method and dose."""
    return pd.read_csv(REFERENCE / "ecological_confounding" / "by_dose.csv")


def electorate_errors() -> pd.DataFrame:
    """Errors under review by election and method."""
    return pd.read_csv(REFERENCE / "electorates" / "bias_variance.csv")


def attempts(n_elections: int, n_dates: int) -> pd.DataFrame:
    """What became of every attempt, all four ways."""
    rows = [
        {
            "election": f"fr{1965 + 7 * e}",
            "round": r,
            "predictor": name,
            "n_candidates": 11,
            "as_of": pd.Timestamp(1965 + 7 * e, 4, 21, 20) - pd.Timedelta(days=3 * d),
            "status": ("ok", "ok", "abstained", "failed")[(i + d + e) % 4],
            "named": (11, 5, 0, 0)[(i + d + e) % 4],
        }
        for e in range(n_elections)
        for r in ((1, 2) if n_elections > 1 else (1,))
        for d in range(n_dates)
        for i, name in enumerate([*FAMILIES, "ecological_regression"])
    ]
    return pd.DataFrame(rows)


SCENARIOS = ("app_brigading_adaptive", "bot_amplification", "fabricated_polls")


def broken() -> pd.DataFrame:
    """Breaking points of three scenarios, over many powers of ten."""
    rows = [
        {
            "scenario": scenario,
            "beneficiary": "fillon",
            "predictor": name,
            "event": event,
            "status": "found" if i % 4 else "beyond",
            "dose": 10.0 ** (i / 2),
            "unit": "accounts",
            "share_of_honest_users": users * 10.0 ** (i / 2 - 9),
            "low": 10.0 ** (i / 2) / 1.5 if i % 3 else 0.0,
            "high": 10.0 ** (i / 2) * 1.5 if i % 5 else np.inf,
        }
        for users, scenario in zip((3, 1, 2), SCENARIOS, strict=True)
        for i, name in enumerate(FAMILIES)
        for event in ("first", "pair")
    ]
    return pd.DataFrame(rows)


def known() -> pd.DataFrame:
    """Errors under review by dataset, with two systems of others."""
    errors = pd.read_csv(REFERENCE / "ecological_truth" / "errors.csv")
    others = [errors.assign(method=name) for name in ("fastei mvn_pdf", "Goodman (ei.reg)")]
    return summary_by_dataset(pd.concat([errors, *others]), n_resamples=20)


def stations() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Votes by forecast and outcome of eight methods, and their scores."""
    rng = np.random.default_rng(2)
    names = ["hindsight_by_departement", "vote_transfer_learned", *list(FAMILIES)[:6]]
    band = rng.integers(0, 50, (8, 300, 2))
    joint = pd.concat(
        pd.DataFrame(
            {"method": name, "forecast": b[:, 0], "outcome": b[:, 1], "votes": 1 + b[:, 0]}
        )
        for name, b in zip(names, band, strict=True)
    ).drop_duplicates(["method", "forecast", "outcome"])
    return joint, pd.DataFrame({"method": names, "mae": np.linspace(0.02, 0.12, 8), "n": 69_183})


def kinds_of_station() -> pd.DataFrame:
    """Signed errors under review."""
    rows = pd.read_csv(REFERENCE / "stations_2017_r2" / "by_group.csv")
    return rows.assign(bias=rows["bias_pp"] / 100)


def by_kind(size: str) -> Drawing:
    """Signed errors of the methods that are no floors."""
    rows = kinds_of_station()
    methods = [m for m in rows["method"].unique() if m not in ("last_election", "polls_everywhere")]
    return station_groups(
        rows, candidate="Emmanuel Macron", methods=methods, title=LONG, source=SOURCE
    ).draw(size)


def densities(size: str) -> Drawing:
    """Forecast against outcome."""
    joint, scores = stations()
    return station_density(
        joint, scores, candidate="Emmanuel Macron", n_bins=50, title=LONG, source=SOURCE, size=size
    )


DRAWN: dict[str, Callable[[ReportContext, str], Any]] = {
    "transfers": flows,
    "transfer_levels": levels,
    "known_tables": lambda facts, size: known_tables(
        known(), ours=["likelihood"], n_elections=210, caption=SOURCE
    ).draw(size),
    "night": lambda facts, size: night_figure(night(), title=LONG, level=0.9, source=SOURCE).draw(
        size
    ),
    "night_runoff": lambda facts, size: night_figure(
        night(2), title=LONG, level=0.9, source=SOURCE
    ).draw(size),
    "samples": lambda facts, size: sample_figure(
        samples(),
        level=0.9,
        frames={"closed_at_19": "from those closed at 19:00"},
        source=SOURCE,
    ).draw(size),
    "dose_response": lambda facts, size: dose_figure(doses(), FAMILIES, said()).draw(size),
    "heat_map": lambda facts, size: heat_map(doses(), FAMILIES, said()).draw(size),
    "worth": lambda facts, size: worth_figure(worth(), 3.6e7, {})["worth"].draw(size),
    "likely_pairs": lambda facts, size: likely_pairs(pairs(), LONG, SOURCE).draw(size),
    "comparison": lambda facts, size: comparison(summary(), LONG, SOURCE).draw(size),
    "coverage_of_dates": lambda facts, size: coverage(attempts(1, 44), LONG, SOURCE).draw(size),
    "coverage_of_votes": lambda facts, size: coverage(attempts(8, 1), LONG, SOURCE).draw(size),
    "electorates": lambda facts, size: electorates(electorate_errors(), FAMILIES, LONG).draw(size),
    "confounding": lambda facts, size: confounding(
        confounded(),
        default="likelihood",
        level=0.9,
        unit="points per ten by which the area leans",
        title=LONG,
    ).draw(size),
    "stations": lambda facts, size: densities(size),
    "kinds_of_station": lambda facts, size: by_kind(size),
    "breaking_points": lambda facts, size: breaking_doses(broken(), "fillon", LONG, SOURCE).draw(
        size
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", list(DRAWN))
def test_no_two_labels_collide_and_none_leaves_the_sheet(
    name: str, size: str, made_up: Any
) -> None:
    figure = DRAWN[name](made_up(), size)
    assert collisions(figure) == []
    assert smallest_pt(figure) >= LEAST_PT


def test_known_tables_show_one_panel_per_variant() -> None:
    figure = known_tables(known(), ours=["likelihood"], n_elections=210, caption=SOURCE).draw()
    assert [axis.get_title(loc="left")[:2] for axis in figure.axes] == ["m3", "fu"]


def test_a_night_shows_the_first_order_and_the_two_hardest() -> None:
    figure = night_figure(
        night(), title="Night", level=0.9, source=SOURCE, claim="It was close."
    ).draw()
    shown = [axis.get_title(loc="left") for axis in figure.axes if axis.get_visible()]
    assert shown == ["realistic", "strongholds first", "against the past", *[""] * 3]
    title, caption = words_of(figure)
    assert title == "It was close"
    assert "3 more orders, in which the estimates err less" in caption


def test_a_claim_is_the_title_and_the_title_begins_the_caption() -> None:
    figure = Figure(
        title="Who won?",
        caption="Votes.",
        claim="four of five won.",
        height=1.0,
        panels={1: "a", 2: "b", 3: "c"},
        per_line=2,
        marks=(),
    ).draw()
    assert words_of(figure) == ("Four of five won", "Who won? Votes.")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["a", "b", "c", ""]
    assert [axis.get_visible() for axis in figure.axes] == [True, True, True, False]


def test_what_should_not_be_read_has_no_colour(made_up: Any) -> None:
    figure = flows(made_up(), "double")  # those who chose nobody are marked
    faces = [one.get_facecolor() for one in figure.axes[0].patches if isinstance(one, PathPatch)]
    hollow = [face for face in faces if face[3] == 0]
    assert 0 < len(hollow) <= len(GOALS)
    assert len(hollow) < len(faces)
    assert "Hollow: " in words_of(figure)[1]


def test_no_more_than_six_scenarios_of_many_have_a_panel() -> None:
    figure = dose_figure(doses(), FAMILIES, said()).draw()
    assert sum(axis.get_visible() for axis in figure.axes) == 6


def test_every_mark_of_breaking_points_is_about_one_candidate() -> None:
    marks = broken()
    other = marks.assign(beneficiary="hamon", dose=1e-3)  # cheaper
    figure = breaking_doses(pd.concat([marks, other]), "fillon", "T", SOURCE).draw()
    drawn = [
        float(dose) for axis in figure.axes for line in axis.lines for dose in line.get_xdata()
    ]
    assert sorted(drawn) == sorted(marks.loc[marks["status"].eq("found"), "dose"])


def test_a_name_is_as_wide_in_a_file_as_laid_out() -> None:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    widths = []
    for dpi in (72, 100, 200):
        with rc_context(settings("double")):
            figure = Figure(dpi=dpi)
            FigureCanvasAgg(figure)
            box = figure.text(0, 0, "The polls that attention is calibrated on").get_window_extent()
        widths.append(box.width / dpi)
    assert max(widths) < 1.01 * min(widths)


def test_a_method_that_abstained_is_drawn_hollow_and_never_as_an_answer() -> None:
    figure = coverage(attempts(1, 4), "T", SOURCE).draw()
    drawn = {line.get_marker(): len(line.get_xdata()) for line in figure.axes[0].get_lines()}
    assert drawn == {"s": 12, "D": 12, "_": 12, "x": 12}


def test_votes_stand_where_forecast_and_outcome_meet() -> None:
    joint = pd.DataFrame({"method": "m", "forecast": [40], "outcome": [10], "votes": [100]})
    scores = pd.DataFrame({"method": ["m"], "mae": [0.6], "n": [1]})
    figure = station_density(
        joint, scores, candidate="A", n_bins=50, title="T", source="S", size="single"
    )
    image = figure.axes[0].get_images()[0]
    (drawn,) = np.argwhere(~np.ma.getmaskarray(image.get_array()))
    assert drawn.tolist() == [10, 40]  # row from below is the outcome, column the forecast
    assert image.origin == "lower"


def test_every_group_has_a_dot_of_every_method() -> None:
    figure = by_kind("double")
    rows = kinds_of_station()
    dots = [
        len(line.get_xdata())
        for axis in figure.axes
        for line in axis.lines
        if line.get_marker() != "None"
    ]
    assert sum(dots) == 6 * len(rows[["partition", "group"]].drop_duplicates())


@pytest.mark.parametrize("size", SIZES)
def test_electorates_are_dots_and_what_a_lot_does_not_change_is_drawn_once(size: str) -> None:
    rows = [
        (election, kind, method, rmse)
        for election in ("fr2012", "fr2017")
        for kind, method, rmse in (
            ("self-selected", "app", 9.0),
            ("by lot", "app", 0.2),
            ("self-selected", "poll", 1.0),
            ("by lot", "poll", 1.0),
        )
    ]
    table = pd.DataFrame(rows, columns=["election", "volunteers", "predictor", "rmse_pp"])
    (axis,) = electorates(table, {"app": "app ratings"}, "Many").draw(size).axes
    assert sum(len(line.get_xdata()) for line in axis.lines) == 6


@pytest.mark.parametrize("size", SIZES)
def test_confounding_has_a_panel_of_errors_and_one_of_coverage(size: str) -> None:
    rows = [
        (dose, method, 12, 2.0 + dose, 1.5 + dose, 2.5 + dose, 0.9, 0.8)
        for dose in (0.0, 1.0)
        for method in ("likelihood", "goodman")
    ]
    names = [
        "dose",
        "method",
        "replicates",
        "error_index",
        "low",
        "high",
        "covered",
        "covered_votes",
    ]
    figure = confounding(
        pd.DataFrame(rows, columns=names),
        default="likelihood",
        level=0.9,
        unit="points",
        title="Confounded",
    ).draw(size)
    left, right = figure.axes
    assert len(left.lines) == 2
    assert len(right.lines) == 3
