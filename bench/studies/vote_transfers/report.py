"""What the study of transfers shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.report.context import RunFacts
from bench.report.plain_table import plain_table
from bench.report.report import Report
from bench.report.table import Table
from bench.studies.vote_transfers.levels_plot import transfer_levels
from bench.studies.vote_transfers.plots import ELSEWHERE, transfers

TITLES = {
    "registered": "First to second round, whole electorate, percent of the origin's votes",
    "valid": "First to second round, valid votes alone (as if nobody came or stayed away)",
}
HEADINGS = {
    "registered": "Where the whole electorate went",
    "valid": "The same, valid votes alone",
}
CONTEXT = (
    "What matters here is context, how much voters follow their neighbours, and no margin "
    "identifies it. The interval of an estimate is therefore its range over levels of areas, or "
    "the model's own interval where that is wider; the model's own takes the context for known."
)
NOTES = (
    "90% from, to: the model's own interval at the finest level, context taken for known; least, "
    "most: bounds that its margins allow.",
    "Origins with under 2% of the votes are left out here: their cells rest on the prior and "
    "should not be read. transitions.csv holds them, marked readable = false.",
)
COST_NOTE = (
    "Left out: areas annulled in either round or empty. Moved: votes added or taken away to "
    "give an area the same total in both votes, as a share of all."
)
COST_FORMS = {"moved": "2%", "wall_s": "1", "cpu_s": "1"}
TOLD = 4  # origins in the headline
NOBODY = "No candidate"


def transfer_tables(
    sides: Mapping[str, pd.DataFrame],
    past_vote: pd.DataFrame,
    costs: pd.DataFrame,
    names: Mapping[str, str] | None = None,
) -> list[Table]:
    """The tables of the study.

    Parameters
    ----------
    sides : mapping
        Electorate to the levels side by side, percent.
    past_vote : pandas.DataFrame
        Columns of `bench.models.ecological_inference.transition_rows`.
    costs : pandas.DataFrame
        What was estimated, areas and seconds; the seconds are left out, which differ each time.
    names : mapping, optional
        Keys of candidates and of what is no candidate, to words.
    """
    names = {**(names or {}), **ELSEWHERE, "no_candidate": NOBODY}
    found = []
    for electorate, side in sides.items():
        forms = {str(name): "1" for name in side if pd.api.types.is_numeric_dtype(side[name])}
        found.append(
            plain_table(
                f"levels_{electorate}", side, title=TITLES[electorate], notes=NOTES, formats=forms,
                heading=HEADINGS[electorate], names=names,
            )
        )  # fmt: skip
    rows = past_vote[past_vote["readable"]]
    wide = 100 * rows.pivot(index="from_candidate", columns="to", values="share")
    found.append(
        plain_table(
            "past_vote_transitions", wide.reset_index(),
            title="Past vote: first round of the election before to this one, percent of the "
            "origin", formats={str(name): "0" for name in wide}, names=names,
            heading="Where the voters of the election before went",
        )
    )  # fmt: skip
    found.append(
        plain_table(
            "areas_used", costs.drop(columns=["wall_s", "cpu_s"]), title="Areas of every estimate",
            heading="How many areas each estimate rests on",
            notes=(COST_NOTE,), formats=COST_FORMS,
        )
    )  # fmt: skip
    return found


def transfers_report(
    facts: RunFacts,
    *,
    rounds: pd.DataFrame,
    others: pd.DataFrame,
    weights: pd.Series,
    tables: Sequence[Table],
    title: str,
) -> Report:
    """Words, tables and figures.

    Parameters
    ----------
    facts : RunFacts
        With `transitions` at the finest level.
    rounds : pandas.DataFrame
        electorate, level and the columns of `bench.models.ecological_inference.transition_rows`.
    others : pandas.DataFrame
        Surveys and published estimates.
    weights : pandas.Series
        Votes behind every origin.
    tables : sequence of Table
        From `transfer_tables`.
    title : str
        Heading.
    """
    everybody = rounds[rounds["electorate"].eq("registered")]
    origins = [name for name in facts.families if name in set(others["from_candidate"])]
    flows = facts.transitions
    assert flows is not None
    whose = str(flows["predictor"].iloc[0])
    return Report(
        title=title,
        findings=(CONTEXT, *told(everybody, facts, weights), *NOTES[1:]),
        tables=tuple(tables),
        figures={
            "transfers": lambda size: transfers(facts, predictor=whose, weights=weights, size=size),
            "transfer_levels": lambda size: transfer_levels(
                everybody, others, facts, origins=origins, size=size
            ),
        },
        source=facts.source,
        kicker=f"{facts.name} · ecological inference",
        counts=(
            ("Levels of areas", str(everybody["level"].nunique())),
            ("Origins that may be read", str(_readable(everybody)["from_candidate"].nunique())),
        ),
    )


def told(everybody: pd.DataFrame, facts: RunFacts, weights: pd.Series) -> tuple[str, ...]:
    """Where the voters of the largest origins went, the range over levels in the interval."""
    finest = str(everybody["level"].iloc[0])
    rows = _readable(everybody)
    beaten = [c for c in weights.sort_values(ascending=False).index if c in set(facts.names)]
    beaten = [c for c in beaten if c not in facts.by_votes and c not in ELSEWHERE]
    beaten.sort(key=lambda c: facts.name_of(str(c)) == NOBODY)  # candidates first
    sentences = []
    for origin in [c for c in beaten if c in set(rows["from_candidate"])][:TOLD]:
        mine = rows[rows["from_candidate"].eq(origin)]
        best = mine[mine["level"].eq(finest)].sort_values("share", ascending=False).iloc[0]
        levels = 100 * mine.loc[mine["to"].eq(best["to"]), "share"]
        goal = ELSEWHERE.get(best["to"], facts.name_of(str(best["to"])))
        who = facts.name_of(str(origin))
        whose = "those who chose no candidate" if who == NOBODY else f"the voters of {who}"
        # neither the choice of the level nor the noise at one level may narrow the other
        least = min(levels.min(), 100 * best["lower"])
        most = max(levels.max(), 100 * best["upper"])
        sentences.append(
            f"Of {whose}, {least:.0f} to {most:.0f}% went to {_lower(goal)}: levels of areas say "
            f"{levels.min():.0f} to {levels.max():.0f}%, the finest {100 * best['share']:.0f}% "
            f"(the model's own 90% interval there {100 * best['lower']:.0f} to "
            f"{100 * best['upper']:.0f}%)."
        )
    return tuple(sentences)


def _lower(goal: str) -> str:
    return goal.lower() if goal in ELSEWHERE.values() else goal


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["readable"].astype(bool)]
