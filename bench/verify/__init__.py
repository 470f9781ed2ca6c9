"""This room holds the figures that others have published, and checks ours against them."""

from collections.abc import Iterable

from bench.verify import agreement, polling_bias, samples
from bench.verify.figure import Checked, Figure, check_all
from bench.verify.polls import final_week_figures, horizon_figures

__all__ = ["Checked", "Figure", "figures", "final_week_figures", "horizon_figures", "verify"]


def figures() -> list[Figure]:
    """List the figures that need no data set.

    Examples
    --------
    >>> all(figure.source for figure in figures())
    True
    """
    return [*polling_bias.figures(), *samples.figures(), *agreement.figures()]


def verify(more: Iterable[Figure] = ()) -> list[Checked]:
    """Check all figures, and `more` that the caller has made from data sets.

    Examples
    --------
    >>> {found.status for found in verify()} <= {"pass", "not reproducible", "not run"}
    True
    """
    return check_all([*figures(), *more])
