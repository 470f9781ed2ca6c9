"""Charts of what distorted evidence does to methods, and of what ratings are worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bench.core.language import N_, _
from bench.core.options import labels
from bench.report.charts import (
    ROW_PX,
    Chart,
    Spec,
    chart_of,
    colours_of,
    family_colours_of,
    followed,
    heading_of,
    layer,
    only_if_followed,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.doses import added_error, named
from bench.report.formatting import format_compact
from bench.report.plotting import layout, style
from bench.report.plotting.doses import POLL, REAL, SIZES, effective, marked

RHO, INTERVIEWS = (2e-5, 0.3), (0.5, 3e6)  # ends of the axes
REDS = ("#053061", "#4393c3", "#f7f7f7", "#d6604d", "#67001f")  # of the figure: RdBu, reversed
ADDED = N_(
    "Each row is a method, each column a way to distort its evidence: the darker red a cell, the "
    "more error the largest dose adds. A pale row is a method that nothing here can move."
)


def dose_charts(response: pd.DataFrame, families: Mapping[str, str]) -> dict[str, Chart]:
    """The error by dose, and what the largest dose adds."""
    return {"dose_response": doses(response, families), "heat_map": added(response, families)}


def doses(response: pd.DataFrame, families: Mapping[str, str]) -> Chart:
    """The mean error of every method by the dose of one scenario, first of the most harmful.

    Parameters
    ----------
    response : pandas.DataFrame
        scenario, dose, unit, predictor, replicates, mae_pp, mae_q05_pp, mae_q95_pp.
    families : mapping of str to str
        Predictor to its family of methods.
    """
    harm = added_error(response).max().sort_values(ascending=False, kind="stable")
    known = response[response["mae_pp"].notna()]
    known = known.sort_values("scenario", key=lambda of: of.map(harm.index.get_loc), kind="stable")
    scenarios = labels("scenario", dict.fromkeys(known["scenario"]))
    units = dict(zip(known["scenario"].map(scenarios), known["unit"], strict=True))
    rows = pd.DataFrame(
        {
            "scenario": known["scenario"].map(scenarios),
            "method": known["predictor"].map(labels("predictor", known["predictor"].unique())),
            "family": known["predictor"].map(families).fillna("").map(_),
            "dose": known["dose"],
            "value": known["mae_pp"].round(2),
            "low": known["mae_q05_pp"].round(2),
            "high": known["mae_q95_pp"].round(2),
            "n": known["replicates"],
        }
    )
    columns = {
        "scenario": _("Scenario"),
        "method": _("Method"),
        "family": _("Family"),
        "dose": _("Dose"),
        "value": _("Mean absolute error, percentage points"),
        "low": _("5% of the replicates below"),
        "high": _("5% of the replicates above"),
        "n": _("Replicates"),
    }
    shown = shown_of("scenario", list(units))
    dose = {
        "field": "dose",
        "type": "quantitative",
        "title": None,
        "scale": {"type": "sqrt", "nice": False},
    }
    error = {"field": "value", "type": "quantitative", "title": columns["value"]}
    colours = {_(one): colour for one, colour in family_colours_of(pd.Series(families)).items()}
    looks: Spec = {
        "x": dose,
        "color": colours_of("family", colours, columns["family"]),
        "detail": {"field": "method"},
    }
    held = {**error, "field": "low"}
    spread = layer(
        "area",
        **looks,
        y=held,
        y2={"field": "high"},
        opacity=followed("method", "family", shown=0.15, faded=0.02),
    )
    lines = layer("line", **looks, y=error, opacity=followed("method", "family"))
    dots = layer(
        {"type": "circle", "size": 40},
        **looks,
        y=error,
        opacity=followed("method", "family"),
        tooltip=tips(columns),
    )
    spec = chart_of(
        spread,
        lines,
        dots,
        legend="family",
        one={"scenario": list(units)},
        title=heading_of(shown, units),
    )
    caption = _(
        "Lines: mean of the replicates; bands: 5 to 95% of them. Only methods that read what the "
        "scenario changes. Doses are on a square-root scale; another scenario can be chosen above."
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


def added(response: pd.DataFrame, families: Mapping[str, str]) -> Chart:
    """What the largest dose of every scenario adds to the error of every method.

    Parameters
    ----------
    response : pandas.DataFrame
        scenario, dose, unit, predictor, mae_pp.
    families : mapping of str to str
        Predictor to its family of methods; families stand together.
    """
    table = added_error(response)
    order = sorted(table.index, key=lambda name: (families.get(name, ""), name))
    scenarios = labels("scenario", dict.fromkeys(response["scenario"]))
    methods = labels("predictor", order)
    long = table.loc[order].rename_axis(index="predictor", columns="scenario").reset_index()
    long = long.melt("predictor", value_name="added").dropna()
    rows = pd.DataFrame(
        {
            "method": long["predictor"].map(methods),
            "scenario": long["scenario"].map(scenarios),
            "added": long["added"].round(2),
        }
    )
    columns = {
        "method": _("Method"),
        "scenario": _("Scenario"),
        "added": _("Added by the largest dose, points"),
    }
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
    colour = {"field": "added", "type": "quantitative", "scale": scale, "legend": None}
    pale: Spec = {"value": "#1d2128"}
    pale |= {"condition": {"test": f"abs(datum.added) > {0.6 * most:g}", "value": "#fffffe"}}
    spec = chart_of(
        {**layer("rect", **place, color=colour), "name": layout.SCALED},
        layer(
            "text",
            # adding 0 turns a rounded -0.0 into 0.0
            [{"calculate": "round(10 * datum.added) / 10 + 0", "as": "said"}],
            **place,
            text={"field": "said", "format": "+.1f"},
            color=pale,
        ),
        height=ROW_PX * len(order),
    )
    return Chart(spec=spec, rows=rows, columns=columns)


def worth_chart(worth: pd.DataFrame, n_voters: float, names: Mapping[str, str]) -> dict[str, Chart]:
    """The chart of the effective size, where a real self-selected ballot has any to show."""
    if not worth["sample"].eq(REAL).any() or marked(worth, n_voters)[0].empty:
        return {}
    return {"worth": effective_sizes(named(worth, names), n_voters)}


def effective_sizes(worth: pd.DataFrame, n_voters: float) -> Chart:
    """Interviews with the same error as so many ratings, by how self-selected they are.

    Parameters
    ----------
    worth : pandas.DataFrame
        As of `bench.report.plotting.doses.effective_size`, candidates by name.
    n_voters : float
        Valid votes.
    """
    real, marks = marked(worth, n_voters)
    rows = pd.DataFrame(
        {
            "candidate": real["candidate"],
            "rho": real["rho"].map("{:.2g}".format).astype(float),
            "interviews": np.round(marks, 1),
        }
    )
    columns = {
        "candidate": _("Candidate"),
        "rho": _("|ρ| of voting for the candidate and taking part"),
        "interviews": _("Interviews worth a million ratings"),
    }
    rho = np.geomspace(*RHO, 60)
    lines = pd.DataFrame(
        [
            {"rho": float(f"{r:.4g}"), "interviews": float(f"{value:.4g}"), "ratings": words}
            for n in SIZES
            for words in [_("{n} ratings", n=format_compact(n))]
            for r, value in zip(rho, effective(n, rho, n_voters), strict=True)
        ]
    )
    x: Spec = {"field": "rho", "type": "quantitative", "title": columns["rho"]}
    x |= {"scale": {"type": "log", "domain": [*RHO]}, "axis": {"grid": False, "tickCount": 5}}
    y = {
        "field": "interviews",
        "type": "quantitative",
        "title": _("Interviews of a random sample"),
        "scale": {"type": "log", "domain": [*INTERVIEWS], "nice": False, "clamp": True},
        "axis": {"tickCount": 6, "format": "~s"},
    }
    shades = (style.SOFT, style.METHOD_COLOURS["app ratings"])
    sizes = dict(zip(dict.fromkeys(lines["ratings"]), shades, strict=True))
    mine = {"value": shades[-1]}
    shown = followed("candidate")
    spec = chart_of(
        layer({"type": "rule", "strokeDash": [4, 4]}, y={"datum": POLL}),
        {
            **layer("line", x=x, y=y, color=colours_of("ratings", sizes)),
            "data": {"name": "lines"},
        },
        layer(
            {"type": "circle", "size": 90, "opacity": 1},
            x=x,
            y=y,
            color=mine,
            opacity=shown,
            tooltip=tips(columns),
        ),
        layer(
            {"type": "text", "align": "left", "dx": 7, "dy": -5},
            x=x,
            y=y,
            text={"field": "candidate"},
            opacity=only_if_followed("candidate"),
        ),
        click="candidate",
    )
    return Chart(spec=spec, rows=rows, columns=columns, more={"lines": lines})
