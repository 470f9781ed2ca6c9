"""The page of a run: one self-contained HTML file, made of a report."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bench.core.language import current_language
from bench.core.read import visible
from bench.report.charts import Chart, packed_charts
from bench.report.formatting import short_months
from bench.report.html import FOLDER, chrome, environment
from bench.report.plotting.layout import SCALED, Rendered, dark_colours
from bench.report.report import (
    NARROW,
    USUAL,
    Drawings,
    FigureSection,
    Report,
    Section,
    Sentences,
)
from bench.report.silence import notices_of
from bench.report.tables import Table

CLAUSE = re.compile(r"\u00a0?: |(?<=\?) ")  # ends the first clause of a title or a caption
MANY = 12  # rows from which a name is searched
ON_PHONES = 3  # columns beside the name
MOST = 24  # rows that are shown until more are asked for


class SiteLinks(NamedTuple):
    """Where a page of a site leads.

    Attributes
    ----------
    menu : sequence of (str, str)
        Addresses and words.
    languages : sequence of (str, str, str)
        Addresses, codes and names of the same page in other languages.
    search : str
        Address of the page that searches for ``?q=…``.
    """

    menu: Sequence[tuple[str, str]]
    languages: Sequence[tuple[str, str, str]]
    search: str


def page_text(
    report: Report,
    drawings: Drawings,
    manifest: Mapping[str, Any],
    cite: str,
    site: SiteLinks | None = None,
) -> str:
    """Text of the page, which needs no network; the same report, the same bytes on any other day.

    Of a vote to come nothing is shown while a law forbids it (`bench.report.silence`): not by a
    page that is written then, nor, by its own clock, by one that was written before.

    Parameters
    ----------
    report
        What the page shows.
    drawings
        Its figures, drawn; sections of figures that are not among them are left out.
    manifest
        Where the numbers come from.
    cite
        How to cite the run.
    site
        Where the page leads on a site.
    """
    with_content = [
        section
        for section in report.page_sections
        if (
            section.name in drawings
            if isinstance(section, FigureSection)
            else _says_something(section)
        )
    ]
    charts = {
        section.name: report.charts[section.name]
        for section in with_content
        if isinstance(section, FigureSection) and section.name in report.charts
    }
    claim = report.findings[0] if report.findings else ""
    language = current_language()
    around = chrome(language)
    picture_of_claim = around["page"]["claim"]
    sections = [
        _section(section, drawings, charts, claim, picture_of_claim) for section in with_content
    ]
    page = {
        "title": report.title,
        "kicker": report.kicker,
        "lead": report.findings,
        "counts": report.counts,
        "parts": sections,
        "cite": cite,
        "source": report.source,
    }
    values = {
        "page": page,
        "n_open": n_open(with_content),
        "notices": notices_of(report.silent_periods),
        "site": site,
        "contents": [
            (section["key"], section["nav"] or section["heading"]) for section in sections
        ],
        "data": packed_charts(charts, report.timeline),
        "charted": bool(charts),
        "library": b64encode(library()).decode("ascii"),
        "timeline": report.timeline,
        "manifest": json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
        if manifest
        else "",
        "on_dark_paper": on_dark_paper(),
        "language": language,
        "months": ",".join(short_months()),
        "chrome": around,
        "script": safe_json(around["script"]),
    }
    # names and titles are escaped by the template; what hides or turns a line is written out
    return visible(environment().get_template("page.html").render(values))


def on_dark_paper() -> str:
    """The rules of style that give charts and figures their colours on dark paper."""
    template = environment().get_template("dark.css")
    return template.render(colours=dark_colours(), scaled=SCALED).rstrip("\n")


def library() -> bytes:
    """The JavaScript that draws charts, compressed by gzip; `tools.chart_library` makes it."""
    return (FOLDER / "vega.js.gz").read_bytes()


def n_open(sections: Sequence[Section]) -> int:
    """How many sections stand open: up to the first table; a table at the top and its figure.

    Examples
    --------
    >>> n_open([FigureSection("errors"), FigureSection("polls"), FigureSection("map")])
    3
    """
    kinds = [type(section) for section in sections]
    if kinds[:2] == [Table, FigureSection]:
        return 2
    return kinds.index(Table) + 1 if Table in kinds else len(kinds)


def _says_something(section: Table | Sentences) -> bool:
    if isinstance(section, Table):
        return any(block.rows for block in section.blocks)
    return bool(section.lines)


def _section(
    section: Section,
    drawings: Drawings,
    charts: Mapping[str, Chart],
    claim: str,
    picture_of_claim: str,
) -> dict[str, Any]:
    """What the template has to know of a section; of a figure also whether the claim titles it."""
    if isinstance(section, Table):
        return _table_section(section)
    if isinstance(section, FigureSection):
        sizes, chart = drawings[section.name], charts.get(section.name)
        title = sizes[USUAL].title
        is_said = not section.heading and title.casefold() in claim.casefold()
        clause = CLAUSE.split(title)[0]
        if not is_said and claim.startswith(clause):  # the name of the election, say
            clause = CLAUSE.split(sizes[USUAL].caption)[0]
        heading = section.heading or clause
        return {
            "kind": "figure",
            "said": is_said,
            "reading": section.reading,
            "key": section.name,
            "heading": heading,
            "nav": CLAUSE.split(section.nav)[0] or (picture_of_claim if is_said else heading),
            "caption": sizes[USUAL].caption,
            "chart_caption": chart.caption if chart else "",
            "wide": inline_svg(sizes[USUAL], f"{section.name}-w-") if sizes[USUAL].files else "",
            "narrow": inline_svg(sizes[NARROW], f"{section.name}-n-") if NARROW in sizes else "",
            "columns": list(chart.columns.values()) if chart else [],
        }
    return {"kind": "lines", "key": section.name, "nav": section.nav, **vars(section)}


GROUP = re.compile(r"<(/?)g\b[^>]*>")
NAMED = re.compile(r' id="(?![a-zA-Z]\w*[0-9a-f]{10}")[^"]*"')  # not what something refers to
MARKER = re.compile(r'(<path id="[^"]*" d="[^"]*" style=")stroke: #[0-9a-f]{6}(?:; )?')
DEFINED = re.compile(r'( id="|href="#|url\(#)(?=[a-zA-Z]\w*[0-9a-f]{10}\b)')


def inline_svg(drawn: Rendered, key: str) -> str:
    """The SVG of a figure as an element of a page, without title and caption.

    Colours stay as drawn: on dark paper the style sheet of the page replaces them. The text is
    trusted: everything in it was drawn by matplotlib, which escapes words.

    Parameters
    ----------
    drawn
        The figure; its title becomes the label.
    key
        Unique on the page: ids begin with it.
    """
    from markupsafe import escape

    text = drawn.files["svg"].decode("utf-8")
    text = text[text.index("<defs>") : text.rindex("</svg>")]
    for group in ("title", "caption"):
        text = _without_group(text, group)
    text = text.replace(f' id="{SCALED}"', f' class="{SCALED}"')
    # what is used takes the colour of its use: no rule of the page reaches into a copy
    text = MARKER.sub(r"\1", DEFINED.sub(rf"\1{key}", NAMED.sub("", text)))
    text = re.sub(r"<!--.*?-->|\n *", "", text)
    box = " ".join(f"{value:.2f}" for value in drawn.box)
    return (
        f'<svg role="img" aria-label="{escape(drawn.title)}" preserveAspectRatio="xMidYMid meet" '
        f'viewBox="{box}" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns="http://www.w3.org/2000/svg">{text}</svg>'
    )


def _without_group(text: str, name: str) -> str:
    start = text.index(f'<g id="{name}">')
    depth = 0
    for tag in GROUP.finditer(text, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return text[:start] + text[tag.end() :]
    raise ValueError(f"the group '{name}' of the drawing does not end")


def _table_section(table: Table) -> dict[str, Any]:
    table = table.in_files
    columns, rows, name_at = table.columns, table.rows, table.name_at
    heading = table.heading or re.split(r"\u00a0?: |, ", table.title)[0]
    places = {column.key: place for place, column in enumerate(columns)}
    chosen = {choice.label for choice in table.choices}
    aside = [place for place in range(name_at) if not columns[place].numeric]
    is_long = len(rows) > MANY and columns[name_at].label not in chosen
    return {
        "kind": "table",
        "key": f"table-{table.name}",
        "heading": heading,
        "nav": table.nav or heading,
        "table": table,
        "aside": aside,
        "spare": _spared_on_phones(table, aside),
        "sorted_by": places.get(table.sorted_by, -1),
        "notes": [("", table.notes), *table.notes_with] if table.notes else table.notes_with,
        "search": table.search and is_long,
        "most": MOST,
        "meanings": [column for column in columns if column.meaning],
    }


def _spared_on_phones(table: Table, aside: Sequence[int]) -> list[int]:
    """Places of the columns that a telephone shows when asked: it begins with a terminal's."""
    if table.look:
        return []

    def rank(place: int) -> tuple[bool, bool]:
        column = table.columns[place]
        return column.key not in table.brief, not column.in_terminal

    others = [i for i in range(len(table.columns)) if i != table.name_at and i not in aside]
    return sorted(others, key=rank)[ON_PHONES:]


def safe_json(data: Mapping[str, Any] | str) -> str:
    """JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> safe_json("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
