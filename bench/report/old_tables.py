"""Tables for papers and spreadsheets: this file writes one as CSV, Markdown, LaTeX and HTML."""

import html
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.core.write import write_csv, write_text
from bench.report.table import Cell, Head, Table

POINT = "·"  # after the CRPS of a forecast without spread
LONG = 45  # rows that no single page of a paper holds
LINE = 92  # signs in a line of footnotesize
TEX_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "–": "--", "−": "$-$", "✓": r"$\checkmark$", "✗": r"$\times$", "·": r"$\cdot$", "→": r"$\to$",
    "×": r"$\times$", "±": r"$\pm$", "≤": r"$\leq$", "≥": r"$\geq$", "ρ": r"$\rho$", "²": r"$^2$",
    "●": r"$\bullet$", "○": r"$\circ$", "…": r"\dots{}", "∞": r"$\infty$", "½": r"$\frac12$",
    "°": r"$^\circ$", "‡": r"$\ddagger$",
    "\u202f": r"\,", "\u2009": r"\,",
}  # fmt: skip


def write_table(folder: Path, table: Table) -> list[Path]:
    """Write a table as `name`.csv, .md, .tex and .html.

    Parameters
    ----------
    folder
        Target folder.
    table
        From `bench.report.table.plain_table` or `bench.studies.backtest.headline_table`.

    Returns
    -------
    list of Path
        The four files: the CSV in full precision, the others rounded for readers.
    """
    return [
        write_csv(folder / f"{table.name}.csv", table.data),
        write_text(folder / f"{table.name}.md", markdown(table)),
        write_text(folder / f"{table.name}.tex", latex(table)),
        write_text(folder / f"{table.name}.html", html_table(table)),
    ]


def _texts(row: tuple[Cell, ...], escape: Callable[[str], str]) -> list[str]:
    return [escape(cell.text) for cell in row]


def _latex_cell(cell: Cell) -> str:
    """The sign of a point forecast hangs beside its number, so that the decimals stay aligned."""
    text = latex_text(cell.text)
    dot = latex_text(POINT)
    return text.removesuffix(dot) + rf"\rlap{{{dot}}}" if text.endswith(dot) else text


def markdown(table: Table) -> str:
    """GitHub-flavoured Markdown; a block's heading stands in the second column."""
    lines = [f"**{markdown_text(table.title)}**", ""]
    lines.append("| " + " | ".join(markdown_text(head.label) for head in table.heads) + " |")
    lines.append("| " + " | ".join("---:" if h.numeric else "---" for h in table.heads) + " |")
    for heading, rows in table.blocks:
        if heading:
            lines.append(f"|  | *{markdown_text(heading)}* |" + "  |" * (len(table.heads) - 2))
        lines += ["| " + " | ".join(_texts(row, markdown_text)) + " |" for row in rows]
    notes = [markdown_text(note) for note in (*table.notes, *column_notes(table.heads))]
    return "\n".join([*lines, "", *("\n".join([note, ""]) for note in notes)]).rstrip() + "\n"


def column_notes(heads: Sequence[Head]) -> list[str]:
    """What the columns mean, in one paragraph; none where every head speaks for itself.

    Examples
    --------
    >>> column_notes([Head("predictor"), Head("MAE", "mean absolute error; lower is better")])
    ['Columns: MAE = mean absolute error; lower is better.']
    """
    said = " · ".join(f"{head.label} = {head.meaning}" for head in heads if head.meaning)
    return [f"Columns: {said}."] if said else []


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


