"""Reference tables of the studies: of one made by `python -m tests.golden.studies NAME`.

All are made by `python -m tests.golden.reference`, those of every experiment on the made-up country
by `python -m tests.golden.reference toy`, of one by `python -m tests.golden.studies toy/2017_r1`.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from bench.core import paths
from bench.core.assurance import COLUMN
from bench.core.write import csv_text
from bench.report.figure import Figure as Description
from bench.report.tables import Table
from bench.studies.run import Run
from tests.golden import facts
from tests.golden.reference import DIGITS as SCORE_DIGITS
from tests.golden.reference import FEW, FOLDER, POLL_METHODS, POLLS, polled, run_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLES = {
    "stations_2017_r2": ("stations", "by_group", "pairs", "rates", "ranking", "transfers"),
    "2017_r1_spoiled_apps": ("dose_response",),
    "attention": ("by_day", "summary", "hindsight", "answers"),
    "track_record": ("pairs", "countries", "moments", "sensitivity", "seen", "extent"),
    "report_2018": (),  # what its page is made of is under review
}
BOARD = ("errors", "intervals", "chances")
SEASON = ("chances_by_day", "people", "summary")
TABLES |= {"2017_rehearsal": SEASON, "2022_rehearsal": SEASON}
TABLES |= {
    "history": ("errors", "summary", "by_round", "by_vote", "odds", "missing"),
    "history_chain": ("errors", "chain", "pairs", "elected"),
    "2017_r1_manipulation": (
        *("dose_response", "bias_variance", "verdicts", "validation", "worth"),
    ),
    **dict.fromkeys(("2017_board", "2022_board", "brazil_2026_board"), BOARD),
    "2027_board_in_october": ("latest", "apart"),
    "2027_r1_in_october": (
        "mixture",
        "slates",
        "favourites",
        "forecast",
        "likely_pairs",
        "long_history",
        "list_pairs",
        "elected",
        "past_performance",
        "methods_now",
    ),
}
# by experiment: what is asked of it where that is less than all, or on a day of its own
ASKED = {
    "history": (f"predictor=[{','.join(POLL_METHODS)}]",),
    "2017_r1_manipulation": FEW,
    "2027_r1_in_october": ("as_of=['2026-10-07T20:00']",),
    "2027_board_in_october": ("as_of=['2026-10-11T20:00']",),
}
DIGITS = 6
KEYS = frozenset(
    "election round candidate area predictor method family other stratum country kind measure "
    "ballot metric days_before lag_days lag distortion dose unit instrument "
    "beneficiary electorate conclusion band vote estimator allowed order moment quantity level "
    "from_candidate to leaves comes rule group population dataset variant system source "
    "calibrated_on".split()
)
"""Columns that name a row; every other text is a result."""
UNHELD = ["wall_s", "cpu_s"]  # by the clock
UNPOLICED = ("errors", "timings")  # held as `scores`; by the clock
NAMED = {*KEYS, "as_of", "date", "replicate"}  # columns that name a row
CHANCES = ("p_", "mae_q")  # of few replicates, of which last bits can draw one anew
MANY = 600  # rows of a table on the made-up country that is compressed
SHOWN_CELLS = 10  # of each table that moved
TOY_ALONE = ("elections=[toy]", "include_embargoed=[]")  # owners of others: seconds to look for
EVENING = (*TOY_ALONE, "hour='20:00'")
THREE = ("elections=[toy,toy_prior1,toy_prior2]",)
OPEN_BALLOT = ("include_embargoed=[open_ballot]", "predictors.online_ballot.source=open_ballot")
# by experiment: the settings that bring it to the made-up country
SIMULATED = (
    *(*TOY_ALONE, "n_draws=200"),
    *("simulation.replicates=4", "simulation.block=4"),
)
# on the made-up country too; others of their studies are quicker
SLOW = ("2017_breaking_point", "2017_r1_bias", "2017_r1_spoiled_polls", "2017_rehearsal")
SEASON_OF_TOY = ("elections=[toy]", "days_before=[30,2]", "n_draws=400")
BOARD_OF_TOY = ("elections=[toy]", "days_before=[30,2]", "n_draws=200")
TRACKED = (  # a method or two of each family that the made-up country can have
    *("uniform", "last_election", "polls_30_days_ago", "last_poll"),
    *("online_ballot", "app_ratings", "attention_share", "market_odds", "filteris"),
)
TOY: dict[str, tuple[str, ...]] = {
    "2017_areas": EVENING,
    "2017_board": BOARD_OF_TOY,
    "2022_board": BOARD_OF_TOY,
    "brazil_2026_board": BOARD_OF_TOY,
    "2027_board": ("elections=[toy]", "as_of=['2031-04-04T20:00']", "n_draws=200"),
    "2017_chain": EVENING,
    "2017_breaking_point": (
        *SIMULATED,
        "distortion=[industry_error,house_effect,app_brigading]",
        "simulation.steps=3",
        "simulation.draws=2",
        "simulation.replicates_of_a_draw=2",
        "simulation.replicates_of_sensitivity=2",
        "simulation.steps_of_worlds=2",
        "simulation.beneficiaries=[place_3]",
    ),
    "2017_r1": EVENING,
    "2017_r1_bias": (*SIMULATED, "distortion=[industry_error,house_effect,self_selection]"),
    "2017_r1_eve": ("elections=[toy]", "include_embargoed=[embargoed_ballot]"),
    "2017_r1_horizon": (*TOY_ALONE, "days_before=[30,2]"),
    "2017_r1_manipulation": (*SIMULATED, "distortion=[industry_error,house_effect,app_brigading]"),
    "2017_r1_spoiled_apps": (
        "elections=[toy]",
        "include_embargoed=[open_ballot]",
        "predictors.app_ratings.source=thumbs",
        "predictors.online_ballot.source=open_ballot",
        "distortions.app_brigading.beneficiary=quill",
        "distortions.coordinated_down_rating.targets=[thorne]",
        "distortions.coordinated_down_rating.serves=quill",
        "distortions.vote_budget_farming.beneficiary=quill",
    ),
    "2017_r1_spoiled_polls": (
        *EVENING,
        "predictor=[last_poll,quota_poll,poll_tracker]",
        "simulation.replicates=2",
    ),
    "2017_rehearsal": SEASON_OF_TOY,
    "2017_r2": EVENING,
    "2017_r2_horizon": (*TOY_ALONE, "days_before=[13,2]"),
    "2022_r1": EVENING,
    "2022_r2": EVENING,
    "2022_rehearsal": SEASON_OF_TOY,
    "2027_r1": (*TOY_ALONE, "as_of=['2031-04-04T20:00']", "n_draws=400", "settings.fan_days=20"),
    "attention": (
        *THREE,
        "rounds=[1]",
        "n_draws=100",
        "include_embargoed=[]",
        "settings.calibrated_days=[30,14]",
        "++settings.counts.chirper=[tweets]",
    ),
    "duels": (
        *SIMULATED,
        "distortions.app_brigading.doses=[0,1000]",
        "distortions.duel_brigading.doses=[0,1000]",
    ),
    "ecological_truth": (
        "settings.first=2",
        "settings.n_draws=20",
        "settings.confounding.election=toy",
        "settings.confounding.replicates=2",
        "settings.confounding.n_units=60",
        "settings.confounding.n_draws=20",
        "distortions.ecological_confounding.doses=[0,0.5,1]",
    ),
    "history": THREE,
    "history_chain": THREE,
    "own": ("rounds=[1,2]",),
    "rival": (
        "elections=[toy]",
        "predictor=[last_poll,quota_poll,poll_tracker]",
        "+settings.categories={toy:[ferrier,quill,thorne]}",
    ),
    "report_2018": (
        *TOY_ALONE,
        "days_before=[2,7]",
        "predictor=[last_poll]",
        "settings.publishers={buzz:[loudmeter,chirper_sentiment,gambit]}",
        "settings.daily=2",
        "settings.systems_of=toy",
        "settings.stations=['+experiment=stations_2017_r2','elections=[toy]',"
        "'hour=\"20:00\"','predictor=[polls_everywhere]',"
        "'settings.n_resamples=10','settings.hindsight=[]']",
    ),
    "stations_2017_r2": (*EVENING, "settings.n_resamples=200", "settings.transfer_draws=20"),
    "track_record": (
        *THREE,
        "days_before=[7,0]",
        "n_draws=200",
        "include_embargoed=[open_ballot]",
        f"predictor=[{','.join(TRACKED)}]",
        *(f"~settings.families.{family}" for family in ("poll_average", "poll_tracker", "swing")),
        "settings.lags_days=[2,4]",
        "predictors.online_ballot.source=open_ballot",
        "predictors.app_ratings.source=thumbs",
        "predictors.filteris.publisher=loudmeter",
    ),
    "volunteers_2017": ("elections=[toy]", *OPEN_BALLOT),
    "volunteers_2022": ("elections=[toy]", *OPEN_BALLOT),
}
EXPERIMENTS = {path.stem for path in (paths.configs() / "experiment").glob("*.yaml")}
TOY |= dict.fromkeys(sorted(EXPERIMENTS - TOY.keys()), ())  # these are about it as they are
# held to be whole in French, one of each study that has a French text
IN_FRENCH = (
    *("2017_r1_horizon", "own", "2017_chain", "2017_r1_manipulation"),
    *("2027_r1", "2022_rehearsal", "track_record", "report_2018", "2022_board"),
)


def frames_of(run: Run, *, figures: bool = True) -> dict[str, pd.DataFrame]:
    """Every table of a run as files hold it, by name, and the rows behind every figure.

    Tables of the report have their own names; those that are on the page alone begin with `page_`,
    those of the results with `long_`, rows behind a figure with `figure_`. `scores` holds the
    errors: one row per vote, moment, predictor, area, ballot and candidate, and a column per score
    (those of a whole ballot stand in a row without a candidate).
    """
    shown, results = run.shown, run.results.tables
    found = {one.name: one.data for one in shown.tables}
    errors = results.get("errors", pd.DataFrame())
    if "metric" in errors:
        keys = [key for key in errors if key not in ("metric", "value")]
        found["scores"] = errors.pivot(index=keys, columns="metric", values="value").reset_index()
    on_page = (one for one in shown.page_sections if isinstance(one, Table))
    more = {f"page_{one.name}": one.data for one in on_page if one.name not in found}
    more |= {f"long_{name}": rows for name, rows in results.items() if name not in UNPOLICED}
    for name in shown.figures if figures else ():
        chart, figure = shown.charts.get(name), shown.figures[name]
        if chart is not None:
            rows = chart.rows
        elif isinstance(figure, Description):
            rows = rows_of(figure)
        else:
            rows = marks_of(run.figure(name))
        more[f"figure_{name}"] = rows
        beside = {} if chart is None else chart.more
        more |= {f"figure_{name}_{key}": rows for key, rows in beside.items()}
    known = [rows.drop(columns=COLUMN, errors="ignore") for rows in found.values()]
    for name, rows in more.items():
        plain = rows.drop(columns=COLUMN, errors="ignore")
        if not any(plain.equals(other) for other in known):  # once is enough
            found[name] = rows
            known.append(plain)
    return {name: as_in_a_file(name, rows) for name, rows in found.items()}


def as_in_a_file(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """A table read back from CSV, without what differs from run to run."""
    if name == "scores":  # where nothing is simulated these columns say nothing
        varied = [key for key in ("distortion", "dose", "replicate") if key in rows]
        gone = [key for key in varied if rows[key].nunique() == 1]
    else:
        gone = UNHELD
    text = csv_text(rows.drop(columns=gone, errors="ignore"))
    return pd.read_csv(io.StringIO(text)).round(SCORE_DIGITS if name == "scores" else DIGITS)


def rows_of(figure: Description) -> pd.DataFrame:
    """The rows behind every mark of a figure, with the columns that are drawn."""
    parts = []
    for number, mark in enumerate(figure.marks):
        if mark.rows is None:
            continue
        drawn = (figure.panel, mark.x, mark.y, mark.to, mark.by, mark.text, mark.hollow)
        keys = [key for key in dict.fromkeys(drawn) if key in mark.rows]
        parts.append(mark.rows[keys].assign(mark=f"{number} {mark.kind}"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"mark": []})


def marks_of(figure: Figure) -> pd.DataFrame:
    """Where the lines, dots and areas of a figure lie, in the units of its axes, by series."""
    rows = []
    for panel, axes in enumerate(figure.axes):
        drawn = [np.asarray(line.get_xydata()) for line in axes.lines]
        for many in axes.collections:
            corners = [np.zeros((0, 2)), *(np.asarray(path.vertices) for path in many.get_paths())]
            dots = type(many).__name__ == "PathCollection"
            drawn.append(np.asarray(many.get_offsets()) if dots else np.concatenate(corners))
        for series, places in enumerate(drawn):
            rows += [(panel, series, *place) for place in places]
    return pd.DataFrame(rows, columns=["panel", "series", "x", "y"])


def run_under_review(name: str) -> Run:
    """Run a study with what is asked of it under review."""
    return run_of(name.removesuffix("_in_october"), *ASKED.get(name, ()))


def tables_of(name: str, run: Run) -> dict[str, pd.DataFrame]:
    """The tables of a run that are under review."""
    found = frames_of(run, figures=False)
    if name in POLLS:
        found["errors"] = as_in_a_file("errors", polled(name, run))
    return {table: found[table] for table in TABLES[name]}


def toy_run(name: str) -> Run:
    """Run an experiment on the made-up country."""
    return run_of(name, *TOY[name], "execution=serial")


def differences(
    now: dict[str, pd.DataFrame],
    then: dict[str, pd.DataFrame],
    *,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    atol_of_chances: float | None = None,
    ordered: bool = True,
) -> str:
    """What moved between two versions of the tables of a run, in lines; empty if nothing did.

    Rows are paired by the columns that name them where these differ in every row, else by place.
    """
    one_sided = sorted(now.keys() ^ then.keys())
    lines = [f"{name}: {'new' if name in now else 'gone'}" for name in one_sided]
    for name in sorted(now.keys() & then.keys()):
        new, old = now[name], then[name]
        if new.equals(old):
            continue
        if list(new) != list(old):
            lines.append(f"{name}, columns: {list(old)} -> {list(new)}")
        both = [column for column in old if column in new]
        if not ordered:
            words = [column for column in both if not is_numeric_dtype(old[column])]
            new, old = (one.sort_values(words, kind="stable") for one in (new, old))
        keys = [_rows(one, [key for key in both if key in NAMED]) for one in (new, old)]
        if not all(one.is_unique for one in keys):
            keys = [pd.RangeIndex(len(one)) for one in (new, old)]
        new, old = new.set_axis(keys[0]), old.set_axis(keys[1])
        lines += [f"{name}, row {row}: new" for row in new.index.difference(old.index)]
        lines += [f"{name}, row {row}: gone" for row in old.index.difference(new.index)]
        order, before = (mine[mine.isin(other)] for mine, other in (keys, keys[::-1]))
        swapped = [pair for pair in zip(before, order, strict=True) if pair[0] != pair[1]]
        for was, is_ in swapped[:1] if ordered else ():
            lines.append(f"{name}, order of rows: {is_} where {was} was; {len(swapped)} moved")
        cells = [
            f"{name}, row {row}, {column}: {was} -> {is_}"
            for column in both
            for row, was, is_ in _moved(
                new.loc[before, column],
                old.loc[before, column],
                rtol,
                atol_of_chances if atol_of_chances and column.startswith(CHANCES) else atol,
            )
        ]
        left_out = len(cells) - SHOWN_CELLS
        lines += cells[:SHOWN_CELLS] + ([f"{name}: {left_out} more"] if left_out > 0 else [])
    return "\n".join(lines)


def _rows(table: pd.DataFrame, named_by: list[str]) -> pd.Index:
    """What names each row, in words."""
    return pd.Index([" ".join(map(str, row)) for row in table[named_by].to_numpy()])


def _moved(
    new: pd.Series, old: pd.Series, rtol: float, atol: float
) -> Iterator[tuple[object, object, object]]:
    """Row, before and after of every cell of a column that moved."""
    numbers = [pd.to_numeric(one, errors="coerce").astype(float) for one in (new, old)]
    same = np.isclose(*numbers, rtol=rtol, atol=atol) | new.eq(old) | (new.isna() & old.isna())
    return zip(old.index[~same], old[~same], new[~same], strict=True)


def held(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a folder under review; none where it was never made."""
    return {path.name.split(".")[0]: pd.read_csv(path) for path in sorted(folder.glob("*.csv*"))}


def moved_facts(name: str, run: Run, **near: Any) -> str:
    """What moved of what the pages of a reviewed result are made of, as `differences` says it."""
    then = facts.reviewed(FOLDER / name)
    if not then:
        return f"no pages: python -m tests.golden.reference {name}"
    now = facts.remade(run, then)
    now = {table: as_in_a_file(table, rows) for table, rows in now.items()}
    then = {table: as_in_a_file(table, rows) for table, rows in then.items()}
    return differences(now, then, **near)


def make(name: str) -> None:
    """Put the tables of a study under review; those of an experiment on the made-up country."""
    toy = name.startswith("toy/")
    run = toy_run(name.removeprefix("toy/")) if toy else run_under_review(name)
    found = frames_of(run) if toy else tables_of(name, run)
    target = FOLDER / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for table, rows in found.items():
        packed: Any = (
            {"compression": {"method": "gzip", "mtime": 0}} if toy and len(rows) > MANY else {}
        )
        path = target / f"{table}.csv{'.gz' if packed else ''}"
        rows.to_csv(path, index=False, lineterminator="\n", **packed)
    if not toy:
        facts.keep(run, target)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("accepted: names, such as attention or toy/2017_r1")
    for wanted in sys.argv[1:]:
        make(wanted)
