"""Which method answered when; the coverage mask over votes and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import N_, _
from bench.core.options import labels
from bench.report.formatting import day
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# state: marker, filled, colour, words
LOOKS = {
    "whole": ("s", True, style.METHOD_COLOURS["quota polls"], N_("whole ballot")),
    "part": ("D", False, style.METHOD_COLOURS["buzz"], N_("part of it")),
    "abstained": ("_", False, style.SOFT, N_("abstained")),
    "failed": ("x", False, style.WRONG, N_("failed")),
}


def states(methods: pd.DataFrame) -> pd.DataFrame:
    """State of every attempt: whole, part, abstained or failed.

    Examples
    --------
    >>> rows = pd.DataFrame({"predictor": ["a", "b", "c"], "status": ["ok", "ok", "abstained"],
    ...                      "named": [3, 2, 0], "n_candidates": 3})
    >>> states(rows)["state"].tolist()
    ['whole', 'part', 'abstained']
    """
    whole = methods["named"].ge(methods["n_candidates"])
    partly = whole.map({True: "whole", False: "part"})
    answered = methods["status"].eq("ok") & methods["named"].gt(0)
    silent = methods["status"].where(methods["status"].ne("ok"), "abstained")
    return methods.assign(state=partly.where(answered, silent))


@canvas.styled
def coverage(methods: pd.DataFrame, title: str, source: str, *, size: str = "double") -> Figure:
    """Draw one row per method and one column per vote and date.

    Parameters
    ----------
    methods
        election, round, as_of, predictor, status, named, n_candidates.
    title, source
        Of the run.
    size
        Size preset.
    """
    rows = states(methods)
    names = list(dict.fromkeys(rows["predictor"]))
    moments = rows[["election", "round", "as_of"]].drop_duplicates()
    moments = moments.sort_values(["election", "round", "as_of"], ignore_index=True)
    places = {tuple(row): i for i, row in enumerate(moments.itertuples(index=False, name=None))}
    called = labels("predictor", names)
    figure, axes, top = canvas.sheet(
        size,
        0.55 + 0.19 * len(names) * canvas.row_lines(list(called.values()), size),
        title=_("Who answered, and when: {title}", title=title),
        claim=_(
            "{k} of {n} methods answered for the whole ballot every time",
            k=int(rows["state"].eq("whole").groupby(rows["predictor"]).all().sum()),
            n=len(names),
        ),
        caption=_(
            "{n} methods, {asked} from {first} to {last}. One column each, in order "
            "of time and not to scale. The table of what is missing says why. {source}",
            n=len(names),
            asked=_asked(moments),
            first=day(moments["as_of"].min()),
            last=day(moments["as_of"].max()),
            source=source,
        ),
        legend_lines=1,
        grid="x",
    )
    axis = axes[0, 0]
    canvas.name_rows(axes, [called[name] for name in names], size)
    dot = min(style.FONT_PT[size] * 0.55, 40 * style.WIDTHS_IN[size] / len(moments))
    handles = []
    for state, (marker, filled, colour, _words) in LOOKS.items():
        mine = rows[rows["state"].eq(state)]
        look = {
            "color": colour,
            "marker": marker,
            "linestyle": "",
            "markerfacecolor": colour if filled else style.PAPER,
        }
        handles.append(look)
        keys = mine[["election", "round", "as_of"]].itertuples(index=False, name=None)
        x, y = [places[key] for key in keys], [names.index(n) for n in mine["predictor"]]
        axis.plot(x, y, **look, markersize=dot)
    axis.set_xlim(-0.8, len(moments) - 0.2)
    _columns(axis, moments, size)
    words = [_(words) for *_look, words in LOOKS.values()]
    canvas.legend(figure, handles, words, top, len(words))
    return figure


def _asked(moments: pd.DataFrame) -> str:
    votes = len(moments[["election", "round"]].drop_duplicates())
    if votes == 1 or votes == len(moments):
        n = len(moments)
        return _("{n} dates", n=n) if votes == 1 else _("{n} votes", n=n)
    return _("{votes} votes on {n} dates", votes=votes, n=len(moments))


def _columns(axis: Axes, moments: pd.DataFrame, size: str) -> None:
    """The first column of every vote has its name, or every so many have their date."""
    votes = moments.drop_duplicates(["election", "round"])
    if len(votes) == 1:
        room = 4 if size == "single" else 8
        step = max(1, -(-len(moments) // room))
        chosen = moments.iloc[::step]
        labels = [f"{moment:%Y}\n{moment:%m-%d}" for moment in chosen["as_of"]]
    else:
        chosen = votes
        labels = [f"{v.election} r{v.round}" for v in votes.itertuples()]
    axis.set_xticks(list(chosen.index), labels, rotation=0 if len(votes) == 1 else 90)
    for start in votes.index[1:]:
        axis.axvline(start - 0.5, color=style.SOFT, linewidth=0.5)
