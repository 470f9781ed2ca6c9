"""The United States: two-candidate races, their markets and rival forecasts, states since 1932."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, collection
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
    claimed = [read(source, ballots) for read in MARKETS_AND_MODELS]
    claimed.append(samples.cces(source))
    polls = races.poll_table(raw)
    outcomes = ballots.assign(round=1, source_key=_origin(ballots))
    polled = ballots[ballots["election"].isin(raw["election"])]
    reasons = races.why_unranked(raw) | samples.digest_suspects(source)
    return collection(
        "united_states",
        {
            "elections": _elections(outcomes, reasons),
            "candidates": _candidates(ballots),
            "outcomes": outcomes[
                ["election", "round", "candidate", "votes", "share", "source_key"]
            ],
            "area_outcomes": samples.state_areas(source),
            "polls": polls,
            "claims": pd.concat(claimed, ignore_index=True),
            "online_ballot": samples.digest(source),
        },
        n_unranked=len(set(reasons) & set(polled["election"])),
        n_polled=polled["election"].nunique(),
        n_stated=polled.loc[~polled["official"].astype(bool), "election"].nunique(),
        n_repeated=len(raw) - len(polls) // 2,
        n_questions=len(raw),
        third=races.THIRD,
        agrees_pp=100 * races.AGREES,
        opt_in=", ".join(sorted(races.OPT_IN)),
    )


def _ballots(source: Path, raw: pd.DataFrame) -> pd.DataFrame:
    """Polled races first, then those that only markets or models spoke about."""
    nation = samples.popular_votes()
    polled = races.polled_ballots(raw)
    polled = polled[~polled["election"].isin(nation["election"])]
    states = {race_name(year, "president", state) for year in (2016, 2020) for state in STATES}
    others = races.nominees((states | claims.races_named(source)) - set(polled["election"]))
    made = [nation, polled, others, samples.digest_ballots()]
    ballots = pd.concat(made, ignore_index=True)
    require(not ballots.duplicated(["election", "candidate"]).any(), "ballots", "repeat a race")
    polled_on = raw.drop_duplicates("election").set_index("election")["vote_on"].to_dict()
    vote_on = {
        name: polled_on.get(name, general_election(parts_of(name)[0]))
        for name in ballots["election"].unique()
    }
    return ballots.assign(vote_on=pd.to_datetime(ballots["election"].map(vote_on)))


def _origin(ballots: pd.DataFrame) -> pd.Series:
    """The source of each outcome."""
    from_house = ballots["election"].str.contains("/house/")
    key = from_house.map({True: "results_medsl", False: "results_538"})
    key = key.where(ballots["official"].astype(bool), "polls_538")
    key = key.mask(ballots["election"].str.fullmatch(r"us\d{4}/president"), "popular_vote")
    return key.mask(ballots["election"].str.startswith("us1936/president/"), "clerk_1936")


def _elections(outcomes: pd.DataFrame, reasons: dict[str, str]) -> pd.DataFrame:
    first = outcomes.drop_duplicates("election").reset_index(drop=True)
    sums = outcomes.groupby("election")["votes"].agg(lambda votes: votes.sum(min_count=2))
    parts = [parts_of(name) for name in first["election"]]
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
            "vote_on": first["vote_on"],
            "known_at": first["vote_on"] + AFTER,
            "polls_until": pd.NaT,
            "n_advance": 1,
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
