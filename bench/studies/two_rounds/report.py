"""Both rounds as one forecast: its tables, printed and on file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

import numpy as np
import pandas as pd

from bench.report.numbers import number, probability
from bench.report.report import Report
from bench.report.table import Table
from bench.studies.backtest.comparison import missing_table
from bench.studies.backtest.plots.coverage import coverage
from bench.studies.backtest.summary import aligned, worded, wrapped
from bench.studies.two_rounds.plots import likely_pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEY = ["election", "as_of", "predictor"]
SCORES = {
    "p_pair": ("P(pair)", "probability given to the pair that qualified; higher is better"),
    "rank_pair": ("place", "its place among the pairs, the most probable first; 1 is best"),
    "log_pair": ("log pair", "surprise at the pair, nats; lower is better"),
    "p_elected": ("P(elected)", "probability given to whoever was elected; higher is better"),
    "log_elected": ("log elected", "surprise at who was elected, nats; lower is better"),
    "runoff_signed_error": ("error", "of the winner's runoff share given the pair, percentage "
                            "points; 0 is best"),
    "runoff_crps": ("CRPS", "continuous ranked probability score of the runoff share given the "
                    "pair, percentage points; lower is better"),
    "energy_chain": ("energy", "energy score of all runoff shares at once, 0 for whoever is not in "
                     "it, percentage points; lower is better"),
    "log_chain": ("log chain", "surprise at the pair and its runoff share together, nats (of a "
                  "density, so it may be below 0); lower is better"),
}  # fmt: skip
MEANT = ("log_pair", "log_elected", "runoff_crps", "energy_chain", "log_chain")
SHOWN_PAIRS = 4
POINTS = ("runoff_signed_error", "runoff_crps", "energy_chain")
CHANCES = ("p_pair", "p_elected")
PAIRS = {
    "pair": "who would meet in the runoff; * the pair that came to be",
    "P": "probability of the pair",
    "first wins": "probability that the first of the pair wins, given the pair",
    "share of first": "expected runoff share of the first, given the pair, percent",
    "from": "what the runoff of this pair rests on: polls of the pair or, where the sources hold "
    "none that may be used, transfers of votes learned from other elections",
}


def print_chain(
    errors: pd.DataFrame,
    pairs: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
    *,
    file: TextIO | None = None,
) -> None:
    """Print both rounds as one forecast.

    Parameters
    ----------
    errors : pandas.DataFrame
        Long error table with the rows of `bench.studies.two_rounds.metrics`.
    pairs : pandas.DataFrame
        Pairs with their probability, one block per election, moment and predictor.
    sentences : sequence of str
        What the comparison says, in words.
    title : str
        Heading.
    file : TextIO, optional
        Where to print; standard output if left out.
    """
    out = file or sys.stdout
    scores = wide(errors)
    print(f"{title}\n", file=out)
    for election, block in shown_scores(scores).groupby("election", sort=False):
        print(f"{election}\n{aligned(block.drop(columns='election'))}\n", file=out)
    if scores["election"].nunique() == 1:
        print(f"the likeliest pairs\n{aligned(shown_pairs(pairs))}\n", file=out)
    notes = (*sentences, *_notes(scores), *_pair_notes(pairs))
    print(*wrapped(notes), "", sep="\n", file=out)
    print(*wrapped([f"{head}: {meaning}" for head, meaning in SCORES.values()]), sep="\n", file=out)


def chain_tables(
    errors: pd.DataFrame,
    pairs: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
    names: Mapping[str, str] | None = None,
) -> list[Table]:
    """The scores and the likeliest pairs, as people see them."""
    scores = wide(errors)
    notes = (*sentences, *_notes(scores))
    likely = f"{title}: the likeliest pairs"
    return [
        worded("chain", scores, shown_scores(scores), title=title, notes=notes,
               meanings=dict(SCORES.values()),
               heading="How good was each forecast of both rounds?"),
        worded("pairs", pairs, shown_pairs(with_names(pairs, names)), title=likely,
               notes=_pair_notes(pairs), heading="The same in numbers: the likeliest pairs",
               meanings=PAIRS),
    ]  # fmt: skip


def chain_report(
    errors: pd.DataFrame,
    pairs: pd.DataFrame,
    methods: pd.DataFrame,
    sentences: Sequence[str],
    *,
    title: str,
    source: str,
    names: Mapping[str, str] | None = None,
) -> Report:
    """Words, tables and figures of both rounds as one forecast.

    Parameters
    ----------
    errors, pairs : pandas.DataFrame
        As `print_chain`.
    methods : pandas.DataFrame
        What became of every attempt.
    sentences : sequence of str
        What the comparison says, in words.
    title, source : str
        Heading; where evidence and outcome come from.
    names : mapping, optional
        Candidates' keys to their names.
    """
    scores = wide(errors)
    moments = methods[["election", "round", "as_of"]].drop_duplicates()
    figures: dict[str, Callable[[str], Figure]] = {
        "pairs": lambda size: likely_pairs(with_names(pairs, names), title, source, size=size)
    }
    if len(moments) > 1:
        figures["coverage"] = lambda size: coverage(methods, title, source, size=size)
    n = scores["election"].nunique()
    return Report(
        title=title,
        findings=(best_chain(scores), *sentences),
        tables=(*chain_tables(errors, pairs, sentences, title, names), missing_table(methods)),
        figures=figures,
        source=source,
        kicker="Both rounds as one forecast",
        counts=(("Elections", str(n)), ("Predictors", str(methods["predictor"].nunique()))),
    )


def with_names(pairs: pd.DataFrame, names: Mapping[str, str] | None) -> pd.DataFrame:
    """The pairs with both candidates called by their names, where these are known."""
    both = {key: pairs[key].replace(dict(names or {})) for key in ("first", "second")}
    return pairs.assign(**both)


def best_chain(scores: pd.DataFrame) -> str:
    """Who was least surprised by the pair and its runoff share, and what chance it gave them."""
    n = scores["election"].nunique()
    mean = scores.groupby("predictor", sort=False)[["log_chain", "p_pair", "p_elected"]].mean()
    whole = scores.groupby("predictor").size()
    mean = mean[whole.reindex(mean.index).eq(whole.max())].dropna(subset="log_chain")
    if mean.empty:
        return "No forecast held the pair that came to be possible."
    name = str(mean["log_chain"].idxmin())
    best = mean.loc[name]
    given = "on average " if n > 1 else ""
    draw = "one draw of history" if n == 1 else f"{n} draws of history"
    return (
        f"{name} was least surprised by the pair that qualified and its runoff "
        f"({number(best['log_chain'])} nats): it gave the pair {given}"
        f"{probability(best['p_pair'])} and whoever was elected {given}"
        f"{probability(best['p_elected'])}. "
        f"That is {draw}, so no claim that it is the better method."
    )


def wide(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per election, moment and predictor, one column per score."""
    rows = errors[errors["ballot"] == "chain"]
    table = rows.pivot_table(index=KEY, columns="score", values="value", sort=False)
    return table.reindex(columns=[*SCORES, "brier_pair", "brier_elected"]).reset_index()


