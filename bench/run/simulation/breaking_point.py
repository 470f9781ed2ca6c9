"""What it takes to flip a forecast: per scenario, method, beneficiary and event."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.contract.batch import EvidenceBatch
from bench.run.simulation.study import Study, honest, shares, spoilt
from bench.simulate.distortions import Distortion
from bench.simulate.frame import Frame
from bench.simulate.staircase import breaking_point

EVENTS = ("first", "pair")
Block = tuple[dict[str, Frame], EvidenceBatch]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One search: which attack, for whom, on which method, to reach what."""

    scenario: str
    beneficiary: str
    predictor: str
    event: str


def questions(study: Study) -> list[Question]:
    """Every search that the settings ask for."""
    found = []
    for scenario, distortion in study.scenarios.items():
        for name, predictor in study.predictors.items():
            if predictor.needs & distortion.touches:
                for who in _beneficiaries(study, distortion):
                    found += [
                        Question(scenario=scenario, beneficiary=who, predictor=name, event=event)
                        for event in EVENTS
                    ]
    return found


def _beneficiaries(study: Study, distortion: Distortion) -> list[str]:
    if not any(field.name == "beneficiary" for field in fields(distortion)):
        return [str(study.settings["down_rating_for"])]
    return [str(who) for who in study.settings["beneficiaries"]]


@lru_cache(maxsize=1)
def _honest(study: Study) -> list[Block]:
    return [honest(study, block) for block in range(study.n_blocks)]


def answer(study: Study, question: Question) -> dict[str, Any] | None:
    """Dose, interval, share of honest users, price.

    None where the method's forecast does not depend on what the scenario changes.
    """
    blocks = _honest(study)
    return _search(study, blocks, question) if _reads(study, blocks, question) else None


def _reads(study: Study, blocks: list[Block], question: Question) -> bool:
    """Whether the method's forecast depends at all on what the scenario changes."""
    frames, batch = blocks[0]
    largest = float(study.settings["search"][question.scenario]["largest"])
    distortion = study.scenarios[question.scenario]
    bad = spoilt(study, 0, frames, batch, question.scenario, distortion, largest)
    before, after = (shares(study, question.predictor, one) for one in (batch, bad))
    return not np.array_equal(before, after, equal_nan=True)


def _search(study: Study, blocks: list[Block], question: Question) -> dict[str, Any]:
    distortion = study.scenarios[question.scenario]
    if any(field.name == "beneficiary" for field in fields(distortion)):
        distortion = replace(distortion, beneficiary=question.beneficiary)  # type: ignore[call-arg]
    settings = study.settings["search"][question.scenario]

    def happens(dose: float, step: int) -> NDArray[np.bool_]:
        block = step % len(blocks)
        frames, batch = blocks[block]
        title = f"{question.scenario} {question.beneficiary} {step}"
        bad = spoilt(study, block, frames, batch, title, distortion, dose)
        return reached(study, question, shares(study, question.predictor, bad))

    point = breaking_point(
        happens,
        smallest=float(settings["smallest"]),
        largest=float(settings["largest"]),
        steps=int(study.settings["steps"]),
    )
    users = settings.get("honest_users")
    price = float(settings["price_per_unit"])
    return {
        **asdict(point),
        "unit": distortion.unit,
        "share_of_honest_users": point.dose / float(users) if users else np.nan,
        "price_eur": point.dose * price,
        "price_in_polls": point.dose * price / float(study.settings["price_of_a_poll"]),
    }


def reached(study: Study, question: Question, said: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the beneficiary is first, or among those who get through, in every replicate."""
    c = study.electorate.candidates.index(question.beneficiary)
    filled = np.nan_to_num(said, nan=-1.0)
    better = (filled > filled[:, [c]]).sum(axis=1)
    places = 1 if question.event == "first" else study.shared.evidence.seats
    return np.asarray((better < places) & (filled[:, c] >= 0))
