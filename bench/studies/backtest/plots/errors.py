"""Errors at one moment: of the polls, of every method, and of each about every candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray, FloatArray
from bench.core.language import _, listed, ngettext
from bench.report import charts
from bench.report.charts import (
    PERCENT,
    ROW_PX,
    Chart,
    chart_of,
    colours_of,
    followed,
    layer,
    only_if_followed,
    quantity,
    rows_by_name,
    tips,
)
from bench.report.formatting import format_fixed, format_values
from bench.report.plotting import layout, style
from bench.studies.backtest.findings import claim
from bench.studies.backtest.headline import Vote, ranked_once
from bench.studies.backtest.plots.forecasts import MOST_ROWS, colours_by_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bench.report.context import ReportContext

PANEL_SHARE = 0.05  # candidates below it share one panel
MOST_PANELS = 10  # for which a sheet has room
LONGEST_DAYS = 200  # before the vote, of polls
LEAST_SHARE, LEAST_POLLED = 0.05, 0.10  # at the vote, or in one poll, of who is drawn
LONGEST = 20  # signs of a name at the right
LAST_DAYS = 7  # before the vote, of which the title of the polls speaks
MOST_INSTITUTES = 12  # that are named


@layout.styled
def closest(vote: Vote, *, table: pd.DataFrame, size: str = "double") -> Figure:
    """Draw the mean absolute error of every ranked method, the best first.

    Parameters
    ----------
    vote
        At the moment that is shown.
    table
        From `bench.studies.backtest.headline.headline`: this moment, the ballot that is ranked on.
    size
        Size preset.
    """
    context = vote.context
    rows = _errors(table).sort_values(["mae_pp", "predictor"], kind="stable")
    names = [vote.labels[name] for name in rows["predictor"]]
    unranked = int((table["block"].ne("ranked") & table["block"].ne("none")).sum())
    caption = [
        _(
            "{election}, {round}; evidence as public on {cut}. Mean absolute error of the shares.",
            **vote.words,
        )
    ]
    if vote.compared:
        caption.append(_("Rings: on the whole ballot of {n}.", n=len(context.outcome)))
    if unranked:
        caption.append(
            ngettext(
                "{n} more method does not name all of these candidates.",
                "{n} more methods do not name all of these candidates.",
                unranked,
            )
        )
    figure, axes, _room = layout.sheet(
        size,
        0.3 + 0.165 * len(names) * layout.row_lines(names, size),
        title=claim(table, vote),
        caption=" ".join([*caption, context.source]),
        grid="x",
        x_label=_("points off per candidate, on average"),
    )
    axis, errors, font = axes[0, 0], rows["mae_pp"].to_numpy(), style.FONT_PT[size]
    is_best = np.isclose(errors, errors.min())
    is_base = rows["predictor"].eq(context.reference).to_numpy()
    colours = np.where(is_best, style.METHOD_COLOURS["quota polls"], "#9fb3c8")
    colours = np.where(is_base & ~is_best, style.METHOD_COLOURS["floors"], colours)
    places = np.arange(len(rows))
    axis.barh(places, errors, height=0.62, color=colours.tolist(), linewidth=0, zorder=2)
    whole = rows["whole_pp"].to_numpy(dtype=float)
    if vote.compared:
        axis.plot(
            whole, places, "o", color=style.INK, markerfacecolor="none", markersize=0.6 * font
        )
    axis.set_xlim(0, 1.12 * np.nanmax([*errors, *(whole if vote.compared else [])]))
    layout.name_rows(axes, names, size, bands=False)
    for place, error, text in zip(
        places.tolist(), errors.tolist(), format_values(errors.tolist(), "1"), strict=True
    ):
        axis.annotate(
            text,
            (error, place),
            (font * 0.4, 0),
            textcoords="offset points",
            va="center_baseline",
            color=style.INK,
        )
    return figure


def closest_chart(vote: Vote, table: pd.DataFrame) -> Chart:
    """The errors of those who are ranked, at every moment.

    Parameters
    ----------
    vote
        At the moment that is shown.
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    """
    context = vote.context
    known = _errors(table[table["ballot"].eq(context.ballot_keys[0])])
    rows = pd.DataFrame(
        {
            "date": known["as_of"].map(vote.places),
            "method": known["predictor"].map(vote.labels),
            "family": known["family"],
            "mae": known["mae_pp"].round(charts.DIGITS),
        }
    )
    words = {"n": len(context.outcome), **vote.words}
    if "common" in context.ballots:
        rows["whole"] = known["whole_pp"].round(charts.DIGITS)
        caption = _(
            "Evidence as public on {cut}. Rings: on the whole ballot of {n}. {source}", **words
        )
    else:
        caption = _("Evidence as public on {cut}, on the whole ballot of {n}. {source}", **words)
    rows = rows.sort_values(["date", "mae"], kind="stable", ignore_index=True)
    return replace(charts.errors(rows), caption=caption)


def _errors(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that are drawn, with the error on the whole ballot of those who name all of it."""
    rows = ranked_once(table)
    return rows.assign(whole_pp=rows["mae_full_pp"].mask(rows["gaps_filled"].astype(bool)))


