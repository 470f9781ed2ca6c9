"""Figures of the forecasts of one moment: errors, shares, and the chances of getting through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray, FloatArray
from bench.core.language import _, in_form, listed, ngettext
from bench.report.formatting import format_probability, format_values
from bench.report.plotting import layout, style
from bench.studies.backtest.findings import number_word
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bench.report.context import ReportContext

PANEL_SHARE = 0.05  # candidates below it share one panel
MOST_PANELS = 10  # for which a sheet has room
MOST_ROWS, MOST_COLUMNS = 40, 20  # of candidates in a figure
FLOOR = 0.005  # a column needs this probability from at least one method, or a seat
N_BINS = 5  # of the histograms of PIT
INTERVALS = ["q05", "q25", "q75", "q95"]


def _left_out(n_candidates: int) -> str:
    """The sentence of a caption about candidates for whom there is no room."""
    said = _("The {n} candidates with fewest votes are left out.", n=n_candidates)
    return f"{said} " if n_candidates > 0 else ""


def with_panel(context: ReportContext) -> list[str]:
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
    main = with_panel(context)
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
            cut=context.cut,
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
        title=_(
            "Where each method erred: {election}, {round}",
            election=context.name,
            round=context.round_words,
        ),
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
    colours, markers = layout.candidate_colours(context), layout.candidate_markers(context)
    for axis, panel in zip(axes.flat, panels, strict=False):
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
        share = 100 * float(outcome[panel].sum())
        axis.annotate(
            in_form(f"{share:.1f}%"),
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
    from matplotlib.lines import Line2D

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
        title=_(
            "What was forecast, and what happened: {election}, {round}",
            election=context.name,
            round=context.round_words,
        ),
        claim=_held_by_first(table, predictors, context.outcome, vote.labels),
        caption=_(
            "Evidence as public on {cut}. Thick bars hold 50%, thin bars 90% of a "
            "forecast's probability; methods without bars give points only. Hollow: not "
            "named by the method, filled by rule. {source}",
            cut=context.cut,
            source=_left_out(gone) + context.source,
        ),
        legend_lines=1,
        grid="x",
        sharex=True,
        sharey=True,
        x_label=_("share of the valid votes, %"),
    )
    drawn = table[table["predictor"].isin(predictors)]
    reach = max(float(drawn[["share", "q95"]].max().max()), float(context.outcome.max()))
    colours = layout.candidate_colours(context)
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
    handles = [
        Line2D(
            [],
            [],
            color=style.INK,
            marker="|",
            linestyle="",
            markersize=font * 1.1,
            markeredgewidth=1.6,
        ),
        Line2D([], [], color=style.SOFT, marker="o", linestyle="", markersize=font * 0.48),
        Line2D([], [], color=style.SOFT, linewidth=font * 0.62, alpha=0.6),
        Line2D([], [], color=style.SOFT, linewidth=font * 0.17),
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
    shown = shown[:MOST_COLUMNS]  # who got through comes first
    is_runoff = context.seats == 1
    names = [vote.labels[name] for name in rows]
    figure, axes, _room = layout.sheet(
        size,
        0.4 + 0.165 * len(rows) * layout.row_lines(names, size),
        title=_("Probability of winning: {election}", election=context.name)
        if is_runoff
        else _("Probability of reaching the runoff: {election}", election=context.name),
        claim=_chance_of_those(p[list(context.qualifiers)], context.surnames, is_runoff=is_runoff),
        caption=_(
            "{n} methods; evidence as public on {cut}. Framed column: who won. Circles: methods "
            "without probabilities, on the candidate they named; a dot means not that one, an "
            "empty cell not named at all. {source}",
            n=len(rows),
            cut=context.cut,
            source=source,
        )
        if is_runoff
        else _(
            "{n} methods; evidence as public on {cut}. Framed columns: who got through. Circles: "
            "methods without probabilities, on the {first} they named; a dot means not among them, "
            "an empty cell not named at all. {source}",
            n=len(rows),
            cut=context.cut,
            first=number_word(context.seats),
            source=source,
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
    each = []
    for who in p.columns:
        low, high = (format_probability(float(at)) for at in (p[who].min(), p[who].max()))
        least = names[str(who)]
        each.append(
            _("{name} {low}", name=least, low=low)
            if low == high
            else _("{name} {low} to {high}", name=least, low=low, high=high)
        )
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


def coverage_by_level(vote: Vote) -> pd.DataFrame:
    """Share of outcomes inside the central intervals, over all dates and the candidates named.

    Returns
    -------
    DataFrame
        predictor, nominal, observed (fractions), n.
    """
    keys = ["as_of", "predictor", "candidate"]
    rows = vote.national_errors
    inside = rows[rows["ballot"].eq("full") & rows["score"].str.startswith("inside_")]
    shares = vote.national_forecasts
    named = shares.loc[~shares["filled"].astype(bool), keys]
    by = inside.merge(named, on=keys).groupby(["predictor", "score"])["value"]
    table = pd.DataFrame({"observed": by.mean(), "n": by.size()}).reset_index()
    nominal = table.pop("score").str.removeprefix("inside_").astype(float) / 100
    return table.assign(nominal=nominal).sort_values(["predictor", "nominal"], ignore_index=True)


@layout.styled
def calibration(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw interval coverage (above) and probability integral transforms (below).

    Parameters
    ----------
    vote
        All its dates count.
    predictors
        Those with intervals, in reading order.
    size
        Size preset.
    """
    context = vote.context
    held = coverage_by_level(vote)
    rows = vote.national_errors
    pit = rows[rows["score"].eq("pit") & rows["ballot"].eq("full")].dropna(subset="value")
    shown = [name for name in predictors if name in set(held["predictor"])]
    per_line = min(len(shown), 2 if size == "single" else 3)
    lines = -(-len(shown) // per_line)
    figure, axes, _room = layout.sheet(
        size,
        lines * 2.05,
        title=_(
            "Did the intervals hold what they promised? {election}, {round}",
            election=context.name,
            round=context.round_words,
        ),
        claim=_kept(held[held["predictor"].eq(shown[0])], vote.labels[shown[0]]),
        subtitle=_("upper: share of outcomes inside the intervals, by nominal level; lower: PIT"),
        caption=_(
            "All candidates named and dates: n = {n} outcomes per method. Grey: 95% range "
            "of a calibrated forecast if outcomes were independent, which candidates and "
            "dates of one vote are not. Below the diagonal: intervals too narrow. PIT: "
            "place of the outcome in the forecast; U-shape: too narrow, slope: biased. "
            "{source}",
            n=layout.span(held["n"]),
            source=context.source,
        ),
        rows=2 * lines,
        columns=per_line,
    )
    heads = layout.heads([vote.labels[name] for name in shown], size, per_line)
    for k in range(lines * per_line):
        line, column = divmod(k, per_line)
        upper, lower = axes[2 * line, column], axes[2 * line + 1, column]
        if k >= len(shown):
            upper.set_visible(False)
            lower.set_visible(False)
            continue
        name = shown[k]
        _coverage_panel(upper, held[held["predictor"].eq(name)])
        upper.set_title(heads[k])
        _pit_panel(lower, pit.loc[pit["predictor"].eq(name), "value"].to_numpy())
        if column:
            upper.tick_params(labelleft=False)
    return figure


def _kept(rows: pd.DataFrame, method: str) -> str:
    """How many outcomes the widest intervals held that anybody promises."""
    row = rows[rows["nominal"].le(0.9)].iloc[-1]
    return _(
        "The {promised:.0%} intervals of “{method}” held {kept:.0%} of the outcomes",
        promised=row["nominal"],
        method=method,
        kept=row["observed"],
    )


def _coverage_panel(axis: Axes, rows: pd.DataFrame) -> None:
    from scipy.stats import binom

    layout.tidy(axis, grid="y")
    nominal = np.linspace(0.4, 1, 241)
    n = int(rows["n"].iloc[0])
    low, high = (binom.ppf(q, n, nominal) / n for q in (0.025, 0.975))
    axis.fill_between(nominal, low, high, color=style.GRID, linewidth=0)
    axis.plot([0.4, 1], [0.4, 1], color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.plot(
        rows["nominal"],
        rows["observed"],
        "o-",
        color=style.METHOD_COLOURS["quota polls"],
        markersize=3.2,
        clip_on=False,
    )
    axis.set_xlim(0.42, 1)
    axis.set_ylim(0, 1.02)
    axis.set_xticks([0.5, 0.8, 0.95], ["50", "80", in_form("95%")])
    axis.set_yticks([0, 0.5, 1], ["0", "50", in_form("100%")])


def _pit_panel(axis: Axes, values: FloatArray) -> None:
    from scipy.stats import binom

    n = len(values)
    axis.spines["left"].set_visible(False)
    axis.set_yticks([])
    axis.set_xlim(0, 1)
    axis.set_xticks([0, 0.5, 1], ["0", _(".5"), "1"])
    if n == 0:
        where: dict[str, Any] = {"ha": "center", "va": "center", "transform": axis.transAxes}
        axis.text(0.5, 0.5, _("no PIT"), color=style.SOFT, **where)
        return
    counts, edges = np.histogram(values, bins=N_BINS, range=(0, 1))
    low, high = (float(binom.ppf(q, n, 1 / N_BINS)) for q in (0.025, 0.975))
    axis.axhspan(low, high, color=style.GRID, linewidth=0)
    axis.axhline(n / N_BINS, color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.bar(
        edges[:-1],
        counts,
        width=0.94 / N_BINS,
        align="edge",
        alpha=0.75,
        color=style.METHOD_COLOURS["quota polls"],
        linewidth=0,
    )
    axis.set_ylim(0, 1.1 * max(high, float(counts.max())))
