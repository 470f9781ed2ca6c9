"""The evening: what is known of the stations before."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.data import night
from bench.data.election import load_election


def test_an_election_known_by_neither_communes_nor_departements_is_no_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(night, "levels_of", lambda election, number: ["canton"])
    table = pd.DataFrame({"departement": ["01"], "commune": ["01001"]})
    assert night._past_by_area(table, load_election("toy")).shape == (1, 0)
