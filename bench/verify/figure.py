"""This file holds what a published figure is, and the check of ours against it."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Literal

Status = Literal["pass", "fail", "not reproducible", "not run"]


@dataclass(frozen=True)
class Figure:
    """One published figure and the computation of ours.

    `printed` is the figure as its source prints it, all digits kept: half a unit of the last
    digit is the tolerance, unless `tolerance` says otherwise. `reason` explains a figure that
    is known not to be reproducible; it is reported with its difference, never adjusted.
    """

    what: str
    printed: str
    source: str
    compute: Callable[[], float]
    tolerance: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Checked:
    """Our figure beside the published one."""

    what: str
    ours: float
    published: float
    difference: float
    tolerance: float
    status: Status
    source: str
    reason: str

    def row(self) -> dict[str, str | float]:
        """Return the fields by name, for a table.

        Examples
        --------
        >>> check(Figure("one half", "0.5", "arithmetic", lambda: 1 / 2)).row()["status"]
        'pass'
        """
        return asdict(self)


def check(figure: Figure) -> Checked:
    """Compute our figure and compare it with the published one.

    The status is "pass" within the tolerance; beyond it "not reproducible" if the figure gives
    a reason, else "fail"; "not run" if a package that the comparison needs is not installed.

    Examples
    --------
    >>> found = check(Figure("one third", ".333", "arithmetic", lambda: 1 / 3))
    >>> found.status, found.tolerance
    ('pass', 0.0005)
    >>> check(Figure("one third", ".3333", "arithmetic", lambda: 0.334)).status
    'fail'
    """
    published = float(figure.printed)
    tolerance = half_last_digit(figure.printed) if figure.tolerance is None else figure.tolerance
    status: Status
    try:
        ours = figure.compute()
    except ImportError as error:
        missing = f"needs the package {error.name!r}"
        nan = float("nan")
        return Checked(
            figure.what, nan, published, nan, tolerance, "not run", figure.source, missing
        )
    difference = ours - published
    # a figure that rounds to the printed one may lie on the very edge
    if abs(difference) <= tolerance * (1 + 1e-9):
        status = "pass"
    else:
        status = "not reproducible" if figure.reason else "fail"
    return Checked(
        figure.what, ours, published, difference, tolerance, status, figure.source, figure.reason
    )


def check_all(figures: Iterable[Figure]) -> list[Checked]:
    """Check figures in their order.

    Examples
    --------
    >>> [found.status for found in check_all([Figure("two", "2", "arithmetic", lambda: 1 + 1)])]
    ['pass']
    """
    return [check(figure) for figure in figures]


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
