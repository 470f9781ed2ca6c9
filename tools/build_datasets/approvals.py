"""Approvals beside votes: what people who cast an approval ballot voted, place by place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import Election
from tools.build_datasets.files import read_raw, require
from tools.build_datasets.ratings_2022 import RECORD, RECORDED, audience, volunteers

PLACES = "many/selfselected/fr_2002_2017_approvals_by_place.csv"
LOCAL = "many/selfselected/fr{}_candidates_with_local_scores.csv"
DECLARED = "many/selfselected/fr_declared_votes_counts.csv"
CROSSED = "digital/selfselected_online_approvals_by_declared_vote_2017.csv"
# column of official scores, by place; the communes of 2007 have one for all of them
OFFICIAL = {2002: {"Orsay": "score_orsay", "Gy-Les-Nonains": "score_gy"}, 2007: {"": "score_local"}}
TOGETHER = "Illkirch, Louvigny, Cigné"
STATIONS = {"Strasbourg": "strasbourg", "Crolles": "crolles", "Grenoble": "grenoble"}
STATIONS |= {"HSC": "herouville"}
NAMES = {"HSC": "Hérouville-Saint-Clair"}
PUBLISHED = {  # the paper that describes the data, its last possible day
    2002: ("2008-03-31", "Laslier and Van der Straeten 2008, doi:10.1007/s10683-006-9149-6"),
    2007: ("2009-01-31", "Baujard and Igersheim 2009, doi:10.3917/reco.601.0189"),
    2017: ("2019-11-25", "Bouveret et al. 2019, halshs-02379941"),
}
ONLINE_2017 = ("2018-03-14", "Bouveret et al. 2018, doi:10.5281/zenodo.1199544")
ORDER = ["place", "candidate", "approvals", "ballots", "share", "basis", "published_on", "source"]


def build(source: Path, election: Election) -> Part:
    """`inputs/approvals.csv`: approvals and votes of the same places, or of the same people."""
    if election.year in OFFICIAL:
        table = _beside_the_official_vote(source, election)
    elif election.year == 2017:
        table = _beside_declared_votes(source, election)
    else:
        table = _of_2022(source, election)
    shares = table.groupby("place")["share"].sum()
    require(bool((shares - 1).abs().lt(1e-4).all()), "approvals", f"shares sum to {shares.max()}")
    return part(
        "approvals",
        {"inputs/approvals.csv": table[ORDER].sort_values(["place", "candidate"])},
        election.year,
    )


def _places(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / PLACES).astype({"approvals": int, "ballots": int})
    return raw[raw["election"].eq(election.key)].rename(columns={"candidate": "name"})


def _beside_the_official_vote(source: Path, election: Election) -> pd.DataFrame:
    raw = _places(source, election)
    local = read_raw(source / LOCAL.format(election.year)).set_index("name")
    published_on, paper = PUBLISHED[election.year]
    frames = []
    for place, column in OFFICIAL[election.year].items():
        rows = raw[raw["place"].eq(place)] if place else raw
        table = rows.groupby("name")[["approvals", "ballots"]].sum()
        score = local[column].astype(float).reindex(table.index)
        require(bool(score.gt(0).all()), PLACES, f"{place}: a candidate without an official score")
        table["share"] = (score / score.sum()).round(6)
        frames.append(table.reset_index().assign(place=place or TOGETHER))
    found = pd.concat(frames, ignore_index=True)
    return found.assign(
        candidate=election.slugs_of(found["name"]),
        basis="official",
        published_on=pd.Timestamp(published_on),
        source=paper,
    )


def _beside_declared_votes(source: Path, election: Election) -> pd.DataFrame:
    raw = _places(source, election)
    votes = read_raw(source / DECLARED).astype({"n": int})
    published_on, paper = PUBLISHED[2017]
    frames = []
    for place, name in STATIONS.items():
        rows = raw[raw["place"].eq(place)].assign(place=NAMES.get(place, place))
        said = votes[votes["source"].eq(f"in_situ_{name}_2017") & votes["declared_vote"].notna()]
        declared = said.groupby("declared_vote")["n"].sum()
        share = rows["name"].map(declared).fillna(0)
        frames.append(rows.assign(share=(share / share.sum()).round(6), source=paper))
    crossed = read_raw(source / CROSSED).astype({"ballots": int, "approvals": int})
    ballots = crossed.groupby(crossed["declared_vote"].map(election.slug_of))["ballots"].first()
    liked = crossed.groupby(election.slugs_of(crossed["approved_candidate"]))["approvals"].sum()
    online = pd.DataFrame({"place": "vote.imag.fr", "approvals": liked, "ballots": ballots.sum()})
    online["share"] = (ballots / ballots.sum()).round(6)
    online = online.rename_axis("candidate").reset_index().assign(source=ONLINE_2017[1])
    stations = pd.concat(frames, ignore_index=True)
    stations["candidate"] = election.slugs_of(stations["name"])
    found = pd.concat([stations, online], ignore_index=True)
    moments = {paper: published_on, ONLINE_2017[1]: ONLINE_2017[0]}
    return found.assign(basis="declared", published_on=pd.to_datetime(found["source"].map(moments)))


def _of_2022(source: Path, election: Election) -> pd.DataFrame:
    ballot = volunteers(source, election)
    ballot = ballot[ballot["day"].eq(ballot["day"].max())]
    rows = pd.concat([ballot, audience(source, election)], ignore_index=True)
    votes = rows.groupby("source")["declared_votes"].transform("sum")
    return rows.assign(
        place=rows["source"].map({"vote_imag": "vote.imag.fr", "monsieur_phi": "Monsieur Phi"}),
        share=(rows["declared_votes"] / votes).round(6),
        basis="declared",
        published_on=RECORD,
        source=RECORDED,
    )
