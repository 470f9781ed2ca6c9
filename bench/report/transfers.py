"""What the study of transfers shows: tables, printed and written, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bench.report.facts import RunFacts
from bench.report.figures import canvas
from bench.report.figures.transfer_levels import transfer_levels
from bench.report.figures.transfers import transfers
from bench.report.study import print_study_table, write_study_table
from bench.report.write import write_csv

TITLES = {
    "registered": "First to second round, whole electorate, percent of the origin's votes",
    "valid": "First to second round, valid votes alone (as if nobody came or stayed away)",
}
NOTES = (
    "lower, upper: 90% interval at the finest level; least, most: bounds that its margins allow; "
    "range_of_levels: largest less smallest estimate.",
    "Origins with under 2% of the votes are left out here: their cells rest on the prior and "
    "should not be read. transitions.csv holds them, marked readable = false.",
)
COST_NOTE = (
    "n_left_out: areas annulled in either round or empty; moved: votes added or taken away to "
    "give an area the same total in both votes, as a share of all."
)


def report_transfers(
    folder: Path,
    facts: RunFacts,
    *,
    rounds: pd.DataFrame,
    past_vote: pd.DataFrame,
    costs: pd.DataFrame,
    others: pd.DataFrame,
    weights: pd.Series,
    tables: Mapping[str, pd.DataFrame],
) -> None:
    """Write and print everything.

    Parameters
    ----------
    folder : Path
        Of the run.
    facts : RunFacts
        With `transitions` at the finest level.
    rounds, past_vote : pandas.DataFrame
        Columns of `bench.kit.ecological_inference.transition_rows`.
    costs, others : pandas.DataFrame
        Areas and seconds; surveys and published estimates.
    weights : pandas.Series
        Votes behind every origin.
    tables : mapping
        Electorate to the levels side by side.
    """
    write_csv(folder / "transitions.csv", rounds)
    write_csv(folder / "past_vote_transitions.csv", past_vote)
    write_csv(folder / "timings.csv", costs)
    for electorate, table in tables.items():
        shown = {str(name): ".1f" for name in table if pd.api.types.is_numeric_dtype(table[name])}
        title = TITLES[electorate]
        write_study_table(folder / "tables", f"levels_{electorate}", table, title=title,
                          notes=NOTES, formats=shown)  # fmt: skip
        print_study_table(table, title=title, formats=shown)
        print()
    for note in NOTES:
        print(note)
    _past_vote(folder, past_vote)
    print()
    forms = {"moved": ".4f", "wall_s": ".1f", "cpu_s": ".1f"}
    print_study_table(costs, title="What it cost", notes=(COST_NOTE,), formats=forms)
    flows = facts.transitions
    assert flows is not None
    figure = transfers(facts, predictor=str(flows["predictor"].iloc[0]), weights=weights)
    canvas.save(figure, folder / "figures", "transfers")
    origins = [name for name in facts.families if name in set(others["from_candidate"])]
    everybody = rounds[rounds["electorate"].eq("registered")]
    canvas.save(
        transfer_levels(everybody, others, facts, origins=origins),
        folder / "figures", "transfer_levels",
    )  # fmt: skip


def _past_vote(folder: Path, past_vote: pd.DataFrame) -> None:
    rows = past_vote[past_vote["readable"]]
    wide = 100 * rows.pivot(index="from_candidate", columns="to", values="share")
    title = "Past vote: first round of the election before to this one, percent of the origin"
    shown = {str(name): ".0f" for name in wide}
    table = wide.reset_index()
    write_study_table(folder / "tables", "past_vote_transitions", table, title=title, formats=shown)
    print()
    print_study_table(table, title=title, formats=shown)