def shown_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores as they are printed, with the mean over elections where there are several."""
    blocks = [scores]
    if scores["election"].nunique() > 1:
        answered = scores.groupby("predictor", sort=False)
        mean = answered[list(MEANT)].mean()[answered.size() == answered.size().max()]
        blocks.append(mean.reset_index().assign(election="mean"))
    several = scores.groupby("election")["as_of"].nunique().max() > 1
    rows = []
    for row in pd.concat(blocks, ignore_index=True).to_dict("records"):
        shown = {"election": row["election"], "predictor": row["predictor"]}
        if several:
            shown["as_of"] = "" if pd.isna(row["as_of"]) else f"{row['as_of']:%Y-%m-%d}"
        for score, (head, _) in SCORES.items():
            shown[head] = _written(score, row[score])
        rows.append(shown)
    return pd.DataFrame(rows)


def _written(score: str, value: float) -> str:
    if score in CHANCES:
        return probability(value)
    if score == "rank_pair":
        return number(value, 0)
    return number(100 * value if score in POINTS else value)


def shown_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pairs of every forecast, and the one that came, which is marked."""
    place = pairs.groupby(KEY, sort=False).cumcount()
    kept = pairs[(place < SHOWN_PAIRS) | pairs["came"]]
    return pd.DataFrame(
        {
            "election": kept["election"].astype(str),
            "predictor": kept["predictor"].astype(str),
            "pair": kept["first"] + " – " + kept["second"] + np.where(kept["came"], " *", ""),
            "P": kept["probability"].map(probability),
            "first wins": kept["first_wins"].map(probability),
            "share of first": (100 * kept["first_share"]).map(lambda x: number(x, 1)),
            "from": kept["basis"].astype(str),
        }
    )


def _notes(scores: pd.DataFrame) -> tuple[str, ...]:
    n = scores["election"].nunique()
    drawn = "one draw of history" if n == 1 else "one draw of history each"
    who = "The two shares of a runoff count as one result"
    return (f"{n} election{'s' if n > 1 else ''}, {drawn}. {who}.",)


def _pair_notes(pairs: pd.DataFrame) -> tuple[str, ...]:
    words = ["A pair marked * came to be."]
    from_polls = pairs["basis"].eq("polls").groupby(pairs["election"], sort=False).any()
    if silent := list(from_polls.index[~from_polls]):
        words.append(
            f"Runoffs from transfers of votes alone: {', '.join(silent)}. Of these the "
            "sources hold runoff polls of one pair at most, perhaps because it came to be, so none "
            "is used."
        )
    if len(from_polls) == 1 and not silent:
        polled = pairs.loc[pairs["basis"].eq("polls"), ["first", "second"]].drop_duplicates()
        words.append(
            f"The runoffs of {len(polled)} pairs come from polls, those of other pairs from "
            "transfers of votes."
        )
    came = pairs.groupby(KEY)["came"].any()
    if not came.all():
        names = sorted({f"{key[2]} ({key[0]})" for key in came.index[~came]})
        words.append(f"No draw held the pair that came to be: {', '.join(names)}.")
    return tuple(words)
