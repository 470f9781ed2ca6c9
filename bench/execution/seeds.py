"""Seeds by name: a new contestant changes nobody's numbers."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *names: object) -> np.random.Generator:
    """A generator that depends on the seed of the run and on these names, and on nothing else.

    Examples
    --------
    >>> generator(1, "a").integers(100) == generator(1, "a").integers(100)
    True
    >>> generator(1, "a").integers(10**9) == generator(1, "b").integers(10**9)
    False
    """
    digest = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
    words = np.frombuffer(digest, dtype=np.uint32).tolist()
    return np.random.default_rng([seed, *words])
