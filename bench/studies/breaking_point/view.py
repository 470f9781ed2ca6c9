"""What it takes to turn a forecast: the facts of the document, tables and the figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.columns import in_words
from bench.report.context import names_of, sources_of, title_of
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, in_form
from bench.report.report import Report
from bench.report.simulated import (
    MOVED_COLUMNS,
    Simulated,
    moved_in_words,
    simulated_evidence,
)
from bench.runner.results import Results

POWERS = [10.0**k for k in range(-4, 10)]
EVENTS = {
    "first": {"marker": "o", "shift": 0.16},
    "pair": {"marker": "D", "shift": -0.16, "fill": False},
}
CONCLUSIONS = {  # as tables hold them, by their macro
    "more_error": re.compile("(?P<worse>.+) errs more than (?P<better>.+)"),
    "more_accounts": re.compile(
        "(?P<distortion>.+): (?P<dear>.+) needs more accounts than (?P<cheap>.+)"
    ),
}
MAX_ASSUMPTIONS = 3  # that are shown of each attack and method
IN_TABLE = [
    *("distortion", "beneficiary", "predictor", "event", "moved_pp", "moved_se_pp", "places"),
    *("through_changed", "status", "dose", "low", "high", "unit", "share_found"),
    *("share_of_honest_users", "price_low", "price_high"),
]
COLUMNS = MOVED_COLUMNS | {
    "through_changed": "%",
    "dose": {"form": "2g"},
    "low": {"form": "2g"},
    "high": {"form": "2g"},
    "share_found": {"form": "%"},
    "share_of_honest_users": {"form": "2g%"},
    "price_low": {"form": "2g", "in_terminal": False},
    "price_high": {"form": "2g", "in_terminal": False},
}


class SmallestAttack(NamedTuple):
    """The attack that needs the fewest accounts relative to the honest users.

    `low` and `high` are the 5% and 95% of the doses in the draws of all assumptions; `is_bounded`
    where the latter is a dose that was tried. `unit` is that of the dose in words, `candidate`
    whom the attack serves.
    """

    distortion: str
    predictor: str
    event: str
    candidate: str
    unit: str
    dose: float
    low: float
    high: float
    is_bounded: bool
    share_of_honest_users: float
    moved_pp: float
    moved_se_pp: float
    place_before: float
    place: float


class Facts(TypedDict):
    """What the document knows.

    Of `n_searches` a dose turned the forecast in `n_turned` (of which `n_relative_to_users` count
    accounts, and `n_free` may need none), none of those tried in `n_beyond`, and none was needed in
    `n_at_once`. Of `n_conclusions`, `n_flips` flip under the alternatives `flipping`. The figure is
    about `candidate`: `n_first` searches for the first place and `n_pair` for the runoff.
    """

    title: str
    source: str
    simulated: Simulated
    smallest: SmallestAttack | None
    n_searches: int
    n_turned: int
    n_relative_to_users: int
    n_free: int
    n_beyond: int
    n_at_once: int
    n_flips: int
    n_conclusions: int
    flipping: list[str]
    n_distortions: int
    n_methods: int
    candidate: str
    n_first: int
    n_first_turned: int
    n_pair: int
    n_pair_turned: int


PAGE = Document(
    "breaking_point",
    Facts,
    tables=(
        *("breaking_points", "sensitivity", "alternatives"),
        *("verdicts", "validation", "worth"),
    ),
    figures=("breaking_points", "worth"),
)


def report(experiment: Experiment, results: Results) -> Report:
    """Breaking points, their range over the priors, and what they depend on."""
    names, points = names_of(experiment.elections), results.tables["points"]
    stated = str(results.facts["stated"])
    simulated, shared_tables, shared_figures = simulated_evidence(results, names)
    facts = facts_of(
        results.tables,
        stated,
        names,
        simulated,
        title=title_of(experiment),
        source=sources_of(experiment.elections),
    )
    figures: dict[str, AnyFigure | MakeFigure] = {**shared_figures}
    if facts["n_first_turned"] or facts["n_pair_turned"]:
        figures["breaking_points"] = partial(dose_figure, points[points["beneficiary"].eq(stated)])
    return PAGE.report(facts, tables_of(results.tables, names) | shared_tables, figures)


def facts_of(
    tables: Mapping[str, pd.DataFrame],
    stated: str,
    names: Mapping[str, str],
    simulated: Simulated,
    *,
    title: str = "",
    source: str = "",
) -> Facts:
    """The numbers of the findings: the smallest attack, what was found, and what flips.

    Parameters
    ----------
    tables
        points, alternatives.
    stated
        The candidate of whom the figure speaks.
    names
        Candidates' keys to their names.
    simulated
        As of `Facts`, like `title` and `source`.
    """
    points, alternatives = tables["points"], tables["alternatives"]
    turned = points[points["status"].eq("found")]
    flips = alternatives[alternatives["holds"].ne("yes")]
    of_stated = points[points["beneficiary"].eq(stated)]
    n_asked = of_stated["event"].value_counts()
    n_turned = of_stated.loc[of_stated["status"].eq("found"), "event"].value_counts()
    return Facts(
        title=title,
        source=source,
        simulated=simulated,
        smallest=smallest_attack(turned, names),
        n_searches=len(points),
        n_turned=len(turned),
        n_relative_to_users=int(turned["share_of_honest_users"].notna().sum()),
        n_free=int(turned["low"].eq(0).sum()),
        n_beyond=int(points["status"].eq("beyond").sum()),
        n_at_once=int(points["status"].eq("at once").sum()),
        n_flips=flips["conclusion"].nunique(),
        n_conclusions=alternatives["conclusion"].nunique(),
        flipping=_alternatives(flips["alternative"].unique()),
        n_distortions=points["distortion"].nunique(),
        n_methods=points["predictor"].nunique(),
        candidate=names.get(stated, stated),
        n_first=int(n_asked.get("first", 0)),
        n_first_turned=int(n_turned.get("first", 0)),
        n_pair=int(n_asked.get("pair", 0)),
        n_pair_turned=int(n_turned.get("pair", 0)),
    )


def smallest_attack(turned: pd.DataFrame, names: Mapping[str, str]) -> SmallestAttack | None:
    """The attack that needs the fewest accounts relative to the honest users.

    A range that begins at 0 says that the candidate may be there without any attack: no smallest
    attack is shown then, however small the dose with assumptions as set.

    Parameters
    ----------
    turned
        Rows of the breaking points whose status is found.
    names
        Candidates' keys to their names.
    """
    relative = turned[turned["share_of_honest_users"].notna() & turned["low"].gt(0)]
    if relative.empty:
        return None
    ordered = relative.sort_values("share_of_honest_users", kind="stable")
    row = ordered.head(1).to_dict("records")[0]
    row["candidate"] = names.get(row["beneficiary"], row["beneficiary"])
    row["unit"] = in_words(row["unit"], "unit")
    row["is_bounded"] = bool(np.isfinite(row["high"]))
    return SmallestAttack(**{key: row[key] for key in SmallestAttack._fields})


def tables_of(tables: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> dict[str, MakeTable]:
    """The tables of the study itself, of those that have rows.

    Parameters
    ----------
    tables
        points, sensitivity, alternatives.
    names
        Candidates' keys to their names.
    """
    points, sensitivity, alternatives = (
        tables[name] for name in ("points", "sensitivity", "alternatives")
    )
    made: dict[str, MakeTable] = {}
    if len(points):
        made["breaking_points"] = table_of(
            points,
            shown=moved_in_words(points, names),
            show=IN_TABLE,
            columns=COLUMNS,
            first={"distortion": str(points["distortion"].iloc[0])},
            names=names,
            terminal=True,
        )
    if len(sensitivity):
        made["sensitivity"] = table_of(
            sensitivity,
            shown=most_sensitive(sensitivity),
            columns=dict.fromkeys(("dose_low", "dose", "dose_high", "factor"), "2g"),
            first={"distortion": str(sensitivity["distortion"].iloc[0])},
            names=names,
        )
    if len(alternatives):
        made["alternatives"] = table_of(
            alternatives,
            shown=alternatives.assign(
                alternative=_alternatives(alternatives["alternative"]),
                conclusion=list(map(_conclusion, alternatives["conclusion"])),
            ),
            columns={"ratio_as_set": "2g", "ratio": "2g"},
            names=names,
        )
    return made


def most_sensitive(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """The assumptions that move each breaking point most, their ends as people write them.

    Parameters
    ----------
    sensitivity
        From `bench.studies.breaking_point.analysis.sensitivity`, the largest factors first.
    """
    by_search = sensitivity.drop(columns="beneficiary").groupby(["distortion", "predictor"])
    rows = by_search.head(MAX_ASSUMPTIONS)
    return rows.assign(**{key: list(map(_prior_end, rows[key])) for key in ("at_low", "at_high")})


def _prior_end(stored: str) -> str:
    """The quantile of a prior, in the form of the language."""
    number = in_form(stored.removeprefix("power "))
    return PAGE.text("power", exponent=number) if stored.startswith("power ") else number


def _alternatives(keys: Iterable[str]) -> list[str]:
    """Alternatives as people call them."""
    return [PAGE.text("alternative", key=key) for key in keys]


def _conclusion(stored: str) -> str:
    """A conclusion with methods and distortions by their names."""
    for macro, pattern in CONCLUSIONS.items():
        if match := pattern.fullmatch(stored):
            return PAGE.text(macro, **match.groupdict())
    return stored


def dose_figure(points: pd.DataFrame, words: Words) -> Figure:
    """One panel per distortion: dose by method, both events for one candidate.

    Whoever comes first is in the runoff too, so no mark of "first" lies left of its "runoff".

    Parameters
    ----------
    points
        Of one candidate: distortion, predictor, event, status, dose, low, high, unit.
    words
        With what both events are called.
    """
    methods = labels("predictor", sorted(points["predictor"].unique()))
    turned = points[points["status"].eq("found")]
    rows = turned.assign(
        method=turned["predictor"].map(methods),
        low=turned["low"].clip(1e-12, 1e12),
        high=turned["high"].clip(1e-12, 1e12),
    )
    by_method = rows.sort_values("predictor", kind="stable")
    return Figure(
        panel="distortion",
        panels={key: in_words(key, "distortion") for key in turned["distortion"].unique()},
        axes={
            distortion: (_decades(panel), Axis(names=list(dict.fromkeys(panel["method"]))))
            for distortion, panel in by_method.groupby("distortion")
        },
        per_line=2,
        height=0.75,
        per_row=0.2,
        looks=EVENTS,
        legend={words.labels[key]: {**look, "linestyle": "-"} for key, look in EVENTS.items()},
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
    start = max([power for power in POWERS if power <= low], default=POWERS[0])
    return start, min([power for power in POWERS if power >= high], default=POWERS[-1])


def _decades(rows: pd.DataFrame) -> Axis:
    """Few of the powers of ten of its frame are labelled."""
    start, end = frame_of(rows)
    powers = [power for power in POWERS if start <= power <= end]
    step = -(-len(powers) // 6)
    return Axis(
        label=in_words(str(rows["unit"].iloc[0]), "unit"),
        scale="log",
        low=start * 0.8,
        high=end * 1.25,
        ticks=powers[::step],
        write=format_compact,
    )