def _drawn_polls(vote: Vote) -> tuple[pd.DataFrame, list[str]]:
    """The polls of the last months, and whom to draw of them.

    Drawn is whoever had many votes, or much in one poll; the first few where nobody had.
    """
    rows = vote.polls[vote.polls["days"].le(LONGEST_DAYS)]
    most, outcome = rows.groupby("candidate")["share"].max(), vote.context.outcome
    drawn = [
        candidate
        for candidate in vote.context.by_votes
        if outcome[candidate] >= LEAST_SHARE or most.get(candidate, 0.0) >= LEAST_POLLED
    ]
    return rows, drawn or list(vote.context.by_votes[:MOST_PANELS])


@layout.styled
def polls(vote: Vote, *, band_of: str, size: str = "double") -> Figure:
    """Draw every poll of the months before the vote, the forecast of a method, and the outcome.

    Parameters
    ----------
    vote
        With polls.
    band_of
        The method whose shares and 90% intervals are drawn; nobody's if empty.
    size
        Size preset.
    """
    context, outcome = vote.context, vote.context.outcome
    rows, drawn = _drawn_polls(vote)
    n_polls, institutes = rows["poll_id"].nunique(), sorted(rows["institute"].unique())
    told = (
        listed(institutes)
        if len(institutes) <= MOST_INSTITUTES
        else _("{n} institutes", n=len(institutes))
    )
    caption = [
        _(
            "Dots: {n} polls of {institutes}, by the last day of interviews; shares of those who "
            "chose among the candidates of the ballot.",
            n=n_polls,
            institutes=told,
        )
    ]
    if band_of:
        caption.append(
            _(
                "Lines and bands: shares and 90% intervals of “{method}”.",
                method=vote.labels[band_of],
            )
        )
    caption.append(
        _(
            "Right: the vote of {day}. Left out: candidates with neither 5% of the votes nor 10% "
            "in a poll.",
            **vote.words,
        )
    )
    figure, axes, _room = layout.sheet(
        size,
        3.1,
        title=_("What the polls said, and how people voted: {election}, {round}", **vote.words),
        claim=_missed_by_polls(rows, outcome, context.surnames),
        caption=" ".join([*caption, context.source]),
        grid="y",
        x_label=_("days before the vote"),
        subtitle=_("share of the valid votes, %"),
    )
    axis = axes[0, 0]
    colours = vote.colours
    for candidate in drawn:
        mine = rows[rows["candidate"].eq(candidate)]
        axis.plot(
            mine["days"],
            100 * mine["share"],
            "o",
            color=colours[candidate],
            markersize=style.FONT_PT[size] * 0.36,
            markeredgewidth=0,
            alpha=0.6,
            zorder=2,
        )
    if band_of:
        _bands(axis, vote, band_of, drawn, colours)
    axis.set_xlim(1.02 * float(rows["days"].max()), 0)
    axis.set_ylim(0, None)
    _outcomes(axis, 100 * outcome[drawn], context.surnames, colours, style.FONT_PT[size])
    return figure


