"""A table as Markdown, LaTeX, bare HTML and CSV: what papers, articles and spreadsheets take."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from bench.core.language import _
from bench.core.read import hidden_sign, visible
from bench.report.tables import SIGNS, Block, Cell, Column, Table

LONG = 45  # rows that no single page of a paper holds
LINE = 92  # signs in a line of footnotesize
# each sign and what stands for it
TEX_SIGNS = r"""
    \\textbackslash{} ~\textasciitilde{} ^\textasciicircum{} <\textless{} >\textgreater{}
    |\textbar{} "\textquotedbl{} –-- −$-$ ✓$\checkmark$ ✗$\times$ ·$\cdot$ →$\to$ ×$\times$ ±$\pm$
    ≤$\leq$ ≥$\geq$ ρ$\rho$ ²$^2$ ●$\bullet$ ○$\circ$ …\dots{} ∞$\infty$ ½$\frac12$ °$^\circ$
    †$\dagger$ ‡$\ddagger$ &\& %\% $\$ #\# _\_ {\{ }\} [{[} *{*}
"""
TEX_ESCAPES = {pair[0]: pair[1:] for pair in TEX_SIGNS.split()}
TEX_KEPT = "".join(map(chr, range(0xA1, 0x100))).replace("\xad", "") + "“”‘’‚„‹›—•€™‰"
TEX_ESCAPES |= dict.fromkeys("\u202f\u2009", r"\,") | {"\u00a0": "~"}


def table_files(table: Table) -> dict[str, str]:
    """The files of a table: `name`.csv in full precision, .md, .tex and .html for readers."""
    return {
        f"{table.name}.csv": table.to_csv(),
        f"{table.name}.md": markdown(table),
        f"{table.name}.tex": latex(table),
        f"{table.name}.html": html_table(table),
    }


def markdown(table: Table) -> str:
    """GitHub-flavoured Markdown; a block's heading stands in the second column."""

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    table = table.in_files
    lines = [f"**{markdown_text(table.title)}**", ""]
    lines.append(line([markdown_text(one.label) for one in table.columns]))
    lines.append(line(["---:" if one.numeric else "---" for one in table.columns]))
    for block in table.blocks:
        if block.heading:
            spare = ["", f"*{markdown_text(block.heading)}*"] + [""] * (len(table.columns) - 2)
            lines.append(line(spare))
        lines += [line([markdown_text(cell.text) for cell in row.cells]) for row in block.rows]
    notes = [markdown_text(note) for note in (*table.notes, *column_notes(table.columns))]
    return "\n\n".join(["\n".join(lines), *notes]).rstrip() + "\n"


def column_notes(columns: Sequence[Column]) -> list[str]:
    """What the columns mean, in one paragraph; none where every label speaks for itself.

    Examples
    --------
    >>> error = Column(key="mae_pp", label="MAE", meaning="mean absolute error; lower is better")
    >>> column_notes([Column(key="predictor", label="predictor"), error])
    ['Columns: MAE = mean absolute error; lower is better.']
    """
    meanings = " · ".join(f"{one.label} = {one.meaning}" for one in columns if one.meaning)
    return [_("Columns: {meanings}.", meanings=meanings)] if meanings else []


