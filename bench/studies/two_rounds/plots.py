"""Who would meet in the runoff: the likeliest pairs of every forecast."""

from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import _, ngettext
from bench.core.options import labels
from bench.report.charts import (
    DIGITS,
    PERCENT,
    Chart,
    Panels,
    chart_of,
    labelled,
    layer,
    quantity,
    rows_by_name,
    tips,
)
from bench.report.formatting import day, format_values
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 5  # pairs of each forecast
MOST = 6  # forecasts
PALE = "#a9c3df"  # of pairs that did not come to be
STRONG = style.METHOD_COLOURS["quota polls"]
PAIR_PX = 150  # of the names of a pair


@canvas.styled
def likely_pairs(pairs: pd.DataFrame, title: str, source: str, *, size: str = "double") -> "Figure":
    """Draw the probability of the likeliest pairs, one panel per forecast.

    Parameters
    ----------
    pairs
        election, as_of, predictor, first, second, probability, came; the likeliest first.
    title, source
        Heading, and where evidence and outcome come from.
    size
        Size preset.
    """
    drawn, n = _drawn(pairs), pairs["election"].nunique()
    names = drawn["first"].str.cat(drawn["second"], sep=" – ").str.replace("_", " ")
    drawn = drawn.assign(
        name=list(map(canvas.cut, names)), chance=format_values(drawn["probability"].tolist(), "%")
    )
    groups = list(drawn.groupby("predictor", sort=False))
    figure, axes, _top = canvas.panels(
        list(labels("predictor", [str(key) for key, _part in groups]).values()),
        size,
        0.5 + 0.2 * SHOWN,
        per_line=3,
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
            forecasts=len(groups),
            day=day(drawn["as_of"].iloc[0]),
            source=source,
        ),
        grid="x",
        sharex=True,
    )
    highest = 0.0
    for axis, (_key, shown) in zip(axes.flat, groups, strict=False):
        colours = [STRONG if came else PALE for came in shown["came"]]
        values = 100 * shown["probability"].to_numpy(float)
        highest = max(highest, float(values.max()))
        axis.barh(range(len(shown)), values, color=colours, height=0.66)
        for y, words in enumerate(shown["chance"]):
            axis.text(values[y], y, f" {words}", va="center", ha="left")
        axis.set_yticks(range(len(shown)), shown["name"])
        axis.set_ylim(len(shown) - 0.4, -0.6)
        axis.tick_params(labelbottom=True)
    axes[0, 0].set_xlim(0, 1.3 * highest)
    return figure


def _drawn(pairs: pd.DataFrame) -> pd.DataFrame:
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


def pair_chart(pairs: pd.DataFrame) -> Chart:
    """The likeliest pairs, a panel for each forecast; the pair that came to be is darker.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As of `likely_pairs`, candidates by name.
    """
    known = _drawn(pairs)
    called = labels("predictor", dict.fromkeys(known["predictor"]))
    rows, columns = labelled(
        method=(_("Method"), known["predictor"].map(called)),
        pair=(_("Pair"), known["first"] + " – " + known["second"]),
        chance=(_("Chance of this runoff, %"), (PERCENT * known["probability"]).round(DIGITS)),
    )
    rows["came"] = known["came"].astype(bool)
    axis = {"tickCount": 4, "titleAnchor": "middle"}
    chance = quantity("chance", title=columns["chance"], axis=axis)
    order = {"field": "chance", "op": "max", "order": "descending"}
    place = {
        "x": chance,
        "y": rows_by_name("pair", order),
        "tooltip": tips(columns, ("chance", ".1f")),
    }
    strong = {"test": "datum.came", "value": STRONG}
    bars = layer(
        {"type": "bar", "height": {"band": 0.66}},
        **place,
        color={"condition": strong, "value": PALE},
    )
    words = {"type": "text", "align": "left", "dx": 4}
    numbers = layer(words, **place, text={"field": "chance", "format": ".0f"})
    spec = chart_of(
        bars,
        numbers,
        panels=Panels(
            field="method",
            order=list(called.values()),
            most=3,
            ratio=0.55,
            room=PAIR_PX,
            own_scale=True,
        ),
    )
    return Chart(spec=spec, rows=rows, columns=columns)
