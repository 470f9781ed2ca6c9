"""The floor of floors: every candidate gets the same share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor


@dataclass(frozen=True, kw_only=True)
class Uniform(Predictor):
    """Every candidate on the ballot gets 1 / C.

    Reads no evidence. A method that does not beat it has learned nothing.
    """

    family: ClassVar[str] = "baselines"

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        share = 1 / len(evidence.candidates)
        return Forecast(share=pd.Series(share, index=list(evidence.candidates)))
