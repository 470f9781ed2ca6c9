"""What it takes to turn a forecast: breaking points with their range over the priors."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import N_, _
from bench.core.options import labels
from bench.report.formatting import format_compact, in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
) -> "Figure":
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
    from matplotlib.ticker import FuncFormatter, NullLocator

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
    colour = style.METHOD_COLOURS["quota polls"]
    for axis, scenario in zip(axes.flat, scenarios, strict=False):
        rows = found[found["scenario"].eq(scenario)]
        for row in rows.to_dict("records"):
            marker = EVENTS[row["event"]][0]
            y = methods[scenario].index(row["predictor"]) + (
                0.16 if row["event"] == "first" else -0.16
            )
            axis.plot(np.clip([row["low"], row["high"]], 1e-12, 1e12), [y, y], color=colour)
            face = colour if row["event"] == "first" else style.PAPER
            axis.plot(
                row["dose"],
                y,
                marker,
                color=colour,
                markerfacecolor=face,
                markersize=style.FONT_PT[size] * 0.45,
            )
        axis.set_xscale("log")
        _decades(axis, rows)
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: format_compact(value)))
        rows_named = [called[name] for name in methods[scenario]]
        canvas.name_rows(np.array([[axis]]), rows_named, size, bands=False)
        axis.set_xlabel(str(rows["unit"].iloc[0]), color=style.SOFT)
    handles = [
        {
            "color": colour,
            "marker": marker,
            "markerfacecolor": colour if event == "first" else style.PAPER,
        }
        for event, (marker, _) in EVENTS.items()
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


def _decades(axis: "object", rows: pd.DataFrame) -> None:
    """The frame of a panel, few of its powers of ten labelled."""
    start, end = frame_of(rows)
    kept = [p for p in POWERS if start <= p <= end]
    step = -(-len(kept) // 6)
    axis.set_xticks(kept[::step])  # type: ignore[attr-defined]
    axis.set_xlim(start * 0.8, end * 1.25)  # type: ignore[attr-defined]
