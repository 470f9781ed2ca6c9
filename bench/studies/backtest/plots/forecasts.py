"""What was forecast of one moment: shares, and the chances of getting through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray
from bench.core.language import _, listed, ngettext
from bench.report.charts import (
    DIGITS,
    PERCENT,
    ROW_PX,
    Chart,
    Spec,
    chart_of,
    colours_of,
    followed,
    in_expression,
    layer,
    quantity,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.formatting import format_values
from bench.report.plotting import layout, style
from bench.studies.backtest.findings import number_word
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS, MOST_COLUMNS = 40, 20  # of candidates in a figure
FLOOR = 0.005  # a column needs this probability from at least one method, or a seat
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
    if n_candidates <= 0:
        return ""
    return _("The {n} candidates with fewest votes are left out.", n=n_candidates) + " "


@layout.styled
def shares(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Panels in reading order.
    size
        Size preset.
    """
    context = vote.context
    table = vote.latest.national_forecasts
    who = list(context.by_votes[:MOST_ROWS])
    gone = len(context.by_votes) - len(who)
    figure, axes, top = layout.panels(
        [vote.labels[name] for name in predictors],
        size,
        0.5 + 0.135 * len(who),
        per_line=3,
        narrow=2,
        title=_("What was forecast, and what happened: {election}, {round}", **vote.words),
        claim=_held_by_first(table, predictors, context.outcome, vote.labels),
        caption=_(
            "Evidence as public on {cut}. Thick bars hold 50%, thin bars 90% of a "
            "forecast's probability; methods without bars give points only. Hollow: not "
            "named by the method, filled by rule. {source}",
            **vote.words | {"source": _left_out(gone) + context.source},
        ),
        legend_lines=1,
        grid="x",
        sharex=True,
        sharey=True,
        x_label=_("share of the valid votes, %"),
    )
    drawn = table[table["predictor"].isin(predictors)]
    reach = max(float(drawn[["share", "q95"]].max().max()), float(context.outcome.max()))
    colours = vote.colours
    font = style.FONT_PT[size]
    by_name = drawn.set_index("candidate").groupby("predictor")
    for axis, name in zip(axes.flat, predictors, strict=False):
        mine = by_name.get_group(name).reindex(who)
        _share_panel(axis, mine, context.outcome, colours, font)
        axis.set_xlim(0, 104 * reach)
        axis.tick_params(labelbottom=True)
    names = [context.surnames[c] for c in who]
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(names)), names)
        axis.set_ylim(len(names) - 0.4, -0.6)
    mark = {"color": style.INK, "linestyle": "", "markersize": font * 1.1, "markeredgewidth": 1.6}
    handles: list[dict[str, Any]] = [
        {"marker": "|", **mark},
        {"color": style.SOFT, "marker": "o", "linestyle": "", "markersize": font * 0.48},
        {"color": style.SOFT, "linewidth": font * 0.62, "alpha": 0.6},
        {"color": style.SOFT, "linewidth": font * 0.17},
    ]
    layout.legend(figure, handles, [_("outcome"), _("forecast"), "50%", "90%"], top, 4)
    return figure


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
    return _(
        "The 90% intervals of “{method}” held {k} of {n} outcomes",
        method=labels[stated[0]],
        k=int((mine["q05"].le(came) & mine["q95"].ge(came)).sum()),
        n=len(mine),
    )


