"""Where voters went: facts of the sentences, frames of the tables, flows and levels as figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.settings import Experiment
from bench.data.election import Election, load_election, rounds_of_runoff
from bench.data.margins import NOBODY
from bench.data.tables import outcome_of
from bench.report.charts import PERCENT
from bench.report.context import ReportContext, election_title, names_of, sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.vote_transfers.analysis import Settings, whole_electorate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

GAP = 0.012  # between bars, as a share of the height
LABEL_GAP = 0.041  # between labels, as a share of the height
MIN_FLOW = 0.002  # share of all votes below which a flow is not drawn
MAX_PANELS = 6
COLOURS = ("#0b4f96", "#4a92c8", "#2a7f62", "#d99000", "#9a7fe0", "#4b5563")
BOUNDS = {"color": style.BAND, "height": 0.82, "zorder": 0}
NO_CANDIDATE = ("abstention", "blank_null", "not_expressed")
text = Text("vote_transfers")


def report(experiment: Experiment, results: Results) -> Report:
    """Where the voters went, at every level of areas."""
    settings, known, tables = settings_of(Settings, experiment), results.facts, results.tables
    rounds = tables["transitions"]
    everybody = rounds[rounds["electorate"].eq(whole_electorate(rounds["electorate"]))]
    context = context_of_transfers(load_election(known["elections"][0]))
    weights = tables["weights"].set_index("origin")["votes"]
    beaten = origins_of(everybody, context, weights)
    told, drawn = (
        beaten[: settings.n_told],
        [name for name in beaten if name != NOBODY][:MAX_PANELS],
    )
    finest = known["levels"][0]
    facts = {
        **known,
        "title": title_of(experiment, known["elections"][:1]),
        "name": context.name,
        "source": context.source,
        "level": settings.level,
        "finest": known["labels"][finest],
        "n_levels": everybody["level"].nunique(),
        "n_origins": _readable(everybody)["from_candidate"].nunique(),
        "origins": [origin_facts(everybody, tables["others"], context, one) for one in told],
    }
    frames = {**tables, **_past_vote(tables), "areas_used_shown": tables["timings"]}
    frames["areas_used"] = tables["timings"].drop(columns=["wall_s", "cpu_s"])
    flows = everybody[everybody["level"].eq(finest)]
    return view_report(
        "vote_transfers",
        facts,
        frames,
        {
            "transfers": lambda size: transfers(flows, weights, context, facts, size=size),
            "transfer_levels": transfer_levels(everybody, tables["others"], context, drawn, facts),
        },
        names=names_of(known["elections"]) | text.words("nobody"),
    )


def context_of_transfers(election: Election) -> ReportContext:
    """The last round: names, colours and sources."""
    runoff = rounds_of_runoff(election)[1]
    outcome = outcome_of(election, runoff.number)
    people = election.people.set_index("candidate")
    return ReportContext(
        election=election.name,
        name=election_title(election.title),
        round=runoff.number,
        as_of=runoff.known_at,
        vote_on=runoff.vote_on,
        outcome=outcome.share,
        names={str(key): str(one) for key, one in people["name"].items()},
        families={str(key): str(one) for key, one in people["family"].items()},
        qualifiers=tuple(map(str, outcome.share.nlargest(outcome.n_advance).index)),
        n_advance=outcome.n_advance,
        title=election_title(election.title),
        source=sources_of([str(election.folder)]),
    )


def origins_of(everybody: pd.DataFrame, context: ReportContext, weights: pd.Series) -> list[str]:
    """Readable origins that are not in the last round: candidates by votes, then nobody."""
    readable = set(_readable(everybody)["from_candidate"])
    ordered = map(str, weights.sort_values(ascending=False, kind="stable").index)
    beaten = [name for name in ordered if name in readable and name not in context.by_votes]
    return sorted(beaten, key=lambda name: name == NOBODY)


def origin_facts(
    everybody: pd.DataFrame, others: pd.DataFrame, context: ReportContext, origin: str
) -> dict[str, Any]:
    """Where most voters of an origin went, in percent: the model, and the other sources.

    The range holds the estimates of every level and the model's own interval at the finest: neither
    the choice of the level nor the noise at one level may narrow the other.
    """
    rows = _readable(everybody)
    mine = rows[rows["from_candidate"].eq(origin)]
    at_finest = mine[mine["level"].eq(everybody["level"].iloc[0])]
    best = at_finest.sort_values("share", ascending=False, kind="stable").iloc[0]
    to = str(best["to"])
    levels = PERCENT * mine.loc[mine["to"].eq(to), "share"]
    lower, upper = PERCENT * best["lower"], PERCENT * best["upper"]
    same = others[others["from_candidate"].eq(origin) & others["to"].eq(to)]
    return {
        "origin": "" if origin == NOBODY else context.name_of(origin),
        "goal": context.name_of(to),
        "stayed": text.words("stayed").get(to, ""),
        "n": len(levels),
        "low": levels.min(),
        "high": levels.max(),
        "share": PERCENT * best["share"],
        "lower": lower,
        "upper": upper,
        "least": min(levels.min(), lower),
        "most": max(levels.max(), upper),
        "sources": dict(zip(same["source"], PERCENT * same["share"], strict=True)),
    }


def _past_vote(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    name = "past_vote_transitions"
    if name not in tables:
        return {}
    rows = _readable(tables[name])
    wide = PERCENT * rows.pivot(index="from_candidate", columns="to", values="share")
    return {name: wide.reset_index()}


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["readable"].astype(bool)]


def _names(context: ReportContext) -> dict[str, str]:
    """Surnames, and what people did who chose nobody."""
    return {**context.surnames, **text.words("nobody")}


def votes_moved(rows: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Votes by origin and goal [R, K] as a share of all, most votes first, people before nobody.

    Parameters
    ----------
    rows
        from_candidate, to, share.
    weights
        Votes behind each origin.
    """
    flows = rows.pivot_table(index="from_candidate", columns="to", values="share")
    origins = [
        c for c in weights.sort_values(ascending=False, kind="stable").index if c in flows.index
    ]
    flows = flows.loc[origins].mul(weights[origins], axis=0)
    flows = flows / float(np.nansum(flows.to_numpy()))
    goals = list(flows.sum().sort_values(ascending=False, kind="stable").index)
    return flows[sorted(goals, key=lambda goal: goal in NO_CANDIDATE)]


