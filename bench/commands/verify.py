"""Reproduce published figures with this code: figure, ours, difference, pass or fail."""

from __future__ import annotations

import argparse

import numpy as np

from bench.data.election import election_names, load_election
from bench.data.evidence import evidence_for
from bench.data.outcome import outcome_of
from bench.verify import Figure, final_week_figures, horizon_figures, verify
from bench.verify.polls import FINAL_WEEK_CANDIDATES


def main(arguments: list[str]) -> int:
    """Print every figure; 1 if one fails that is not known to be irreproducible."""
    parser = argparse.ArgumentParser(prog="bench verify", description=__doc__)
    parser.add_argument("--failures", action="store_true", help="print only what does not pass")
    options = parser.parse_args(arguments)
    found = verify([*_final_week(), *_horizon()])
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
    counts = {
        status: sum(item.status == status for item in found)
        for status in ("pass", "not reproducible", "not run", "fail")
    }
    print("\n" + ", ".join(f"{number} {status}" for status, number in counts.items() if number))
    return 1 if counts["fail"] else 0


def _final_week() -> list[Figure]:
    """Each institute's last poll of 2017 that lists the six, against the official shares."""
    election = load_election("fr2017")
    this = election.round(1)
    polls = evidence_for(election, 1, this.known_at)["polls"]
    polls = polls[polls["fieldwork_end"] >= "2017-04-14"]
    wide = polls.pivot(index="poll_id", columns="candidate", values="share")
    facts = polls.drop_duplicates("poll_id").set_index("poll_id").sort_values("fieldwork_end")
    last = facts.groupby("institute").tail(1).index
    names = list(FINAL_WEEK_CANDIDATES)
    shares = wide.loc[last, names].dropna().to_numpy()
    return final_week_figures(shares, outcome_of(election, 1).share[names].to_numpy())


def _horizon() -> list[Figure]:
    """Every first-round poll of the official ballot since 1965, poll minus outcome."""
    election_of: list[str] = []
    days: list[float] = []
    errors: list[float] = []
    for name in election_names():
        election = load_election(name)
        if election.country != "FR":
            continue
        this = election.round(1)
        polls = evidence_for(election, 1, this.known_at)["polls"]
        share = outcome_of(election, 1).share
        election_of += [name] * len(polls)
        days += (this.vote_on - polls["fieldwork_end"]).dt.days.tolist()
        errors += (polls["share"] - polls["candidate"].map(share)).tolist()
    return horizon_figures(election_of, np.array(days), np.array(errors))
