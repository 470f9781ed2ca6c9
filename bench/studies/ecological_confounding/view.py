"""What the study of confounded ecological inference shows: its facts, a table and a figure."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pandas as pd

from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results

TICKS = (0.5, 1, 2, 5, 10, 20, 50)  # percent
HELD = {
    "covered": {"marker": "D", "linestyle": "-"},
    "covered_votes": {"marker": "^", "linestyle": ":"},
}
text = Text("ecological_confounding")


def report(experiment: Experiment, results: Results) -> Report:
    """Error index and coverage by dose."""
    found, facts = results.tables["by_dose"], results.facts
    mine = found[found["method"].eq(facts["default"])].sort_values("dose", kind="stable")
    said: dict[str, Any] = {
        **{key: facts[key] for key in ("default", "level", "unit")},
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        "at_zero": mine.iloc[0].to_dict(),
        "worst": mine.iloc[-1].to_dict(),
        "n": int(found["replicates"].max()),
        "n_methods": found["method"].nunique(),
        "replicates": canvas.span(found["replicates"]),
    }
    figures = {"by_dose": confounding(found, said)}
    return view_report("ecological_confounding", said, {"by_dose": found}, figures)


def looks_of(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Colour, dashes and marker of every method, the least error first."""
    means = table.groupby("method")["error_index"].mean().sort_values(kind="stable")
    looks = zip(means.index, cycle(style.SERIES), cycle(style.DASHES[:4]), cycle(style.MARKERS))
    return {
        str(name): {"color": colour, "linestyle": dash, "marker": marker}
        for name, colour, dash, marker in looks
    }


def confounding(table: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """The error index of every method by dose, and what the default's intervals hold.

    Parameters
    ----------
    table
        dose, method, replicates, error_index, low, high, covered, covered_votes.
    facts
        Of the texts: `default`, the method whose intervals were measured, and `level`, their
        nominal coverage, 0 to 1.
    """
    default, looks = facts["default"], looks_of(table)
    errors = table.sort_values("dose", kind="stable").assign(panel="error")
    mine = errors[errors["method"].eq(default)].assign(panel="coverage")
    held = {key: {"color": looks[default]["color"], **look} for key, look in HELD.items()}
    names = text.words("held")
    x, small = Axis(label=text("figure_axis", **facts)), {"size": 0.36}
    nominal = pd.DataFrame({"panel": ["coverage"], "level": [facts["level"]]})
    return Figure(
        **text.figure("figure", **facts),
        claim=text.lines("findings", **facts)[0],
        panels=text.words("panels", **facts),
        x=x,
        axes={
            "error": (x, Axis(scale="log", ticks=TICKS)),
            "coverage": (x, Axis(low=0, high=1.02)),
        },
        per_line=2,
        height=2.5,
        grid="y",
        looks=looks,
        legend={name.replace("_", " "): look for name, look in looks.items()}
        | {names[key]: look for key, look in held.items()},
        marks=(
            Mark("at", nominal, y="level", look={"color": style.SOFT}),
            Mark("band", errors, "dose", "low", "high", by="method"),
            Mark("line", errors, "dose", "error_index", by="method", look=small),
            *(
                Mark("line", mine, "dose", key, look={**look, **small})
                for key, look in held.items()
            ),
        ),
    )
