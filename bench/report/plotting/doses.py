"""What studies of simulated evidence draw, still and live: error by dose, what is added, worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import N_, _, in_form, ngettext
from bench.core.options import label, labels
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import CANDIDATES, format_compact, format_significant, in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

MOST_PANELS = 6  # scenarios with a panel
WIDE = 50  # largest over smallest positive dose from which the axis is logarithmic
MARKS = dict(zip(style.DASHES, "oD^sXP", strict=True))  # told apart without colour
SIZES = (25_000.0, 1_000_000.0)
SHADES = (style.SOFT, style.METHOD_COLOURS["app ratings"])  # of the sizes
MILLION = SIZES[1]
REAL = "real ballot"
POLL = 1_000.0
RHO, INTERVIEWS = (2e-5, 0.3), (0.3, 3e6)  # ends of the axes
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


def simulated_doses(response: pd.DataFrame, families: Mapping[str, str], title: str) -> Figure:
    """The mean error of every method that reads what a scenario distorts, by dose.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, replicates, mae_pp, mae_q05_pp, mae_q95_pp.
    families
        Predictor to its family of methods.
    title
        Of the experiment.
    """
    order = sorted(response["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    looks = {
        name: {"color": colour, "linestyle": dash, "marker": MARKS[dash], "size": 0.33}
        for name, (colour, dash) in canvas.method_looks(order, families).items()
    }
    called = labels("predictor", order)
    every = list(dict.fromkeys(response["scenario"]))
    added = added_error(response)
    most_added = added.max().reindex(every).fillna(0).nlargest(MOST_PANELS, keep="first").index
    scenarios = [name for name in every if name in set(most_added)]
    rows = response[response["scenario"].isin(scenarios)].sort_values("dose")
    y = Axis(low=0, high=1.05 * float(response[["mae_pp", "mae_q95_pp"]].max().max()), ticks=5)
    return Figure(
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
        panel="scenario",
        panels={name: _scenario(name) for name in scenarios},
        y=y,
        axes={name: (_doses(mine), y) for name, mine in rows.groupby("scenario")},
        height=1.75,
        grid="y",
        looks=looks,
        legend={canvas.cut(called[name], canvas.LONGEST): look for name, look in looks.items()},
        marks=(
            Mark("band", rows, "dose", "mae_q05_pp", "mae_q95_pp", by="predictor"),
            Mark("line", rows, "dose", "mae_pp", by="predictor"),
        ),
    )


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


def _doses(rows: pd.DataFrame) -> Axis:
    """Doses of one scenario."""
    most, unit = float(rows["dose"].max()), _(str(rows["unit"].iloc[0]))
    least = float(rows.loc[rows["dose"] > 0, "dose"].min())
    if most <= WIDE * least:
        return Axis(label=unit, low=-0.02 * most, ticks=5, write=format_significant)
    powers = [10.0**k for k in range(-3, 9) if least <= 10.0**k <= most]
    return Axis(
        label=unit, scale="symlog", low=-0.3 * least, ticks=[0, *powers], write=format_compact
    )


def heat_map(response: pd.DataFrame, families: Mapping[str, str], title: str) -> Figure:
    """One cell per method and scenario, red where the error grows, blue where it shrinks.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, mae_pp.
    families
        Predictor to its family of methods; families stand together.
    title
        Of the experiment.
    """
    added = added_error(response)
    added = added.loc[sorted(added.index, key=lambda name: (families.get(name, ""), name))]
    added = added[list(dict.fromkeys(response["scenario"]))]
    cells = added.reset_index().melt("predictor", value_name="added").dropna(subset="added")
    most = max(float(cells["added"].abs().max()), 1e-9)
    called = labels("predictor", map(str, added.index))
    heads = {str(name): _scenario(str(name)) for name in added.columns}
    cells = cells.assign(
        method=cells["predictor"].map(called),
        head=cells["scenario"].map(heads),
        # adding 0 turns a rounded -0.0 into 0.0
        words=[in_form(f"{round(one, 1) + 0.0:+.1f}".replace("-", "−")) for one in cells["added"]],
        ground=_reds(0.5 + 0.5 * cells["added"] / most),
    )
    return Figure(
        title=_("What the largest dose adds: {title}", title=title),
        claim=_(
            "In {k} of {n} cases the largest dose adds less than one point of error",
            k=int((added < 1).sum().sum()),
            n=len(cells),
        ),
        subtitle=_("percentage points of mean absolute error that the largest dose adds"),
        caption=_(
            "Largest doses: {doses}. Blank: the method does not read what the scenario "
            "changes, or abstains at that dose. Doses of different scenarios cost "
            "differently, so columns cannot be compared; an attack may also push a wrong "
            "forecast towards the vote (blue).",
            doses=", ".join(_largest(response)),
        ),
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


def effective_size(worth: pd.DataFrame, n_voters: float) -> Figure:
    """Effective size against |rho| for some sizes, the real self-selected ballot marked.

    Parameters
    ----------
    worth
        sample, candidate, n, rho, n_eff; the "real ballot" is marked where it has an effective
        size.
    n_voters
        Valid votes.
    """
    real, marks = marked(worth, n_voters)
    unsure = worth[worth["sample"].eq(REAL) & worth["candidate"].ne("all") & worth["n_eff"].isna()]
    least = {
        "interviews": format_significant(marks.min(), 2),
        "candidate": real["candidate"].iloc[int(marks.argmin())],
    }
    worth_of = [format_significant(mark, 2) for mark in marks]
    real = real.assign(interviews=marks, said=real["candidate"] + " " + worth_of)
    rho = np.geomspace(*RHO, 200)
    lines = pd.concat(
        pd.DataFrame({"ratings": n, "rho": rho, "interviews": effective(n, rho, n_voters)})
        for n in SIZES
    )
    starts = pd.DataFrame({"ratings": SIZES, "rho": RHO[0]}).assign(
        words=[_("{n} ratings", n=format_compact(n)) for n in SIZES]
    )
    looks = {n: {"color": shade, "ink": shade} for n, shade in zip(SIZES, SHADES, strict=True)}
    return Figure(
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
        x=Axis(
            label=_(
                "|ρ|, correlation over all voters between voting for the candidate and taking part"
            ),
            scale="log",
            low=RHO[0],
            high=RHO[1],
            write=format_significant,
        ),
        y=Axis(scale="log", low=INTERVIEWS[0], high=INTERVIEWS[1], write=format_compact),
        height=3.4,
        grid="y",
        looks=looks,
        marks=(
            Mark("at", y=POLL, look={"color": style.SOFT, "linestyle": "--"}),
            Mark("line", lines, "rho", "interviews", by="ratings"),
            Mark("text", starts, "rho", "ratings", text="words", by="ratings", look={"dy": 0.9}),
            Mark("dot", real, "rho", "interviews", look={"color": SHADES[1], "size": 0.75}),
            Mark("ends", real, "rho", "interviews", text="said", look={"color": style.GRID}),
        ),
    )


def _left_out(names: list[str]) -> str:
    if not names:
        return ""
    return _("No dot: {names}, an error near zero is no size.", names=names) + " "


def named(table: pd.DataFrame, names: Mapping[str, str] | None) -> pd.DataFrame:
    """The table with its candidates called by their names, where these are known."""
    keys = [key for key in CANDIDATES if key in table]
    return table.assign(**{key: table[key].replace(dict(names or {})) for key in keys})


def dose_figures(
    response: pd.DataFrame, families: Mapping[str, str], title: str
) -> dict[str, Callable[[str], Drawing]]:
    """The error by dose, and what the largest dose adds; nothing where no method says anything."""
    if response["mae_pp"].isna().all():
        return {}
    return {
        "dose_response": simulated_doses(response, families, title).draw,
        "heat_map": heat_map(response, families, title).draw,
    }


def worth_figure(
    worth: pd.DataFrame, n_voters: float, names: Mapping[str, str] | None = None
) -> dict[str, Callable[[str], Drawing]]:
    """The figure of the effective size, where a real self-selected ballot has any to show."""
    if marked(worth, n_voters)[0].empty:
        return {}
    return {"worth": effective_size(named(worth, names), n_voters).draw}
