"""Leads in polls: the last of each institute, within the days, on the ballot of the vote."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.data.election import load_election
from bench.studies.report_2018.polled_leads import leads_of, polled_leads

UNITED_STATES = load_election("us2016/president")
PAIR = ("dem", "rep")


def test_leads_are_those_of_the_rows() -> None:
    found = leads_of(UNITED_STATES, 1, PAIR, 21)
    polls = pd.read_parquet(UNITED_STATES.folder / "polls.parquet")
    polls = polls[polls["election"].eq("us2016/president") & polls["candidate"].eq("dem")]
    assert len(found) == polls["poll_id"].nunique()
    assert (found["lead"] > 0).sum() == (polls["share"] > 0.5).sum()
    assert found["last"].sum() == polls["institute"].nunique()


def test_fewer_days_hold_later_polls() -> None:
    week = leads_of(UNITED_STATES, 1, PAIR, 7)
    assert 0 < len(week) < len(leads_of(UNITED_STATES, 1, PAIR, 21))
    assert (UNITED_STATES.first_day - week["fieldwork_end"]).dt.days.max() <= 7


def test_polls_of_another_ballot_are_left_out() -> None:
    vote = load_election("fr2017")
    found = leads_of(vote, 2, ("macron", "le_pen"), 400)
    assert found["lead"].notna().all()
    assert found["lead"].gt(0).all()


def test_the_error_is_the_mean_lead_less_that_of_the_votes() -> None:
    row = polled_leads([{"election": "us2016/president", "round": 1}], [7], 3).iloc[0]
    last = leads_of(UNITED_STATES, 1, PAIR, 7).query("last")["lead"]
    result = (65853514 - 62984828) / 128838342
    assert row["candidate"] == "dem"
    assert row["error_pp"] == pytest.approx(100 * (last.mean() - result))
    assert row["n_last_ahead"] + row["n_last_tied"] + row["n_wrong"] == row["n_last"]