def _missed_by_polls(polls: pd.DataFrame, outcome: pd.Series, names: Mapping[str, str]) -> str:
    """By how much the polls of the last week missed the candidate whom they missed most."""
    late = polls[polls["days"].le(LAST_DAYS) & polls["candidate"].isin(outcome.index)]
    if late.empty:
        return ""
    error = late.groupby("candidate")["share"].mean()
    error -= outcome[error.index]
    is_pair = len(error) == 2  # errors of a pair are each other's negative: the winner's is named
    who = str(outcome[error.index].idxmax() if is_pair else error.abs().idxmax())
    n = int(late["poll_id"].nunique())
    found = {"candidate": names[who], "points": format_fixed(100 * abs(error[who]), 1)}
    if is_pair:
        return (
            ngettext(
                "The last week’s poll gave {candidate} {points} points too much",
                "The last week’s {n} polls gave {candidate} {points} points too much on average",
                n,
                **found,
            )
            if error[who] > 0
            else ngettext(
                "The last week’s poll gave {candidate} {points} points too little",
                "The last week’s {n} polls gave {candidate} {points} points too little on average",
                n,
                **found,
            )
        )
    return (
        ngettext(
            "The last week’s poll missed {candidate} most: {points} points too much",
            "The last week’s {n} polls missed {candidate} most: on average {points} points too "
            "much",
            n,
            **found,
        )
        if error[who] > 0
        else ngettext(
            "The last week’s poll missed {candidate} most: {points} points too little",
            "The last week’s {n} polls missed {candidate} most: on average {points} points too "
            "little",
            n,
            **found,
        )
    )


def _bands(axis: Axes, vote: Vote, method: str, drawn: list[str], colours: dict[str, str]) -> None:
    """Shares and 90% intervals of a method, by the date of its evidence."""
    rows = vote.national_forecasts
    rows = rows[rows["predictor"].eq(method) & ~rows["filled"].astype(bool)]
    rows = rows.assign(days=rows["as_of"].map(vote.days)).sort_values("days")
    for candidate in drawn:
        mine = rows[rows["candidate"].eq(candidate)]
        x, colour = mine["days"], colours[candidate]
        low, high = 100 * mine["q05"], 100 * mine["q95"]
        if len(mine) > 1:
            axis.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0, zorder=1)
            axis.plot(x, 100 * mine["share"], color=colour, zorder=3)
        else:
            axis.vlines(x, low, high, color=colour, linewidth=2.2, alpha=0.6, zorder=3)


def _outcomes(
    axis: Axes,
    outcome_pp: pd.Series,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    font: float,
) -> None:
    """The vote at the right end, with the names of the candidates beside it."""
    low, high = axis.get_ylim()
    values = [float(value) for value in outcome_pp]
    places = layout.spread_out(values, 0.058 * (high - low), low, high).tolist()
    texts = format_values(values, "1")
    for candidate, value, text, place in zip(outcome_pp.index, values, texts, places, strict=True):
        colour = colours[str(candidate)]
        axis.plot(0, value, "D", color=colour, markersize=0.55 * font, clip_on=False, zorder=5)
        axis.annotate(
            f"{layout.cut(names[str(candidate)], LONGEST)} {text}",
            xy=(1.01, value),
            xytext=(1.035, place),
            xycoords=axis.get_yaxis_transform(),
            textcoords=axis.get_yaxis_transform(),
            va="center_baseline",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0},
        )


