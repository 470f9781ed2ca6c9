"""Charts that the site alone has, and pictures of charts for where none can be drawn."""

from __future__ import annotations

import pandas as pd

from bench.data.election import Election
from bench.data.tables import outcome_of
from bench.report.charts import PERCENT, Chart, polls
from bench.report.plotting.layout import colours_by_family

DAYS = 240  # before the vote, in the chart of polls
ROOM_PX = 60  # beside a legend
LEAST = 0.02  # share of a poll below which a candidate has no line


def polls_over_time(election: Election, number: int) -> Chart | None:
    """Every poll of a ballot, a running mean of each candidate, and the outcome.

    Parameters
    ----------
    election : Election
    number : int
        The round.

    Returns
    -------
    Chart or None
        None where nobody polled this ballot.
    """
    this = election.rounds[number]
    known = election.polls
    if known.empty or this.is_open:
        return None
    known = known[known["round"].eq(number) & known["candidate"].isin(this.candidates)]
    known = known[known["fieldwork_end"] >= this.vote_on - pd.Timedelta(days=DAYS)]
    asked = known.groupby("poll_id")["candidate"].nunique()
    known = known[known["poll_id"].isin(asked.index[asked >= min(len(this.candidates), 2)])]
    seen = known.groupby("candidate")["share"].max()
    known = known[known["candidate"].isin(seen.index[seen >= LEAST])]
    if known.empty:
        return None
    people = election.people.set_index("candidate")
    names = people["name"]
    rows = pd.DataFrame(
        {
            "candidate": known["candidate"].map(names),
            "day": known["fieldwork_end"].dt.strftime("%Y-%m-%d"),
            "public": known["published_on"].dt.strftime("%Y-%m-%d"),
            "institute": known["institute"],
            "n": known["sample_size"],
            "share": (known["share"] * PERCENT).round(2),
        }
    )
    candidates = list(dict.fromkeys(known.sort_values("share", ascending=False)["candidate"]))
    share = outcome_of(election, number).share
    official = pd.DataFrame(
        {
            "candidate": [names[one] for one in candidates],
            "day": f"{this.vote_on:%Y-%m-%d}",
            "share": [PERCENT * float(share[one]) for one in candidates],
        }
    )
    colours = colours_by_family(dict(zip(people.index, people["family"], strict=True)))
    return polls(rows, official, {str(names[one]): colours[one] for one in candidates})


def picture(chart: Chart, width: int = 560) -> bytes:
    """A chart as a PNG picture with a white ground.

    Parameters
    ----------
    chart : Chart
    width : int
        Pixels, before it is scaled.
    """
    import vl_convert

    whole = {**chart.whole(), "background": "white"}
    about, look = whole["usermeta"], whole["config"]
    fit = max(1, int((width - ROOM_PX) // about["entry"]))
    whole["config"] = {**look, "legend": {**look["legend"], "columns": fit}}
    if panels := about.get("panels"):
        across = max(1, min(panels["most"], width // panels["least"]))
        cell = width // across - panels["room"] - 20
        size = {"width": cell, "height": round(cell * panels["ratio"])}
        whole |= {"columns": across, "spec": {**whole["spec"], **size}}
    else:
        whole["width"] = width
    drawn: bytes = vl_convert.vegalite_to_png(whole, scale=1.5)
    return drawn
