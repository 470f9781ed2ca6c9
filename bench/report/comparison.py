"""Many votes compared: tables, texts and figures of methods over votes and dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypedDict

import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.metrics.comparison.tests import MIN_ELECTIONS
from bench.report.answers import Answers, coverage, missing_table
from bench.report.context import sources_of, title_of
from bench.report.document import Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import MISSING, format_values
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.runner.results import Results

NEEDED = (
    "low_pp",
    "high_pp",
    "relative_low",
    "relative_high",
    "direction",
    "within",
    "detectable",
    "better_in",
    "compared_in",
    "in_mcs",
)
DIRECTIONS = ("better", "worse", "not_shown")
FILTERS = ("group", "in_mcs")
TIMES = {"cpu_ms": "cpu_s", "wall_ms": "wall_s"}
SHOWN = (
    *("round", "group", "predictor", "elections", "votes", "crps_pp", "mae_pp", "relative_skill"),
    *(
        *("direction", "within", "detectable"),
        "better_in",
        "in_mcs",
        *(f"coverage_{level}" for level in (50, 80, 90, 95)),
    ),
    *("brier_first", "brier_qualify", "p_pair", *TIMES),
)
COLUMNS: dict[str, str | dict[str, Any]] = {
    **dict.fromkeys(("group", "elections", "votes"), "0"),
    "crps_pp": {"text": "crps_text"},
    "relative_skill": {"text": "skill_text"},
    "detectable": "2",
    "better_in": {"text": "better_text", "numeric": False},
    "in_mcs": {"text": "mcs_text", "numeric": False},
    "coverage_*": "%",
    "brier_*": "3",
    "p_pair": "%",
    **{key: {"form": "1", "in_files": False} for key in TIMES},
}


class Leader(NamedTuple):
    """Who came closest in the set of most forecasts.

    `is_about_all`: all methods are in that set. `directions` holds methods by what their intervals
    show, `baseline` that with which they are compared; `crps`, `low` and `high` are points.
    """

    n_methods: int
    n_votes: int = 0
    n_elections: int = 0
    methods: tuple[str, ...] = ()
    is_about_all: bool = True
    is_none_better: bool = False
    directions: Mapping[str, list[str]] = {}
    baseline: str | None = None
    crps: float | None = None
    low: float | None = None
    high: float | None = None


class Extent(TypedDict):
    """What `bench.metrics.comparison.compare` says of the votes."""

    elections: int
    votes: int
    moments: int
    several_dates: bool
    tested: bool
    correlated: bool
    fewest: int
    level: float
    rho: float


class Gaps(NamedTuple):
    """What a set of methods did not answer, in words."""

    set: int
    methods: list[str]
    unanswered: list[str]


class TestedSet(NamedTuple):
    """What was tested in a set of methods; `pairs` that differ are in words."""

    round: int | None
    set: int
    elections: int
    n_methods: int
    n_pairs: int
    level: float
    smallest_p: float
    pairs: list[str]
    set_level: float
    kept: list[str]


class Least(NamedTuple):
    """The smallest mean ratio of the largest set."""

    is_baseline: bool
    n_methods: int
    n_votes: int
    method: str
    ratio: float


class Ratios(NamedTuple):
    """Words of the figure; `sets` holds the number of votes and dates by set."""

    all_votes: str
    has_intervals: bool
    least: Least | None
    sets: dict[int, int]


class Compared(NamedTuple):
    """What `comparison.en.md` knows; `outside` holds why methods are not compared."""

    n_elections: int
    n_votes: int
    n_moments: int
    n_methods: int
    leader: Leader
    extent: Extent
    missing: list[Gaps]
    tests: list[TestedSet]
    outside: Mapping[str, str]
    ratios: Ratios | None

    @classmethod
    def of(cls, results: Results, outside: Mapping[str, str] | None = None) -> Compared:
        """Those of the results of `comparison_report`."""
        summary, methods = results.tables["summary"], results.tables["methods"]
        facts = results.facts["comparison"]
        moments = methods[["election", "round", "as_of"]].drop_duplicates()
        return cls(
            n_elections=moments["election"].nunique(),
            n_votes=len(moments.drop_duplicates(["election", "round"])),
            n_moments=len(moments),
            n_methods=methods["predictor"].nunique(),
            leader=leader_of(summary),
            extent=facts["extent"],
            missing=[_gaps(gaps) for gaps in facts["missing"]],
            tests=[_tested(tests) for tests in facts["tests"]],
            outside=outside or {},
            ratios=ratios_of(summary) if summary["relative_skill"].notna().any() else None,
        )


class Facts(TypedDict):
    """What `compared.en.md` knows."""

    title: str
    source: str
    kicker: str
    compared: Compared
    notes: Sequence[str]
    answers: Answers


WORDS = Document("", Facts, name="comparison")
COMPARED = Document(
    "",
    Facts,
    tables=("summary", "by_round", "by_vote", "missing"),
    figures=("comparison", "coverage"),
    name="compared",
)


def comparison_report(
    experiment: Experiment, results: Results, *, kicker: str, notes: Sequence[str] = ()
) -> Report:
    """Texts, tables and figures of methods over many votes.

    Parameters
    ----------
    experiment
        The settings.
    results
        Tables `summary`, `by_round`, `by_vote` and `timings` as of `comparison_tables`; `methods`,
        what became of every attempt: election, round, as_of, predictor, status, named,
        n_candidates, message. Fact `comparison`: those of
        `bench.metrics.comparison.compare.Comparison`.
    kicker
        The line above the heading.
    notes
        What else stands below the first table.
    """
    facts = Facts(
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        kicker=kicker,
        compared=Compared.of(results),
        notes=notes,
        answers=Answers.of(results.tables["methods"]),
    )
    return COMPARED.report(facts, comparison_tables(results), comparison_figures(results))


def comparison_figures(results: Results) -> dict[str, MakeFigure]:
    """The ratios of errors, and who answered when, where there are several moments."""
    summary, methods = results.tables["summary"], results.tables["methods"]
    figures: dict[str, MakeFigure] = {}
    if summary["relative_skill"].notna().any():
        figures["comparison"] = partial(comparison, summary)
    if len(methods[["election", "round", "as_of"]].drop_duplicates()) > 1:
        figures["coverage"] = partial(coverage, methods)
    return figures


def comparison_tables(results: Results) -> dict[str, MakeTable]:
    """The comparison of methods, of each round where there are several, and the votes behind it.

    Parameters
    ----------
    results
        Tables `summary` (one row per predictor, from `bench.metrics.comparison.compare`),
        `by_round` (the same within each round; empty for a single round), `by_vote` (mean CRPS in
        points, votes by predictors; NaN where a method did not answer) and, where there is one,
        `timings` (seconds of every attempt, which are printed and not written into files: these are
        the same bytes for the same command); `methods`.
    """
    summary, by_round = results.tables["summary"], results.tables["by_round"]
    by_vote, timings = results.tables["by_vote"], results.tables.get("timings")
    shown = summary if timings is None else with_time(summary, timings)
    tables = {"summary": _ranking(summary, shown)}
    if len(by_round):
        tables["by_round"] = _ranking(by_round, by_round)
    newest = by_vote.sort_values("as_of", ascending=False, kind="stable")
    newest["as_of"] = pd.to_datetime(newest["as_of"]).dt.strftime("%Y-%m-%d")
    methods = [str(key) for key in newest if key not in ("election", "round", "as_of")]
    called = labels("predictor", methods)
    tables["by_vote"] = table_of(
        by_vote,
        shown=newest,
        columns={key: {"label": called[key], "form": "2"} for key in methods},
        filters=("election", "round", "as_of"),
    )
    return tables | {"missing": missing_table(results.tables["methods"])}


def _gaps(gaps: Mapping[str, Any]) -> Gaps:
    """What a set lacks, in words."""
    votes = [WORDS.text("vote_unanswered", **vote) for vote in gaps["votes"]]
    candidates = [WORDS.text("candidate_unanswered", **absent) for absent in gaps["candidates"]]
    return Gaps(gaps["set"], gaps["methods"], [*votes, *candidates])


def _tested(tests: Mapping[str, Any]) -> TestedSet:
    """What was tested, the pairs that differ in words."""
    pairs = [
        WORDS.text("closer", method=pair["closer"], farther=pair["other"], p=pair["p"])
        for pair in tests["pairs"]
    ]
    return TestedSet(**{**tests, "pairs": pairs})


def _ranking(data: pd.DataFrame, shown: pd.DataFrame) -> MakeTable:
    """Methods compared over the same votes; of each round where the data have one."""
    return table_of(
        data,
        shown=_written(shown),
        show=SHOWN,
        columns=COLUMNS,
        filters=("round", "group", "predictor", "in_mcs") if "round" in shown else FILTERS,
        terminal=True,
    )


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the texts of what one number does not say."""
    rows = rows.reindex(columns=list(dict.fromkeys((*rows, *NEEDED))))
    has_none = rows["relative_low"].isna().all()
    return rows.assign(
        **{
            name: [
                WORDS.text(name, key=key) if key and not (has_none or pd.isna(key)) else MISSING
                for key in rows[name]
            ]
            for name in ("direction", "within")
        },
        crps_text=_intervals(rows, "crps_pp", "low_pp", "high_pp"),
        skill_text=_intervals(rows, "relative_skill", "relative_low", "relative_high"),
        better_text=[
            MISSING
            if pd.isna(n) or pd.isna(n_compared)
            else WORDS.text("better_in", n=round(n), n_compared=round(n_compared))
            for n, n_compared in zip(rows["better_in"], rows["compared_in"], strict=True)
        ],
        mcs_text=[
            MISSING if pd.isna(in_set) else WORDS.text("in_set", is_in=bool(in_set))
            for in_set in rows["in_mcs"]
        ],
    )


