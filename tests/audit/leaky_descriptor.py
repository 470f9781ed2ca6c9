"""A predictor whose module opens the official votes while it is imported, and reads them later."""

from __future__ import annotations

import os
from contextlib import suppress

import pandas as pd

from bench.core import Evidence, paths
from tests.audit.leaky import Cheat, votes

NUMBERS: dict[str, int] = {}
with suppress(OSError):
    for place in paths.datasets().glob("*/outcome/national.csv"):
        NUMBERS[place.parts[-3]] = os.open(place, os.O_RDONLY)


class HoldsADescriptor(Cheat):
    """Reads without opening anything."""

    def known(self, evidence: Evidence) -> pd.Series:
        return votes(os.pread(NUMBERS[evidence.election], 10**6, 0).decode(), evidence.round)
