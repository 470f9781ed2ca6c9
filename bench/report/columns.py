"""What columns are called and mean, and how their cells are written.

The registry `columns.csv` holds a row per column that tables of several pages share: its label,
form, and meaning with unit and better direction, the first and the last in French too. What a table
of one page means by a key stands in its document, as ``label KEY: head | meaning``. `values.csv`
holds what keys among the values are called. CSV files keep the keys of the data; every other form
of a table shows the labels.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import pandas as pd

from bench.core.language import LANGUAGE, NARROW, SEMICOLON, SOURCE, typeset
from bench.core.options import labels
from bench.core.read import visible
from bench.report.formatting import MISSING, format_values, in_form

CANDIDATES = ("candidate", "beneficiary", "whom", "from_candidate", "to", "most_often_first")
# whose keys read as words
IN_WORDS = ("order", "sample", "source", "measure")
UNIT_FORMS = {"probability": "%", "squared probability": "3", "nats": "2"}  # of metrics, by unit


@dataclass(frozen=True)
class ColumnSpec:
    """How a column is shown.

    Attributes
    ----------
    label, meaning : str
        Printed above the column; said where there is room, with unit and better direction.
    form : str
        As of `format_value`.
    text : str
        Key of the column of the shown rows that holds the texts, where one value in one form does
        not say it.
    write : function, optional
        The same as a function of the whole row.
    sign : str
        Key of the column of the shown rows that holds a sign for each row, such as ``·``, which
        hangs after the number.
    links : str
        Key of the column of the shown rows that holds (words, address) pairs: the words of a cell
        are links on pages and in Markdown.
    numeric : bool, optional
        Whether it stands to the right and is sorted by number; by the data if left out.
    in_files : bool
        Whether files and page show it, or a terminal alone: seconds differ from run to run.
    in_papers, in_terminal : bool
        Whether LaTeX and a terminal show it.
    """

    label: str
    meaning: str = ""
    form: str = ""
    text: str = ""
    write: Callable[[Mapping[Any, Any]], str] | None = None
    sign: str = ""
    links: str = ""
    numeric: bool | None = None
    in_files: bool = True
    in_papers: bool = True
    in_terminal: bool = True


@dataclass(frozen=True, kw_only=True)
class Column(ColumnSpec):
    """One column of a table.

    Attributes
    ----------
    key : str
        Of the column in the data.
    numeric : bool
        To the right.
    """

    key: str
    numeric: bool = False


class Written(NamedTuple):
    """A column as people read it: its texts, and the numbers by which it is sorted."""

    column: Column
    texts: list[str]
    numbers: list[float | None]


Columns = Mapping[str, ColumnSpec | str | Mapping[str, Any]]
"""By key, what differs from the registry: a `ColumnSpec`, a form, or changes by name."""


@cache
def registered(language: str) -> Mapping[str, ColumnSpec]:
    """Every column of the registry `columns.csv`, by key; English where the language is missing."""
    specs = {}
    for row in _rows("columns.csv"):
        label, meaning = (_in_language(row, field, language) for field in ("label", "meaning"))
        specs[row["key"]] = ColumnSpec(label, meaning, row["form"])
    return specs


@cache
def value_labels(of: str, language: str) -> dict[str, str]:
    """What the values of a kind are called, by value, as `values.csv` says.

    Examples
    --------
    >>> value_labels("flag", "fr")
    {'True': 'oui', 'False': 'non'}
    """
    rows = [row for row in _rows("values.csv") if row["of"] == of]
    return {row["value"]: _in_language(row, "label", language) for row in rows}


@cache
def _rows(name: str) -> list[dict[str, str]]:
    text = files("bench.report").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _in_language(row: Mapping[str, str], field: str, language: str) -> str:
    translation = row.get(f"{field}_{language}", "")
    return typeset(translation) if translation else row[field]


def _metric_column(key: str, language: str) -> ColumnSpec | None:
    """The column of a metric, if the key is its name, or that with ``_pp`` for points."""
    from bench.metrics.registry import metrics

    metric = metrics().get(key.removesuffix("_pp"))
    if metric is None:
        return None
    form = UNIT_FORMS.get(metric.unit, "")
    if metric.unit == "fraction":
        form = "2" if key.endswith("_pp") else "2pp"
    unit = value_labels("metric_unit", language).get(metric.unit, "")
    better = value_labels("better", language).get(metric.direction, "")
    if metric.direction == "level":
        better = better.format(level=in_form(f"{metric.best:.0%}"))
    meaning = SEMICOLON[language].join(filter(None, (unit, better)))
    return ColumnSpec(metric.label_in(language), meaning, form)


def column_specs(
    keys: Sequence[str], changes: Columns, names: Mapping[str, str], language: str
) -> dict[str, ColumnSpec]:
    """How each column is shown: as the registry says, with changes, or as another spec says.

    Columns that are named as a metric have its label, unit and direction; of others that the
    registry does not know, the key is the label.

    Parameters
    ----------
    keys
        Of the columns.
    changes
        By key: a `ColumnSpec`, a form such as ``"2"``, or changes such as ``{"sign": "mark"}``.
    names
        Of candidates, whose keys may be those of columns.
    language
        Of the labels.

    Examples
    --------
    >>> specs = column_specs(["mae_pp", "energy_pp", "a_new_column"], {"mae_pp": "3"}, {}, "en")
    >>> [spec.label for spec in specs.values()], specs["mae_pp"].form
    (['MAE', 'Energy score', 'a new column'], '3')
    >>> specs["energy_pp"].meaning
    'percentage points; lower is better'
    """
    registry = registered(language)
    specs = {}
    for key in keys:
        change = changes.get(key, {})
        if isinstance(change, ColumnSpec):
            specs[key] = change
            continue
        fields = {"form": change} if isinstance(change, str) else dict(change)
        if key in names:
            fields = {"label": visible(names[key]), **fields}
        spec = registry.get(key) or _metric_column(key, language)
        specs[key] = replace(spec or ColumnSpec(key.replace("_", " ")), **fields)
    return specs


def written_columns(
    rows: pd.DataFrame, keys: Sequence[str], changes: Columns, names: Mapping[str, str]
) -> list[Written]:
    """Every column as people read it, in the current language.

    Parameters
    ----------
    rows
        A row per row of the table.
    keys, changes, names
        As of `column_specs`.
    """
    language = LANGUAGE.get()
    specs = column_specs(keys, changes, names, language)
    has_writers = any(spec.write is not None for spec in specs.values())
    records = rows.to_dict("records") if has_writers else []
    columns = []
    for key, spec in specs.items():
        numeric = spec.numeric
        if numeric is None:
            numeric = key in rows and _is_numeric(rows[key])
        head = Column(key=key, **{**vars(spec), "numeric": numeric})
        columns.append(_written(head, rows, records, names, language))
    return columns


def _written(
    head: Column,
    rows: pd.DataFrame,
    records: Sequence[Mapping[Any, Any]],
    names: Mapping[str, str],
    language: str,
) -> Written:
    """One column as people read it; `records` are the rows, for a column that writes them whole."""
    values: list[Any] = [None] * len(rows)
    if head.key in rows:
        values = [_none_if_missing(value) for value in rows[head.key]]
    numbers = [float(value) if isinstance(value, int | float) else None for value in values]
    if head.text:
        texts = [str(text) for text in rows[head.text]]
    elif head.write is not None:
        texts = [head.write(row) for row in records]
    else:
        texts = _texts(values, numbers, head, names, language)
    if head.sign:
        texts = [text + sign for text, sign in zip(texts, rows[head.sign], strict=True)]
    if head.numeric and None in numbers:
        read = numbers_in(texts, language)
        numbers = [a if a is not None else b for a, b in zip(numbers, read, strict=True)]
    texts = [text if text.isprintable() else visible(text) for text in texts]
    return Written(head, texts, numbers)


def _none_if_missing(value: Any) -> Any:
    return None if pd.api.types.is_scalar(value) and pd.isna(value) else value


def _is_numeric(values: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype(values)
    return bool(is_number and not pd.api.types.is_bool_dtype(values))


def _texts(
    values: Sequence[Any],
    numbers: Sequence[float | None],
    column: Column,
    names: Mapping[str, str],
    language: str,
) -> list[str]:
    """The texts of a column: numbers in their form, flags and words as people say them."""
    has_form = column.numeric or bool(column.form)
    texts = format_values(numbers, column.form) if has_form else [""] * len(values)
    words = {}
    for place, value in enumerate(values):
        if value is None:
            texts[place] = MISSING if column.numeric else ""
        elif isinstance(value, bool):
            texts[place] = value_labels("flag", language)[str(value)]
        elif isinstance(value, str) or not has_form:
            words[place] = str(value)
    written = _words_of_values(list(words.values()), column.key, names, language)
    for place, word in zip(words, written, strict=True):
        texts[place] = word
    return texts


def _words_of_values(
    texts: Sequence[str], key: str, names: Mapping[str, str], language: str
) -> list[str]:
    """Values of a column as `in_words` says them."""
    label_of: Mapping[str, str] = {}
    if key in CANDIDATES:
        label_of = names
    elif key in ("country", "family", "unit"):
        label_of = value_labels(key, language)
    elif key == "distortion":
        label_of = labels(key, texts, language) | value_labels(key, language)
    elif key in IN_WORDS:
        label_of = {text: _key_in_words(text) for text in texts}
    return [label_of.get(text) or text for text in texts]


def _key_in_words(key: str) -> str:
    return key.replace("_", " ").replace("departement", "département")


def in_words(text: str, key: str, names: Mapping[str, str] | None = None) -> str:
    """A value of a column as people read it: candidates by name, some keys as words.

    Examples
    --------
    >>> in_words("app_brigading", "distortion"), in_words("none", "distortion")
    ('Brigading of an app', 'without distortion')
    """
    return _words_of_values([text], key, names or {}, LANGUAGE.get())[0]


def numbers_in(texts: Sequence[str], language: str = SOURCE) -> list[float | None]:
    """The number with which each text of a language begins, to sort by; None where there is none.

    Examples
    --------
    >>> numbers_in(["1.20 (0.9–1.5)", "<1%", "−1,000", "–"])
    [1.2, 1.0, -1000.0, None]
    """
    group, point = (",", ".") if language == SOURCE else (NARROW, ",")
    start = re.compile(rf"[<>]?([-−]?[\d{group}]+(?:\{point}\d+)?)")
    plain = str.maketrans({"−": "-", group: "", point: "."})
    matches = [start.match(text) for text in texts]
    return [None if match is None else float(match[1].translate(plain)) for match in matches]
