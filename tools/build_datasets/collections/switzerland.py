"""Switzerland 2025: three popular votes, and what small language models said in voters' places."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.files import TABLES, read_raw, require

RAW = "many/llm_silicon/switzerland_2025_votes_small_models.csv"
COUNTED = pd.Timedelta(days=1, hours=8)
COMPILED = pd.Timestamp("2026-01-20 23:59")
VOTES = TABLES / "switzerland_votes.csv"
MODELS = {"LFM": "lfm2_5_1_2b", "LLAMA32": "llama_3_2_3b", "QWEN3": "qwen3_4b_2507"}
BECAUSE = (
    "the only evidence was compiled in January 2026: answers of language models in the places of "
    "people who were interviewed after the vote"
)


def build(source: Path) -> Collection:
    """`datasets/switzerland`."""
    raw = read_raw(source / RAW)
    votes = read_raw(VOTES).set_index("vote")
    counts = votes[["yes", "no"]].astype(float)
    valid = counts.sum(axis=1, min_count=2)
    stated = votes["yes_percent"].astype(float) / 100
    yes = (counts["yes"] / valid).fillna(stated)
    require(bool((yes - stated).abs().lt(0.0001).all()), "votes", "and percent disagree")
    near = raw["official_yes"].astype(float) - raw["vote"].map(yes)
    require(bool(near.abs().lt(0.001).all()), RAW, "has another outcome")
    vote_on = pd.to_datetime(votes["vote_on"])
    register = pd.DataFrame(
        {
            "election": votes["election"],
            "round": 1,
            "title": votes["title"],
            "country": "CH",
            "kind": "referendum",
            "system": "majority",
            "vote_on": vote_on,
            "known_at": vote_on + COUNTED,
            "seats": 1,
            "valid_votes": valid,
            "ranked": False,
            "unranked_because": BECAUSE,
            "source_key": "chancellery",
        }
    )
    outcome = pd.concat(
        votes[["election"]].assign(candidate=answer, votes=counts[answer], share=share)
        for answer, share in (("yes", yes), ("no", 1 - yes))
    ).assign(round=1, source_key="chancellery")
    candidates = outcome[["election", "round", "candidate"]].assign(
        name=outcome["candidate"].str.title(), family="other", party=None, incumbent=False
    )
    return collection(
        "switzerland",
        {
            "elections": register,
            "candidates": candidates,
            "outcomes": outcome,
            "claims": _claims(raw, votes["election"]),
        },
    )


def _claims(raw: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    said = pd.DataFrame(
        {
            "election": raw["vote"].map(names),
            "publisher": raw["model"].map(MODELS),
            "yes": raw["predicted_yes"].astype(float),
            "quantity": "vote_share",
        }
    )
    people = pd.DataFrame(
        {
            "election": said["election"],
            "publisher": "respondents",
            "yes": raw["survey_yes"].astype(float),
            "quantity": "reported_vote_share",
        }
    ).drop_duplicates()
    rows = pd.concat([said, people], ignore_index=True)
    rows["no"] = (1 - rows["yes"]).round(4)
    rows = rows.melt(["election", "publisher", "quantity"], ["yes", "no"], "candidate", "share")
    return rows.assign(
        round=1,
        day=COMPILED.normalize(),
        published_on=COMPILED,
        held_on=COMPILED,
        basis="derived",
        source_key="models",
    )
