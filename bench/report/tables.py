"""The one type of a table for people, and the one builder, from rows of data and named columns."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import repeat

import pandas as pd

from bench.core.assurance import COLUMN, MARK, assurance_of, is_trusted, with_assurance
from bench.core.language import LANGUAGE, SEMICOLON, use_language
from bench.core.options import labels
from bench.core.read import visible
from bench.report.columns import Column, Columns, Written, in_words, written_columns
from bench.report.formatting import MISSING
from bench.report.macros import RUN_WORDS

MAX_CHOICES = 40  # of a column by which a page can be filtered
METHOD = "predictor"
NAMES = (METHOD, "method", "peer", "from")  # columns that name the row
CALLED = (*NAMES, "against")  # columns with keys that people read by name
# numbers that are asked and not measured: measured ones that agree are a finding
ASKED = ("round", "n", "elections", "n_areas", "replicates", "electorates", "of", "areas")
FEW = 3  # rows in which a column may well say the same
LEAST = 3  # columns that stay
WEB = re.compile(r"https?://[^\s<>|]+$")
VERDICTS = {"✓": "yes", "✗": "no"}
SIGNS = "·°=†‡*"  # that hang after a number, whose decimals stay aligned


@dataclass(frozen=True)
class Cell:
    """A cell: its text, the number by which it is sorted, its look on a page, words under it.

    A name has the `key` that it stands for; a cell of `links` their words and addresses. Looks are
    ``"yes"`` and ``"no"`` (right and wrong), and those of `bench/report/html/page.css`.
    """

    text: str
    value: float | None = None
    look: str = ""
    under: str = ""
    key: str = ""
    links: tuple[tuple[str, str], ...] = ()

    @property
    def sort(self) -> str:
        """The number as text; empty where there is none."""
        return "" if self.value is None or self.value != self.value else f"{self.value:.8g}"


@dataclass(frozen=True)
class Row:
    """A row of cells.

    Attributes
    ----------
    cells : tuple of Cell
    note : str
        What a terminal, which has no room for it, says of the row below the table.
    keys : tuple of str
        Values for the choices of the table, in their order.
    hidden : bool
        Whether a page shows it only when it is chosen.
    look : str
        ``"silent"`` or ``"failed"`` of a row that a terminal names below the table, else empty.
    """

    cells: tuple[Cell, ...]
    note: str = ""
    keys: tuple[str, ...] = ()
    hidden: bool = False
    look: str = ""


@dataclass(frozen=True)
class Block:
    """Rows under a line of their own; no line where the heading is empty."""

    heading: str
    rows: tuple[Row, ...]
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice above a table on a page; a row is shown if it carries the chosen value.

    Attributes
    ----------
    label : str
        What is chosen.
    options : tuple of (str, str)
        Value and words.
    any : bool
        Whether everything may be shown.
    value : str
        Chosen at first; empty for everything.
    dates : tuple of int
        Where options are dates: the place of each among the dates of the slider, -1 for none.
    """

    label: str
    options: tuple[tuple[str, str], ...]
    any: bool = True
    value: str = ""
    dates: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its words; terminal, files and page are made of it.

    Attributes
    ----------
    name : str
        Of its files and of its section on a page: letters, digits, ``_``.
    title : str
        Above it.
    heading, nav : str
        Of its section on a page and in the list of contents; the first clause of the title where
        empty.
    data : pandas.DataFrame
        In full precision, for the CSV.
    columns : tuple of Column
        That people see.
    blocks : tuple of Block
        The rows.
    notes : tuple of str
        Below it.
    terminal : bool, optional
        Whether it is printed when a run ends; by default only the first table of a report is.
    brief : tuple of str
        Keys of the columns beside the name that a terminal shows on one screen; all if empty.
    choices : tuple of Choice
        By which a page can be filtered.
    notes_with : tuple of (str, tuple of str)
        Notes that a page shows with a value of a choice.
    sorted_by : str
        Key of the column by which rows come sorted; empty for none.
    search : bool
        Whether a page can search the names, where there are many.
    look : str
        CSS class.
    labels : mapping of str to str
        What files and pages call methods, by key; a terminal shows the keys.
    language : str
        In which it is worded; that which is spoken when it is made.

    Examples
    --------
    >>> errors = pd.DataFrame({"predictor": ["last_poll", "uniform"], "mae_pp": [1.234, 9.0]})
    >>> one = table("errors", errors, title="Errors")
    >>> print(one.to_frame())
       predictor    MAE
    0  last_poll  1.234
    1    uniform  9.000
    >>> print(one.to_markdown().splitlines()[4])
    | Last poll of each institute | 1.23 |
    """

    name: str
    title: str
    heading: str = ""
    nav: str = ""
    data: pd.DataFrame
    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    terminal: bool | None = None
    brief: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    notes_with: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sorted_by: str = ""
    search: bool = True
    look: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    language: str = field(default_factory=LANGUAGE.get)

    def __post_init__(self) -> None:
        """Say in data and notes what stood behind the predictors of a run."""
        if COLUMN in self.data:
            return
        data = with_assurance(self.data)
        words = {*data.get(COLUMN, ()), *map(assurance_of, map(str, data))}
        note = "" if all(map(is_trusted, words)) else RUN_WORDS.text("mark_note")
        object.__setattr__(self, "data", data)
        if note and note not in self.notes:
            object.__setattr__(self, "notes", (note, *self.notes))

    @cached_property
    def rows(self) -> list[Row]:
        """Rows of every block."""
        return [row for block in self.blocks for row in block.rows]

    @cached_property
    def name_at(self) -> int:
        """Place of the column that names the row."""
        text = [i for i, column in enumerate(self.columns) if not column.numeric]
        named = [i for i in text if self.columns[i].key in NAMES]
        return (named or text or [0])[0]

    def texts(self, key: str) -> list[str]:
        """The column of this key as people see it."""
        place = [column.key for column in self.columns].index(key)
        return [row.cells[place].text for row in self.rows]

    def at(self, places: Sequence[int]) -> Table:
        """The table with the columns at these places only."""
        if len(places) == len(self.columns):
            return self

        def shortened(row: Row) -> Row:
            return replace(row, cells=tuple(row.cells[i] for i in places))

        blocks = (replace(b, rows=tuple(map(shortened, b.rows))) for b in self.blocks)
        columns = tuple(self.columns[i] for i in places)
        return replace(self, columns=columns, blocks=tuple(blocks))

    def keep(self, is_kept: Callable[[Column], bool]) -> Table:
        """The table with these columns only."""
        return self.at([i for i, column in enumerate(self.columns) if is_kept(column)])

    def key_shown(self, keys: str) -> str:
        """The keys of a cell as a terminal shows them, with their mark."""
        marks = [MARK if self.labels.get(k, "").endswith(MARK) else "" for k in keys.split(" = ")]
        return " = ".join(map("".join, zip(keys.split(" = "), marks, strict=True)))

    @cached_property
    def in_files(self) -> Table:
        """What files and pages show: their columns, and methods by the names that people read."""
        for_files = self.keep(lambda column: column.in_files)
        places = [i for i, column in enumerate(for_files.columns) if column.key in CALLED]
        if not for_files.labels or not places:
            return for_files

        def named(row: Row) -> Row:
            cells = list(row.cells)
            for place in places:
                keys = cells[place].text
                if (called := _called(keys, for_files.labels)) != keys:
                    cells[place] = replace(cells[place], text=called, key=keys)
            return replace(row, cells=tuple(cells))

        blocks = (replace(block, rows=tuple(map(named, block.rows))) for block in for_files.blocks)
        return replace(for_files, blocks=tuple(blocks), labels={})

    @cached_property
    def in_papers(self) -> Table:
        """What LaTeX shows: less than other files."""
        return self.in_files.keep(lambda column: column.in_papers)

    def drop_constant_columns(self) -> Table:
        """The table without the columns that say the same in every row; a note says it once.

        The CSV keeps them. Empty columns go without a word.

        Examples
        --------
        >>> data = pd.DataFrame({"election": "x2031", "method": list("abc"), "error": 1.0, "n": [1,
        ...                      2, 3], "why": ""})
        >>> one = table("t", data, title="T")
        >>> [head.label for head in one.columns], one.notes
        (['method', 'error', 'n'], ('The same in every row: election x2031.',))
        """
        empty, equal = _constant(self)
        if len(self.columns) - len(empty) < LEAST:
            return self
        if len(self.columns) - len(empty) - len(equal) < LEAST:
            equal = {}
        if not (empty or equal):
            return self
        notes = self.notes
        if equal:
            constants = [
                f"{column.label} {equal[column.key]}"
                for column in self.columns
                if column.key in equal
            ]
            notes = (*notes, RUN_WORDS.text("same_in_every_row", constants=constants))
        dropped = empty | set(equal)
        return replace(self.keep(lambda column: column.key not in dropped), notes=notes)

    @cached_property
    def all_notes(self) -> tuple[str, ...]:
        """What is said below it in files, what the columns mean included."""
        with use_language(self.language):
            return (*self.notes, *column_notes(self.columns))

    def to_frame(self) -> pd.DataFrame:
        """The table under human labels: numbers in full precision, words as people see them.

        Where a row carries the mark, the last column is `assurance`.
        """
        columns = {}
        for i, column in enumerate(self.columns):
            cells = [row.cells[i] for row in self.rows]
            as_number = column.numeric and all(
                cell.value is not None or cell.text in (MISSING, "") for cell in cells
            )
            columns[i] = pd.Series([cell.value if as_number else cell.text for cell in cells])
        frame = pd.DataFrame(columns).set_axis([column.label for column in self.columns], axis=1)
        places = [i for i, column in enumerate(self.columns) if column.key == METHOD]
        if not places or all(map(is_trusted, self.data.get(COLUMN, ()))):
            return frame
        words = dict(zip(self.data[METHOD], self.data[COLUMN], strict=True))
        first = [row.cells[places[0]].text.split(" = ")[0] for row in self.rows]
        return frame.assign(**{COLUMN: [words.get(key, "") for key in first]})

    def to_csv(self) -> str:
        """The data in full precision, under the keys of its columns."""
        from bench.core.write import csv_text

        return csv_text(self.data)

    def to_markdown(self) -> str:
        """GitHub-flavoured Markdown; a block's heading stands in the second column."""
        for_files = self.in_files

        def line(cells: Sequence[str]) -> str:
            return f"| {' | '.join(cells)} |"

        lines = [f"**{markdown_text(for_files.title)}**", ""]
        lines.append(line([markdown_text(column.label) for column in for_files.columns]))
        lines.append(line(["---:" if column.numeric else "---" for column in for_files.columns]))
        for block in for_files.blocks:
            if block.heading:
                spare = [""] * (len(for_files.columns) - 2)
                lines.append(line(["", f"*{markdown_text(block.heading)}*", *spare]))
            lines += [line([_markdown_cell(cell) for cell in row.cells]) for row in block.rows]
        notes = map(markdown_text, for_files.all_notes)
        return "\n\n".join(["\n".join(lines), *notes]).rstrip() + "\n"

    def to_latex(self) -> str:
        """LaTeX with booktabs rules, over several pages where it is long (LaTeX then runs twice).

        Needs UTF-8 input and the packages `booktabs`, `longtable`, `graphicx`, `amssymb` and
        `fontenc` with ``T1``.
        """
        return _latex(self.in_papers)

    def to_html(self) -> str:
        """A bare HTML table with caption and header scopes, to paste into an article."""
        from bench.report.html import environment

        text = environment().get_template("table.html").render(table=self.in_files)
        return f"{visible(text)}\n"

    def _repr_html_(self) -> str:
        return self.to_html()


