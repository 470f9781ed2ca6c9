"""Presidential votes since 1932: popular vote, states, and two samples that were far off."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections.united_states_official import read_official
from tools.build_datasets.collections.united_states_places import (
    CODES,
    STATES,
    race_name,
    race_names,
)
from tools.build_datasets.files import TABLES, read_raw, require

# Votes for the Democrat, for the Republican, and in all (used where the states are known as
# Democrats against everybody else). Dave Leip's Atlas from the official reports, 1932-1976;
# Federal Election Commission, Federal Elections, 1980-2024.
_NATION = read_raw(TABLES / "popular_vote.csv")
_NATION = _NATION.astype(dict.fromkeys(("year", "dem", "rep", "valid"), int))
POPULAR_VOTE = {year: tuple(rest) for year, *rest in _NATION.itertuples(index=False)}
TWO_CANDIDATES = 1976  # first year in which both parties' votes by state are here
NEAR = 0.0006  # of the two-candidate share, between compilations
NEAR_STATE = 1.5  # points of all votes; some count blank ballots (New York 1.2)
SAMPLES = "many/selfselected"
STATE_SHARES = "many/areas_us/us_state_presidential_dem_share_1932_2012.csv"
REST = "not_dem"
DIGEST_OUT = pd.Timestamp("1936-10-31 23:59")
# Landon and Lemke stand for everybody but Roosevelt; Time of 9 November 1936 has 2,350,000 ballots
DIGEST_TOTALS = {"dem": 972_897, REST: 1_293_669 + 83_610}
STATES_1936 = TABLES / "states_1936.csv"
CCES_OUT = pd.Timestamp("2018-06-30 23:59")


def popular_votes() -> pd.DataFrame:
    """Ballots of the national popular vote, two rows per year.

    Before 1976 states are known as the Democrat against everybody else, so that is the ballot
    of the nation too; afterwards it is the two candidates.

    Raises
    ------
    DataError
        If the figures here and the sums of the compiled states disagree.
    """
    rows = []
    for year, (democrat, dem, republican, rep, whole) in POPULAR_VOTE.items():
        two = year >= TWO_CANDIDATES
        other = ("rep", republican, "REP", rep)
        if not two:
            other = (REST, f"All but {democrat}", "", whole - dem)
        for slug_of, name, party, votes in (("dem", democrat, "DEM", dem), other):
            share = votes / (dem + other[3])
            rows.append((race_name(year, "president"), slug_of, name, party, votes, share))
    columns = ["election", "candidate", "name", "party", "votes", "share"]
    made = pd.DataFrame(rows, columns=columns).assign(official=True)
    _agree_with_states(made)
    return made


def _agree_with_states(made: pd.DataFrame) -> None:
    states = _states()
    sums = states.groupby(["election", "candidate"])["votes"].sum().unstack()
    here = made[made["candidate"].eq("dem")].set_index("election")["share"]
    for election, dem, rep in sums.itertuples():
        far = abs(dem / (dem + rep) - here[election])
        require(bool(far < NEAR), str(election), f"nation and states differ by {far:.5f}")


def state_areas(source: Path) -> pd.DataFrame:
    """`area_outcomes`: states of the national vote; two candidates from 1976 on.

    Raises
    ------
    DataError
        If the source of the early years and the official count of later ones disagree.
    """
    raw = read_raw(source / STATE_SHARES)
    raw = raw[raw["state"].ne("Total")]
    raw["area"] = raw["state"].replace("DC", "District of Columbia").map(CODES)
    raw["election"] = race_names(raw["year"], "president")
    states = _states()
    _agree_with_count(raw, states)
    raw = raw[raw["year"].astype(int) < TWO_CANDIDATES]
    dem = raw["demVote"].astype(float) / 100
    frame = pd.DataFrame(
        {
            "election": raw["election"],
            "round": 1,
            "level": "state",
            "area": raw["area"],
            "votes": None,
            "source_key": "pscl",
        }
    )
    early = [frame.assign(candidate="dem", share=dem), frame.assign(candidate=REST, share=1 - dem)]
    late = states.drop(columns="percent").assign(
        round=1,
        level="state",
        share=states["votes"] / states.groupby(["election", "area"])["votes"].transform("sum"),
    )
    return pd.concat([*early, late], ignore_index=True)


def _states() -> pd.DataFrame:
    """Official votes of the two parties by state: election of the nation, area, candidate."""
    rows = read_official()
    rows = rows[rows["election"].str.fullmatch(r"us\d{4}/president/[a-z]{2}")]
    rows = rows[rows["party"].isin(["DEM", "REP"])].sort_values("votes")
    rows = rows.drop_duplicates(["election", "party"], keep="last")  # not electors of another name
    place = rows["election"].str.rpartition("/")
    return pd.DataFrame(
        {
            "election": place[0],
            "area": place[2].str.upper(),
            "candidate": rows["party"].str.lower(),
            "votes": rows["votes"],
            "percent": rows["percent"],
            "source_key": rows["source_key"],
        }
    )


def _agree_with_count(shares: pd.DataFrame, states: pd.DataFrame) -> None:
    democrats = states[states["candidate"].eq("dem")]
    both = shares.merge(democrats, on=["election", "area"])
    far = (both["demVote"].astype(float) - both["percent"]).abs()
    apart = both[far >= NEAR_STATE]
    places = ", ".join(
        f"{e}/{area}" for e, area in zip(apart["election"], apart["area"], strict=True)
    )
    require(apart.empty, places, f"two sources differ by {NEAR_STATE:g} points or more")


def digest_ballots() -> pd.DataFrame:
    """Ballots of the states in 1936: the two whom the straw vote has by state.

    Raises
    ------
    DataError
        If the states do not add up to the nation.
    """
    states = read_raw(STATES_1936).astype({"dem": int, "rep": int})
    democrat, dem, republican, rep, _ = POPULAR_VOTE[1936]
    share = states["dem"].sum() / states[["dem", "rep"]].sum().sum()
    require(abs(share - dem / (dem + rep)) < NEAR, STATES_1936.name, f"{share:.5f} in all")
    names = race_names(1936, "president", states["state"])
    both = states["dem"] + states["rep"]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "election": names,
                    "candidate": slug_of,
                    "name": name,
                    "party": slug_of.upper(),
                    "votes": states[slug_of],
                    "share": states[slug_of] / both,
                    "official": True,
                }
            )
            for slug_of, name in (("dem", democrat), ("rep", republican))
        ],
        ignore_index=True,
    )


def digest(source: Path) -> pd.DataFrame:
    """`online_ballot`: straw votes of the Literary Digest by state and in the nation."""
    raw = _digest(source)
    names = race_names(1936, "president", raw["state"])
    nation = pd.DataFrame({"election": race_name(1936, "president"), **DIGEST_TOTALS}, index=[0])
    counts = pd.DataFrame({"election": names, "dem": raw["roosevelt"], "rep": raw["landon"]})
    counts = counts.astype({"dem": int, "rep": int})
    rows = pd.concat([counts.melt("election"), nation.melt("election")])
    rows = rows.set_axis(["election", "candidate", "declared_votes"], axis=1)
    return rows.assign(
        source="literary_digest",
        day=DIGEST_OUT.normalize(),
        approvals=rows["declared_votes"],
        ballots=rows.groupby("election")["declared_votes"].transform("sum"),
        published_on=DIGEST_OUT,
        available_on=DIGEST_OUT,
        source_key="literary_digest",
    )


def digest_suspects(source: Path) -> dict[str, str]:
    """Why the counts of some states cannot be ranked, by election."""
    raw = _digest(source)
    raw = raw[raw["suspect"].eq("True")]
    return {
        race_name(1936, "president", state): f"the straw vote at hand is corrupt: {reason}"
        for state, reason in zip(raw["state"], raw["suspect_reason"], strict=True)
    }


def _digest(source: Path) -> pd.DataFrame:
    raw = read_raw(source / SAMPLES / "us1936_literary_digest_by_state.csv")
    require(set(raw["state"]) < set(STATES), "us1936_literary_digest_by_state.csv", "has no state")
    return raw


def cces(source: Path) -> pd.DataFrame:
    """`claims`: Trump among all validated voters of the CCES 2016, undecided ones included.

    The quantity is that of Meng, whose denominator is everybody who answered, so it is no share
    of two candidates and no forecast: voters were validated after the vote.
    """
    raw = read_raw(source / SAMPLES / "us2016_cces_by_state.csv")
    return pd.DataFrame(
        {
            "election": race_names(2016, "president", raw["st"]),
            "publisher": "cces",
            "round": 1,
            "day": pd.Timestamp("2016-11-07"),
            "published_on": CCES_OUT,
            "candidate": "rep",
            "share": raw["cces_pct_djt_vv"].astype(float).round(6),
            "quantity": "share_of_all_answers",
            "basis": "quoted",
            "source": None,
            "source_key": "cces",
        }
    ).dropna(subset="share")
