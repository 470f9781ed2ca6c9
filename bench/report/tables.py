"""The headline table for papers: this file writes it as CSV, Markdown, LaTeX and HTML."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from bench.report import words
from bench.report.columns import Column, columns_for
from bench.report.facts import RunFacts
from bench.report.write import write_csv, write_text

UNRANKED = "Not ranked: do not name every compared candidate"
SILENT = "No forecast"

TEX_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "–": "--", "−": "$-$", "✓": r"\ding{51}", "✗": r"\ding{55}", "·": r"$\cdot$", "→": r"$\to$",
}  # fmt: skip


def write_tables(
    folder: Path, name: str, table: pd.DataFrame, facts: RunFacts, *, ballot: str = "common"
) -> list[Path]:
    """Write a headline table as `name`.csv, .md, .tex and .html.

    Parameters
    ----------
    folder
        Target folder.
    name
        File name without ending.
    table
        From `bench.report.headline.headline`; the CSV holds it in full precision.
    facts, ballot
        For the caption and the notes.

    Returns
    -------
    list of Path
        The four files.
    """
    return [
        write_csv(folder / f"{name}.csv", table),
        write_text(folder / f"{name}.md", markdown(table, facts, ballot=ballot)),
        write_text(folder / f"{name}.tex", latex(table, facts, ballot=ballot, label=name)),
        write_text(folder / f"{name}.html", html_table(table, facts, ballot=ballot)),
    ]


def blocks(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Rows by block, each with the line that stands above it."""
    headings = {"ranked": "", "partial": UNRANKED, "none": SILENT}
    parts = [(heading, table[table["block"].eq(key)]) for key, heading in headings.items()]
    return [(heading, rows) for heading, rows in parts if len(rows)]


def _cells(
    rows: pd.DataFrame, columns: Sequence[Column], facts: RunFacts, escape: Callable[[str], str]
) -> list[list[str]]:
    records = rows.to_dict("records")
    return [[escape(column.write(row, facts)) for column in columns] for row in records]


def markdown(table: pd.DataFrame, facts: RunFacts, *, ballot: str = "common") -> str:
    """GitHub-flavoured Markdown; unranked rows follow under a line of their own."""
    columns = columns_for(facts)
    lines = [f"**{markdown_text(words.caption(table, facts, ballot))}**", ""]
    lines.append("| " + " | ".join(markdown_text(c.label) for c in columns) + " |")
    lines.append("| " + " | ".join("---:" if c.numeric else "---" for c in columns) + " |")
    for heading, rows in blocks(table):
        if heading:
            lines.append(f"|  | *{heading}* |" + "  |" * (len(columns) - 2))
        for cells in _cells(rows, columns, facts, markdown_text):
            lines.append("| " + " | ".join(cells) + " |")
    notes = [markdown_text(note) for note in words.table_notes(table, facts, ballot)]
    return "\n".join([*lines, "", *("\n".join([note, ""]) for note in notes)]).rstrip() + "\n"


def markdown_text(text: str) -> str:
    r"""Escape what Markdown or HTML inside it would act upon.

    Examples
    --------
    >>> markdown_text("a|b <i> snake_case")
    'a\\|b &lt;i&gt; snake\\_case'
    """
    text = html.escape(" ".join(text.split()), quote=False)
    for sign in ("\\", "|", "*", "_", "`", "[", "]"):
        text = text.replace(sign, "\\" + sign)
    return text


def latex(
    table: pd.DataFrame, facts: RunFacts, *, ballot: str = "common", label: str = "headline"
) -> str:
    """LaTeX with booktabs rules; needs the packages `booktabs` and `pifont` and UTF-8 input."""
    columns = [c for c in columns_for(facts) if c.key not in {"family", "notes"}]
    shape = "".join("r" if c.numeric else "l" for c in columns)
    lines = [
        r"\begin{table}", r"\centering", r"\footnotesize",
        r"\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{latex_text(words.caption(table, facts, ballot))}}}",
        rf"\label{{tab:{label.replace('_', '-')}}}",
        rf"\begin{{tabular}}{{@{{}}{shape}@{{}}}}", r"\toprule",
        " & ".join(latex_text(c.label) for c in columns) + r" \\", r"\midrule",
    ]  # fmt: skip
    for heading, rows in blocks(table):
        if heading:
            lines.append(r"\addlinespace")
            lines.append(
                rf"\multicolumn{{{len(columns)}}}{{@{{}}l}}{{\emph{{{latex_text(heading)}}}}} \\"
            )
        for cells in _cells(rows, columns, facts, latex_text):
            lines.append(" & ".join(cells) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", "", r"\medskip", r"\begin{minipage}{\linewidth}"]
    lines += [r"\footnotesize", *map(latex_text, words.table_notes(table, facts, ballot))]
    return "\n".join([*lines, r"\end{minipage}", r"\end{table}", ""])


def latex_text(text: str) -> str:
    r"""Escape every sign that LaTeX would act upon.

    Examples
    --------
    >>> latex_text(r"50% of a_b & \c")
    '50\\% of a\\_b \\& \\textbackslash{}c'
    """
    return "".join(TEX_ESCAPES.get(sign, sign) for sign in " ".join(text.split()))


def html_table(table: pd.DataFrame, facts: RunFacts, *, ballot: str = "common") -> str:
    """A bare HTML table with caption and header scopes, to paste into an article."""
    columns = columns_for(facts)
    escape = html.escape
    lines = ["<table>", f"<caption>{escape(words.caption(table, facts, ballot))}</caption>"]
    head = "".join(
        f'<th scope="col" title="{escape(c.meaning)}">{escape(c.label)}</th>' for c in columns
    )
    lines.append(f"<thead><tr>{head}</tr></thead>")
    for heading, rows in blocks(table):
        lines.append("<tbody>")
        if heading:
            span = f'colspan="{len(columns)}" scope="colgroup"'
            lines.append(f"<tr><th {span}>{escape(heading)}</th></tr>")
        for cells in _cells(rows, columns, facts, escape):
            lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        lines.append("</tbody>")
    notes = " ".join(map(escape, words.table_notes(table, facts, ballot)))
    span = f'<td colspan="{len(columns)}">{notes}</td>'
    return "\n".join([*lines, f"<tfoot><tr>{span}</tr></tfoot>", "</table>", ""])
