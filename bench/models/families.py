"""Votes of an earlier ballot carried over to this one: the same person first, then the family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.models.memoize import Memory, ballot_digest

FAMILIES = {
    "trotskyist": "revolutionary left",
    "communist": "communist parties",
    "radical_left": "left of the socialists, neither communist nor trotskyist",
    "socialist": "socialists and social democrats, with the left-wing radicals",
    "green": "ecologists",
    "centre": "liberals, Christian democrats and the centre",
    "right": "conservatives and Gaullists",
    "sovereignist_right": "right of the conservatives, against European integration",
    "far_right": "nationalist right",
    "other": "none of these; inherits from nobody",
}
"""Political families by key: votes are inherited within one, but for ``other``."""

FIRST = 1  # round


def heirs(
    past: Sequence[str],
    past_family: Mapping[str, str],
    candidates: Sequence[str],
    family: Mapping[str, str],
) -> pd.DataFrame:
    """Who inherits the votes of whom, as weights [past candidates, C].

    A person who stands again keeps his or her votes. The votes of anyone else are divided
    equally among the candidates of the same political family. A row without heirs is all 0.

    Examples
    --------
    >>> heirs(["old"], {"old": "left"}, ["a", "b", "c"],
    ...       {"a": "left", "b": "left", "c": "right"}).loc["old"].tolist()
    [0.5, 0.5, 0.0]
    """
    weights = pd.DataFrame(0.0, index=list(past), columns=list(candidates))
    for name in past:
        if name in candidates:
            weights.loc[name, name] = 1.0
            continue
        kin = [c for c in candidates if family.get(c) == past_family.get(name)]
        if kin and past_family.get(name) != "other":
            weights.loc[name, kin] = 1.0 / len(kin)
    return weights


def carried_over(evidence: Evidence, *, level: str = "national") -> pd.DataFrame:
    """Votes [U, C] of the latest known first round of one place, given to this ballot's candidates.

    The place of a member of a collection is what its name says after the year (`place_of`):
    a state inherits from itself. Where counts are unknown, shares take their place.

    Parameters
    ----------
    evidence : Evidence
        With the tables `outcomes` and `ballots`.
    level : str
        ``"national"`` (one row), ``"departement"``, or ``"finest"``: polling stations where the
        evidence holds them, else départements.

    Returns
    -------
    pandas.DataFrame
        One row per area, one column per candidate; votes without an heir are left out.

    Raises
    ------
    Abstain
        If no earlier first round is known at that level, or nobody here inherits of it.
    """
    key = ballot_digest(evidence, ("outcomes", "ballots")) + level.encode()
    return _CARRIED.get(key, lambda: _carried_over(evidence, level)).copy()


_CARRIED: Memory[pd.DataFrame] = Memory(max_answers=64)  # every day of a campaign has the same past


def _carried_over(evidence: Evidence, level: str) -> pd.DataFrame:
    election, votes = last_first_round(evidence, level=level)
    ballots = evidence["ballots"]
    family = family_of(ballots, evidence.election, evidence.round)
    past_family = family_of(ballots, election, FIRST)
    weights = heirs(list(votes.columns), past_family, evidence.candidates, family)
    carried = votes @ weights
    if not carried.to_numpy().sum() > 0:
        raise Abstain(
            f"nobody on this ballot inherits votes of {election}: none stood in it, and none is of "
            "the family of somebody who did (in an election of yours: `families`, `same_as`)"
        )
    return carried


def last_first_round(evidence: Evidence, *, level: str = "national") -> tuple[str, pd.DataFrame]:
    """The latest first round of one place whose outcome is known: its election and its votes.

    Parameters
    ----------
    evidence : Evidence
        With the table `outcomes`.
    level : str
        As `carried_over`.

    Returns
    -------
    (str, pandas.DataFrame)
        Votes [U, candidates] as of `votes_by_area`.

    Raises
    ------
    Abstain
        If none is known at that level.
    """
    outcomes = evidence["outcomes"]
    place = place_of(evidence.election)
    past = outcomes[(outcomes["round"] == FIRST) & (outcomes["vote_on"] < evidence.vote_on)]
    days = past.groupby("election")["vote_on"].max().sort_values(kind="stable")
    same_place = [str(name) for name in days.index if place_of(str(name)) == place]
    if not same_place:
        raise Abstain(f"no earlier first round{f' of {place}' * bool(place)} with a known outcome")
    election = same_place[-1]
    votes = votes_by_area(evidence, election, FIRST, level=level)
    if votes.empty:
        raise Abstain(f"{election} is not known by {level} area")
    return election, votes


def place_of(election: str) -> str:
    """What the name of an election says after its country and year: empty for a whole country.

    Examples
    --------
    >>> place_of("us2016/president/wi"), place_of("us2012/president/wi"), place_of("fr2017")
    ('president/wi', 'president/wi', '')
    """
    return election.partition("/")[2]


def votes_by_area(
    evidence: Evidence, election: str, number: int, *, level: str = "finest"
) -> pd.DataFrame:
    """Votes [U, candidates] of one ballot, one row per area; empty where none is known.

    Shares where the counts are not known.

    Parameters
    ----------
    evidence : Evidence
        With the table `outcomes`.
    election, number : str, int
        Whose round.
    level : str
        As `carried_over`.
    """
    outcomes = evidence["outcomes"]
    rows = outcomes[(outcomes["election"] == election) & (outcomes["round"] == number)]
    if level == "finest":
        stations = rows["level"] == "station"
        rows = rows[stations if stations.any() else rows["level"] == "departement"]
    else:
        rows = rows[rows["level"] == level]
    if rows.empty:
        return pd.DataFrame()
    column = "share" if rows["votes"].isna().any() else "votes"
    return rows.pivot(index="area", columns="candidate", values=column).fillna(0.0)


def family_of(ballots: pd.DataFrame, election: str, number: int) -> dict[str, str]:
    """Political family by candidate of one ballot."""
    rows = ballots[(ballots["election"] == election) & (ballots["round"] == number)]
    return dict(zip(rows["candidate"], rows["family"], strict=True))
