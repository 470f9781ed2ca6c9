"""Figures that others have published, by source; results/reference/published.md has ours too."""

from tests.published import (
    american_research_group_2017,
    arzheimer_evans_2014,
    buzzfeed_2016,
    economist_2022,
    meng_2018,
    other_packages,
    shirani_mehr_2018,
)
from tests.published.figure import Figure

SOURCES = (
    arzheimer_evans_2014,
    american_research_group_2017,
    meng_2018,
    buzzfeed_2016,
    economist_2022,
    shirani_mehr_2018,
    other_packages,
)


def figures() -> list[Figure]:
    """The figures of all sources."""
    return [figure for source in SOURCES for figure in source.figures()]
