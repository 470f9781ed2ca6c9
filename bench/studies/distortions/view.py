"""What distortions do: the facts of the sentences, and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.language import in_form
from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.comparison import comparison_report
from bench.report.context import names_of, sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, format_significant, in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.simulated import likeness, shown_frames, worth_figure
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results

MAX_PANELS = 6  # distortions with a panel
WIDE = 50  # largest over smallest positive dose from which the axis is logarithmic
SMALL_PP = 0.5  # added error of a method that nothing moves
MARKS = dict(zip(style.DASHES, "oD^sXP", strict=True))  # told apart without colour
text = Text("distortions")


def report(experiment: Experiment, results: Results) -> Report:
    """Error by distortion, dose and method; a comparison where candidates are merged."""
    if "response" not in results.tables:
        return _on_categories(experiment, results)
    names = names_of(experiment.elections)
    facts = facts_of(results.tables) | {"title": title_of(experiment)}
    facts["source"] = sources_of(experiment.elections)
    tables, families = results.tables, results.facts["families"]
    response = tables["response"]
    distorted = response[response["distortion"].ne("none")]
    has_doses = bool(distorted["dose"].gt(0).any())
    frames = {
        "dose_response": response if has_doses else response.head(0),
        "dose_response_shown": pd.concat([distorted, response.drop(distorted.index)]),
    }
    figures: dict[str, Figure] = {}
    if facts["most"]:
        figures["dose_response"] = dose_figure(distorted, families, facts)
        figures["heat_map"] = heat_map(distorted, families, facts)
    if facts["is_simulated"]:
        frames |= {**tables, "bias_variance": tables["apart"], **shown_frames(tables, names)}
        figures |= worth_figure(tables["worth"], float(results.facts["n_voters"]), names)
    else:
        last = (
            distorted.sort_values("dose", kind="stable")
            .groupby(["distortion", "predictor"], sort=False)
            .tail(1)
        )
        clean = response[response["distortion"].eq("none") & response["mae_pp"].notna()]
        frames["largest_doses"] = response.loc[last.index.union(clean.index)]
    return view_report("distortions", facts, frames, figures, names=names)


def _on_categories(experiment: Experiment, results: Results) -> Report:
    """The comparison of methods, and why some gave no forecast."""
    compared = comparison_report(experiment, results, kicker=text("kicker_categories"))
    methods = results.tables["methods"]
    silent = methods.loc[methods["status"].ne("ok"), ["predictor", "status", "message"]]
    notes = text.lines("silent", attempts=silent.drop_duplicates().to_dict("records"))
    first, *others = compared.tables
    return replace(compared, tables=(replace(first, notes=(*first.notes, *notes)), *others))


def facts_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The numbers of the findings: the most that a dose adds, and the errors without any.

    Parameters
    ----------
    tables
        `response`; of simulated evidence also `apart` and `verdicts`.
    """
    response, apart = tables["response"], tables.get("apart")
    is_clean = response["distortion"].eq("none")
    distorted, clean = response[~is_clean], response[is_clean & response["mae_pp"].notna()]
    added = added_error(distorted).dropna(how="all")
    most: dict[str, Any] = {}
    if distorted["dose"].gt(0).any() and not added.empty:
        method = str(added.max(axis=1).idxmax())
        distortion = str(added.loc[method].idxmax())
        mine = distorted["distortion"].eq(distortion) & distorted["predictor"].eq(method)
        zero, last = (
            distorted[mine].sort_values("dose", kind="stable").iloc[[0, -1]].to_dict("records")
        )
        most = {str(key): value for key, value in last.items()} | {"zero": zero["mae_pp"]}
        most["grows"] = most["mae_pp"] > most["zero"]
        most["unit"] = in_words(most["unit"], "unit", {})
    ordered = clean.sort_values("mae_pp", kind="stable").to_dict("records")
    bias = {} if apart is None else dict(zip(apart["predictor"], apart["bias_share"], strict=True))
    verdicts = tables.get("verdicts")
    return {
        "is_simulated": apart is not None,
        "most": most,
        "calm": sorted(str(name) for name in added.index[added.max(axis=1) < SMALL_PP]),
        "clean": [one | {"bias_share": bias.get(one["predictor"])} for one in ordered],
        "n_replicates": int(response["replicates"].max()),
        "n_electorates": 0 if apart is None else int(apart["electorates"].max()),
        "n_methods": response["predictor"].nunique(),
        "n_distortions": distorted["distortion"].nunique(),
        "n_cells": int(added.count().sum()),
        "n_below_one": int((added < 1).sum().sum()),
    } | ({} if verdicts is None else likeness(verdicts))


