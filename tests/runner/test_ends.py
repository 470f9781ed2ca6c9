"""Whoever ends a run, and whenever: a sentence, a status of its own, nothing half, nobody left."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.core import paths
from tests.forked import bench, with_a_short_page

ARGUMENTS = ("+experiment=quickstart", "predictor=[uniform,last_poll]", "n_draws=50")
PHASES = {
    "settings": ("bench.core.compose", "register"),
    "forecasts": ("bench.studies.backtest.forecasts", "predict"),
    "report": ("bench.studies.run", "write_report"),
    "publishing": ("pathlib", "Path.rename"),
}


def _signalled(phase: str, number: int) -> Callable[[], None]:
    """Somebody asks for the end as soon as the run reaches this phase."""
    module, name = PHASES[phase]

    def patch() -> None:
        with_a_short_page()
        owner: Any = importlib.import_module(module)
        *classes, last = name.split(".")
        for one in classes:
            owner = getattr(owner, one)
        real = getattr(owner, last)

        def function(*given: Any, **named: Any) -> Any:
            os.kill(os.getpid(), number)
            return real(*given, **named)

        setattr(owner, last, function)

    return patch


@pytest.mark.parametrize(
    ("phase", "name"),
    [*((phase, "SIGTERM") for phase in PHASES), ("forecasts", "SIGINT")],
)
def test_a_signal_ends_every_phase_in_a_sentence(tmp_path: Path, phase: str, name: str) -> None:
    number = getattr(signal, name)
    ended = bench(tmp_path / "here", *ARGUMENTS, before=_signalled(phase, number))
    assert ended.status == 128 + number
    assert ended.err.splitlines()[-1].startswith(f"stopped ({name})")
    cached = list((tmp_path / "here" / "results" / ".cache").rglob("*.entry"))
    assert bool(cached) == (phase in ("report", "publishing"))
    assert "Traceback" not in ended.err
    assert not list((tmp_path / "here").glob("results/quickstart/*"))
    assert not list((tmp_path / "here").glob("results/quickstart/.*"))


@pytest.mark.parametrize(
    ("ignored", "sent", "status"),
    [("SIGHUP", "SIGHUP", 0), ("SIGINT", "SIGTERM", 143)],  # `nohup`, and what ends in `&`
)
def test_what_was_asked_to_be_ignored_is_ignored(
    tmp_path: Path, ignored: str, sent: str, status: int
) -> None:
    def before() -> None:
        signal.signal(getattr(signal, ignored), signal.SIG_IGN)
        _signalled("forecasts", getattr(signal, sent))()

    ended = bench(tmp_path / "here", *ARGUMENTS, before=before)
    assert ended.status == status, ended.err
    assert ended.err.startswith("stopped (SIGTERM)") == bool(status)


AT_WORK = """
import sys
from bench import __main__
from bench.cli import main
from bench.core.settings import Execution
from bench.runner.backends import spread
from tests.runner.growing import stay

if __name__ == "__main__":
    execution = Execution(engine="loky", workers=2)
    main.main = lambda: list(spread(stay, sys.argv[1:] * 2, execution))
    __main__.main()
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_workers_end_with_the_run_that_started_them(tmp_path: Path, name: str) -> None:
    """Ctrl-C goes to all of them at once, and only the run says something."""
    (tmp_path / "run.py").write_text(AT_WORK)
    run = subprocess.Popen(
        [sys.executable, str(tmp_path / "run.py"), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(paths.datasets().parent)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while len(workers := [int(path.suffix[1:]) for path in tmp_path.glob("at_work.*")]) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    (os.killpg if name == "SIGINT" else os.kill)(run.pid, getattr(signal, name))
    said = run.communicate(timeout=30)[1]
    if name == "SIGKILL":
        assert run.returncode == -signal.SIGKILL
    else:
        assert run.returncode == 128 + getattr(signal, name)
        assert said.startswith(f"stopped ({name})")
        assert said.count("\n") == 1
    until = time.monotonic() + 10
    while any(map(_lives, workers)):
        assert time.monotonic() < until, "workers stayed behind"
        time.sleep(0.05)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
