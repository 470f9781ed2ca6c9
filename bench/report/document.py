"""A page as one document, in the order in which it is read: `page.en.md` in a study's folder.

A document is a Jinja template of Markdown. First come macros, the words that the study asks for by
name; then the head::

    > line above the title
    # {{ title }}
    | Elections | {{ n_elections }} |
    A finding per line.

then section by section its heading and one call, of a table or of a figure, with the words of it::

    ## How good was each forecast?
    {{ table("scores") }}
    title: above the table; that of the page where left out
    nav: in the list of contents
    terminal: mae_pp, crps_pp
    label mae_pp: head of a column | what it means; nothing after the bar: no meaning
    name mean: what a method, or an estimator, of this key is called
    value status ok: how this value of this column is written
    block ranked: line above the rows of this part
    row gov: a row that is words | its cells between bars
    Every other line is a note below the table.

    ## The forecasts
    {{ figure("shares") }}
    title: of the figure
    claim: what it shows
    subtitle: what is drawn, and in which unit
    caption: n, dates, uncertainty
    chart: the caption on a page, where it differs
    x: label of an axis, as y
    nav: in the list of contents
    label share: what a column, or a part of the legend, is called
    reading: how to read it, in two sentences

A section of the first page of a site leads to a run (``link``), has a picture of it (``picture``)
and is withheld with its page, unless it says nothing of the vote to come (``withheld: no``).
A line without such a beginning continues the word before it. ``{{ lines("changed") }}`` makes the
lines of a section sentences of their own. A table or a figure that a run does not have has no
section. Facts are tested and written by the filters of `bench.report.text`. Sections that pages
share are documents that they include; words that they share are macros that they import, as
``{% from "simulated_words.en.md" import caution %}``. Tables and figures take ``prefix`` or
``suffix`` (of the file, as for each of many votes), ``on_page=false`` and, tables,
``on_file=false``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints, is_typeddict

import pandas as pd

from bench.core.errors import DataError, no_such
from bench.report.figure import Axis, DrawnBy, Figure
from bench.report.macros import (
    RELIABILITY_WORDS,
    RUN_WORDS,
    VOTE_WORDS,
    Macros,
    as_set,
    lines_of,
)
from bench.report.report import FigureSection, Report, Section, Sentences
from bench.report.tables import Table, table
from bench.report.text import SHARED, environment

if TYPE_CHECKING:
    from jinja2 import Template

STUDIES = Path(__file__).parents[1] / "studies"
CALL = "\N{SYMBOL FOR RECORD SEPARATOR}"  # begins the line that stands for a call
BEGINNING = re.compile(r"([a-z]+)(?: ([^:{}]+))?:(?:\s|$)")  # French has hard spaces before %
SECTION = re.compile(r"(?m)^[ \t]*##(?: |$)")
TAGS = re.compile(r"{%.*?%}|{#.*?#}")
ABOUT_TABLES = {"title", "nav", "terminal", "label", "name", "value", "block", "row"}
ABOUT_FIGURES = {
    "title",
    "claim",
    "subtitle",
    "caption",
    "chart",
    "x",
    "y",
    "nav",
    "reading",
    "label",
}
ABOUT_LINES = {"nav", "number", "basis", "link", "picture", "withheld"}
WORDS = {"table": ABOUT_TABLES, "figure": ABOUT_FIGURES, "lines": ABOUT_LINES}
KEYED = {"label", "name", "value", "block", "row"}  # that say of what
# attributes of what Jinja and Python bring along
COMMON = {"first", "last", "index", "items", "keys", "values", "get", "day", "year"}
COMMON |= {"removesuffix", "startswith"}


@dataclass(frozen=True)
class Words:
    """What a document says in one section.

    Attributes
    ----------
    heading : str
    texts : mapping of str to str
        By the word with which the line begins: ``title``, ``caption``, ….
    keyed : mapping of str to mapping of str to str
        Of ``label``, ``name``, ``value``, ``block`` and ``row``, by key.
    notes : tuple of str
        The other lines, of a table or of sentences.
    """

    heading: str
    texts: Mapping[str, str] = field(default_factory=dict)
    keyed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, word: str) -> str:
        return self.texts.get(word, "")

    @property
    def labels(self) -> Mapping[str, str]:
        """What columns, or parts of a legend, are called."""
        return self.keyed.get("label", {})


AnyFigure = Figure | DrawnBy
MakeFigure = Callable[[Words], AnyFigure]
MakeTable = Callable[..., Table]


@dataclass(frozen=True)
class Head:
    """What stands above the first section."""

    title: str
    kicker: str
    counts: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """The document of a page in every language.

    Parameters
    ----------
    study : str or Path
        Folder below `bench/studies`, or the whole path of another; empty for `bench/report`.
    facts : type
        The dataclass, or typed mapping, whose fields are the names that the document may use.
    tables, figures : sequence of str
        The names of which it has a section each.
    name : str
        Of the files, ``NAME.en.md`` and so on.
    """

    study: str | Path
    facts: type
    tables: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    name: str = "page"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return STUDIES / self.study if self.study else SHARED

    @property
    def macros(self) -> Macros:
        """The macros with which it begins."""
        return Macros(self.name, self.folder)

    @property
    def languages(self) -> list[str]:
        """Languages in which it is written."""
        return self.macros.languages

    def check(self) -> None:
        """Refuse names that nobody defines, in every branch of every language.

        Raises
        ------
        DataError
            With file, line and name.
        """
        first, *others = [Source.read(self, language) for language in self.languages]
        for source in (first, *others):
            source.check(self)
        for source in others:
            source.check_like(first)

    def text(self, macro: str, /, **values: Any) -> str:
        """Words of a macro, as `bench.report.macros.Macros.text`."""
        return self.macros.text(macro, **values)

    def lines(self, macro: str, /, **values: Any) -> tuple[str, ...]:
        """Words of a macro, as `bench.report.macros.Macros.lines`."""
        return self.macros.lines(macro, **values)

    def report(
        self,
        facts: Any,
        tables: Mapping[str, MakeTable],
        figures: Mapping[str, AnyFigure | MakeFigure],
        **more: Any,
    ) -> Report:
        """The report that the document says.

        Parameters
        ----------
        facts
            Of the type `facts`; its `title` and `source` are those of the report.
        tables : mapping of str to function
            What `table_of` returns, or another function of the name and of `title`, `heading`,
            `nav`, `notes`, `columns` and, where the document has them, `blocks`, `called` and
            `rows` (by key, the texts of the cells).
        figures : mapping of str to Figure
            Without words, which are those of the document; or a function of the `Words` of the
            section where the drawing needs some.
        **more
            Further fields of `Report`.
        """
        values = facts if isinstance(facts, Mapping) else vars(facts)
        calls: list[_Call] = []
        template = _template(self.folder, self.name, self.macros.language)
        text = template.render(
            **values,
            table=partial(_call, calls, "table"),
            figure=partial(_call, calls, "figure"),
            lines=partial(_call, calls, "lines"),
        )
        top, *parts = SECTION.split(as_set(text))
        head = _head(top)
        sections: list[Section] = []
        drawn: dict[str, AnyFigure] = {}
        on_file: list[Table] = []
        for part in parts:
            call, words = _section(part, calls)
            if call.kind == "lines":
                sentences = Sentences(
                    name=call.name,
                    heading=words.heading,
                    lines=words.notes,
                    texts=words.texts,
                )
                sections.append(sentences)
            elif call.kind == "figure" and call.key in figures:
                drawn[call.key] = _worded(figures[call.key], words)
                nav = words["nav"] or ("" if words.heading else words["title"])
                section = FigureSection(call.key, words["reading"], words.heading, nav)
                sections += [section] if call.on_page else []
            elif call.kind == "table" and call.key in tables:
                made = _headed(tables[call.key], call.key, words, head.title)
                on_file += [made] if call.on_file else []
                sections += [made] if call.on_page else []
        return Report(
            title=head.title,
            kicker=head.kicker,
            counts=head.counts,
            findings=head.findings,
            tables=tuple(on_file),
            figures=drawn,
            sections=tuple(sections),
            source=values["source"],
            **more,
        )


SHARED_WORDS = tuple(
    Document("", facts=object, name=macros.name)
    for macros in (VOTE_WORDS, RUN_WORDS, RELIABILITY_WORDS)
)
"""The macros that Python asks for whatever the page."""


@dataclass(frozen=True)
class _Call:
    """The table, figure or lines of a section."""

    kind: str
    name: str
    prefix: str = ""
    suffix: str = ""
    on_page: bool = True
    on_file: bool = True

    @property
    def key(self) -> str:
        """Name of the file."""
        return self.prefix + self.name + self.suffix


def _call(calls: list[_Call], kind: str, name: str, **where: Any) -> str:
    calls.append(_Call(kind, name, **where))
    return f"{CALL}{len(calls) - 1}"


def table_of(
    data: pd.DataFrame,
    *,
    shown: pd.DataFrame | None = None,
    show: Sequence[str] | None = None,
    columns: Mapping[str, Any] | None = None,
    form: str = "",
    finish: Callable[[Table], Table] | None = None,
    **options: Any,
) -> MakeTable:
    """A table that waits for its words.

    Parameters
    ----------
    data, shown, **options
        As of `bench.report.tables.table`.
    show
        As there; columns that the rows lack are left out.
    columns
        As there; a key such as ``lag_*`` stands for all that match.
    form
        Of numbers without their own.
    finish
        What is done to the table once it has its words.
    """
    from fnmatch import filter as matching

    rows = data if shown is None else shown
    keys = [str(key) for key in rows]
    numbers = map(str, rows.select_dtypes("number")) if form else ()
    specs: dict[str, dict[str, Any]] = {key: {"form": form} for key in numbers}
    for pattern, changes in (columns or {}).items():
        for key in matching(keys, pattern) or [pattern]:
            specs[key] = specs.get(key, {}) | _as_changes(changes)
    if show is not None:
        options["show"] = [key for pattern in show for key in matching(keys, pattern)]
    make = table if finish is None else partial(_finished, finish)
    return partial(make, data=data, shown=rows, columns=specs, **options)


def _finished(finish: Callable[[Table], Table], name: str, **options: Any) -> Table:
    return finish(table(name, **options))


def _as_changes(spec: str | Mapping[str, Any]) -> dict[str, Any]:
    return {"form": spec} if isinstance(spec, str) else dict(spec)


def _headed(make: MakeTable, name: str, words: Words, title: str) -> Table:
    """The table with its words."""
    given = make.keywords.get("columns", {}) if isinstance(make, partial) else {}
    columns = {key: _as_changes(spec) for key, spec in given.items()}
    for key, text in words.labels.items():
        label, bar, meaning = text.partition(" |")
        changes = {"label": label, "meaning": meaning.strip(" ")} if bar else {"label": label}
        columns[key] = columns.get(key, {}) | changes
    by_column: dict[str, dict[str, str]] = {}
    for key, text in words.keyed.get("value", {}).items():
        column, _space, value = key.partition(" ")
        by_column.setdefault(column, {})[value] = text
    for column, texts in by_column.items():
        columns[column] = columns.get(column, {}) | {"write": partial(_written, column, texts)}
    rows = {key: text.split(" | ") for key, text in words.keyed.get("row", {}).items()}
    options = {"blocks": words.keyed.get("block"), "called": words.keyed.get("name"), "rows": rows}
    made = make(
        name,
        title=words["title"] or title,
        heading=words.heading,
        nav=words["nav"],
        notes=words.notes,
        columns=columns,
        **{key: texts for key, texts in options.items() if texts},
    )
    return replace(made, brief=tuple(re.findall(r"\w+", words["terminal"])))


def _written(column: str, texts: Mapping[str, str], row: Mapping[Any, Any]) -> str:
    value = str(row[column])
    return texts.get(value, value)


def _worded(figure: AnyFigure | MakeFigure, words: Words) -> AnyFigure:
    """The figure with its words."""
    made = figure if isinstance(figure, Figure | DrawnBy) else figure(words)
    if isinstance(made, DrawnBy):
        return made
    columns = {key: words.labels.get(key, label) for key, label in made.columns.items()}
    x, y = _labelled(made.x, words["x"]), _labelled(made.y, words["y"])
    axes = {}
    for key, (panel_x, panel_y) in made.axes.items():
        axes[key] = (x if panel_x is made.x else panel_x, y if panel_y is made.y else panel_y)
    return replace(
        made,
        title=words["title"],
        claim=words["claim"],
        subtitle=words["subtitle"],
        caption=words["caption"],
        on_page=words["chart"],
        columns=columns,
        x=x,
        y=y,
        axes=axes,
    )


def _labelled(axis: Axis, label: str) -> Axis:
    return replace(axis, label=label) if label else axis


def _head(text: str) -> Head:
    title, kicker = "", ""
    counts: list[tuple[str, str]] = []
    findings: list[str] = []
    for line in lines_of(text):
        if line.startswith("> "):
            kicker = line.removeprefix("> ")
        elif line.startswith("# "):
            title = line.removeprefix("# ")
        elif line.startswith("| "):
            counts += counts_of([line])
        else:
            findings.append(line)
    return Head(title, kicker, tuple(counts), tuple(findings))


def counts_of(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Label and value of lines of a head such as ``| Votes | 3 |``.

    Examples
    --------
    >>> counts_of(["| Votes | 3 |"])
    [('Votes', '3')]
    """
    pairs = (line.strip("| ").partition(" | ") for line in lines)
    return [(label, value) for label, _bar, value in pairs]


