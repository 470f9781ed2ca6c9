"""Tables of docs/families/{apps,volunteers}.md: `python -m tools.volunteer_tables RUN…`.

Each RUN is a folder that ``python -m bench +experiment=volunteers_2017`` (`volunteers_2022`,
`pooling`) wrote; what they do not hold is computed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.options import label
from bench.core.registry import make_predictor
from bench.data.task import Task
from bench.models.approval_votes import learn_conversion
from bench.report.formatting import format_fixed as number
from tools.pages import put, table

DOCS = Path(__file__).resolve().parents[1] / "docs" / "families"
NOTHING = "–"
PUBLISHED = {  # when the tables of approvals were public, and before which votes they are evidence
    "fr2017": ("2017-04-23", "2002 and 2007"),
    "fr2022": ("2022-04-10", "2002 to 2017"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Put every table that the runs allow into its place."""
    runs = [Path(one) for one in (sys.argv[1:] if arguments is None else arguments)]
    found = {"powers": powers(), "groups": groups(), "ways": ways()}
    for run in runs:
        if (run / "replicates.parquet").is_file():
            found["pooling"] = pooling(pd.read_parquet(run / "replicates.parquet"))
            continue
        errors = pd.read_parquet(run / "errors.parquet")
        methods = pd.read_csv(run / "methods.csv")
        for _, asked in methods.groupby(["election", "round"]):
            first = asked.iloc[0]
            election, number_of = str(first["election"]), int(first["round"])
            mine = errors["election"].eq(election) & errors["round"].eq(number_of)
            found[f"{election}_r{number_of}"] = vote(errors[mine], asked)
    for page in sorted(DOCS.glob("*.md")):
        for name, lines in found.items():
            put(page, name, lines)
    return 0


def vote(errors: pd.DataFrame, methods: pd.DataFrame) -> str:
    """Every method of one vote, from the least error on."""
    errors = errors[errors["area"].eq("national")]
    day = pd.to_datetime(methods["as_of"]).max().normalize()
    rows = []
    for _, method in methods[methods["status"].eq("ok")].iterrows():
        mine = errors[errors["predictor"].eq(method["predictor"])]
        newest = pd.to_datetime(pd.Series([method["newest_row_on"]])).dt.normalize()
        age = (day - newest).dt.days.iloc[0]
        error = _mean(mine, "compared", "signed_error")
        rows.append(
            (
                np.inf if np.isnan(error) else error,
                [
                    label("predictor", str(method["predictor"])),
                    NOTHING if pd.isna(age) else f"{age:.0f}",
                    f"{method['named']} of {method['n_candidates']}",
                    _points(error),
                    _points(_mean(mine, "all", "signed_error")),
                    _points(_mean(mine, "all", "crps")),
                    _plain(_mean(mine, "all", "inside_90")),
                    _plain(_mean(mine, "all", "kendall_tau")),
                    _plain(_mean(mine, "compared", "kendall_tau")),
                    {1.0: "yes", 0.0: "no"}.get(_mean(mine, "all", "first_right"), NOTHING),
                ],
            )
        )
    head = (
        "method | days old | named | error, 10 % and above | error, all | CRPS, all | in 90 % | "
        "tau, all | tau, 10 % and above | first right"
    )
    return table(head, [cells for _, cells in sorted(rows, key=lambda row: row[0])])


def powers() -> str:
    """The power of every place, and what each vote may learn from."""
    rows = []
    for election, (moment, told) in PUBLISHED.items():
        found = learn_conversion(Task(election, 1, moment).evidence()["past_approvals"])
        spread = f"{found.place_powers.min():.2f} to {found.place_powers.max():.2f}"
        n_places = len(found.place_powers)
        rows.append([election, told, str(n_places), f"{found.power:.2f}", spread])
    return table("for | learned from | places | power | of single places", rows)


