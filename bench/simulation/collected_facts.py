"""What instruments are calibrated on, read from the datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import DataError, Evidence
from bench.data.election import Election
from bench.simulation.electorate import Electorate
from bench.simulation.facts import Facts

FloatArray = NDArray[np.float64]
EXPRESSED = 0.75  # respondents who state a vote, where a poll does not say


def facts_of(election: Election, evidence: Evidence, settings: Mapping[str, Any]) -> Facts:
    """The observed figures of one vote.

    Parameters
    ----------
    election : Election
    evidence : Evidence
        Real evidence, for the calendar of polls and the attention of communities.
    settings : mapping
        `simulation`: calendar_days, unmeasured_attention, own_unmeasured_attention.

    Raises
    ------
    DataError
        If the self-selected ballot of the election is missing.
    """
    names = evidence.candidates
    ballot = _table(election, "inputs/online_ballot.csv")
    ballot = ballot[ballot["day"] == ballot["day"].max()].set_index("candidate")
    seen = attention_seen(evidence)
    crossed = _table(election, "outcome/approvals_by_vote.csv")
    liked = crossed.pivot(index="declared_vote", columns="candidate", values="approvals")
    cast = crossed.groupby("declared_vote")["ballots"].first()
    approval = liked.div(cast, axis=0).reindex(index=list(names), columns=list(names))
    return Facts(
        round=evidence.round,
        as_of=evidence.as_of,
        declared_votes=ballot["declared_votes"].reindex(list(names)).to_numpy(float),
        approval=approval.to_numpy(float),
        attention=_attention(seen, settings),
        naming=_filled(seen, settings)
        .sum(axis=1)
        .reindex(list(names), fill_value=0)
        .to_numpy(float),
        calendar=calendar_of(evidence, int(settings["calendar_days"])),
    )


def quotas_of(electorate: Electorate, published_on: pd.Timestamp) -> pd.DataFrame:
    """The table `quotas`: the electorate's own margins, as if a census had published them."""
    voters = electorate.voters
    frames = [
        pd.DataFrame(
            {
                "variable": name,
                "group": list(electorate.levels[name]),
                "share": electorate.among((name,), voters).sum(axis=1),
            }
        )
        for name in ("age", "sex", "past_vote")
    ]
    return pd.concat(frames, ignore_index=True).assign(
        published_on=published_on, source="simulated"
    )


def _table(election: Election, name: str) -> pd.DataFrame:
    path = election.folder / name
    if not path.is_file():
        raise DataError(f"{path} is missing; the simulated app is calibrated on it")
    return pd.read_csv(path)


def calendar_of(evidence: Evidence, days: int) -> pd.DataFrame:
    """The last poll of every institute within so many days: dates and respondents.

    Raises
    ------
    DataError
        If there is none.
    """
    polls = evidence["polls"]
    since = evidence.as_of.normalize() - pd.Timedelta(days=days)
    polls = polls[polls["fieldwork_end"] >= since].drop_duplicates("poll_id")
    if polls.empty:
        raise DataError(f"no poll ended within {days} days before {evidence.as_of}")
    last = polls.sort_values(["fieldwork_end", "poll_id"]).groupby("institute").tail(1)
    last = last.sort_values(["fieldwork_end", "poll_id"])
    stated = last["sample_expressed"].fillna(EXPRESSED * last["sample_size"])
    start = last["fieldwork_start"].fillna(last["fieldwork_end"])
    return last.assign(
        respondents=stated.fillna(stated.median()).round(), fieldwork_start=start
    ).reset_index(drop=True)[
        ["institute", "mode", "fieldwork_start", "fieldwork_end", "published_on", "respondents"]
    ]


def attention_seen(evidence: Evidence) -> pd.DataFrame:
    """Share of each measured community's posts by candidate mentioned, means of the last 14 days.

    Rows are communities, columns the ballot; NaN where a candidate was not counted.
    """
    names = list(evidence.candidates)
    buzz = evidence["buzz"]
    rows = buzz[(buzz["measure"] == "community_share") & buzz["candidate"].isin(names)]
    rows = rows[rows["day"] > rows["day"].max() - pd.Timedelta(days=14)]
    seen = rows.pivot_table(index="community", columns="candidate", values="value")
    return pd.DataFrame(seen.reindex(columns=names))


def _filled(seen: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    return seen.fillna(float(settings["unmeasured_attention"]))


def _attention(seen: pd.DataFrame, settings: Mapping[str, Any]) -> FloatArray:
    names = list(seen.columns)
    other = seen.mean()
    table = pd.DataFrame(
        {name: seen.loc[name] if name in seen.index else other for name in names}
    ).T
    table = _filled(table, settings)
    table = table.div(table.sum(axis=1), axis=0)
    # a community that nobody measured speaks of its own candidate too
    own = float(settings["own_unmeasured_attention"])
    shares = table.to_numpy(float).copy()
    for i, name in enumerate(names):
        if name not in seen.index:
            shares[i] *= 1 - own
            shares[i, i] += own
    return shares
