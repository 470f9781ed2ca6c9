"""Brazil: both rounds of 2018 with daily counts of followers, comments and news; 2022; 2026."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.collections.later_votes import with_later_votes
from tools.build_datasets.files import DAY_END, TABLES, read_raw, require, require_equal

VOTES, POLLS = TABLES / "brazil2018_votes.csv", TABLES / "brazil2018_polls.csv"
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
VALID = {1: 107_050_749, 2: 104_838_753}
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
    """`datasets/brazil`."""
    raw = read_raw(source / RAW)
    raw["date"] = pd.to_datetime(raw["date"])
    counts = read_raw(VOTES).astype({"round": int, "votes": int})  # final counts of the TSE
    counts["candidate"] = counts["candidate"].where(counts["named"].eq("yes"), "others")
    outcomes = counts.groupby(["round", "candidate"], as_index=False)["votes"].sum()
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
            "n_advance": [2, 1],
            "valid_votes": list(VALID.values()),
            "ranked": True,
            "source_key": "tse",
        }
    )
    ballot = outcomes[["election", "round", "candidate"]]
    facts = pd.DataFrame.from_dict(PEOPLE, orient="index", columns=["name", "family", "party"])
    candidates = ballot.join(facts, on="candidate").assign(incumbent=False)
    tables = {
        "elections": register,
        "candidates": candidates,
        "outcomes": outcomes,
        "polls": _polls(raw),
        "buzz": _buzz(raw),
    }
    return collection("brazil", with_later_votes("brazil", tables))


def _polls(raw: pd.DataFrame) -> pd.DataFrame:
    """Polls that the press reported, and those of the runoff where the source's series bends."""
    names = list(NAMED)
    series = raw.assign(share=raw["intention_vote"].astype(float))
    series = series.pivot(index="date", columns="candidato", values="share")
    reported = read_raw(POLLS)
    reported["published_on"] = pd.to_datetime(reported["published_on"])
    percent = reported[[*names, "nobody"]].astype(float)
    reported[names] = percent[names].div(100 - percent["nobody"], axis=0)
    made = reported.drop(columns="nobody").assign(
        poll_id=reported["institute"].str.lower() + "_" + reported["fieldwork_end"],
        round=reported["round"].astype(int),
        basis="stated",
    )
    last = made["source_key"].eq("press")
    alone = percent.loc[~last, names] / 100
    means = made[last].groupby("fieldwork_end")[names].mean()
    alone.index = reported.loc[~last, "published_on"].dt.normalize()
    means.index = pd.to_datetime(means.index)
    for kind, told in (("the poll", alone), ("the mean of the polls", means)):
        theirs = series.loc[told.index, names].to_numpy(float)
        alike = np.isclose(theirs, told, atol=1e-6, equal_nan=True).all(axis=1)
        strange = [f"{day:%Y-%m-%d}" for day in told[~alike].index]
        require(not strange, RAW, f"{strange} is not {kind} that the press reported")
    runoff = series[(series.index >= "2018-10-10") & (series.index < VOTES_ON[2])]
    slope = runoff["bolsonaro"].diff().to_numpy(float)
    bends = runoff.index[:-1][np.abs(np.diff(slope)) > 1e-6]
    unknown = {f"{day:%Y-%m-%d}" for day in bends} - set(RUNOFF)
    require(not unknown, RAW, f"bends on {unknown}, when no poll is known to have come out")
    days = pd.to_datetime(list(RUNOFF))
    later = pd.DataFrame({"institute": list(RUNOFF.values()), "fieldwork_end": list(RUNOFF)})
    later = later.assign(
        poll_id=later["institute"].str.lower() + "_" + later["fieldwork_end"],
        round=2,
        published_on=days + DAY_END,
        basis="rule",
        source_key="runoff_polls",
        **series.loc[days, ["bolsonaro", "haddad"]].round(4).reset_index(drop=True),
    )
    polls = pd.concat([made, later], ignore_index=True)
    polls = polls.assign(election=ELECTION, base="valid votes", rolling=False)
    ids = [name for name in polls.columns if name not in NAMED]
    return polls.melt(ids, names, "candidate", "share").dropna(subset="share")


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
            "available_on": rows["date"] + pd.Timedelta(days=1),
            "source_key": "metrics",
        }
    )
