"""What was forecast of one moment: shares, and the chances of getting through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_values
from bench.report.plotting import style
from bench.report.text import Text
from bench.studies.backtest.headline import Vote

MOST_ROWS, MOST_COLUMNS = 40, 20  # of candidates in a figure
FLOOR = 0.005  # a column needs this probability from at least one method, or a seat
OUTCOME = {"marker": "|", "size": 1.3, "color": style.INK, "markeredgewidth": 1.3, "zorder": 1}
HALF, NINE_TENTHS = {"width": 0.62, "alpha": 0.6, "zorder": 3}, {"width": 0.17, "zorder": 2}
NAMED = {"color": style.SOFT, "fill": False, "size": 0.8}
NOT_NAMED = {"color": style.SOFT, "marker": ".", "size": 0.3}
FRAME = {"color": style.INK, "linewidth": 1.2, "zorder": 5}
text = Text("backtest")
INTERVALS = ["q05", "q25", "q75", "q95"]


def _left_out(n_candidates: int) -> str:
    """The sentence of a caption about candidates for whom there is no room."""
    return text("left_out", n=n_candidates)


def shares(vote: Vote, *, predictors: Sequence[str], most: int = 6) -> Figure:
    """Forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Panels in reading order; a page shows one at a time, the first with intervals at first.
    most
        Panels on paper.
    """
    context, labels, names = vote.context, vote.labels, vote.context.surnames
    who = list(context.by_votes[:MOST_ROWS])
    rows = vote.national_forecasts
    rows = rows[rows["predictor"].isin(predictors) & rows["candidate"].isin(who)]
    rows = rows[rows["as_of"].isin(vote.dates)]
    hollow = rows["filled"].eq(True)
    numbers = (100 * rows[["share", *INTERVALS]]).astype(float)
    numbers.loc[hollow, INTERVALS] = np.nan
    rows = rows.assign(
        **numbers,
        date=rows["as_of"].map(vote.places),
        method=rows["predictor"].map(labels),
        outcome=100 * rows["candidate"].map(context.outcome),
        hollow=hollow,
        colour=rows["candidate"].map(vote.colours),
        candidate=rows["candidate"].map(names),
    )
    came = pd.DataFrame({"candidate": [names[one] for one in who]}).assign(
        outcome=100 * context.outcome[who].to_numpy()
    )
    now = vote.latest.national_forecasts
    on_paper = now.loc[now["predictor"].isin(predictors[:most]), ["share", "q95"]]
    highest = max(float(on_paper.max().max()), float(context.outcome.max()))
    stated = set(now.loc[~now["filled"].astype(bool) & now["q05"].notna(), "predictor"])
    first = next((name for name in predictors if name in stated), predictors[0])
    words = {"left_out": _left_out(len(context.by_votes) - len(who)), **vote.words}
    soft, dot, legend = {"color": style.SOFT}, {"size": 0.48}, text.words("shares_legend")
    return Figure(
        title=text("shares_title", **vote.words),
        claim=_held(now, first, context.outcome, labels) if first in stated else "",
        caption=text("shares_caption", is_chart=False, **words),
        on_page=text("shares_caption", is_chart=True, **words),
        columns=text.words("shares_columns"),
        panel="method",
        panels={labels[name]: labels[name] for name in predictors},
        most=most,
        alone=labels[first],
        x=Axis(label=text("share_axis"), low=0, high=104 * highest),
        y=Axis(names=[names[one] for one in who]),
        narrow=2,
        height=0.5,
        per_row=0.135,
        legend={
            legend["outcome"]: OUTCOME,
            legend["forecast"]: {**soft, **dot, "marker": "o"},
            "50%": {**soft, **HALF, "linestyle": "-"},
            "90%": {**soft, **NINE_TENTHS, "linestyle": "-"},
        },
        marks=(
            Mark("dot", came, "outcome", "candidate", look=OUTCOME),
            Mark("rule", rows, "q05", "candidate", "q95", colour="colour", look=NINE_TENTHS),
            Mark("rule", rows, "q25", "candidate", "q75", colour="colour", look=HALF),
            Mark("dot", rows, "share", "candidate", colour="colour", hollow="hollow", look=dot),
        ),
    )


def _held(
    table: pd.DataFrame, predictor: str, outcome: pd.Series, labels: Mapping[str, str]
) -> str:
    """How many outcomes the intervals of a method hold."""
    rows = table[~table["filled"].astype(bool)].dropna(subset=["q05", "q95"])
    mine = rows[rows["predictor"].eq(predictor)].set_index("candidate")
    came = outcome[mine.index]
    return text(
        "shares_claim",
        method=labels[predictor],
        k=int((mine["q05"].le(came) & mine["q95"].ge(came)).sum()),
        n=len(mine),
    )


def qualify(vote: Vote, *, predictors: Sequence[str]) -> Figure:
    """The probability of qualifying (or winning a runoff), predictors by candidates.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Rows from top to bottom; those without probabilities are shown by whom they named, those
        without shares by their probabilities.
    """
    context = vote.context
    table = vote.latest.national_forecasts
    table = table[~table["filled"].astype(bool) | table["share"].isna()]
    share = table.pivot(index="predictor", columns="candidate", values="share")
    p = table.pivot(index="predictor", columns="candidate", values="p_qualify")
    rows = [name for name in predictors if name in share.index]
    share = share.reindex(index=rows, columns=list(context.by_votes))
    p = p.reindex(index=rows, columns=list(context.by_votes))
    by_name = share.T.sort_index()
    named = {name: _top(by_name[name].dropna(), context.seats) for name in rows}
    shown = [
        c
        for c in context.by_votes
        if c in context.qualifiers or p[c].max() >= FLOOR or any(c in top for top in named.values())
    ]
    left_out = _left_out(len(shown) - MOST_COLUMNS)
    shown = shown[:MOST_COLUMNS]  # who got through comes first
    is_runoff = context.seats == 1
    places = pd.MultiIndex.from_product([range(len(rows)), range(len(shown))], names=["y", "x"])
    cells = places.to_frame(index=False).assign(
        chance=p[shown].to_numpy().ravel(),
        named=share[shown].notna().to_numpy().ravel(),
        first=[one in named[name] for name in rows for one in shown],
    )
    is_silent = cells["named"] & cells["chance"].isna().groupby(cells["y"]).transform("all")
    known = cells[cells["chance"].notna()]
    known = known.assign(
        ground=_blues(known["chance"]), words=format_values(known["chance"].tolist(), "%")
    )
    top, bottom = -0.5, len(rows) - 0.5
    frames = pd.DataFrame(
        {"left": [shown.index(one) - 0.5 for one in context.qualifiers], "low": top, "high": bottom}
    )
    frames["right"] = frames["left"] + 1
    return Figure(
        title=text("qualify_title", is_runoff=is_runoff, **vote.words),
        claim=_chance_of_those(p[list(context.qualifiers)], context.surnames, is_runoff=is_runoff),
        caption=text(
            "qualify_caption",
            n=len(rows),
            is_runoff=is_runoff,
            seats=context.seats,
            left_out=left_out,
            **vote.words,
        ),
        x=Axis(names=[context.surnames[c] for c in shown]),
        y=Axis(names=[vote.labels[name] for name in rows]),
        per_row=0.165,
        grid="",
        marks=(
            Mark("cell", known, "x", "y", colour="ground", text="words"),
            Mark("dot", cells[is_silent & cells["first"]], "x", "y", look=NAMED),
            Mark("dot", cells[is_silent & ~cells["first"]], "x", "y", look=NOT_NAMED),
            *(Mark("stem", frames, side, "low", "high", look=FRAME) for side in ("left", "right")),
            *(Mark("rule", frames, "left", side, "right", look=FRAME) for side in ("low", "high")),
        ),
    )


def _blues(chances: pd.Series) -> list[str]:
    """Colours from pale to dark."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("p", ["#f3f6fa", "#7fb0dc", "#0b4f8a"])
    return [to_hex(colour) for colour in ramp(chances.to_numpy())]


def _chance_of_those(p: pd.DataFrame, names: Mapping[str, str], *, is_runoff: bool) -> str:
    """The range of the chances that those who got through were given."""
    p = p.dropna(how="all")
    if p.empty:
        return ""
    lowest, highest = (format_values(list(ends), "%") for ends in (p.min(), p.max()))
    each = [
        text("range", name=names[str(who)], low=low, high=high)
        for who, low, high in zip(p.columns, lowest, highest, strict=True)
    ]
    return text("qualify_claim", n=len(p), is_runoff=is_runoff, each=each)


def _top(share: pd.Series, seats: int) -> list[str]:
    """The first `seats` candidates, or none where a tie leaves the last seat open."""
    ordered = share.sort_values(ascending=False, kind="stable")
    if len(ordered) > seats and np.isclose(ordered.iloc[seats - 1], ordered.iloc[seats], rtol=0):
        return []
    return [str(c) for c in ordered.index[:seats]]
