"""Predictors that cheat, one way each: what an audit is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor, paths


@dataclass(frozen=True, kw_only=True)
class Cheat(Predictor):
    """Every candidate gets an equal share, unless a cheat knows better."""

    family: ClassVar[str] = "cheats"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    def known(self, evidence: Evidence) -> pd.Series:
        """Weights by candidate."""
        return pd.Series(1.0, index=list(evidence.candidates))

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        weight = self.known(evidence).reindex(list(evidence.candidates))
        return Forecast(share=weight / weight.sum())


class Honest(Cheat):
    """Knows nothing."""


def votes(path: object, number: int) -> pd.Series:
    """Official votes from a file."""
    rows = pd.read_csv(path)
    return rows[rows["round"] == number].set_index("candidate")["votes"]


class ReadsTheOutcomeFile(Cheat):
    """Opens the official votes."""

    def known(self, evidence: Evidence) -> pd.Series:
        path = paths.datasets() / evidence.election / "outcome" / "national.csv"
        return votes(path, evidence.round)


class ReadsItWithCompiledCode(Cheat):
    """Opens the votes by département with Arrow, of which Python's audit hooks hear nothing."""

    def known(self, evidence: Evidence) -> pd.Series:
        import pyarrow.parquet as pq

        folder = paths.datasets() / evidence.election / "outcome"
        rows = pq.ParquetFile(str(folder / "departements.parquet"), memory_map=True)
        table = rows.read().to_pandas()
        return table[table["round"] == evidence.round].groupby("candidate")["votes"].sum()


class AsksForLaterPolls(Cheat):
    """Assembles its own evidence, cut on the eve instead of at `as_of`."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.election import load_election
        from bench.data.evidence import evidence_for

        later = evidence_for(load_election(evidence.election), evidence.round, evidence.vote_on)[
            "polls"
        ]
        last = later[later["published_on"] == later["published_on"].max()]
        return last.groupby("candidate")["share"].mean()


class AsksTheDataRoomForTheOutcome(Cheat):
    """Takes the votes from the memory of the harness, without opening a file."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.election import load_election
        from bench.data.outcome import outcome_of

        return outcome_of(load_election(evidence.election), evidence.round).share


class CallsHome(Cheat):
    """Asks a machine elsewhere."""

    def known(self, evidence: Evidence) -> pd.Series:
        import socket

        with socket.socket() as line:
            line.settimeout(0.01)
            line.connect_ex(("127.0.0.1", 9))
        return super().known(evidence)


class StartsAProcess(Cheat):
    """Lets another program do the reading."""

    def known(self, evidence: Evidence) -> pd.Series:
        import subprocess

        subprocess.run(["true"], check=True)
        return super().known(evidence)


@dataclass(frozen=True, kw_only=True)
class TunedOnTheOutcome(Cheat):
    """Reads nothing it may not, and has a default that was chosen after the vote."""

    thorne: float = 0.2957  # the official share: no file is opened to know it

    def known(self, evidence: Evidence) -> pd.Series:
        rest = (1 - self.thorne) / (len(evidence.candidates) - 1)
        weight = pd.Series(rest, index=list(evidence.candidates))
        weight["thorne"] = self.thorne
        return weight


class BelievesWhoIsPolledForTheRunoff(Cheat):
    """Whoever occurs in a runoff poll of this election gets through; nobody is named if none is."""

    needs: ClassVar[frozenset[str]] = frozenset({"past_polls"})

    def known(self, evidence: Evidence) -> pd.Series:
        polls = evidence["past_polls"]
        own = polls[(polls["election"] == evidence.election) & (polls["round"] == 2)]
        if own.empty:
            raise Abstain("no runoff of this election was polled in public")
        return own.groupby("candidate")["poll_id"].nunique().astype(float)
