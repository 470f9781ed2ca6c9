"""Many votes compared: tables, sentences and figures of methods over votes and dates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import N_, Message, _, ngettext, told
from bench.core.options import labels
from bench.core.settings import Experiment
from bench.metrics.comparison.tests import MIN_ELECTIONS
from bench.report.context import sources_of, title_of
from bench.report.formatting import MISSING, Columns, ColumnSpec, format_values
from bench.report.plotting.comparison import comparison, coverage, largest_set
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DATE = r"\d+ \w+ \d{4}"
READING = {
    "comparison": N_(
        "Each dot is a method: left of the line it came closer to the votes than the baseline, "
        "right of it less close. A bar that crosses the line does not say who is closer, nor that "
        "both are alike."
    ),
    "coverage": N_(
        "Each row is a method, each column a vote and date. A full mark means an answer for the "
        "whole ballot."
    ),
    "reliability": N_(
        "Of the events that a method gave 30%, did 30% come true? Dots on the diagonal say yes; "
        "below it the method promised too much, above it too little."
    ),
}
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
VERDICTS = {  # of bench.metrics.comparison.ratios
    "better": N_("better"),
    "worse": N_("worse"),
    "equivalent": N_("equivalent"),
    "not_enough": N_("not enough information"),
}
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


def comparison_report(experiment: Experiment, results: Results, *, kicker: str = "") -> Report:
    """Words, tables and figures of methods over many votes.

    Parameters
    ----------
    experiment
        The settings.
    results
        Tables `summary`, `by_round`, `by_vote` and `timings` as of `comparison_tables`; `methods`,
        what became of every attempt: election, round, as_of, predictor, status, named,
        n_candidates, message. Fact `sentences`: what the comparison says.
    kicker
        The line above the heading.
    """
    tables = results.tables
    summary, methods = tables["summary"], tables["methods"]
    sentences = sentences_of(results)
    title, source = title_of(experiment), sources_of(experiment.elections)
    votes = methods[["election", "round"]].drop_duplicates()
    moments = methods[["election", "round", "as_of"]].drop_duplicates()
    figures: dict[str, Callable[[str], Figure]] = {}
    if summary["relative_skill"].notna().any():
        figures["comparison"] = comparison(summary, title, source).draw
    if len(moments) > 1:
        figures["coverage"] = coverage(methods, title, source).draw
    shown = comparison_tables(
        summary,
        tables["by_round"],
        tables["by_vote"],
        sentences,
        title,
        timings=tables["timings"],
    )
    return Report(
        title=title,
        findings=(leader(summary), *sentences[:1]),  # the others stand below the table
        tables=(*shown, missing_table(methods)),
        figures=figures,
        source=source,
        kicker=kicker or _("Many votes compared"),
        reading={name: _(words) for name, words in READING.items()},
        counts=(
            (_("Elections"), str(votes["election"].nunique())),
            (_("Votes"), str(len(votes))),
            (_("Votes and dates"), str(len(moments))),
            (_("Predictors"), str(methods["predictor"].nunique())),
        ),
    )


def comparison_tables(
    summary: pd.DataFrame,
    by_round: pd.DataFrame,
    by_vote: pd.DataFrame,
    sentences: Sequence[str],
    title: str,
    *,
    timings: pd.DataFrame | None = None,
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
    sentences
        What the comparison says, in words.
    title
        Heading.
    timings
        Seconds of every attempt. They are printed and not written into files, which are the same
        bytes for the same command.
    """
    shown = summary if timings is None else with_time(summary, timings)
    said, heading = [told(one) for one in sentences], _("The methods over all votes")
    tables = [_ranking("summary", summary, shown, title=title, heading=heading, notes=said)]
    if len(by_round):
        words = _("{title}: each round by itself", title=title)
        heading = _("Each round by itself")
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
            title=_("{title}: CRPS by vote", title=title),
            heading=_("Error of every vote"),
            notes=(
                _(
                    "Continuous ranked probability score, percentage points, lower is better; a "
                    "dash: no forecast. Newest first."
                ),
            ),
            columns={key: ColumnSpec(called[key], form="2") for key in methods},
            filters=("election", "round", "as_of"),
        ),
    ]


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
    better = [
        MISSING if pd.isna(one) or pd.isna(of) else _("{n:.0f} of {of:.0f}", n=one, of=of)
        for one, of in zip(rows["better_in"], rows["compared_in"], strict=True)
    ]
    held = [MISSING if pd.isna(one) else _("yes") if one else _("no") for one in rows["in_mcs"]]
    return rows.assign(
        verdict=[
            MISSING
            if pd.isna(low) and rows["relative_low"].isna().all()
            else _(VERDICTS.get(one, MISSING))
            for one, low in zip(rows["verdict"], rows["relative_low"], strict=True)
        ],
        crps_text=_intervals(rows, "crps_pp", "low_pp", "high_pp"),
        skill_text=_intervals(rows, "relative_skill", "relative_low", "relative_high"),
        better_text=better,
        mcs_text=held,
    )


