"""Made-up evidence about a made-up election: polls, ratings, buzz, claims, transfers, areas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.data.country import load_country
from tools.build_datasets.cards import Part

INSTITUTES = {"Plumb & Daughters": 1100, "Weathervane": 900, "Quadrant": 1500}
HOUSE_SPREAD = 0.012
POLL_DAYS = {1: (40, 25, 12, 4), 2: (9, 4)}
# Those who install the app or post a lot lean this way; the polls do not see it.
TILT = {"brook": 0.1, "ferrier": -0.2, "hollow": 0.5, "quill": 0.0, "thorne": 0.3}
NOON, MIDNIGHT = pd.Timedelta(hours=12), pd.Timedelta(days=1)
SHARES = ["young_share", "manual_workers_share", "retired_share"]


def parts(
    rng: np.random.Generator,
    first: pd.DataFrame,
    second: pd.DataFrame,
    vote_on: dict[int, pd.Timestamp],
    flows: pd.DataFrame,
) -> list[Part]:
    """Every evidence table of a made-up election, each known before its vote."""
    truth = {1: _shares(first, list(flows.index)), 2: _shares(second, list(flows.columns[:2]))}
    tilted = _tilted(truth[1])
    tables = {
        "inputs/polls.csv": _polls(rng, truth, vote_on),
        "inputs/ratings.csv": _ratings(rng, tilted, vote_on[1]),
        "inputs/online_ballot.csv": _online_ballot(rng, tilted, vote_on[1]),
        "inputs/buzz.parquet": _buzz(rng, tilted, vote_on[1]),
        "inputs/claims.csv": _claims(rng, truth, tilted, vote_on),
        "inputs/transfers.csv": _transfers(rng, flows, vote_on[1]),
        "inputs/areas.parquet": _areas(rng, first, vote_on[1]),
    }
    columns = {p: {str(c): "as in the French elections" for c in t} for p, t in tables.items()}
    known = ["Polls, buzz: midnight after; ratings and claims: noon of the day."]
    return [Part(tables=tables, columns=columns, published_on=known)]


def survey(rng: np.random.Generator, first: pd.DataFrame, names: list[str]) -> Part:
    """Who voted for whom by group, and whom the volunteers of the open ballot approve of."""
    share = _shares(first, names)
    census = load_country("XT").census
    groups = {
        "age": list(census["age"].groups),
        "sex": ["men", "women"],
        "occupation": list(census["occupation"].groups),
    }
    published = [
        {"variable": variable, "group": group, "candidate": candidate, "share": round(float(v), 3)}
        for variable, known in groups.items()
        for group in known
        for candidate, v in zip(share.index, rng.dirichlet(60 * share.to_numpy()), strict=True)
        if rng.random() < 0.6
    ]
    tilted = _tilted(share)
    ballots = rng.multinomial(6000, tilted.to_numpy())
    approved = [
        {
            "declared_vote": declared,
            "ballots": int(n),
            "candidate": candidate,
            "approvals": int(rng.binomial(n, 0.95 if candidate == declared else 0.1 + 0.5 * v)),
        }
        for declared, n in zip(tilted.index, ballots, strict=True)
        for candidate, v in tilted.items()
    ]
    tables = {
        "outcome/approvals_by_vote.csv": pd.DataFrame(approved),
        "outcome/vote_by_group.csv": pd.DataFrame(published).assign(source="made up"),
    }
    columns = {p: {str(c): "as in the French elections" for c in t} for p, t in tables.items()}
    return Part(
        tables=tables,
        columns=columns,
        quirks=["Votes by group: a survey that does not publish two figures in five."],
    )


def _shares(stations: pd.DataFrame, names: list[str]) -> pd.Series:
    votes = stations[sorted(names)].sum()
    return votes / votes.sum()


def _tilted(share: pd.Series) -> pd.Series:
    weight = share * np.exp(pd.Series(TILT).reindex(share.index))
    return weight / weight.sum()


def _polls(
    rng: np.random.Generator, truth: dict[int, pd.Series], vote_on: dict[int, pd.Timestamp]
) -> pd.DataFrame:
    rows = []
    for number, share in truth.items():
        for institute, size in INSTITUTES.items():
            house = rng.normal(0, HOUSE_SPREAD, len(share))
            for days in POLL_DAYS[number]:
                believed = np.maximum(share + house - house.mean(), 0.005)
                counts = rng.multinomial(size, believed / believed.sum())
                end = vote_on[number] - pd.Timedelta(days=days)
                basic = {
                    "poll_id": f"r{number}_{institute.split()[0].lower()}_{end:%Y_%m_%d}",
                    "round": number,
                    "institute": institute,
                    "sponsor": "The Daily Kite",
                    "mode": "online",
                    "fieldwork_start": end - pd.Timedelta(days=2),
                    "fieldwork_end": end,
                    "published_on": end + MIDNIGHT,
                    "basis": "rule",
                    "sample_size": size,
                    "sample_expressed": round(size * 0.8),
                    "base": "registered",
                    "rolling": False,
                }
                for candidate, n in zip(share.index, counts, strict=True):
                    figure = {"candidate": candidate, "share": round(n / size, 3)}
                    rows.append({**basic, **figure, "source": "made up"})
    return pd.DataFrame(rows).sort_values(["round", "fieldwork_end", "poll_id", "candidate"])


def _ratings(rng: np.random.Generator, tilted: pd.Series, vote_on: pd.Timestamp) -> pd.DataFrame:
    rows = []
    for day in pd.date_range(vote_on - pd.Timedelta(days=15), periods=14):
        for candidate, share in tilted.items():
            n = int(rng.integers(2000, 4000))
            liked = rng.binomial(n, min(0.9, 0.12 + 1.3 * share)) / n
            rows.append(
                {
                    "source": "thumbs",
                    "round": 1,
                    "day": day,
                    "candidate": candidate,
                    "favourable": round(liked, 4),
                    "unfavourable": round(1 - liked, 4),
                    "n": n,
                    "published_on": day + NOON,
                    "available_on": day,
                    "provenance": "made up",
                }
            )
    return pd.DataFrame(rows)


def _online_ballot(
    rng: np.random.Generator, tilted: pd.Series, vote_on: pd.Timestamp
) -> pd.DataFrame:
    declared = rng.multinomial(8000, tilted.to_numpy())
    return pd.DataFrame(
        {
            "source": "open_ballot",
            "day": vote_on - MIDNIGHT,
            "candidate": tilted.index,
            "declared_votes": declared,
            "approvals": rng.binomial(6000, np.minimum(0.9, 0.1 + 1.2 * tilted.to_numpy())),
            "ballots": 6000,
            "published_on": vote_on + pd.Timedelta(days=300),
            "available_on": vote_on - MIDNIGHT,
        }
    )


def _buzz(rng: np.random.Generator, tilted: pd.Series, vote_on: pd.Timestamp) -> pd.DataFrame:
    rows = []
    fans = {c: 20000 + 200000 * share for c, share in tilted.items()}
    for day in pd.date_range(vote_on - pd.Timedelta(days=31), periods=30):
        basic = {"day": day, "source": "chirper", "community": None}
        for candidate, share in tilted.items():
            tweets = int(rng.poisson(20000 * share * rng.lognormal(0, 0.4)))
            positive = int(rng.binomial(tweets, 0.3))
            fans[candidate] *= 1 + float(rng.uniform(0, 0.005))
            measures = {
                "tweets": tweets,
                "retweets": int(rng.poisson(1.5 * tweets)),
                "positive": positive,
                "negative": int(rng.binomial(tweets - positive, 0.5)),
                "facebook_fans": round(fans[str(candidate)]),
            }
            rows += [
                {**basic, "candidate": candidate, "measure": m, "value": float(v)}
                for m, v in measures.items()
            ]
            attention = rng.dirichlet(5 * tilted.to_numpy() + (tilted.index == candidate))
            rows += [
                {
                    "day": day,
                    "source": "chirper",
                    "community": candidate,
                    "candidate": other,
                    "measure": "community_share",
                    "value": round(float(v), 5),
                }
                for other, v in zip(tilted.index, attention, strict=True)
            ]
    table = pd.DataFrame(rows)
    table["published_on"], table["available_on"] = table["day"] + MIDNIGHT, table["day"]
    return table.astype(dict.fromkeys(("day", "published_on", "available_on"), "datetime64[ms]"))


def _claims(
    rng: np.random.Generator,
    truth: dict[int, pd.Series],
    tilted: pd.Series,
    vote_on: dict[int, pd.Timestamp],
) -> pd.DataFrame:
    rows = []
    for number, share in truth.items():
        told = {
            ("loudmeter", "digital_weight"): _tilted(share),
            ("chirper_sentiment", "vote_share"): share,
            ("gambit", "win_probability"): share**4 / (share**4).sum(),
        }
        for (publisher, quantity), figures in told.items():
            for days in (9, 3):
                noisy = figures.to_numpy() * rng.lognormal(0, 0.08, len(figures))
                day = vote_on[number] - pd.Timedelta(days=days)
                rows += [
                    {
                        "publisher": publisher,
                        "round": number,
                        "day": day,
                        "published_on": day + NOON,
                        "candidate": candidate,
                        "share": round(float(v), 4),
                        "rank": pd.NA,
                        "quantity": quantity,
                        "basis": "quoted",
                        "source": "made up",
                    }
                    for candidate, v in zip(figures.index, noisy / noisy.sum(), strict=True)
                ]
    order = tilted.sort_values(ascending=False).index
    last = {**rows[0], "publisher": "oracle_of_trends", "share": pd.NA, "basis": "rank_only"}
    ranked = [
        {**last, "candidate": c, "rank": i, "quantity": "rank"} for i, c in enumerate(order, 1)
    ]
    return pd.DataFrame(rows + ranked).astype({"rank": "Int64"})


def _transfers(
    rng: np.random.Generator, flows: pd.DataFrame, vote_on: pd.Timestamp
) -> pd.DataFrame:
    rows = []
    for candidate in flows.index:
        told = rng.multinomial(250, flows.loc[candidate].to_numpy() / flows.loc[candidate].sum())
        rows += [
            {
                "survey": "quadrant",
                "published_on": vote_on + pd.Timedelta(days=3, hours=12),
                "kind": "pre_vote_intention",
                "from_candidate": candidate,
                "to": to,
                "share": round(n / 250, 3),
                "basis": "quoted",
                "source": "made up",
            }
            for to, n in zip(flows.columns, told, strict=True)
        ]
    return pd.DataFrame(rows)


def _areas(rng: np.random.Generator, first: pd.DataFrame, vote_on: pd.Timestamp) -> pd.DataFrame:
    sums = first.groupby("departement")[["valid", "hollow", "thorne", "brook"]].sum()
    lean = sums[["brook", "hollow", "thorne"]].div(sums["valid"], axis=0).to_numpy()
    values = 0.15 + 0.6 * lean + rng.normal(0, 0.01, lean.shape)
    wide = pd.DataFrame(values.round(4), index=sums.index, columns=SHARES)
    long = wide.reset_index(names="area").melt(
        id_vars="area", var_name="variable", value_name="value"
    )
    known = pd.Series([vote_on - pd.Timedelta(days=400)] * len(long)).astype("datetime64[ms]")
    order = ["level", "area", "variable", "value", "unit", "vintage", "published_on"]
    return long.assign(
        level="departement", unit="share", vintage=str(vote_on.year - 2), published_on=known
    )[order]