def latex(table: Table) -> str:
    """LaTeX with booktabs rules, over several pages where it is long (LaTeX then runs twice).

    Needs UTF-8 input and the packages `booktabs`, `longtable`, `graphicx`, `amssymb` and
    `fontenc` with ``T1``.
    """
    kept = [i for i, head in enumerate(table.heads) if head.in_papers]
    heads = [table.heads[i] for i in kept]
    blocks = [(text, [tuple(row[i] for i in kept) for row in rows]) for text, rows in table.blocks]
    rows = [[cell.text for cell in row] for _, some in blocks for row in some]
    labels = [head.label for head in heads]
    is_long, is_wide = len(rows) > LONG, _signs([labels, *rows]) > LINE
    shape = "@{}" + "".join("r" if head.numeric else "l" for head in heads) + "@{}"
    caption = rf"\caption{{{latex_text(table.title)}}}"
    label = rf"\label{{tab:{table.name.replace('_', '-')}}}"
    over = [latex_text(text) for text in labels]
    if is_long and is_wide:
        over = [rf"\rotatebox{{90}}{{{text}}}" for text in over]
    top = [r"\toprule", " & ".join(over) + r" \\", r"\midrule"]
    body = [line for number, block in enumerate(blocks) for line in _block(*block, number, kept)]
    notes = "\n\n".join(latex_text(note) for note in (*table.notes, *column_notes(heads)))
    below = [r"\par\medskip\noindent{\raggedright\footnotesize", notes, r"\par}"] if notes else []
    if is_long:
        size = r"\footnotesize" if _signs([[], *rows]) <= LINE else r"\tiny"
        return "\n".join([
            # one chunk: two runs of LaTeX align the columns, whatever the length
            r"\begingroup", size, r"\setlength{\tabcolsep}{2pt}", r"\setcounter{LTchunksize}{5000}",
            rf"\begin{{longtable}}{{{shape}}}",
            caption + label + r" \\", *top, r"\endfirsthead", *top, r"\endhead",
            r"\bottomrule", r"\endfoot", *body, r"\end{longtable}", r"\endgroup", *below, "",
        ])  # fmt: skip
    inner = [rf"\begin{{tabular}}{{{shape}}}", *top, *body, r"\bottomrule", r"\end{tabular}"]
    if is_wide:
        inner = [r"\resizebox{\linewidth}{!}{%", *inner, "}"]
    return "\n".join([
        r"\begin{table}", r"\centering", r"\footnotesize", r"\setlength{\tabcolsep}{3pt}",
        caption, label, *inner, *below, r"\end{table}", "",
    ])  # fmt: skip


def _signs(rows: list[list[str]]) -> int:
    """Signs in a line of the table."""
    return sum(max(map(len, column)) + 1 for column in zip(*filter(None, rows), strict=True))


def _block(heading: str, rows: list[tuple[Cell, ...]], number: int, kept: list[int]) -> list[str]:
    lines = []
    if heading:
        lines += [r"\addlinespace"] if number else []
        lines.append(rf"\multicolumn{{{len(kept)}}}{{@{{}}l}}{{\emph{{{latex_text(heading)}}}}} \\")
    return [*lines, *(" & ".join(map(_latex_cell, row)) + r" \\" for row in rows)]


def latex_text(text: str) -> str:
    r"""Escape every sign that LaTeX would act upon.

    Examples
    --------
    >>> latex_text(r"50% of a_b & \c")
    '50\\% of a\\_b \\& \\textbackslash{}c'
    """
    return "".join(TEX_ESCAPES.get(sign, sign) for sign in " ".join(text.split()))


def html_table(table: Table) -> str:
    """A bare HTML table with caption and header scopes, to paste into an article."""
    escape = html.escape
    lines = ["<table>", f"<caption>{escape(table.title)}</caption>"]
    head = "".join(
        f'<th scope="col"{_side(h)}><abbr title="{escape(h.meaning)}">{escape(h.label)}</abbr></th>'
        if h.meaning
        else f'<th scope="col"{_side(h)}>{escape(h.label)}</th>'
        for h in table.heads
    )
    lines.append(f"<thead><tr>{head}</tr></thead>")
    span = f'colspan="{len(table.heads)}"'
    for heading, rows in table.blocks:
        lines.append("<tbody>")
        if heading:
            lines.append(f'<tr><th {span} scope="colgroup">{escape(heading)}</th></tr>')
        for row in rows:
            cells = zip(table.heads, _texts(row, escape), strict=True)
            lines.append("<tr>" + "".join(f"<td{_side(h)}>{t}</td>" for h, t in cells) + "</tr>")
        lines.append("</tbody>")
    if table.notes:
        notes = " ".join(map(escape, table.notes))
        lines.append(f"<tfoot><tr><td {span}>{notes}</td></tr></tfoot>")
    return "\n".join([*lines, "</table>", ""])


def _side(head: Head) -> str:
    """Numbers to the right."""
    return ' style="text-align:right"' if head.numeric else ""
