"""American races: names, ballots of two candidates, polls, official outcomes, what is ranked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from tools.build_datasets.collections.institutes import opt_in
from tools.build_datasets.collections.united_states_official import read_official
from tools.build_datasets.collections.united_states_places import race_name
from tools.build_datasets.files import read_raw, require, slug

RAW = "many/polls_us/us_final21days_polls_1998_2021.parquet"
OFFICES = {"Pres": "president", "Sen": "senate", "Gov": "governor", "House": "house"}
STAGES = {
    "G": "",
    "GS": "_special",
    "GR": "_runoff",
    "GSR": "_special_runoff",
    "O": "_open",
    "OS": "_special_open",
}
MODES = {
    "Live Phone": "live phone",
    "IVR": "IVR",
    "Online": "online",
    "Mail": "mail",
    "Text": "text message",
    "text": "text message",
    "Face-to-face": "face to face",
}
# Firms whose internet samples are people who joined a panel or answered an advertisement. Left
# as `online`: panels recruited by random sampling (GfK and Knowledge Networks, RAND, USC), samples
# from lists of voters (Saint Anselm, UNH, BYU, Berkeley), and firms of which it is not known.
OPT_IN = opt_in("united_states")
SPONSORS = {"D": "Democratic", "R": "Republican", "IND": "independent"}
BY_HAND = {
    "us2003/governor/ca_special": "the replacement vote of the recall, with 135 candidates",
    "us2010/house/hi_01_special": "a special election of all candidates, two leading Democrats",
    "us2018/house/nc_09": "the count was never certified for fraud, and the election held again",
}
OPEN = "an open primary of all candidates: the pair on the ballot are the two in front in the count"
UNSETTLED = "polls left open who the two in front would be: the pair on the ballot is hindsight"
THIRD = 5.0  # points: a third candidate so strong, or so near to the second, leaves the pair open
AGREES = 0.003  # of the two-candidate share between the polls' table and the official votes
# Luria and Taylor in 2020: 185,733 and 174,201 votes are 51.6 to 48.4, the polls' table has 52.9
MISSTATED = frozenset({"us2020/house/va_02"})
MINUTE = pd.Timedelta(minutes=1)


def read_polls(source: Path) -> pd.DataFrame:
    """The raw questions of everything but primaries, with the name of their race."""
    raw = read_raw(source / RAW)
    raw = raw[raw["type_simple"].ne("Pres-P")].copy()
    kind = raw["type_detail"].str.partition("-")
    names = {
        (year, location, detail): race_name(
            year, OFFICES[office], "" if location == "US" else location, STAGES[stage]
        )
        for year, location, detail, office, stage in zip(
            raw["year"], raw["location"], raw["type_detail"], kind[0], kind[2], strict=True
        )
    }
    keys = zip(raw["year"], raw["location"], raw["type_detail"], strict=True)
    raw["election"] = [names[key] for key in keys]
    races = raw.drop_duplicates("race_id")["election"]
    require(races.is_unique, RAW, f"two races are called {list(races[races.duplicated()])}")
    raw["vote_on"] = pd.to_datetime(raw["electiondate"])
    return raw.sort_values(["election", "polldate", "question_id"], ignore_index=True)


def polled_ballots(raw: pd.DataFrame) -> pd.DataFrame:
    """Two rows per polled race: slug, name, party, official votes, share of the two.

    The share comes from the official count; where that is not compiled (special elections of
    the House), from the percentages in the polls' table. Where both are known they must agree.
    """
    count = read_official()
    official = dict(list(count[count["election"].isin(raw["election"])].groupby("election")))
    actual = raw.drop_duplicates("election").set_index("election")
    actual = actual[["cand1_actual", "cand2_actual"]].astype(float)
    rows = []
    for election, people in _people(raw).items():
        stated = actual.loc[election].to_numpy()
        counted = [_counted(official.get(election), *person) for person in people]
        share = stated / stated.sum()
        if None not in counted:
            votes = np.array(counted, dtype=float)
            far = abs(votes[0] / votes.sum() - share[0])
            agrees = bool(far <= AGREES) or election in MISSTATED
            require(agrees, election, f"official and stated shares differ by {far:.4f}")
            share = votes / votes.sum()
        for (name, party), slug_of, n, part in zip(
            people, slugs(election, people), counted, share, strict=True
        ):
            known = None not in counted
            rows.append((election, slug_of, name, party, n if known else None, part, known))
    columns = ["election", "candidate", "name", "party", "votes", "share", "official"]
    return pd.DataFrame(rows, columns=columns)


def _counted(rows: pd.DataFrame | None, name: str, party: str) -> int | None:
    if rows is None:
        return None
    found = rows[rows["party"].eq(party)]
    if len(found) != 1:
        tails = {"jr", "sr", "ii", "iii"}
        surname = [word for word in slug(name).split("_") if word not in tails][-1]
        found = rows[[surname in slug(one).split("_") for one in rows["candidate"]]]
    return int(found["votes"].iloc[0]) if len(found) == 1 else None


def slugs(election: str, people: list[tuple[str, str]]) -> list[str]:
    """Their parties; within one party letters in the order of a hash, which knows no winner.

    Examples
    --------
    >>> slugs("us2018/senate/az", [("Kyrsten Sinema", "DEM"), ("Martha McSally", "REP")])
    ['dem', 'rep']
    >>> sorted(slugs("us2018/senate/ca", [("Dianne Feinstein", "DEM"), ("Kevin de León", "DEM")]))
    ['dem_a', 'dem_b']
    """
    parties = [party.lower() for _, party in people]
    if parties[0] != parties[1]:
        return parties
    order = sorted(hashlib.sha256(f"{election}/{name}".encode()).digest() for name, _ in people)
    return [
        f"{party}_{'ab'[order.index(hashlib.sha256(f'{election}/{name}'.encode()).digest())]}"
        for (name, _), party in zip(people, parties, strict=True)
    ]


def nominees(names: set[str]) -> pd.DataFrame:
    """Ballots of races without polls: the one Democrat and the one Republican in the count.

    A race with none or several of either is left out.
    """
    rows = read_official()
    rows = rows[rows["election"].isin(names) & rows["party"].isin(["DEM", "REP"])]
    alone = rows.groupby(["election", "party"])["votes"].transform("size").eq(1)
    both = rows.groupby("election")["party"].transform("size").eq(2)
    single = alone.groupby(rows["election"]).transform("all")
    rows = rows[both & single].rename(columns={"candidate": "name"})
    rows["share"] = rows["votes"] / rows.groupby("election")["votes"].transform("sum")
    rows["candidate"] = rows["party"].str.lower()
    columns = ["election", "candidate", "name", "party", "votes", "share"]
    return rows[columns].assign(official=True).reset_index(drop=True)


def why_unranked(raw: pd.DataFrame) -> dict[str, str]:
    """The reason for each polled race whose pair was not settled before the vote.

    All but the open primaries are recognised by polls alone: no official figure enters.
    """
    means = raw.groupby("election")[["cand1_pct", "cand2_pct", "cand3_pct"]].mean().fillna(0.0)
    weaker, third = means[["cand1_pct", "cand2_pct"]].min(axis=1), means["cand3_pct"]
    parties = raw.drop_duplicates("election").set_index("election")[["cand1_party", "cand2_party"]]
    major = parties.isin(["DEM", "REP"]).all(axis=1) & parties.nunique(axis=1).eq(2)
    unsettled = third.ge(THIRD) & (third.ge(weaker - THIRD) | ~major)
    runoff = parties.index.to_series().str.endswith("_runoff")
    reasons = dict.fromkeys(unsettled.index[unsettled & ~runoff], UNSETTLED)
    reasons |= {name: OPEN for name in parties.index if name.endswith("_open")}
    return reasons | BY_HAND


def poll_table(raw: pd.DataFrame) -> pd.DataFrame:
    """`polls`: two rows per question, shares of the two-candidate vote."""
    same = ["election", "pollster", "polldate", "cand1_pct", "cand2_pct"]
    raw = raw.drop_duplicates(same)
    stated = raw["cand1_pct"] + raw["cand2_pct"]
    mode = raw["methodology"].map(_mode)
    volunteers = mode.eq("online") & raw["pollster"].isin(OPT_IN)
    end = pd.to_datetime(raw["polldate"])
    rule = end + pd.Timedelta(days=3) - MINUTE
    common = pd.DataFrame(
        {
            "election": raw["election"],
            "poll_id": [
                f"538_{poll}_{question}"
                for poll, question in zip(raw["poll_id"], raw["question_id"], strict=True)
            ],
            "round": 1,
            "institute": raw["pollster"],
            "sponsor": raw["partisan"].map(_sponsor, na_action="ignore"),
            "mode": mode.mask(volunteers, "online opt-in"),
            "fieldwork_start": pd.NaT,
            "fieldwork_end": end,
            "published_on": rule.where(rule < raw["vote_on"], raw["vote_on"] - MINUTE),
            "basis": "rule",
            "sample_size": raw["samplesize"].round().astype(int),
            "sample_expressed": (raw["samplesize"] * stated / 100).round().clip(1).astype(int),
            "base": "stated a vote for one of the two",
            "rolling": False,
            "source": "fivethirtyeight",
            "source_key": "polls_538",
        }
    )
    pairs = {election: slugs(election, people) for election, people in _people(raw).items()}
    sides = [
        common.assign(
            candidate=[pairs[election][i] for election in raw["election"]],
            share=raw[f"cand{i + 1}_pct"] / stated,
        )
        for i in (0, 1)
    ]
    return pd.concat(sides, ignore_index=True)


def _people(raw: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Name and party of the two candidates of each race."""
    return {
        str(race["election"]): [(race[f"cand{i}_name"], race[f"cand{i}_party"]) for i in (1, 2)]
        for race in raw.drop_duplicates("election").to_dict("records")
    }


def _mode(methodology: str) -> str:
    return " and ".join(MODES[part] for part in methodology.split("/"))


def _sponsor(partisan: str) -> str:
    return " and ".join(
        sorted(SPONSORS[part[:3] if part == "IND" else part[0]] for part in partisan.split(","))
    )
