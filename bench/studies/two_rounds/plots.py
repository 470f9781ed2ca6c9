"""Who would meet in the runoff: the likeliest pairs of every forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.language import _, ngettext
from bench.core.options import labels
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day, format_values
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

SHOWN = 5  # pairs of each forecast
MOST = 6  # forecasts
PALE = "#a9c3df"  # of pairs that did not come to be
STRONG = style.METHOD_COLOURS["quota polls"]


def likely_pairs(pairs: pd.DataFrame, title: str, source: str) -> Figure:
    """The probability of the likeliest pairs, one panel per forecast.

    Parameters
    ----------
    pairs
        election, as_of, predictor, first, second, probability, came; the likeliest first.
    title, source
        Heading, and where evidence and outcome come from.
    """
    drawn, n = drawn_pairs(pairs), pairs["election"].nunique()
    names = drawn["first"].str.cat(drawn["second"], sep=" – ").str.replace("_", " ")
    drawn = drawn.assign(
        name=list(map(canvas.cut, names)),
        place=drawn.groupby("predictor", sort=False).cumcount(),
        percent=100 * drawn["probability"],
        chance=format_values(drawn["probability"].tolist(), "%"),
        colour=np.where(drawn["came"], STRONG, PALE),
    )
    panels = labels("predictor", list(drawn["predictor"].unique()))
    x = Axis(low=0, high=1.3 * float(drawn["percent"].max()))
    return Figure(
        title=_("The likeliest runoffs: {title}", title=title),
        claim=_came(drawn),
        subtitle=_(
            "probability of a runoff between two candidates, percent: {newest}",
            newest=drawn["election"].iloc[0],
        ),
        caption=ngettext(
            "The {shown} likeliest pairs of each forecast; the pair that did meet is in the "
            "strong colour. {forecasts} forecasts as of {day}, one election: one draw. The rest "
            "of the 100% lies on other pairs. {source}",
            "The {shown} likeliest pairs of each forecast; the pair that came to be is in the "
            "strong colour. {forecasts} forecasts as of {day}, the last of {n} elections: one "
            "draw. The rest of the 100% lies on other pairs. {source}",
            n,
            shown=SHOWN,
            forecasts=len(panels),
            day=day(drawn["as_of"].iloc[0]),
            source=source,
        ),
        panel="predictor",
        panels=panels,
        x=x,
        axes={
            key: (x, Axis(names=list(mine["name"])))
            for key, mine in drawn.groupby("predictor", sort=False)
        },
        height=0.5,
        per_row=0.2,
        marks=(
            Mark("bar", drawn, "percent", "place", colour="colour"),
            Mark("text", drawn, "percent", "place", text="chance"),
        ),
    )


def drawn_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """The likeliest pairs of the last forecasts of the newest election, and the one that came."""
    last = pairs[pairs["as_of"].eq(pairs["as_of"].max())]
    mine = last[last["election"].eq(last["election"].iloc[0])]
    mine = mine[mine["predictor"].isin(mine["predictor"].unique()[:MOST])]
    place = mine.groupby("predictor", sort=False).cumcount()
    return mine[place.lt(SHOWN) | mine["came"].astype(bool)]


def _came(pairs: pd.DataFrame) -> str:
    """The chances that the pair that came to be was given."""
    mine = pairs[pairs["came"].astype(bool)]
    if mine.empty:
        return ""
    low, high = format_values([mine["probability"].min(), mine["probability"].max()], "%")
    pair = {"first": mine["first"].iloc[0], "second": mine["second"].iloc[0]}
    if low == high:
        return _(
            "The runoff that took place, {first} against {second}, was given {low}", low=low, **pair
        )
    return _(
        "The runoff that took place, {first} against {second}, was given {low} to {high}",
        low=low,
        high=high,
        **pair,
    )
