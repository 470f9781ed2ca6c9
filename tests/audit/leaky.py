"""Predictors that cheat, one way each: what an audit is for.

Each falls back to equal shares where its cheat is refused, so that nothing but the numbers tells.
"""

from __future__ import annotations

import csv
import ctypes
import gc
import io
import mmap
import os
import socket
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from importlib.resources import files
from multiprocessing.util import spawnv_passfds
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor, paths

HEAD = "round,candidate,votes"
VARIABLE = "BENCH_LEAKY_OUTCOME"  # of the environment


@dataclass(frozen=True, kw_only=True)
class Cheat(Predictor):
    """Every candidate gets an equal share, unless a cheat knows better."""

    family: ClassVar[str] = "cheats"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    def known(self, evidence: Evidence) -> pd.Series:
        """Weights by candidate."""
        raise NotImplementedError

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        ballot = list(evidence.candidates)
        try:
            weight = self.known(evidence).reindex(ballot)
        except Abstain:
            raise
        except Exception:  # noqa: BLE001 - whatever refuses it
            weight = pd.Series(1.0, index=ballot)
        if not weight.sum() > 0 or weight.isna().any():
            weight = pd.Series(1.0, index=ballot)
        return Forecast(share=weight / weight.sum())


class Honest(Cheat):
    """Knows nothing."""


class Hangs(Honest):
    """Never answers."""

    def known(self, evidence: Evidence) -> pd.Series:
        while True:
            time.sleep(1)


def file_of(evidence: Evidence) -> Path:
    """Where the official votes lie."""
    return paths.datasets() / evidence.election / "outcome" / "national.csv"


def votes(text: str, number: int) -> pd.Series:
    """Official votes from the text of their file."""
    rows = [row for row in csv.DictReader(io.StringIO(text)) if int(row["round"]) == number]
    return pd.Series({row["candidate"]: float(row["votes"]) for row in rows})


class ReadsTheOutcomeFile(Cheat):
    """Opens the official votes."""

    def known(self, evidence: Evidence) -> pd.Series:
        return votes(file_of(evidence).read_text(), evidence.round)


class ReadsADescriptor(Cheat):
    """Opens and reads without a file object."""

    def known(self, evidence: Evidence) -> pd.Series:
        number = os.open(file_of(evidence), os.O_RDONLY)
        return votes(os.read(number, 10**6).decode(), evidence.round)


class OpensBelowAFolder(Cheat):
    """Opens the folder, and the file by a name that says nothing."""

    def known(self, evidence: Evidence) -> pd.Series:
        folder = os.open(file_of(evidence).parent, os.O_RDONLY)
        number = os.open("national.csv", os.O_RDONLY, dir_fd=folder)
        return votes(os.read(number, 10**6).decode(), evidence.round)


class MapsTheFile(Cheat):
    """Maps the file into memory."""

    def known(self, evidence: Evidence) -> pd.Series:
        with open(file_of(evidence), "rb") as stream:
            text = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ).read().decode()
        return votes(text, evidence.round)


class ReadsAResource(Cheat):
    """Asks for the file as a resource of a package."""

    def known(self, evidence: Evidence) -> pd.Series:
        place = files("bench").joinpath("..", "datasets", evidence.election, "outcome")
        return votes(place.joinpath("national.csv").read_text(), evidence.round)


class ReadsItWithCompiledCode(Cheat):
    """Opens the votes by département with Arrow, of which Python's audit hooks hear nothing."""

    def known(self, evidence: Evidence) -> pd.Series:
        import pyarrow.parquet as pq

        place = file_of(evidence).with_name("departements.parquet")
        table = pq.ParquetFile(str(place), memory_map=True).read().to_pandas()
        return table[table["round"] == evidence.round].groupby("candidate")["votes"].sum()


