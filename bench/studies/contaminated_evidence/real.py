"""This file holds the way to spoil real evidence with the distortions made for simulation."""

from __future__ import annotations

import numpy as np

from bench.core import Evidence
from bench.core.batch import one_replicate
from bench.simulation.distortions import Distortion, spoil_evidence

NUMBERS = {
    "polls": ("share",),
    "ratings": ("favourable", "unfavourable", "n"),
    "app_support": ("users", "votes"),
    "online_ballot": ("declared_votes", "approvals", "ballots"),
    "buzz": ("value",),
}


def spoil_real(
    evidence: Evidence, distortion: Distortion, dose: float, rng: np.random.Generator
) -> Evidence:
    """Real evidence under one distortion; dose 0 gives the very same object.

    Parameters
    ----------
    evidence : Evidence
        What was public.
    distortion : Distortion
        One that changes tables; others leave real evidence as it is, because they act before a
        sample is drawn.
    dose : float
        In the distortion's unit.
    rng : numpy.random.Generator
    """
    batch = one_replicate(evidence, NUMBERS)
    spoilt = spoil_evidence(distortion, batch, dose, rng)
    if spoilt is batch:
        return evidence
    changed = {
        name: table.replicate(0)[list(evidence.tables[name].columns)]
        for name, table in spoilt.tables.items()
        if table is not batch.tables[name]
    }
    return Evidence(
        election=evidence.election,
        round=evidence.round,
        as_of=evidence.as_of,
        vote_on=evidence.vote_on,
        candidates=evidence.candidates,
        seats=evidence.seats,
        tables={**evidence.tables, **changed},
    )