def _one_line(text: str) -> str:
    """The text with single spaces; those at which no line is broken stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text).strip(" ")


def _seen(text: str) -> str:
    return text if text.isprintable() else visible(text)


def markdown_text(text: str) -> str:
    r"""Escape what Markdown or HTML inside it would act upon, and write hidden signs out.

    Examples
    --------
    >>> markdown_text("a|b <i> snake_case")
    'a\\|b &lt;i&gt; snake\\_case'
    """
    text = html.escape(_seen(_one_line(text)), quote=False)
    for sign in ("\\", "|", "*", "_", "`", "[", "]"):
        text = text.replace(sign, "\\" + sign)
    return text


def latex(table: Table) -> str:
    """LaTeX with booktabs rules, over several pages where it is long (LaTeX then runs twice).

    Needs UTF-8 input and the packages `booktabs`, `longtable`, `graphicx`, `amssymb` and
    `fontenc` with ``T1``.
    """
    table = table.in_papers
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    labels = [one.label for one in table.columns]
    width = sum(max(map(len, texts)) + 1 for texts in zip(labels, *rows, strict=True))
    width_of_cells = sum(max(map(len, texts)) + 1 for texts in zip(*rows, strict=True))
    is_long, is_wide = len(rows) > LONG, width > LINE
    shape = "@{}" + "".join("r" if one.numeric else "l" for one in table.columns) + "@{}"
    caption = rf"\caption{{{latex_text(table.title)}}}"
    label = rf"\label{{tab:{table.name.replace('_', '-')}}}"
    over = [latex_text(text) for text in labels]
    if is_long and is_wide:
        over = [rf"\rotatebox{{90}}{{{text}}}" for text in over]
    top = [r"\toprule", " & ".join(over) + r" \\", r"\midrule"]
    body = [line for block in table.blocks for line in _latex_block(block, len(table.columns))]
    body = body[1:] if body[:1] == [r"\addlinespace"] else body
    notes = "\n\n".join(latex_text(note) for note in (*table.notes, *column_notes(table.columns)))
    below = [r"\par\medskip\noindent{\raggedright\footnotesize", notes, r"\par}"] if notes else []
    if is_long:
        size = r"\footnotesize" if width_of_cells <= LINE else r"\tiny"
        # one chunk: two runs of LaTeX align the columns, whatever the length
        start = [r"\begingroup", size, r"\setlength{\tabcolsep}{2pt}"]
        start += [r"\setcounter{LTchunksize}{5000}", rf"\begin{{longtable}}{{{shape}}}"]
        head = [caption + label + r" \\", *top, r"\endfirsthead", *top, r"\endhead"]
        foot = [r"\bottomrule", r"\endfoot", *body, r"\end{longtable}", r"\endgroup"]
        return "\n".join([*start, *head, *foot, *below, ""])
    inner = [rf"\begin{{tabular}}{{{shape}}}", *top, *body, r"\bottomrule", r"\end{tabular}"]
    if is_wide:
        inner = [r"\resizebox{\linewidth}{!}{%", *inner, "}"]
    start = [r"\begin{table}", r"\centering", r"\footnotesize", r"\setlength{\tabcolsep}{3pt}"]
    return "\n".join([*start, caption, label, *inner, *below, r"\end{table}", ""])


def _latex_block(block: Block, n_columns: int) -> list[str]:
    lines = []
    if block.heading:
        heading = rf"\multicolumn{{{n_columns}}}{{@{{}}l}}{{\emph{{{latex_text(block.heading)}}}}}"
        lines = [r"\addlinespace", heading + r" \\"]
    return [*lines, *(" & ".join(map(_latex_cell, row.cells)) + r" \\" for row in block.rows)]


def _latex_cell(cell: Cell) -> str:
    """A sign after a number hangs beside it, so that the decimals stay aligned."""
    if cell.value is not None and cell.text[-1:] in SIGNS:
        return latex_text(cell.text[:-1]) + rf"\rlap{{{latex_text(cell.text[-1])}}}"
    return latex_text(cell.text)


def latex_text(text: str) -> str:
    r"""Escape every sign that LaTeX would act upon, or that pdflatex could not set.

    Latin letters with their accents, western punctuation and the signs of `TEX_SIGNS` compile
    everywhere. Letters of other scripts stay as they are and need LuaLaTeX or XeLaTeX, with a font
    that has them. Joiners and other signs without a shape are left out; control characters, emoji
    and other pictures become their numbers.

    Examples
    --------
    >>> latex_text(r"50% of a_b & \c")
    '50\\% of a\\_b \\& \\textbackslash{}c'
    >>> latex_text("Zoë \N{FIRE} [x]"), latex_text("a\u200bb \u202ec")
    ('Zoë (U+1F525) {[}x]', 'ab (U+202E)c')
    """
    return "".join(map(_tex_sign, unicodedata.normalize("NFC", _one_line(text))))


@cache
def _tex_sign(sign: str) -> str:
    if sign in TEX_ESCAPES:
        return TEX_ESCAPES[sign]
    if " " <= sign <= "~" or sign in TEX_KEPT or unicodedata.category(sign)[0] in "LM":
        return sign
    shapeless = unicodedata.category(sign) in ("Cf", "Zl", "Zp") and not hidden_sign(sign)
    return "" if shapeless else f"(U+{ord(sign):04X})"


def html_table(table: Table) -> str:
    """A bare HTML table with caption and header scopes, to paste into an article."""
    table = table.in_files

    def escape(text: str) -> str:
        return html.escape(_seen(text))

    sides = [' style="text-align:right"' if one.numeric else "" for one in table.columns]
    span = f'colspan="{len(table.columns)}"'
    heads = [
        f'<abbr title="{escape(one.meaning)}">{escape(one.label)}</abbr>'
        if one.meaning
        else escape(one.label)
        for one in table.columns
    ]
    head = "".join(
        f'<th scope="col"{side}>{text}</th>' for side, text in zip(sides, heads, strict=True)
    )
    lines = ["<table>", f"<caption>{escape(table.title)}</caption>"]
    lines.append(f"<thead><tr>{head}</tr></thead>")
    for block in table.blocks:
        lines.append("<tbody>")
        if block.heading:
            lines.append(f'<tr><th {span} scope="colgroup">{escape(block.heading)}</th></tr>')
        for row in block.rows:
            cells = zip(sides, row.cells, strict=True)
            texts = (f"<td{side}>{escape(cell.text)}</td>" for side, cell in cells)
            lines.append(f"<tr>{''.join(texts)}</tr>")
        lines.append("</tbody>")
    if table.notes:
        notes = " ".join(map(escape, table.notes))
        lines.append(f"<tfoot><tr><td {span}>{notes}</td></tr></tfoot>")
    return "\n".join([*lines, "</table>", ""])
