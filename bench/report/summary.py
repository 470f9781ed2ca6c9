"""A run over many votes or dates: a table of methods and a table of votes, printed and on file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import pandas as pd

from bench.report.columns import number, probability
from bench.report.tables import latex_text, markdown_text
from bench.report.write import write_csv, write_text

HEADS = {
    "set": "set of votes answered; methods are ranked within a set only",
    "predictor": "name of the predictor",
    "votes": "votes and dates answered",
    "CRPS": "continuous ranked probability score, percentage points; 90 % of the resamples",
    "MAE": "mean absolute error of the shares, percentage points",
    "beats": "fraction of resamples in which it has a smaller CRPS than the baseline",
    "cov50": "share of outcomes inside the 50 % intervals",
    "cov80": "inside the 80 % intervals",
    "cov90": "inside the 90 % intervals",
    "cov95": "inside the 95 % intervals",
    "Brier": "Brier score of 'comes first'",
    "Brier q": "Brier score of 'gets through'",
    "P(right)": "mean probability given to those who really got through",
}
TIMES = {
    "cpu ms": "processor time of one forecast, its child processes included; median",
    "wall ms": "time on the clock of one forecast; median",
}

TEXT = ("election", "predictor", "pair")


def report_summary(
    folder: Path,
    summary: pd.DataFrame,
    by_vote: pd.DataFrame,
    sentences: tuple[str, ...],
    title: str,
    *,
    timings: pd.DataFrame | None = None,
    file: TextIO | None = None,
) -> None:
    """Print and write the comparison of methods over many votes.

    Parameters
    ----------
    folder : Path
        Of the run; `tables/summary.*` and `tables/by_vote.*` are written.
    summary : pandas.DataFrame
        One row per predictor, from `bench.score.comparisons`.
    by_vote : pandas.DataFrame
        Mean CRPS in points, votes by predictors; NaN where a method did not answer.
    sentences : tuple of str
        What the comparison says, in words.
    title : str
        Heading.
    timings : pandas.DataFrame, optional
        Seconds of every attempt. They are printed and not written into the tables, which are the
        same bytes for the same command.
    file : TextIO, optional
        Where to print; standard output if left out.
    """
    out = file or sys.stdout
    table = _shown(summary)
    print(f"{title}\n", file=out)
    print(aligned(table if timings is None else with_time(table, timings)), file=out)
    print("", *sentences, sep="\n", file=out)
    heads = HEADS if timings is None else {**HEADS, **TIMES}
    print("\n" + "; ".join(f"{head}: {meaning}" for head, meaning in heads.items()), file=out)
    tables = folder / "tables"
    write_csv(tables / "summary.csv", summary)
    write_csv(tables / "by_vote.csv", by_vote)
    write_text(tables / "summary.md", markdown(table, sentences, title))
    write_text(tables / "by_vote.md", markdown(_votes(by_vote), (), f"{title}: CRPS by vote"))
    write_text(tables / "summary.tex", latex(table, sentences, title, "summary"))
    write_text(tables / "by_vote.tex", latex(_votes(by_vote), (), f"{title}: CRPS", "by-vote"))


def _shown(summary: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in summary.to_dict("records"):
        span = ""
        if not pd.isna(row.get("low_pp")):
            span = f" ({number(row['low_pp'])}–{number(row['high_pp'])})"
        rows.append(
            {
                "set": str(row["group"]),
                "predictor": row["predictor"],
                "votes": str(row["votes"]),
                "CRPS": number(row["crps_pp"]) + span,
                "MAE": number(row.get("mae_pp")),
                "beats": probability(row.get("above_baseline")),
                **{f"cov{x}": probability(row.get(f"coverage_{x}")) for x in (50, 80, 90, 95)},
                "Brier": number(row.get("brier_first"), 3),
                "Brier q": number(row.get("brier_qualify"), 3),
                "P(right)": probability(row.get("p_pair")),
            }
        )
    return pd.DataFrame(rows)


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


def _votes(by_vote: pd.DataFrame) -> pd.DataFrame:
    shown = by_vote.copy()
    shown["as_of"] = pd.to_datetime(shown["as_of"]).dt.strftime("%Y-%m-%d")
    shown["round"] = shown["round"].astype(str)
    for column in shown.columns[3:]:
        shown[column] = shown[column].map(number)
    return shown


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


def markdown(table: pd.DataFrame, sentences: tuple[str, ...], title: str) -> str:
    """The table in Markdown, its title above and its sentences below."""
    lines = [f"**{markdown_text(title)}**", ""]
    lines.append("| " + " | ".join(map(markdown_text, table.columns)) + " |")
    lines.append("|" + " --- |" * len(table.columns))
    for row in table.astype(str).to_numpy():
        lines.append("| " + " | ".join(map(markdown_text, row)) + " |")
    return "\n".join([*lines, "", *map(markdown_text, sentences)]).rstrip() + "\n"


def latex(table: pd.DataFrame, sentences: tuple[str, ...], title: str, label: str) -> str:
    """The table in LaTeX with booktabs rules."""
    shape = "".join("l" if name in TEXT else "r" for name in table.columns)
    lines = [r"\begin{table}", r"\centering", r"\footnotesize", rf"\caption{{{latex_text(title)}}}"]
    lines += [rf"\label{{tab:{label}}}", rf"\begin{{tabular}}{{@{{}}{shape}@{{}}}}", r"\toprule"]
    lines += [" & ".join(map(latex_text, table.columns)) + r" \\", r"\midrule"]
    lines += [" & ".join(map(latex_text, row)) + r" \\" for row in table.astype(str).to_numpy()]
    lines += [r"\bottomrule", r"\end{tabular}", "", r"\medskip", *map(latex_text, sentences)]
    return "\n".join([*lines, r"\end{table}", ""])