def table(
    name: str,
    data: pd.DataFrame,
    *,
    title: str,
    heading: str = "",
    nav: str = "",
    notes: Sequence[str] = (),
    columns: Columns | None = None,
    show: Sequence[str] | None = None,
    shown: pd.DataFrame | None = None,
    names: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
    filters: Sequence[str] | None = None,
    first: Mapping[str, str] | None = None,
    block_by: str = "",
    blocks: Mapping[str, str] | None = None,
    row_notes: str = "",
    row_looks: str = "",
    look: str = "",
    terminal: bool | None = None,
) -> Table:
    """A table of one row per fact, labelled and written as `bench.report.formatting` says.

    Columns that say the same in every row are left out and said once in a note.

    Parameters
    ----------
    name
        Of the files: letters, digits, ``_``.
    data
        What the CSV holds, in full precision.
    title, notes
        Words above and below.
    heading, nav
        Of its section on a page, and in the list of contents.
    columns
        By key, what differs from the registry: a `ColumnSpec`, a form such as ``"2"``, or changes
        such as ``{"sign": "mark"}``.
    show
        Keys of the columns for people, in order; all of `shown` if left out. A key that is no
        column needs a spec that writes it from the row.
    shown
        Rows for people, where they are not those of `data`.
    names
        Candidates' keys to their names.
    called
        Keys of methods that are no predictors, to the names that people read.
    filters
        Columns by which a page can be filtered; text that repeats if left out.
    first
        What a page shows at first, by column, such as ``{"round": "1"}``.
    block_by, blocks
        Column that parts the rows, and its values in order with the line above each part.
    row_notes, row_looks
        Columns with the note and the look of each row, see `Row`.
    look
        CSS class.
    terminal
        Whether it is printed when a run ends.

    Examples
    --------
    >>> rows = pd.DataFrame({"method": ["a", "a", "b"], "dose": [0.1, 2, 16e3]})
    >>> one = table("t", rows, title="T")
    >>> one.texts("dose"), [choice.label for choice in one.choices]
    (['0.1', '2', '16,000'], ['method'])
    >>> ranks = rows.assign(tied=[False, True, True], rank=[1, 2, 2])
    >>> place = {"write": lambda row: f"{row['rank']}{'=' if row['tied'] else ''}"}
    >>> table("t", ranks, title="T", columns={"rank": place}).texts("rank")
    ['1', '2=', '2=']
    """
    people_see = data if shown is None else shown
    names = names or {}
    keys = [str(key) for key in people_see] if show is None else list(show)
    written = written_columns(people_see, keys, columns or {}, names)
    texts_of = {column.key: texts for column, texts, _numbers in written}
    called_names = _labels(texts_of[METHOD], LANGUAGE.get()) if METHOD in texts_of else {}
    called_names |= called or {}
    first = dict(first or {})
    text_keys = [column.key for column, _texts, _numbers in written if not column.numeric]
    filtered = {*(text_keys if filters is None else filters), *first}
    choices = {}
    for column, texts, _numbers in written:
        if column.key in filtered and _repeats(texts):
            at_first = first.get(column.key, "")
            choices[column.key] = _choice(column, texts, at_first, names, called_names)
    by_column = [_cells(column_written, people_see) for column_written in written]
    cells = list(zip(*by_column, strict=True)) if written else [()] * len(people_see)
    chosen = zip(*(texts_of[key] for key in choices), strict=True) if choices else repeat(())
    noted = zip(_words(people_see, row_notes), _words(people_see, row_looks), strict=True)
    rows = [
        Row(row_cells, note=note, keys=row_keys, look=row_look)
        for row_cells, row_keys, (note, row_look) in zip(cells, chosen, noted, strict=False)
    ]
    parts = _parts(rows, list(people_see[block_by]) if block_by else [], blocks or {})
    return Table(
        name=name,
        title=title,
        heading=heading,
        nav=nav,
        data=data,
        columns=tuple(column for column, _texts, _numbers in written),
        blocks=parts,
        notes=tuple(notes),
        choices=tuple(choices.values()),
        terminal=terminal,
        look=look,
        labels=called_names,
    ).drop_constant_columns()


