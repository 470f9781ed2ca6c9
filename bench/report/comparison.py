"""Many votes compared: tables, texts and figures of methods over votes and dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.metrics.comparison.tests import MIN_ELECTIONS
from bench.report.answers import coverage_figure, missing_answers
from bench.report.context import sources_of, title_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import MISSING, Columns, ColumnSpec, format_values
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.report.text import Text
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
        "p_baseline",
        "in_mcs",
        *(f"coverage_{level}" for level in (50, 80, 90, 95)),
    ),
    *("brier_first", "brier_qualify", "p_pair", *TIMES),
)
WRITTEN: Columns = {
    "crps_pp": {"text": "crps_text"},
    "relative_skill": {"text": "skill_text"},
    "better_in": {"text": "better_text", "numeric": False},
    "in_mcs": {"text": "mcs_text", "numeric": False},
    **{key: {"in_files": False} for key in TIMES},
}
text = Text()


def comparison_report(
    experiment: Experiment, results: Results, *, kicker: str = "", notes: Sequence[str] = ()
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
    tables, facts = results.tables, results.facts["comparison"]
    summary, methods = tables["summary"], tables["methods"]
    title, source = title_of(experiment), sources_of(experiment.elections)
    moments = methods[["election", "round", "as_of"]].drop_duplicates()
    figures: dict[str, Figure] = {}
    if summary["relative_skill"].notna().any():
        figures["comparison"] = comparison(summary, title, source)
    if len(moments) > 1:
        figures["coverage"] = coverage_figure(methods, title, source)
    shown = comparison_tables(
        summary,
        tables["by_round"],
        tables["by_vote"],
        facts,
        title,
        timings=tables.get("timings"),
        notes=notes,
    )
    counts = text.pairs(
        "compared_counts",
        elections=moments["election"].nunique(),
        votes=len(moments.drop_duplicates(["election", "round"])),
        moments=len(moments),
        methods=methods["predictor"].nunique(),
    )
    return Report(
        title=title,
        findings=(leader(summary), text("extent", **facts["extent"])),
        tables=(*shown, missing_answers(methods)),
        figures=figures,
        source=source,
        kicker=kicker or text("compared_kicker"),
        reading={name: text(f"{name}_reading") for name in ("comparison", "coverage")},
        counts=counts,
    )


def comparison_tables(
    summary: pd.DataFrame,
    by_round: pd.DataFrame,
    by_vote: pd.DataFrame,
    facts: Mapping[str, Any],
    title: str,
    *,
    timings: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
) -> list[Table]:
    """The comparison of methods, of each round where there are several, and the votes behind it.

    Parameters
    ----------
    summary
        One row per predictor, from `bench.metrics.comparison.compare`.
    by_round
        The same within each round; empty for a single round.
    by_vote
        Mean CRPS in points, votes by predictors; NaN where a method did not answer.
    facts
        Of `bench.metrics.comparison.compare.Comparison`.
    title
        Heading.
    timings
        Seconds of every attempt. They are printed and not written into files, which are the same
        bytes for the same command.
    notes
        What else stands below the first.
    """
    shown = summary if timings is None else with_time(summary, timings)
    said = (*comparison_notes(facts), *notes)
    heading = text("compared_heading")
    tables = [_ranking("summary", summary, shown, title=title, heading=heading, notes=said)]
    if len(by_round):
        words = text("compared_by_round_title", title=title)
        heading = text("compared_by_round_heading")
        tables.append(_ranking("by_round", by_round, by_round, title=words, heading=heading))
    newest = by_vote.sort_values("as_of", ascending=False, kind="stable")
    newest["as_of"] = pd.to_datetime(newest["as_of"]).dt.strftime("%Y-%m-%d")
    methods = [str(key) for key in newest if key not in ("election", "round", "as_of")]
    called = labels("predictor", methods)
    return [
        *tables,
        table(
            "by_vote",
            by_vote,
            shown=newest,
            title=text("compared_by_vote_title", title=title),
            heading=text("compared_by_vote_heading"),
            notes=text.lines("compared_by_vote_notes"),
            columns={key: ColumnSpec(called[key], form="2") for key in methods},
            filters=("election", "round", "as_of"),
        ),
    ]


def comparison_notes(facts: Mapping[str, Any]) -> list[str]:
    """What the comparison rests on, who answered less, and what was tested."""
    notes = [text("extent", **facts["extent"])]
    for one in facts["missing"]:
        missing = [text("vote_unanswered", **vote) for vote in one["votes"]]
        missing += [text("candidate_unanswered", **gone) for gone in one["candidates"]]
        notes.append(text("unanswered", set=one["set"], methods=one["methods"], missing=missing))
    for one in facts["tests"]:
        pairs = [text("closer", **pair) for pair in one["pairs"]]
        notes += text.lines("tested", **{**one, "pairs": pairs})
    return notes


def _ranking(name: str, data: pd.DataFrame, shown: pd.DataFrame, **words: Any) -> Table:
    """Methods compared over the same votes; of each round where the data have one."""
    return table(
        name,
        data,
        shown=_written(shown),
        show=[key for key in SHOWN if key in shown],
        columns=WRITTEN,
        of="comparison",
        filters=("round", "group", "predictor", "in_mcs") if "round" in shown else FILTERS,
        terminal=True,
        **words,
    )


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the texts of what one number does not say."""
    rows = rows.reindex(columns=list(dict.fromkeys((*rows, *NEEDED))))
    has_none = rows["relative_low"].isna().all()
    words = {key: text.words(f"{key}_words") for key in ("direction", "within")}
    better = [
        MISSING if pd.isna(one) or pd.isna(of) else text("better_in", n=round(one), of=round(of))
        for one, of in zip(rows["better_in"], rows["compared_in"], strict=True)
    ]
    return rows.assign(
        **{
            key: MISSING if has_none else rows[key].map(called).fillna(MISSING)
            for key, called in words.items()
        },
        crps_text=_intervals(rows, "crps_pp", "low_pp", "high_pp"),
        skill_text=_intervals(rows, "relative_skill", "relative_low", "relative_high"),
        better_text=better,
        mcs_text=[
            MISSING if pd.isna(one) else text("in_set", held=bool(one)) for one in rows["in_mcs"]
        ],
    )


