"""What was forecast of one moment: shares, and the chances of getting through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from bench.report.charts import (
    DIGITS,
    PERCENT,
    ROW_PX,
    Chart,
    Spec,
    chart_of,
    colours_of,
    followed,
    layer,
    quantity,
    rows_by_name,
    shown_of,
    tips,
)
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
NUMBERS = [*((key, ".2f") for key in ("share", "q05", "q95", "outcome")), ("chance", ".1f")]


def forecast_rows(vote: Vote, order: Sequence[str]) -> pd.DataFrame:
    """Every national forecast of every moment, one row per method and candidate.

    Parameters
    ----------
    vote
        At the moment that is shown.
    order
        Labels of the methods, the best first.

    Returns
    -------
    DataFrame
        date (place among the dates of the vote), method, candidate, share, q05 to q95, outcome,
        chance (percent), error (points), filled.
    """
    context = vote.context
    known = vote.national_forecasts
    known = known[known["candidate"].isin(context.outcome.index) & known["as_of"].isin(vote.dates)]
    outcome = PERCENT * known["candidate"].map(context.outcome)
    rows = pd.DataFrame(
        {
            "date": known["as_of"].map(vote.places),
            "method": known["predictor"].map(vote.labels),
            "candidate": known["candidate"].map(context.surnames),
            **{key: (PERCENT * known[key]).round(DIGITS) for key in ("share", *INTERVALS)},
            "outcome": outcome.round(DIGITS),
            "error": (PERCENT * known["share"] - outcome).round(DIGITS),
            "chance": (PERCENT * known["p_qualify"]).round(DIGITS),
            "filled": known["filled"].astype(bool),
        }
    )
    # a chance stands without a share where a method states chances alone
    rows.loc[rows["filled"] & rows["share"].notna(), [*INTERVALS, "chance"]] = float("nan")
    names = {"method": order, "candidate": [context.surnames[one] for one in context.by_votes]}

    def place(column: pd.Series) -> pd.Series:
        known = names.get(str(column.name))
        return column if known is None else column.map({one: n for n, one in enumerate(known)})

    return rows.sort_values(["date", "method", "candidate"], key=place, ignore_index=True)


def colours_by_name(vote: Vote, candidates: Sequence[str]) -> dict[str, str]:
    """The colours of candidates in the figures, by the names that the charts use."""
    return {vote.context.surnames[one]: vote.colours[one] for one in candidates}


def _left_out(n_candidates: int) -> str:
    """The sentence of a caption about candidates for whom there is no room."""
    return text("left_out", n=n_candidates)


def shares(vote: Vote, *, predictors: Sequence[str]) -> Figure:
    """Forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Panels in reading order.
    """
    context = vote.context
    table = vote.latest.national_forecasts
    who = list(context.by_votes[:MOST_ROWS])
    gone = len(context.by_votes) - len(who)
    rows = table[table["predictor"].isin(predictors) & table["candidate"].isin(who)]
    hollow = rows["filled"].eq(True)
    numbers = (100 * rows[["share", *INTERVALS]]).astype(float)
    numbers.loc[hollow, INTERVALS] = np.nan
    rows = rows.assign(
        **numbers,
        hollow=hollow,
        place=rows["candidate"].map({one: place for place, one in enumerate(who)}),
        colour=rows["candidate"].map(vote.colours),
    )
    came = pd.DataFrame({"place": range(len(who)), "share": 100 * context.outcome[who].to_numpy()})
    drawn = table.loc[table["predictor"].isin(predictors), ["share", "q95"]]
    highest = max(float(drawn.max().max()), float(context.outcome.max()))
    soft, dot, legend = {"color": style.SOFT}, {"size": 0.48}, text.words("shares_legend")
    return Figure(
        title=text("shares_title", **vote.words),
        claim=_held_by_first(table, predictors, context.outcome, vote.labels),
        caption=text("shares_caption", is_chart=False, left_out=_left_out(gone), **vote.words),
        panel="predictor",
        panels={name: vote.labels[name] for name in predictors},
        x=Axis(
            label=text("share_axis"),
            low=0,
            high=104 * highest,
        ),
        y=Axis(names=[context.surnames[c] for c in who]),
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
            Mark("dot", came, "share", "place", look=OUTCOME),
            Mark("rule", rows, "q05", "place", "q95", colour="colour", look=NINE_TENTHS),
            Mark("rule", rows, "q25", "place", "q75", colour="colour", look=HALF),
            Mark("dot", rows, "share", "place", colour="colour", hollow="hollow", look=dot),
        ),
    )


def _held_by_first(
    table: pd.DataFrame, predictors: Sequence[str], outcome: pd.Series, labels: Mapping[str, str]
) -> str:
    """How many outcomes the intervals of the first method that states them hold."""
    rows = table[~table["filled"].astype(bool)].dropna(subset=["q05", "q95"])
    stated = [name for name in predictors if name in set(rows["predictor"])]
    if not stated:
        return ""
    mine = rows[rows["predictor"].eq(stated[0])].set_index("candidate")
    came = outcome[mine.index]
    return text(
        "shares_claim",
        method=labels[stated[0]],
        k=int((mine["q05"].le(came) & mine["q95"].ge(came)).sum()),
        n=len(mine),
    )


def shares_chart(vote: Vote, rows: pd.DataFrame, order: Sequence[str]) -> Chart:
    """What one method foresaw for every candidate, with its intervals, and what happened.

    Parameters
    ----------
    vote
        At the moment that is shown.
    rows
        From `forecast_rows`.
    order
        Labels of the methods, the best first.
    """
    context = vote.context
    columns = text.words("shares_columns")
    known = set(rows.loc[rows["share"].notna(), "method"])
    latest = rows[rows["date"].eq(rows["date"].max())]
    stated = set(latest.dropna(subset=["q05"])["method"])
    # the first with intervals is the one that the title names
    methods = sorted((one for one in order if one in known), key=lambda one: one not in stated)
    by_votes = [context.surnames[one] for one in context.by_votes]
    candidate = rows_by_name("candidate", by_votes)
    colours = colours_by_name(vote, context.by_votes)
    looks: Spec = {
        "y": candidate,
        "color": {**colours_of("candidate", colours), "legend": None},
        "opacity": followed("candidate"),
        "tooltip": tips(columns, *NUMBERS),
    }

    share = {"title": text("shares_chart_axis"), "scale": {"domainMin": 0}}
    wide, narrow = (
        layer(
            {"type": "rule", "strokeWidth": width},
            [{"filter": "isValid(datum.q05)"}],
            x=quantity(low, **share),
            x2={"field": high},
            **looks,
        )
        for width, low, high in ((2, "q05", "q95"), (8, "q25", "q75"))
    )
    hollow = {"test": "datum.filled", "value": style.PAPER}
    dots = layer(
        {"type": "point", "size": 90, "strokeWidth": 1.5},
        x=quantity("share", **share),
        fill={**looks["color"], "condition": hollow},
        **looks,
    )
    real = layer(
        {"type": "tick", "thickness": 3, "bandSize": 20},
        x=quantity("outcome", **share),
        y=candidate,
        tooltip=tips(columns, *NUMBERS),
    )
    spec = chart_of(
        real,
        wide,
        narrow,
        dots,
        height=ROW_PX * len(by_votes),
        dated=True,
        click="candidate",
        one={"method": methods},
        title={"text": {"expr": shown_of("method", methods)}},
    )
    caption = text("shares_caption", is_chart=True, left_out="", **vote.words)
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


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