def _cells(written: Written, rows: pd.DataFrame) -> list[Cell]:
    """The cells of a column."""
    column, texts, numbers = written
    if column.numeric:
        cells = [Cell(text, number) for text, number in zip(texts, numbers, strict=True)]
    else:
        cells = [Cell(text, look=VERDICTS.get(text[:1], "")) for text in texts]
    if not column.links:
        return cells
    linked = zip(cells, rows[column.links], strict=True)
    return [replace(cell, links=_opened(pairs)) for cell, pairs in linked]


def _parts(
    rows: Sequence[Row], part_of: Sequence[object], blocks: Mapping[str, str]
) -> tuple[Block, ...]:
    """The rows under the line of their part; parts without rows are left out.

    Where rows have no parts, all stand under no line.
    """
    if not part_of:
        return (Block("", tuple(rows)),)
    parts = []
    for key, line in blocks.items():
        of_part = tuple(row for row, part in zip(rows, part_of, strict=True) if part == key)
        if of_part:
            parts.append(Block(line, of_part, key))
    return tuple(parts)


def _opened(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Words and addresses of pages; none where one is no address of the web."""
    return tuple(pairs) if all(WEB.match(address) for _words, address in pairs) else ()


def _labels(names: Sequence[str], language: str) -> dict[str, str]:
    """What people call methods, of which several may share a cell."""
    keys = sorted({key for name in names for key in name.split(" = ")})
    return labels("predictor", keys, language)


def _called(keys: str, labels: Mapping[str, str]) -> str:
    return " = ".join(labels.get(key, key) for key in keys.split(" = "))


def _words(rows: pd.DataFrame, key: str) -> list[str]:
    """A column as text, empty where nothing is said."""
    values = list(rows[key]) if key else [None] * len(rows)
    return ["" if value is None or pd.isna(value) else str(value) for value in values]


def _constant(table: Table) -> tuple[set[str], dict[str, str]]:
    """Keys of the columns that are empty, and of those that say the same, with what they say."""
    empty: set[str] = set()
    equal: dict[str, str] = {}
    for i, head in enumerate(table.columns):
        texts = [row.cells[i].text for row in table.rows]
        if head.key in NAMES or len(set(texts)) != 1:
            continue
        if texts[0] in ("", MISSING):
            empty.add(head.key)
        elif len(texts) >= FEW and (not head.numeric or head.key in ASKED):
            equal[head.key] = _called(texts[0], table.labels) if head.key in CALLED else texts[0]
    return empty, equal


def _repeats(texts: Sequence[str]) -> bool:
    n = len(set(texts))
    return 1 < n <= min(MAX_CHOICES, 0.7 * len(texts))


def _choice(
    head: Column,
    texts: Sequence[str],
    first: str,
    names: Mapping[str, str],
    labels: Mapping[str, str],
) -> Choice:
    labels = labels if head.key in CALLED else {}
    options = tuple(
        (text, _called(text, labels).replace("_", " ") or MISSING) for text in dict.fromkeys(texts)
    )
    start = in_words(first, head.key, names) if first else ""
    return Choice(label=head.label, options=options, value=start if start in texts else "")


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


def table_files(*tables: Table) -> dict[str, str]:
    """The files of tables: `name`.csv in full precision, .md, .tex and .html for readers."""
    files = {}
    for each in tables:
        files[f"{each.name}.csv"] = each.to_csv()
        files[f"{each.name}.md"] = each.to_markdown()
        files[f"{each.name}.tex"] = each.to_latex()
        files[f"{each.name}.html"] = each.to_html()
    return files


def column_notes(columns: Sequence[Column]) -> list[str]:
    """What the columns mean, in one paragraph; none where every label speaks for itself.

    Examples
    --------
    >>> error = Column(key="mae_pp", label="MAE", meaning="mean absolute error; lower is better")
    >>> column_notes([Column(key="predictor", label="predictor"), error])
    ['Columns: MAE = mean absolute error; lower is better.']
    """
    meanings = " · ".join(
        f"{column.label} = {column.meaning}" for column in columns if column.meaning
    )
    return [RUN_WORDS.text("column_meanings", meanings=meanings)] if meanings else []


def _one_line(text: str) -> str:
    """The text with single spaces; those at which no line is broken stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text).strip(" ")