def _intervals(rows: pd.DataFrame, *keys: str) -> list[str]:
    """Values with their intervals, where they have one."""
    texts = zip(*(format_values(list(rows[key]), "2") for key in keys), strict=True)
    return [text if low == MISSING else f"{text} ({low}–{high})" for text, low, high in texts]


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
    if summary.empty:
        return _("No predictor answered, so none is compared.")
    first = largest_set(summary).sort_values("rank", kind="stable")
    best, n = first.iloc[0], int(first["elections"].iloc[0])
    names = list(first.loc[first["rank"].eq(1), "predictor"])
    asked = {
        "forecasts": ngettext("{n} forecast", "{n} forecasts", int(best["votes"])),
        "elections": ngettext("{n} election", "{n} elections", n),
        "methods": ngettext("{n} method", "{n} methods", len(first))
        if len(first) == len(summary)
        else ngettext(
            "{n} method that named the same candidates",
            "{n} methods that named the same candidates",
            len(first),
        ),
        "lead": quoted(names),
        "crps": best["crps_pp"],
        "low": best["low_pp"],
        "high": best["high_pp"],
    }
    if pd.isna(best["crps_pp"]):
        sentence = N_("Over {forecasts} of {elections}, {lead} came closest of {methods}.")
    elif pd.isna(best["low_pp"]):
        sentence = N_(
            "Over {forecasts} of {elections}, {lead} came closest of {methods}. The "
            "mean error (CRPS) was {crps:.2f} points."
        )
    else:
        sentence = N_(
            "Over {forecasts} of {elections}, {lead} came closest of {methods}. The "
            "mean error (CRPS) was {crps:.2f} points (95% interval {low:.2f} to {high:.2f})."
        )
    if n >= MIN_ELECTIONS and "better" not in set(summary["verdict"]) and len(first) > 1:
        sentence = N_(
            "Over {forecasts} of {elections}, no method has been shown to be better than the "
            "baseline; {lead} had the lowest mean ratio of {methods}."
        )
    said = _(sentence, **asked)
    if against := verdicts_in_words(summary):
        said += f" {against}"
    if n == 1:
        said += " " + _("One election does not tell us who will come closest in the next.")
    return said


def verdicts_in_words(summary: pd.DataFrame) -> str:
    """What the intervals of all methods say of them and the baseline; empty where there are none.

    Parameters
    ----------
    summary
        predictor, relative_low (NaN: no interval), compared_in (NaN: the baseline) and verdict.
    """
    if "verdict" not in summary or summary["relative_low"].isna().all():
        return ""
    baseline = summary.loc[summary["compared_in"].isna() & summary["verdict"].eq(""), "predictor"]
    found = [
        _("{verdict}: {methods}", verdict=_(words), methods=quoted(summary.loc[mine, "predictor"]))
        for key, words in VERDICTS.items()
        if (mine := summary["verdict"].eq(key)).any()
    ]
    return _(
        "Compared with {baseline}: {found}.",
        baseline=quoted(baseline.head(1)) or _("the average method"),
        found=_("; ").join(found),
    )


