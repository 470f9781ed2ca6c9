"""The registry of metrics: what one decorated function says of itself, and where plug-ins stand."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from bench.core import ConfigError
from bench.metrics import registry
from bench.metrics.registry import (
    metric,
    metrics,
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


def bare(share: Any) -> float:
    """Say nothing."""
    return 0.0


def without_source(share: Any) -> float:
    """Say half.

        0 * share

    Unit: none.
    """
    return 0.0


def of_nothing(shares: Any) -> float:
    """Say all of what is not there.

        0 * shares

    References
    ----------
    None.
    """
    return 0.0


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (bare, "has no formula"),
        (without_source, "has no section References"),
        (of_nothing, "needs 'shares', which no forecast has .*share"),
    ],
)
def test_a_metric_without_a_formula_a_source_or_a_known_input_is_refused(
    function: Callable[..., float], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        registered(function)
    assert "made_up" not in metrics()
