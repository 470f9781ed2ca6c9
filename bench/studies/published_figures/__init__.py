"""Figures that others have published, and the check of ours against them."""

from collections.abc import Iterable

from bench.studies.published_figures import agreement, surveys
from bench.studies.published_figures.chances import chance_figures
from bench.studies.published_figures.figure import Checked, Figure, by_fact, check_all
from bench.studies.published_figures.polls import horizon_figures, poll_errors

__all__ = [
    "Checked",
    "Figure",
    "by_fact",
    "chance_figures",
    "figures",
    "horizon_figures",
    "poll_errors",
    "verify",
]


def figures() -> list[Figure]:
    """List the figures that need no data set.

    Examples
    --------
    >>> all(figure.source for figure in figures())
    True
    """
    return [*surveys.figures(), *agreement.figures()]


def verify(more: Iterable[Figure] = ()) -> list[Checked]:
    """Check all figures, and `more` that the caller has made from data sets.

    Examples
    --------
    >>> {found.status for found in verify()} <= {"pass", "differs", "not run"}
    True
    """
    return check_all([*figures(), *more])
