"""Small pieces of evidence whose forecasts can be redone by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.data.tables import empty_table
from tests.models.polls import past_errors

VOTE_ON = pd.Timestamp("2031-04-20")
AS_OF = pd.Timestamp("2031-04-18T20:00")


def evidence(
    *candidates: str,
    round_number: int = 1,
    n_advance: int = 1,
    as_of: pd.Timestamp = AS_OF,
    **tables: list[dict[str, Any]] | pd.DataFrame,
) -> Evidence:
    """Evidence with these rows; the other tables are empty."""
    frames = {
        name: empty_table(name)
        for name in (
            "app_support",
            "duels",
            "approvals",
            "quotas",
            "ratings",
            "online_ballot",
            "buzz",
            "post_profiles",
            "claims",
            "transfers",
            "areas",
            "polls",
        )
    }
    frames["past_approvals"] = empty_table("approvals").assign(election="")
    frames |= {"past_polls": empty_table("polls").assign(vote_on=pd.NaT, election="")}
    frames |= {"past_buzz": empty_table("buzz").assign(election="")}
    frames["past_errors"] = past_errors(1, {"AA": 0.1}).iloc[:0]
    columns = ["election", "round", "vote_on", "level", "area", "candidate", "votes", "share"]
    frames["outcomes"] = pd.DataFrame(columns=[*columns, "published_on"])
    frames["ballots"] = pd.DataFrame(
        columns=["election", "round", "vote_on", "candidate", "name", "family", "incumbent"]
    )
    for name, rows in tables.items():
        frame = pd.DataFrame(rows)
        for column in frame.columns:
            if (
                column in {"day", "published_on", "vote_on", "available_on"}
                or "fieldwork" in column
            ):
                frame[column] = pd.to_datetime(frame[column])
        frames[name] = frame
    return Evidence(
        election="toy",
        round=round_number,
        as_of=as_of,
        vote_on=VOTE_ON,
        candidates=tuple(sorted(candidates)),
        n_advance=n_advance,
        tables=frames,
    )


def person(candidate: str, family: str, election: str = "toy", number: int = 1) -> dict[str, Any]:
    """One row of `ballots`."""
    return {
        "election": election,
        "round": number,
        "vote_on": "2031-04-20" if election == "toy" else "2026-04-20",
        "candidate": candidate,
        "name": candidate.title(),
        "family": family,
        "incumbent": False,
    }


def vote(
    candidate: str, votes: int, area: str = "national", election: str = "old"
) -> dict[str, Any]:
    """One row of `outcomes`, of the first round five years before."""
    return {
        "election": election,
        "round": 1,
        "vote_on": "2026-04-20",
        "level": "national" if area == "national" else "departement",
        "area": area,
        "candidate": candidate,
        "votes": votes,
        "share": 0.0,
        "published_on": "2026-04-20T20:00",
    }


def as_another_processor(evidence: Evidence) -> Evidence:
    """The same with every number moved by up to 1e-12 of itself, as other kernels round."""
    rng = np.random.default_rng(12)
    moved = {}
    for name in evidence.tables:
        table = evidence[name].copy()
        for column in table.columns[table.dtypes.map(lambda kind: kind.kind == "f")]:
            table[column] *= 1 + rng.uniform(-1e-12, 1e-12, len(table))
        moved[name] = table
    return evidence.with_tables(**moved)
