"""Who led the polls of a vote, and by how much more or less than the votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd

from bench.core.arrays import PERCENT
from bench.data.election import Election, load_election
from bench.data.tables import outcome_of, polls_of


def leads_of(election: Election, number: int, pair: tuple[str, str], days: int) -> pd.DataFrame:
    """How far one candidate is before another in every poll of the last days.

    Parameters
    ----------
    election : Election
    number : int
        Round; polls of other ballots than that of the vote are left out.
    pair : tuple of str
        Who is before whom.
    days : int
        Before the vote, in which the interviews ended.

    Returns
    -------
    pandas.DataFrame
        Of the table `polls` one row per poll, by end of the interviews; lead (fraction of the
        answers), last (whether it is the institute's last).
    """
    vote, polls = election.rounds[number], polls_of(election)
    recent = (vote.vote_on - polls["fieldwork_end"]).dt.days.between(0, days)
    polls = polls[recent & polls["round"].eq(number)]
    share = polls.pivot(index="poll_id", columns="candidate", values="share")
    share = share.reindex(columns=list(vote.candidates)).dropna()
    about = polls.drop_duplicates("poll_id").set_index("poll_id")
    leads: pd.DataFrame = about.assign(lead=share[pair[0]] - share[pair[1]]).dropna(subset="lead")
    leads = leads.sort_values(["fieldwork_end", "published_on"], kind="stable", ignore_index=True)
    leads["last"] = ~leads["institute"].duplicated(keep="last")
    return leads


def polled_leads(
    votes: Sequence[Mapping[str, Any]], lead_days: Sequence[int], min_polls: int
) -> pd.DataFrame:
    """Whether the polls credited one candidate, and how far their mean lead was off.

    The lead is that of who was ahead in most polls over the other of the two in front, over the
    `lead_days` before the vote. Means are of the last poll of each institute. With areas, one more
    row: each area where at least `min_polls` institutes asked is one case, of which `ahead` counts
    those with a mean lead.

    Returns
    -------
    pandas.DataFrame
        election, round, days, level (``national`` or ``areas``); candidate, rival; n (polls, or
        areas), n_ahead, n_tied; n_last, n_last_ahead, n_last_tied (last polls of institutes, or
        areas); lead_pp, result_pp, error_pp (mean lead less that of the votes, points; above 0 the
        polls overstate the candidate); absolute_pp; n_wrong: institutes or areas with the other
        ahead.
    """
    rows = []
    for vote, days in product(votes, lead_days):
        election, number = load_election(vote["election"]), vote["round"]
        came = outcome_of(election, number).share.sort_values(ascending=False, kind="stable")
        pair = (str(came.index[0]), str(came.index[1]))
        polls = leads_of(election, number, pair, days)
        if (polls["lead"] < 0).mean() > 0.5:
            pair, polls = pair[::-1], polls.assign(lead=-polls["lead"])
        key = {"election": election.name, "round": number, "days": days}
        key |= {"candidate": pair[0], "rival": pair[1]}
        last = polls.loc[polls["last"], ["lead"]].assign(result=came[pair[0]] - came[pair[1]])
        rows.append({**key, "level": "national"} | _row(polls["lead"], last))
        if vote.get("areas"):
            areas = area_leads(election, number, pair, days, min_polls)
            rows.append({**key, "level": "areas"} | _row(areas["lead"], areas))
    return pd.DataFrame(rows)


def area_leads(
    election: Election, number: int, pair: tuple[str, str], days: int, min_polls: int
) -> pd.DataFrame:
    """Mean lead in the last polls of institutes, and lead in votes, by area (fractions).

    Areas where fewer than `min_polls` institutes asked, and those that count in no ranking, are
    left out.
    """
    by_area = {}
    for area in outcome_of(election, number).areas.index:
        in_area = load_election(f"{election.name}/{str(area).lower()}")
        polls, votes = leads_of(in_area, number, pair, days), outcome_of(in_area, number).share
        if in_area.ranked and polls["last"].sum() >= min_polls:
            lead = polls.loc[polls["last"], "lead"].mean()
            by_area[str(area)] = {"lead": lead, "result": votes[pair[0]] - votes[pair[1]]}
    return pd.DataFrame.from_dict(by_area, orient="index")


def _row(leads: pd.Series, means: pd.DataFrame) -> dict[str, float]:
    error = means["lead"] - means["result"]
    return {
        "n": len(leads),
        "n_ahead": int((leads > 0).sum()),
        "n_tied": int((leads == 0).sum()),
        "n_last": len(means),
        "n_last_ahead": int((means["lead"] > 0).sum()),
        "n_last_tied": int((means["lead"] == 0).sum()),
        "lead_pp": PERCENT * means["lead"].mean(),
        "result_pp": PERCENT * means["result"].mean(),
        "error_pp": PERCENT * error.mean(),
        "absolute_pp": PERCENT * error.abs().mean(),
        "n_wrong": int((means["lead"] * means["result"] < 0).sum()),
    }
