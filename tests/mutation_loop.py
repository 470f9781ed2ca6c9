"""A pytest plugin that runs every mutant in a fork of one session that was collected once.

Starting pytest anew for every mutant costs ten times what the tests of a mutant cost. Loaded by
`python -m tests.mutation` in the folder `mutants`, after mutmut has written the mutants there.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

WITHOUT_TEST, SURVIVED, KILLED = 33, 0, 1
OPEN = (None, SURVIVED, WITHOUT_TEST)
PATTERNS, ONLY_OPEN = "MUTATION_PATTERNS", "MUTATION_ONLY_OPEN"


class _Failures:
    """Whether a test failed since the last question."""

    seen = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seen |= report.failed


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run all tests once without a mutant, then those of each mutant until one fails."""
    failures = _Failures()
    session.config.pluginmanager.register(failures)
    items = {item.nodeid: item for item in session.items}
    _run(items.values(), failures)
    if failures.seen:
        raise session.Failed("the tests fail without any mutant")
    stats = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))
    gc.collect()
    gc.freeze()  # a collection in a child would copy the whole heap
    for meta in sorted(Path("bench").rglob("*.meta")):
        facts = json.loads(meta.read_text(encoding="utf-8"))
        for number, name in enumerate(_chosen(facts["exit_code_by_key"])):
            known = stats["tests_by_mangled_function_name"].get(name.rpartition("__mutmut_")[0], [])
            seconds = {test: stats["duration_by_test"].get(test, 0.0) for test in known}
            tests = [items[test] for test in sorted(seconds, key=seconds.__getitem__)]
            code = _in_child(name, tests, sum(seconds.values()), failures) if tests else None
            facts["exit_code_by_key"][name] = WITHOUT_TEST if code is None else code
            if number % 20 == 0:
                meta.write_text(json.dumps(facts), encoding="utf-8")
        meta.write_text(json.dumps(facts), encoding="utf-8")
        print(f"{meta.as_posix().removesuffix('.meta')} done", file=sys.__stderr__, flush=True)
    return True


def _chosen(codes: dict[str, Any]) -> Iterator[str]:
    patterns = os.environ.get(PATTERNS, "*").split()
    for name, code in codes.items():
        asked = any(fnmatch(name, pattern) for pattern in patterns)
        if asked and (code in OPEN or not os.environ.get(ONLY_OPEN)):
            yield name


def _in_child(name: str, tests: list[pytest.Item], seconds: float, failures: _Failures) -> int:
    child = os.fork()
    if child == 0:
        os.environ["MUTANT_UNDER_TEST"] = name
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1), os.dup2(nowhere, 2)
        limit = int(10 + 15 * seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        signal.alarm(20 * limit)  # a mutant may also wait for ever
        try:
            _run(tests, failures)
        except BaseException:  # noqa: BLE001 - whatever a mutant does to the run, it was noticed
            os._exit(KILLED)
        os._exit(KILLED if failures.seen else SURVIVED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(tests: Iterable[pytest.Item], failures: _Failures) -> None:
    items = list(tests)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if failures.seen:
            return