def _section(text: str, calls: Sequence[_Call]) -> tuple[_Call, Words]:
    """What a section calls, and its words."""
    heading, _end, rest = text.partition("\n")
    heading, lines = " ".join(lines_of(heading)), lines_of(rest)
    place = next(number for number, line in enumerate(lines) if line.startswith(CALL))
    call = calls[int(lines.pop(place).removeprefix(CALL))]
    texts: dict[str, str] = {}
    keyed: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    texts_so_far: dict[str, str] = texts
    key = ""
    for line in lines:
        beginning = BEGINNING.match(line)
        if beginning and beginning[1] in WORDS[call.kind]:
            word, of = beginning[1], beginning[2]
            texts_so_far = keyed.setdefault(word, {}) if word in KEYED else texts
            key = of if word in KEYED else word
            texts_so_far[key] = line[beginning.end() :]
        elif call.kind == "figure":
            texts_so_far[key] = f"{texts_so_far[key]} {line}".strip()
        else:
            notes.append(line)
    return call, Words(heading, texts, keyed, tuple(notes))


@cache
def _template(folder: Path, name: str, language: str) -> Template:
    return environment(folder, SHARED).get_template(f"{name}.{language}.md")


@dataclass(frozen=True)
class Parsed:
    """One file of documents.

    Attributes
    ----------
    text : str
    nodes : mapping of str to list of jinja2.nodes.Node
        Those of its tree, by the name of their class, such as ``Macro``.
    undeclared : set of str
        Names that it uses and does not define.
    includes : list of str
        Files that it includes, or whose macros it imports.
    """

    text: str
    nodes: Mapping[str, list[Any]]
    undeclared: set[str]
    includes: list[str]


