"""Many votes compared: tables, texts and figures of methods over votes and dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.metrics.comparison.tests import MIN_ELECTIONS
from bench.report.context import sources_of, title_of
from bench.report.formatting import MISSING, Columns, ColumnSpec, format_values
from bench.report.plotting.comparison import comparison, coverage, largest_set
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.report.text import Text, quoted
from bench.runner.results import Results

if TYPE_CHECKING:
    from bench.report.figure import Figure

__all__ = ["comparison_report", "comparison_tables", "missing_table", "outside", "quoted"]

DATE = r"\d+ \w+ \d{4}"
NEEDED = (
    "low_pp",
    "high_pp",
    "relative_low",
    "relative_high",
    "verdict",
    "better_in",
    "compared_in",
    "in_mcs",
)
VERDICTS = ("better", "worse", "equivalent", "not_enough")
FILTERS = ("group", "in_mcs")
TIMES = {"cpu_ms": "cpu_s", "wall_ms": "wall_s"}
SHOWN = (
    *("round", "group", "predictor", "elections", "votes", "crps_pp", "mae_pp", "relative_skill"),
    *(
        "verdict",
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
        figures["coverage"] = coverage(methods, title, source)
    shown = comparison_tables(
        summary,
        tables["by_round"],
        tables["by_vote"],
        facts,
        title,
        timings=tables["timings"],
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
        tables=(*shown, missing_table(methods)),
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
    verdicts, has_none = text.words("verdicts"), rows["relative_low"].isna().all()
    better = [
        MISSING if pd.isna(one) or pd.isna(of) else text("better_in", n=round(one), of=round(of))
        for one, of in zip(rows["better_in"], rows["compared_in"], strict=True)
    ]
    return rows.assign(
        verdict=[
            MISSING if pd.isna(low) and has_none else verdicts.get(one, MISSING)
            for one, low in zip(rows["verdict"], rows["relative_low"], strict=True)
        ],
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
        interval), compared_in (NaN: the baseline) and verdict where methods have a ratio.
    """
    if summary.empty:
        return {"n_methods": 0}
    first = largest_set(summary).sort_values("rank", kind="stable")
    best, n = first.iloc[0], int(first["elections"].iloc[0])
    verdicts: dict[str, list[str]] = {}
    baseline = None
    if "verdict" in summary and summary["relative_low"].notna().any():
        is_base = summary["compared_in"].isna() & summary["verdict"].eq("")
        baseline = next(iter(summary.loc[is_base, "predictor"]), None)
        judged = summary.groupby("verdict", sort=False)["predictor"].agg(list)
        verdicts = {key: judged[key] for key in VERDICTS if key in judged}
    has_better = "better" in set(summary.get("verdict", ()))
    return {
        "n_methods": len(first),
        "all": len(first) == len(summary),
        "votes": int(best["votes"]),
        "elections": n,
        "lead": list(first.loc[first["rank"].eq(1), "predictor"]),
        "none_better": n >= MIN_ELECTIONS and not has_better and len(first) > 1,
        "verdicts": verdicts,
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


def missing_table(methods: pd.DataFrame) -> Table:
    """What is missing and why: one row per predictor and reason.

    Parameters
    ----------
    methods
        As `comparison_report`.
    """
    whole = methods["named"].ge(methods["n_candidates"])
    outcome = whole.map({True: "whole ballot", False: "part of the ballot"})
    outcome = outcome.where(methods["status"].eq("ok"), methods["status"])
    why = methods["message"].fillna("").astype(str).str.replace(DATE, "…", regex=True)
    barred = methods.get("unranked", pd.Series("", methods.index)).fillna("").astype(str)
    out = barred.ne("") & methods["status"].eq("ok")
    outcome, why = outcome.mask(out, "outside the comparison"), why.mask(out, barred)
    less = outcome.eq("part of the ballot") & why.eq("")
    rows = pd.DataFrame(
        {
            "predictor": methods["predictor"],
            "outcome": outcome,
            "why": why.where(~less, "names fewer candidates"),
        }
    )
    asked = rows.groupby("predictor").size()
    counts = rows.value_counts(sort=False).rename("votes_and_dates").reset_index()
    counts = counts.sort_values(["predictor", "outcome", "why"], ignore_index=True)
    counts["of"] = counts["predictor"].map(asked)
    counts = counts[["predictor", "outcome", "votes_and_dates", "of", "why"]]
    words = text.words("answers")
    return table(
        "missing",
        counts,
        shown=counts.assign(
            **{key: counts[key].map(lambda one: words.get(one, one)) for key in ("outcome", "why")}
        ),
        title=text("compared_missing_title"),
        heading=text("compared_missing_heading"),
        notes=text.lines("compared_missing_notes") if counts["why"].str.contains("…").any() else (),
    )
