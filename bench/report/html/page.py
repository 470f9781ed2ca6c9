"""The page of a run: one self-contained HTML file, made of a report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bench.report.html.svg import dark_colours, shared_paths
from bench.report.report import Explorer, FigureSection, Report, Section, Sentences
from bench.report.tables import Table

if TYPE_CHECKING:
    from jinja2 import Environment

    from bench.report.figures import Drawing

MANY = 12  # rows from which a name is searched


def page_text(
    report: Report, drawings: Sequence[Drawing], manifest: Mapping[str, Any], cite: str
) -> str:
    """Text of the page, which needs no network; the same report, the same bytes.

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
    """
    drawn = {one.name: one for one in drawings}
    shown = [
        one
        for one in report.page_sections
        if not isinstance(one, FigureSection) or one.name in drawn
    ]
    sections = [_section(one, drawn) for one in shown]
    explorers = [one.data for one in shown if isinstance(one, Explorer)]
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
        "contents": [(one["key"], one["nav"] or one["heading"]) for one in sections],
        "data": safe_json({"explorer": explorers[0]} if explorers else {}),
        "manifest": json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
        if manifest
        else "",
        "dark": dark_colours(),
    }
    return shared_paths(_environment().get_template("page.html").render(values))


def _section(section: Section, drawn: Mapping[str, Drawing]) -> dict[str, Any]:
    """What the template has to know of a section."""
    if isinstance(section, Table):
        return _table_section(section)
    if isinstance(section, FigureSection):
        drawing = drawn[section.name]
        heading = re.split(r": |(?<=\?) ", drawing.title)[0]
        nav = heading.replace("Where on the map ", "Map: where ")
        known = {"heading": heading, "nav": nav, "drawing": drawing}
        return {"kind": "figure", "key": section.name, **known}
    kind = "lines" if isinstance(section, Sentences) else "explorer"
    return {"kind": kind, "key": section.name, **vars(section)}


def _table_section(table: Table) -> dict[str, Any]:
    table = table.keep(lambda one: one.in_files)
    heading = table.heading or table.title.split(": ")[0].split(", ")[0]
    places = {one.key: place for place, one in enumerate(table.columns)}
    chosen = {choice.label for choice in table.choices}
    search = table.search
    if search is None:
        search = len(table.rows) > MANY and table.columns[table.name_at].label not in chosen
    return {
        "kind": "table",
        "key": f"table-{table.name}",
        "heading": heading,
        "nav": table.nav or heading,
        "caption": table.title,
        "heads": table.columns,
        "groups": [
            (block.key or str(number), block.heading, block.rows)
            for number, block in enumerate(table.blocks)
        ],
        "choices": table.choices,
        "name_column": table.name_at,
        "sorted_by": places.get(table.sorted_by, -1),
        "notes": [("", table.notes), *table.notes_with] if table.notes else table.notes_with,
        "search": search,
        "look": table.look,
        "most": table.most,
        "meanings": [one for one in table.columns if one.meaning],
        "n_rows": len(table.rows),
    }


def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    room = files("bench.report.html")

    def load(name: str) -> str:
        return room.joinpath(name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # style and script are files of this package, not data
    environment.globals["packaged"] = lambda name: Markup(load(name))
    environment.filters["trusted"] = Markup
    return environment


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