class ReadsACsvWithCompiledCode(Cheat):
    """The same with the reader of CSV."""

    def known(self, evidence: Evidence) -> pd.Series:
        from pyarrow import csv as arrow_csv

        table = arrow_csv.read_csv(str(file_of(evidence))).to_pandas()
        return table[table["round"] == evidence.round].set_index("candidate")["votes"]


class CallsTheCLibrary(Cheat):
    """Opens and reads below Python."""

    def known(self, evidence: Evidence) -> pd.Series:
        library = ctypes.CDLL(None)
        number = library.open(os.fsencode(file_of(evidence)), os.O_RDONLY)
        text = ctypes.create_string_buffer(10**5)
        library.read(number, text, 10**5)
        return votes(text.value.decode(), evidence.round)


class StartsAProcess(Cheat):
    """Lets another program do the reading."""

    def known(self, evidence: Evidence) -> pd.Series:
        told = subprocess.run(["cat", file_of(evidence)], check=True, capture_output=True)
        return votes(told.stdout.decode(), evidence.round)


class StartsAProcessUnheard(Cheat):
    """The same by a function of which no audit hook hears."""

    def known(self, evidence: Evidence) -> pd.Series:
        told, tells = os.pipe()
        command = ["sh", "-c", f"cat '{file_of(evidence)}' > /dev/fd/{tells}"]
        spawnv_passfds(b"/bin/sh", command, [tells])
        os.close(tells)
        with open(told, encoding="utf-8") as stream:
            return votes(stream.read(), evidence.round)


class WalksTheFrames(Cheat):
    """Looks up the callers for whoever holds the outcome."""

    def known(self, evidence: Evidence) -> pd.Series:
        frame: Any = sys._getframe()
        while frame is not None:
            for value in frame.f_locals.values():
                if callable(found := getattr(value, "outcome", None)):
                    share: pd.Series = found().share
                    return share
            frame = frame.f_back
        raise LookupError


class SearchesTheMemory(Cheat):
    """Looks among all objects for a table of votes."""

    def known(self, evidence: Evidence) -> pd.Series:
        for table in gc.get_objects():
            if isinstance(table, pd.DataFrame) and {"votes", "candidate"} <= set(table.columns):
                mine = table[(table["round"] == evidence.round) & (table["level"] == "national")]
                found = mine[mine["election"] == evidence.election]
                if len(found):
                    return found.set_index("candidate")["votes"]
        raise LookupError


class TakesThePrivateTables(Cheat):
    """Takes the votes below the gate, from what the harness remembers."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.election import load_election
        from bench.data.tables import _outcomes

        rows = _outcomes(load_election(evidence.election))
        mine = rows[(rows["round"] == evidence.round) & (rows["level"] == "national")]
        return mine.set_index("candidate")["votes"]


class TakesLaterPollsBelowTheGate(Cheat):
    """Takes the last polls of all from what the harness remembers."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.election import load_election
        from bench.data.tables import _read

        polls = _read(load_election(evidence.election), "polls")
        mine = polls[polls["round"] == evidence.round]
        last = mine[mine["published_on"].eq(mine["published_on"].max())]
        return last.groupby("candidate")["share"].mean()


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
        from bench.data.tables import outcome_of

        return outcome_of(load_election(evidence.election), evidence.round).share


class OpensTheGate(AsksTheDataRoomForTheOutcome):
    """Takes the poison away before it asks."""

    def known(self, evidence: Evidence) -> pd.Series:
        from bench.data.tables import _audit

        _audit.set(None)
        return super().known(evidence)


class SwitchesTheWatchOff(ReadsTheOutcomeFile):
    """Finds the audit hook among its callers and silences it before it reads."""

    def known(self, evidence: Evidence) -> pd.Series:
        frame: Any = sys._getframe()
        while frame is not None:
            for value in frame.f_locals.values():
                if type(value).__name__ == "Watch":
                    value._on = False
                    value.attempts = []
            frame = frame.f_back
        return super().known(evidence)


