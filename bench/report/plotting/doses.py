"""What studies of simulated evidence draw, still and live: error by dose, what is added, worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.language import N_, SOURCE, _, in_form, ngettext, spoken
from bench.core.options import label, labels
from bench.report.charts import (
    DIGITS,
    ROW_PX,
    Chart,
    Spec,
    chart_of,
    colours_of,
    family_colours_of,
    followed,
    heading_of,
    in_expression,
    labelled,
    layer,
    only_if_followed,
    quantity,
    rows_by_name,
    shown_of,
    thicker,
    tips,
)
from bench.report.formatting import CANDIDATES, format_compact, format_significant, in_words
from bench.report.line_names import line_names, named_lines
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

MOST_PANELS = 6  # scenarios with a panel
LEAST_PT = 5.0  # of letters, in print
WIDE = 50  # largest over smallest positive dose from which the axis is logarithmic
MARKS = dict(zip(style.DASHES, "oD^sXP", strict=True))  # told apart without colour
SIZES = (25_000.0, 1_000_000.0)
SHADES = (style.SOFT, style.METHOD_COLOURS["app ratings"])  # of the sizes
MILLION = SIZES[1]
HEAD = 14  # signs of a line of a column head
REAL = "real ballot"
POLL = 1_000.0
RHO, INTERVIEWS = (2e-5, 0.3), (0.5, 3e6)  # ends of the axes
REDS = ("#053061", "#4393c3", "#f7f7f7", "#d6604d", "#67001f")  # of the figure: RdBu, reversed
ADDED = N_(
    "Each row is a method, each column a way to distort its evidence: the stronger the red of a "
    "cell, the more error the largest dose adds. A pale row is a method that nothing here can move."
)


def added_error(response: pd.DataFrame) -> pd.DataFrame:
    """Mean error at the largest dose minus that at dose 0, points; NaN where unread or silent.

    Examples
    --------
    >>> rows = pd.DataFrame({"predictor": ["a", "a"], "scenario": ["bots", "bots"],
    ...                      "dose": [9.0, 0.0], "mae_pp": [3.5, 1.0]})
    >>> float(added_error(rows).loc["a", "bots"])
    2.5
    """
    by = response.sort_values("dose").groupby(["predictor", "scenario"])["mae_pp"]
    # NaN where the method abstained; last() would step back to a smaller dose
    return by.agg(lambda values: values.iloc[-1] - values.iloc[0]).unstack()


def _by_family(added: pd.DataFrame, families: Mapping[str, str]) -> pd.DataFrame:
    """What is added, methods of one family beside each other."""
    return added.loc[sorted(added.index, key=lambda name: (families.get(name, ""), name))]


@canvas.styled
def simulated_doses(
    response: pd.DataFrame, families: Mapping[str, str], title: str, *, size: str = "double"
) -> Figure:
    """Draw the mean error of every method that reads what a scenario distorts.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, replicates, mae_pp, mae_q05_pp, mae_q95_pp.
    families
        Predictor to its family of methods.
    title
        Of the experiment.
    size
        Size preset.
    """

    order = sorted(response["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    shown_as = canvas.method_looks(order, families)
    every = list(dict.fromkeys(response["scenario"]))
    added = added_error(response)
    most_added = added.max().reindex(every).fillna(0).nlargest(MOST_PANELS, keep="first").index
    scenarios = [name for name in every if name in set(most_added)]
    n_legend = {"single": 2, "double": 4}.get(size, 3)
    figure, axes, top = canvas.panels(
        list(map(_scenario, scenarios)),
        size,
        1.75,
        per_line=3,
        title=_("How the error grows with the dose: {title}", title=title),
        subtitle=_("mean absolute error over all candidates, percentage points"),
        caption=_(
            "Lines: mean of {replicates:,} replicates, fewer where a method abstains; "
            "bands: 5 to 95% of them, often narrower than the line. Only methods that read "
            "what the scenario changes; of curves that coincide only the last can be seen. "
            "Doses that span powers of ten stand on a logarithmic axis after 0.",
            replicates=response["replicates"].max(),
        )
        + _left_for_the_map(len(every) - len(scenarios)),
        claim=_grows(response, added),
        grid="y",
        sharey=True,
        legend_lines=-(-len(order) // n_legend),
    )
    for axis, scenario in zip(axes.flat, scenarios, strict=False):
        _panel(axis, response[response["scenario"].eq(scenario)], shown_as)
        axis.tick_params(labelleft=axis in axes[:, 0])
    # one axis for all panels: its top must be known before the first is fixed
    highest = response[["mae_pp", "mae_q95_pp"]].max().max()
    axes[0, 0].set_ylim(0, 1.05 * float(highest))
    handles = [
        {"color": colour, "linestyle": dash, "marker": MARKS[dash], "markersize": 3}
        for colour, dash in shown_as.values()
    ]
    called = labels("predictor", shown_as)
    words = [canvas.cut(called[name], canvas.LONGEST) for name in shown_as]
    canvas.legend(figure, handles, words, top, n_legend)
    return figure


def _left_for_the_map(n: int) -> str:
    """Scenarios beyond `MOST_PANELS`, which add least."""
    return (
        " "
        + ngettext(
            "{n} more scenario adds less: see what the largest dose adds.",
            "{n} more scenarios add less: see what the largest dose adds.",
            n,
        )
        if n
        else ""
    )


def _grows(response: pd.DataFrame, added: pd.DataFrame) -> str:
    """The error that grows most, from no dose to the largest."""
    row, column = np.unravel_index(int(np.nanargmax(added.to_numpy())), added.shape)
    method, scenario = str(added.index[int(row)]), str(added.columns[int(column)])
    mine = response[response["scenario"].eq(scenario) & response["predictor"].eq(method)]
    ends = mine.sort_values("dose")["mae_pp"].iloc[[0, -1]]
    low, high = (in_form(f"{end:.1f}") for end in ends)
    found = {"method": label("predictor", method), "low": low, "high": high}
    found["scenario"] = _scenario(scenario)
    if ends.iloc[1] <= ends.iloc[0]:
        return _("No error grows by the largest dose of any scenario")
    return _(
        "Most is added by “{scenario}”: the error of “{method}” grows from {low} to {high} points",
        **found,
    )


def _panel(axis: Axes, rows: pd.DataFrame, shown_as: Mapping[str, tuple[str, Any]]) -> None:
    from matplotlib.ticker import MaxNLocator

    for name, (colour, dash) in shown_as.items():
        curve = rows[rows["predictor"].eq(name)].sort_values("dose")
        dose, low, high = curve["dose"], curve["mae_q05_pp"], curve["mae_q95_pp"]
        axis.fill_between(dose, low, high, color=colour, alpha=0.15, linewidth=0)
        look = {"color": colour, "linestyle": dash, "marker": MARKS[dash]}
        axis.plot(dose, curve["mae_pp"], **look, markersize=2.4)
    most = float(rows["dose"].max())
    least = float(rows.loc[rows["dose"] > 0, "dose"].min())
    if most > WIDE * least:
        axis.set_xscale("symlog", linthresh=least, linscale=0.5)
        powers = [10.0**k for k in range(-3, 9) if least <= 10.0**k <= most]
        axis.set_xticks([0, *powers])
        axis.set_xticks([], minor=True)
        axis.xaxis.set_major_formatter(_ticks(format_compact))
    else:
        axis.xaxis.set_major_locator(MaxNLocator(5))
        axis.xaxis.set_major_formatter(_ticks(format_significant))
    axis.set_xlim(left=-0.02 * most if most <= WIDE * least else -0.3 * least)
    axis.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_xlabel(_(str(rows["unit"].iloc[0])), color=style.SOFT)


@canvas.styled
def heat_map(
    response: pd.DataFrame, families: Mapping[str, str], title: str, *, size: str = "double"
) -> Figure:
    """Draw one cell per method and scenario, red where the error grows, blue where it shrinks.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, mae_pp.
    families
        Predictor to its family of methods; families stand together.
    title
        Of the experiment.
    size
        Size preset.
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    added = _by_family(added_error(response), families)
    added = added[list(dict.fromkeys(response["scenario"]))]
    figure, axes, _top = canvas.sheet(
        size,
        0.55 + 0.24 * len(added) + 0.9 * (size == "single"),
        title=_("What the largest dose adds: {title}", title=title),
        claim=_(
            "In {k} of {n} cases the largest dose adds less than one point of error",
            k=int((added < 1).sum().sum()),
            n=int(added.notna().sum().sum()),
        ),
        subtitle=_("percentage points of mean absolute error that the largest dose adds"),
        caption=_(
            "Largest doses: {doses}. Blank: the method does not read what the scenario "
            "changes, or abstains at that dose. Doses of different scenarios cost "
            "differently, so columns cannot be compared; an attack may also push a wrong "
            "forecast towards the vote (blue).",
            doses=", ".join(_largest(response)),
        ),
    )
    axis, values = axes[0, 0], added.to_numpy()
    most = max(float(np.nanmax(np.abs(values))), 1e-9)
    colours = colormaps["RdBu_r"]
    cell_pt = (0.5 if size == "single" else 0.7) * 72 * style.WIDTHS_IN[size] / added.shape[1]
    figures_pt = max(canvas.fitted("+12.3", cell_pt, style.FONT_PT[size])[1], LEAST_PT)
    axis.imshow(
        np.where(np.isnan(values), 0, values),
        cmap=colours,
        aspect="auto",
        vmin=-most,
        vmax=most,
        alpha=(~np.isnan(values)).astype(float),
    )
    for (i, j), value in np.ndenumerate(values):
        if not np.isnan(value):
            ground = to_hex(colours(0.5 + 0.5 * value / most))
            # adding 0 turns a rounded -0.0 into 0.0
            shown = in_form(f"{round(value, 1) + 0.0:+.1f}".replace("-", "−"))
            ink = canvas.readable_on(ground)
            axis.text(j, i, shown, ha="center", va="center", fontsize=figures_pt, color=ink)
    names = [str(name) for name in added.columns]
    if size == "single":  # no room beside one another
        axis.set_xticks(range(len(names)), list(map(_scenario, names)), rotation=90)
    else:
        heads = [name.replace("_", "\n") for name in names]
        if spoken() != SOURCE:  # whose labels are sentences
            heads = ["\n".join(wrap(_scenario(name), HEAD)) for name in names]
        room_pt = 0.85 * 72 * style.WIDTHS_IN[size] / len(names)
        longest = max((word for head in heads for word in head.split("\n")), key=len)
        letters = canvas.fitted(longest, room_pt, style.FONT_PT[size])[1]
        axis.set_xticks(range(len(heads)), heads, fontsize=letters)
    called = labels("predictor", map(str, added.index))
    room = canvas.NARROW if size == "single" else canvas.LONGEST
    rows = [canvas.cut(called[str(name)], room) for name in added.index]
    axis.set_yticks(range(len(added)), rows)
    axis.tick_params(length=0)
    axis.xaxis.tick_top()
    axis.set_xticks(np.arange(added.shape[1] + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(len(added) + 1) - 0.5, minor=True)
    axis.grid(True, which="minor", color=style.GRID)
    axis.tick_params(which="minor", length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return figure


def _scenario(name: str) -> str:
    return in_words(name, "scenario", {})


def _largest(response: pd.DataFrame) -> list[str]:
    last = response.sort_values("dose").groupby("scenario", sort=False).last()
    last = last.loc[list(dict.fromkeys(response["scenario"]))]
    return [
        f"{_scenario(str(name))} {format_significant(dose)} {_(unit)}"
        for name, dose, unit in zip(last.index, last["dose"], last["unit"], strict=True)
    ]


def effective(n: float, rho: np.ndarray | float, n_voters: float) -> np.ndarray:
    """Simple random interviews with the same mean squared error, at most `n`.

        n_eff = f / ((1 - f) rho²),   f = n / n_voters

    Examples
    --------
    >>> round(float(effective(1e6, 0.005, 36e6)))
    1143
    """
    f = n / n_voters
    if f >= 1:  # everybody is asked
        return np.full(np.shape(rho), float(n))
    return np.asarray(np.minimum(f / (1 - f) / np.square(rho), n))


def marked(worth: pd.DataFrame, n_voters: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Candidates of the real ballot by falling |rho|, and what a million ratings are worth."""
    real = worth[worth["sample"].eq(REAL) & worth["candidate"].ne("all") & worth["n_eff"].notna()]
    real = real.assign(rho=real["rho"].abs()).sort_values("rho", ascending=False)
    return real, effective(MILLION, real["rho"].to_numpy(), n_voters)


@canvas.styled
def effective_size(worth: pd.DataFrame, n_voters: float, *, size: str = "double") -> Figure:
    """Draw effective against |rho| for some sizes, the real self-selected ballot marked.

    Parameters
    ----------
    worth
        sample, candidate, n, rho, n_eff; the "real ballot" is marked where it has an effective
        size.
    n_voters
        Valid votes.
    size
        Size preset.
    """
    from matplotlib.ticker import NullLocator

    real, marks = marked(worth, n_voters)
    unsure = worth[worth["sample"].eq(REAL) & worth["candidate"].ne("all") & worth["n_eff"].isna()]
    least = {
        "interviews": format_significant(marks.min(), 2),
        "candidate": real["candidate"].iloc[int(marks.argmin())],
    }
    figure, axes, _top = canvas.sheet(
        size,
        3.4,
        title=_("What self-selected ratings are worth"),
        claim=_(
            "A million self-selected ratings were worth {interviews} random interviews for "
            "{candidate}, and {most} for {best}",
            most=format_significant(marks.max(), 2),
            best=real["candidate"].iloc[int(marks.argmax())],
            **least,
        )
        if len(real) > 1 and n_voters > MILLION
        else "",
        subtitle=_("interviews of a simple random sample with the same error"),
        x_label=_(
            "|ρ|, correlation over all voters between voting for the candidate and taking part"
        ),
        caption=_(
            "Dots: a million ratings with the ρ of each candidate in the self-selected "
            "ballot of {n:,} volunteers: {interviews} interviews for {candidate}. {unsure}"
            "Dashed: a poll of {poll:,.0f}. {voters:,.0f} voters; n = f / ((1 − f) ρ²) and at "
            "most the ratings, Meng 2018, doi:10.1214/18-AOAS1161SF.",
            n=int(real["n"].iloc[0]),
            unsure=_left_out([str(name) for name in unsure["candidate"]]),
            poll=POLL,
            voters=n_voters,
            **least,
        ),
        grid="y",
    )
    axis = axes[0, 0]
    rho = np.geomspace(*RHO, 200)
    for n, shade in zip(SIZES, SHADES, strict=True):
        axis.plot(rho, effective(n, rho, n_voters), color=shade, linestyle="-")
        axis.annotate(
            _("{n} ratings", n=format_compact(n)),
            (RHO[0], n),
            xytext=(2, 3),
            textcoords="offset points",
            color=shade,
            ha="left",
            va="bottom",
        )
    axis.axhline(POLL, color=style.SOFT, linestyle="--", linewidth=0.8, zorder=1)
    axis.plot(real["rho"], marks, "o", color=SHADES[1], zorder=5)
    _label(axis, real, marks)
    axis.set(xscale="log", yscale="log", xlim=RHO, ylim=(0.3, 3e6))
    for side, write in ((axis.xaxis, format_significant), (axis.yaxis, format_compact)):
        side.set_minor_locator(NullLocator())
        side.set_major_formatter(_ticks(write))
    return figure


def _ticks(write: Callable[[float], str]) -> FuncFormatter:
    """Numbers of an axis as this function writes them."""
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _place: write(value))


def _left_out(names: list[str]) -> str:
    if not names:
        return ""
    return _("No dot: {names}, an error near zero is no size.", names=names) + " "


def _label(axis: Axes, real: pd.DataFrame, marks: np.ndarray) -> None:
    """Names to the right of the line, moved apart along the logarithmic axis."""
    heights = canvas.spread_out(list(np.log10(marks)), 0.33, -0.4, 6.3)
    for name, rho, mark, height in zip(real["candidate"], real["rho"], marks, heights, strict=True):
        axis.annotate(
            f"{name} {format_significant(mark, 2)}",
            (rho, mark),
            xytext=(1.02, 10**height),
            textcoords=axis.get_yaxis_transform(),
            annotation_clip=False,
            va="center",
            ha="left",
            color=style.INK,
            arrowprops={"arrowstyle": "-", "color": style.GRID, "linewidth": 0.6},
        )


def named(table: pd.DataFrame, names: Mapping[str, str] | None) -> pd.DataFrame:
    """The table with its candidates called by their names, where these are known."""
    keys = [key for key in CANDIDATES if key in table]
    return table.assign(**{key: table[key].replace(dict(names or {})) for key in keys})


def dose_figures(
    response: pd.DataFrame, families: Mapping[str, str], title: str
) -> dict[str, Callable[[str], Figure]]:
    """The error by dose, and what the largest dose adds; nothing where no method says anything."""
    if response["mae_pp"].isna().all():
        return {}
    return {
        "dose_response": lambda size: simulated_doses(response, families, title, size=size),
        "heat_map": lambda size: heat_map(response, families, title, size=size),
    }


def dose_charts(response: pd.DataFrame, families: Mapping[str, str]) -> dict[str, Chart]:
    """As `dose_figures`."""
    if response["mae_pp"].isna().all():
        return {}
    return {
        "dose_response": dose_chart(response, families),
        "heat_map": added_chart(response, families),
    }


def dose_chart(response: pd.DataFrame, families: Mapping[str, str]) -> Chart:
    """The mean error of every method by the dose of one scenario, first of the most harmful.

    Parameters
    ----------
    response, families
        As of `simulated_doses`.
    """
    added = added_error(response)
    harm = added.max().sort_values(ascending=False, kind="stable")
    known = response[response["mae_pp"].notna()]
    known = known.sort_values("scenario", key=lambda of: of.map(harm.index.get_loc), kind="stable")
    scenarios = labels("scenario", dict.fromkeys(known["scenario"]))
    units = dict(zip(known["scenario"].map(scenarios), known["unit"], strict=True))
    called = labels("predictor", known["predictor"].unique())
    rows, columns = labelled(
        scenario=(_("Scenario"), known["scenario"].map(scenarios)),
        method=(_("Method"), known["predictor"].map(called)),
        family=(_("Family"), known["predictor"].map(families).fillna("").map(_)),
        dose=(_("Dose"), known["dose"]),
        value=(_("Mean absolute error, percentage points"), known["mae_pp"].round(2)),
        low=(_("5% of the replicates below"), known["mae_q05_pp"].round(2)),
        high=(_("5% of the replicates above"), known["mae_q95_pp"].round(2)),
        n=(_("Replicates"), known["replicates"]),
    )
    shown = shown_of("scenario", list(units))
    error = quantity("value", title=columns["value"])
    colours = {_(one): colour for one, colour in family_colours_of(pd.Series(families)).items()}
    looks: Spec = {
        "x": quantity("dose", title=None, scale={"type": "sqrt", "nice": False}),
        "color": colours_of("family", colours, columns["family"]),
        "detail": {"field": "method"},
    }
    faint = followed("method", "family", shown=0.15, faded=0.02)
    spread = layer(
        "area", **looks, y={**error, "field": "low"}, y2={"field": "high"}, opacity=faint
    )
    names = line_names(rows, "dose", "value", "scenario")
    hardest = {words: called[str(added[key].idxmax())] for key, words in scenarios.items()}
    claimed = f"datum.method === {in_expression(hardest)}[datum.scenario]"
    place = {"x": looks["x"], "y": error}
    looks |= {"y": error, "opacity": followed("method", "family")}
    spec = chart_of(
        spread,
        layer("line", **looks, strokeWidth=thicker(claimed, 2)),
        layer({"type": "circle", "size": 40}, **looks, tooltip=tips(columns)),
        *named_lines(names, place, claimed, shown=f"datum.scenario === {shown}"),
        legend="family",
        one={"scenario": list(units)},
        title=heading_of(shown, units),
    )
    caption = _(
        "Lines: mean of the replicates; bands: 5 to 95% of them. Only methods that read what the "
        "scenario changes. Doses are on a square-root scale; another scenario can be chosen above."
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption, more={"names": names})


def added_chart(response: pd.DataFrame, families: Mapping[str, str]) -> Chart:
    """What the largest dose of every scenario adds to the error of every method.

    Parameters
    ----------
    response, families
        As of `heat_map`.
    """
    table = _by_family(added_error(response), families)
    scenarios = labels("scenario", dict.fromkeys(response["scenario"]))
    methods = labels("predictor", table.index)
    long = table.rename_axis(index="predictor", columns="scenario").reset_index()
    long = long.melt("predictor", value_name="added").dropna()
    rows, columns = labelled(
        method=(_("Method"), long["predictor"].map(methods)),
        scenario=(_("Scenario"), long["scenario"].map(scenarios)),
        added=(_("Added by the largest dose, points"), long["added"].round(DIGITS)),
    )
    most = max(float(rows["added"].abs().max()), 0.01)
    place = {
        "x": {
            **rows_by_name("scenario", list(scenarios.values())),
            "axis": {"orient": "top", "labelAngle": -90, "labelLimit": 220, "ticks": False},
        },
        "y": rows_by_name("method", list(methods.values())),
        "opacity": followed("method", "scenario"),
        "tooltip": tips(columns, ("added", "+.2f")),
    }
    scale = {"domain": [-most, most], "range": [*REDS]}
    pale: Spec = {"test": f"abs(datum.added) > {0.6 * most:g}", "value": "#fffffe"}
    cells = layer("rect", **place, color=quantity("added", scale=scale, legend=None))
    numbers = layer(
        "text",
        # adding 0 turns a rounded -0.0 into 0.0
        [{"calculate": "round(10 * datum.added) / 10 + 0", "as": "said"}],
        **place,
        text={"field": "said", "format": "+.1f"},
        color={"value": "#1d2128", "condition": pale},
    )
    height = ROW_PX * len(table)
    spec = chart_of({**cells, "name": canvas.SCALED}, numbers, height=height)
    return Chart(spec=spec, rows=rows, columns=columns)


def worth_figure(
    worth: pd.DataFrame, n_voters: float, names: Mapping[str, str] | None = None
) -> dict[str, Callable[[str], Figure]]:
    """The figure of the effective size, where a real self-selected ballot has any to show."""
    if marked(worth, n_voters)[0].empty:
        return {}
    return {"worth": lambda size: effective_size(named(worth, names), n_voters, size=size)}


def worth_chart(worth: pd.DataFrame, n_voters: float, names: Mapping[str, str]) -> dict[str, Chart]:
    """The chart of the effective size, where a real self-selected ballot has any to show."""
    if marked(worth, n_voters)[0].empty:
        return {}
    return {"worth": effective_chart(named(worth, names), n_voters)}


def effective_chart(worth: pd.DataFrame, n_voters: float) -> Chart:
    """Interviews with the same error as so many ratings, by how self-selected they are.

    Parameters
    ----------
    worth, n_voters
        As of `effective_size`, candidates by name.
    """
    real, marks = marked(worth, n_voters)
    rounded = real["rho"].map("{:.2g}".format).astype(float)
    rows, columns = labelled(
        candidate=(_("Candidate"), real["candidate"]),
        rho=(_("|ρ| of voting for the candidate and taking part"), rounded),
        interviews=(_("Interviews worth a million ratings"), np.round(marks, 1)),
    )
    rho = np.geomspace(*RHO, 60)
    lines = pd.DataFrame(
        [
            {"rho": float(f"{r:.4g}"), "interviews": float(f"{value:.4g}"), "ratings": words}
            for n in SIZES
            for words in [_("{n} ratings", n=format_compact(n))]
            for r, value in zip(rho, effective(n, rho, n_voters), strict=True)
        ]
    )
    place = {
        "x": quantity(
            "rho",
            title=columns["rho"],
            scale={"type": "log", "domain": [*RHO]},
            axis={"grid": False, "tickCount": 5},
        ),
        "y": quantity(
            "interviews",
            title=_("Interviews of a random sample"),
            scale={"type": "log", "domain": [*INTERVIEWS], "nice": False, "clamp": True},
            axis={"tickCount": 6, "format": "~s"},
        ),
    }
    sizes = dict(zip(dict.fromkeys(lines["ratings"]), SHADES, strict=True))
    dots = layer(
        {"type": "circle", "size": 90, "opacity": 1},
        **place,
        color={"value": SHADES[1]},
        opacity=followed("candidate"),
        tooltip=tips(columns),
    )
    names = layer(
        {"type": "text", "align": "left", "dx": 7, "dy": -5},
        **place,
        text={"field": "candidate"},
        opacity=only_if_followed("candidate"),
    )
    spec = chart_of(
        layer({"type": "rule", "strokeDash": [4, 4]}, y={"datum": POLL}),
        {**layer("line", **place, color=colours_of("ratings", sizes)), "data": {"name": "lines"}},
        dots,
        names,
        click="candidate",
    )
    return Chart(spec=spec, rows=rows, columns=columns, more={"lines": lines})
