"""A run over many votes or dates: a table of methods and a table of votes, printed and on file."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from bench.report.heads import known
from bench.report.numbers import NOTHING, number, probability
from bench.report.silent import spoken
from bench.report.table import Cell, Head, Table
from bench.report.tables import write_table

HEADS = {
    "round": "round of the election",
    "set": "set of votes answered; methods are ranked within a set only",
    "n": "elections answered; the rounds and dates of one count as one",
    "votes": "votes and dates answered",
    "CRPS": "continuous ranked probability score, percentage points, mean over elections with a "
    "95% interval for that mean (6 elections or more); lower is better",
    "MAE": "mean absolute error of the shares, percentage points; lower is better",
    "ratio": "CRPS divided by the baseline's on the same votes, geometric mean over elections with "
    "its 95% interval (6 elections or more); below 1 is better",
    "better": "elections in which it was closer than the baseline, of those that both answered",
    "p": "chance of such a difference from the baseline if there were none (turned signs, all "
    "methods of the set tested together; 6 elections or more)",
    "best?": "whether it may be the best (90% model confidence set; 20 elections or more)",
    "cov50": "share of outcomes inside the 50% intervals; best near 50%",
    "cov80": "inside the 80% intervals; best near 80%",
    "cov90": "inside the 90% intervals; best near 90%",
    "cov95": "inside the 95% intervals; best near 95%",
    "Brier": "Brier score of 'comes first', 0 to 1; lower is better",
    "Brier q": "Brier score of 'gets through', 0 to 1; lower is better",
    "P(right)": "mean probability given to those who really got through; higher is better",
}
TIMES = {
    "cpu ms": "processor time of one forecast, its child processes included; median",
    "wall ms": "time on the clock of one forecast; median",
}

KEYS = ("election", "round", "as_of")
TEXT = ("election", "predictor", "pair", "as_of", "best?", "better", "from")
FILTERS = ("set", "election", "round", "as_of", "predictor", "best?")  # of a page


def report_summary(
    folder: Path,
    summary: pd.DataFrame,
    by_round: pd.DataFrame,
    by_vote: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
    *,
    timings: pd.DataFrame | None = None,
    file: TextIO | None = None,
) -> list[Table]:
    """Print and write the comparison of methods over many votes.

    Parameters
    ----------
    folder : Path
        Of the run; `tables/summary.*`, `tables/by_vote.*` and, of more rounds than one,
        `tables/by_round.*` are written.
    summary : pandas.DataFrame
        One row per predictor, from `bench.metrics.comparison.compare`.
    by_round : pandas.DataFrame
        The same within each round; empty for a single round.
    by_vote : pandas.DataFrame
        Mean CRPS in points, votes by predictors; NaN where a method did not answer.
    sentences : sequence of str
        What the comparison says, in words.
    title : str
        Heading.
    timings : pandas.DataFrame, optional
        Seconds of every attempt. They are printed and not written into the tables, which are the
        same bytes for the same command.
    file : TextIO, optional
        Where to print; standard output if left out.

    Returns
    -------
    list of Table
        The tables, for a page.
    """
    print_summary(summary, by_round, sentences, title, timings=timings, file=file)
    tables = summary_tables(summary, by_round, by_vote, sentences, title)
    for one in tables:
        write_table(folder / "tables", one)
    return tables


def print_summary(
    summary: pd.DataFrame,
    by_round: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
    *,
    timings: pd.DataFrame | None = None,
    file: TextIO | None = None,
) -> None:
    """Print the comparison of methods; parameters as of `report_summary`."""
    out = file or sys.stdout
    table = _shown(summary)
    print(f"{title}\n", file=out)
    print(aligned(table if timings is None else with_time(table, timings)), file=out)
    rounds = _shown(by_round)
    if len(rounds):
        print("\nEach round by itself\n", aligned(rounds), sep="\n", file=out)
    print("", *wrapped(sentences), sep="\n", file=out)
    seen = {*table.columns, *rounds.columns, *(TIMES if timings is not None else ())}
    meanings = ((head, said) for head, said in {**HEADS, **TIMES}.items() if head in seen)
    print("", *wrapped([f"{head}: {said}" for head, said in meanings]), sep="\n", file=out)


def summary_tables(
    summary: pd.DataFrame,
    by_round: pd.DataFrame,
    by_vote: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
) -> list[Table]:
    """The comparison of methods, of each round where there are several, and the votes behind it."""
    rounds = [
        worded("by_round", by_round, _shown(by_round), title=f"{title}: each round by itself",
               heading="Each round by itself", meanings=HEADS),
    ] if len(by_round) else []  # fmt: skip
    return [
        worded("summary", summary, _shown(summary), title=title, notes=sentences, meanings=HEADS,
               heading="The methods over all votes"),
        *rounds,
        worded("by_vote", by_vote, _votes(by_vote), title=f"{title}: CRPS by vote",
               heading="Error of every vote",
               notes=("Continuous ranked probability score, percentage points, lower is "
                      "better; a dash: no forecast. Newest first.",)),
    ]  # fmt: skip


def worded(
    name: str,
    data: pd.DataFrame,
    shown: pd.DataFrame,
    *,
    title: str,
    heading: str = "",
    notes: Sequence[str] = (),
    meanings: Mapping[str, str] | None = None,
) -> Table:
    """A table whose cells are words already; those that begin with a number are sorted by it.

    Examples
    --------
    >>> table = worded("t", pd.DataFrame(), pd.DataFrame({"predictor": ["a"], "P": ["<1%"]}),
    ...                title="T")
    >>> table.rows[0][1], table.heads[1].numeric
    (Cell(text='<1%', value=1.0), True)
    """
    texts = shown.astype(str)
    heads = tuple(
        Head(
            known(str(key)).label if "_" in str(key) and str(key) in KEYS else str(key),
            (meanings or {}).get(str(key), ""), key not in TEXT, str(key),
        )
        for key in texts
    )  # fmt: skip
    rows = tuple(
        tuple(
            Cell(text, _number_in(text) if head.numeric else None)
            for text, head in zip(row, heads, strict=True)
        )
        for row in texts.to_numpy().tolist()
    )
    few = [i for i, head in enumerate(heads) if head.key in FILTERS]
    found = Table(
        name=name, title=title, heading=heading, data=data, heads=heads, blocks=(("", rows),),
        notes=tuple(notes), filters=tuple(i for i in few if len({r[i] for r in rows}) > 1),
    )  # fmt: skip
    return spoken(found)


def _number_in(text: str) -> float | None:
    found = re.match(r"[<>]?([-−]?[\d,]+(?:\.\d+)?)", text)
    return float(found[1].replace("−", "-").replace(",", "")) if found else None


def _shown(summary: pd.DataFrame) -> pd.DataFrame:
    """The columns that say something, in words; a column that is empty for all is left out."""
    rows = []
    for row in summary.to_dict("records"):
        better, of = row.get("better_in"), row.get("compared_in")
        rows.append(
            {
                "round": str(row.get("round", NOTHING)),
                "set": str(row["group"]),
                "predictor": row["predictor"],
                "n": str(row.get("elections", NOTHING)),
                "votes": str(row["votes"]),
                "CRPS": number(row.get("crps_pp")) + _span(row, "low_pp", "high_pp"),
                "MAE": number(row.get("mae_pp")),
                "ratio": number(row.get("relative_skill"))
                + _span(row, "relative_low", "relative_high"),
                "better": NOTHING if _none(better) or _none(of) else f"{better:.0f} of {of:.0f}",
                "p": number(row.get("p_baseline"), 3),
                "best?": _yes_or_no(row.get("in_mcs")),
                **{f"cov{x}": probability(row.get(f"coverage_{x}")) for x in (50, 80, 90, 95)},
                "Brier": number(row.get("brier_first"), 3),
                "Brier q": number(row.get("brier_qualify"), 3),
                "P(right)": probability(row.get("p_pair")),
            }
        )
    shown = pd.DataFrame(rows)
    return shown[[head for head in shown if (shown[head] != NOTHING).any()]]


def _span(row: Mapping[Any, Any], low: str, high: str) -> str:
    if _none(row.get(low)):
        return ""
    return f" ({number(row[low])}–{number(row[high])})"


def with_time(table: pd.DataFrame, timings: pd.DataFrame) -> pd.DataFrame:
    """The printed table with the median milliseconds of every predictor's forecasts.

    Examples
    --------
    >>> timings = pd.DataFrame({"predictor": "a", "cpu_s": [0.002, 0.004], "wall_s": [0.01, 0.01]})
    >>> with_time(pd.DataFrame({"predictor": ["a"]}), timings).to_dict("records")
    [{'predictor': 'a', 'cpu ms': '3.0', 'wall ms': '10.0'}]
    """
    took = 1000 * timings.groupby("predictor")[["cpu_s", "wall_s"]].median()
    columns = zip(TIMES, ("cpu_s", "wall_s"), strict=True)
    return table.assign(
        **{
            head: table["predictor"].map(took[key]).map(lambda x: number(x, 1))
            for head, key in columns
        }
    )


def _none(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _yes_or_no(value: Any) -> str:
    return NOTHING if _none(value) else "yes" if value else "no"


def _votes(by_vote: pd.DataFrame) -> pd.DataFrame:
    shown = by_vote.sort_values(["as_of"], ascending=False, kind="stable")
    shown["as_of"] = pd.to_datetime(shown["as_of"]).dt.strftime("%Y-%m-%d")
    shown["round"] = shown["round"].astype(str)
    for column in shown.columns[3:]:
        shown[column] = shown[column].map(number)
    return shown


def wrapped(sentences: Sequence[str], width: int = 100) -> list[str]:
    """Lines of a terminal, each sentence on lines of its own, the second one indented.

    Examples
    --------
    >>> wrapped(["MAE: mean absolute error"], width=14)
    ['MAE: mean', '  absolute', '  error']
    """
    broken = [textwrap.wrap(one, width, subsequent_indent="  ") for one in sentences]
    return [line for lines in broken for line in lines]


def aligned(table: pd.DataFrame) -> str:
    """The table in plain text, names to the left and numbers to the right."""
    rows = [list(table.columns), *table.astype(str).to_numpy().tolist()]
    widths = [max(len(row[k]) for row in rows) for k in range(len(table.columns))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if head in TEXT else cell.rjust(width)
            for head, cell, width in zip(table.columns, row, widths, strict=True)
        ).rstrip()
        for row in rows
    )