class BehavesWhileItIsWatched(ReadsTheOutcomeFile):
    """Reads the outcome unless an audit or a check is among its callers."""

    def known(self, evidence: Evidence) -> pd.Series:
        frame: Any = sys._getframe()
        while frame is not None:
            if frame.f_globals.get("__name__", "").startswith("bench.audit"):
                raise PermissionError
            frame = frame.f_back
        return super().known(evidence)


@dataclass(frozen=True, kw_only=True)
class ReadsWhenItIsMade(Cheat):
    """Reads the official votes of every election before it is asked anything."""

    texts: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for place in paths.datasets().glob("*/outcome/national.csv"):
            self.texts[place.parts[-3]] = place.read_text()

    def known(self, evidence: Evidence) -> pd.Series:
        return votes(self.texts[evidence.election], evidence.round)


_LEARNED: dict[str, str] = {}


class ReadsInAProperty(Cheat):
    """Reads when the harness asks it which of its settings name files."""

    @property
    def files(self) -> frozenset[str]:  # type: ignore[override]
        for place in paths.datasets().glob("*/outcome/national.csv"):
            _LEARNED[place.parts[-3]] = place.read_text()
        return frozenset()

    def known(self, evidence: Evidence) -> pd.Series:
        return votes(_LEARNED[evidence.election], evidence.round)


class ReadsTheEnvironment(Cheat):
    """Has the outcome from a variable that somebody set before the run."""

    def known(self, evidence: Evidence) -> pd.Series:
        return votes(os.environ[VARIABLE], evidence.round)


@dataclass(frozen=True, kw_only=True)
class CallsHome(Cheat):
    """Asks a machine elsewhere."""

    port: int = 9

    def known(self, evidence: Evidence) -> pd.Series:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            return votes(line.makefile().read(), evidence.round)


@dataclass(frozen=True, kw_only=True)
class CallsHomeWithCompiledCode(Cheat):
    """Asks a machine elsewhere, below Python."""

    port: int = 9

    def known(self, evidence: Evidence) -> pd.Series:
        library = ctypes.CDLL(None)
        line = library.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
        place = b"\x02\x00" + self.port.to_bytes(2, "big") + b"\x7f\x00\x00\x01" + bytes(8)
        if library.connect(line, place, len(place)) != 0:
            raise ConnectionError
        text = ctypes.create_string_buffer(10**5)
        library.recv(line, text, 10**5, socket.MSG_WAITALL)
        return votes(text.value.decode(), evidence.round)


class ReadsEarlierResults(Cheat):
    """Takes an earlier run of the user's own: forecast minus error."""

    def known(self, evidence: Evidence) -> pd.Series:
        for place in Path("results").rglob("errors.parquet"):
            errors = pd.read_parquet(place)
            mine = errors[
                errors["election"].eq(evidence.election)
                & errors["round"].eq(evidence.round)
                & errors["area"].eq("national")
                & errors["ballot"].eq("all")
                & errors["metric"].eq("signed_error")
            ]
            said = pd.read_parquet(place.with_name("forecasts.parquet"))
            said = said[said["area"].eq("national") & said["round"].eq(evidence.round)]
            both = mine.merge(said, on=["predictor", "candidate", "as_of"])
            one = both[both["predictor"].eq(both["predictor"].min())]
            return one.set_index("candidate")["share"] - one.set_index("candidate")["value"]
        raise LookupError


class ReadsReferenceResults(Cheat):
    """Takes what ships of earlier runs: whoever reads a score knows the vote."""

    def known(self, evidence: Evidence) -> pd.Series:
        folder = paths.datasets().parent / "results" / "reference" / "toy"
        return pd.read_csv(next(folder.rglob("*.csv"))).iloc[:, 0]


