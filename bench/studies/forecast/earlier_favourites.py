"""The chance that earlier favourites had of being elected, and whether they were."""

from __future__ import annotations

from bench.report.document import Words
from bench.report.figure import Axis, Figure, Mark
from bench.studies.forecast.outlook import Outlook
from bench.studies.forecast.tables import named_favourites


def earlier_favourites(outlook: Outlook, words: Words) -> Figure:
    """A row and a dot per earlier vote, the surest favourite first.

    Parameters
    ----------
    outlook : Outlook
        With the table `favourites`.
    words : Words
        Labels of the two kinds of dots: ``elected`` and ``not_elected``.
    """
    rows = named_favourites(outlook).sort_values("p_elected", ascending=False, kind="stable")
    drawn = rows.assign(
        line=rows["favourite"] + " " + rows["vote"],
        percent=100 * rows["p_elected"],
        is_hollow=rows["favourite"].ne(rows["winner"]),
    )
    return Figure(
        x=Axis(low=0, high=100),
        y=Axis(names=list(drawn["line"])),
        height=0.4,
        per_row=0.2,
        bands=True,
        legend={
            words.labels["elected"]: {"marker": "o"},
            words.labels["not_elected"]: {"marker": "o", "fill": False},
        },
        marks=(Mark("dot", drawn, "percent", "line", hollow="is_hollow"),),
    )
