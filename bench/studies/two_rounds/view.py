"""What both rounds as one forecast show: facts, tables and the likeliest pairs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.models.chain import TOGETHER
from bench.report.answers import Answers, coverage, missing_table
from bench.report.context import names_of, sources_of, title_of
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_values
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.two_rounds.metrics import BALLOT

KEY = ["election", "as_of", "predictor"]
SCORES = {  # with the forms of their numbers
    "p_pair": "%",
    "rank_pair": "0",
    "log_pair": "2",
    "p_elected": "%",
    "log_elected": "2",
    "runoff_signed_error": "2pp",
    "runoff_crps": "2pp",
    "energy_chain": "2pp",
    "log_chain": "2",
}
MEANT = ["log_pair", "log_elected", "runoff_crps", "energy_chain", "log_chain"]
IN_TABLE = 4  # likeliest pairs of each forecast
SHOWN = 5  # of each forecast in the figure
MAX_PANELS = 6  # forecasts in the figure
PALE = "#a9c3df"  # of pairs that did not meet
STRONG = style.METHOD_COLOURS["quota polls"]
PAIR_COLUMNS = {"probability": "%", "first_wins": "%", "first_share": "1pp", "basis": ""}


class Comparison(TypedDict):
    """A method compared with the baseline, by `bench.studies.two_rounds.metrics`."""

    method: str
    baseline: str
    tied: bool
    is_lower: bool
    size: float
    n: int
    less: int
    low: float | None
    high: float | None


class Met(NamedTuple):
    """The pair that met, and the chances that it was given, which are `several` if not alike."""

    first: str
    second: str
    low: float
    high: float
    several: bool

    @classmethod
    def of(cls, chances: pd.Series, pairs: pd.DataFrame) -> Met:
        """The pair of the first row of `pairs` that met."""
        first, second = pairs.loc[pairs["came"].astype(bool), ["first", "second"]].iloc[0]
        low, high = float(chances.min()), float(chances.max())
        written = format_values([low, high], "%")
        return cls(first, second, low, high, written[0] != written[1])


class Best(NamedTuple):
    """The method with the lowest log score of all, in nats; its mean chance of who was elected."""

    method: str
    log_score: float
    elected: float


class Facts(TypedDict):
    """What the document knows.

    `met` speaks of all elections, `drawn_met` of the last forecasts of the newest, which the figure
    draws: `n_panels` of `drawn_election` at `drawn_as_of`. `without_polls` holds elections whose
    runoffs rest on transfers alone, `not_drawn` methods and elections without a draw of the pair.
    `max_move` is the most points between the chances of one person under `TOGETHER`.
    """

    title: str
    source: str
    n_elections: int
    n_predictors: int
    n_methods: int
    met: Met | None
    best: Best | None
    against: list[Comparison]
    without_polls: list[str]
    n_polled: int
    not_drawn: list[tuple[str, str]]
    max_move: float
    n_drawn: int
    n_panels: int
    drawn_election: str
    drawn_as_of: pd.Timestamp
    drawn_met: Met | None
    answers: Answers


PAGE = Document(
    "two_rounds",
    Facts,
    tables=("chain", "elected", "pairs", "missing"),
    figures=("pairs", "coverage"),
)


def report(experiment: Experiment, results: Results) -> Report:
    """How good the forecasts of both rounds were."""
    methods, pairs = results.tables["methods"], results.tables["pairs"]
    scores, named = wide(results.tables["errors"]), with_surnames(pairs, experiment.elections)
    predictors = set(methods["predictor"])
    against = [
        row for row in results.facts["against"] if {row["method"], row["baseline"]} <= predictors
    ]
    drawn = drawn_pairs(named)
    drawn_met = drawn[drawn["came"].astype(bool)]
    met, best, n_methods = best_of(scores, named)
    from_polls = pairs["basis"].eq("polls")
    by_election = from_polls.groupby(pairs["election"], sort=False).any()
    has_met = pairs.groupby(KEY)["came"].any()
    facts = Facts(
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        n_elections=scores["election"].nunique(),
        n_predictors=len(predictors),
        n_methods=n_methods,
        met=met,
        best=best,
        against=against,
        without_polls=list(by_election.index[~by_election]),
        n_polled=len(pairs.loc[from_polls, ["first", "second"]].drop_duplicates()),
        not_drawn=sorted({(key[2], key[0]) for key in has_met.index[~has_met]}),
        max_move=100 * float(np.ptp(results.tables["elected"][list(TOGETHER)], axis=1).max()),
        n_drawn=SHOWN,
        n_panels=drawn["predictor"].nunique(),
        drawn_election=drawn["election"].iloc[0],
        drawn_as_of=drawn["as_of"].iloc[0],
        drawn_met=Met.of(drawn_met["probability"], drawn_met) if len(drawn_met) else None,
        answers=Answers.of(methods),
    )
    tables = {
        "chain": table_of(
            scores,
            shown=with_mean(scores),
            show=["election", "predictor", "as_of", *SCORES],
            columns=SCORES,
            terminal=True,
        ),
        "elected": elected_table(results.tables["elected"], experiment.elections),
        "pairs": table_of(
            pairs,
            shown=likeliest(named),
            show=["election", "predictor", "pair", *PAIR_COLUMNS],
            columns=PAIR_COLUMNS,
            terminal=False,
        ),
        "missing": missing_table(methods),
    }
    figures: dict[str, AnyFigure | MakeFigure] = {"pairs": likely_pairs(drawn)}
    if facts["answers"].n_moments > 1:
        figures["coverage"] = partial(coverage, methods)
    return PAGE.report(facts, tables, figures)


def best_of(scores: pd.DataFrame, pairs: pd.DataFrame) -> tuple[Met | None, Best | None, int]:
    """The pair that met, the lowest log score of those who answered most, and how many they are.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `wide`.
    pairs : pandas.DataFrame
        Every pair with its probability, candidates by name, `came` where it met in the runoff.
    """
    mean = scores.groupby("predictor", sort=False)[["log_chain", "p_pair", "p_elected"]].mean()
    n_answers = scores.groupby("predictor").size()
    has_all = n_answers.reindex(mean.index).eq(n_answers.max())
    mean = mean[has_all].dropna(subset="log_chain")
    if mean.empty:
        return None, None, 0
    best = mean.iloc[int(mean["log_chain"].argmin())]
    return (
        Met.of(mean["p_pair"], pairs),
        Best(str(best.name), float(best["log_chain"]), float(best["p_elected"])),
        len(mean),
    )


def wide(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per election, moment and predictor, one column per score."""
    rows = errors[errors["ballot"] == BALLOT]
    scores = rows.pivot_table(index=KEY, columns="metric", values="value", sort=False)
    return scores.reindex(columns=[*SCORES, "brier_pair", "brier_elected"]).reset_index()


