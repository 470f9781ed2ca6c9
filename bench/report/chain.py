"""Both rounds as one forecast: this file holds its tables, printed and on file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from bench.report.columns import number, probability
from bench.report.summary import aligned, latex, markdown
from bench.report.write import write_csv, write_text

KEY = ["election", "as_of", "predictor"]
SCORES = {
    "p_pair": ("P(pair)", "probability of the pair that qualified"),
    "rank_pair": ("place", "its place among the pairs, the most probable first"),
    "log_pair": ("log pair", "surprise at the pair, nats"),
    "p_elected": ("P(elected)", "probability of whoever was elected"),
    "log_elected": ("log elected", "surprise at who was elected, nats"),
    "runoff_signed_error": ("error", "of the winner's runoff share given the pair, points"),
    "runoff_crps": ("CRPS", "of the runoff share given the pair, points"),
    "log_chain": ("log chain", "surprise at the pair and its runoff share together, nats"),
}
MEANT = ("log_pair", "log_elected", "runoff_crps", "log_chain")
SHOWN_PAIRS = 4
POINTS = ("runoff_signed_error", "runoff_crps")
CHANCES = ("p_pair", "p_elected")


def report_chain(
    folder: Path,
    errors: pd.DataFrame,
    pairs: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
    *,
    file: TextIO | None = None,
) -> None:
    """Print and write both rounds as one forecast.

    Parameters
    ----------
    folder : Path
        Of the run; `tables/chain.*` and `tables/pairs.*` are written.
    errors : pandas.DataFrame
        Long error table with the rows of `bench.score.chain`.
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
    shown, notes = shown_scores(scores), (*sentences, *_notes(scores, pairs))
    likely = shown_pairs(pairs)
    print(f"{title}\n", file=out)
    for election, block in shown.groupby("election", sort=False):
        print(f"{election}\n{aligned(block.drop(columns='election'))}\n", file=out)
    if scores["election"].nunique() == 1:
        print(f"the likeliest pairs\n{aligned(likely)}\n", file=out)
    print(*notes, "", sep="\n", file=out)
    print("; ".join(f"{head}: {meaning}" for head, meaning in SCORES.values()), file=out)
    tables = folder / "tables"
    write_csv(tables / "chain.csv", scores)
    write_csv(tables / "pairs.csv", pairs)
    write_text(tables / "chain.md", markdown(shown, notes, title))
    write_text(tables / "pairs.md", markdown(likely, (), f"{title}: the likeliest pairs"))
    write_text(tables / "chain.tex", latex(shown, notes, title, "chain"))
    write_text(tables / "pairs.tex", latex(likely, (), f"{title}: the likeliest pairs", "pairs"))


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
            "first's share": (100 * kept["first_share"]).map(lambda x: number(x, 1)),
        }
    )


def _notes(scores: pd.DataFrame, pairs: pd.DataFrame) -> tuple[str, ...]:
    n = scores["election"].nunique()
    words = [
        f"{n} election{'s' if n > 1 else ''}: one draw of history each; the two candidates of a "
        "runoff are one fact.",
        "A pair marked * came to be. Runoffs of pairs that nobody polled come from transfers.",
    ]
    came = pairs.groupby(KEY)["came"].any()
    if not came.all():
        names = sorted({f"{key[2]} ({key[0]})" for key in came.index[~came]})
        words.append(f"No draw held the pair that came to be: {', '.join(names)}.")
    return tuple(words)