def _share_panel(
    axis: Axes, mine: pd.DataFrame, outcome: pd.Series, colours: dict[str, str], font: float
) -> None:
    """One row per candidate, in order of votes."""
    rows = np.arange(len(mine))
    look = np.array([colours[c] for c in mine.index])
    share, q05, q25, q75, q95 = 100 * mine[["share", *INTERVALS]].to_numpy(dtype=float).T
    filled = mine["filled"].eq(True).to_numpy()
    held = ~filled & ~np.isnan(q05)
    axis.plot(
        100 * outcome[mine.index],
        rows,
        "|",
        color=style.INK,
        markersize=font * 1.3,
        markeredgewidth=1.3,
        zorder=1,
    )
    for low, high, width, alpha, order in ((q05, q95, 0.17, 1, 2), (q25, q75, 0.62, 0.6, 3)):
        axis.hlines(
            rows[held],
            low[held],
            high[held],
            colors=look[held].tolist(),
            linewidth=font * width,
            alpha=alpha,
            zorder=order,
            capstyle="butt",
        )
    axis.scatter(
        share,
        rows,
        s=(font * 0.48) ** 2,
        edgecolors=look.tolist(),
        facecolors=np.where(filled, style.PAPER, look).tolist(),
        linewidths=0.9,
        zorder=4,
        clip_on=False,
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
    columns = {
        "method": _("Method"),
        "candidate": _("Candidate"),
        "share": _("Forecast, %"),
        "q05": _("90% interval from"),
        "q95": _("90% interval to"),
        "outcome": _("Outcome, %"),
    }
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

    share = {"title": _("Share of the valid votes, percent"), "scale": {"domainMin": 0}}
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
    caption = _(
        "Evidence as public on {cut}. Thick bars hold 50%, thin bars 90% of the probability; "
        "methods without bars give points only. Hollow: filled by rule. Another method can be "
        "chosen above. {source}",
        **vote.words,
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


@layout.styled
def qualify(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw the probability of qualifying (or winning a runoff), predictors by candidates.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Rows from top to bottom; those without probabilities are shown by whom they named, those
        without shares by their probabilities.
    size
        Size preset.
    """
    from matplotlib.patches import Rectangle

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
    source = _left_out(len(shown) - MOST_COLUMNS) + context.source
    said = {"n": len(rows), **vote.words, "source": source}
    shown = shown[:MOST_COLUMNS]  # who got through comes first
    is_runoff = context.seats == 1
    names = [vote.labels[name] for name in rows]
    figure, axes, _room = layout.sheet(
        size,
        0.4 + 0.165 * len(rows) * layout.row_lines(names, size),
        title=_("Probability of winning: {election}", **vote.words)
        if is_runoff
        else _("Probability of reaching the runoff: {election}", **vote.words),
        claim=_chance_of_those(p[list(context.qualifiers)], context.surnames, is_runoff=is_runoff),
        caption=_(
            "{n} methods; evidence as public on {cut}. Framed column: who won. Circles: methods "
            "without probabilities, on the candidate they named; a dot means not that one, an "
            "empty cell not named at all. {source}",
            **said,
        )
        if is_runoff
        else _(
            "{n} methods; evidence as public on {cut}. Framed columns: who got through. Circles: "
            "methods without probabilities, on the {first} they named; a dot means not among them, "
            "an empty cell not named at all. {source}",
            first=number_word(context.seats),
            **said,
        ),
    )
    axis = axes[0, 0]
    _chances(axis, p[shown], share[shown].notna().to_numpy(), named, style.FONT_PT[size])
    for candidate in context.qualifiers:
        frame = Rectangle(
            (shown.index(candidate) - 0.5, -0.5),
            1,
            len(rows),
            fill=False,
            edgecolor=style.INK,
            linewidth=1.2,
            zorder=5,
            clip_on=False,
        )
        axis.add_patch(frame)
    axis.set_xlim(-0.52, len(shown) - 0.48)
    layout.name_rows(axes, names, size, bands=False)
    axis.set_ylim(len(rows) - 0.48, -0.52)
    is_slanted = size == "single" and len(shown) > 3
    axis.set_xticks(
        range(len(shown)),
        [context.surnames[c] for c in shown],
        rotation=35 if is_slanted else 0,
        ha="left" if is_slanted else "center",
        rotation_mode="anchor",
    )
    axis.tick_params(top=False, bottom=False, labeltop=True, labelbottom=False)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return figure


def _chance_of_those(p: pd.DataFrame, names: Mapping[str, str], *, is_runoff: bool) -> str:
    """The range of the chances that those who got through were given."""
    p = p.dropna(how="all")
    if p.empty:
        return ""
    lowest, highest = (format_values(list(ends), "%") for ends in (p.min(), p.max()))
    each = [
        _("{name} {low}", name=names[str(who)], low=low)
        if low == high
        else _("{name} {low} to {high}", name=names[str(who)], low=low, high=high)
        for who, low, high in zip(p.columns, lowest, highest, strict=True)
    ]
    if is_runoff:
        return ngettext(
            "The chance of winning that {n} method gave the winner: {chances}",
            "The chance of winning that {n} methods gave the winner: {chances}",
            len(p),
            chances=listed(each),
        )
    return ngettext(
        "The chances that {n} method gave those who got through: {chances}",
        "The chances that {n} methods gave those who got through: {chances}",
        len(p),
        chances=listed(each),
    )


def _chances(
    axis: Axes,
    p: pd.DataFrame,
    is_named: BoolArray,
    named: dict[str, list[str]],
    font: float,
) -> None:
    """A coloured cell for every probability; circles and dots of methods that state none."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    ramp = LinearSegmentedColormap.from_list("p", ["#f3f6fa", "#7fb0dc", "#0b4f8a"])
    odds = p.to_numpy()  # [N, C]
    rows, columns = np.nonzero(~np.isnan(odds))
    values = odds[rows, columns]
    grounds = [to_hex(colour) for colour in ramp(values)]
    inks = [layout.readable_on(ground) for ground in grounds]
    words = format_values(values.tolist(), "%")
    for i, j, ground, ink, text in zip(
        rows.tolist(), columns.tolist(), grounds, inks, words, strict=True
    ):
        box = Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, facecolor=ground, linewidth=0)
        axis.add_patch(box)
        axis.text(j, i, text, ha="center", va="center", color=ink, fontsize=font * 0.95)
    is_silent = np.isnan(odds).all(axis=1)[:, None] & is_named
    is_circle = np.array([[str(c) in named[str(n)] for c in p.columns] for n in p.index])
    for mask, shape, size in ((is_circle, "o", 0.8), (~is_circle, ".", 0.3)):
        i_of, j_of = np.nonzero(is_silent & mask)
        axis.plot(
            j_of,
            i_of,
            shape,
            linestyle="",
            color=style.SOFT,
            markerfacecolor="none",
            markersize=font * size,
        )


def _top(share: pd.Series, seats: int) -> list[str]:
    """The first `seats` candidates, or none where a tie leaves the last seat open."""
    ordered = share.sort_values(ascending=False, kind="stable")
    if len(ordered) > seats and np.isclose(ordered.iloc[seats - 1], ordered.iloc[seats], rtol=0):
        return []
    return [str(c) for c in ordered.index[:seats]]


def qualify_chart(vote: Vote, rows: pd.DataFrame, order: Sequence[str]) -> Chart:
    """The chance that every method gave every candidate, darker where it was surer.

    Parameters
    ----------
    vote, rows, order
        As of `shares_chart`.
    """
    context = vote.context
    most = rows.groupby("candidate")["chance"].max()
    through = [context.surnames[one] for one in context.qualifiers]
    by_votes = [context.surnames[one] for one in context.by_votes]
    shown = [one for one in by_votes if one in through or most.get(one, 0) >= PERCENT * FLOOR]
    columns = {
        "method": _("Method"),
        "candidate": _("Candidate"),
        "chance": _("Chance of winning, %")
        if context.seats == 1
        else _("Chance of reaching the runoff, %"),
    }
    marked = (
        f"indexof({in_expression(through)}, datum.value) >= 0 ? '✓ ' + datum.label : datum.label"
    )
    top = {
        "orient": "top",
        "labelAngle": 0,
        "labelExpr": marked,
        "labelLimit": 90,
        "domain": False,
        "ticks": False,
        "labelOverlap": False,
    }
    place = {
        "x": {"field": "candidate", "type": "nominal", "sort": shown, "title": None, "axis": top},
        "y": rows_by_name("method", [*order]),
        "tooltip": tips(columns, *NUMBERS),
    }
    faded = " || ".join(f"({key} && datum.{key} !== {key})" for key in ("method", "candidate"))
    cells = layer(
        {"type": "rect", "color": style.METHOD_COLOURS["quota polls"]},
        **place,
        opacity={
            "condition": [{"test": faded, "value": 0.04}],
            "field": "chance",
            "type": "quantitative",
            "scale": {"domain": [0, 100], "range": [0.04, 1]},
            "legend": None,
        },
    )
    words = layer(
        {"type": "text"},
        **place,
        text={"field": "chance", "format": ".0f"},
        color={"condition": {"test": "datum.chance >= 60", "value": "#fffffe"}, "value": style.INK},
        opacity=followed("method", "candidate"),
    )
    n_methods = rows.loc[rows["chance"].notna(), "method"].nunique()
    spec = chart_of(cells, words, height=ROW_PX * n_methods, dated=True)
    spec["transform"].append({"filter": "isValid(datum.chance)"})
    caption = _(
        "Evidence as public on {cut}; chances as the method states them, or as its draws have it. "
        "✓: {who}. {source}",
        who=through,
        **vote.words,
    )
    only = {"candidate": tuple(shown)}
    return Chart(spec=spec, rows=rows, columns=columns, only=only, caption=caption)
