"""What the datasets know of an electorate: margins for `bench.simulation`, opened here only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import ConfigError, DataError
from bench.data.election import Election, load_election
from bench.data.margins import Margins as AreaMargins
from bench.data.margins import margins_of_first_rounds
from bench.data.outcome import outcome_of
from bench.models.ecological_inference import estimate
from bench.models.raking import fit_table
from bench.simulation.electorate import Margins

FloatArray = NDArray[np.float64]
AGES = ("18-24", "25-34", "35-49", "50-59", "60-69", "70+")
SEXES = ("men", "women")
OCCUPATIONS = ("managers", "intermediate", "employees", "manual_workers", "retired", "other")
PLACES = ("village", "town", "city")
INTERESTS = ("low", "middle", "high")
NOBODY = "nobody"
NEEDED = (
    "inputs/areas.parquet",
    "inputs/online_ballot.csv",
    "outcome/approvals_by_vote.csv",
    "outcome/departements.parquet",
    "outcome/stations_r1.parquet",
    "outcome/totals.csv",
    "outcome/vote_by_group.csv",
)
SHARES = ("age_15_19_share", "managers_share")  # one of the ages, one of the occupations


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
    ConfigError
        If the election's folder does not hold what an electorate is made of.
    DataError
        If the earlier election is not known by commune.
    """
    _refuse_what_is_missing(election)
    registered, vote = vote_of(election)
    stations = _stations(election)
    past = load_election(str(assumed["past_election"]))
    groups = past_groups(past, assumed["past_groups"])
    known = Margins(
        election=election.name,
        candidates=tuple(election.round(1).candidates),
        registered=registered,
        vote=vote,
        levels={
            "age": AGES,
            "sex": SEXES,
            "occupation": OCCUPATIONS,
            "place": PLACES,
            "interest": INTERESTS,
            "past_vote": (*groups, NOBODY),
        },
        share={"age": ages_of(election), "occupation": _occupations(election)},
        by_vote={
            "place": _by_place(stations, vote, assumed["place_bounds"]),
            "past_vote": by_past_vote(margins_of_first_rounds(past, election), groups, vote),
        },
        published=_published(election, tuple(election.round(1).candidates)),
        likely={},
        areas=votes_by_area(election),
    )
    return assuming(known, assumed)


def assuming(margins: Margins, assumed: Mapping[str, Any]) -> Margins:
    """Margins with what no file says: sexes, interest, how many retire early."""
    women = float(assumed["women_share"])
    retired = float(assumed["retired_before_60"])
    return replace(
        margins,
        share={**margins.share, "sex": np.array([1 - women, women])},
        by_vote={**margins.by_vote, "interest": by_interest(assumed, margins.vote)},
        likely={**margins.likely, ("age", "occupation"): _age_by_occupation(retired)},
    )


def _refuse_what_is_missing(election: Election) -> None:
    lacks = [name for name in NEEDED if not (election.folder / name).is_file()]
    areas = election.folder / "inputs" / "areas.parquet"
    if areas.is_file():
        known = set(pd.read_parquet(areas, columns=["variable"])["variable"])
        lacks += [f"{one} in inputs/areas.parquet" for one in SHARES if one not in known]
    if lacks:
        raise ConfigError(
            f"elections holds '{election.name}', of which no electorate can be simulated: it lacks "
            f"{', '.join(lacks)}; accepted: an election that has these, such as fr2017 (or "
            "+experiment=electorates, where earlier French elections borrow them)"
        )


def vote_of(election: Election) -> tuple[int, FloatArray]:
    """People on the roll, and their votes as fractions [C + 1]; the last is nobody."""
    names = list(election.round(1).candidates)
    votes = outcome_of(election, 1).votes.reindex(names).to_numpy(float)
    totals = pd.read_csv(election.folder / "outcome" / "totals.csv").set_index("round")
    registered, valid = (int(totals[name].to_dict()[1]) for name in ("registered", "valid"))
    return registered, np.append(votes, registered - valid) / registered


def votes_by_area(election: Election) -> pd.DataFrame:
    """Votes by département [A, C]; what no département holds stands under `elsewhere`."""
    long = pd.read_parquet(election.folder / "outcome" / "departements.parquet")
    names = list(election.round(1).candidates)
    wide = long[long["round"] == 1].pivot(index="area", columns="candidate", values="votes")
    rest = outcome_of(election, 1).votes.reindex(names) - wide[names].sum()
    if rest.sum() > 0:
        wide.loc["elsewhere"] = rest.clip(lower=0)
    return wide[names].astype(float)


def _stations(election: Election) -> pd.DataFrame:
    path = election.folder / "outcome" / "stations_r1.parquet"
    if not path.is_file():
        raise DataError(f"{path} is missing; an electorate needs votes by polling station")
    wide = pd.read_parquet(path)
    names = list(election.round(1).candidates)
    communes = wide.groupby("commune")[["registered", *names]].sum()
    communes[NOBODY] = communes["registered"] - communes[names].sum(axis=1)
    return communes


def past_groups(past: Election, groups: Mapping[str, Any]) -> dict[str, list[str]]:
    """Candidates of the earlier ballot by group; `NOBODY` stands beside them.

    Raises
    ------
    DataError
        If the groups do not hold every candidate once.
    """
    known = [name for members in groups.values() for name in members]
    names = list(past.round(1).candidates)
    if sorted(known) != sorted(names):
        odd = min(set(known) ^ set(names), default=max(known, key=known.count))
        raise DataError(f"past_groups must hold every candidate of {past.name} once; check '{odd}'")
    return {name: list(members) for name, members in groups.items()}


def _by_place(stations: pd.DataFrame, vote: FloatArray, bounds: list[float]) -> FloatArray:
    size = np.searchsorted(np.asarray(bounds, dtype=float), stations["registered"], side="right")
    counted = stations.drop(columns="registered").groupby(size).sum().to_numpy(float)
    return fit_table(counted, [((0,), counted.sum(axis=1) / counted.sum()), ((1,), vote)])


def by_past_vote(
    margins: AreaMargins, groups: Mapping[str, list[str]], vote: FloatArray
) -> FloatArray:
    """Past vote by vote [groups and nobody, C + 1], by ecological inference from areas."""
    before = merged(margins.rows, groups)
    table = estimate(before.to_numpy(), margins.columns.to_numpy()).table
    return fit_table(table, [((0,), table.sum(axis=1) / table.sum()), ((1,), vote)])


def merged(votes: pd.DataFrame, groups: Mapping[str, list[str]]) -> pd.DataFrame:
    """Votes [U, groups and nobody] of an earlier ballot; the last column is nobody's."""
    frame = pd.DataFrame({key: votes[members].sum(axis=1) for key, members in groups.items()})
    frame[NOBODY] = votes.iloc[:, -1]
    return frame


def by_interest(assumed: Mapping[str, Any], vote: FloatArray) -> FloatArray:
    """Interest by vote [3, C + 1]: interest brings people to vote, and not to anybody."""
    turnout = np.array([float(assumed["turnout_by_interest"][name]) for name in INTERESTS])
    share = np.array([float(assumed["interest_share"][name]) for name in INTERESTS])
    share = share / share.sum()
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


def ages_of(election: Election, vintage: str = "2017") -> FloatArray:
    """Shares of the adults by age group, from the areas that this election's folder holds."""
    fives = [f"age_{start}_{start + 4}_share" for start in range(15, 95, 5)] + ["age_95_plus_share"]
    share = _weighted(election, fives, vintage).to_numpy(float).copy()
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