def groups() -> str:
    """Volunteers of 2022 weighted to age and sex, which is all that was published of them."""
    task = Task("fr2022", 1, "2022-04-10", hindsight_of=["vote_imag_groups"])
    evidence, share = task.evidence(), task.outcome().share
    rows = []
    support = evidence["app_support"]
    counted = support[support["age"].ne("all")].groupby("candidate")["users"].sum()
    counted = counted.reindex(share.index).fillna(0.0)
    said = {"as they came": counted / counted.sum()}
    for pooling, name in (("none", "raked"), ("multilevel", "multilevel, post-stratified")):
        settings = {
            "method": "app_raked",
            "source": "vote_imag_groups",
            "count": "users",
            "pooling": pooling,
            "largest_weight": 1000.0,
            "n_draws": 1000,
        }
        predictor = make_predictor("app_raked", settings)
        said[name] = predictor.predict(evidence, np.random.default_rng(0)).share
    for name, one in said.items():
        error = (one.reindex(share.index) - share).abs().mean()
        cells = [f"{100 * one[c]:.1f} %" for c in ("melenchon", "macron", "le_pen")]
        rows.append([name, *cells, _points(float(error))])
    cells = [f"{100 * share[c]:.1f} %" for c in ("melenchon", "macron", "le_pen")]
    rows.append(["vote", *cells, NOTHING])
    return table("volunteers | Mélenchon | Macron | Le Pen | error, all", rows)


def ways() -> str:
    """The runoff of 2017 from approvals by first vote, counted in three ways."""
    task = Task("fr2017", 2, "2017-05-07")
    known = pd.read_csv(task.election.folder / "outcome" / "approvals_by_vote.csv")
    first = Task("fr2017", 1, "2017-04-23").outcome().share
    wide = known.pivot(index="declared_vote", columns="candidate", values="approvals")
    liked = wide[list(task.ballot)]
    ballots = known.groupby("declared_vote")["ballots"].first()
    weight = first.reindex(liked.index)
    said = {
        "as they came": liked.sum(),
        "first votes weighted; who approves of neither stays away": (
            liked.div(ballots, axis=0).mul(weight, axis=0).sum()
        ),
        "first votes weighted; who approves of neither votes like the others of the first vote": (
            liked.div(liked.sum(axis=1), axis=0).mul(weight, axis=0).sum()
        ),
    }
    came = task.outcome().share["macron"]
    rows = []
    for name, approvals in said.items():
        share = float(approvals["macron"] / approvals.sum())
        rows.append([name, f"{100 * share:.1f} %", _points(abs(share - came))])
    rows.append(["vote", f"{100 * came:.1f} %", NOTHING])
    return table("count | Macron | error", rows)


def pooling(replicates: pd.DataFrame) -> str:
    """Mean error of a simulated app by its size, cells alone and pooled."""
    share = Task("fr2017", 1, "2017-04-21").outcome().share
    mean = (replicates[list(share.index)] - share).abs().mean(axis=1)
    error = mean.groupby([replicates["dose"], replicates["predictor"]])
    means, spread = error.mean().unstack(), error.sem().unstack()
    rows = []
    for dose in means.index:
        cells = [f"{100 * (1 - float(dose)):.3g} %"]
        for name in ("app_ratings", "app_raked", "app_multilevel"):
            cells.append(
                f"{number(100 * means.loc[dose, name], 2)} "
                f"± {number(100 * spread.loc[dose, name], 2)}"
            )
        rows.append(cells)
    return table("of 25,050 users | divided by their sum | raked | multilevel", rows)


def _mean(errors: pd.DataFrame, ballot: str, score: str) -> float:
    values = errors.loc[errors["ballot"].eq(ballot) & errors["metric"].eq(score), "value"]
    values = values.abs() if score == "signed_error" else values
    return float(values.mean()) if len(values) else float("nan")


def _points(value: float) -> str:
    return NOTHING if np.isnan(value) else number(100 * value, 1)


def _plain(value: float) -> str:
    return NOTHING if np.isnan(value) else number(value, 2)


if __name__ == "__main__":
    sys.exit(main())