def polls_chart(vote: Vote, rows: pd.DataFrame, band_of: str) -> Chart:
    """The polls of the figure, with the intervals of the method that is followed.

    Parameters
    ----------
    vote
        With polls.
    rows
        From `bench.studies.backtest.plots.forecasts.forecast_rows`.
    band_of
        The method whose intervals are drawn where none is followed; nobody's if empty.
    """
    context, names = vote.context, vote.context.surnames
    known, drawn = _drawn_polls(vote)
    known = known[known["candidate"].isin(drawn)]
    ends = context.vote_on.normalize() - pd.to_timedelta(known["days"], unit="D")
    said = pd.DataFrame(
        {
            "candidate": known["candidate"].map(names),
            "day": ends.dt.strftime("%Y-%m-%d"),
            "institute": known["institute"],
            "share": (PERCENT * known["share"]).round(2),
        }
    )
    official = pd.DataFrame(
        {
            "candidate": [names[one] for one in drawn],
            "day": f"{context.vote_on:%Y-%m-%d}",
            "share": [PERCENT * float(context.outcome[one]) for one in drawn],
        }
    )
    bands = None
    if band_of:
        bands = rows[rows["q05"].notna() & rows["candidate"].isin(official["candidate"])]
        dates = bands["date"].map(dict(enumerate(f"{one:%Y-%m-%d}" for one in vote.dates)))
        bands = bands.assign(day=dates).rename(columns={"q05": "low", "q95": "high"})
        bands = bands.loc[
            bands["day"].ge(said["day"].min()),
            ["method", "candidate", "day", "share", "low", "high"],
        ]
    method = vote.labels.get(band_of, "")
    caption = _(
        "Dots: {n} polls, by the last day of interviews; shares of those who chose among the "
        "candidates of the ballot. Lines: shares and 90% intervals of “{method}”, or of the method "
        "chosen above. Diamonds: the vote of {day}. {source}",
        n=known["poll_id"].nunique(),
        method=method,
        **vote.words,
    )
    chart = charts.polls(said, official, colours_by_name(vote, drawn), bands=bands, band_of=method)
    return replace(chart, caption=caption)


def _with_panel(context: ReportContext) -> list[str]:
    """The candidates who have a panel of their own: the larger ones, or else the first few."""
    main = [c for c in context.by_votes if context.outcome[c] >= PANEL_SHARE]
    return (main or list(context.by_votes))[:MOST_PANELS]


