"""What both rounds as one forecast show: facts, tables and the likeliest pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.comparison import coverage, missing_table
from bench.report.context import names_of, sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_values
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report, view_tables
from bench.runner.results import Results
from bench.studies.two_rounds.metrics import BALLOT

KEY = ["election", "as_of", "predictor"]
SCORES = ["p_pair", "rank_pair", "log_pair", "p_elected", "log_elected"]
SCORES += ["runoff_signed_error", "runoff_crps", "energy_chain", "log_chain"]
MEANT = ["log_pair", "log_elected", "runoff_crps", "energy_chain", "log_chain"]
IN_TABLE = 4  # likeliest pairs of each forecast
SHOWN = 5  # of each forecast in the figure
MOST = 6  # forecasts in the figure
PALE = "#a9c3df"  # of pairs that did not meet
STRONG = style.METHOD_COLOURS["quota polls"]
text = Text("two_rounds")


def report(experiment: Experiment, results: Results) -> Report:
    """How good the forecasts of both rounds were."""
    methods, pairs = results.tables["methods"], results.tables["pairs"]
    scores, named = wide(results.tables["errors"]), with_surnames(pairs, experiment.elections)
    asked = set(methods["predictor"])
    against = [row for row in results.facts["against"] if {row["method"], row["baseline"]} <= asked]
    said = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        "n_asked": len(asked),
        "against": against,
        **facts_of(scores, named),
        **facts_of_pairs(pairs),
    }
    figures = {"pairs": likely_pairs(named, said)}
    if len(methods[["election", "round", "as_of"]].drop_duplicates()) > 1:
        figures["coverage"] = coverage(methods, said["title"], said["source"])
    frames = {"chain": scores, "chain_shown": with_mean(scores)}
    frames |= {"pairs": pairs, "pairs_shown": likeliest(named)}
    tables = (*view_tables("two_rounds", frames, said), missing_table(methods))
    return view_report("two_rounds", said, frames, figures, tables=tables)


def facts_of(scores: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, Any]:
    """The probabilities of the runoff that took place, and whose log score is the lowest.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `wide`.
    pairs : pandas.DataFrame
        Every pair with its probability, candidates by name, `came` where it met in the runoff.
    """
    mean = scores.groupby("predictor", sort=False)[["log_chain", "p_pair", "p_elected"]].mean()
    whole = scores.groupby("predictor").size()
    mean = mean[whole.reindex(mean.index).eq(whole.max())].dropna(subset="log_chain")
    found = {"n": scores["election"].nunique(), "n_methods": len(mean)}
    if mean.empty:
        return found
    best = int(mean["log_chain"].argmin())
    return {
        **found,
        **_given(mean["p_pair"]),
        **pairs.loc[pairs["came"], ["first", "second"]].iloc[0],
        "best": str(mean.index[best]),
        "log_score": float(mean["log_chain"].iloc[best]),
        "elected": float(mean["p_elected"].iloc[best]),
    }


def _given(chances: pd.Series) -> dict[str, Any]:
    low, high = float(chances.min()), float(chances.max())
    written = format_values([low, high], "%")
    return {"low": low, "high": high, "several": written[0] != written[1]}


def facts_of_pairs(pairs: pd.DataFrame) -> dict[str, Any]:
    """What the pairs rest on, and whose draws do not hold the one that met."""
    from_polls = pairs["basis"].eq("polls").groupby(pairs["election"], sort=False).any()
    polled = pairs.loc[pairs["basis"].eq("polls"), ["first", "second"]].drop_duplicates()
    came = pairs.groupby(KEY)["came"].any()
    return {
        "without_polls": list(from_polls.index[~from_polls]),
        "n_polled": len(polled),
        "not_drawn": sorted({(key[2], key[0]) for key in came.index[~came]}),
    }


def wide(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per election, moment and predictor, one column per score."""
    rows = errors[errors["ballot"] == BALLOT]
    found = rows.pivot_table(index=KEY, columns="metric", values="value", sort=False)
    return found.reindex(columns=[*SCORES, "brier_pair", "brier_elected"]).reset_index()


def with_mean(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores, with the mean over elections where there are several; dates where they differ."""
    by_election = scores.groupby("election")["as_of"].nunique()
    if len(by_election) > 1:
        answered = scores.groupby("predictor", sort=False)
        mean = answered[MEANT].mean()[answered.size() == answered.size().max()]
        mean = mean.reset_index().assign(election=text("mean"))
        scores = pd.concat([scores, mean], ignore_index=True)
    if by_election.max() == 1:
        return scores.drop(columns="as_of")
    days = pd.to_datetime(scores["as_of"]).dt.strftime("%Y-%m-%d").fillna("")
    return scores.assign(as_of=days)


def likeliest(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pairs of every forecast, and the one that met, which is marked."""
    place = pairs.groupby(KEY, sort=False).cumcount()
    shown = pairs[(place < IN_TABLE) | pairs["came"]]
    words = shown["first"] + " – " + shown["second"] + np.where(shown["came"], " *", "")
    return shown.assign(pair=words)


def with_surnames(pairs: pd.DataFrame, elections: list[str]) -> pd.DataFrame:
    """The pairs with both candidates called by their names."""
    names: Mapping[str, str] = names_of(elections)
    return pairs.assign(**{key: pairs[key].replace(dict(names)) for key in ("first", "second")})


def likely_pairs(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """The probability of the likeliest pairs, one panel per forecast.

    Parameters
    ----------
    pairs
        election, as_of, predictor, first, second, probability, came; the likeliest first.
    facts
        Of the texts.
    """
    drawn = drawn_pairs(pairs)
    names = drawn["first"].str.cat(drawn["second"], sep=" – ").str.replace("_", " ")
    drawn = drawn.assign(
        name=list(map(canvas.cut, names)),
        place=drawn.groupby("predictor", sort=False).cumcount(),
        percent=100 * drawn["probability"],
        chance=format_values(drawn["probability"].tolist(), "%"),
        colour=np.where(drawn["came"], STRONG, PALE),
    )
    panels = labels("predictor", list(drawn["predictor"].unique()))
    came = drawn[drawn["came"].astype(bool)]
    met = came.iloc[0].to_dict() | _given(came["probability"]) if len(came) else {}
    x = Axis(low=0, high=1.3 * float(drawn["percent"].max()))
    return Figure(
        **text.figure(
            "pairs",
            shown=SHOWN,
            panels=len(panels),
            last=drawn.iloc[0].to_dict(),
            met=met,
            **facts,
        ),
        panel="predictor",
        panels=panels,
        x=x,
        axes={
            key: (x, Axis(names=list(mine["name"])))
            for key, mine in drawn.groupby("predictor", sort=False)
        },
        height=0.5,
        per_row=0.2,
        marks=(
            Mark("bar", drawn, "percent", "place", colour="colour"),
            Mark("text", drawn, "percent", "place", text="chance"),
        ),
    )


def drawn_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pairs of the last forecasts of the newest election, and the one that met."""
    last = pairs[pairs["as_of"].eq(pairs["as_of"].max())]
    mine = last[last["election"].eq(last["election"].iloc[0])]
    mine = mine[mine["predictor"].isin(mine["predictor"].unique()[:MOST])]
    place = mine.groupby("predictor", sort=False).cumcount()
    return mine[place.lt(SHOWN) | mine["came"].astype(bool)]
