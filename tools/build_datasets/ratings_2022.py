"""Ratings of 2022: grades in quota surveys, and two ballots of volunteers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import Election, person
from tools.build_datasets.files import GATHERED, read_raw, require, require_equal
from tools.build_datasets.ratings import RATING, approvals

GRADES = "many/polls_france/fr2022_grades_mieuxvoter.csv"
BY_DAY = "many/selfselected/fr2022_vote_imag_declared_votes_by_day.csv"
COUNTS = "many/selfselected/fr_declared_votes_counts.csv"
CROSSED = "many/selfselected/fr2022_approvals_by_declared_vote.csv"
# approvals of vote.imag by day, counted in the same public file as the declared votes
APPROVED = GATHERED / "fr2022_vote_imag_approvals_by_day.csv"
VOLUNTEERS = 2076  # of vote.imag with a candidate
AUDIENCE = 6801  # of the channel, with or without a vote that can be told
# first public record found of both ballots: a commit of 16 November 2023
RECORD = pd.Timestamp("2023-11-16T15:42")
RECORDED = "TheoDlmz/AxisRules data/France 2022"
SOURCES = {
    ("ELABE", "Image positive de la personnalité"): "elabe",
    ("ELABE", "faite-vous confiance"): "elabe_trust",
    ("IFOP", "Bonne opinion de la personnalité"): "ifop",
    ("Opinion Way", "scrutin jugement majoritaire"): "opinionway",
}
ON_SCALE = {"5": 4, "6": 4, "7": 7}  # grades that judge, by the number of answers offered
SPELT = {"Phillipe Juvin": "Philippe Juvin", "Florian Phillipot": "Florian Philippot"}
LAG = pd.Timedelta(days=2, hours=23, minutes=59)
DAY = pd.Timedelta(days=1)


def build(source: Path, election: Election) -> Part:
    """`inputs/ratings.csv` and `inputs/online_ballot.csv` of 2022."""
    graded, left_out = grades(source, election)
    ballot = pd.concat([volunteers(source, election), audience(source, election)])
    ballot = ballot.sort_values(["source", "day", "candidate"], ignore_index=True)
    table = pd.concat([graded, approvals(ballot, RECORDED)], ignore_index=True)
    table["n"] = table["n"].astype("Int64")
    return part(
        "ratings_2022",
        {"inputs/ratings.csv": table.sort_values(RATING), "inputs/online_ballot.csv": ballot},
        2022,
        n_graded=len(graded),
        left_out=left_out,
        n_volunteers=VOLUNTEERS,
    )


def grades(source: Path, election: Election) -> tuple[pd.DataFrame, int]:
    """Favourable and unfavourable fractions by the halves of each scale, and who was left out."""
    raw = read_raw(source / GRADES)
    raw = raw.assign(slug=raw["candidat"].replace(SPELT).map(person))
    known = raw[raw["slug"].isin(election.people["candidate"])]
    keys = list(zip(known["nom_institut"], known["hypothese"], strict=True))
    strange = sorted(set(map(str, keys)) - set(map(str, SOURCES)))
    require(not strange, GRADES, f"asks a question without a source: {strange}")
    names = [f"intention_mention_{n}" for n in range(1, 8)]
    answers = known[names].astype(float).to_numpy() / 100
    scale = known["nombre_mentions"].map(ON_SCALE).to_numpy()
    place = range(len(names))
    upper = [[p < n // 2 for p in place] for n in scale]
    lower = [[n - n // 2 <= p < n for p in place] for n in scale]
    day = pd.to_datetime(known["fin_enquete"])
    table = pd.DataFrame(
        {
            "source": [SOURCES[key] for key in keys],
            "round": 1 + (day >= election.vote_on[1]).astype(int),
            "day": day,
            "candidate": known["slug"],
            "favourable": (answers * upper).sum(axis=1).round(5),
            "unfavourable": (answers * lower).sum(axis=1).round(5),
            "n": known["echantillon"].astype(int),
            "published_on": day + LAG,
            "available_on": day + DAY,
            "provenance": "MieuxVoter/majority-judgment-tracker " + known["id"],
        }
    )
    twice = table[table.duplicated(RATING)]
    require(twice.empty, GRADES, f"grades somebody twice: {twice[RATING].head(2).to_dict()}")
    return table, len(raw) - len(known)


def volunteers(source: Path, election: Election) -> pd.DataFrame:
    """vote.imag: declared votes and approvals up to the end of each day."""
    votes = read_raw(source / BY_DAY).astype({"n": int})
    approved = read_raw(APPROVED).astype({"approvals": int, "ballots": int})
    stood = {name: election.slug_of(name.split(" ", 1)[1]) for name in set(approved["candidate"])}
    named = votes[votes["official_vote"].isin(stood)]
    require_equal(int(named["n"].sum()), VOLUNTEERS, "vote_imag: declared votes")
    days = sorted(votes["time"].unique())
    counts = named.pivot_table(index="time", columns="official_vote", values="n", aggfunc="sum")
    given = approved.pivot_table(index="day", columns="candidate", values="approvals")
    cast = approved.groupby("day")["ballots"].first()
    declared, liked = (
        t.reindex(index=days, columns=sorted(stood)).fillna(0).astype(int).cumsum()
        for t in (counts, given)
    )
    ballots = cast.reindex(days).fillna(0).astype(int).cumsum()
    table = declared.reset_index(names="day").melt(
        id_vars="day", var_name="candidate", value_name="declared_votes"
    )
    # the same order of rows
    table["approvals"] = liked.melt()["value"]
    table["candidate"] = table["candidate"].map(stood)
    table = table.assign(
        source="vote_imag",
        ballots=table["day"].map(ballots),
        day=pd.to_datetime(table["day"]),
        published_on=RECORD,
    )
    table["available_on"] = table["day"] + DAY
    return table.sort_values(["day", "candidate"], ignore_index=True)


def audience(source: Path, election: Election) -> pd.DataFrame:
    """Monsieur Phi: the whole ballot of volunteers, of unknown days."""
    votes = read_raw(source / COUNTS)
    votes = votes[votes["source"].eq("youtube_monsieur_phi_2022")].astype({"n": int})
    require_equal(int(votes["n"].sum()), AUDIENCE, "monsieur_phi: ballots")
    votes = votes[~votes["declared_vote"].str.startswith("unidentified")]
    crossed = read_raw(source / CROSSED).astype({"approvals": int, "ballots": int})
    crossed = crossed[crossed["source"].eq("youtube_monsieur_phi_2022")]
    crossed = crossed[crossed["declared_vote"].isin(votes["declared_vote"])]
    liked = crossed.groupby(election.slugs_of(crossed["candidate"]))["approvals"].sum()
    ballots = int(crossed.groupby("declared_vote")["ballots"].first().sum())
    declared = election.slugs_of(votes["declared_vote"])
    return pd.DataFrame(
        {
            "source": "monsieur_phi",
            "day": RECORD.normalize(),
            "candidate": declared,
            "declared_votes": votes["n"],
            "approvals": declared.map(liked),
            "ballots": ballots,
            "published_on": RECORD,
            "available_on": RECORD,
        }
    )
