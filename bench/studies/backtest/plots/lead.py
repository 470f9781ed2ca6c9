"""Figures with which the page of a vote begins: who came closest, and the polls before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _, in_form, listed, ngettext
from bench.report.formatting import day, format_values
from bench.report.plotting import layout, style
from bench.studies.backtest.findings import claim
from bench.studies.backtest.headline import Vote
from bench.studies.backtest.plots.forecasts import MOST_PANELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bench.report.context import ReportContext

LONGEST_DAYS = 200  # before the vote
LEAST_SHARE, LEAST_POLLED = 0.05, 0.10  # at the vote, or in one poll, of who is drawn
LONGEST = 20  # signs of a name at the right
LAST_DAYS = 7  # before the vote, of which the title speaks
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
    rows = table[table["block"].eq("ranked") & table["same_as"].eq("")]
    rows = rows.sort_values(["mae_pp", "predictor"], kind="stable")
    names = [vote.labels[name] for name in rows["predictor"]]
    unranked = int((table["block"].ne("ranked") & table["block"].ne("none")).sum())
    caption = [
        _(
            "{election}, {round}; evidence as public on {cut}. Mean absolute error of the shares.",
            election=context.name,
            round=context.round_words,
            cut=context.cut,
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
    whole = rows["mae_full_pp"].where(~rows["gaps_filled"].astype(bool)).to_numpy(dtype=float)
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


def drawn_in_polls(context: ReportContext, most: pd.Series) -> list[str]:
    """Who is drawn: whoever had many votes, or much in one poll; the first few where nobody had.

    Parameters
    ----------
    context
        Of the vote.
    most
        Largest share in a poll, by candidate.
    """
    outcome, order = context.outcome, context.by_votes
    drawn = [c for c in order if outcome[c] >= LEAST_SHARE or most[c] >= LEAST_POLLED]
    return drawn or list(order[:MOST_PANELS])


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
    context = vote.context
    rows = vote.polls[vote.polls["days"].le(LONGEST_DAYS)]
    most = rows.groupby("candidate")["share"].max().reindex(list(context.by_votes)).fillna(0)
    outcome = context.outcome
    drawn = drawn_in_polls(context, most)
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
            day=day(context.vote_on),
        )
    )
    figure, axes, _room = layout.sheet(
        size,
        3.1,
        title=_(
            "What the polls said, and how people voted: {election}, {round}",
            election=context.name,
            round=context.round_words,
        ),
        claim=_missed_by_polls(rows, outcome, context.surnames),
        caption=" ".join([*caption, context.source]),
        grid="y",
        x_label=_("days before the vote"),
        subtitle=_("share of the valid votes, %"),
    )
    axis = axes[0, 0]
    colours = layout.candidate_colours(context)
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
    who = str(error.abs().idxmax())
    n = int(late["poll_id"].nunique())
    found = {"candidate": names[who], "points": in_form(f"{100 * abs(error[who]):.1f}")}
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
    days = (vote.context.vote_on.normalize() - rows["as_of"].dt.normalize()).dt.days
    rows = rows.assign(days=days).sort_values("days")
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
    places = layout.spread_out(values, 0.058 * (high - low), low, high)
    for candidate, value, place in zip(outcome_pp.index, values, places.tolist(), strict=True):
        colour = colours[str(candidate)]
        axis.plot(0, value, "D", color=colour, markersize=0.55 * font, clip_on=False, zorder=5)
        axis.annotate(
            f"{layout.cut(names[str(candidate)], LONGEST)} {in_form(f'{value:.1f}')}",
            xy=(1.01, value),
            xytext=(1.035, place),
            xycoords=axis.get_yaxis_transform(),
            textcoords=axis.get_yaxis_transform(),
            va="center_baseline",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0},
        )