@cache
def _parsed(path: Path, text: str) -> Parsed:
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.meta import find_referenced_templates, find_undeclared_variables

    try:
        tree = environment().parse(text)
    except TemplateSyntaxError as error:
        raise DataError(f"{_at(path, error.lineno)}: {error.message}") from error
    by_class: dict[str, list[Any]] = {}
    for node in tree.find_all(nodes.Node):
        by_class.setdefault(type(node).__name__, []).append(node)
    includes = [str(name) for name in find_referenced_templates(tree)]
    return Parsed(text, by_class, find_undeclared_variables(tree), includes)


@dataclass(frozen=True)
class Source:
    """A document as it is written, with what it includes.

    Attributes
    ----------
    files : mapping of Path to Parsed
        Its own first.
    """

    files: Mapping[Path, Parsed]

    @classmethod
    def read(cls, document: Document, language: str) -> Source:
        """The file of a document, and those that it includes."""
        parsed: dict[Path, Parsed] = {}
        waiting = [document.macros.path(language)]
        while waiting:
            path = waiting.pop()
            parsed[path] = _parsed(path, path.read_text(encoding="utf-8"))
            waiting += [_found(name, document.folder) for name in parsed[path].includes]
        return cls(parsed)

    @cached_property
    def macros(self) -> dict[str, list[str]]:
        """Names of the parameters of every macro."""
        return {
            macro.name: [argument.name for argument in macro.args]
            for parsed in self.files.values()
            for macro in parsed.nodes.get("Macro", ())
        }

    def calls(self) -> Iterator[tuple[Path, int, str, str]]:
        """File, line, kind and name of every table, figure and list of lines."""
        from jinja2 import nodes

        for path, parsed in self.files.items():
            for call in parsed.nodes.get("Call", ()):
                if isinstance(call.node, nodes.Name) and call.node.name in WORDS:
                    name = call.args[0] if call.args else None
                    if not isinstance(name, nodes.Const):
                        raise DataError(f"{_at(path, call.lineno)}: a call without a name")
                    yield path, call.lineno, call.node.name, str(name.value)

    def check(self, document: Document) -> None:
        """Refuse names that are no fact, macro, table, figure, attribute or word of a line."""
        names = {*_fields(document.facts), *self.macros, *WORDS}
        attributes = _attributes(document.facts) | COMMON
        filters, names = environment().filters, names | environment().globals.keys()
        for path, parsed in self.files.items():
            unknown = parsed.undeclared - names
            for node in parsed.nodes.get("Name", ()):
                if node.name in unknown:
                    raise _wrong(_at(path, node.lineno), "the name", node.name, names)
            for called in parsed.nodes.get("Filter", ()):
                if called.name not in filters:
                    raise _wrong(_at(path, called.lineno), "the filter", called.name, filters)
            for attribute in parsed.nodes.get("Getattr", ()):
                if attribute.attr not in attributes:
                    raise _wrong(
                        _at(path, attribute.lineno), "the field", attribute.attr, attributes
                    )
        declared = {"table": document.tables, "figure": document.figures}
        named: dict[str, set[str]] = {"table": set(), "figure": set(), "lines": set()}
        for path, line, kind, name in self.calls():
            named[kind].add(name)
            if name not in declared.get(kind, (name,)):
                raise _wrong(_at(path, line), f"the {kind}", name, declared[kind])
        for kind, known in declared.items():
            if lost := [name for name in known if name not in named[kind]]:
                raise DataError(f"{next(iter(self.files))} has no section of the {kind} {lost[0]}")
        self.check_imports()
        for path, parsed in self.files.items():
            _check_words(path, parsed.text)

    def check_imports(self) -> None:
        """Refuse macros that no document defines."""
        for path, parsed in self.files.items():
            for statement in parsed.nodes.get("FromImport", ()):
                for name in statement.names:
                    macro = name if isinstance(name, str) else name[0]
                    if macro not in self.macros:
                        raise _wrong(_at(path, statement.lineno), "the macro", macro, self.macros)

    def check_like(self, other: Source) -> None:
        """Refuse a language that has other macros or sections than another."""
        path = next(iter(self.files))
        if self.macros != other.macros:
            here, there = self.macros.items(), other.macros.items()
            differ = [name for name, _args in _differing(here, there)]
            raise DataError(f"{path}: the macro {differ[0]} is not that of the other language")
        mine = [(kind, name) for _path, _line, kind, name in self.calls()]
        theirs = [(kind, name) for _path, _line, kind, name in other.calls()]
        if mine != theirs:
            differ = [name for _kind, name in _differing(mine, theirs)] or [mine[0][1]]
            raise DataError(f"{path}: {differ[0]} does not stand where the other language has it")


