"""The section of a plain table on a page: this file holds `from_table`."""

from __future__ import annotations

from bench.report.html.blocks import Choice, Row, Shown, TablePart
from bench.report.silent import NAMES
from bench.report.table import Table

MANY = 12  # rows from which a name is searched


def from_table(table: Table) -> TablePart:
    """The section of a plain table; its own categories become choices."""
    text = [i for i, head in enumerate(table.heads) if not head.numeric]
    named = [i for i in text if table.heads[i].key in NAMES] or text
    name_column = named[0] if named else 0
    choices = []
    for i in table.filters:
        texts = list(dict.fromkeys(row[i].text for row in table.rows))
        first = table.first.get(i, "")
        choices.append(
            Choice(
                label=table.heads[i].label,
                options=tuple((text, text.replace("_", " ") or "–") for text in texts),
                value=first if first in texts else "",
            )
        )
    groups = tuple(
        (
            str(number),
            heading_,
            tuple(
                Row(
                    cells=tuple(Shown(cell.text, cell.value) for cell in row),
                    keys=tuple(row[i].text for i in table.filters),
                )
                for row in rows
            ),
        )
        for number, (heading_, rows) in enumerate(table.blocks)
    )
    return TablePart(
        key=f"table-{table.name}",
        heading=table.heading or _heading(table.title),
        nav=table.heading or _heading(table.title),
        caption=table.title,
        heads=table.heads,
        groups=groups,
        choices=tuple(choices),
        name_column=name_column,
        notes=(("", table.notes),) if table.notes else (),
        search=len(table.rows) > MANY and name_column not in table.filters,
    )


def _heading(title: str) -> str:
    """The first clause of a title."""
    return title.split(": ")[0].split(", ")[0]
