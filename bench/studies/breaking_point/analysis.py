"""What it takes to flip a forecast: per scenario, beneficiary, method and event."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.batch import EvidenceBatch
from bench.runner.prediction import PredictorFailed
from bench.simulation.distortions import Distortion
from bench.simulation.frame import Frame
from bench.simulation.study import Study, honest, shares, spoilt
from bench.simulation.threshold import threshold

EVENTS = ("first", "pair")
WHOLE = ("accounts", "polls", "unpublished polls per published one")  # nobody makes half of one


def points(
    study: Study,
    block: int,
    failures: dict[str, str],
    *,
    scenarios: Collection[str],
    beneficiaries: Collection[str],
    predictors: Collection[str],
    steps: int,
    events: Collection[str] = EVENTS,
) -> pd.DataFrame:
    """Breaking points on the replicates of one block, one row per question.

    Methods whose forecast does not depend on what a scenario changes are left out.

    Parameters
    ----------
    study : Study
    block : int
        Its replicates are the same at every dose, for every method and both events.
    failures : dict of str to str
        Gets the first traceback of every method that fails.
    scenarios, beneficiaries, predictors : collection of str
        What is asked.
    steps : int
        Halvings of the range of the logarithm of the dose.
    events : collection of str
        ``first``, ``pair`` or both.

    Returns
    -------
    pandas.DataFrame
        scenario, beneficiary, predictor, event, dose, status, the chances at both ends, unit,
        share_of_honest_users, price_eur, price_in_polls, n_replicates.
    """
    frames, batch = honest(study, block)
    rows: list[dict[str, Any]] = []
    for scenario in scenarios:
        readers = [
            name
            for name in predictors
            if study.predictors[name].needs & study.scenarios[scenario].touches
        ]
        for who, distortion in _for_whom(study, scenario, beneficiaries).items():
            attack = _Attack(study, block, frames, batch, scenario, who, distortion)
            for name in readers:
                try:
                    rows += attack.on(name, steps, events)
                except PredictorFailed as failure:
                    failures.setdefault(name, str(failure))
    return pd.DataFrame(rows)


def _for_whom(study: Study, scenario: str, beneficiaries: Collection[str]) -> dict[str, Distortion]:
    distortion = study.scenarios[scenario]
    if not any(field.name == "beneficiary" for field in fields(distortion)):
        who = str(study.settings["down_rating_for"])
        return {who: distortion} if who in beneficiaries else {}
    return {
        who: replace(distortion, beneficiary=who)  # type: ignore[call-arg]
        for who in beneficiaries
    }


class _Attack:
    """One scenario for one candidate on the replicates of one block."""

    def __init__(
        self,
        study: Study,
        block: int,
        frames: dict[str, Frame],
        batch: EvidenceBatch,
        scenario: str,
        who: str,
        distortion: Distortion,
    ) -> None:
        self.study, self.scenario, self.who, self.unit = study, scenario, who, distortion.unit
        self.honest = batch
        self.limits = study.settings["search"][scenario]
        title = f"{scenario} {who}"

        # all methods ask for the same first doses
        @lru_cache(maxsize=6)
        def at(dose: float) -> EvidenceBatch:
            return spoilt(study, block, frames, batch, title, distortion, dose)

        self.at = at

    def on(self, predictor: str, steps: int, events: Collection[str]) -> list[dict[str, Any]]:
        """The thresholds of the events in one method; nothing if it does not read the change."""
        study, largest = self.study, float(self.limits["largest"])
        before = shares(study, predictor, self.honest)
        after = shares(study, predictor, self.at(largest))
        if np.array_equal(before, after, equal_nan=True):
            return []
        said: dict[float, NDArray[np.float64]] = {0.0: before, largest: after}

        def chance(event: str, dose: float) -> float:
            if dose not in said:
                said[dose] = shares(study, predictor, self.at(dose))
            return float(np.mean(reached(study, self.who, event, said[dose])))

        rows = []
        for event in events:
            point = threshold(
                lambda dose: chance(event, dose),  # noqa: B023
                smallest=float(self.limits["smallest"]),
                largest=largest,
                steps=steps,
            )
            dose = point.dose
            if self.unit in WHOLE and point.status == "found":
                dose = max(float(round(dose)), 1.0)
            rows.append(
                {
                    "scenario": self.scenario,
                    "beneficiary": self.who,
                    "predictor": predictor,
                    "event": event,
                    **asdict(point),
                    "dose": dose,
                    "unit": self.unit,
                    **self._beside(dose),
                    "n_replicates": len(before),
                }
            )
        return rows

    def _beside(self, dose: float) -> dict[str, float]:
        users = self.limits.get("honest_users")
        price = dose * float(self.limits["price_per_unit"]) if dose else 0.0
        return {
            "share_of_honest_users": dose / float(users) if users else np.nan,
            "price_eur": price,
            "price_in_polls": price / float(self.study.settings["price_of_a_poll"]),
        }


def reached(study: Study, who: str, event: str, said: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a candidate is first, or among those who get through, in every replicate."""
    c = study.electorate.candidates.index(who)
    filled = np.nan_to_num(said, nan=-1.0)
    better = (filled > filled[:, [c]]).sum(axis=1)
    places = 1 if event == "first" else study.shared.evidence.seats
    return np.asarray((better < places) & (filled[:, c] >= 0))
