"""What distortions move: the facts of the sentences, and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.arrays import SORTED_DIGITS, sorted_digits
from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.comparison import comparison_report
from bench.report.context import names_of, sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, format_significant, in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.simulated import (
    likeness,
    moved_in_words,
    shown_frames,
    signed,
    users_of_app,
    worth_figure,
)
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results

MAX_PANELS = 6  # distortions with a panel
WIDE = 50  # largest over smallest positive dose from which the axis is logarithmic
SMALL_PP = 0.5  # of a method that nothing moves
TENTH_PP = 0.1  # least movement and least change of the error of which sentences speak
ONE_SCREEN = 12  # rows; of more, those are shown first whom each distortion moves most
DRAWN = {  # by figure: the line, and both ends of its band
    "dose_response": ["moved_pp"],
    "error_by_dose": ["mae_pp", "mae_q05_pp", "mae_q95_pp"],
}
ATTACK, BIAS = "manipulation", "bias"
CASE = ["distortion", "predictor"]
MARKS = dict(zip(style.DASHES, "oD^sXP", strict=True))  # told apart without colour
text = Text("distortions")


def report(experiment: Experiment, results: Results) -> Report:
    """What every dose moves, for whom, and the error; a comparison where candidates are merged."""
    if "response" not in results.tables:
        return _on_categories(experiment, results)
    names = names_of(experiment.elections)
    tables, families = results.tables, results.facts["families"]
    facts = facts_of(tables, names) | {"title": title_of(experiment)}
    facts["source"] = sources_of(experiment.elections)
    response = tables["response"]
    distorted = response[response["distortion"].ne("none")]
    has_doses = bool(distorted["dose"].gt(0).any())
    last = largest_doses(response) if has_doses else response.head(0)
    first = last if len(last) <= ONE_SCREEN else most_moved(last)
    in_order = pd.concat([distorted, response.drop(distorted.index)])
    frames = {
        "dose_response": response if has_doses else response.head(0),
        "dose_response_shown": moved_in_words(in_order, names),
        "largest_doses": last,
        "most_moved": first if len(first) < len(last) else last.head(0),
    }
    for name, rows in (("largest_doses", last), ("most_moved", first)):
        turns = [_turns(row) for row in rows.to_dict("records")]
        frames[f"{name}_shown"] = moved_in_words(rows, names).assign(turns=turns)
    figures: dict[str, Figure] = {}
    if last["mae_pp"].notna().any():
        figures = figures_of(last, distorted, families, facts, names)
    if facts["is_simulated"]:
        frames |= {**tables, "bias_variance": tables["apart"], **shown_frames(tables, names)}
        figures |= worth_figure(tables["worth"], float(results.facts["n_voters"]), names)
        facts["users"] = users_of_app(tables, results.facts, names)
    return view_report("distortions", facts, frames, figures, names=names)


def _on_categories(experiment: Experiment, results: Results) -> Report:
    """The comparison of methods, and why some gave no forecast."""
    compared = comparison_report(experiment, results, kicker=text("kicker_categories"))
    methods = results.tables["methods"]
    silent = methods.loc[methods["status"].ne("ok"), ["predictor", "status", "message"]]
    notes = text.lines("silent", attempts=silent.drop_duplicates().to_dict("records"))
    first, *others = compared.tables
    return replace(compared, tables=(replace(first, notes=(*first.notes, *notes)), *others))


def facts_of(tables: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> dict[str, Any]:
    """The numbers of the findings: what moves most, for whom, and the errors.

    Parameters
    ----------
    tables
        `response`; of simulated evidence also `apart` and `verdicts`.
    names
        Candidates' keys to their names.
    """
    response, apart = tables["response"], tables.get("apart")
    clean = response[response["distortion"].eq("none") & response["mae_pp"].notna()]
    distorted, last = _distorted(response), largest_doses(response)
    last = last[last["mae_pp"].notna() & last["dose"].gt(0)]
    attacks, biases = (last[last["kind"].eq(kind)] for kind in (ATTACK, BIAS))
    changes = last[["moved_pp", "targets_pp", "added_pp"]].abs().max(axis=1)
    is_calm = changes.lt(SMALL_PP).groupby(last["predictor"]).all()
    is_lifted = distorted["kind"].eq(ATTACK) & distorted["moved_pp"].ge(TENTH_PP)
    lifted_closer = distorted[is_lifted & distorted["added_pp"].le(-TENTH_PP)]
    simulated: dict[str, Any] = {"n_electorates": 0}
    if apart is not None:
        clean = clean.merge(apart[["predictor", "bias_share"]], how="left")
        simulated = {"n_electorates": int(apart["electorates"].max())}
        simulated |= likeness(tables["verdicts"])
    return {
        "is_simulated": apart is not None,
        "users": {},
        "attack": _largest(attacks, attacks["moved_pp"], names),
        "bias": _largest(biases, biases["moved_pp"].abs(), names),
        "most": _largest(biases, biases["added_pp"], names),
        "n_attacks": len(attacks),
        "n_biases": len(biases),
        "n_lifted_closer": len(lifted_closer.drop_duplicates(CASE)),
        "calm": list(is_calm.index[is_calm]),
        "clean": clean.sort_values("mae_pp", kind="stable").to_dict("records"),
        "n_replicates": int(response["replicates"].max()),
        "n_methods": response["predictor"].nunique(),
        "n_distortions": distorted["distortion"].nunique(),
        "n_cells": len(last),
        "n_still": int((~last["moved_pp"].abs().ge(1)).sum()),
        "n_below_one": int(last["added_pp"].lt(1).sum()),
    } | simulated


def _largest(rows: pd.DataFrame, sizes: pd.Series, names: Mapping[str, str]) -> dict[Any, Any]:
    """The row of the largest size, unit and candidate in words; empty below a tenth of a point."""
    sizes = sizes.round(SORTED_DIGITS)
    if not sizes.ge(TENTH_PP).any():
        return {}
    largest = rows.loc[[sizes.idxmax()]].to_dict("records")[0]
    return largest | {
        "who": names.get(largest["whom"], largest["whom"]),
        "unit": in_words(largest["unit"], "unit", {}),
        "share_before_pp": largest["share_pp"] - largest["moved_pp"],
    }


def largest_doses(response: pd.DataFrame) -> pd.DataFrame:
    """The row of the largest dose of every distortion and method, beside what was before.

    Returns
    -------
    pandas.DataFrame
        The columns of `response`; mae_before_pp, the error without any distortion, and added_pp,
        what the dose adds to it; of attacks
        turns_after and turns_at, the doses tried next to each other of which the second is the
        first to put whom it serves in the first place of most replicates.
    """
    distorted = _distorted(response)
    last = [distorted.head(0)]
    for _case, rows in distorted.groupby(CASE, sort=False):
        rows = rows.sort_values("dose", kind="stable")
        is_first = rows["kind"].eq(ATTACK) & rows["whom"].eq(rows["most_often_first"])
        at = rows.loc[is_first, "dose"].min()
        last.append(
            rows.tail(1).assign(turns_after=rows.loc[rows["dose"] < at, "dose"].max(), turns_at=at)
        )
    return pd.concat(last)


def _distorted(response: pd.DataFrame) -> pd.DataFrame:
    """The rows of all doses, beside the error without any distortion."""
    is_clean = response["distortion"].eq("none")
    distorted = response[~is_clean]
    before = distorted["predictor"].map(response[is_clean].set_index("predictor")["mae_pp"])
    return distorted.assign(mae_before_pp=before, added_pp=distorted["mae_pp"] - before)


def most_moved(last: pd.DataFrame) -> pd.DataFrame:
    """Of every distortion the method in which its largest dose moves, or else errs, most."""
    in_order = last.assign(size=last["moved_pp"].abs()).sort_values(
        ["size", "added_pp"], ascending=False, key=sorted_digits
    )
    return last[last.index.isin(in_order.drop_duplicates("distortion").index)]


def _turns(row: Mapping[Any, Any]) -> str:
    """Between which doses tried the first place turns; empty where it does not."""
    ends = [one for one in (row["turns_after"], row["turns_at"]) if not pd.isna(one)]
    return text("between", doses=[format_significant(one) for one in ends]) if ends else ""


def figures_of(
    last: pd.DataFrame,
    response: pd.DataFrame,
    families: Mapping[str, str],
    facts: Mapping[str, Any],
    names: Mapping[str, str],
) -> dict[str, Figure]:
    """What is moved, and then the error; parameters as of `dose_figure` and `heat_map`.

    Points by dose are drawn of attacks, each of which serves one candidate at all doses; the error
    by dose of biases, as chance pushes nobody in one direction and adds error.
    """
    figures: dict[str, Figure] = {}
    moved, added = last["moved_pp"], last["added_pp"]
    for kind, by_dose, sizes, of_all, values in (
        (ATTACK, "dose_response", moved.abs(), "moved_map", moved),
        (BIAS, "error_by_dose", added, "heat_map", added),
    ):
        rows = response[response["kind"].eq(kind)]
        largest = sizes[last["kind"].eq(kind)].groupby(last["distortion"], sort=False).max()
        drawn = largest.round(SORTED_DIGITS).dropna()
        if len(drawn):
            figures[by_dose] = dose_figure(by_dose, drawn, rows, families, facts, names)
        figures[of_all] = heat_map(of_all, values, last, families, facts)
    return figures


def dose_figure(
    name: str,
    sizes: pd.Series,
    response: pd.DataFrame,
    families: Mapping[str, str],
    facts: Mapping[str, Any],
    names: Mapping[str, str],
) -> Figure:
    """Points moved, or the mean error, by dose and method: a panel for each distortion.

    Parameters
    ----------
    name
        Of the figure: a key of `DRAWN`.
    sizes
        By distortion, what the largest dose does; the distortions of the largest are drawn.
    response
        distortion, dose, unit, predictor, whom, and the columns of `DRAWN`.
    families
        Predictor to its family of methods.
    facts
        Of the texts.
    names
        Candidates' keys to their names.
    """
    order = _by_family(response, families)
    looks = {
        name: {"color": colour, "linestyle": dash, "marker": MARKS[dash], "size": 0.33}
        for name, (colour, dash) in canvas.method_looks(order, families).items()
    }
    called = labels("predictor", order)
    most = set(sizes.nlargest(MAX_PANELS, keep="first").index)
    value, *band = DRAWN[name]
    rows = response[response["distortion"].isin(most) & response[value].notna()]
    rows = rows.sort_values("dose", kind="stable")
    ends = rows[DRAWN[name]].to_numpy()
    y = Axis(low=1.05 * min(ends.min(), 0.0), high=1.05 * max(ends.max(), 0.0), ticks=5)
    panels = {one: in_words(one, "distortion", {}) for one in sizes.index if one in most}
    if name == "dose_response":
        serves = rows.drop_duplicates("distortion").set_index("distortion")["whom"]
        panels = {one: f"{head} ({names[serves[one]]})" for one, head in panels.items()}
    return Figure(
        **text.figure(name, n_left_out=len(sizes) - len(panels), **facts),
        panel="distortion",
        panels=panels,
        y=y,
        axes={one: (_doses(mine), y) for one, mine in rows.groupby("distortion")},
        height=1.75,
        grid="y",
        looks=looks,
        legend={canvas.cut(called[name], canvas.LONGEST): look for name, look in looks.items()},
        marks=(
            Mark("at", y=0.0, look={"color": style.SOFT, "linestyle": "-"}),
            *([Mark("band", rows, "dose", *band, by="predictor")] if band else []),
            Mark("line", rows, "dose", value, by="predictor"),
        ),
    )


def _by_family(rows: pd.DataFrame, families: Mapping[str, str]) -> list[str]:
    """The methods of some rows, those of a family together."""
    return sorted(rows["predictor"].unique(), key=lambda name: (families.get(name, ""), name))


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
    name: str,
    values: pd.Series,
    last: pd.DataFrame,
    families: Mapping[str, str],
    facts: Mapping[str, Any],
) -> Figure:
    """One cell per method and distortion, red where a value is above 0, blue where below.

    Parameters
    ----------
    name
        Of the figure.
    values
        Points, a value for every row of `last`; nobody moves where there is none.
    last
        Rows of the largest doses: distortion, dose, unit, predictor, mae_pp.
    families
        Predictor to its family of methods; families stand together.
    facts
        Of the texts.
    """
    cells = last.assign(value=values.fillna(0.0))[last["mae_pp"].notna()]
    methods = _by_family(cells, families)
    most = max(float(cells["value"].abs().max()), 1e-9)
    called = labels("predictor", methods)
    doses = last.drop_duplicates("distortion")
    heads = {one: in_words(one, "distortion", {}) for one in doses["distortion"]}
    cells = cells.assign(
        method=cells["predictor"].map(called),
        head=cells["distortion"].map(heads),
        words=[signed(value) for value in cells["value"]],
        ground=_reds(0.5 + 0.5 * cells["value"] / most),
    )
    doses = doses.assign(unit=[in_words(unit, "unit", {}) for unit in doses["unit"]])
    return Figure(
        **text.figure(name, doses=doses.to_dict("records"), **facts),
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
