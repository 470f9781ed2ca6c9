"""When a poll became public: what the sources state, and the law where they are silent."""

from __future__ import annotations

import pandas as pd

from bench.data.build.elections import Election, last_legal_day

EVENING = pd.Timedelta(hours=18)
CLOSING = pd.Timedelta(hours=20)
RULE = [
    (
        "Polls: 18:00 of the day of publication where a source states it, or where the only date "
        "is as a rule that day; else midnight after the last interview (two midnights where the "
        "date is the middle of the fieldwork)."
    ),
    (
        "The law forbade publication in the week before each round from 1977 on, and from 2002 on "
        "the eve and the day itself. A poll that would fall there is dated 18:00 of the last legal "
        "day if its interviews were over by then, else 20:00 of the vote."
    ),
]


def publication(rows: pd.DataFrame, election: Election) -> tuple[pd.Series, pd.Series]:
    """When each poll became public, and whether a source states it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns end, date_kind and notes.
    election : Election

    Returns
    -------
    tuple of pandas.Series
        Local times; `stated` or `rule`.
    """
    notes = rows["notes"].fillna("")
    stated = pd.to_datetime(
        notes.str.extract(r"date (\d{4}-\d\d-\d\d) (?:is the |\()publication")[0]
    )
    stated = stated.where(stated >= rows["end"])
    single = notes.str.startswith("single date in source")
    wait = rows["date_kind"].map({"midpoint": 2}).fillna(1)
    known = rows["end"] + pd.to_timedelta(wait, unit="D")
    known = known.mask(single, rows["end"] + EVENING).mask(stated.notna(), stated + EVENING)
    basis = stated.notna().map({True: "stated", False: "rule"})
    for day in election.vote_on.values():
        last = last_legal_day(day)
        if last is None:
            banned = (known >= day) & (rows["end"] >= day) & (known < day + CLOSING)
            known = known.mask(banned, day + CLOSING)
            continue
        banned = (known >= last + pd.Timedelta(days=1)) & (known < day + CLOSING)
        known = known.mask(banned & (rows["end"] <= last), last + EVENING)
        known = known.mask(banned & (rows["end"] > last), day + CLOSING)
        basis = basis.mask(banned, "rule")
    return known, basis