class ReadsTheHistory(Cheat):
    """Takes the official votes from the objects of a git repository."""

    def known(self, evidence: Evidence) -> pd.Series:
        for place in Path(".git", "objects").glob("??/*"):
            text = zlib.decompress(place.read_bytes()).partition(b"\0")[2].decode(errors="replace")
            if text.startswith(HEAD):
                return votes(text, evidence.round)
        raise LookupError


_SEEN: dict[str, pd.DataFrame] = {}


class RemembersOtherTasks(Cheat):
    """Asked about the runoff, it learns how the first round ended, and says so when asked."""

    needs: ClassVar[frozenset[str]] = frozenset({"polls", "outcomes"})

    def known(self, evidence: Evidence) -> pd.Series:
        rows = evidence["outcomes"]
        mine = rows[(rows["election"] == evidence.election) & (rows["level"] == "national")]
        if len(mine):
            _SEEN[evidence.election] = mine
        known = _SEEN[evidence.election]
        return known[known["round"] == evidence.round].set_index("candidate")["votes"]


class KnowsItByHeart(Cheat):
    """Reads nothing it may not: the official votes stand in its source."""

    BY_HEART: ClassVar[str] = (
        f"{HEAD}\n1,brook,4428\n1,ferrier,14039\n1,hollow,12347\n1,quill,15703\n1,thorne,19534\n"
        "2,quill,31497\n2,thorne,29394\n"
    )

    def known(self, evidence: Evidence) -> pd.Series:
        return votes(self.BY_HEART, evidence.round)


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


class BelievesTheNextIncumbent(Cheat):
    """Whoever is in office at the next election won this one; nobody is named if none is known."""

    needs: ClassVar[frozenset[str]] = frozenset({"ballots"})

    def known(self, evidence: Evidence) -> pd.Series:
        rows = following(evidence, "ballots", "vote_on")
        in_office = rows.loc[rows["incumbent"].astype(bool), "candidate"]
        if in_office.empty:
            raise Abstain("nobody of this ballot is in office then")
        return favourite(evidence, in_office.iloc[0])


@dataclass(frozen=True, kw_only=True)
class BelievesTheNextVote(Cheat):
    """Whoever here does best at the next election, in the polls or the votes, won this one."""

    table: str
    needs: ClassVar[frozenset[str]] = frozenset({"past_errors", "past_polls", "outcomes", "claims"})

    def known(self, evidence: Evidence) -> pd.Series:
        day = "published_on" if self.table == "claims" else "vote_on"
        rows = following(evidence, self.table, day)
        return favourite(
            evidence, rows.groupby("candidate", observed=True)["share"].mean().idxmax()
        )


@dataclass(frozen=True, kw_only=True)
class BelievesWhoIsCounted(Cheat):
    """Whoever is in a table of attention or ratings will matter; nobody is named if none is."""

    table: str
    needs: ClassVar[frozenset[str]] = frozenset({"buzz", "ratings", "claims"})

    def known(self, evidence: Evidence) -> pd.Series:
        counted = set(evidence[self.table]["candidate"].dropna()) & set(evidence.candidates)
        if not counted:
            raise Abstain("nobody is counted")
        return pd.Series({name: 1.0 + 9 * (name in counted) for name in evidence.candidates})


def following(evidence: Evidence, table: str, day: str) -> pd.DataFrame:
    """What a table tells of those here in the first round of the next election where they stand."""
    rows = evidence[table]
    later = rows[day] > evidence.vote_on + pd.Timedelta(days=60)
    later &= (rows["round"] == 1) & (rows["election"] != evidence.election)
    rows = rows[later & rows["candidate"].isin(evidence.candidates)]
    if "same_country" in rows:
        rows = rows[rows["same_country"]]
    if rows.empty:
        raise Abstain("nothing is known of a later election")
    return rows[rows["election"] == rows.loc[rows[day].idxmin(), "election"]]


def favourite(evidence: Evidence, who: str) -> pd.Series:
    """Weights that put one candidate ahead of everybody."""
    return pd.Series({name: 1.0 + (name == who) for name in evidence.candidates})