def _intervals(rows: pd.DataFrame, *keys: str) -> list[str]:
    """Values with their intervals, where they have one."""
    texts = zip(*(format_values(list(rows[key]), "2") for key in keys), strict=True)
    return [value if low == MISSING else f"{value} ({low}–{high})" for value, low, high in texts]


def with_time(summary: pd.DataFrame, timings: pd.DataFrame) -> pd.DataFrame:
    """The summary with the median milliseconds of every predictor's forecasts.

    Examples
    --------
    >>> timings = pd.DataFrame({"predictor": "a", "cpu_s": [0.002, 0.004], "wall_s": [0.01, 0.01]})
    >>> with_time(pd.DataFrame({"predictor": ["a"]}), timings).to_dict("records")
    [{'predictor': 'a', 'cpu_ms': 3.0, 'wall_ms': 10.0}]
    """
    took = 1000 * timings.groupby("predictor")[list(TIMES.values())].median()
    return summary.assign(**{key: summary["predictor"].map(took[of]) for key, of in TIMES.items()})


def leader_of(summary: pd.DataFrame) -> Leader:
    """Who came closest in the set of most forecasts, with what the number of elections allows.

    Parameters
    ----------
    summary
        predictor, group, rank, elections, votes, crps_pp, low_pp, high_pp; relative_low (NaN: no
        interval), compared_in (NaN: the baseline) and direction where methods have a ratio.
    """
    if summary.empty:
        return Leader(n_methods=0)
    first = largest_set(summary).sort_values("rank", kind="stable")
    best, n_elections = first.iloc[0], int(first["elections"].iloc[0])
    directions: dict[str, list[str]] = {}
    baseline = None
    if "direction" in summary and summary["relative_low"].notna().any():
        is_base = summary["compared_in"].isna() & summary["direction"].eq("")
        baseline = next(iter(summary.loc[is_base, "predictor"]), None)
        by_direction = summary.groupby("direction", sort=False)["predictor"].agg(list)
        directions = {key: by_direction[key] for key in DIRECTIONS if key in by_direction}
    has_better = "better" in set(summary.get("direction", ()))
    return Leader(
        n_methods=len(first),
        n_votes=int(best["votes"]),
        n_elections=n_elections,
        methods=tuple(first.loc[first["rank"].eq(best["rank"]), "predictor"]),
        is_about_all=len(first) == len(summary),
        is_none_better=n_elections >= MIN_ELECTIONS and not has_better and len(first) > 1,
        directions=directions,
        baseline=baseline,
        crps=_number_or_none(best["crps_pp"]),
        low=_number_or_none(best["low_pp"]),
        high=_number_or_none(best["high_pp"]),
    )


