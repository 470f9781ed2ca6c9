"""The page of a run: one self-contained HTML file, made of a report."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bench.report.html.svg import dark_colours, shared_paths

if TYPE_CHECKING:
    from jinja2 import Environment

    from bench.report.figure_export import Drawing
    from bench.report.report import Report, Section
    from bench.report.tables import Table

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
    sections = [
        _section(one, drawn)
        for one in report.page_sections
        if one.kind != "figure" or one.name in drawn
    ]
    explorer = next((one.data for one in report.page_sections if one.kind == "explorer"), None)
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
        "data": safe_json({} if explorer is None else {"explorer": explorer}),
        "manifest": json.dumps(manifest, indent=2, ensure_ascii=False, default=str)
        if manifest
        else "",
        "dark": dark_colours(),
    }
    return shared_paths(_environment().get_template("page.html").render(values))


def _section(section: Section, drawn: Mapping[str, Drawing]) -> dict[str, Any]:
    """What the template has to know of a section."""
    if section.kind == "table":
        return _table_section(section)
    if section.kind == "figure":
        drawing = drawn[section.name]
        heading = re.split(r": |(?<=\?) ", drawing.title)[0]
        nav = heading.replace("Where on the map ", "Map: where ")
        return {
            "kind": "figure",
            "key": section.name,
            "heading": heading,
            "nav": nav,
            "drawing": drawing,
        }
    return {"kind": section.kind, "key": section.name, **vars(section)}


def _table_section(table: Table) -> dict[str, Any]:
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
