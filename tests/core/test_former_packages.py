"""A plug-in that imports by the names of an earlier version works, and is told so."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from bench import core
from bench.core import former_packages

FORMER = ("bench.contract", "bench.kit", "bench.testing", "bench.core.batch")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process in which nobody has used a former name."""
    before, finders = dict(sys.modules), list(sys.meta_path)
    for name in [name for name in sys.modules if name.startswith(FORMER)]:
        del sys.modules[name]
    sys.meta_path[:] = [one for one in finders if not isinstance(one, former_packages._FormerNames)]
    yield
    sys.modules.clear()
    sys.modules.update(before)
    sys.meta_path[:] = finders


@pytest.mark.parametrize(
    ("former", "present", "name"),
    [
        ("bench.contract", "bench.core", "Evidence"),
        ("bench.contract.errors", "bench.core.errors", "Abstain"),
        ("bench.contract.batch", "bench.core.evidence", "BatchTable"),
        ("bench.core.batch", "bench.core.evidence", "BatchTable"),
        ("bench.kit.poll_mean", "bench.models.polls.poll_table", "poll_mean"),
        ("bench.kit.poll_batch", "bench.models.polls.poll_table", "poll_batch"),
        ("bench.kit.memory", "bench.models.memoize", "Memory"),
        ("bench.kit.raking", "bench.models.raking", "fit_table"),
        ("bench.testing", "bench.audit", "check_predictor"),
    ],
)
def test_a_former_name_is_the_same_thing_with_one_warning(
    former: str, present: str, name: str
) -> None:
    whole = former in former_packages.FORMER
    package = former if whole else ".".join(former.split(".")[:2])
    with pytest.warns(FutureWarning, match=f"^{package} is called bench.") as told:
        found = importlib.import_module(former)
    assert importlib.import_module(former) is found
    assert len(told) == 1
    kind = getattr(importlib.import_module(present), name)
    assert getattr(found, name) is kind
    assert found.__name__ == present
    assert found.__spec__ is not None
    assert found.__spec__.name == present
    assert sum(isinstance(one, former_packages._FormerNames) for one in sys.meta_path) == 1
    assert isinstance(sys.meta_path[0], former_packages._FormerNames)  # else a second module


def test_the_warning_points_to_the_import() -> None:
    with pytest.warns(FutureWarning) as told:
        exec(compile("from bench.contract import Evidence", "plug_in.py", "exec"), {})
    assert [one.filename for one in told] == ["plug_in.py"]


def test_a_module_that_never_was_is_not_found() -> None:
    with pytest.warns(FutureWarning), pytest.raises(ModuleNotFoundError, match="nothing"):
        importlib.import_module("bench.contract.nothing")


def test_other_modules_are_left_to_other_finders() -> None:
    finder = former_packages._FormerNames()
    found = finder.find_spec("bench.contract.batch", None)
    assert found is not None
    assert found.name == "bench.contract.batch"
    assert finder.find_spec("bench.core.nothing", None) is None
    assert finder.find_spec("bench.contract", None) is None


@pytest.mark.parametrize("name", core.__all__)
def test_the_core_fetches_its_names_when_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(core), name, raising=False)
    found = getattr(core, name)
    assert found.__name__ == name
    assert vars(core)[name] is found


def test_the_core_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match=r"^module 'bench\.core' has no attribute 'Nothing'$"):
        core.Nothing  # noqa: B018