def added_error(response: pd.DataFrame) -> pd.DataFrame:
    """Mean error at the largest dose minus that at dose 0, points; NaN where unread or silent.

    Examples
    --------
    >>> rows = pd.DataFrame({"predictor": ["a", "a"], "distortion": ["bots", "bots"],
    ...                      "dose": [9.0, 0.0], "mae_pp": [3.5, 1.0]})
    >>> float(added_error(rows).loc["a", "bots"])
    2.5
    """
    by = response.sort_values("dose", kind="stable").groupby(["predictor", "distortion"])["mae_pp"]
    # NaN where the method abstained; last() would step back to a smaller dose
    return by.agg(lambda values: values.iloc[-1] - values.iloc[0]).unstack()


def dose_figure(
    response: pd.DataFrame, families: Mapping[str, str], facts: Mapping[str, Any]
) -> Figure:
    """The mean error of every method that reads what a distortion distorts, by dose.

    Parameters
    ----------
    response
        distortion, dose, unit, predictor, replicates, mae_pp, mae_q05_pp, mae_q95_pp.
    families
        Predictor to its family of methods.
    facts
        Of the texts.
    """
    order = sorted(response["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    looks = {
        name: {"color": colour, "linestyle": dash, "marker": MARKS[dash], "size": 0.33}
        for name, (colour, dash) in canvas.method_looks(order, families).items()
    }
    called = labels("predictor", order)
    every = list(dict.fromkeys(response["distortion"]))
    added = added_error(response).max().reindex(every).fillna(0)
    most = set(added.nlargest(MAX_PANELS, keep="first").index)
    distortions = [name for name in every if name in most]
    rows = response[response["distortion"].isin(distortions)].sort_values("dose", kind="stable")
    y = Axis(low=0, high=1.05 * float(response[["mae_pp", "mae_q95_pp"]].max().max()), ticks=5)
    return Figure(
        **text.figure("dose_response", n_left_out=len(every) - len(distortions), **facts),
        panel="distortion",
        panels={name: in_words(name, "distortion", {}) for name in distortions},
        y=y,
        axes={name: (_doses(mine), y) for name, mine in rows.groupby("distortion")},
        height=1.75,
        grid="y",
        looks=looks,
        legend={canvas.cut(called[name], canvas.LONGEST): look for name, look in looks.items()},
        marks=(
            Mark("band", rows, "dose", "mae_q05_pp", "mae_q95_pp", by="predictor"),
            Mark("line", rows, "dose", "mae_pp", by="predictor"),
        ),
    )


def _doses(rows: pd.DataFrame) -> Axis:
    """Doses of one distortion."""
    most, unit = float(rows["dose"].max()), in_words(str(rows["unit"].iloc[0]), "unit", {})
    least = float(rows.loc[rows["dose"] > 0, "dose"].min())
    if most <= WIDE * least:
        return Axis(label=unit, low=-0.02 * most, ticks=5, write=format_significant)
    powers = [10.0**k for k in range(-3, 9) if least <= 10.0**k <= most]
    return Axis(
        label=unit, scale="symlog", low=-0.3 * least, ticks=[0, *powers], write=format_compact
    )


def heat_map(
    response: pd.DataFrame, families: Mapping[str, str], facts: Mapping[str, Any]
) -> Figure:
    """One cell per method and distortion, red where the error grows, blue where it shrinks.

    Parameters
    ----------
    response
        distortion, dose, unit, predictor, mae_pp.
    families
        Predictor to its family of methods; families stand together.
    facts
        Of the texts.
    """
    added = added_error(response)
    added = added.loc[sorted(added.index, key=lambda name: (families.get(name, ""), name))]
    added = added[list(dict.fromkeys(response["distortion"]))]
    cells = added.reset_index().melt("predictor", value_name="added").dropna(subset="added")
    most = max(float(cells["added"].abs().max()), 1e-9)
    called = labels("predictor", map(str, added.index))
    heads = {str(name): in_words(str(name), "distortion", {}) for name in added.columns}
    cells = cells.assign(
        method=cells["predictor"].map(called),
        head=cells["distortion"].map(heads),
        # adding 0 turns a rounded -0.0 into 0.0
        words=[in_form(f"{round(one, 1) + 0.0:+.1f}".replace("-", "−")) for one in cells["added"]],
        ground=_reds(0.5 + 0.5 * cells["added"] / most),
    )
    last = response.sort_values("dose", kind="stable").groupby("distortion", sort=False).last()
    last = last.assign(unit=[in_words(unit, "unit", {}) for unit in last["unit"]])
    doses = last.loc[list(heads)].reset_index().to_dict("records")
    return Figure(
        **text.figure("heat_map", doses=doses, **facts),
        x=Axis(names=list(heads.values())),
        y=Axis(names=list(called.values())),
        height=0.55,
        per_row=0.24,
        grid="",
        marks=(Mark("cell", cells, "head", "method", colour="ground", text="words"),),
    )


def _reds(values: pd.Series) -> list[str]:
    """Colours from blue (0) over white to red (1)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["RdBu_r"](value)) for value in values]
