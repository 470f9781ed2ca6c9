"""Reference results: made by `python -m tests.golden.reference`, policed by the tests beside.

Without a name it makes all of them, with one run of each experiment, and the generated tables of
README and a few pages. `toy` makes those on the made-up country: every experiment, small.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import pandas as pd
from PIL import Image

from bench.core.compose import compose
from bench.core.language import listed
from bench.core.options import label
from bench.core.settings import Experiment
from bench.report.context import names_of
from bench.report.formatting import MISSING, format_fixed
from bench.report.plotting.layout import render
from bench.studies.backtest.facts import NOTES
from bench.studies.backtest.tables import one_row_each, verdict
from bench.studies.run import Run, execute
from tests.golden import facts
from tests.plug_in import example_on_the_path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "results" / "reference"
SHORT = names_of(["fr2017"])
STATEMENTS = ("gov_claim", "vigiglobe_places")  # of those without shares, the ones of the README
README_NOTE = (
    "Points: mean absolute error per candidate in percentage points; the {n_compared} are "
    "{subset}, whom the polls then gave 10 % or more, renormalised among them. A kind is the range "
    "of all its methods. "
    "**One election is one draw: the order of the rows is not a ranking.** [Every method]"
    "(results/reference/2017_r1/headline.md), [chances of the runoff]"
    "(results/reference/2017_r1/odds.md)."
)
QUICK = ("2017_r1", "2017_r1_eve", "2017_r2", "2017_chain", "2022_r1", "2022_r2")
SIMULATED = ("2017_r1_manipulation",)
POLLS = ("history", "history_chain")
POLL_METHODS = ("last_poll", "quota_poll", "poll_tracker", "poll_tracker_alone", "stack")
POLL_SCORES = (
    "signed_error",
    "crps",
    *("inside_50", "inside_80", "inside_90", "inside_95"),
    "pit",
    *("brier_qualify", "log_qualify"),
)
LAGS = (None, 1, 2, 4)
LAGGED = {
    "history": "predictor=[last_poll,quota_poll,poll_tracker]",
    "2017_r1_horizon": "predictor=[last_poll,quota_poll,poll_tracker]",
}
FEW = ("simulation.replicates=50", "execution=serial")
KEPT = (
    "tables/headline.csv",
    "tables/headline.md",
    "tables/full_ballot.csv",
    "tables/full_ballot.md",
    "tables/odds.csv",
    "tables/odds.md",
    "tables/chain.csv",
    "tables/chain.md",
    "tables/pairs.csv",
    "tables/pairs.md",
)
PICTURES = {"2017_r1": "closest"}  # figures in docs/pictures
DIGITS = 8


def experiment_of(name: str, *changes: str) -> Experiment:
    """The settings of an experiment that ships, or that the example of a package brings."""
    with example_on_the_path() if name == "rival" else nullcontext():
        return compose(f"+experiment={name}", *changes)


def run_of(name: str, *changes: str, results: str = "") -> Run:
    """One execution of a shipped experiment; without a folder nothing is cached or written."""
    return execute(experiment_of(name, *changes, f"results='{results}'"))


def policed(errors: pd.DataFrame) -> pd.DataFrame:
    """The rows that are kept: everything national, rounded to what another machine agrees on."""
    rows = errors[errors["area"] == "national"]
    return rows.assign(value=rows["value"].round(DIGITS)).reset_index(drop=True)


def make(name: str) -> None:
    """Run an experiment and put its results under review."""
    target = FOLDER / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    run = run_of(name)
    policed(run.errors).to_csv(target / "errors.csv", index=False, lineterminator="\n")
    with tempfile.TemporaryDirectory() as folder:
        place = run.save(folder, [f"+experiment={name}"]).folder
        assert place is not None
        for kept in KEPT:
            if (place / kept).is_file():
                shutil.copy(place / kept, target / Path(kept).name)
    if name in PICTURES:
        draw_picture(name, run)
    facts.keep(run, target)


def draw_picture(name: str, run: Run) -> None:
    """The figure of a run that README and docs show."""
    drawn = render(run.figure(PICTURES[name]), ("png",)).files["png"]
    few_colours = Image.open(BytesIO(drawn)).convert("RGB").quantize(64)
    few_colours.save(ROOT / "docs" / "pictures" / f"{name}.png", optimize=True)


def polled(name: str, run: Run) -> pd.DataFrame:
    """Scores of the poll methods over the elections of a run.

    `history`: one row per vote, predictor and candidate with the scores of `POLL_SCORES` on the
    whole ballot (those of the ballot stand in a row without a candidate). `history_chain`: one row
    per election and predictor with every score of a chain and what the runoff that
    came rests on.
    """
    if name == "history":
        rows = policed(run.errors)
        rows = rows[rows["ballot"].eq("all") & rows["metric"].isin(POLL_SCORES)]
        keys = ["election", "round", "predictor", "candidate"]
        wide = rows.pivot(index=keys, columns="metric", values="value")[list(POLL_SCORES)]
        return wide.round(DIGITS - 2).reset_index()
    keys = ["election", "predictor"]
    wide = policed(run.errors).pivot(index=keys, columns="metric", values="value")
    pairs = run.table("pairs")
    came = pairs[pairs["came"]].set_index(keys)["basis"]
    return wide.round(DIGITS - 2).assign(basis=came).reset_index()


def make_lags(name: str) -> None:
    """Run the poll methods with polls dated by several rules and put the means under review."""
    place = FOLDER / "publication_lags" / f"{name}.csv"
    place.parent.mkdir(exist_ok=True)
    lags(name).to_csv(place, index=False, lineterminator="\n")


def lags(name: str) -> pd.DataFrame:
    """Mean scores of the poll methods, polls without a stated day dated by four rules.

    One row per rule, round and predictor: votes (and dates) answered, mean CRPS and absolute
    error over the whole ballot, percentage points, and the outcomes inside 90 % intervals.
    """
    blocks = []
    for lag in LAGS:
        rule = "null" if lag is None else lag
        rows = policed(run_of(name, LAGGED[name], f"poll_lag_days={rule}").errors)
        rows = rows[rows["ballot"].eq("all") & rows["candidate"].ne("")]
        asked = ["round", "predictor", "election", "as_of"]
        each = rows.pivot_table(index=asked, columns="metric", values="value").reset_index()
        mean = each.groupby(["round", "predictor"]).agg(
            votes=("crps", "size"),
            crps_pp=("crps", "mean"),
            mae_pp=("absolute_error", "mean"),
            inside_90=("inside_90", "mean"),
        )
        mean[["crps_pp", "mae_pp"]] *= 100
        rule = "by series" if lag is None else f"{lag} day{'s' if lag > 1 else ''}"
        blocks.append(mean.round(3).reset_index().assign(lag=rule))
    table = pd.concat(blocks, ignore_index=True)
    return table[["lag", *table.columns.drop("lag")]]


def readme_block() -> str:
    """The headline as the README shows it: kinds of evidence, and who stated places alone."""
    whole = pd.read_csv(FOLDER / "2017_r1" / "headline.csv", keep_default_na=False)
    for key in ("mae_pp", "mae_all_pp", "evidence_age_days", "n_candidates"):
        whole[key] = pd.to_numeric(whole[key])
    errors = pd.read_csv(FOLDER / "2017_r1" / "errors.csv")
    compared = sorted(set(errors.loc[errors["ballot"].eq("compared"), "candidate"].dropna()))
    note = README_NOTE.format(
        n_compared=len(compared), subset=listed([SHORT[name] for name in compared])
    )
    heads = ["evidence", "age in days", f"points, {len(compared)} candidates"]
    heads += [f"points, all {int(whole['n_candidates'].max())}", "first place right"]
    rows = one_row_each(whole[whole["block"].ne("none")])
    lines = [f"| {' | '.join(heads)} |", "| --- | ---: | ---: | ---: | --- |"]
    for kind, of_kind in rows.groupby("kind", sort=False):
        lines.append(_readme_line(NOTES.text("kind", key=str(kind)).capitalize(), of_kind))
    for name in STATEMENTS:
        lines.append(
            _readme_line(f"{label('predictor', name)}*", whole[whole["predictor"].eq(name)])
        )
    return "\n\n".join(["\n".join(lines), f"\\* An order without shares. {note}"])


def _readme_line(name: str, rows: pd.DataFrame) -> str:
    """The range of some methods, and how many of them had the first place right."""
    is_right = rows["first_right"].map(_true)
    right = f"{is_right.sum()} of {len(rows)}"
    if len(rows) == 1:
        right = verdict(bool(is_right.iloc[0]), SHORT.get(rows["first_named"].iloc[0], "tie"))
    cells = [
        name,
        _span(rows["evidence_age_days"], 0),
        _span(rows["mae_pp"], 1),
        _span(rows["mae_all_pp"], 1),
        right,
    ]
    return f"| {' | '.join(cells)} |"


def _span(values: pd.Series, digits: int) -> str:
    if values.isna().all():
        return MISSING
    low, high = (format_fixed(end, digits) for end in (values.min(), values.max()))
    return NOTES.text("span", low=low, high=high)


def _true(text: object) -> bool:
    return str(text).lower() == "true"


def make_any(name: str) -> None:
    """Put one reference under review, whoever makes it."""
    from tests.golden import studies, test_ecological_truth

    if name == "publication_lags":
        for lagged in LAGGED:
            make_lags(lagged)
    elif name == "toy":
        for experiment in studies.TOY:
            studies.make(f"toy/{experiment}")
    elif name == "ecological_truth":
        test_ecological_truth.make()
    elif name in QUICK:
        make(name)
    else:
        studies.make(name)


def make_all() -> None:
    """Put every reference under review, and with them the generated tables of README and docs."""
    from tests.golden import pages, studies

    for name in (*QUICK, *studies.TABLES, "ecological_truth", "publication_lags", "toy"):
        make_any(name)
    for block in pages.BLOCKS:
        pages.make(block)


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        make_any(wanted)
    if not sys.argv[1:]:
        make_all()
