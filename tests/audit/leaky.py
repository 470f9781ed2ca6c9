"""Predictors that cheat, one way each: what an audit is for.

Each falls back to equal shares where it learns nothing, so that nothing but the numbers tells.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor, paths


@dataclass(frozen=True, kw_only=True)
class Honest(Predictor):
    """Every candidate gets an equal share, unless a cheat knows better."""

    family: ClassVar[str] = "cheats"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    def known(self, evidence: Evidence) -> pd.Series:
        """Weights by candidate."""
        evidence["polls"]
        return pd.Series(1.0, index=list(evidence.candidates))

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        equal = pd.Series(1.0, index=list(evidence.candidates))
        try:
            weight = self.known(evidence).reindex(equal.index)
        except Abstain:
            raise
        except Exception:  # noqa: BLE001 - whatever refuses it
            weight = equal
        if not weight.sum() > 0 or weight.isna().any():
            weight = equal
        return Forecast(share=weight / weight.sum())


class Hangs(Honest):
    """Never answers."""

    def known(self, evidence: Evidence) -> pd.Series:
        while True:
            time.sleep(1)


class Silent(Honest):
    """Never says anything."""

    def known(self, evidence: Evidence) -> pd.Series:
        raise Abstain("no poll was public")


class AsksTheDataRoomForTheOutcome(Honest):
    """Takes the official votes from the harness, in whose process it is."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.election import load_election
        from bench.data.tables import outcome_of

        return outcome_of(load_election(evidence.election), evidence.round).share


class AsksForLaterPolls(Honest):
    """Assembles its own evidence, cut on the eve instead of at `as_of`."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.election import load_election
        from bench.data.evidence import evidence_for

        election = load_election(evidence.election)
        later = evidence_for(election, evidence.round, evidence.vote_on)["polls"]
        last = later[later["published_on"] == later["published_on"].max()]
        return last.groupby("candidate")["share"].mean()


class DrawsUnseeded(Honest):
    """Draws from a generator of its own."""

    def known(self, evidence: Evidence) -> pd.Series:
        draw = np.random.default_rng().dirichlet(np.ones(len(evidence.candidates)))
        return pd.Series(draw, index=list(evidence.candidates))


class ReadsTheClock(Honest):
    """Depends on the moment at which it is asked."""

    def known(self, evidence: Evidence) -> pd.Series:
        return favourite(evidence, 1 + time.time_ns() % 10**6)


_CALLS: list[str] = []


class CountsItsCalls(Honest):
    """Keeps something from one question to the next."""

    def known(self, evidence: Evidence) -> pd.Series:
        _CALLS.append(evidence.election)
        return favourite(evidence, 1 + len(_CALLS))


_SEEN: dict[str, pd.DataFrame] = {}


class RemembersOtherTasks(Honest):
    """Asked about the runoff, it learns how the first round ended, and says so when asked."""

    needs: ClassVar[frozenset[str]] = frozenset({"polls", "outcomes"})

    def known(self, evidence: Evidence) -> pd.Series:
        rows = evidence["outcomes"]
        mine = rows[(rows["election"] == evidence.election) & (rows["level"] == "national")]
        if len(mine):
            _SEEN[evidence.election] = mine
        known = _SEEN[evidence.election]
        return known[known["round"] == evidence.round].set_index("candidate")["votes"]


class BehavesWhileItIsWatched(AsksTheDataRoomForTheOutcome):
    """Asks for the official votes unless an audit is among its callers."""

    def known(self, evidence: Evidence) -> pd.Series:
        frame: Any = sys._getframe()
        while frame is not None:
            if frame.f_globals.get("__name__", "").startswith("bench.audit"):
                raise PermissionError
            frame = frame.f_back
        return super().known(evidence)


class ReadsTheOutcomeFile(Honest):
    """Opens the official votes."""

    def known(self, evidence: Evidence) -> pd.Series:
        votes = pd.read_csv(paths.datasets() / evidence.election / "outcome" / "national.csv")
        return votes[votes["round"] == evidence.round].set_index("candidate")["votes"]


class AsksWhomAloneAnAppRates(Honest):
    """Bets on whom alone the figures of an app are about: a page was kept because he won."""

    needs: ClassVar[frozenset[str]] = frozenset({"ratings"})

    def known(self, evidence: Evidence) -> pd.Series:
        return named_alone(evidence["ratings"], "source", evidence)


class AsksWhomAloneAPublisherNames(Honest):
    """Bets on whom alone a publisher names, for the same reason."""

    needs: ClassVar[frozenset[str]] = frozenset({"claims"})

    def known(self, evidence: Evidence) -> pd.Series:
        return named_alone(evidence["claims"], "publisher", evidence)


class KnowsItByHeart(Honest):
    """Reads nothing it may not: the official votes stand in its source."""

    def known(self, evidence: Evidence) -> pd.Series:
        votes = {"brook": 4428, "ferrier": 14039, "hollow": 12347, "quill": 15703, "thorne": 19534}
        return pd.Series(votes, dtype=float)


@dataclass(frozen=True, kw_only=True)
class TunedOnTheOutcome(Honest):
    """Reads nothing it may not, and has a default that was chosen after the vote."""

    thorne: float = 1.68  # times the mean of the others: no file is opened to know it

    def known(self, evidence: Evidence) -> pd.Series:
        return favourite(evidence, self.thorne)


def named_alone(rows: pd.DataFrame, owner: str, evidence: Evidence) -> pd.Series:
    """Weights that put ahead whom most owners name alone."""
    alone = rows[rows.groupby(owner)["candidate"].transform("nunique").eq(1)]
    named = alone.groupby("candidate")[owner].nunique()
    return 1.0 + named.reindex(list(evidence.candidates)).fillna(0.0)


def favourite(evidence: Evidence, weight: float) -> pd.Series:
    """Weights that put one candidate ahead of everybody."""
    return pd.Series({name: weight if name == "thorne" else 1.0 for name in evidence.candidates})
