"""Seeds by name, where every number of every run begins; names of the core when asked."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from bench import core
from bench.core.predictor import generator


def test_the_seed_is_the_number_and_the_digest_of_the_names() -> None:
    """Another seed, separator or order of bytes would change every result without a word."""
    digest = hashlib.sha256(b"2017_r1\x00last_poll\x007").digest()
    expected = np.random.default_rng([2017, *struct.unpack("<8I", digest)])
    assert generator(2017, "2017_r1", "last_poll", 7).random() == expected.random()
    assert generator(2017, "2017_r1last_poll", 7).random() != expected.random()


def test_the_core_fetches_its_names_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in core.__all__:
        monkeypatch.delitem(vars(core), name, raising=False)
        assert getattr(core, name).__name__ == name
