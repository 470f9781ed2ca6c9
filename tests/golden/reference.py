"""Reference results: made by `python -m tests.golden.reference`, policed by the tests beside.

Without a name it makes all of them, with one run of each experiment, and the generated tables of
README and a few pages. `toy` makes those on the made-up country: every experiment, small.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.compose import compose
from bench.core.language import listed
from bench.core.options import label
from bench.core.settings import Experiment
from bench.report.context import names_of
from bench.report.formatting import MISSING, format_fixed, format_probability, format_significant
from bench.report.plotting.layout import render
from bench.studies.backtest.facts import NOTES
from bench.studies.backtest.findings import kinds_facts
from bench.studies.backtest.tables import FILLED, POINT, one_row_each, verdict
from bench.studies.run import Run, execute
from tests.golden import facts
from tests.plug_in import example_on_the_path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "results" / "reference"
SHORT = names_of(["fr2017"])
MARKS = {"†": "converted: ", "‡": "compiled or published later"}
README_NOTE = (
    "Points: mean absolute error in percentage points, over {subset}, to whom the polls published "
    "by then gave 10 % or more; all: over all {n} candidates (°: what is left of 1 is divided "
    "equally among those not named). Age: days from the newest evidence to the vote. Rows stand by "
    "kind of evidence, within a kind by CRPS, which judges the stated spread too (·: none; "
    "Monte-Carlo standard error at most {monte_carlo}). Pair: whether the two of the runoff were "
    "named, and the probability given to them. † converted to shares by a stated rule; ‡ compiled "
    "or released later, and dated by when it first existed. "
    "**One election is one draw (n = 1): the order of the rows is not a ranking.** "
    "[All columns](results/reference/2017_r1/headline.md), "
    "[chances of the runoff](results/reference/2017_r1/odds.md)."
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
PICTURES = {"2017_r1": ("signed_errors",)}  # of the README
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
    for picture in PICTURES.get(name, ()):
        drawn = render(run.figure(picture), ("png",)).files["png"]
        (target / f"{picture}.png").write_bytes(drawn)
    facts.keep(run, target)


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
    """The headline as the README shows it: kinds of evidence, then methods with few columns."""
    whole = pd.read_csv(FOLDER / "2017_r1" / "headline.csv", keep_default_na=False)
    numbers = ["mae_pp", "crps_pp", "crps_mc_error_pp", "mae_all_pp", "p_pair"]
    for key in (*numbers, "evidence_age_days", "n_candidates"):
        whole[key] = pd.to_numeric(whole[key])
    errors = pd.read_csv(FOLDER / "2017_r1" / "errors.csv")
    compared = sorted(set(errors.loc[errors["ballot"].eq("compared"), "candidate"].dropna()))
    note = README_NOTE.format(
        subset=listed([SHORT[name] for name in compared]),
        monte_carlo=format_significant(whole["crps_mc_error_pp"].max(), 2),
        n=int(whole["n_candidates"].max()),
    )
    parts = [_kinds_table(whole, len(compared)), _methods_table(whole), _statements(whole), note]
    return "\n\n".join(parts)


def _kinds_table(whole: pd.DataFrame, n_compared: int) -> str:
    """Ranges over the compared methods of each kind of evidence, and equal shares."""
    n_candidates = int(whole["n_candidates"].max())
    head = ["kind of evidence", "age in days", f"points, {n_compared} candidates"]
    lines = [
        f"| {' | '.join([*head, f'points, all {n_candidates}'])} |",
        "| --- | ---: | ---: | ---: |",
    ]
    kinds, equal_shares = kinds_facts(whole)
    assert equal_shares is not None
    for errors in (*kinds, equal_shares):
        cells = [
            NOTES.text("kind", key=errors.kind).capitalize(),
            _span(errors.age, 0),
            _span(errors.error, 1),
            _span(errors.whole, 1),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _span(ends: tuple[float, float] | None, digits: int) -> str:
    if ends is None:
        return MISSING
    low, high = (format_fixed(end, digits) for end in ends)
    return NOTES.text("span", low=low, high=high)


def _methods_table(whole: pd.DataFrame) -> str:
    """A row per national forecast, below a line for its kind of evidence."""
    head = ["method", "points", "CRPS", "points, all", "first place", "pair", "P(pair)", "age"]
    lines = [f"| {' | '.join(head)} |", "| --- | ---: | ---: | ---: | --- | --- | ---: | ---: |"]
    rows = one_row_each(whole[whole["block"].ne("none")])
    for kind, of_kind in rows.groupby("kind", sort=False):
        heading = f"*{NOTES.text('kind', key=str(kind)).capitalize()}*"
        lines.append(f"| {' | '.join([heading, *[''] * (len(head) - 1)])} |")
        lines += [_method_line(row) for row in of_kind.to_dict("records")]
    return "\n".join(lines)


def _method_line(row: Mapping[Any, Any]) -> str:
    """A method, and those with the same national forecast, as a row of Markdown."""
    cells = [
        " = ".join(map(_named, (row["predictor"], *row["also"]))) + _marks(row["notes"]),
        format_fixed(row["mae_pp"]),
        format_fixed(row["crps_pp"]) + ("" if _true(row["has_spread"]) else POINT),
        format_fixed(row["mae_all_pp"]) + (FILLED if _true(row["gaps_filled"]) else ""),
        verdict(_true(row["first_right"]), SHORT.get(row["first_named"], "tie")),
        verdict(_true(row["pair_right"])),
        format_probability(row["p_pair"]),
        format_fixed(row["evidence_age_days"], 0),
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _statements(whole: pd.DataFrame) -> str:
    """What those said who gave no shares."""
    rows = whole[whole["block"].eq("none") & whole["status"].eq("ok")]
    said = [
        f"{label('predictor', name)} ({notes})"
        for name, notes in zip(rows["predictor"], rows["notes"], strict=True)
    ]
    return f"Without shares, and so without an error: {'; '.join(said)}."


def _named(name: str) -> str:
    """A method as people call it, and the key by which it is asked for."""
    return f"{label('predictor', name)} {code(name)}"


def _true(text: object) -> bool:
    return str(text).lower() == "true"


def _marks(notes: str) -> str:
    return "".join(mark for mark, said in MARKS.items() if said in notes)


def code(name: str) -> str:
    """A name as Markdown shows code."""
    return f"`{name}`"


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