def _visible_text(text: str) -> str:
    return text if text.isprintable() else visible(text)


def markdown_text(text: str) -> str:
    r"""Escape what Markdown or HTML inside it would act upon, and write hidden signs out.

    Examples
    --------
    >>> markdown_text("a|b <i> snake_case")
    'a\\|b &lt;i&gt; snake\\_case'
    """
    text = html.escape(_visible_text(_one_line(text)), quote=False)
    for sign in ("\\", "|", "*", "_", "`", "[", "]"):
        text = text.replace(sign, "\\" + sign)
    return text


def _markdown_cell(cell: Cell) -> str:
    if not cell.links:
        return markdown_text(cell.text)
    links = [
        f"[{markdown_text(words)}]({address.replace('(', '%28').replace(')', '%29')})"
        for words, address in cell.links
    ]
    return SEMICOLON[LANGUAGE.get()].join(links)


def _latex(table: Table) -> str:
    """A table, whose columns all stand in the paper."""
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    heads = [column.label for column in table.columns]
    texts_by_column = zip(*(rows or [[""] * len(heads)]), strict=True)
    widths = [max(map(len, texts)) + 1 for texts in texts_by_column]
    is_long = len(rows) > LONG
    is_wide = sum(max(w, len(head) + 1) for w, head in zip(widths, heads, strict=True)) > LINE
    shape = "@{}" + "".join("r" if column.numeric else "l" for column in table.columns) + "@{}"
    label = rf"\caption{{{latex_text(table.title)}}}\label{{tab:{table.name.replace('_', '-')}}}"
    over = [latex_text(text) for text in heads]
    if is_long and is_wide:
        over = [rf"\rotatebox{{90}}{{{text}}}" for text in over]
    top = [r"\toprule", " & ".join(over) + r" \\", r"\midrule"]
    body: list[str] = []
    for block in table.blocks:
        if block.heading:
            span = rf"\multicolumn{{{len(heads)}}}{{@{{}}l}}"
            body += [r"\addlinespace"] if body else []
            body.append(rf"{span}{{\emph{{{latex_text(block.heading)}}}}} \\")
        body += [" & ".join(map(_latex_cell, row.cells)) + r" \\" for row in block.rows]
    notes = "\n\n".join(map(latex_text, table.all_notes))
    below = [r"\par\medskip\noindent{\raggedright\footnotesize", notes, r"\par}"] if notes else []
    if is_long:
        size = r"\footnotesize" if sum(widths) <= LINE else r"\tiny"
        # one chunk: two runs of LaTeX align the columns, whatever the length
        start = [r"\begingroup", size, r"\setlength{\tabcolsep}{2pt}"]
        start += [r"\setcounter{LTchunksize}{5000}", rf"\begin{{longtable}}{{{shape}}}"]
        head = [label + r" \\", *top, r"\endfirsthead", *top, r"\endhead"]
        foot = [r"\bottomrule", r"\endfoot", *body, r"\end{longtable}", r"\endgroup"]
        return "\n".join([*start, *head, *foot, *below, ""])
    inner = [rf"\begin{{tabular}}{{{shape}}}", *top, *body, r"\bottomrule", r"\end{tabular}"]
    if is_wide:
        inner = [r"\resizebox{\linewidth}{!}{%", *inner, "}"]
    start = [r"\begin{table}", r"\centering", r"\footnotesize", r"\setlength{\tabcolsep}{3pt}"]
    return "\n".join([*start, label, *inner, *below, r"\end{table}", ""])


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
    shapeless = unicodedata.category(sign) in ("Cf", "Zl", "Zp") and visible(sign) == sign
    return "" if shapeless else f"(U+{ord(sign):04X})"
