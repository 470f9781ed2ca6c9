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


def test_the_core_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match=r"^module 'bench\.core' has no attribute 'Nothing'$"):
        core.Nothing  # noqa: B018
