"""Reference results: made by `python -m tests.golden.reference`, policed by the tests beside."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from bench import hydra_setup
from bench.experiment import Experiment
from bench.report.columns import verdict
from bench.report.numbers import NOTHING, number, probability
from bench.run.backtest import Results, plan, run
from bench.run.facts import names_of
from bench.run.publish import publish
from bench.run.simulation.blocks import replicates_of, study_of
from bench.run.simulation.summaries import dose_response, scored
from bench.run.studies import chain

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "results" / "reference"
SHORT = names_of(["fr2017"])
MARKS = {"†": "converted: ", "‡": "owner's evidence"}
README_NOTE = (
    "MAE: mean absolute error on Fillon, Le Pen, Macron and Mélenchon, percentage points, lower is "
    "better (the rank is by CRPS); pair: the two of the runoff named, and the probability given "
    "to them; named: candidates of the ballot. † turned into shares by a stated rule; ‡ evidence "
    "that only its owner had. No vote shares: {silent}. **One election is one draw (n = 1)**: who "
    "came closest here need not be the better method. "
    "[The whole table](results/reference/2017_r1/headline.md): RMSE, CRPS, coverage, skill, "
    "conversions, reasons."
)
QUICK = ("2017_r1", "2017_r2", "2017_chain")
SIMULATED = ("2017_r1_manipulation",)
FEW = ("simulation.replicates=50", "execution=serial")
KEPT = (
    "tables/headline.csv",
    "tables/headline.md",
    "tables/full_ballot.md",
    "tables/chain.md",
    "tables/pairs.md",
)
SHOWN = ("signed_errors", "shares")
DIGITS = 8


def experiment_of(name: str, *changes: str) -> Experiment:
    """The settings of a shipped experiment."""
    return hydra_setup.compose(f"+experiment={name}", *changes)


def results_of(experiment: Experiment) -> tuple[Results, Callable[[], Path]]:
    """The long tables of an experiment, a backtest or a chain, and what publishes them."""
    arguments = [f"+experiment={experiment.name}"]
    if experiment.study == "chain":
        found = chain.results_of(experiment)
        return found.results, lambda: chain.publish(experiment, found, arguments)
    cells = plan(experiment)
    results = run(experiment, cells)
    return results, lambda: publish(experiment, cells, results, arguments)


def policed(results: Results) -> pd.DataFrame:
    """The rows that are kept: everything national, rounded to what another machine agrees on."""
    rows = results.errors[results.errors["area"] == "national"]
    return rows.assign(value=rows["value"].round(DIGITS)).reset_index(drop=True)


def make(name: str) -> None:
    """Run an experiment and put its results under review."""
    experiment = experiment_of(name)
    results, published = results_of(experiment)
    target = FOLDER / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    policed(results).to_csv(target / "errors.csv", index=False, lineterminator="\n")
    with tempfile.TemporaryDirectory() as folder:
        experiment.results = folder
        place = published()
        for kept in KEPT:
            if (place / kept).is_file():
                shutil.copy(place / kept, target / Path(kept).name)
        for shown in SHOWN:
            if (place / "figures" / f"{shown}.png").is_file():
                shutil.copy(place / "figures" / f"{shown}.png", target / f"{shown}.png")


def simulated(name: str) -> pd.DataFrame:
    """Error by scenario, dose and method of a simulation with few replicates."""
    with tempfile.TemporaryDirectory() as folder:
        experiment = experiment_of(name, *FEW, f"results={folder}")
        replicates = replicates_of(experiment).table
    study = study_of(experiment)
    return dose_response(study, scored(study, replicates)).round(DIGITS - 2)


def make_simulated(name: str) -> None:
    """Run a simulation and put its curves under review."""
    target = FOLDER / name / "dose_response.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    simulated(name).to_csv(target, index=False, lineterminator="\n")


def readme_block() -> str:
    """The headline table as the README shows it: few columns, and where the others are."""
    table = pd.read_csv(FOLDER / "2017_r1" / "headline.csv", keep_default_na=False)
    table["mae_pp"] = pd.to_numeric(table["mae_pp"])
    table["p_pair"] = pd.to_numeric(table["p_pair"])
    lines = [
        "| # | predictor | family | MAE, points | first place | pair | P(pair) | named |",
        "| ---: | --- | --- | ---: | --- | --- | ---: | ---: |",
    ]
    for row in table[table["block"] != "none"].to_dict("records"):
        cells = [
            row["rank"] if row["block"] == "ranked" else NOTHING,
            code(row["predictor"]) + _marks(row["notes"]),
            row["family"],
            number(row["mae_pp"]),
            verdict(
                str(row["first_right"]).lower() == "true", SHORT.get(row["first_named"], "tie")
            ),
            verdict(str(row["pair_right"]).lower() == "true"),
            probability(row["p_pair"]),
            f"{row['named']}/{row['n_candidates']}",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    silent = table.loc[table["block"] == "none", "predictor"]
    return "\n".join([*lines, "", README_NOTE.format(silent=" and ".join(map(code, silent)))])


def _true(text: object) -> bool:
    return str(text).lower() == "true"


def _marks(notes: str) -> str:
    return "".join(mark for mark, said in MARKS.items() if said in notes)


def code(name: str) -> str:
    """A name as Markdown shows code."""
    return f"`{name}`"


def with_block(readme: str, block: str) -> str:
    """The README with the generated table between its markers."""
    pattern = r"(<!-- headline -->\n).*?(\n<!-- /headline -->)"
    return re.sub(pattern, lambda m: m[1] + block + m[2], readme, flags=re.DOTALL)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or (*QUICK, *SIMULATED):
        (make_simulated if wanted in SIMULATED else make)(wanted)
    page = ROOT / "README.md"
    page.write_text(with_block(page.read_text(encoding="utf-8"), readme_block()), encoding="utf-8")
    if not sys.argv[1:]:
        from tests.golden import pages

        for block in pages.BLOCKS:
            pages.make(block)
