"""What it takes to turn a forecast: breaking points with their range over the priors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bench.core.language import N_, _
from bench.core.options import labels
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, in_words

EVENTS = {"first": ("o", N_("comes first")), "pair": ("D", N_("gets into the runoff"))}
POWERS = [10.0**k for k in range(-4, 10)]


def breaking_doses(
    points: pd.DataFrame,
    stated: str,
    title: str,
    source: str,
    *,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """One panel per scenario: dose by method, both events for one candidate.

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
    """
    points = points[points["beneficiary"].eq(stated)]
    found = points[points["status"].eq("found")]
    called = labels("predictor", sorted(points["predictor"].unique()))
    rows = found.assign(
        method=found["predictor"].map(called),
        low=found["low"].clip(1e-12, 1e12),
        high=found["high"].clip(1e-12, 1e12),
    )
    who = (names or {}).get(stated, stated)
    looks = {
        "first": {"marker": EVENTS["first"][0], "shift": 0.16},
        "pair": {"marker": EVENTS["pair"][0], "shift": -0.16, "fill": False},
    }
    return Figure(
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
        panel="scenario",
        panels={
            scenario: in_words(scenario, "scenario", {}) for scenario in found["scenario"].unique()
        },
        axes={
            scenario: (_decades(mine), Axis(names=list(dict.fromkeys(mine["method"]))))
            for scenario, mine in rows.sort_values("predictor").groupby("scenario")
        },
        per_line=2,
        height=0.75,
        per_row=0.2,
        looks=looks,
        legend={_(EVENTS[key][1]): {**look, "linestyle": "-"} for key, look in looks.items()},
        marks=(
            Mark("rule", rows, "low", "method", "high", by="event"),
            Mark("dot", rows, "dose", "method", by="event"),
        ),
    )


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


def _decades(rows: pd.DataFrame) -> Axis:
    """Few of the powers of ten of its frame are labelled."""
    start, end = frame_of(rows)
    kept = [p for p in POWERS if start <= p <= end]
    return Axis(
        label=str(rows["unit"].iloc[0]),
        scale="log",
        low=start * 0.8,
        high=end * 1.25,
        ticks=kept[:: -(-len(kept) // 6)],
        write=format_compact,
    )
