"""Numbers, dates, names and lists as people read them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

MISSING = "–"
MINUS = "\N{MINUS SIGN}"
FORM = re.compile(r"(\d+)(g?)(%|pp|)")


def format_fixed(value: Any, digits: int = 2) -> str:
    """Write a number with so many decimals, or a dash where there is none.

    Examples
    --------
    >>> [format_fixed(value) for value in (1.234, float("nan"), -0.001)], format_fixed(12345.6, 1)
    (['1.23', '–', '0.00'], '12,345.6')
    """
    if _is_missing(value):
        return MISSING
    text = f"{value:,.{digits}f}"
    bare = text.removeprefix("-")
    return bare if not bare.strip("0.,") else text.replace("-", MINUS)


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
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.removeprefix("-") if not text.strip("-0.") else text.replace("-", MINUS)


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
    >>> [format_probability(value) for value in (0.999, 1.0, 0.004, 0.5)]
    ['>99%', '100%', '<1%', '50%']
    """
    if _is_missing(value):
        return MISSING
    if 0 < value < 0.005:
        return "<1%"
    if 0.995 <= value < 1:
        return ">99%"
    return f"{100 * value:.0f}%"


def format_value(value: Any, form: str = "") -> str:
    """Write a number in one of the forms of `bench.report.columns.ColumnSpec`.

    Parameters
    ----------
    value
        A number.
    form
        ``"2"``: so many decimals; ``"3g"``: so many significant digits; ``"%"``: a fraction in
        percent; ``"1%"`` and ``"2g%"``: the same with so many decimals or significant digits;
        ``"2pp"``: a fraction in percentage points, without a sign; ``"year"``: without
        separators; empty: six significant digits.

    Raises
    ------
    ValueError
        If the form is none of these.

    Examples
    --------
    >>> [format_value(0.1234, form) for form in ("2", "2g", "%", "1%", "2g%", "1pp")]
    ['0.12', '0.12', '12%', '12.3%', '12%', '12.3']
    >>> format_value(128000.0), format_value(2017, "year")
    ('128,000', '2017')
    """
    if form == "":
        return format_significant(value)
    if form == "year":
        return MISSING if _is_missing(value) else f"{value:.0f}"
    if form == "%":
        return format_probability(value)
    match = FORM.fullmatch(form)
    if match is None:
        raise ValueError(
            f"form is '{form}'; accepted: %, year, or digits followed by g, %, g%, pp, or nothing"
        )
    digits, significant, unit = int(match[1]), bool(match[2]), match[3]
    scaled = 100 * value if unit and not _is_missing(value) else value
    text = format_significant(scaled, digits) if significant else format_fixed(scaled, digits)
    return f"{text}%" if unit == "%" and text != MISSING else text


def format_values(values: Sequence[float | None], form: str = "") -> list[str]:
    """Write a column of numbers, each as `format_value` does.

    Examples
    --------
    >>> format_values([0.1234, None], "2")
    ['0.12', '–']
    """
    return [format_value(value, form) for value in values]


def _is_missing(value: Any) -> bool:
    return value is None or bool(value != value)


def day(moment: date) -> str:
    """Write a date as in running text, whatever the locale.

    Examples
    --------
    >>> day(date(2017, 4, 23))
    '23 April 2017'
    """
    months = "January February March April May June July August September October November December"
    return f"{moment.day} {months.split()[moment.month - 1]} {moment.year}"


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
    words = []
    for one in earlier:
        number, month, year = day(one).split()
        if one.year != last.year:
            words.append(f"{number} {month} {year}")
        else:
            words.append(number if one.month == last.month else f"{number} {month}")
    return f"{' or '.join([*words, day(last)])}, not set yet"


def listed(names: Sequence[str]) -> str:
    """Names in a row of words.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


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
