"""Seeds by name: every number of every run begins here."""

from __future__ import annotations

import hashlib
import struct

import numpy as np

from bench.core.predictor import generator


def test_the_seed_is_the_number_and_the_digest_of_the_names() -> None:
    """Another seed, separator or order of bytes would change every result without a word."""
    digest = hashlib.sha256(b"2017_r1\x00last_poll\x007").digest()
    expected = np.random.default_rng([2017, *struct.unpack("<8I", digest)])
    assert generator(2017, "2017_r1", "last_poll", 7).random() == expected.random()
    assert generator(2017, "2017_r1last_poll", 7).random() != expected.random()