def _number_or_none(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


TICKS = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)  # times the baseline


def ratios_of(summary: pd.DataFrame) -> Ratios:
    """Words of `comparison`."""
    by_set = summary.drop_duplicates("group").sort_values("group", kind="stable")
    return Ratios(
        all_votes=canvas.span(summary["votes"].astype(int)),
        has_intervals=bool(summary["relative_low"].notna().any()),
        least=_least(summary),
        sets=dict(zip(by_set["group"].astype(int), by_set["votes"].astype(int), strict=True)),
    )


def comparison(summary: pd.DataFrame, words: Words) -> Figure:
    """One panel per set of votes, one row per method.

    Parameters
    ----------
    summary
        group, predictor, votes, relative_skill, and NaN without an interval: relative_low,
        relative_high.
    words
        Of the section; labels of the sets head the panels.
    """
    called = labels("predictor", summary["predictor"].unique())
    rows = summary.sort_values(["group", "relative_skill"], kind="stable")
    rows = rows.assign(method=rows["predictor"].map(called))
    x = Axis(scale="log", ticks=TICKS)
    sets = dict(iter(rows.groupby(rows["group"].astype(int))))
    return Figure(
        panel="group",
        panels={group: words.labels[str(group)] for group in sets},
        x=x,
        axes={group: (x, Axis(names=list(members["method"]))) for group, members in sets.items()},
        per_line=1,
        height=0.3,
        per_row=0.19,
        more=0.2,
        marks=(
            Mark("at", x=1, look={"color": style.METHOD_COLOURS["baselines"]}),
            Mark("rule", rows, "relative_low", "method", "relative_high"),
            Mark("dot", rows, "relative_skill", "method"),
        ),
    )


def largest_set(summary: pd.DataFrame) -> pd.DataFrame:
    """The methods of that set of equal votes in which most forecasts are compared.

    Examples
    --------
    >>> sets = pd.DataFrame({"group": [1, 1, 2, 2, 2], "votes": [2, 2, 1, 1, 1]})
    >>> largest_set(sets)["votes"].tolist()
    [2, 2]
    """
    forecasts = summary.groupby("group")["votes"].transform("sum")
    largest = summary[forecasts.eq(forecasts.max())]
    return largest[largest["group"].eq(largest["group"].min())]


def _least(summary: pd.DataFrame) -> Least | None:
    """The least error in the largest set, if it is of one method alone."""
    rows = largest_set(summary)
    if len(rows) < 2 or rows["votes"].iloc[0] < 2:
        return None
    best = rows.iloc[int(rows["relative_skill"].to_numpy().argmin())]
    return Least(
        is_baseline=bool(best["relative_skill"] == 1),
        n_methods=len(rows),
        n_votes=int(best["votes"]),
        method=str(best["predictor"]),
        ratio=float(best["relative_skill"]),
    )
