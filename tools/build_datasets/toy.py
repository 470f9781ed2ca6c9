"""A made-up country with three elections, drawn from a seed, for lessons and fast tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tools.build_datasets import toy_evidence
from tools.build_datasets.cards import Part, part, write_folder
from tools.build_datasets.files import election_yaml

SEED = 20170423
NAMES = {
    "toy_prior2": "2021-04-04",
    "toy_prior1": "2026-04-05",
    "toy": "2031-04-06",
}
PEOPLE = {
    "brook": ("Odile Brook", "green", "Moss Party"),
    "ferrier": ("Anselm Ferrier", "centre", "Lantern Union"),
    "hollow": ("Petra Hollow", "far_right", "Harbour Front"),
    "quill": ("Ravi Quill", "socialist", "Orchard League"),
    "thorne": ("Ida Thorne", "right", "Anvil Party"),
}
USUAL = {
    "brook": 0.09,
    "ferrier": 0.27,
    "hollow": 0.19,
    "quill": 0.21,
    "thorne": 0.24,
}
AREAS = ["t1", "t2", "t3", "t4", "t5", "t6"]
STATIONS_PER_AREA = 15
AREA_SPREAD = 40.0
STATION_SPREAD = 120.0
SWING = 90.0
TURNOUT = 0.78
BLANK, NULL = 0.015, 0.006
KEEP_AWAY = 0.12
COUNTS = ["registered", "voters", "blank", "null", "valid"]


def write(folder: Path, name: str) -> None:
    """One made-up election, the same for the same name."""
    rng = np.random.default_rng([SEED, list(NAMES).index(name)])
    first = _first_round(rng)
    national = first[list(PEOPLE)].sum().sort_values(ascending=False)
    pair = sorted(national.index[:2])
    flows = _flows(rng, pair)
    second = _second_round(rng, first, pair, flows)
    stations = {1: first, 2: second}
    vote_on = {1: pd.Timestamp(NAMES[name]), 2: pd.Timestamp(NAMES[name]) + pd.Timedelta(days=14)}
    parts = [_official(stations, name)]
    parts += toy_evidence.parts(rng, first, second, vote_on, flows)
    # a stream of its own: tables that came later change none of the others
    apart = np.random.default_rng([SEED, list(NAMES).index(name), 1])
    parts.append(toy_evidence.survey(apart, first, list(PEOPLE)))
    title = f"Made-up election of {vote_on[1].year}"
    rounds = {
        number: {
            "vote_on": f'"{day:%Y-%m-%d}"',
            "known_at": f'"{day:%Y-%m-%d}T20:00:00"',
            "n_advance": 3 - number,
            "candidates": f"[{', '.join(_ballot(stations[number]))}]",
        }
        for number, day in vote_on.items()
    }
    texts = {"election.yaml": election_yaml(name, title, "XT", rounds)}
    what = "Everything here is invented: country, people, parties, institutes and figures."
    write_folder(folder, title, what, parts, texts)


def _first_round(rng: np.random.Generator) -> pd.DataFrame:
    centre = rng.dirichlet(SWING * np.array(list(USUAL.values())))
    rows = []
    for area in AREAS:
        here = rng.dirichlet(AREA_SPREAD * centre)
        for number in range(1, STATIONS_PER_AREA + 1):
            shares = rng.dirichlet(STATION_SPREAD * np.maximum(here, 0.005))
            rows.append(_station(rng, area, number, list(PEOPLE), shares))
    return pd.DataFrame(rows)


def _station(
    rng: np.random.Generator, area: str, number: int, names: list[str], shares: np.ndarray
) -> dict[str, object]:
    registered = int(rng.integers(600, 1400))
    voters = int(rng.binomial(registered, TURNOUT))
    blank, null, valid = rng.multinomial(voters, [BLANK, NULL, 1 - BLANK - NULL]).tolist()
    votes = rng.multinomial(valid, shares).tolist()
    key = {"departement": area, "commune": f"{area}{(number + 4) // 5:03d}"}
    key |= {"station": f"{number:04d}", "circonscription": "01"}
    counts = dict(zip(COUNTS, [registered, voters, blank, null, valid], strict=True))
    return {**key, **counts, "annulled": False, **dict(zip(names, votes, strict=True))}


def _flows(rng: np.random.Generator, pair: list[str]) -> pd.DataFrame:
    """Fractions of each candidate's voters who turn to either finalist, or to neither [C, 3]."""
    flows = pd.DataFrame(0.0, index=list(PEOPLE), columns=[*pair, "abstention"])
    for candidate in PEOPLE:
        if candidate in pair:
            flows.loc[candidate, candidate] = 0.96
            flows.loc[candidate, "abstention"] = 0.04
            continue
        one = float(rng.uniform(0.25, 0.75)) * (1 - KEEP_AWAY)
        flows.loc[candidate] = [one, 1 - KEEP_AWAY - one, KEEP_AWAY]
    return flows.round(3)


def _second_round(
    rng: np.random.Generator, first: pd.DataFrame, pair: list[str], flows: pd.DataFrame
) -> pd.DataFrame:
    moved = np.zeros((len(first), 3), dtype=int)
    for candidate in PEOPLE:
        chances = flows.loc[candidate].to_numpy(dtype=float)
        moved += rng.multinomial(first[candidate].to_numpy(), chances / chances.sum())
    away = rng.binomial(moved[:, 2], 0.4)
    second = first.drop(columns=list(PEOPLE))
    second["valid"] = moved[:, 0] + moved[:, 1]
    second["blank"] = second["blank"] + away
    second["voters"] = second["valid"] + second["blank"] + second["null"]
    return second.assign(**{pair[0]: moved[:, 0], pair[1]: moved[:, 1]})


def _ballot(stations: pd.DataFrame) -> list[str]:
    return sorted(set(PEOPLE) & set(stations.columns))


def _official(stations: dict[int, pd.DataFrame], name: str) -> Part:
    """Who stood, and the votes by station, by area and in all."""
    people = pd.DataFrame(
        [(c, *facts) for c, facts in sorted(PEOPLE.items())],
        columns=["candidate", "name", "family", "party"],
    )
    people["incumbent"] = people["candidate"].eq("ferrier") & (name != "toy_prior2")
    long, national, totals = [], [], []
    for number, table in stations.items():
        ballot = _ballot(table)
        sums = table.groupby("departement")[["registered", "voters", "valid", *ballot]].sum()
        melted = sums.reset_index(names="area").melt(
            id_vars=["area", "registered", "voters", "valid"],
            value_vars=ballot,
            var_name="candidate",
            value_name="votes",
        )
        long.append(melted.assign(round=number))
        votes = table[ballot].sum()
        national.append(pd.DataFrame({"round": number, "candidate": ballot, "votes": votes}))
        both = int(table["blank"].sum() + table["null"].sum())
        totals.append({"round": number, **table[COUNTS].sum(), "blank_and_null": both})
    areas = pd.concat(long).sort_values(["round", "area", "candidate"], ignore_index=True)
    tables = {
        "candidates.csv": people,
        "outcome/national.csv": pd.concat(national, ignore_index=True),
        "outcome/totals.csv": pd.DataFrame(totals),
        "outcome/departements.parquet": areas,
        **{f"outcome/stations_r{n}.parquet": table for n, table in stations.items()},
    }
    return part("toy", tables, n_areas=len(AREAS), n_stations=STATIONS_PER_AREA)
