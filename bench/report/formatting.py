"""What columns are called and mean, and how numbers, dates, names and lists are written.

The registry `columns.csv` holds a line per column of the data: label, form, and meaning with unit
and better direction. CSV files keep the keys of the data; every other form of a table shows the
labels. What a table of its own means by a key stands there as ``of.key``; only what depends on the
run is said by a `ColumnSpec` handed to `bench.report.tables`.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import pandas as pd

from bench.core.language import LANGUAGE, N_, NARROW, NUMBER_SIGNS, SOURCE, _
from bench.core.options import label, labels
from bench.core.read import visible

MISSING = "–"
QUOTES = {"en": "“{}”", "fr": "«\u00a0{}\u00a0»"}
MINUS = "\N{MINUS SIGN}"
FORM = re.compile(r"(<?)(\d+)(g?)(%|pp|)")
CANDIDATES = ("candidate", "beneficiary", "whom", "from_candidate", "to", "most_often_first")
FLAGS = {True: N_("yes"), False: N_("no")}
# whose keys read as words
IN_WORDS = ("distortion", "order", "sample", "source", "measure")
UNIT_FORMS = {"probability": "%", "squared probability": "3", "nats": "2"}  # of metrics, by unit
MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
SHORT_MONTHS = {  # as of Unicode (CLDR)
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": (
        *("janv.", "févr.", "mars", "avr.", "mai", "juin"),
        *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
    ),
}
BETTER = {
    "lower": N_("lower is better"),
    "higher": N_("higher is better"),
    "zero": N_("0 is best"),
    "uniform": N_("best spread evenly"),
}


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
    spare : int
        In a terminal without room the columns with the lowest number go first; 0 stays.
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
    spare: int = 0


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


def column(key: str, of: str = "", **changes: Any) -> ColumnSpec:
    """What is known of a column, with changes; its key in words where nothing is known.

    A line ``of.key`` of the registry goes before that of the key alone.

    Columns that are named as a metric, with ``_pp`` where they hold points, have label, meaning,
    unit and direction from `bench.metrics.registry`.

    Examples
    --------
    >>> column("mae_pp").label, column("a_new_column").label, column("mae_pp", form="3").form
    ('MAE', 'a new column', '3')
    >>> column("energy_pp").label, column("energy_pp").meaning
    ('Energy score', 'percentage points; lower is better')
    """
    return column_specs([key], {key: changes}, {}, of)[key]


def _registered_spec(key: str, of: str) -> ColumnSpec:
    """As `column`, in words that are still to be said in the current language."""
    specs = registered()
    spec = specs.get(f"{of}.{key}") or specs.get(key)
    return spec or _metric_column(key) or ColumnSpec(key.replace("_", " "))


def _metric_column(key: str) -> ColumnSpec | None:
    """The column of a metric, if the key is the name of one."""
    from bench.metrics.registry import metrics

    metric = metrics().get(key.removesuffix("_pp"))
    if metric is None:
        return None
    unit = _(str(metric.unit).removeprefix("none"))
    form = UNIT_FORMS.get(metric.unit, "")
    if metric.unit == "fraction":
        unit, form = _("percentage points"), "2" if key.endswith("_pp") else "2pp"
    level = _("best near {level:.0%}", level=metric.best) if metric.direction == "level" else ""
    meaning = _("; ").join(filter(None, (unit, _(BETTER.get(metric.direction, "")) or level)))
    return ColumnSpec(metric.label_fr if LANGUAGE.get() == "fr" else metric.label, meaning, form)


@cache
def registered() -> Mapping[str, ColumnSpec]:
    """Every column of the registry `columns.csv`, by key."""
    text = files("bench.report").joinpath("columns.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["key"]: ColumnSpec(row["label"], row["meaning"], row["form"]) for row in rows}


def column_specs(
    keys: Sequence[str],
    changes: Columns,
    names: Mapping[str, str],
    of: str,
) -> dict[str, ColumnSpec]:
    """How each column is shown: as the registry says, with changes, or as another spec says.

    Parameters
    ----------
    keys
        Of the columns.
    changes
        By key: a `ColumnSpec`, a form such as ``"2"``, or changes such as ``{"spare": 3}``.
    names
        Of candidates, whose keys may be those of columns.
    of
        Whose lines of the registry go before those of all; empty for none.
    """
    specs = {}
    for key in keys:
        change = changes.get(key, {})
        if isinstance(change, ColumnSpec):
            spec = change
        else:
            fields = {"form": change} if isinstance(change, str) else dict(change)
            if key in names:
                fields = {"label": visible(names[key]), **fields}
            spec = replace(_registered_spec(key, of), **fields)
        specs[key] = replace(spec, label=_(spec.label), meaning=_(spec.meaning))
    return specs


def written_columns(
    rows: pd.DataFrame,
    keys: Sequence[str],
    changes: Columns,
    names: Mapping[str, str],
    of: str,
) -> list[Written]:
    """Every column as people read it.

    Parameters
    ----------
    rows
        A row per row of the table.
    keys, changes, names, of
        As of `column_specs`.
    """
    specs = column_specs(keys, changes, names, of)
    has_writers = any(spec.write is not None for spec in specs.values())
    records = rows.to_dict("records") if has_writers else []
    columns = []
    for key, spec in specs.items():
        numeric = spec.numeric
        if numeric is None:
            numeric = key in rows and _is_numeric(rows[key])
        head = Column(key=key, **{**vars(spec), "numeric": numeric})
        columns.append(_written(head, rows, records, names))
    return columns


def _written(
    head: Column,
    rows: pd.DataFrame,
    records: Sequence[Mapping[Any, Any]],
    names: Mapping[str, str],
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
        texts = _texts(values, numbers, head, names)
    if head.sign:
        texts = [text + sign for text, sign in zip(texts, rows[head.sign], strict=True)]
    if head.numeric and None in numbers:
        read = numbers_in(texts, LANGUAGE.get())
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
) -> list[str]:
    """The texts of a column: numbers in their form, flags and words as people say them."""
    has_form = column.numeric or bool(column.form)
    texts = format_values(numbers, column.form) if has_form else [""] * len(values)
    words = {}
    for place, value in enumerate(values):
        if value is None:
            texts[place] = MISSING if column.numeric else ""
        elif isinstance(value, bool):
            texts[place] = _(FLAGS[value])
        elif isinstance(value, str) or not has_form:
            words[place] = str(value)
    written = _words_of_values(list(words.values()), column.key, names)
    for place, word in zip(words, written, strict=True):
        texts[place] = word
    return texts


def _words_of_values(texts: Sequence[str], key: str, names: Mapping[str, str]) -> list[str]:
    """Values of a column as `in_words` says them."""
    if key == "distortion":
        called = labels("distortion", texts) | {"none": _("without distortion")}
        return [called[text] for text in texts]
    if key in IN_WORDS:
        texts = [text.replace("_", " ").replace("departement", "département") for text in texts]
    name_of = names if key in CANDIDATES else {}
    return [name_of.get(text) or _(text) for text in texts]


def in_words(text: str, key: str, names: Mapping[str, str]) -> str:
    """A value of a column as people read it: candidates by name, some keys as words."""
    return _words_of_values([text], key, names)[0]


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


def in_form(number: str) -> str:
    """A number as Python writes it, in the form of the current language.

    Rounding happens once, before.
    """
    return number.translate(NUMBER_SIGNS[LANGUAGE.get()])


def format_fixed(value: Any, digits: int = 2) -> str:
    """Write a number with so many decimals, or a dash where there is none.

    Examples
    --------
    >>> [format_fixed(value) for value in (1.234, float("nan"), -0.001)], format_fixed(12345.6, 1)
    (['1.23', '–', '0.00'], '12,345.6')
    """
    return MISSING if _is_missing(value) else _signed(f"{value:,.{digits}f}")


def _signed(text: str) -> str:
    """A number in the form of the language, with a minus unless it is rounded to 0."""
    is_zero = not text.strip("-0.,")
    return in_form(text.removeprefix("-") if is_zero else text.replace("-", MINUS))


def format_significant(value: Any, digits: int = 6) -> str:
    """Write so many significant digits with thousands separators, never an exponent.

    Examples
    --------
    >>> [format_significant(value) for value in (16000.0, 1e6, 0.000063, -0.5)]
    ['16,000', '1,000,000', '0.000063', '−0.5']
    >>> format_significant(12809.9, 3)
    '12,800'
    """
    if _is_missing(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{Decimal(f'{value:.{digits - 1}e}'):,f}"
    return _signed(text.rstrip("0").rstrip(".") if "." in text else text)


def format_compact(value: float) -> str:
    """Write a number as short as a tick label has to be.

    Examples
    --------
    >>> [format_compact(value) for value in (0.5, 300.0, 20000.0, 3e6)]
    ['0.5', '300', '20k', '3M']
    """
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{format_significant(value / size)}{sign}"
    return format_significant(value)


def format_probability(value: Any) -> str:
    """Write a probability in percent without claiming certainty that rounding made up.

    Examples
    --------
    >>> [format_probability(value) for value in (0.999, 1.0, 0.005, 0.5)]
    ['>99%', '100%', '<1%', '50%']
    """
    if _is_missing(value):
        return MISSING
    if 0 < value <= 0.005:
        return in_form("<1%")
    return in_form(">99%" if 0.995 <= value < 1 else f"{100 * value:.0f}%")


def format_value(value: Any, form: str = "") -> str:
    """Write a number in one of the forms of `ColumnSpec`.

    Parameters
    ----------
    value
        A number.
    form
        ``"2"``: so many decimals; ``"3g"``: so many significant digits; ``"%"``: a fraction in
        percent; ``"<%"``: the same of a chance counted in draws, which is never 0 or 1;
        ``"1%"`` and ``"2g%"``: the same with so many decimals or significant digits;
        ``"2pp"``: a fraction in percentage points, without a sign; ``"<3"``: three decimals, and
        of what these would round to 0 that it is below the last of them; ``"year"``: without
        separators; empty: six significant digits.

    Raises
    ------
    ValueError
        If the form is none of these.

    Examples
    --------
    >>> [format_value(0.1234, form) for form in ("2", "2g", "%", "1%", "2g%", "1pp")]
    ['0.12', '0.12', '12%', '12.3%', '12%', '12.3']
    >>> format_value(128000.0), format_value(2017, "year"), format_value(0.0, "<3")
    ('128,000', '2017', '<0.001')
    >>> format_value(0.0, "%"), format_value(0.0, "<%"), format_value(1.0, "<%")
    ('0%', '<1%', '>99%')
    """
    return format_values([value], form)[0]


def format_values(values: Sequence[float | None], form: str = "") -> list[str]:
    """Write a column of numbers, each as `format_value` does.

    Examples
    --------
    >>> format_values([0.1234, None], "2")
    ['0.12', '–']
    """
    return list(map(_writer(form), values))


def _writer(form: str) -> Callable[[Any], str]:
    """The function that writes a number in a form."""
    if form == "":
        return format_significant
    if form == "year":
        return lambda value: MISSING if _is_missing(value) else f"{value:.0f}"
    if form == "%":
        return format_probability
    if form == "<%":
        return lambda value: format_probability({0: 1e-9, 1: 1 - 1e-9}.get(value, value))
    match = FORM.fullmatch(form)
    if match is None:
        raise ValueError(
            f"form is '{form}'; accepted: %, <%, year, < and digits, or digits followed by g, %, "
            "g%, pp, or nothing"
        )
    digits, unit = int(match[2]), match[4]
    write = format_significant if match[3] else format_fixed
    smallest = 10**-digits if match[1] else 0.0

    def written(value: Any) -> str:
        if _is_missing(value):
            return MISSING
        if 0 <= value < smallest / 2:
            return f"<{format_fixed(smallest, digits)}"
        text = write(100 * value if unit else value, digits)
        return text + in_form("%") if unit == "%" else text

    return written


def _is_missing(value: Any) -> bool:
    return value is None or bool(value != value)


def day(moment: date, form: str = "d MMMM y") -> str:
    """Write a date as in running text, in the current language.

    Parameters
    ----------
    moment : date
    form : str
        Of the parts d, MMMM, MMM (short) and y of Unicode: ``"d MMMM"`` without the year.

    Examples
    --------
    >>> day(date(2017, 4, 23))
    '23 April 2017'
    """
    language = LANGUAGE.get()
    parts = {
        "d": str(moment.day),
        "MMMM": MONTHS[language][moment.month - 1],
        "MMM": SHORT_MONTHS[language][moment.month - 1],
        "y": str(moment.year),
    }
    text = re.sub(r"MMMM|MMM|d|y", lambda part: parts[part[0]], form)
    return re.sub(r"^1\b", "1er", text) if language == "fr" else text


def short_months() -> list[str]:
    """The months as axes have room for them; none in English, which charts speak by themselves."""
    if LANGUAGE.get() == SOURCE:
        return []
    return list(SHORT_MONTHS[LANGUAGE.get()])


def days_in_words(days: Sequence[date]) -> str:
    """The day of a vote, or the days on which it may be.

    Examples
    --------
    >>> days_in_words([date(2027, 4, 11), date(2027, 4, 18)])
    '11 or 18 April 2027, not set yet'
    >>> days_in_words([date(2027, 4, 25), date(2027, 5, 2)])
    '25 April or 2 May 2027, not set yet'
    >>> days_in_words([date(2017, 4, 23)])
    '23 April 2017'
    """
    *earlier, last = days
    if not earlier:
        return day(last)
    forms = [
        "d MMMM y" if moment.year != last.year else "d MMMM" if moment.month != last.month else "d"
        for moment in earlier
    ]
    words = ", ".join(map(day, earlier, forms))
    return _("{days} or {last}, not set yet", days=words, last=day(last))


def surname(name: str, key: str) -> str:
    """The last words of a name that spell its key, or the whole name if none do.

    Examples
    --------
    >>> surname("Jean-Luc Mélenchon", "melenchon"), surname("Marine Le Pen", "le_pen")
    ('Mélenchon', 'Le Pen')
    >>> surname("Jean-Marie Le Pen", "jm_le_pen")
    'Jean-Marie Le Pen'
    """
    words = name.split()
    for start in range(len(words)):
        tail = " ".join(words[start:])
        plain = unicodedata.normalize("NFKD", tail).encode("ascii", "ignore").decode().lower()
        if re.sub(r"[^a-z0-9]+", "_", plain) == key:
            return tail
    return name


def refuse_unrounded(value: Any) -> Any:
    """What a template writes, unless it is a number that no filter has rounded: then TypeError."""
    if isinstance(value, float):
        raise TypeError(f"{value} needs a filter that says how it is rounded")
    return value


def count(n: int, singular: str, plural: str) -> str:
    """A number with its noun; in French several begin at 2."""
    is_singular = n < 2 if LANGUAGE.get() == "fr" else n == 1
    return f"{in_form(f'{n:,}')} {singular if is_singular else plural}"


def points(value: float, digits: int = 1) -> str:
    """Percentage points with their noun, singular below 2 in French."""
    is_singular = LANGUAGE.get() == "fr" and abs(round(value, digits)) < 2
    return f"{format_fixed(value, digits)} point{'' if is_singular else 's'}"


def quoted(keys: Iterable[str], group: str = "predictor") -> list[str]:
    """What keys are called, in quotation marks.

    Examples
    --------
    >>> quoted(["uniform", "last_election"])
    ['“Uniform”', '“Last election”']
    """
    keys = list(keys)
    label_of = labels(group, keys)
    return [QUOTES[LANGUAGE.get()].format(label_of[key]) for key in keys]


def _percent(value: float, digits: int = 0) -> str:
    return in_form(f"{value:.{digits}%}".replace("-", MINUS))


def _quoted(keys: str | Iterable[str], group: str = "predictor") -> str | list[str]:
    return quoted([keys], group)[0] if isinstance(keys, str) else quoted(keys, group)


FILTERS: dict[str, Callable[..., Any]] = {
    "n": lambda value, digits=0: format_fixed(value, digits),
    "pct": _percent,
    "sig": format_significant,
    "chance": format_probability,
    "form": format_value,
    "day": day,
    "quoted": _quoted,
    "label": lambda key, group: label(group, key),
    "count": count,
    "points": points,
}
"""How texts write numbers, dates and names, as of `bench.report.text.Text`."""