def quoted(names: Iterable[str]) -> list[str]:
    """Methods by the names that people read, in quotation marks.

    Examples
    --------
    >>> quoted(["uniform", "last_election"])
    ['“Everybody the same”', '“Last election”']
    """
    asked = list(names)
    called = labels("predictor", asked)
    return [_("“{name}”", name=called[name]) for name in asked]


def sentences_of(results: Results) -> list[str]:
    """The sentences that an analysis stored, with methods by the names that people read."""
    methods = set(results.tables["methods"]["predictor"])
    return [with_names(Message.of(kept), methods) for kept in results.facts["sentences"]]


def with_names(kept: Message, methods: Collection[str]) -> str:
    """A sentence that an analysis stored, told with its methods by the names that people read.

    Parameters
    ----------
    kept : Message
        In which methods stand by their keys.
    methods : collection of str
        These keys.

    Examples
    --------
    >>> with_names(Message("{a} beside {b}", a="uniform", b=["x"]), ["uniform"])
    '“Everybody the same” beside x'
    """

    def named(value: object) -> object:
        if isinstance(value, Message):
            return with_names(value, methods)
        if isinstance(value, list | tuple):
            return [named(one) for one in value]
        return quoted([value])[0] if isinstance(value, str) and value in methods else value

    return _(kept.text, **{key: named(value) for key, value in kept.values.items()})


def outside_sentences(why: Mapping[str, str]) -> list[Message]:
    """One sentence about all who stand outside the comparison; none where nobody does.

    Parameters
    ----------
    why
        Reason by method.

    Examples
    --------
    >>> outside_sentences({"last_poll": "it leaks"})
    ['Outside the comparison: “Last poll of each institute” (it leaks).']
    """
    said = _("; ").join(f"{quoted([name])[0]} ({reason})" for name, reason in why.items())
    return [Message("Outside the comparison: {methods}.", methods=said)] if said else []


def missing_table(methods: pd.DataFrame) -> Table:
    """What is missing and why: one row per predictor and reason.

    Parameters
    ----------
    methods
        As `comparison_report`.
    """
    whole = methods["named"].ge(methods["n_candidates"])
    outcome = whole.map({True: N_("whole ballot"), False: N_("part of the ballot")})
    outcome = outcome.where(methods["status"].eq("ok"), methods["status"])
    why = methods["message"].fillna("").astype(str).str.replace(DATE, "…", regex=True)
    barred = methods.get("unranked", pd.Series("", methods.index)).fillna("").astype(str)
    out = barred.ne("") & methods["status"].eq("ok")
    outcome, why = outcome.mask(out, N_("outside the comparison")), why.mask(out, barred)
    less = outcome.eq("part of the ballot") & why.eq("")
    rows = pd.DataFrame(
        {
            "predictor": methods["predictor"],
            "outcome": outcome,
            "why": why.where(~less, N_("names fewer candidates")),
        }
    )
    asked = rows.groupby("predictor").size()
    counts = rows.value_counts(sort=False).rename("votes_and_dates").reset_index()
    counts = counts.sort_values(["predictor", "outcome", "why"], ignore_index=True)
    counts["of"] = counts["predictor"].map(asked)
    return table(
        "missing",
        counts[["predictor", "outcome", "votes_and_dates", "of", "why"]],
        title=_("What each method answered, and why not"),
        heading=_("Coverage: what is missing and why"),
        notes=(_("Dates in the reasons are left out (…), so that equal reasons are counted once."),)
        if counts["why"].str.contains("…").any()
        else (),
    )
