"""Switzerland 2025: three popular votes, and what small language models said in voters' places."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.files import read_raw, require

RAW = "many/llm_silicon/switzerland_2025_votes_small_models.csv"
COUNTED = pd.Timedelta(days=1, hours=8)
COMPILED = pd.Timestamp("2026-01-20 23:59")
# name, title, day, percent of yes, votes for yes and no where both are known
VOTES = {
    "Umweltverantwortung": (
        "ch2025/referendum/environmental_responsibility",
        "Swiss vote on environmental responsibility, 2025",
        "2025-02-09",
        30.16,
        (635_368, 1_471_593),
    ),
    "Eigenmietwert": (
        "ch2025/referendum/imputed_rental_value",
        "Swiss vote on the tax on second homes and the imputed rental value, 2025",
        "2025-09-28",
        57.73,
        None,
    ),
    "E-ID": (
        "ch2025/referendum/e_id",
        "Swiss vote on the electronic identity, 2025",
        "2025-09-28",
        50.39,
        None,
    ),
}
MODELS = {"LFM": "lfm2_5_1_2b", "LLAMA32": "llama_3_2_3b", "QWEN3": "qwen3_4b_2507"}
BECAUSE = (
    "the only evidence was compiled in January 2026: answers of language models in the places of "
    "people who were interviewed after the vote"
)


def build(source: Path) -> Collection:
    """`datasets/switzerland`."""
    raw = read_raw(source / RAW)
    register, outcomes = [], []
    for key, (name, title, day, percent, counts) in VOTES.items():
        yes = percent / 100 if counts is None else counts[0] / sum(counts)
        require(abs(100 * yes - percent) < 0.01, name, "votes and percent disagree")
        near = raw.loc[raw["vote"] == key, "official_yes"].astype(float)
        require(
            bool((near - yes).abs().lt(0.001).all()), name, "is not the outcome in the raw file"
        )
        vote_on = pd.Timestamp(day)
        register.append(
            {
                "election": name,
                "round": 1,
                "title": title,
                "country": "CH",
                "kind": "referendum",
                "system": "majority",
                "vote_on": vote_on,
                "known_at": vote_on + COUNTED,
                "seats": 1,
                "valid_votes": None if counts is None else sum(counts),
                "ranked": False,
                "unranked_because": BECAUSE,
                "source_key": "chancellery",
            }
        )
        votes = (None, None) if counts is None else counts
        for answer, share, count in zip(("yes", "no"), (yes, 1 - yes), votes, strict=True):
            outcomes.append((name, 1, answer, count, share, "chancellery"))
    columns = ["election", "round", "candidate", "votes", "share", "source_key"]
    outcome = pd.DataFrame(outcomes, columns=columns)
    candidates = outcome[["election", "round", "candidate"]].assign(
        name=outcome["candidate"].str.title(), family="other", party=None, incumbent=False
    )
    return collection(
        "switzerland",
        {
            "elections": pd.DataFrame(register),
            "candidates": candidates,
            "outcomes": outcome,
            "claims": _claims(raw),
        },
    )


def _claims(raw: pd.DataFrame) -> pd.DataFrame:
    said = pd.DataFrame(
        {
            "election": raw["vote"].map({key: vote[0] for key, vote in VOTES.items()}),
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