def _intervals(rows: pd.DataFrame, *keys: str) -> list[str]:
    """Values with their intervals, where they have one."""
    texts = zip(*(format_values(list(rows[key]), "2") for key in keys), strict=True)
    return [one if low == MISSING else f"{one} ({low}–{high})" for one, low, high in texts]


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


def leader(summary: pd.DataFrame) -> str:
    """Who came closest in the set of most forecasts, with what the number of elections allows."""
    return text("leader", **leader_facts(summary))


def leader_facts(summary: pd.DataFrame) -> dict[str, Any]:
    """The numbers of `leader`.

    Parameters
    ----------
    summary
        predictor, group, rank, elections, votes, crps_pp, low_pp, high_pp; relative_low (NaN: no
        interval), compared_in (NaN: the baseline) and direction where methods have a ratio.
    """
    if summary.empty:
        return {"n_methods": 0}
    first = largest_set(summary).sort_values("rank", kind="stable")
    best, n = first.iloc[0], int(first["elections"].iloc[0])
    directions: dict[str, list[str]] = {}
    baseline = None
    if "direction" in summary and summary["relative_low"].notna().any():
        is_base = summary["compared_in"].isna() & summary["direction"].eq("")
        baseline = next(iter(summary.loc[is_base, "predictor"]), None)
        by_direction = summary.groupby("direction", sort=False)["predictor"].agg(list)
        directions = {key: by_direction[key] for key in DIRECTIONS if key in by_direction}
    has_better = "better" in set(summary.get("direction", ()))
    return {
        "n_methods": len(first),
        "all": len(first) == len(summary),
        "votes": int(best["votes"]),
        "elections": n,
        "lead": list(first.loc[first["rank"].eq(best["rank"]), "predictor"]),
        "none_better": n >= MIN_ELECTIONS and not has_better and len(first) > 1,
        "directions": directions,
        "baseline": baseline,
        **{key: _known(best[f"{key}_pp"]) for key in ("crps", "low", "high")},
    }


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def outside(reasons: Mapping[str, str]) -> tuple[str, ...]:
    """Who stands outside the comparison, and why, by method; nothing where nobody does.

    Examples
    --------
    >>> outside({"last_poll": "it leaks"})
    ('Outside the comparison: “Last poll of each institute” (it leaks).',)
    """
    return text.lines("outside", reasons=reasons) if reasons else ()


TICKS = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)  # times the baseline


def comparison(summary: pd.DataFrame, title: str, source: str) -> Figure:
    """One panel per set of votes, one row per method.

    Parameters
    ----------
    summary
        group, predictor, votes, relative_skill, and NaN without an interval: relative_low,
        relative_high.
    title, source
        Heading, and where evidence and outcome come from.
    """
    called = labels("predictor", summary["predictor"].unique())
    rows = summary.sort_values(["group", "relative_skill"], kind="stable")
    rows = rows.assign(method=rows["predictor"].map(called))
    x = Axis(label=text("comparison_axis"), scale="log", ticks=TICKS)
    sets = dict(iter(rows.groupby(rows["group"].astype(int))))
    return Figure(
        **text.figure(
            "comparison",
            title=title,
            all_votes=canvas.span(summary["votes"].astype(int)),
            intervals=summary["relative_low"].notna().any(),
            least=_least(summary),
            source=source,
        ),
        panel="group",
        panels={
            group: text("comparison_set", set=group, votes=int(mine["votes"].iloc[0]))
            for group, mine in sets.items()
        },
        x=x,
        axes={group: (x, Axis(names=list(mine["method"]))) for group, mine in sets.items()},
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


def _least(summary: pd.DataFrame) -> dict[str, Any]:
    """The least error in the largest set, if it is one's alone."""
    rows = largest_set(summary)
    if len(rows) < 2 or rows["votes"].iloc[0] < 2:
        return {}
    best = rows.iloc[int(rows["relative_skill"].to_numpy().argmin())]
    return {
        "none_smaller": bool(best["relative_skill"] == 1),
        "n": len(rows),
        "votes": int(best["votes"]),
        "method": str(best["predictor"]),
        "times": float(best["relative_skill"]),
    }
