"""Brazil 2018: both rounds, the last polls, and daily counts of followers, comments and news."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.files import read_raw, require, require_equal

RAW = "many/media_buzz/brazil2018_daily_social_metrics.csv"
ELECTION = "br2018/president"
VOTES_ON = {1: pd.Timestamp("2018-10-07"), 2: pd.Timestamp("2018-10-28")}
COUNTED = pd.Timedelta(days=1, hours=8)
COMPILED = pd.Timestamp("2025-07-11 23:59")
PEOPLE = {
    "alckmin": ("Geraldo Alckmin", "centre", "PSDB"),
    "bolsonaro": ("Jair Bolsonaro", "far_right", "PSL"),
    "ciro": ("Ciro Gomes", "socialist", "PDT"),
    "haddad": ("Fernando Haddad", "socialist", "PT"),
    "marina": ("Marina Silva", "green", "Rede"),
    "others": ("Other candidates", "other", None),
}
# Tribunal Superior Eleitoral, final counts
FIRST = {
    "bolsonaro": 49_277_010,
    "haddad": 31_342_051,
    "ciro": 13_344_371,
    "alckmin": 5_096_350,
    "marina": 1_069_578,
}
ELSEWHERE = {
    "amoedo": 2_679_745,
    "daciolo": 1_348_323,
    "meirelles": 1_288_950,
    "dias": 859_601,
    "boulos": 617_122,
    "lucia": 55_762,
    "eymael": 41_710,
    "goulart": 30_176,
}
SECOND = {"bolsonaro": 57_797_847, "haddad": 47_040_906}
VALID = {1: 107_050_749, 2: 104_838_753}
# institute, first and last day of interviews, interviews, percent of the valid votes
EVE = [
    ("Datafolha", 1, "2018-10-05", "2018-10-06", 19_552, (8, 40, 15, 25, 3)),
    ("Ibope", 1, "2018-10-05", "2018-10-06", 3_010, (8, 41, 13, 25, 3)),
    ("Datafolha", 2, "2018-10-26", "2018-10-27", 18_371, (None, 55, None, 45, None)),
    ("Ibope", 2, "2018-10-26", "2018-10-27", 3_010, (None, 54, None, 46, None)),
]
# institute, first and last day of interviews, day of publication, interviews, percent of everybody
# asked, percent who named no candidate: polls of the first round whose press reports say both
BEFORE = [
    ("Ibope", "2018-09-16", "2018-09-18", "2018-09-18", None, (7, 28, 11, 19, 6), 21),
    ("Datafolha", "2018-09-18", "2018-09-19", "2018-09-20", None, (9, 28, 13, 16, 7), 17),
    ("Ibope", "2018-09-22", "2018-09-23", "2018-09-24", 2_506, (8, 28, 11, 22, 5), 18),
    ("Ibope", "2018-09-29", "2018-09-30", "2018-10-01", 3_010, (8, 31, 11, 21, 4), 17),
    ("Ibope", "2018-10-01", "2018-10-02", "2018-10-03", 3_010, (7, 32, 10, 23, 4), 17),
    ("Datafolha", "2018-10-03", "2018-10-04", "2018-10-04", 10_930, (8, 35, 11, 22, 4), 11),
]
# institutes whose polls of the runoff came out on a day: the bends of the series of the source
RUNOFF = {
    "2018-10-10": "Datafolha",
    "2018-10-15": "Ibope",
    "2018-10-18": "Datafolha",
    "2018-10-23": "Ibope",
    "2018-10-25": "Datafolha",
}
NAMED = tuple(name for name in PEOPLE if name != "others")
MEASURES = {
    "cff_twitter": "twitter_followers",
    "cff_instagram": "instagram_followers",
    "twitter_impressions": "twitter_impressions",
    "comments_instagram": "instagram_comments",
    "traditional_mentions": "news_mentions",
}


def build(source: Path) -> Collection:
    """`datasets/brazil2018`."""
    raw = read_raw(source / RAW)
    raw["date"] = pd.to_datetime(raw["date"])
    others = sum(ELSEWHERE.values())
    outcomes = pd.DataFrame(
        [(1, name, votes) for name, votes in (FIRST | {"others": others}).items()]
        + [(2, name, votes) for name, votes in SECOND.items()],
        columns=["round", "candidate", "votes"],
    )
    total = outcomes.groupby("round")["votes"].sum()
    for number, valid in VALID.items():
        require_equal(int(total[number]), valid, f"valid votes of round {number}")
    outcomes["share"] = outcomes["votes"] / outcomes["round"].map(total)
    outcomes = outcomes.assign(election=ELECTION, source_key="tse")
    register = pd.DataFrame(
        {
            "election": ELECTION,
            "round": list(VOTES_ON),
            "title": "Brazilian presidential election of 2018",
            "country": "BR",
            "kind": "president",
            "system": "two_round",
            "vote_on": list(VOTES_ON.values()),
            "known_at": [day + COUNTED for day in VOTES_ON.values()],
            "seats": [2, 1],
            "valid_votes": list(VALID.values()),
            "ranked": True,
            "source_key": "tse",
        }
    )
    ballot = outcomes[["election", "round", "candidate"]]
    facts = pd.DataFrame.from_dict(PEOPLE, orient="index", columns=["name", "family", "party"])
    candidates = ballot.join(facts, on="candidate").assign(incumbent=False)
    return collection(
        "brazil2018",
        {
            "elections": register,
            "candidates": candidates,
            "outcomes": outcomes,
            "polls": _polls(raw),
            "buzz": _buzz(raw),
        },
    )


def _polls(raw: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for institute, number, start, end, n, percent in EVE:
        rows.append(
            {
                "poll_id": f"{institute.lower()}_{end}",
                "round": number,
                "institute": institute,
                "fieldwork_start": start,
                "fieldwork_end": end,
                "published_on": f"{end}T21:00",
                "basis": "stated",
                "sample_size": n,
                "source_key": "press",
                **dict(zip(NAMED, (None if p is None else p / 100 for p in percent), strict=True)),
            }
        )
    said = raw.assign(share=raw["intention_vote"].astype(float))
    said = said.pivot(index="date", columns="candidato", values="share")
    for institute, start, end, day, asked, percent, nobody in BEFORE:
        theirs = said[list(NAMED)].loc[pd.Timestamp(day)].to_numpy(float)
        alike = np.allclose(theirs, np.array(percent) / 100, atol=1e-6)
        require(alike, RAW, f"{day} is not the poll that the press reported")
        rows.append(
            {
                "poll_id": f"{institute.lower()}_{end}",
                "round": 1,
                "institute": institute,
                "fieldwork_start": start,
                "fieldwork_end": end,
                "published_on": f"{day}T23:59",
                "basis": "stated",
                "sample_size": asked,
                "source_key": "press_before",
                **dict(zip(NAMED, (p / (100 - nobody) for p in percent), strict=True)),
            }
        )
    made = pd.DataFrame(rows)
    for day in ("2018-10-06", "2018-10-27"):
        mean = made.loc[made["fieldwork_end"] == day, list(NAMED)].to_numpy(float).mean(axis=0)
        theirs = said[list(NAMED)].loc[pd.Timestamp(day)].to_numpy(float)
        alike = np.allclose(mean, theirs, atol=1e-6, equal_nan=True)
        require(alike, RAW, f"{day} is not the mean of the polls that the press reported")
    runoff = (said.index >= "2018-10-10") & (said.index < VOTES_ON[2])
    slope = said.loc[runoff, "bolsonaro"].diff().to_numpy(float)
    bends = said.index[runoff][:-1][np.abs(np.diff(slope)) > 1e-6]
    strange = {f"{day:%Y-%m-%d}" for day in bends} - set(RUNOFF)
    require(not strange, RAW, f"bends on {strange}, when no poll is known to have come out")
    for day, institute in RUNOFF.items():
        shares = said[["bolsonaro", "haddad"]].loc[pd.Timestamp(day)].to_numpy(float).round(4)
        rows.append(
            {
                "poll_id": f"{institute.lower()}_{day}",
                "round": 2,
                "institute": institute,
                "fieldwork_end": day,
                "published_on": f"{day}T23:59",
                "basis": "rule",
                "source_key": "runoff_polls",
                "bolsonaro": float(shares[0]),
                "haddad": float(shares[1]),
            }
        )
    polls = pd.DataFrame(rows)
    polls["published_on"] = pd.to_datetime(polls["published_on"], format="ISO8601")
    polls = polls.assign(election=ELECTION, base="valid votes", rolling=False)
    ids = [name for name in polls.columns if name not in NAMED]
    return polls.melt(ids, list(NAMED), "candidate", "share").dropna(subset="share")


def _buzz(raw: pd.DataFrame) -> pd.DataFrame:
    before = raw[raw["date"] < VOTES_ON[2]]
    rows = before.melt(["date", "candidato"], list(MEASURES), "measure", "value")
    return pd.DataFrame(
        {
            "election": ELECTION,
            "day": rows["date"],
            "source": "metrics",
            "candidate": rows["candidato"],
            "measure": rows["measure"].map(MEASURES),
            "value": rows["value"].astype(float),
            "published_on": COMPILED,
            "held_on": rows["date"] + pd.Timedelta(days=1),
            "source_key": "metrics",
        }
    )