def _differing(these: Any, those: Any) -> list[Any]:
    """What only one of both holds."""
    both = [*these, *those]
    return [entry for entry in both if entry not in these or entry not in those]


def _check_words(path: Path, text: str) -> None:
    """Refuse lines of sections that begin with a word that says nothing there."""
    kind = ""
    for number, line in enumerate(text.split("\n"), start=1):
        plain = TAGS.sub("", line).strip()
        if plain.startswith("##"):
            kind = ""
        for call in WORDS:
            if f"{{{{ {call}(" in plain:
                kind = call
        beginning = BEGINNING.match(plain)
        if kind and beginning and beginning[1] not in WORDS[kind]:
            raise _wrong(_at(path, number), f"the word of a {kind}", beginning[1], WORDS[kind])


def _at(path: Path, line: int) -> str:
    return f"{path}, line {line}"


def _wrong(place: object, what: str, name: str, known: Iterable[str]) -> DataError:
    return DataError(f"{place}: {no_such(what, name, sorted(known))}")


def _found(name: str, folder: Path) -> Path:
    """The file of an included document."""
    paths = [place / name for place in (folder, SHARED)]
    return next((path for path in paths if path.is_file()), paths[0])


def _fields(kind: Any) -> dict[str, Any]:
    """The annotated fields of a dataclass, a typed mapping or a named tuple."""
    has_fields = is_dataclass(kind) or is_typeddict(kind) or hasattr(kind, "_fields")
    return get_type_hints(kind) if has_fields else {}


def _attributes(kind: Any, seen: frozenset[Any] = frozenset()) -> set[str]:
    """The names of all fields that can be reached from a type."""
    if kind in seen:
        return set()
    own = _fields(kind) if isinstance(kind, type) else {}
    names = set(own)
    for inner in (*own.values(), *get_args(kind)):
        names |= _attributes(inner, seen | {kind})
    return names
