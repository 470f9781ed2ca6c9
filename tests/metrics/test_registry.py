"""The registry of metrics: what one decorated function says of itself, and where plug-ins stand."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench.core import ConfigError
from bench.metrics import registry
from bench.metrics.registry import (
    metric,
    metrics,
    metrics_table,
    modules,
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A registry that forgets what the test registers, and finds plug-ins anew."""
    metrics()
    caches = (registry._discover, registry._sorted, registry.own_modules, registry.required)
    monkeypatch.setattr(registry, "_REGISTERED", dict(registry._REGISTERED))
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


def whole(share: Any, official: Any, power: int = 2) -> float:
    """Say everything
    in two lines.

        (x - p)^2
        + 0

        not of the first

    Unit: none.

    References
    ----------
    Somebody (1900). A
    book.

    Examples
    --------
    None.
    """
    return 0.0


def pointing(share: Any) -> float:
    """Say it elsewhere.

        x

    References
    ----------
    As `whole`.
    """
    return 0.0


def registered(function: Any, name: str = "made_up", **given: Any) -> registry.Metric:
    said: dict[str, Any] = {"label": "Made up", "label_fr": "Inventé", "unit": "nats"}
    said |= {"range": (0, math.inf), "direction": "lower", "level": "summary", **given}
    registry._sorted.cache_clear()
    assert metric(name, **said)(function) is function
    return metrics()[name]


def test_a_metric_says_what_its_function_and_decorator_say() -> None:
    def stands_in(outcome: Any, extra: int = 1) -> float:
        return 0.0

    given = {
        "level": "candidate",
        "direction": "level",
        "best": 0.8,
        "inputs": {"official": "outcome"},
        "options": {"power": 3},
        "point": stands_in,
        "positive": True,
        "each_area": True,
        "of_order": True,
    }
    found = registered(whole, **given)
    assert (found.name, found.label, found.label_fr) == ("made_up", "Made up", "Inventé")
    assert (found.unit, found.range, found.function) == ("nats", (0, math.inf), whole)
    for name, value in given.items():
        assert getattr(found, name) == value
    assert (found.needs, found.point_needs) == (("share", "outcome"), ("outcome",))
    assert found.meaning == "Say everything"
    assert found.formula == "(x - p)^2 + 0"
    assert found.source == "Somebody (1900). A book."
    assert found.module == __name__


def test_a_source_elsewhere_is_that_of_the_function_it_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, __name__, ModuleType(__name__))
    vars(sys.modules[__name__])["whole"] = whole
    assert registered(pointing).source == "Somebody (1900). A book."


def test_a_function_may_be_registered_again_but_no_other_under_its_name() -> None:
    registered(whole, inputs={"official": "outcome"})
    assert registered(whole, inputs={"official": "outcome"}, label="Again").label == "Again"
    place = re.escape(f"{__name__}.whole and {__name__}.pointing")
    with pytest.raises(ConfigError, match=f"^two metrics are called 'made_up': {place}; rename"):
        registered(pointing)


def test_what_stands_in_for_points_must_need_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"^metric 'made_up' needs 'outcom'.*mean 'outcome'\?"):
        registered(pointing, point=lambda outcom: 0.0)
    with pytest.raises(ConfigError, match=r"^metric 'made_up' needs 'official', which no forecast"):
        registered(whole)
    assert "made_up" not in metrics()


def test_metrics_are_sorted_by_level_then_module_and_plug_ins_come_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = list(registry.own_modules())
    assert own == sorted(own)
    assert "bench.metrics.arrays" not in own
    text = Path(__file__).read_text(encoding="utf-8")
    doc = re.search(r'def pointing.*?"""(.*?)"""', text, re.DOTALL)
    assert doc is not None
    for name in ("z_metrics", "a_metrics"):
        (tmp_path / f"{name}.py").write_text(
            "from bench.metrics.registry import metric\n"
            f"@metric('of_{name}', label='x', label_fr='x', unit='none', range=(0, 1), "
            "direction='level', best=0.5, level='candidate')\n"
            f'def of(share):\n    """{doc[1].replace("As `whole`", "None | of it")}"""\n'
        )
    monkeypatch.syspath_prepend(tmp_path)
    points = {
        f"point_{name}": EntryPoint(f"point_{name}", name, registry.PLUG_INS)
        for name in ("z_metrics", "a_metrics")
    }
    asked = []
    monkeypatch.setattr(registry, "plug_ins", lambda group: asked.append(group) or points)
    try:
        assert modules() == [*own, "a_metrics", "z_metrics"]
        found = list(metrics().values())
    finally:
        for name in ("a_metrics", "z_metrics"):
            sys.modules.pop(name, None)
    assert set(asked) == {"bench.metrics"}
    levels = [registry.LEVELS.index(one.level) for one in found]
    assert levels == sorted(levels)
    candidates = [one for one in found if one.level == "candidate"]
    assert [one.name for one in candidates[-2:]] == ["of_a_metrics", "of_z_metrics"]
    places = [own.index(one.module) for one in candidates[:-2]]
    assert places == sorted(places)
    row = next(line for line in metrics_table().splitlines() if "of_a_metrics" in line)
    assert row == (
        "| `of_a_metrics` | x | Say it elsewhere. `x` | candidate | none | 0 to 1 | at 0.5 "
        "| None \N{DIVIDES} of it. |"
    )