def with_mean(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores, with the mean over elections where there are several; dates where they differ."""
    by_election = scores.groupby("election")["as_of"].nunique()
    if len(by_election) > 1:
        answered = scores.groupby("predictor", sort=False)
        mean = answered[MEANT].mean()[answered.size() == answered.size().max()]
        mean = mean.reset_index().assign(election=PAGE.text("mean"))
        scores = pd.concat([mean, scores], ignore_index=True)
    if by_election.max() == 1:
        return scores.drop(columns="as_of")
    days = pd.to_datetime(scores["as_of"]).dt.strftime("%Y-%m-%d").fillna("")
    return scores.assign(as_of=days)


def likeliest(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pairs of every forecast, and the one that met, which is marked."""
    place = pairs.groupby(KEY, sort=False).cumcount()
    rows = pairs[(place < IN_TABLE) | pairs["came"]]
    names = rows["first"] + " – " + rows["second"] + np.where(rows["came"], " *", "")
    return rows.assign(pair=names)


def elected_table(rows: pd.DataFrame, elections: list[str]) -> MakeTable:
    """The leading persons' chances by how far the errors of both rounds go together."""
    people = rows["candidate"].replace(dict(names_of(elections)))
    return table_of(
        rows,
        shown=rows.assign(candidate=people + np.where(rows["came"], " *", "")),
        show=["election", "predictor", "candidate", *TOGETHER],
        columns=dict.fromkeys(TOGETHER, "%"),
        terminal=False,
    )


def with_surnames(pairs: pd.DataFrame, elections: list[str]) -> pd.DataFrame:
    """The pairs with both candidates called by their names."""
    names: Mapping[str, str] = names_of(elections)
    return pairs.assign(**{key: pairs[key].replace(dict(names)) for key in ("first", "second")})


def likely_pairs(drawn: pd.DataFrame) -> Figure:
    """The probability of the likeliest pairs, one panel per forecast.

    Parameters
    ----------
    drawn
        From `drawn_pairs`.
    """
    names = drawn["first"].str.cat(drawn["second"], sep=" – ").str.replace("_", " ")
    rows = drawn.assign(
        name=list(map(canvas.cut, names)),
        place=drawn.groupby("predictor", sort=False).cumcount(),
        percent=100 * drawn["probability"],
        chance=format_values(drawn["probability"].tolist(), "%"),
        colour=np.where(drawn["came"], STRONG, PALE),
    )
    x = Axis(low=0, high=1.3 * float(rows["percent"].max()))
    return Figure(
        panel="predictor",
        panels=labels("predictor", list(rows["predictor"].unique())),
        x=x,
        axes={
            predictor: (x, Axis(names=list(panel["name"])))
            for predictor, panel in rows.groupby("predictor", sort=False)
        },
        height=0.5,
        per_row=0.2,
        marks=(
            Mark("bar", rows, "percent", "place", colour="colour"),
            Mark("text", rows, "percent", "place", text="chance"),
        ),
    )


def drawn_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pairs of the last forecasts of the newest election, and the one that met."""
    last = pairs[pairs["as_of"].eq(pairs["as_of"].max())]
    newest = last[last["election"].eq(last["election"].iloc[0])]
    drawn = newest[newest["predictor"].isin(newest["predictor"].unique()[:MAX_PANELS])]
    place = drawn.groupby("predictor", sort=False).cumcount()
    return drawn[place.lt(SHOWN) | drawn["came"].astype(bool)]