@layout.styled
def signed_errors(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw the signed error of every predictor, one panel per candidate.

    Parameters
    ----------
    vote
        At the moment that is shown; the full ballot is drawn, filled gaps as hollow dots.
    predictors
        Rows from top to bottom.
    size
        Size preset.
    """
    context = vote.context
    errors = vote.latest.signed_errors("full")
    error_pp = errors.pivot(index="predictor", columns="candidate", values="error_pp")
    error_pp = error_pp.reindex([name for name in predictors if name in error_pp.index])
    names = [vote.labels[name] for name in error_pp.index]
    shares = vote.latest.national_forecasts
    said = shares.pivot(index="predictor", columns="candidate", values=["filled", "q05", "q95"])
    said = said.reindex(error_pp.index)
    outcome, short = context.outcome, context.surnames
    main = _with_panel(context)
    small = [c for c in context.by_votes if c not in main]
    panels = [[c] for c in main] + ([small] if small else [])
    per_line = len(panels) if size != "single" else min(len(panels), 2)
    lines = -(-len(panels) // per_line)
    caption = [
        _(
            "{n} methods in the order of the table; evidence as public on {cut}. Lines: "
            "90% intervals where the method gives them. Arrows with numbers: off the "
            "scale. Hollow: not named by the method, filled by rule.",
            n=len(names),
            **vote.words,
        )
    ]
    if small:
        others = ", ".join(short[c] for c in small[:MOST_ROWS])
        left = len(small) - MOST_ROWS
        caption.append(
            _("Others, one dot each: {names}.", names=others)
            if left <= 0
            else _("Others, one dot each: {names} and {n} more.", names=others, n=left)
        )
    figure, axes, _room = layout.sheet(
        size,
        lines * (0.55 + 0.155 * len(names) * layout.row_lines(names, size)),
        title=_("Where each method erred: {election}, {round}", **vote.words),
        claim=_one_sided(error_pp[main].where(~said["filled"][main].eq(True)), short),
        caption=" ".join([*caption, context.source]),
        rows=lines,
        columns=per_line,
        panels=len(panels),
        grid="x",
        sharex=True,
        sharey=True,
        x_label=_("forecast minus outcome, percentage points"),
    )
    reach = _reach(error_pp.to_numpy())
    font = style.FONT_PT[size]
    colours, markers = vote.colours, layout.candidate_markers(context)
    won = format_values([float(outcome[panel].sum()) for panel in panels], "1%")
    for axis, panel, share in zip(axes.flat, panels, won, strict=False):
        axis.set_xlim(-reach, reach)
        axis.axvline(0, color=style.INK, linewidth=0.9, zorder=1)
        axis.xaxis.set_major_locator(_ticks(reach))
        axis.tick_params(labelbottom=True)
        dot = font * (0.5 if len(panel) == 1 else 0.4)
        for candidate in panel:
            look = (colours[candidate], markers[candidate])
            values = error_pp[candidate].to_numpy(dtype=float)
            filled = said["filled"][candidate].eq(True).to_numpy()
            if len(panel) == 1:
                bounds = said[["q05", "q95"]].xs(candidate, axis=1, level="candidate")
                bounds_pp = 100 * (bounds.to_numpy(dtype=float) - outcome[candidate])
                bounds_pp[filled | (np.abs(values) > reach)] = np.nan
                _intervals(axis, bounds_pp, colours[candidate])
                _numbers_beyond(axis, values, reach, dot)
            _dots(axis, values, filled, reach, look, dot)
        axis.annotate(
            share,
            (0, 1),
            (0, font * 0.4),
            xycoords="axes fraction",
            textcoords="offset points",
            color=style.SOFT,
        )
    room = 72 * style.WIDTHS_IN[size] / (per_line + 1.4)
    heads = [short[p[0]] if len(p) == 1 else _("{n} others", n=len(p)) for p in panels]
    heads_fitted = [layout.fitted(head, room, font) for head in heads]
    for axis, (text, letter) in zip(axes.flat, heads_fitted, strict=False):
        axis.set_title(text, fontsize=letter, pad=font * 1.5)
    layout.name_rows(axes, names, size)
    return figure


def _one_sided(error_pp: pd.DataFrame, names: Mapping[str, str]) -> str:
    """The candidate about whom most methods erred to one side; nothing if no majority did."""
    over, under = error_pp.gt(0).sum(), error_pp.lt(0).sum()
    who = str(over.where(over > under, under).idxmax())
    found = {"n": int(error_pp[who].notna().sum()), "candidate": names[who]}
    if 2 * max(over[who], under[who]) <= found["n"]:
        return ""
    if over[who] > under[who]:
        return _("{k} of {n} methods expected too much of {candidate}", k=int(over[who]), **found)
    return _("{k} of {n} methods expected too little of {candidate}", k=int(under[who]), **found)


def _intervals(axis: Axes, bounds_pp: FloatArray, colour: str) -> None:
    """Lines at the rows of bounds [N, 2] that are known."""
    rows = np.flatnonzero(~np.isnan(bounds_pp).any(axis=1))
    low, high = bounds_pp[rows].T
    axis.hlines(rows, low, high, color=colour, alpha=0.55, zorder=2, capstyle="butt")


def _dots(
    axis: Axes,
    values: FloatArray,
    filled: BoolArray,
    reach: float,
    look: tuple[str, str],
    dot: float,
) -> None:
    """A dot for every error within reach, hollow where a rule filled it; arrows for the others."""
    rows, (colour, marker) = np.arange(len(values)), look
    with np.errstate(invalid="ignore"):
        near, right, left = np.abs(values) <= reach, values > reach, values < -reach
    edge = np.clip(values, -0.95 * reach, 0.95 * reach)
    for mask, shape, inside in (
        (near & ~filled, marker, colour),
        (near & filled, marker, style.PAPER),
        (right, ">", colour),
        (left, "<", colour),
    ):
        if not mask.any():  # an empty line that is not clipped takes the whole sheet
            continue
        axis.plot(
            np.where(near, values, edge)[mask],
            rows[mask],
            shape,
            color=colour,
            markerfacecolor=inside,
            markersize=dot,
            markeredgewidth=0.8,
            zorder=3,
            clip_on=False,
        )


def _numbers_beyond(axis: Axes, values: FloatArray, reach: float, dot: float) -> None:
    """The errors off the scale, beside their arrows."""
    for row in np.flatnonzero(np.abs(values) > reach).tolist():
        value = float(values[row])
        axis.text(
            0.84 * reach * np.sign(value),
            row,
            f"{value:+.0f}".replace("-", "\N{MINUS SIGN}"),
            ha="right" if value > 0 else "left",
            va="center_baseline",
            fontsize=dot / 0.5 * 0.85,
            color=style.SOFT,
        )


def _reach(error_pp: FloatArray) -> float:
    """Half width of the panels: the largest error, unless few errors dwarf all others."""
    size = np.sort(np.abs(error_pp[~np.isnan(error_pp)]))
    bulk = float(np.quantile(size, 0.95))
    return 1.12 * float(size[-1] if size[-1] < 1.8 * bulk else 1.1 * bulk)


def _ticks(reach: float) -> object:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4 if reach > 3 else 3, symmetric=True, steps=[1, 2, 5, 10])


def signed_errors_chart(vote: Vote, rows: pd.DataFrame, order: Sequence[str]) -> Chart:
    """Forecast minus outcome of every method, a dot for each of the larger candidates.

    Parameters
    ----------
    vote
        At the moment that is shown.
    rows
        From `bench.studies.backtest.plots.forecasts.forecast_rows`.
    order
        Labels of the methods, the best first.
    """
    colours = colours_by_name(vote, _with_panel(vote.context))
    columns = {
        "method": _("Method"),
        "candidate": _("Candidate"),
        "error": _("Forecast minus outcome, percentage points"),
        "share": _("Forecast, %"),
        "outcome": _("Outcome, %"),
    }
    method = rows_by_name("method", [*order])
    looks = {"y": method, "color": colours_of("candidate", colours, columns["candidate"])}
    spans = layer(
        {"type": "rule", "strokeWidth": 2},
        [
            {"calculate": "datum.q05 - datum.outcome", "as": "low"},
            {"calculate": "datum.q95 - datum.outcome", "as": "high"},
            {"filter": "isValid(datum.q05)"},
        ],
        x=quantity("low", title=columns["error"]),
        x2={"field": "high"},
        opacity=only_if_followed("candidate", 0.6),
        **looks,
    )
    dots = layer(
        {"type": "point", "size": 75, "filled": True},
        x=quantity("error", title=columns["error"]),
        shape={"condition": {"test": "datum.filled", "value": "cross"}, "value": "circle"},
        opacity=followed("method", "candidate", shown=0.85),
        tooltip=tips(columns, ("error", "+.1f"), ("share", ".1f"), ("outcome", ".1f")),
        **looks,
    )
    none = layer({"type": "rule"}, x={"datum": 0})
    n_methods = rows.loc[rows["error"].notna(), "method"].nunique()
    spec = chart_of(none, spans, dots, height=ROW_PX * n_methods, dated=True, legend="candidate")
    spec["transform"].append({"filter": "isValid(datum.error)"})
    caption = _(
        "Evidence as public on {cut}. Crosses: not named by the method, filled by rule. Follow a "
        "candidate to see the 90% intervals. {source}",
        **vote.words,
    )
    only = {"candidate": tuple(colours)}
    return Chart(spec=spec, rows=rows, columns=columns, only=only, caption=caption)
