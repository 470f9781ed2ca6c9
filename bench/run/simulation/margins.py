"""What the datasets know of an electorate: margins for `bench.simulate`, opened here only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.contract import DataError
from bench.data.election import Election, load_election
from bench.data.outcome import outcome_of
from bench.kit.raking import fit_table
from bench.simulate.electorate import Margins
from bench.simulate.transitions import transitions

FloatArray = NDArray[np.float64]
AGES = ("18-24", "25-34", "35-49", "50-59", "60-69", "70+")
SEXES = ("men", "women")
OCCUPATIONS = ("managers", "intermediate", "employees", "manual_workers", "retired", "other")
PLACES = ("village", "town", "city")
INTERESTS = ("low", "middle", "high")
NOBODY = "nobody"


def margins_of(election: Election, assumed: Mapping[str, Any]) -> Margins:
    """Everything that the first round's electorate is raked to.

    Parameters
    ----------
    election : Election
        With stations, survey tables and an earlier election by commune in its folders.
    assumed : mapping
        The settings `simulation.electorate`: what no shipped file says.

    Raises
    ------
    DataError
        If a file that is needed is missing.
    """
    outcome = outcome_of(election, 1)
    totals = pd.read_csv(election.folder / "outcome" / "totals.csv").set_index("round")
    registered, valid = (int(totals[name].to_dict()[1]) for name in ("registered", "valid"))
    vote = np.append(outcome.votes.to_numpy(float), registered - valid) / registered
    stations = _stations(election)
    before = _communes(load_election(str(assumed["past_election"])), assumed["past_groups"])
    turnout = np.array([float(assumed["turnout_by_interest"][name]) for name in INTERESTS])
    interest = np.array([float(assumed["interest_share"][name]) for name in INTERESTS])
    return Margins(
        election=election.name,
        candidates=tuple(outcome.votes.index),
        registered=registered,
        vote=vote,
        levels={
            "age": AGES,
            "sex": SEXES,
            "occupation": OCCUPATIONS,
            "place": PLACES,
            "interest": INTERESTS,
            "past_vote": tuple(before.columns),
        },
        share={
            "age": _ages(election),
            "sex": np.array([1 - assumed["women_share"], assumed["women_share"]]),
            "occupation": _occupations(election),
        },
        by_vote={
            "place": _by_place(stations, vote, assumed["place_bounds"]),
            "past_vote": _by_past_vote(before, stations, vote),
            "interest": _by_interest(interest, turnout, vote),
        },
        published=_published(election, tuple(outcome.votes.index)),
        likely={("age", "occupation"): _age_by_occupation(float(assumed["retired_before_60"]))},
    )


def _stations(election: Election) -> pd.DataFrame:
    path = election.folder / "outcome" / "stations_r1.parquet"
    if not path.is_file():
        raise DataError(f"{path} is missing; an electorate needs votes by polling station")
    wide = pd.read_parquet(path)
    names = list(election.round(1).candidates)
    communes = wide.groupby("commune")[["registered", *names]].sum()
    communes[NOBODY] = communes["registered"] - communes[names].sum(axis=1)
    return communes


def _communes(past: Election, groups: Mapping[str, Any]) -> pd.DataFrame:
    wide = pd.read_parquet(past.folder / "outcome" / "communes_r1.parquet").set_index("commune")
    names = list(past.round(1).candidates)
    known = [name for members in groups.values() for name in members]
    if strangers := set(known) ^ set(names):
        raise DataError(f"past_groups must hold every candidate once; check '{min(strangers)}'")
    frame = pd.DataFrame({key: wide[list(members)].sum(axis=1) for key, members in groups.items()})
    frame[NOBODY] = wide["registered"] - wide[names].sum(axis=1)
    return frame.groupby(level=0).sum()


def _by_place(stations: pd.DataFrame, vote: FloatArray, bounds: list[float]) -> FloatArray:
    size = np.searchsorted(np.asarray(bounds, dtype=float), stations["registered"], side="right")
    counted = stations.drop(columns="registered").groupby(size).sum().to_numpy(float)
    return fit_table(counted, [((0,), counted.sum(axis=1) / counted.sum()), ((1,), vote)])


def _by_past_vote(before: pd.DataFrame, stations: pd.DataFrame, vote: FloatArray) -> FloatArray:
    both = before.index.intersection(stations.index[stations["registered"] > 0])
    after = stations.loc[both].drop(columns="registered").to_numpy(float)
    x = before.loc[both].to_numpy(float)
    x *= (after.sum(axis=1) / np.maximum(x.sum(axis=1), 1))[:, None]
    groups = before.sum().to_numpy(float)
    table = (groups / groups.sum())[:, None] * transitions(x, after)
    return fit_table(table, [((0,), table.sum(axis=1)), ((1,), vote)])


def _by_interest(share: FloatArray, turnout: FloatArray, vote: FloatArray) -> FloatArray:
    voting = np.column_stack([turnout, 1 - turnout]) * share[:, None]
    rates = [1 - vote[-1], vote[-1]]
    fitted = fit_table(voting, [((0,), share), ((1,), rates)])
    return np.column_stack([np.outer(fitted[:, 0], vote[:-1] / vote[:-1].sum()), fitted[:, 1]])


def _weighted(election: Election, variables: list[str], vintage: str) -> pd.Series:
    areas = pd.read_parquet(election.folder / "inputs" / "areas.parquet")
    rows = areas[(areas["level"] == "departement") & (areas["vintage"] == vintage)]
    wide = rows[rows["variable"].isin(variables)].pivot(
        index="area", columns="variable", values="value"
    )
    local = pd.read_parquet(election.folder / "outcome" / "departements.parquet")
    weight = local[local["round"] == 1].groupby("area")["registered"].first()
    wide = wide.dropna()
    return (wide.mul(weight.reindex(wide.index), axis=0)).sum()[variables]


def _ages(election: Election) -> FloatArray:
    fives = [f"age_{start}_{start + 4}_share" for start in range(15, 95, 5)] + ["age_95_plus_share"]
    share = _weighted(election, fives, "2017").to_numpy(float).copy()
    share[0] *= 2 / 5  # 18 and 19 of those aged 15 to 19
    # fives: 15 20 | 25 30 | 35 40 45 | 50 55 | 60 65 | 70 …
    cuts = np.array([0, 2, 4, 7, 9, 11])
    grouped = np.add.reduceat(share, cuts)
    return np.asarray(grouped / grouped.sum())


def _occupations(election: Election) -> FloatArray:
    names = [*OCCUPATIONS[:-1], "farmers", "self_employed", "not_working"]
    share = _weighted(election, [f"{name}_share" for name in names], "RP2013").to_numpy(float)
    grouped = np.append(share[:5], share[5:].sum())
    return np.asarray(grouped / grouped.sum())


def _published(election: Election, candidates: tuple[str, ...]) -> dict[str, FloatArray]:
    table = pd.read_csv(election.folder / "outcome" / "vote_by_group.csv")
    groups = {"age": AGES, "sex": SEXES, "occupation": OCCUPATIONS}
    found = {}
    for variable, names in groups.items():
        rows = table[table["variable"] == variable]
        wide = rows.pivot(index="group", columns="candidate", values="share")
        found[variable] = wide.reindex(index=list(names), columns=list(candidates)).to_numpy(float)
    return found


def _age_by_occupation(early: float) -> FloatArray:
    likely = np.ones((len(AGES), len(OCCUPATIONS)))
    retired = OCCUPATIONS.index("retired")
    likely[:4, retired] = early
    likely[4:, :retired] = 0.2
    likely[5, :retired] = 0.02
    return likely
