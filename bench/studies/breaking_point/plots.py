"""What it takes to turn a forecast: breaking points with their range over the priors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import N_, _
from bench.core.options import labels
from bench.report.charts import (
    SHAPES,
    Chart,
    chart_of,
    colours_of,
    followed,
    heading_of,
    labelled,
    layer,
    quantity,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.formatting import format_compact, in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (style.METHOD_COLOURS["quota polls"], style.METHOD_COLOURS["published claims"])
ROW_PX = 30  # two marks to a row
EVENTS = {"first": ("o", N_("comes first")), "pair": ("D", N_("gets into the runoff"))}
POWERS = [10.0**k for k in range(-4, 10)]


@canvas.styled
def breaking_doses(
    points: pd.DataFrame,
    stated: str,
    title: str,
    source: str,
    *,
    names: Mapping[str, str] | None = None,
    size: str = "double",
) -> Figure:
    """Draw one panel per scenario: dose by method, both events for one candidate.

    Whoever comes first is in the runoff too, so no mark of "first" lies left of its "runoff".

    Parameters
    ----------
    points
        scenario, beneficiary, predictor, event, status, dose, low, high, unit.
    stated
        The candidate of whom all marks speak.
    title, source
        Heading; where the electorate comes from.
    names
        Candidates' keys to their names.
    size
        Size preset.
    """
    points = points[points["beneficiary"].eq(stated)]
    found = points[points["status"].eq("found")]
    scenarios = [s for s in dict.fromkeys(points["scenario"]) if s in set(found["scenario"])]
    methods = {
        s: sorted(found.loc[found["scenario"].eq(s), "predictor"].unique()) for s in scenarios
    }
    tall = max((len(one) for one in methods.values()), default=1)
    called = labels("predictor", points["predictor"].unique())
    who = (names or {}).get(stated, stated)
    figure, axes, top = canvas.panels(
        [in_words(scenario, "scenario", {}) for scenario in scenarios],
        size,
        0.75 + 0.2 * tall * canvas.row_lines(list(called.values()), size),
        per_line=2,
        title=title,
        claim=_turned(points, who),
        caption=_(
            "Dose at which the event is more likely than not, for {who}. Marks: "
            "assumptions as set; lines: 5 to 95% of the draws of all assumptions from "
            "their priors, cut at the frame; what is set need not be in the middle of its "
            "prior, so a mark can lie outside of its line. A method or a mark that is missing: not "
            "turned within the doses tried, or the candidate was there from the start. "
            "{source}",
            who=who,
            source=source,
        ),
        grid="x",
        legend_lines=1,
    )
    colour = COLOURS[0]
    looks = {  # height within a row, marker, face
        "first": (0.16, EVENTS["first"][0], colour),
        "pair": (-0.16, EVENTS["pair"][0], style.PAPER),
    }
    for axis, scenario in zip(axes.flat, scenarios, strict=False):
        rows = found[found["scenario"].eq(scenario)]
        for row in rows.to_dict("records"):
            above, marker, face = looks[row["event"]]
            y = methods[scenario].index(row["predictor"]) + above
            axis.plot(np.clip([row["low"], row["high"]], 1e-12, 1e12), [y, y], color=colour)
            axis.plot(
                row["dose"],
                y,
                marker,
                color=colour,
                markerfacecolor=face,
                markersize=style.FONT_PT[size] * 0.45,
            )
        _decades(axis, rows)
        rows_named = [called[name] for name in methods[scenario]]
        canvas.name_rows(np.array([[axis]]), rows_named, size, bands=False)
        axis.set_xlabel(str(rows["unit"].iloc[0]), color=style.SOFT)
    handles = [
        {"color": colour, "marker": marker, "markerfacecolor": face}
        for _above, marker, face in looks.values()
    ]
    canvas.legend(figure, handles, [_(words) for _marker, words in EVENTS.values()], top, 2)
    return figure


def _turned(points: pd.DataFrame, who: str) -> str:
    """In how many searches a dose brings the candidate to either event."""
    rows = {event: points.loc[points["event"].eq(event), "status"] for event in EVENTS}
    if any(status.empty for status in rows.values()):
        return ""
    return _(
        "A dose gets {who} into the runoff in {pair} of {n_pair} searches, to the first place in "
        "{first} of {n_first}",
        who=who,
        **{event: int(status.eq("found").sum()) for event, status in rows.items()},
        **{f"n_{event}": len(status) for event, status in rows.items()},
    )


def frame_of(rows: pd.DataFrame) -> tuple[float, float]:
    """The powers of ten around all doses and intervals, from 0.0001 to 1e9."""
    # 0 and infinity have no place on the axis
    ends = rows[["low", "dose", "high"]].to_numpy(float)
    ends = ends[(ends > 0) & np.isfinite(ends)]
    low, high = float(ends.min()), float(ends.max())
    start = max([p for p in POWERS if p <= low], default=POWERS[0])
    return start, min([p for p in POWERS if p >= high], default=POWERS[-1])


def _decades(axis: Axes, rows: pd.DataFrame) -> None:
    """The frame of a panel, few of its powers of ten labelled."""
    start, end = frame_of(rows)
    kept = [p for p in POWERS if start <= p <= end]
    named = kept[:: -(-len(kept) // 6)]
    axis.set_xscale("log")
    axis.set_xticks(named, [format_compact(power) for power in named])
    axis.set_xticks([], minor=True)
    axis.set_xlim(start * 0.8, end * 1.25)


def breaking_chart(points: pd.DataFrame, stated: str) -> Chart:
    """The dose that brings one candidate to either event, one scenario at a time, cheapest first.

    Parameters
    ----------
    points : pandas.DataFrame
        As of `breaking_doses`.
    stated : str
        The candidate of whom all marks speak.
    """
    mine = points[points["beneficiary"].eq(stated)]
    found = mine[mine["status"].eq("found")]
    least = found.groupby("scenario")["share_of_honest_users"].min().sort_values(kind="stable")
    found = found.sort_values("scenario", key=lambda of: of.map(least.index.get_loc), kind="stable")
    scenarios = labels("scenario", dict.fromkeys(found["scenario"]))
    ends = {name: frame_of(rows) for name, rows in found.groupby("scenario")}
    start, end = (found["scenario"].map({k: one[i] for k, one in ends.items()}) for i in (0, 1))
    events = {key: _(words) for key, (_mark, words) in EVENTS.items()}
    called = labels("predictor", found["predictor"].unique())
    low, high = (found[key].replace(np.inf, np.nan).map(_short) for key in ("low", "high"))
    rows, columns = labelled(
        method=(_("Method"), found["predictor"].map(called)),
        scenario=(_("Scenario"), found["scenario"].map(scenarios)),
        event=(_("Event"), found["event"].map(events)),
        dose=(_("Dose"), found["dose"].map(_short)),
        low=(_("5% of the draws need less than"), low),
        high=(_("5% of the draws need more than"), high),
        unit=(_("Unit"), found["unit"].map(_)),
    )
    # the axis has no place for 0 and infinity
    rows["from"] = found["low"].clip(start, end).map(_short)
    rows["to"] = found["high"].clip(start, end).map(_short)
    units = dict(zip(rows["scenario"], rows["unit"], strict=True))
    axis = {"format": "~s", "grid": False}
    dose = quantity("dose", title=None, scale={"type": "log"}, axis=axis)
    looks = {
        "y": rows_by_name("method", sorted(rows["method"].unique())),
        "yOffset": {"field": "event", "type": "nominal", "sort": [*events.values()]},
        "color": colours_of("event", dict(zip(events.values(), COLOURS, strict=True))),
        "opacity": followed("method"),
    }
    marks = [SHAPES[mark] for mark, _words in EVENTS.values()]
    marked = {"domain": [*events.values()], "range": marks}
    spans = layer(
        {"type": "rule", "strokeWidth": 2}, x={**dose, "field": "from"}, x2={"field": "to"}, **looks
    )
    dots = layer(
        {"type": "point", "filled": True, "size": 80},
        x=dose,
        shape={"field": "event", "type": "nominal", "scale": marked},
        tooltip=tips(columns),
        **looks,
    )
    most = int(rows.groupby("scenario")["method"].nunique().max())
    spec = chart_of(
        spans,
        dots,
        height=ROW_PX * max(most, 2),
        one={"scenario": list(units)},
        title=heading_of(shown_of("scenario", list(units)), units),
    )
    return Chart(spec=spec, rows=rows, columns=columns)


def _short(value: float) -> float:
    """Three digits.

    Examples
    --------
    >>> _short(1234.5)
    1230.0
    """
    return float(f"{value:.3g}")