@canvas.styled
def transfers(
    flows: pd.DataFrame,
    weights: pd.Series,
    context: ReportContext,
    facts: Mapping[str, Any],
    *,
    size: str = "double",
) -> Drawing:
    """Draw vote transfers as flows from candidates (left) to candidates or abstention (right).

    Parameters
    ----------
    flows
        from_candidate, to, share, readable.
    weights
        Votes behind each origin.
    context
        For names and colours.
    facts
        Of the texts.
    size
        Size preset.
    """
    moved = votes_moved(flows, weights)
    figure, axes, _top = canvas.sheet(
        size,
        3.4,
        **text.figure("transfers", n_drawn=len(moved), smallest=MIN_FLOW, **facts),
    )
    hollow = set(flows.loc[~flows["readable"], "from_candidate"])
    _draw(axes[0, 0], moved, canvas.candidate_colours(context), _names(context), hollow)
    return figure


def _draw(
    axis: Axes,
    moved: pd.DataFrame,
    colours: Mapping[str, str],
    names: Mapping[str, str],
    hollow: Set[str],
) -> None:
    from matplotlib.patches import Rectangle

    sides = (moved.sum(axis=1), moved.sum())
    tops = [_stack(sums) for sums in sides]
    # left edge of the bars, then from where to where a line leads to the text
    ends = ((0.0, 0.0, -0.03, "right"), (0.98, 1.0, 1.03, "left"))
    for (bar, start, at, ha), sums, top in zip(ends, sides, tops, strict=True):
        heights = {str(key): float(value) for key, value in sums.items()}
        middles = [top[key] - height / 2 for key, height in heights.items()]
        places = canvas.spread_out([-m for m in middles], LABEL_GAP, -1.0, 0.3)
        for (key, height), middle, place in zip(heights.items(), middles, places, strict=True):
            colour = colours.get(key, style.SOFT)
            corner = (bar, top[key] - height)
            axis.add_patch(Rectangle(corner, 0.02, height, color=colour, linewidth=0))
            axis.plot(
                [start, at + (0.005 if ha == "right" else -0.005)],
                [middle, -place],
                color=style.SOFT,
                linewidth=0.4,
                clip_on=False,
            )
            text = f"{canvas.cut(names[key], 20)}  {format_probability(height)}"
            axis.text(at, -place, text, ha=ha, va="center")
    _flows(axis, moved, tops, colours, hollow)
    axis.set_xlim(0, 1)
    lowest = min(
        min(top.values()) - float(sums.iloc[-1]) for top, sums in zip(tops, sides, strict=True)
    )
    axis.set_ylim(lowest - 0.01, 1.01)
    axis.axis("off")


