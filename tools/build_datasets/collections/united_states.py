"""The United States: two-candidate races, their markets and rival forecasts, states since 1932."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, Source
from tools.build_datasets.collections import united_states_claims as claims
from tools.build_datasets.collections import united_states_races as races
from tools.build_datasets.collections import united_states_samples as samples
from tools.build_datasets.collections.united_states_places import (
    STATES,
    general_election,
    parts_of,
    race_name,
    title_of,
)
from tools.build_datasets.files import require

MARKETS_AND_MODELS = (
    claims.predictit,
    claims.iowa,
    claims.models_2016,
    claims.models_2018,
    claims.governors,
    claims.senate_history,
    claims.models_2020,
)
AFTER = pd.Timedelta(days=1, hours=8)  # closing times differ within the country: the next morning
FAMILIES = {"DEM": "democratic", "REP": "republican"}
NIGHT = "23:59 of the day that the figure is for"
FORECAST = (
    f"{NIGHT}; noon for a last forecast dated, or for want of a date put, on the day of the vote"
)
SOURCES = [
    Source(
        key="polls_538",
        title="FiveThirtyEight, pollster ratings, raw polls of the last 21 days, 1998-2021",
        citation=(
            "https://github.com/fivethirtyeight/data, pollster-ratings/2023/raw-polls.csv at "
            "fcf572c4fba05a42f1f34f415bd5e6dc389efd68"
        ),
        licence="CC-BY-4.0",
        published_on_rule=(
            "median field day, which stands in fieldwork_end, plus 2 days, 23:59; 23:59 of the eve "
            "of the vote where that would be later, since every poll here came out before the vote"
        ),
    ),
    Source(
        key="results_538",
        title="FiveThirtyEight, election results (President, Senate, governors, all House votes)",
        citation=(
            "https://github.com/fivethirtyeight/election-results at "
            "d7a7cff101da28f4ff77114450a964874800ca54, from the counts of states and the FEC"
        ),
        licence="CC-BY-4.0",
        published_on_rule="08:00 of the day after the vote (known_at)",
    ),
    Source(
        key="results_medsl",
        title="MIT Election Data and Science Lab: U.S. House 1976-2022, U.S. President 1976-2020",
        citation=(
            "doi:10.7910/DVN/IG0UN2 and doi:10.7910/DVN/42MVDX, as kept in "
            "https://github.com/thisismactan/USA-2024 at c2a7c54ad6f47a9b3b41eaad59427b26e2c23147 "
            "and https://github.com/treyschulman/cs-416-dv at "
            "65af05a3921294945cdbdc5388ea2502e9910a34"
        ),
        licence="CC0-1.0",
        published_on_rule="08:00 of the day after the vote (known_at)",
    ),
    Source(
        key="popular_vote",
        title="National popular vote for President, 1932-2024",
        citation=(
            "Dave Leip's Atlas of U.S. Presidential Elections, from the official reports, "
            "1932-1976; Federal Election Commission, Federal Elections, 1980-2024"
        ),
        licence="public-domain",
        published_on_rule="08:00 of the day after the vote (known_at)",
    ),
    Source(
        key="pscl",
        title="Democratic share of the presidential vote by state, 1932-1972",
        citation="R package pscl, presidentialElections, from Dave Leip's Atlas",
        licence="GPL-2.0-or-later",
        published_on_rule="08:00 of the day after the vote (known_at)",
    ),
    Source(
        key="predictit",
        title="PredictIt, last prices of the day, 2016, 2018 and 2020",
        citation=(
            "https://github.com/k5cents/predelect at cc973d5878daeeedd4f6e3b15912f11277817252, "
            "released by PredictIt to academics"
        ),
        licence="facts",
        published_on_rule=f"{NIGHT}; nothing from the day of the vote on",
    ),
    Source(
        key="iem",
        title="Iowa Electronic Markets, prices quoted in articles, 1988-2024",
        citation="the article is named in `source` of each row",
        licence="facts",
        published_on_rule=NIGHT,
    ),
    Source(
        key="grades_2016",
        title="Forecasts of 2016 by state, collected by BuzzFeed News",
        citation=(
            "https://github.com/BuzzFeedNews/2016-11-grading-the-election-forecasts at "
            "889bf84f8fa49662f1717143e7bd2b74a27bc746"
        ),
        licence="facts",
        published_on_rule=FORECAST,
    ),
    Source(
        key="models_2018",
        title="FiveThirtyEight 2018: last forecasts of three versions, the classic one by day",
        citation=(
            "https://github.com/fivethirtyeight/data (forecast results 2018) and "
            "https://github.com/k5cents/models-markets at "
            "47fd763f01de196586ca6e8f2ecb221e873b62ed (MIT)"
        ),
        licence="CC-BY-4.0",
        published_on_rule=FORECAST,
    ),
    Source(
        key="governors_538",
        title="FiveThirtyEight on governors, 2010 and 2018",
        citation=(
            "https://github.com/fivethirtyeight/checking-our-work-data, governors_elections.csv at "
            "f6d5b2e1d6da2889345d381c41431f9a4ee208dd"
        ),
        licence="CC-BY-4.0",
        published_on_rule=FORECAST,
    ),
    Source(
        key="senate_538",
        title="FiveThirtyEight, last forecasts of Senate races 2008, 2010 and 2012",
        citation="https://github.com/fivethirtyeight/data, historical-senate-predictions.csv",
        licence="CC-BY-4.0",
        published_on_rule=FORECAST,
    ),
    Source(
        key="models_2020",
        title="Fourteen models of 2020, PredictIt and the map of 2016, by state",
        citation=(
            "https://github.com/wjakethompson/2020-election-forecasts at "
            "c4c7ba34129788459c4523c88fe06b3106d9e932"
        ),
        licence="facts",
        published_on_rule=FORECAST,
    ),
    Source(
        key="literary_digest",
        title="Literary Digest, straw vote of 1936",
        citation=(
            "Literary Digest, 31 October 1936, by state as in "
            "randomservices.org/random/data/LiteraryDigest.html; nation: Squire 1988, "
            "doi:10.1086/269085"
        ),
        licence="facts",
        published_on_rule="23:59 of the date of the issue",
    ),
    Source(
        key="cces",
        title="Cooperative Congressional Election Study 2016, validated voters by state",
        citation=(
            "https://github.com/kuriwaki/ddi at bbbc6772ef521b958033485f5fc30cb096e191b1; "
            "Meng 2018, doi:10.1214/18-AOAS1161SF"
        ),
        licence="GPL-2.0-or-later",
        published_on_rule="end of June 2018, with the article that has these figures: hindsight",
    ),
]


def build(source: Path) -> Collection:
    """Everything of `datasets/united_states`."""
    raw = races.read_polls(source)
    ballots = _ballots(source, raw)
    polled_on = raw.drop_duplicates("election").set_index("election")["vote_on"].to_dict()
    vote_on: dict[str, pd.Timestamp] = {
        name: polled_on.get(name, general_election(parts_of(name)[0]))
        for name in ballots["election"].unique()
    }
    claimed = [read(source, ballots, vote_on) for read in MARKETS_AND_MODELS]
    claimed.append(samples.cces(source))
    polls = races.poll_table(raw)
    outcomes = ballots.assign(round=1, source_key=_origin(ballots))
    reasons = races.why_unranked(raw) | samples.digest_suspects(source)
    return Collection(
        name="united_states",
        title="United States of America",
        what=(
            "Races between two candidates, 1998-2021, with polls of their last 21 days, market "
            "prices and rival forecasts; the popular vote and the states since 1932; two samples "
            "that are famous for their size."
        ),
        sources=SOURCES,
        tables={
            "elections": _elections(outcomes, vote_on, reasons),
            "candidates": _candidates(ballots),
            "outcomes": outcomes[
                ["election", "round", "candidate", "votes", "share", "source_key"]
            ],
            "area_outcomes": samples.state_areas(source),
            "polls": polls,
            "claims": pd.concat(claimed, ignore_index=True),
            "online_ballot": samples.digest(source),
        },
        quirks=_quirks(raw, polls, ballots, reasons),
    )


def _ballots(source: Path, raw: pd.DataFrame) -> pd.DataFrame:
    """Polled races first, then those that only markets or models spoke about."""
    nation = samples.popular_votes()
    polled = races.polled_ballots(raw)
    polled = polled[~polled["election"].isin(nation["election"])]
    states = {race_name(year, "president", state) for year in (2016, 2020) for state in STATES}
    others = races.nominees((states | claims.races_named(source)) - set(polled["election"]))
    made = [nation, polled, others, samples.digest_ballots(source)]
    ballots = pd.concat(made, ignore_index=True)
    require(not ballots.duplicated(["election", "candidate"]).any(), "ballots", "repeat a race")
    return ballots


def _origin(ballots: pd.DataFrame) -> pd.Series:
    """The source of each outcome."""
    from_house = ballots["election"].str.contains("/house/")
    key = from_house.map({True: "results_medsl", False: "results_538"})
    key = key.where(ballots["official"].astype(bool), "polls_538")
    key = key.mask(ballots["election"].str.fullmatch(r"us\d{4}/president"), "popular_vote")
    return key.mask(ballots["election"].str.startswith("us1936/president/"), "pscl")


def _elections(
    outcomes: pd.DataFrame, vote_on: dict[str, pd.Timestamp], reasons: dict[str, str]
) -> pd.DataFrame:
    first = outcomes.drop_duplicates("election").reset_index(drop=True)
    sums = outcomes.groupby("election")["votes"].agg(lambda votes: votes.sum(min_count=2))
    parts = [parts_of(name) for name in first["election"]]
    day = pd.to_datetime(first["election"].map(vote_on))
    reason = first["election"].map(reasons)
    return pd.DataFrame(
        {
            "election": first["election"],
            "round": 1,
            "title": [title_of(name) for name in first["election"]],
            "country": "US",
            "kind": [office for _, office, _, _ in parts],
            "area": [area or None for _, _, area, _ in parts],
            "system": [
                "electoral_college" if office == "president" and not area else "plurality"
                for _, office, area, _ in parts
            ],
            "vote_on": day,
            "known_at": day + AFTER,
            "polls_until": pd.NaT,
            "seats": 1,
            "valid_votes": first["election"].map(sums),
            "ranked": reason.isna(),
            "unranked_because": reason,
            "source_key": first["source_key"],
        }
    )


def _candidates(ballots: pd.DataFrame) -> pd.DataFrame:
    return ballots[["election", "candidate", "name", "party"]].assign(
        round=1,
        family=ballots["party"].map(FAMILIES).fillna("other"),
        party=ballots["party"].where(ballots["party"].ne("")),
        incumbent=False,
    )


def _quirks(
    raw: pd.DataFrame, polls: pd.DataFrame, ballots: pd.DataFrame, reasons: dict[str, str]
) -> list[str]:
    polled = ballots[ballots["election"].isin(raw["election"])]
    stated = polled[~polled["official"].astype(bool)]["election"].nunique()
    unranked = {name for name in reasons if name in set(polled["election"])}
    return [
        "Ballots are the two candidates; shares of polls, forecasts and outcomes are fractions of "
        "the votes for the two, so undecided people and third candidates are left out everywhere. "
        "sample_expressed is the part of the sample that named one of the two.",
        "Slugs are parties; two candidates of one party are told apart by letters in the order of "
        "a hash. The order of the source, whose first candidate is the winner too often where no "
        "Democrat faces a Republican, is used nowhere.",
        f"Not ranked: {len(unranked)} of {polled['election'].nunique():,} polled races. In open "
        "primaries the pair are the two in front in the count. Elsewhere the reason is found from "
        f"polls alone: another candidate polled {races.THIRD:g} % or more and, where the pair "
        f"is a Democrat and a Republican, within {races.THIRD:g} points of the weaker. In "
        "runoffs the pair is known. Presidential primaries are not here.",
        "A race between a Democrat and a Republican is here only if the two came in front, so "
        "races in which a third candidate overtook one of them are missing from the ranking: "
        "the source has no others.",
        f"Outcomes: official votes, which agree with the percentages in the polls' table within "
        f"{100 * races.AGREES:g} points; for {stated} races (special elections of the House, "
        "Louisiana, Puerto Rico) those percentages alone. In Virginia's second district 2020 the "
        "polls' table is wrong (52.9 % for 51.6 %): official votes are used. In South Carolina "
        "1992 the compilation is wrong (525,514 votes for Clinton): the FEC's 479,514 are used.",
        "fieldwork_end is the median day of the interviews, within the last 21 days: no claim "
        "about how errors grow with days before the vote may rest on it.",
        "sample_size is 600 where the source does not know it; it does not say where.",
        "Polls with the same institute, day and figures in one race are counted once: "
        f"{len(raw) - len(polls) // 2} of {len(raw):,} were left out.",
        "mode `online opt-in`: internet samples of firms whose respondents joined a panel or "
        "answered an advertisement (" + ", ".join(sorted(races.OPT_IN)) + "). `online`: panels "
        "recruited at random, samples from lists of voters, firms of which it is not known. "
        "Polls of mixed modes bear all of them.",
        "sponsor: the party for which a partisan poll was made.",
        "incumbent is not known and false throughout; no method may use it.",
        "PredictIt: outcomes come from official votes, never from where a market closed (two "
        "closed on the wrong side: California 25 in 2016 and 21 in 2018). Markets on parties are "
        "preferred to those on the return of a member; the latter count only if he "
        "or she stood. Not used: markets on the seats of Georgia and Louisiana 2020, decided by "
        "runoffs, and of Alaska 2020, which quote the Democrats' nominee twice. Prices of "
        "Louisiana 2016 and of Mississippi's special election 2018 count for the runoff and begin "
        "after the first vote. Prices of 2020 end on 28 September.",
        "IEM: vote-share prices are divided by their sum over the two (1992: without Perot); the "
        "winner-take-all market pays on the popular vote, which is what these elections are: "
        "first_place_probability, not the presidency.",
        "Forecasts by day are kept for the last 14 days and every seventh day before. "
        "`derived`: the complement of the other candidate's figure, or a share of the two from "
        "shares of all votes. PollSavvy's chances are multiplied by 100, without which Trump has "
        "0.01 in Alabama. Margins without shares (HuffPost, New York Times, PEC) give no "
        "vote_share. The complement is not used in Utah 2016, where McMullin had a chance.",
        "Senate 2010 in Arizona and 2012 in Wisconsin: the source gives chance and seat of McCain "
        "to Glassman and those of Baldwin to Thompson; exchanged. In Montana 2012 only its winner "
        "is wrong. "
        "Eleven names are corrected (Mikulski for Murkowski in Maryland, Mourdock for Lingle in "
        "Indiana, others misspelt).",
        "Mississippi's special election 2018 in FiveThirtyEight's files is the chance of the seat: "
        "it stands with the runoff. Districts that choose electors are left out of forecasts of "
        "2020, whose authors copied the state.",
        "House districts of 2018 without polls are here if one Democrat and one Republican stood.",
        "area_outcomes: until 1972 the Democrat (dem) against everybody else (not_dem), since the "
        "source has no more; from 1976 on the two candidates. Alabama is missing in 1948 and 1964.",
        "Literary Digest: declared_votes are ballots returned, approvals the same, since a ballot "
        "names one candidate. not_dem is Landon alone: Lemke is not known by state. Four states "
        "are corrupt in the source and not ranked; the sums of states fall short of the totals.",
        "CCES: Trump among all validated voters of the sample, undecided ones counted as not for "
        "him, as in Meng (quantity share_of_all_answers). Made after the vote: hindsight.",
    ]
