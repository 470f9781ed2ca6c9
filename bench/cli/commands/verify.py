"""Reproduce published figures with this code: figure, ours, difference, pass or FAIL."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

import pandas as pd

from bench.data.election import election_names, load_election
from bench.data.task import Task
from bench.studies.published_figures import by_fact, horizon_figures, verify


def main(arguments: list[str]) -> int:
    """Print every figure; 1 if one differs by more than it may."""
    parser = argparse.ArgumentParser(prog="bench verify", description=__doc__)
    parser.add_argument("--failures", action="store_true", help="print only what does not pass")
    options = parser.parse_args(arguments)
    found = verify(horizon_figures(poll_errors()))
    print(f"{'figure':<68} {'published':>12} {'ours':>12} {'difference':>11}  status")
    for item in found:
        if options.failures and item.status == "pass":
            continue
        print(
            f"{item.what[:68]:<68} {item.published:>12.7g} {item.ours:>12.7g} "
            f"{item.difference:>+11.2g}  {item.status}"
        )
        if item.status != "pass":
            print(f"    {item.reason or item.source}")
    facts = by_fact(found)
    print(
        f"\n{len(facts)} independent facts ({_counted(facts.values())}), "
        f"{len(found)} figures ({_counted(item.status for item in found)})"
    )
    return 1 if "FAIL" in facts.values() else 0


def _counted(statuses: Iterable[str]) -> str:
    return ", ".join(f"{n} {status}" for status, n in sorted(Counter(statuses).items()))


def poll_errors() -> pd.DataFrame:
    """Errors of all polls of French presidential elections, by candidate.

    Polls of a ballot that names somebody who did not stand are left out: nobody knows their
    error.

    Returns
    -------
    pandas.DataFrame
        `election`, `round`, `days_before` (end of the fieldwork to the vote), `polled` and
        `error` (polled minus official share), fractions of the valid votes.
    """
    found = []
    for name in election_names():
        election = load_election(name)
        if election.country != "FR":
            continue
        for this in election.rounds.values():
            # whenever they came out: a rule may date a poll later than its vote
            task = Task(election, this.number, pd.Timestamp.max)
            polls, official = task.evidence()["polls"], task.outcome().share
            stood = polls["candidate"].isin(official.index)
            polls = polls[stood.groupby(polls["poll_id"]).transform("all")]
            if polls.empty:
                continue
            found.append(
                pd.DataFrame(
                    {
                        "election": name,
                        "round": this.number,
                        "days_before": (this.vote_on - polls["fieldwork_end"]).dt.days,
                        "polled": polls["share"],
                        "error": polls["share"] - polls["candidate"].map(official).astype(float),
                    }
                ).dropna()
            )
    return pd.concat(found, ignore_index=True)
