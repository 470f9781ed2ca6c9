"""A published figure, and the check of ours against it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["pass", "differs", "FAIL", "not run"]


@dataclass(frozen=True)
class Figure:
    """One published figure and the computation of ours.

    Attributes
    ----------
    what
        Name, unique among all figures.
    printed
        The figure as its source prints it, all digits kept: half a unit of the last digit is the
        tolerance, unless `tolerance` says otherwise.
    source
        Where it is printed.
    compute
        Ours; an `ImportError` means that a package is missing.
    tolerance
        In the unit of the figure.
    because
        Why ours differs, of a figure that is known not to be reproduced. It is reported as such,
        never adjusted, and counts as neither passed nor failed.
    fact
        Figures that follow from one another by arithmetic, or that were used to infer the inputs
        of one another, share a fact and count once; `what` if empty.
    """

    what: str
    printed: str
    source: str
    compute: Callable[[], float]
    tolerance: float | None = None
    because: str = ""
    fact: str = ""


@dataclass(frozen=True)
class Checked:
    """Our figure beside the published one."""

    what: str
    fact: str
    ours: float
    published: float
    difference: float
    tolerance: float
    status: Status
    source: str
    reason: str


def check(figure: Figure) -> Checked:
    """Compute our figure and compare it with the published one.

    The status is "pass" within the tolerance; beyond it "differs" if the figure says why, else
    "FAIL"; "not run" if a package that the comparison needs is not installed.

    Examples
    --------
    >>> found = check(Figure("one third", ".333", "arithmetic", lambda: 1 / 3))
    >>> found.status, found.tolerance
    ('pass', 0.0005)
    >>> check(Figure("one third", ".3333", "arithmetic", lambda: 0.334)).status
    'FAIL'
    >>> check(Figure("two thirds", ".66", "here", lambda: 2 / 3, because="cut")).status
    'differs'
    """
    published = float(figure.printed)
    tolerance = half_last_digit(figure.printed) if figure.tolerance is None else figure.tolerance
    reason = figure.because
    status: Status | None = None
    try:
        ours = figure.compute()
    except ImportError as error:
        ours, status, reason = math.nan, "not run", f"needs the package {error.name!r}"
    difference = ours - published
    return Checked(
        what=figure.what,
        fact=figure.fact or figure.what,
        ours=ours,
        published=published,
        difference=difference,
        tolerance=tolerance,
        status=status or _status(difference, tolerance, figure.because),
        source=figure.source,
        reason=reason,
    )


def _status(difference: float, tolerance: float, because: str) -> Status:
    # a figure that rounds to the printed one may lie on the very edge
    if abs(difference) <= tolerance * (1 + 1e-9):
        return "pass"
    return "differs" if because and not math.isnan(difference) else "FAIL"


def check_all(figures: Iterable[Figure]) -> list[Checked]:
    """Check figures in their order.

    Examples
    --------
    >>> [found.status for found in check_all([Figure("two", "2", "arithmetic", lambda: 1 + 1)])]
    ['pass']
    """
    return [check(figure) for figure in figures]


def by_fact(found: Iterable[Checked]) -> dict[str, Status]:
    """The status of every independent fact: the worst of its figures.

    Examples
    --------
    >>> from dataclasses import replace
    >>> two = [Figure("A", "2", "a", lambda: 2), Figure("exp A", "7.4", "a", lambda: 7.0)]
    >>> by_fact(check_all([replace(figure, fact="A") for figure in two]))
    {'A': 'FAIL'}
    """
    order: list[Status] = ["pass", "not run", "differs", "FAIL"]
    worst: dict[str, Status] = {}
    for item in found:
        worst[item.fact] = max(worst.get(item.fact, "pass"), item.status, key=order.index)
    return worst


def half_last_digit(printed: str) -> float:
    """Return half a unit of the last printed digit.

    Examples
    --------
    >>> half_last_digit("-.0757639"), half_last_digit("404"), half_last_digit("0.20")
    (5e-08, 0.5, 0.005)
    """
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int), printed
    return float(Decimal(5).scaleb(exponent - 1))
