"""Earlier first rounds by département, each carried over to the ballot of the next."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.models.families import carried_over, family_of, heirs


@dataclass(frozen=True, kw_only=True)
class PastAreas:
    """First rounds known by département before a vote, oldest first.

    Attributes
    ----------
    evidence : Evidence
        With `outcomes` and `ballots`.
    elections : list of str
        Names, by date.
    """

    evidence: Evidence
    elections: list[str]

    def votes(self, election: str) -> pd.DataFrame:
        """Votes [U, candidates] of one first round."""
        rows = self.evidence["outcomes"]
        rows = rows[
            (rows["election"] == election) & (rows["round"] == 1) & (rows["level"] == "departement")
        ]
        return rows.pivot(index="area", columns="candidate", values="votes").fillna(0.0)

    def carried(self, past: str, to: str) -> pd.DataFrame:
        """Votes [U, C] of the first round `past`, given to the candidates of `to`."""
        if to == self.evidence.election:
            return carried_over(self.evidence, level="departement")
        votes, names = self.votes(past), list(self.votes(to).columns)
        ballots = self.evidence["ballots"]
        weights = heirs(
            list(votes.columns), family_of(ballots, past, 1), names, family_of(ballots, to, 1)
        )
        return votes @ weights

    def teachers(
        self, candidates: list[str], ballot: tuple[str, int], learned: str
    ) -> dict[str, str | None]:
        """For each candidate the same person on the ballot of `learned`, else one of the family."""
        ballots = self.evidence["ballots"]
        family = family_of(ballots, *ballot)
        past = list(self.votes(learned).columns)
        found: dict[str, str | None] = {}
        for name in candidates:
            kin = ballots[ballots["candidate"].isin(past) & (ballots["family"] == family.get(name))]
            own = name if name in past else None
            stranger = kin.empty or family.get(name) == "other"
            found[name] = own or (None if stranger else str(kin["candidate"].iloc[-1]))
        return found


def past_areas(evidence: Evidence, least: int) -> PastAreas:
    """Every earlier first round that is known by département.

    Raises
    ------
    Abstain
        If there are fewer than `least`.
    """
    rows = evidence["outcomes"]
    rows = rows[
        (rows["round"] == 1)
        & (rows["level"] == "departement")
        & (rows["vote_on"] < evidence.vote_on)
        & (rows["election"] != evidence.election)
    ]
    names = rows.sort_values("vote_on")["election"].drop_duplicates().tolist()
    if len(names) < least:
        raise Abstain(f"fewer than {least} earlier first rounds are known by département")
    return PastAreas(evidence=evidence, elections=[str(name) for name in names])
