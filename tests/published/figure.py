"""A published figure, and the computation of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Figure:
    """One published figure.

    Attributes
    ----------
    what
        Name, unique among all figures.
    printed
        As its source prints it, all digits kept: half a unit of the last digit is the tolerance,
        unless `tolerance` says otherwise.
    source
        Where it is printed.
    compute
        Ours.
    tolerance
        In the unit of the figure.
    because
        Why ours differs, of a figure that is not reproduced. It is never adjusted until it fits.
    """

    what: str
    printed: str
    source: str
    compute: Callable[[], float]
    tolerance: float | None = None
    because: str = ""

    def is_met_by(self, ours: float) -> bool:
        """Whether a number is the published one, to its last digit or within the tolerance.

        Examples
        --------
        >>> third = Figure("a third", ".333", "arithmetic", lambda: 1 / 3)
        >>> third.is_met_by(third.compute()), third.is_met_by(0.334)
        (True, False)
        """
        exponent = Decimal(self.printed).as_tuple().exponent
        assert isinstance(exponent, int), self.printed
        half = float(Decimal(5).scaleb(exponent - 1))
        within = half if self.tolerance is None else self.tolerance
        # a figure that rounds to the printed one may lie on the very edge
        return abs(ours - float(self.printed)) <= within * (1 + 1e-9)
