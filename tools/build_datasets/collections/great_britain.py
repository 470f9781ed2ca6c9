"""Great Britain: general elections 1929 to 2024, polls since 1945, constituencies, Betfair 2015."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.collections.institutes import opt_in, spellings
from tools.build_datasets.collections.later_votes import with_later_votes
from tools.build_datasets.files import TABLES, read_raw, require, slug

RAW_SEATS = "many/areas_uk/uk_constituency_results_1929_2019.parquet"
RAW_POLLS = "many/polls_uk/pollbase_1945_2021.parquet"
RAW_TWITTER = "many/media_buzz/uk_2015_2017_candidate_twitter.csv"
RAW_BETFAIR = "many/markets/betfair_uk2015.parquet"
PARTIES = {
    "con": ("Conservatives", "right", "Conservative"),
    "lab": ("Labour", "socialist", "Labour"),
    "lib": ("Liberals", "centre", "Liberal, SDP-Liberal Alliance, Liberal Democrats"),
    "others": ("Other parties", "other", None),
}
TWITTER = ["followers", "retweets_received", "likes_received"]
TWITTER_PARTIES = {"con": "con", "lab": "lab", "ld": "lib"}
CRAWLED = pd.Timestamp("2017-11-02 23:59")
WINDOW_DAYS = 365
LAG = pd.Timedelta(days=2, hours=23, minutes=59)
POLLS_CLOSE = pd.Timedelta(hours=22)
COUNTED = pd.Timedelta(days=1, hours=8)
DECLARED = {"gb1945": "1945-07-26 12:00"}  # votes of soldiers abroad were awaited for three weeks
# party of the Prime Minister on the day; 1931 a National Government of several
IN_OFFICE = {"con": "1929 1935 1945 1955 1959 1964 1974_02 1983 1987 1992 1997 2015 2017 2019"}
IN_OFFICE |= {"lab": "1950 1951 1966 1970 1974_10 1979 2001 2005 2010"}
# shares of the vote in Great Britain, percent: House of Commons Library, UK election statistics
PUBLISHED = {
    "gb1979": (44.9, 37.8, 14.1),
    "gb1983": (43.5, 28.3, 26.0),
    "gb1987": (43.3, 31.5, 23.1),
    "gb1992": (42.8, 35.2, 18.3),
    "gb1997": (31.5, 44.3, 17.2),
    "gb2001": (32.7, 42.0, 18.8),
    "gb2005": (33.2, 36.1, 22.6),
    "gb2010": (36.9, 29.7, 23.6),
    "gb2015": (37.7, 31.2, 8.1),
    "gb2017": (43.5, 41.0, 7.6),
    "gb2019": (44.7, 32.9, 11.8),
}
PUBLISHED_PP = 0.15
RECOUNTED = TABLES / "great_britain_recounted.csv"
MAJOR = ("Conservative", "Labour", "Liberal")
INSTITUTES = spellings("great_britain")
# they have asked members of panels that people join by themselves, and nobody else
OPT_IN = opt_in("great_britain")
MARKETS = {"most_seats": "most_seats_probability", "overall_majority": "seat_majority_probability"}
OUTCOMES = {
    "Conservative": "con",
    "Conservative Majority": "con",
    "Labour": "lab",
    "Labour Majority": "lab",
    "Liberal Democrat": "lib",
    "Any Other": "others",
    "Any Other Party Majority": "others",
}


def build(source: Path) -> Collection:
    """`datasets/great_britain`."""
    seats, said_of_seats = _seats(source)
    register = _register(seats)
    areas = seats.melt(["election", "area"], list(PARTIES), "candidate", "votes")
    areas["votes"] = areas["votes"].astype("int64")
    areas = areas.assign(round=1, level="constituency", source_key="britpol")
    recounted = _recount(areas)
    votes = areas.groupby(["election", "candidate"], as_index=False)["votes"].sum()
    valid = votes.groupby("election")["votes"].transform("sum")
    outcomes = votes.assign(round=1, share=votes["votes"] / valid, source_key="britpol")
    allied = ~recounted["label"].isin(MAJOR)
    _refuse_other_shares(outcomes)
    register["valid_votes"] = register["election"].map(votes.groupby("election")["votes"].sum())
    polls, n_exit = _polls(source, register)
    tables = {
        "elections": register,
        "candidates": _candidates(register),
        "outcomes": outcomes,
        "area_outcomes": areas,
        "polls": polls,
        "claims": _claims(source, register),
        "buzz": _buzz(source, register),
    }
    return collection(
        "great_britain",
        with_later_votes("great_britain", tables, dict.fromkeys(OPT_IN, "online opt-in")),
        seats=said_of_seats,
        n_allied=int(allied.sum()),
        n_misplaced=int((~allied).sum()),
        n_exit=n_exit,
        opt_in=", ".join(OPT_IN),
    )


def _seats(source: Path) -> tuple[pd.DataFrame, list[str]]:
    """Whole votes by constituency and candidate of the ballot, and what was done to the source."""
    raw = read_raw(source / RAW_SEATS)
    raw = raw[raw["region"] != "Northern Ireland"]
    once = raw.drop_duplicates()
    twice = once.duplicated(["date", "constituency"])
    require(not twice.any(), RAW_SEATS, f"two results of {once['constituency'][twice].head(1)}")
    parties = ["con", "lab", "lib", "nat", "oth"]
    counted = once[once[parties].sum(axis=1) > 0]
    uncontested = once.index.difference(counted.index)
    require(bool((counted[parties].fillna(0) >= 0).all(axis=None)), RAW_SEATS, "negative votes")
    made = pd.DataFrame(
        {
            "election": _names(counted["date"]),
            "date": counted["date"],
            "area": counted["constituency"].map(slug),
            "con": counted["con"].fillna(0).round(),
            "lab": counted["lab"].fillna(0).round(),
            "lib": counted["lib"].fillna(0).round(),
            "others": (counted["nat"].fillna(0) + counted["oth"].fillna(0)).round(),
        }
    )
    same = made.duplicated(["election", "area"])
    require(not same.any(), RAW_SEATS, f"two names give one slug: {made['area'][same].head(1)}")
    return made, [
        f"{len(raw) - len(once)} rows of the source repeat another one (1992: "
        f"{(raw['date'].str[:4] == '1992').sum() - (once['date'].str[:4] == '1992').sum()}) and "
        "count once; with them the shares of 1992 to 2005 are not those that were published.",
        f"{len(uncontested)} constituencies without a contest (1929 to 1945) have no votes.",
        "Votes of other parties since 2001 are a rounded share of the votes in the source, and "
        "rounded here: their sums are off by a few votes in millions.",
        "Constituencies are called by a slug of their name; boundaries were redrawn in 1950, 1955, "
        "1974, 1983, 1997, 2005 (Scotland) and 2010, and a name may stay where borders moved.",
    ]


def _recount(areas: pd.DataFrame) -> pd.DataFrame:
    """Count votes for the party of the ballot that they belong to, in place; return the table.

    Raises
    ------
    DataError
        If there is no such constituency, or not the votes that are to be counted elsewhere.
    """
    recounted = read_raw(RECOUNTED).astype({"votes": int})
    recounted["area"] = recounted["constituency"].map(slug)
    less = recounted.assign(candidate=recounted["counted_for"], votes=-recounted["votes"])
    more = recounted.assign(candidate=recounted["belongs_to"])
    key = ["election", "area", "candidate"]
    change = pd.concat([less, more]).groupby(key)["votes"].sum()
    place = pd.MultiIndex.from_frame(areas[key])
    require(bool(change.index.isin(place).all()), RECOUNTED.name, "names no such constituency")
    areas["votes"] += change.reindex(place, fill_value=0).to_numpy()
    require(bool(areas["votes"].ge(0).all()), RECOUNTED.name, "moves votes that are not there")
    touched = pd.MultiIndex.from_frame(recounted[key[:2]])
    moved = pd.MultiIndex.from_frame(areas[key[:2]]).isin(touched)
    areas.loc[moved, "source_key"] = "eggers_spirling"
    return recounted


def _names(days: pd.Series) -> pd.Series:
    twice = {"1974-02-28": "gb1974_02", "1974-10-10": "gb1974_10"}
    return days.map(lambda day: twice.get(day, f"gb{day[:4]}"))


def _register(seats: pd.DataFrame) -> pd.DataFrame:
    made = seats[["election", "date"]].drop_duplicates(ignore_index=True)
    day = pd.to_datetime(made["date"])
    month = day.dt.strftime("%B %Y").where(day.dt.year.eq(1974), day.dt.strftime("%Y"))
    declared = made["election"].map(DECLARED)
    return pd.DataFrame(
        {
            "election": made["election"],
            "round": 1,
            "title": "British general election of " + month + " (Great Britain)",
            "country": "GB",
            "kind": "parliament",
            "system": "plurality",
            "vote_on": day,
            "known_at": pd.to_datetime(declared).fillna(day + COUNTED),
            "n_advance": 1,
            "ranked": True,
            "source_key": "britpol",
        }
    )


def _candidates(register: pd.DataFrame) -> pd.DataFrame:
    office = {f"gb{year}": who for who, years in IN_OFFICE.items() for year in years.split()}
    rows = [
        (election, 1, key, *facts, office.get(election) == key)
        for election in register["election"]
        for key, facts in PARTIES.items()
    ]
    columns = ["election", "round", "candidate", "name", "family", "party", "incumbent"]
    return pd.DataFrame(rows, columns=columns)


def _refuse_other_shares(outcomes: pd.DataFrame) -> None:
    share = outcomes.set_index(["election", "candidate"])["share"]
    for election, published in PUBLISHED.items():
        for party, percent in zip(PARTIES, published, strict=False):
            ours = 100 * share[election, party]
            require(
                abs(ours - percent) < PUBLISHED_PP,
                RAW_SEATS,
                f"{party} has {ours:.2f} percent in {election}, published were {percent}",
            )


def _polls(source: Path, register: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    raw = read_raw(source / RAW_POLLS).drop_duplicates(
        ["start", "end", "pollster", "n", "con", "lab", "lib"]
    )
    raw["end"] = pd.to_datetime(raw["end"])
    frames, n_exit = [], 0
    before = pd.Timestamp.min
    for election, vote_on in zip(register["election"], register["vote_on"], strict=True):
        first = max(before, vote_on - pd.Timedelta(days=WINDOW_DAYS))
        frames.append(raw[(raw["end"] > first) & (raw["end"] < vote_on)].assign(election=election))
        n_exit += int((raw["end"] == vote_on).sum())
        before = vote_on
    polls = pd.concat(frames)
    label = polls["pollster"].map(lambda name: INSTITUTES.get(name, name))
    polls = pd.DataFrame(
        {
            "election": polls["election"],
            "poll_id": polls["id"].str.replace("poll-", "pollbase_"),
            "round": 1,
            "institute": label,
            "mode": label.where(label.isin(OPT_IN)).notna().map({True: "online opt-in"}),
            "fieldwork_start": pd.to_datetime(polls["start"]),
            "fieldwork_end": polls["end"],
            "published_on": polls["end"] + LAG,
            "basis": "rule",
            "sample_size": polls["n"],
            "rolling": False,
            "con": polls["con"],
            "lab": polls["lab"],
            "lib": polls["lib"],
            "source_key": "pollbase",
        }
    )
    ids = [name for name in polls.columns if name not in PARTIES]
    return polls.melt(ids, ["con", "lab", "lib"], "candidate", "share"), n_exit


def _claims(source: Path, register: pd.DataFrame) -> pd.DataFrame:
    raw = read_raw(source / RAW_BETFAIR)
    raw = raw[raw["market"].isin(list(MARKETS))]
    raw["time"] = pd.to_datetime(raw["time"])
    vote_on = register.set_index("election")["vote_on"]["gb2015"]
    raw = raw[raw["time"] < vote_on + POLLS_CLOSE]
    chance = (1 / raw["back_odds"] + 1 / raw["lay_odds"]) / 2
    sums = chance.groupby([raw["market"], raw["time"]]).transform("sum")
    raw = raw.assign(chance=chance / sums, day=raw["time"].dt.normalize())
    whole = raw["chance"].notna().groupby([raw["market"], raw["time"]]).transform("all")
    raw = raw[whole]
    raw = raw[raw["time"] == raw.groupby(["market", "day"])["time"].transform("max")]
    raw = raw[raw["outcome"].isin(list(OUTCOMES))]
    return pd.DataFrame(
        {
            "election": "gb2015",
            "publisher": "betfair",
            "round": 1,
            "day": raw["day"],
            "published_on": raw["time"],
            "available_on": raw["time"],
            "candidate": raw["outcome"].map(OUTCOMES),
            "share": raw["chance"].round(5),
            "quantity": raw["market"].map(MARKETS),
            "basis": "derived",
            "source_key": "betfair",
        }
    )


def _buzz(source: Path, register: pd.DataFrame) -> pd.DataFrame:
    """What the candidates of each party had on Twitter, all together."""
    raw = read_raw(source / RAW_TWITTER)
    raw = raw.assign(
        election="gb" + raw["election"].str.removeprefix("uk"),
        candidate=raw["party"].map(TWITTER_PARTIES),
        **raw[TWITTER].astype(float),
    )
    require(bool(raw["candidate"].notna().all()), RAW_TWITTER, "a party that is not one of three")
    total = raw.groupby(["election", "candidate"], as_index=False)[TWITTER].sum()
    vote_on = register.set_index("election")["vote_on"]
    rows = total.melt(["election", "candidate"], var_name="measure")
    return rows.assign(
        day=rows["election"].map(vote_on) - pd.Timedelta(days=1),
        source="candidate_twitter",
        published_on=CRAWLED,
        available_on=CRAWLED,
        source_key="candidate_twitter",
    )
