"""The core gives its names when they are asked for."""

from __future__ import annotations

import pytest

from bench import core


@pytest.mark.parametrize("name", core.__all__)
def test_the_core_fetches_its_names_when_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(core), name, raising=False)
    found = getattr(core, name)
    assert found.__name__ == name
    assert vars(core)[name] is found
