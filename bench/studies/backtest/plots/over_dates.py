"""What all dates of a vote show: error by days before it, and whether intervals held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.language import _, in_form
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day
from bench.report.plotting import layout, style
from bench.report.text import Text
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

ERROR_TICKS = (0, 1, 4, 10, 20, 30, 50)  # points, far enough apart on a root scale
SMALL_TICKS = (0, 0.5, 1, 2, 4, 6)
DAY_TICKS = (0, 2, 7, 14, 30, 60, 100, 200, 300)
MOST_SHOWN = 1.12  # times the 98th percentile of all errors
MOST_PANELS = 6
FLOORS = "floors"  # the family without a panel where there are more
LONGEST = 31  # signs of a label beside a curve
FEW_DATES = 15  # up to which dots have their full size
NOW = {"color": style.SOFT, "linewidth": 0.7, "linestyle": "--"}
GREY = {"color": style.GRID, "linestyle": "-", "width": 1 / 9, "zorder": 1}
text = Text("backtest")
N_BINS = 5  # of the histograms of PIT


def error_by_day(vote: Vote, *, ballot: str = "common") -> pd.DataFrame:
    """Mean absolute error by predictor and days before the vote.

    Returns
    -------
    DataFrame
        predictor, days, mae_pp, low_pp, high_pp, n: mean, first and third quartile of the
        absolute errors over candidates, and how many there are.
    """
    errors = vote.signed_errors(ballot)
    days = errors["as_of"].map(vote.days).rename("days")
    sizes = errors["error_pp"].abs().groupby([errors["predictor"], days])
    table = pd.DataFrame(
        {
            "mae_pp": sizes.mean(),
            "low_pp": sizes.quantile(0.25),
            "high_pp": sizes.quantile(0.75),
            "n": sizes.size(),
        }
    )
    return table.reset_index()


def _ballot_words(vote: Vote, ballot: str) -> str:
    """On whom the errors over dates are taken, and why not on whom each date ranks on."""
    on = vote.context.ballots.get(ballot, ballot)
    if ballot != "full":
        return on
    return text("horizon_ballot", on=on, differ="common" in vote.context.ballots)


def horizon(
    vote: Vote, *, predictors: Sequence[str], ballot: str = "common", claim: str = ""
) -> Figure:
    """Error by days before the vote, one panel per family of methods, at most six.

    Parameters
    ----------
    vote
        With several dates.
    predictors
        Whom to draw; families appear in the order of their first member.
    ballot
        Which errors.
    claim
        What the figure shows.
    """
    table = error_by_day(vote, ballot=ballot)
    table = table[table["predictor"].isin(predictors)].sort_values("days")
    families = {name: vote.families[name] for name in predictors if name in set(table["predictor"])}
    called = vote.labels
    order = list(dict.fromkeys(families.values()))
    without: list[str] = []
    if len(order) > MOST_PANELS:
        kept = [name for name in order if name != FLOORS][:MOST_PANELS]
        order, without = kept, [name for name in order if name not in kept]
    days = sorted(table["days"].unique())
    top = MOST_SHOWN * float(table["mae_pp"].quantile(0.98))
    facts = {
        "ballot": _ballot_words(vote, ballot),
        "n": len(days),
        "first": max(days),
        "last": min(days),
        "n_points": layout.span(table["n"]),
        "without": without,
        "clipped_at": top if table["mae_pp"].max() > top else None,
        **vote.words,
    }
    ticks = [t for t in (ERROR_TICKS if top > 8 else SMALL_TICKS) if t <= top]
    day_ticks = [d for d in DAY_TICKS if d <= max(days) * 1.05] or days
    # many dates: dots so small that dashes can be told apart
    dot = {"linestyle": "", "size": min(1.0, (FEW_DATES / len(days)) ** 0.8) / 3}
    looks = {
        called[name]: {"color": colour, "linestyle": dash}
        for name, (colour, dash) in layout.method_looks(families, families).items()
    }
    when = {days: day(moment) for moment, days in vote.days.items()}
    table = table.assign(
        method=table["predictor"].map(called), mae=table["mae_pp"], day=table["days"].map(when)
    )
    shown = table.assign(family=table["predictor"].map(families).map(_))
    firsts = {family: name for name, family in reversed(families.items())}
    band = shown[shown["predictor"].isin(list(firsts.values()))]
    ends = shown.groupby("predictor").head(1)
    ends = ends.assign(
        mae=ends["mae"].clip(upper=top),
        said=[layout.cut(name, LONGEST) for name in ends["method"]],
        colour=[looks[name]["color"] for name in ends["method"]],
    ).sort_values("method", key=lambda names: names.map(list(looks).index))
    moments = pd.DataFrame({"days": vote.days.values(), "date": vote.places.values()})
    return Figure(
        title=text("horizon_title", **vote.words),
        claim=claim,
        caption=text("horizon_caption", is_chart=False, **facts),
        on_page=text("horizon_caption", is_chart=True, **facts),
        subtitle=text("horizon_axis"),
        panel="family",
        panels={_(family): _(family) for family in order},
        columns=text.words("horizon_columns"),
        x=Axis(
            label=text("days_before"),
            scale="root",
            low=max(days) * 1.05 + 0.1,
            high=0,
            ticks=day_ticks,
        ),
        y=Axis(scale="root", low=0, high=top, ticks=ticks),
        per_line=2,
        height=1.25,
        more=0.25,
        grid="y",
        looks=looks,
        marks=(
            Mark("now", moments, "days", look=NOW),
            Mark("line", table, "days", "mae", by="method", look=GREY),
            Mark("band", band, "days", "low_pp", "high_pp", by="method", look={"alpha": 0.16}),
            Mark("line", shown, "days", "mae", by="method"),
            Mark("dot", shown, "days", "mae", by="method", look=dot),
            Mark("ends", ends, "days", "mae", text="said", colour="colour"),
        ),
    )


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
def calibration(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Drawing:
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
    held = coverage_by_level(vote)
    rows = vote.national_errors
    pit = rows[rows["score"].eq("pit") & rows["ballot"].eq("full")].dropna(subset="value")
    shown = [name for name in predictors if name in set(held["predictor"])]
    per_line = min(len(shown), 2 if size == "single" else 3)
    lines = -(-len(shown) // per_line)
    figure, axes, _room = layout.sheet(
        size,
        lines * 2.05,
        title=text("calibration_title", **vote.words),
        claim=_kept(held[held["predictor"].eq(shown[0])], vote.labels[shown[0]]),
        subtitle=text("calibration_subtitle"),
        caption=text("calibration_caption", n=layout.span(held["n"]), **vote.words),
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
    return text(
        "calibration_claim", nominal=row["nominal"], method=method, observed=row["observed"]
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
    axis.set_xticks([0, 0.5, 1], ["0", in_form("0.5"), "1"])
    if n == 0:
        where: dict[str, Any] = {"ha": "center", "va": "center", "transform": axis.transAxes}
        axis.text(0.5, 0.5, "–", color=style.SOFT, **where)
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
