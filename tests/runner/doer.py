"""A plug-in that runs what its settings say, to see what comes of it."""

import os
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from bench.core import Abstain, Evidence, Forecast, Predictor

seen: list[str] = []
pipe = os.pipe()


@dataclass(frozen=True, kw_only=True)
class Doer(Predictor):
    """Equal shares; abstains with what the code says, if it sets `said`."""

    family: ClassVar[str] = "plug-ins"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "outcomes"})
    files: ClassVar[frozenset[str]] = frozenset({"path"})

    code: str
    path: str = ""

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = {"evidence": evidence, "rng": rng, "seen": seen, "pipe": pipe, "path": self.path}
        exec(self.code, names)
        if "said" in names:
            raise Abstain(str(names["said"]))
        ballot = list(evidence.candidates)
        return Forecast(share=pd.Series(1 / len(ballot), index=ballot))