def _stack(sums: pd.Series) -> dict[str, float]:
    """Upper edge of every bar, from the top down, with gaps, in a height of 1."""
    gap = GAP if len(sums) < 20 else GAP / 2
    edge, tops = 1.0, {}
    for key, value in sums.items():
        tops[str(key)] = edge
        edge -= float(value) + gap
    return tops


def _flows(
    axis: Axes,
    moved: pd.DataFrame,
    tops: Sequence[dict[str, float]],
    colours: Mapping[str, str],
    hollow: Set[str],
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, right = map(dict, tops)
    ahead = (0.02, 0.5, 0.5, 0.98)
    codes = [Path.MOVETO, *3 * [Path.CURVE4], Path.LINETO, *3 * [Path.CURVE4], Path.CLOSEPOLY]
    for (i, j), thick in np.ndenumerate(moved.to_numpy(float)):
        if np.isnan(thick):
            continue
        origin, goal = str(moved.index[i]), str(moved.columns[j])
        a, b = left[origin], right[goal]
        left[origin], right[goal] = a - thick, b - thick
        if thick >= MIN_FLOW:
            above = zip(ahead, (a, a, b, b), strict=True)
            below = zip(ahead[::-1], (b - thick, b - thick, a - thick, a - thick), strict=True)
            look: dict[str, Any] = (
                {"facecolor": "none", "edgecolor": style.SOFT, "linewidth": 0.4}
                if origin in hollow
                else {"facecolor": colours.get(origin, style.SOFT), "alpha": 0.42, "linewidth": 0}
            )
            axis.add_patch(PathPatch(Path([*above, *below, (0.02, a)], codes), **look))


def transfer_levels(
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    context: ReportContext,
    origins: Sequence[str],
    facts: Mapping[str, Any],
) -> Figure:
    """The estimate of every level, one panel per origin, beside bounds and other sources.

    Parameters
    ----------
    estimates
        level, from_candidate, to, share, lower, upper, least, most; levels from fine to coarse.
    others
        source, from_candidate, to, share: surveys and published estimates.
    context
        For the names.
    origins
        Panels, in order.
    facts
        Of the texts; `labels` of the levels.
    """
    levels = {
        str(one): facts["labels"].get(str(one), str(one)) for one in estimates["level"].unique()
    }
    sources = {str(one): str(one) for one in others["source"].unique()}
    marks = [("o", colour) for colour in COLOURS], [(mark, style.INK) for mark in "Ds^"]
    called = [
        (words, *look)
        for known, looks in zip((levels, sources), marks, strict=True)
        for words, look in zip(known.values(), cycle(looks), strict=False)
    ]
    shifts = np.linspace(-0.32, 0.32, len(called))
    looks = {
        words: {"color": colour, "marker": mark, "shift": float(shift), "size": 0.42}
        for (words, mark, colour), shift in zip(called, shifts, strict=True)
    }
    parts = [
        estimates.assign(source=estimates["level"].map(levels)),
        others.assign(source=others["source"].map(sources)),
    ]
    rows = pd.concat(parts, ignore_index=True)
    shares = ["share", "lower", "upper", "least", "most"]
    rows[shares] = PERCENT * rows[shares]
    finest = rows[rows["level"].eq(next(iter(levels)))].dropna(subset="least")
    names = _names(context)
    goals = {str(goal): names[str(goal)] for goal in estimates["to"].unique()}
    finest, rows = (one.assign(goal=one["to"].map(goals)) for one in (finest, rows))
    return Figure(
        **text.figure("transfer_levels", **facts),
        panel="from_candidate",
        panels={origin: names[origin] for origin in origins},
        x=Axis(label=text("share"), low=-2, high=102),
        y=Axis(names=list(goals.values())),
        per_line=2,
        height=0.35,
        per_row=0.52,
        looks=looks,
        legend={
            words: {**look, "linestyle": "-" if look["marker"] == "o" else ""}
            for words, look in looks.items()
        },
        marks=(
            Mark("bar", finest, "least", "goal", "most", look=BOUNDS),
            Mark("rule", rows, "lower", "goal", "upper", by="source"),
            Mark("dot", rows, "share", "goal", by="source"),
        ),
    )
