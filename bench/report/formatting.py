"""How numbers, dates, names and lists are written."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bench.core.language import LANGUAGE, NUMBER_SIGNS, SOURCE
from bench.core.options import label, labels

MISSING = "–"
QUOTES = {"en": "“{}”", "fr": "«\u00a0{}\u00a0»"}
MINUS = "\N{MINUS SIGN}"
FORM = re.compile(r"(<?)(\d+)(g?)(%|pp|)")
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
UNSETTLED = {"en": "{days} or {last}, not set yet", "fr": "{days} ou {last}, date non encore fixée"}


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
    """Write a number in one of the forms of `bench.report.columns.ColumnSpec`.

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
    return UNSETTLED[LANGUAGE.get()].format(days=words, last=day(last))


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
"""How texts write numbers, dates and names, as filters of documents."""
