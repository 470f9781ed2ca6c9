"""What the study of many electorates shows: the facts of its sentences, and its figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.options import label, labels, options
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.report.context import election_title, sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_significant
from bench.report.plotting import layout as canvas
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results

SHADES = ("#7fb3d5", "#2f8f4e", "#d99000", "#0b4f96", "#a6266e", "#4b5563")
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)  # percentage points
text = Text("electorates")


def report(experiment: Experiment, results: Results) -> Report:
    """Bias and variance by election, and which conclusions hold."""
    apart, claims = results.tables["apart"], results.tables["claims"]
    said = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        "n": claims["election"].nunique(),
        "n_electorates": int(apart["electorates"].max()),
        "n_methods": apart["predictor"].nunique(),
        "last": str(apart["election"].iloc[-1]) if len(apart) else "",
        **facts_of(claims),
    }
    shown = claims.assign(conclusion=claims["conclusion"].map(conclusion_words))
    frames = {"claims": claims, "apart": apart, "conclusions_shown": shown}
    figures = {"electorates": electorates(apart, results.facts["families"], said)}
    return view_report("electorates", said, frames, figures)


def facts_of(claims: pd.DataFrame) -> dict[str, Any]:
    """How many conclusions hold in every election, and which do not.

    Examples
    --------
    >>> table = pd.DataFrame({"conclusion": ["a errs more than b", "a errs more than b"],
    ...                       "election": ["toy", "toy_prior1"], "holds": ["yes", "no"]})
    >>> found = facts_of(table)
    >>> found["n_held"], found["failed"][0]["verdicts"][1]["elections"]
    (0, ['Made-up election of 2026'])
    """
    names = {name: election_title(load_election(name).title) for name in set(claims["election"])}
    holds = claims.groupby("conclusion", sort=False)["holds"].agg(lambda one: set(one) == {"yes"})
    failed = claims[claims["conclusion"].isin(holds.index[~holds])]
    return {
        "n_held": int(holds.sum()),
        "n_claims": len(holds),
        "failed": [
            {
                "conclusion": conclusion_words(str(name)),
                "verdicts": [
                    {"holds": verdict, "elections": [names[key] for key in part["election"]]}
                    for verdict, part in rows.groupby("holds", sort=False)
                ],
            }
            for name, rows in failed.groupby("conclusion", sort=False)
        ],
    }


def conclusion_words(text: str) -> str:
    """A conclusion with methods by their names.

    Examples
    --------
    >>> conclusion_words("app_ratings errs more than last_poll")
    '“GOV app” errs more than “Last poll of each institute”'
    """
    known = set(options("predictor"))
    return re.sub(
        r"\w+", lambda m: f"“{label('predictor', m[0])}”" if m[0] in known else m[0], text
    )


def drawn_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with a dot: a random sample has none where it changes nothing.

    It changes nothing for methods that do not draw their evidence from volunteers.
    """
    keys = ["election", "predictor"]
    is_first = table["volunteers"].eq(table["volunteers"].iloc[0])
    first = table.loc[is_first, [*keys, "rmse_pp"]].rename(columns={"rmse_pp": "twin"})
    twin = table[keys].merge(first, on=keys, how="left")["twin"].set_axis(table.index)
    same = (table["rmse_pp"] - twin).abs().lt(0.01)
    return table.assign(filled=is_first)[is_first | ~same]


def electorates(
    table: pd.DataFrame, families: Mapping[str, str], facts: Mapping[str, Any]
) -> Figure:
    """The root mean squared error by method and election, volunteers and random samples.

    Parameters
    ----------
    table
        election, volunteers, predictor, rmse_pp; the first kind of volunteers is drawn filled.
    families
        Predictor to its family of methods; families stand together.
    facts
        Of the texts.
    """
    keys = sorted(table["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    methods, elections = labels("predictor", keys), list(table["election"].unique())
    kinds = list(table["volunteers"].unique())
    looks = canvas.series_looks(elections, SHADES, shift=0.19)
    rows = drawn_rows(table)
    rows = rows.assign(method=rows["predictor"].map(methods), hollow=~rows["filled"])
    words = text.words("volunteers")
    filled, *hollow = (words.get(str(kind), str(kind)) for kind in kinds)
    return Figure(
        **text.figure("electorates", filled=filled, hollow=hollow, **facts),
        claim=text.lines("findings", **facts)[0],
        x=Axis(label=text("electorates_axis"), scale="log", ticks=TICKS, write=format_significant),
        y=Axis(names=list(methods.values())),
        height=0.5,
        per_row=0.25,
        bands=True,
        looks=looks,
        legend=looks,
        legend_columns=len(looks),
        marks=(Mark("dot", rows, "rmse_pp", "method", by="election", hollow="hollow"),),
    )
