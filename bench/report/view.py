"""From the tables and facts of a study to its report: what `view.yaml` selects and texts say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import filter as matching
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.report.figure import Figure
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.report.text import STUDIES, Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@cache
def view_of(study: str | Path) -> Mapping[str, Any]:
    """What `view.yaml` of a study holds; `study` as of `bench.report.text.Text`."""
    import yaml

    found: dict[str, Any] = yaml.safe_load((STUDIES / study / "view.yaml").read_text("utf-8"))
    return found


def view_tables(
    study: str | Path,
    frames: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    *,
    prefix: str = "",
    **more: Any,
) -> tuple[Table, ...]:
    """The tables that `view.yaml` of a study lists, of those that have rows.

    Each entry of ``tables`` takes the parameters of `bench.report.tables.table`, and ``from``, the
    frame that it shows (that of its name where left out); ``name`` is that of the files, where it
    is another. Title, heading, the entry of the list of contents and notes are the texts
    ``NAME_title``, ``NAME_heading``, ``NAME_nav`` and ``NAME_notes`` (a note per line); ``notes``
    names other texts that follow. ``called`` names a text of ``key: words`` for the methods of the
    table; in ``first`` the word ``first`` stands for the value of the first row,
    another one for the fact of this name. ``words`` names by column the text of ``key: words`` by
    which its values are written. The frame ``NAME_shown``, or that which ``shown`` names, is what
    people see where it is not that of the file; of ``show`` they see the columns that it has, and
    in ``columns`` too a key such as ``lag_*`` stands for all that match. ``form`` is that of
    numbers without their own. ``blocks`` names the text of ``key: words`` with the line above each
    part of ``block_by``. The text ``NAME_columns``, or that which ``labels`` names, of lines
    ``key: label | meaning`` heads columns, the meaning only where it differs.

    Parameters
    ----------
    study : str or Path
        As of `bench.report.text.Text`.
    frames : mapping of str to pandas.DataFrame
    facts : mapping
        What the texts know.
    prefix : str
        Before the names of the files.
    **more
        Parameters of `table` for every table.
    """
    text = Text(study)
    found = []
    for name, given in (view_of(study)["tables"] or {}).items():
        one = dict(given or {})
        called = prefix + one.pop("name", name)
        data = frames.get(one.pop("from", name), pd.DataFrame())
        if data.empty:
            continue
        notes = [f"{name}_notes"] if f"{name}_notes" in text else []
        notes += one.pop("notes", ())
        rows = frames.get(one.pop("shown", f"{name}_shown"), data)
        one["first"] = {
            key: str(rows[key].iloc[0]) if value == "first" else facts.get(value, value)
            for key, value in one.get("first", {}).items()
        }
        keys = [str(key) for key in rows]
        if "show" in one:
            one["show"] = [key for given in one["show"] for key in matching(keys, given)]
        specs = {
            key: {"form": changes} if isinstance(changes, str) else changes
            for given, changes in one.pop("columns", {}).items()
            for key in matching(keys, given)
        }
        if "form" in one:
            numbers, form = rows.select_dtypes("number"), {"form": one.pop("form")}
            specs |= {str(key): form | specs.get(str(key), {}) for key in numbers}
        heads = one.pop("labels", f"{name}_columns")
        for key, head in text.words(heads, **facts).items() if heads in text else ():
            label, _bar, meaning = head.partition(" | ")
            changes = {"label": label} | ({"meaning": meaning} if meaning else {})
            specs[key] = {**specs.get(key, {}), **changes}
        if "blocks" in one:
            one["blocks"] = text.words(one["blocks"], **facts)
        for key, block in one.pop("words", {}).items():
            words = text.words(block, **facts)
            specs[key] = {**specs.get(key, {}), "write": partial(_word, key, words)}
        if "called" in one:
            one["called"] = text.words(one["called"], **facts)
        found.append(
            table(
                called,
                data,
                shown=rows,
                title=text(f"{name}_title", **facts),
                heading=_if_any(text, f"{name}_heading", facts),
                nav=_if_any(text, f"{name}_nav", facts),
                notes=[line for key in notes for line in text.lines(key, **facts)],
                columns=specs,
                **{"of": name, **more, **one},
            )
        )
    return tuple(found)


def view_report(
    study: str | Path,
    facts: Mapping[str, Any],
    frames: Mapping[str, pd.DataFrame],
    figures: Mapping[str, Figure | Callable[[str], Drawing]],
    *,
    tables: Sequence[Table] | None = None,
    names: Mapping[str, str] | None = None,
    **more: Any,
) -> Report:
    """The report of a study.

    Findings, the line above the title and the counts are the texts ``findings`` (a sentence per
    line), ``kicker`` and ``counts`` (lines ``label | value``); how to read a figure and the heading
    of its section are ``NAME_reading`` and ``NAME_section``.

    Parameters
    ----------
    study : str or Path
        As of `bench.report.text.Text`.
    facts : mapping
        Numbers and names, ready to be written; the texts may test them and do no arithmetic. Of
        them `title` and `source` are fields of `Report`.
    frames : mapping of str to pandas.DataFrame
        Rows of the tables that `view.yaml` lists.
    figures : mapping of str to Figure
        In the order of the page, or functions that draw them in a size.
    tables : sequence of Table, optional
        Those of `view_tables` where left out.
    names : mapping of str to str, optional
        As of `bench.report.tables.table`, for tables that are left out.
    **more
        Further fields of `Report`.
    """
    text = Text(study)
    if tables is None:
        tables = view_tables(study, frames, facts, names=names)
    return Report(
        title=facts["title"],
        findings=text.lines("findings", **facts),
        tables=tuple(tables),
        figures=figures,
        reading=_texts(text, figures, "reading", facts),
        headings=_texts(text, figures, "section", facts),
        source=facts["source"],
        kicker=_if_any(text, "kicker", facts),
        counts=text.pairs("counts", **facts) if "counts" in text else (),
        **more,
    )


def _word(key: str, words: Mapping[str, str], row: Mapping[Any, Any]) -> str:
    return words.get(str(row[key]), str(row[key]))


def _texts(
    text: Text, names: Mapping[str, Any], what: str, facts: Mapping[str, Any]
) -> dict[str, str]:
    keys = {name: f"{name}_{what}" for name in names}
    return {name: text(key, **facts) for name, key in keys.items() if key in text}


def _if_any(text: Text, key: str, facts: Mapping[str, Any]) -> str:
    return text(key, **facts) if key in text else ""
