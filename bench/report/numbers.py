"""How numbers are written for people: this file holds `number`, `plain`, `probability`."""

import math
import re
from decimal import Decimal
from typing import Any

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"


def number(value: Any, digits: int = 2) -> str:
    """Write a number with so many decimals, or a dash where there is none.

    Examples
    --------
    >>> number(1.234), number(float("nan")), number(-0.001), number(12345.6, 1)
    ('1.23', '–', '0.00', '12,345.6')
    """
    if _is_nothing(value):
        return NOTHING
    text = f"{value:,.{digits}f}"
    bare = text.removeprefix("-")
    return bare if not bare.strip("0.,") else text.replace("-", MINUS)


def plain(value: Any, digits: int = 6) -> str:
    """Write so many significant digits with thousands separators, never an exponent.

    Examples
    --------
    >>> plain(16000.0), plain(1e6), plain(0.000063, 2), plain(-0.5), plain(12809.9, 3)
    ('16,000', '1,000,000', '0.000063', '−0.5', '12,800')
    """
    if _is_nothing(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{Decimal(f'{value:.{digits - 1}e}'):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.removeprefix("-") if not text.strip("-0.") else text.replace("-", MINUS)


def probability(value: Any) -> str:
    """Write a probability in percent without claiming certainty that rounding made up.

    Examples
    --------
    >>> probability(0.999), probability(1.0), probability(0.004), probability(0.5)
    ('>99%', '100%', '<1%', '50%')
    """
    if _is_nothing(value):
        return NOTHING
    if 0 < value < 0.005:
        return "<1%"
    if 0.995 <= value < 1:
        return ">99%"
    return f"{100 * value:.0f}%"


def written(value: Any, form: str = "") -> str:
    """Write a number in one of the forms that tables know.

    Parameters
    ----------
    value
        A number.
    form
        ``"2"``: so many decimals; ``"3g"``: so many significant digits; ``"%"``: a fraction in
        percent; ``"1%"`` and ``"2g%"``: the same with so many decimals or significant digits;
        ``"year"``: without separators; empty: six significant digits.

    Raises
    ------
    ValueError
        If the form is none of these.

    Examples
    --------
    >>> [written(0.1234, form) for form in ("2", "2g", "%", "1%", "2g%")], written(128000.0)
    (['0.12', '0.12', '12%', '12.3%', '12%'], '128,000')
    """
    if form == "":
        return plain(value)
    if form == "year":
        return NOTHING if _is_nothing(value) else f"{value:.0f}"
    if form == "%":
        return probability(value)
    if form[:-1].isdigit() and form[-1] == "g":
        return plain(value, int(form[:-1]))
    digits, kind = re.match(r"(\d*)(.*)", form).groups()  # type: ignore[union-attr]
    if not digits or kind not in {"", "g", "%", "g%"}:
        raise ValueError(f"form is '{form}'; accepted: %, year, or digits followed by g, %, g%")
    scaled = 100 * value if kind.endswith("%") else value
    text = plain(scaled, int(digits)) if "g" in kind else number(scaled, int(digits))
    return f"{text}%" if kind.endswith("%") and text != NOTHING else text


def _is_nothing(value: Any) -> bool:
    return value is None or bool(value != value)
