"""What it takes to turn a forecast: the facts of the sentences, and the figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.core.language import in_form
from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.context import names_of, sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, in_words
from bench.report.report import Report
from bench.report.simulated import (
    likeness,
    moved_in_words,
    shown_frames,
    users_of_app,
    worth_figure,
)
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results

POWERS = [10.0**k for k in range(-4, 10)]
EVENTS = {
    "first": {"marker": "o", "shift": 0.16},
    "pair": {"marker": "D", "shift": -0.16, "fill": False},
}
CONCLUSIONS = {  # as tables hold them, by their text
    "more_error": re.compile("(?P<worse>.+) errs more than (?P<better>.+)"),
    "more_accounts": re.compile(
        "(?P<distortion>.+): (?P<dear>.+) needs more accounts than (?P<cheap>.+)"
    ),
}
MAX_ASSUMPTIONS = 3  # that are shown of each attack and method
text = Text("breaking_point")


def report(experiment: Experiment, results: Results) -> Report:
    """Breaking points, their range over the priors, and what they depend on."""
    tables, names = results.tables, names_of(experiment.elections)
    points, stated = tables["points"], str(results.facts["stated"])
    facts = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        **facts_of(tables, stated, names),
        "users": users_of_app(tables, results.facts, names),
    }
    frames = {
        **tables,
        "breaking_points_shown": moved_in_words(points, names),
        "sensitivity_shown": _most_sensitive(tables["sensitivity"]),
        "alternatives_shown": tables["alternatives"].assign(
            conclusion=list(map(_conclusion, tables["alternatives"]["conclusion"]))
        ),
        **shown_frames(tables, names),
    }
    mine = points[points["beneficiary"].eq(stated)]
    figures = {} if not facts["n_mine"]["found"] else {"breaking_points": dose_figure(mine, facts)}
    figures |= worth_figure(tables["worth"], float(results.facts["n_voters"]), names)
    return view_report("breaking_point", facts, frames, figures, names=names)


def facts_of(
    tables: Mapping[str, pd.DataFrame], stated: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """The numbers of the findings: the smallest attack, what was found, and what flips.

    A range that begins at 0 says that the candidate may be there without any attack: no smallest
    attack is shown then, however small the dose with assumptions as set.

    Parameters
    ----------
    tables
        points, alternatives, verdicts.
    stated
        The candidate of whom the figure speaks.
    names
        Candidates' keys to their names.
    """
    points, alternatives = tables["points"], tables["alternatives"]
    found = points[points["status"].eq("found")]
    counted = found.dropna(subset="share_of_honest_users").sort_values(
        "share_of_honest_users", kind="stable"
    )
    smallest: dict[str, Any] = {}
    for one in counted[counted["low"].gt(0)].head(1).to_dict("records"):
        smallest = {str(key): value for key, value in one.items()}
        smallest["who"] = names.get(one["beneficiary"], one["beneficiary"])
        smallest["unit"] = in_words(one["unit"], "unit", {})
        smallest["is_bounded"] = bool(np.isfinite(one["high"]))
    flips = alternatives[alternatives["holds"].ne("yes")]
    mine = points[points["beneficiary"].eq(stated)]
    by_event = {event: mine.loc[mine["event"].eq(event), "status"] for event in EVENTS}
    return {
        "smallest": smallest,
        "n_counted": len(counted),
        "n_searches": len(points),
        "n_found": len(found),
        "n_beyond": int(points["status"].eq("beyond").sum()),
        "n_at_once": int(points["status"].eq("at once").sum()),
        "n_free": int(found["low"].eq(0).sum()),
        "n_flips": flips["conclusion"].nunique(),
        "n_conclusions": alternatives["conclusion"].nunique(),
        "flipping": [in_words(one, "alternative", {}) for one in flips["alternative"].unique()],
        "n_distortions": points["distortion"].nunique(),
        "n_methods": points["predictor"].nunique(),
        "who": names.get(stated, stated),
        "n_mine": {
            "found": int(mine["status"].eq("found").sum()),
            **{event: int(status.eq("found").sum()) for event, status in by_event.items()},
            **{f"of_{event}": len(status) for event, status in by_event.items()},
        },
        **likeness(tables["verdicts"]),
    }


def _most_sensitive(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """The assumptions that move each breaking point most, their ends as people write them."""

    def end(stored: str) -> str:
        power, is_power, _value = stored.partition("power ")
        number = in_form(stored.removeprefix("power "))
        return text("power", power=number) if is_power and not power else number

    shown = sensitivity.drop(columns="beneficiary").groupby(["distortion", "predictor"])
    few = shown.head(MAX_ASSUMPTIONS)
    return few.assign(**{key: list(map(end, few[key])) for key in ("at_low", "at_high")})


def _conclusion(stored: str) -> str:
    """A conclusion with methods and distortions by their names."""
    for key, pattern in CONCLUSIONS.items():
        if found := pattern.fullmatch(stored):
            return text(key, **found.groupdict())
    return stored


def dose_figure(points: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """One panel per distortion: dose by method, both events for one candidate.

    Whoever comes first is in the runoff too, so no mark of "first" lies left of its "runoff".

    Parameters
    ----------
    points
        Of one candidate: distortion, predictor, event, status, dose, low, high, unit.
    facts
        Of the texts.
    """
    found = points[points["status"].eq("found")]
    called = labels("predictor", sorted(points["predictor"].unique()))
    rows = found.assign(
        method=found["predictor"].map(called),
        low=found["low"].clip(1e-12, 1e12),
        high=found["high"].clip(1e-12, 1e12),
    )
    words = text.words("drawn_events")
    return Figure(
        **text.figure("breaking_points", **facts),
        panel="distortion",
        panels={one: in_words(one, "distortion", {}) for one in found["distortion"].unique()},
        axes={
            distortion: (_decades(mine), Axis(names=list(dict.fromkeys(mine["method"]))))
            for distortion, mine in rows.sort_values("predictor", kind="stable").groupby(
                "distortion"
            )
        },
        per_line=2,
        height=0.75,
        per_row=0.2,
        looks=EVENTS,
        legend={words[key]: {**look, "linestyle": "-"} for key, look in EVENTS.items()},
        marks=(
            Mark("rule", rows, "low", "method", "high", by="event"),
            Mark("dot", rows, "dose", "method", by="event"),
        ),
    )


def frame_of(rows: pd.DataFrame) -> tuple[float, float]:
    """The powers of ten around all doses and intervals, from 0.0001 to 1e9."""
    # 0 and infinity have no place on the axis
    ends = rows[["low", "dose", "high"]].to_numpy(float)
    ends = ends[(ends > 0) & np.isfinite(ends)]
    low, high = float(ends.min()), float(ends.max())
    start = max([p for p in POWERS if p <= low], default=POWERS[0])
    return start, min([p for p in POWERS if p >= high], default=POWERS[-1])


def _decades(rows: pd.DataFrame) -> Axis:
    """Few of the powers of ten of its frame are labelled."""
    start, end = frame_of(rows)
    kept = [p for p in POWERS if start <= p <= end]
    return Axis(
        label=in_words(str(rows["unit"].iloc[0]), "unit", {}),
        scale="log",
        low=start * 0.8,
        high=end * 1.25,
        ticks=kept[:: -(-len(kept) // 6)],
        write=format_compact,
    )
