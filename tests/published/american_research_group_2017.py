"""The accuracy A of Martin, Traugott and Kennedy: American Research Group's page on France 2017."""

from __future__ import annotations

from functools import partial

import numpy as np

from bench.metrics.shares import martin_traugott_kennedy_a
from tests.published.figure import Figure

_ARG = "American Research Group, 2017 French presidential election pollster ratings"

MACRON = {
    "Ipsos": 63,
    "Ifop": 63,
    "Harris Interactive": 62,
    "OpinionWay": 62,
    "Odoxa": 62,
    "Elabe": 62,
    "BVA": 60,
    "Kantar Sofres": 59,
}
PRINTED_A = {63: "-0.14", 62: "-0.18", 60: "-0.26", 59: "-0.30"}
PRINTED_ODDS_RATIO = {63: "0.87", 62: "0.84", 60: "0.77", 59: "0.74"}


def figures() -> list[Figure]:
    """A of every final poll, its odds ratio, and the mean."""
    macron = np.array(list(MACRON.values()), dtype=np.float64)
    a = martin_traugott_kennedy_a(
        macron, 100 - macron, np.full_like(macron, 66.1), np.full_like(macron, 33.9)
    )

    def figure(what: str, printed: str, ours: float) -> Figure:
        return Figure(f"France 2017 runoff: {what}", printed, _ARG, partial(float, ours))

    found = []
    for (institute, share), value in zip(MACRON.items(), a, strict=True):
        found += [
            figure(f"A of {institute}", PRINTED_A[share], value),
            figure(f"odds ratio of {institute}", PRINTED_ODDS_RATIO[share], np.exp(value)),
        ]
    return [*found, figure("mean absolute A of the final polls", "0.194", np.abs(a).mean())]
