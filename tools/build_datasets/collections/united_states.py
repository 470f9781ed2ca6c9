"""The United States: two-candidate races, their markets and rival forecasts, states since 1932."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, sources_of
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
        sources=sources_of("united_states"),
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
        "is wrong. Eleven names are corrected (Mikulski for Murkowski in Maryland, Mourdock for "
        "Lingle in Indiana, others misspelt).",
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
